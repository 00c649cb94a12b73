// SPDX-License-Identifier: Apache-2.0
// What a neighbour asks for, read from its request. Whatever is not as docs/neighbours.md has it is no question, and is
// answered like one for something that is not here. Pure; all of it comes from another machine.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "core/wanted.h"

namespace backhaul::neighbours {

// Of a header by its name; empty: it is not there.
using Header = std::function<std::string_view(const char* name)>;

struct ObjectRequest {
  std::string object;  // SHA-256 of its address, in lower-case hex
  std::uint64_t size = 0;
  std::string etag;           // a strong one, or empty
  std::string last_modified;  // or empty; one of the two is there
  core::Wanted wanted;

  bool operator==(const ObjectRequest&) const = default;
};
std::optional<ObjectRequest> object_request(const Header& header);

// "0-99,200-" of the remote file; unset: it cannot be meant.
std::optional<core::Wanted> parse_ranges(std::string_view text);
// Both are of the same octets of a file of this size, however they were written.
bool is_same_range(const core::Wanted& one, const core::Wanted& other, std::uint64_t size);

std::optional<base::RecordId> record_of_path(std::string_view path);

// Which octets of a copy are wanted.
struct Piece {
  std::uint64_t from = 0;
  std::uint64_t length = 0;
  bool whole = true;
};
// Of one range; what is no range, or several, means all of it. Unset: there is no such octet.
std::optional<Piece> piece_of(std::string_view range, std::uint64_t size);

}  // namespace backhaul::neighbours
