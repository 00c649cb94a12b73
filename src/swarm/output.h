// SPDX-License-Identifier: Apache-2.0
// Where a torrent is written, by the rules that `backhaul get` has for its files (core/destination.h).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace backhaul::swarmd {

// The path for what was asked for: a directory, or a path that ends in a slash, means a file of this name in it.
std::string output_path(const std::string& asked, const std::string& usual_name);
// Whether a torrent of `file` may stand there: never in the place of the file itself, whatever both are called.
base::Result<void> check_output(const std::string& path, const std::string& file);
// Whoever reads it meanwhile gets the one before or this one, whole. A link of that name is replaced, not followed.
base::Result<void> put_in_place(const std::string& path, std::string_view octets);

}  // namespace backhaul::swarmd
