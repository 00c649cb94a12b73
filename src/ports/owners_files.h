// SPDX-License-Identifier: Apache-2.0
// OwnersFiles: small files that an owner named and that are needed for a transfer of his (client certificates). Each is
// opened with his rights whenever it is read, and nobody else's: between the moment in which he names a file and the
// one in which it is read he may lay a link there to whatever the service itself can read.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "core/owner.h"

namespace backhaul::ports {

class OwnersFiles {
 public:
  virtual ~OwnersFiles() = default;

  // The whole file, links followed as the owner would. E_INVALIDARG: it is no ordinary file, or more than a MiB.
  // Blocking; on the thread that it was given to.
  using Read = std::function<base::Result<base::Secret>(const std::string& path)>;
  // What is made of them there; what it gives back is done on the loop afterwards.
  using Work = std::move_only_function<std::move_only_function<void()>(const Read& read)>;

  // `paths`: what it will read; one that does not answer holds up nobody but this owner. E_ACCESSDENIED: nobody acts
  // for that account, and nothing was done. Loop thread.
  virtual base::Result<void> with_rights_of(const core::Owner& owner, const std::vector<std::string>& paths, Work work) = 0;
};

}  // namespace backhaul::ports
