// SPDX-License-Identifier: Apache-2.0
// Reading from a place in a file, which the system may do in several steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"

namespace backhaul::posix {

// How many bytes were read: fewer than asked for where the file ends. `path` for the text of an error.
base::Result<std::size_t> read_at(int fd, std::span<std::byte> into, std::uint64_t at,
                                  const std::string& path);

}  // namespace backhaul::posix
