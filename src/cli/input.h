// SPDX-License-Identifier: Apache-2.0
// The files that a command line asks for: URLs, -o, -O, -d, and lists read with -i.
#pragma once

#include <cstddef>
#include <expected>
#include <iosfwd>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/targets.h"

namespace backhaul::cli {

// `words`: URLs, each of which may be followed by its file. The error is a sentence.
std::expected<std::vector<FileSpec>, std::string> read_targets(
    const Arguments& arguments, const std::vector<std::string>& words,
    const std::string& for_standard_output = {});
// Two files that would get one name, by whatever way, as a sentence; empty: none would.
std::string clash_of(const std::vector<FileSpec>& files);
// The same of these and those that a job has.
std::string clash_with_files(const std::vector<FileThere>& there, const std::vector<FileSpec>& files);

// Enough for any list of files, and an end to what is none: a device, a program that never stops.
inline constexpr std::size_t list_max = std::size_t{64} * 1024 * 1024;
inline constexpr std::size_t list_line_max = std::size_t{1024} * 1024;
// The error is what is wrong with it.
std::expected<std::string, std::string> read_list(std::istream& in);
// The text of a list, "-" being standard input. The error is a sentence.
std::expected<std::string, std::string> read_all(const std::string& path);
// The same of what need not be text; its end is that of a list.
std::expected<std::string, std::string> read_bytes(const std::string& path);
// Whether -o -, or "-" behind a URL, is among them.
bool asks_for_standard_output(const Arguments& arguments, const std::vector<std::string>& words);

// The first target whose directory is not there; empty when all are.
std::string missing_directory(const std::vector<FileSpec>& files);

}  // namespace backhaul::cli
