// SPDX-License-Identifier: Apache-2.0
// What a reader asks for, and what is answered, as values. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace backhaul::swarmd {

inline constexpr std::string_view object_prefix = "/v1/object/";

struct Request {
  std::string_view method;
  std::string_view range;  // empty: it is not there
};

struct Answer {
  unsigned int status = 404;
  std::uint64_t from = 0;  // of 200 and 206
  std::uint64_t length = 0;
};
// One range is given; several, and what is no range, mean the whole (RFC 9110 §14.2 lets a server choose so). There
// are no conditions, because there is nothing to compare: the path names the octets by their hashes.
Answer answer_to(const Request& request, std::uint64_t size);

// "bytes 0-99/1000" of 206, "bytes */1000" of 416; empty for others.
std::string content_range_of(const Answer& answer, std::uint64_t size);

}  // namespace backhaul::swarmd
