// SPDX-License-Identifier: Apache-2.0
#include "core/wanted.h"

#include <algorithm>
#include <utility>

namespace backhaul::core {
namespace {

using base::Code;

constexpr WantedRange everything{0, to_end_of_file};

base::Error wrong_range(Code code, std::string text) {
  return {code, base::ErrorContext::none, std::move(text)};
}

std::string range_text(const WantedRange& range) {
  return std::to_string(range.offset) + ':' +
         (range.length == to_end_of_file ? "eof" : std::to_string(range.length));
}

// Unset: to an end that nobody knows.
std::optional<std::uint64_t> range_length(const WantedRange& range, std::uint64_t remote_size) {
  if (range.length != to_end_of_file) return range.length;
  if (remote_size == base::size_unknown) return std::nullopt;
  return remote_size - std::min(remote_size, range.offset);
}

std::optional<WantedRange> parse_range(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto offset = parse_place(text.substr(0, colon));
  const std::string_view rest = text.substr(colon + 1);
  const auto length = rest == "eof" ? std::optional(to_end_of_file) : parse_place(rest);
  if (!offset || !length) return std::nullopt;
  return WantedRange{*offset, *length};
}

}  // namespace

base::Result<Wanted> Wanted::of_ranges(std::vector<WantedRange> ranges) {
  if (ranges.empty()) return wrong_range(Code::E_INVALIDARG, "no range was given");
  for (const WantedRange& range : ranges) {
    const bool beyond = range.offset >= bytes_max || (range.length != to_end_of_file &&
                                                      range.length > bytes_max - range.offset);
    if (range.length == 0 || beyond)
      return wrong_range(Code::BG_E_INVALID_RANGE, "the range " + range_text(range) +
                                                 (beyond ? " is in no file" : " is empty"));
  }
  std::vector<WantedRange> sorted = ranges;
  std::ranges::sort(sorted, {}, &WantedRange::offset);
  const auto overlap =
      std::ranges::adjacent_find(sorted, [](const WantedRange& a, const WantedRange& b) {
        return a.length > b.offset - a.offset;
      });
  if (overlap != sorted.end())
    return wrong_range(Code::BG_E_OVERLAPPING_RANGES,
                 "the ranges " + range_text(overlap[0]) + " and " + range_text(overlap[1]) + " overlap");
  Wanted wanted;
  wanted.ranges_ = std::move(ranges);
  return wanted;
}

bool Wanted::whole() const {
  return !ranges_ || (ranges_->size() == 1 && ranges_->front() == everything);
}

std::span<const WantedRange> Wanted::ranges() const {
  return ranges_ ? std::span<const WantedRange>(*ranges_) : std::span<const WantedRange>();
}

std::span<const WantedRange> Wanted::pieces() const {
  return ranges_ ? ranges() : std::span(&everything, 1);
}

std::uint64_t Wanted::local_size(std::uint64_t remote_size) const {
  std::uint64_t sum = 0;
  for (const WantedRange& range : pieces()) {
    const auto length = range_length(range, remote_size);
    if (!length) return base::size_unknown;
    sum += *length;
  }
  return sum;
}

bool Wanted::fits(std::uint64_t remote_size) const {
  return whole() || std::ranges::all_of(*ranges_, [&](const WantedRange& range) {
    return range.offset < remote_size &&
           (range.length == to_end_of_file || range.length <= remote_size - range.offset);
  });
}

std::optional<std::uint64_t> Wanted::place_of(std::uint64_t remote,
                                              std::uint64_t remote_size) const {
  std::uint64_t begin = 0;
  for (const WantedRange& range : pieces()) {
    const auto length = range_length(range, remote_size);
    if (remote >= range.offset && (!length || remote - range.offset < *length))
      return begin + (remote - range.offset);
    if (!length) return std::nullopt;
    begin += *length;
  }
  return std::nullopt;
}

Extent Wanted::remote_before(std::uint64_t place, std::uint64_t length, std::uint64_t remote_size) const {
  std::uint64_t begin = 0;
  for (const WantedRange& range : pieces()) {
    const auto here = range_length(range, remote_size);
    if (!here || place - begin <= *here) {
      const std::uint64_t end = range.offset + (place - begin);
      return {end - std::min(length, place - begin), end};
    }
    begin += *here;
  }
  return {};
}

std::optional<Gap> Wanted::first_gap(const Extents& stored, std::uint64_t remote_size) const {
  std::uint64_t begin = 0;
  for (const WantedRange& range : pieces()) {
    const auto length = range_length(range, remote_size);
    const std::uint64_t end = length ? begin + *length : UINT64_MAX;
    if (const auto missing = stored.first_gap({begin, end})) {
      Gap gap{.place = missing->begin, .from = range.offset + (missing->begin - begin)};
      if (missing->end != end || range.length != to_end_of_file)
        gap.until = gap.from + missing->length();
      gap.before = std::min(stored.run_before(gap.place), gap.place - begin);
      return gap;
    }
    begin = end;
  }
  return std::nullopt;
}

std::string Wanted::text() const {
  std::string text;
  for (const WantedRange& range : ranges()) text += (text.empty() ? "" : ",") + range_text(range);
  return text;
}

std::optional<Wanted> Wanted::parse(std::string_view text) {
  if (text.empty()) return Wanted();
  std::vector<WantedRange> ranges;
  for (;;) {
    const std::size_t end = text.find(',');
    const auto range = parse_range(text.substr(0, end));
    if (!range) return std::nullopt;
    ranges.push_back(*range);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  auto wanted = of_ranges(std::move(ranges));
  return wanted ? std::optional(*std::move(wanted)) : std::nullopt;
}

}  // namespace backhaul::core
