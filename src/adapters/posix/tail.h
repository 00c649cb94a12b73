// SPDX-License-Identifier: Apache-2.0
// The digest of the last bytes before some end of a file (core/part.h), read from the file.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace backhaul::posix {

// `path` for the text of an error. A file that ends before `end` has the digest of what is there.
base::Result<std::uint64_t> tail_of(int fd, std::uint64_t end, const std::string& path);

}  // namespace backhaul::posix
