// SPDX-License-Identifier: Apache-2.0
// The group that this machine belongs to: those who have the same secret (peer-caching.md §5.3).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace backhaul::neighbours {

class Group {
 public:
  // An error: there is no secret, it is none to rely on, or somebody else could read it.
  static base::Result<Group> read(const std::string& path);
  explicit Group(base::Secret secret);

  // By what its machines are told from those of others in what is announced.
  const std::string& tag() const { return tag_; }
  // In lower-case hex.
  std::string prove(std::string_view words) const;

 private:
  base::Secret secret_;
  std::string tag_;
};

}  // namespace backhaul::neighbours
