// SPDX-License-Identifier: Apache-2.0
// Which file goes where: names out of URLs, absolute paths, list files. Pure but for the one
// question whether a path is a directory, which is handed in.
#pragma once

#include <backhaul/types.h>

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace backhaul::cli {

// Of a URL as the library names it (local_name). Of a path of this machine, which has no escapes and no query, the
// last part as it is, but never "." or "..".
std::string name_from_url(std::string_view url);
// scheme://rest, as far as a command can tell; the service judges the rest.
bool looks_like_url(std::string_view word);
// "/a", "./a", "../a": other words may be names of jobs.
bool looks_like_path(std::string_view word);
// A URL, or the path of a file of this machine, which is a remote name as well (files.md §2).
bool looks_like_remote(std::string_view word);
// What the service is asked for: a URL as it is, a path from the root on. `base` is absolute.
std::string remote_of(std::string_view word, std::string_view base);
// Without ".", ".." and double slashes; `base` is absolute.
std::string absolute_path(std::string_view path, std::string_view base);

struct TargetRules {
  std::string base;                  // absolute: where relative paths begin
  std::string directory;             // of -d; empty: base
  std::vector<std::string> outputs;  // of -o: one per URL, in order
  std::vector<FileRange> ranges;     // of --range: of every URL; none: whole files
  std::function<bool(const std::string&)> is_directory;
  // Where the files of -o - are received; empty: standard output cannot be a target.
  std::string for_standard_output;
};

// A file for every URL: -o in order, the name from the URL for the rest. The error is a sentence.
std::expected<std::vector<FileSpec>, std::string> make_targets(const std::vector<std::string>& urls,
                                                               const TargetRules& rules);

// One file per line: URL or path from the root on, then other URLs of the same file and a path, with white space
// between them; or below it indented lines out=NAME, dir=DIRECTORY, mirror=URL, checksum=ALGORITHM:HEX, torrent=URL and
// range=RANGES. '#' begins a comment line.
std::expected<std::vector<FileSpec>, std::string> parse_list(std::string_view text,
                                                             const TargetRules& rules);

// Two files that would get the same name, as a sentence that tells which; empty when there are none.
// `real_path`: the path without links in its folders, handed in.
std::string clash(const std::vector<FileSpec>& files,
                  const std::function<std::string(const std::string&)>& real_path);
// What a job has already.
struct FileThere {
  std::uint32_t index = 0;
  std::string remote, local;
};
// A file that would get the name of one of those, likewise. Only names that end alike are looked at, since a look
// may take long.
std::string clash_with(const std::vector<FileThere>& there, const std::vector<FileSpec>& files,
                       const std::function<std::string(const std::string&)>& real_path);

}  // namespace backhaul::cli
