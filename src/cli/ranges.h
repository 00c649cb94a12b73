// SPDX-License-Identifier: Apache-2.0
// Ranges as people write and read them: those of HTTP, whose last octet is in them. "0-99,200-" are the
// first hundred octets and everything from the 201st on.
#pragma once

#include <backhaul/types.h>

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace backhaul::cli {

// The error is a sentence. Whether they overlap or lie outside the service judges.
std::expected<std::vector<FileRange>, std::string> parse_ranges(std::string_view text);
std::string ranges_text(const std::vector<FileRange>& ranges);

}  // namespace backhaul::cli
