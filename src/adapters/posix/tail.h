// SPDX-License-Identifier: Apache-2.0
// The digest of the end of what is stored in a part (core/part.h), read from the file.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "core/extents.h"

namespace backhaul::posix {

// `path` for the text of an error. A file that ends before them has the digest of what is there.
base::Result<std::uint64_t> tail_of(int fd, const core::Extents& stored, const std::string& path);

}  // namespace backhaul::posix
