// SPDX-License-Identifier: Apache-2.0
#include "engine/next_file.h"

#include <cstddef>

#include "core/mirrors.h"
#include "core/random_access.h"

namespace backhaul::engine {

const core::File* next_to_fetch(const core::Job& job, const Entry& entry, const core::AllowedOrigins& origins) {
  if (origins.all()) return entry.next_file();  // without a walk over the files
  const core::File* refused = nullptr;
  for (std::size_t i = entry.first_waiting; i < entry.files.size(); ++i) {
    const core::File& file = entry.files[i];
    if (!core::has_to_fetch(job, file)) continue;
    if (core::allowed_address(origins, file, core::address_in_use(file))) return &file;
    if (refused == nullptr) refused = &file;
  }
  return refused;
}

}  // namespace backhaul::engine
