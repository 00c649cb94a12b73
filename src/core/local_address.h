// SPDX-License-Identifier: Apache-2.0
// Files of this machine as remote ones: an absolute path, or file:///path (files.md §2). They stand for
// what are paths and shares in BITS. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace backhaul::core {

bool is_local_address(std::string_view address);
// The path that it names, without escapes. E_INVALIDARG: it names another machine (a share is mounted and
// given by its path), or no file.
base::Result<std::string> local_path(std::string_view address);

}  // namespace backhaul::core
