// SPDX-License-Identifier: Apache-2.0
// Links in the head of an answer (RFC 8288), of which one kind counts: where a description of the file is that says how
// others have it (RFC 6249). Pure.
#pragma once

#include <string>
#include <string_view>

namespace backhaul::core {

// The target of the first link of a Link field that leads to a torrent of what the answer brings, as it stands there:
// rel=describedby with type="application/x-bittorrent". Empty: none does.
std::string torrent_link(std::string_view field);

}  // namespace backhaul::core
