// SPDX-License-Identifier: Apache-2.0
// The file in the state folder that keeps what is known of paths (core/path_book.h). Whatever is wrong with it,
// paths are measured anew.
#pragma once

#include <string>

#include "core/path_book.h"

namespace backhaul::curl {

core::PathBook read_paths(const std::string& file);
void write_paths(const std::string& file, const core::PathBook& book);

}  // namespace backhaul::curl
