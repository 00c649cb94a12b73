// SPDX-License-Identifier: Apache-2.0
// How the bad server answers one request for a path. The default is a good answer: a file with
// validators, of which ranges may be asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace backhaul::test {

inline constexpr std::string_view some_date = "Tue, 15 Nov 1994 12:45:26 GMT";
inline constexpr std::string_view later_date = "Wed, 16 Nov 1994 12:45:26 GMT";

struct Behaviour {
  // The file: `size` bytes of content(seed, …).
  std::uint64_t size = 0;
  std::uint64_t seed = 0;
  std::string last_modified = std::string(some_date);  // empty: not told
  std::string etag;

  // What is told instead of 200 or 206; the body is then a short text.
  unsigned status = 0;
  std::string location;
  std::string retry_after;
  std::string set_cookie;

  // Ranges.
  bool ranges = true;         // false: every request is answered with the whole file
  bool if_range = true;       // false: If-Range is not looked at
  bool accept_ranges = true;  // says so
  bool refuse_range = false;  // 416 to every range
  unsigned range_status = 0;  // told to every range instead of an answer
  bool rest_is_whole = false;  // the rest, but under 200
  std::int64_t range_shift = 0;                // the 206 begins so many bytes later (or earlier)
  std::optional<std::uint64_t> range_max;      // a 206 has at most so many bytes
  std::optional<std::uint64_t> claimed_total;  // in Content-Range

  // Framing.
  bool length = true;     // false: no Content-Length, the end of the connection ends the body
  bool chunked = false;
  bool close = false;     // Connection: close
  std::string content_encoding;  // claimed only
  std::uint64_t surplus = 0;     // bytes after the end, in a chunked answer
  std::string raw;               // the whole answer, byte for byte; then the connection is closed,
                                 // with a gate of 0 not before it is released
  std::string drip;              // behind `raw`, again and again until the peer is gone

  // Breaking off and waiting.
  bool drop = false;                 // closed instead of an answer
  std::optional<std::uint64_t> cut;  // closed after so many bytes of the body
  bool reset = false;                // … with RST
  // So many bytes of the body flow freely, the rest as allow() and release() say.
  std::optional<std::uint64_t> gate;
  bool hold_head = false;  // with a gate of 0: not even the head comes before
};

// Deterministic bytes: any piece can be made without the others.
void fill_content(std::uint64_t seed, std::uint64_t offset, char* data, std::size_t size);
std::string content(std::uint64_t seed, std::uint64_t size, std::uint64_t offset = 0);

// "size=1000 cut=10 last-modified=Tue,%2015…": names as above with hyphens, values
// percent-encoded, "1" and "0" for yes and no. Several answers are separated by "|": the first
// request gets the first, the last one stays.
base::Result<std::vector<Behaviour>> parse_behaviours(std::string_view text);

}  // namespace backhaul::test
