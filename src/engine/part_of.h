// SPDX-License-Identifier: Apache-2.0
// The names of the parts of a file, as the Files port knows them.
#pragma once

#include <cstdint>
#include <string>

#include "core/job.h"
#include "ports/files.h"

namespace backhaul::engine {

inline ports::PartRef part_of(const core::File& file, std::uint32_t epoch) {
  return {file.index, epoch, file.local, file.root ? *file.root : std::string()};
}
inline ports::PartRef part_of(const core::File& file) { return part_of(file, file.epoch); }

}  // namespace backhaul::engine
