// SPDX-License-Identifier: Apache-2.0
// What files must be: digests of --checksum, and lists as sha256sum writes them (SHA256SUMS, name.sha256).
#pragma once

#include <backhaul/types.h>

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace backhaul::cli {

struct ChecksumLine {
  std::string digest;  // "sha256:HEX"
  std::string path;    // as the list names it; empty: a bare digest
};

// "HEX  NAME", "HEX *NAME", "SHA256 (NAME) = HEX", or one bare HEX. Lines that are none of these are passed
// over, as signatures around a list are. `name`: of the list itself, which tells BLAKE2 from SHA-512. The
// error is a sentence: nothing was found.
std::expected<std::vector<ChecksumLine>, std::string> parse_checksums(std::string_view text,
                                                                      std::string_view name);
// Every file gets what the list says of it. The error names the first that the list says nothing of.
std::expected<void, std::string> apply_checksums(std::vector<FileSpec>& files,
                                                 const std::vector<ChecksumLine>& lines,
                                                 std::string_view name);

}  // namespace backhaul::cli
