// SPDX-License-Identifier: Apache-2.0
#include "swarm/request.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace backhaul::swarmd {
namespace {

constexpr std::uint64_t all_of_it = UINT64_MAX;

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

struct Span {
  std::uint64_t first = 0;
  std::uint64_t length = all_of_it;
};

// Of "bytes=first-last", "bytes=first-" and "bytes=-length". Unset: it is none.
std::optional<Span> span_in(std::string_view range, std::uint64_t size) {
  constexpr std::string_view unit = "bytes=";
  if (!range.starts_with(unit)) return std::nullopt;
  range.remove_prefix(unit.size());
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto last = number_in(range.substr(dash + 1));
  if (dash == 0) {
    if (!last) return std::nullopt;
    const std::uint64_t length = std::min(*last, size);
    return length == 0 ? Span{.first = size} : Span{.first = size - length};
  }
  const auto first = number_in(range.substr(0, dash));
  if (!first) return std::nullopt;
  if (dash + 1 == range.size()) return Span{.first = *first};
  if (!last || *last < *first) return std::nullopt;
  return Span{.first = *first, .length = *last - *first == all_of_it ? all_of_it : *last - *first + 1};
}

}  // namespace

Answer answer_to(const Request& request, std::uint64_t size) {
  if (request.method != "GET" && request.method != "HEAD") return {.status = 405};
  const auto span = span_in(request.range, size);
  if (!span) return {.status = 200, .from = 0, .length = size};
  if (span->first >= size) return {.status = 416};
  return {.status = 206, .from = span->first, .length = std::min(span->length, size - span->first)};
}

std::string content_range_of(const Answer& answer, std::uint64_t size) {
  const std::string whole = "/" + std::to_string(size);
  if (answer.status == 416) return "bytes *" + whole;
  if (answer.status != 206) return {};
  return "bytes " + std::to_string(answer.from) + "-" + std::to_string(answer.from + answer.length - 1) + whole;
}

}  // namespace backhaul::swarmd
