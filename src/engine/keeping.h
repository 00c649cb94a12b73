// SPDX-License-Identifier: Apache-2.0
// Keeping: the sealed secrets of jobs, beside their rows. Only what is sealed is kept in memory; a
// transfer that needs one gets it as it lies here, and the transport opens it when it sends it.
#pragma once

#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "core/secrets.h"
#include "ports/store.h"

namespace backhaul::engine {

struct Change;

using Shelves = std::unordered_map<base::JobId, core::Shelf>;

class Keeping {
 public:
  const Shelves& shelves() const { return shelves_; }

  void recovered(std::vector<ports::ShelfOfJob> stored);
  void merged(Change& change);
  bool operator==(const Keeping&) const = default;

 private:
  Shelves shelves_;
};

}  // namespace backhaul::engine
