// SPDX-License-Identifier: Apache-2.0
// Links in the head of an answer (RFC 8288), of which two kinds count (RFC 6249): where a description of the file is that
// says how others have it, and where else the file lies. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace backhaul::core {

// The target of the first link of a Link field that leads to a torrent of what the answer brings, as it stands there:
// rel=describedby with type="application/x-bittorrent". Empty: none does.
std::string torrent_link(std::string_view field);

// Another address of what the answer brings: rel=duplicate.
struct DuplicateLink {
  static constexpr std::uint32_t least_priority = 999'999;

  std::string target;  // as it stands there
  std::uint32_t priority = least_priority;  // "pri": the lower the better; that one where none is told

  bool operator==(const DuplicateLink&) const = default;
};
// Of one answer; the others are not looked at.
inline constexpr std::size_t duplicate_links_max = 64;

// Those of a Link field, behind those of the fields before it.
void add_duplicate_links(std::vector<DuplicateLink>& links, std::string_view field);

}  // namespace backhaul::core
