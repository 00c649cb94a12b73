// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/request.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "base/hex.h"
#include "core/http.h"

namespace backhaul::neighbours {
namespace {

constexpr std::size_t ranges_most = 4096;  // of a question
constexpr std::size_t object_digits = 64;
constexpr std::size_t id_digits = 32;

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "first-last", "first-"; the last one belongs to it.
std::optional<core::WantedRange> one_range(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = whole_number(text.substr(0, dash));
  if (!first) return std::nullopt;
  if (dash + 1 == text.size()) return core::WantedRange{.offset = *first};
  const auto last = whole_number(text.substr(dash + 1));
  if (!last || *last < *first || *last == UINT64_MAX) return std::nullopt;
  return core::WantedRange{.offset = *first, .length = *last - *first + 1};
}

// As octets from where to where: a range to the end is written in several ways.
std::vector<std::pair<std::uint64_t, std::uint64_t>> octets_of(const core::Wanted& wanted, std::uint64_t size) {
  if (wanted.ranges().empty()) return {{0, size}};
  std::vector<std::pair<std::uint64_t, std::uint64_t>> all;
  for (const core::WantedRange& one : wanted.ranges())
    all.emplace_back(one.offset, one.length == core::to_end_of_file ? size : one.offset + one.length);
  return all;
}

}  // namespace

std::optional<core::Wanted> parse_ranges(std::string_view text) {
  std::vector<core::WantedRange> ranges;
  while (true) {
    const auto comma = text.find(',');
    const auto range = one_range(text.substr(0, comma));
    if (!range || ranges.size() == ranges_most) return std::nullopt;
    ranges.push_back(*range);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  auto wanted = core::Wanted::of_ranges(std::move(ranges));
  if (!wanted) return std::nullopt;
  return *std::move(wanted);
}

bool is_same_range(const core::Wanted& one, const core::Wanted& other, std::uint64_t size) {
  return octets_of(one, size) == octets_of(other, size);
}

std::optional<ObjectRequest> object_request(const Header& header) {
  ObjectRequest request;
  request.object = header("Backhaul-Object");
  const auto size = whole_number(header("Backhaul-Size"));
  if (request.object.size() != object_digits || !base::is_lower_hex(request.object) || !size) return std::nullopt;
  request.size = *size;
  request.etag = header("If-Match");
  request.last_modified = header("If-Unmodified-Since");
  if (!request.etag.empty() && !core::is_strong_etag(request.etag)) return std::nullopt;
  // A size alone does not say which version it is.
  if (request.etag.empty() && request.last_modified.empty()) return std::nullopt;
  const std::string_view ranges = header("Backhaul-Ranges");
  if (ranges.empty()) return request;
  auto wanted = parse_ranges(ranges);
  if (!wanted || !wanted->fits(request.size)) return std::nullopt;
  request.wanted = *std::move(wanted);
  return request;
}

std::optional<base::RecordId> record_of_path(std::string_view path) {
  constexpr std::string_view folder = "/v1/record/";
  if (!path.starts_with(folder)) return std::nullopt;
  path.remove_prefix(folder.size());
  if (path.size() != id_digits || !base::is_lower_hex(path)) return std::nullopt;
  const auto id = base::parse_job_id(path);
  if (!id) return std::nullopt;
  return base::RecordId{id->bytes};
}

std::optional<Piece> piece_of(std::string_view range, std::uint64_t size) {
  const Piece all{.from = 0, .length = size};
  constexpr std::string_view unit = "bytes=";
  if (!range.starts_with(unit)) return all;
  range.remove_prefix(unit.size());
  if (range.starts_with('-')) {  // so many at the end
    const auto last = whole_number(range.substr(1));
    if (!last) return all;
    const std::uint64_t length = std::min(*last, size);
    if (length == 0) return std::nullopt;
    return Piece{.from = size - length, .length = length, .whole = false};
  }
  const auto wanted = one_range(range);
  if (!wanted) return all;
  if (wanted->offset >= size) return std::nullopt;
  const std::uint64_t rest = size - wanted->offset;
  return Piece{.from = wanted->offset, .length = std::min(wanted->length, rest), .whole = false};
}

}  // namespace backhaul::neighbours
