// SPDX-License-Identifier: Apache-2.0
// key=value and what it means for a job.
#pragma once

#include <backhaul/job.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace backhaul::cli {

// Puts the value into the settings. What is wrong with it, as a sentence; nothing: all is well.
std::optional<std::string> apply_key(JobSettings& settings, std::string_view key,
                                     const std::string& value);
// The same for the default of the key.
std::optional<std::string> apply_default(JobSettings& settings, std::string_view key);

// The first word of a command line, which may be quoted: the program itself.
std::string first_word(std::string_view command);
// "transferred,error", "none", or a number.
std::optional<std::uint32_t> parse_flags(const std::string& text);

}  // namespace backhaul::cli
