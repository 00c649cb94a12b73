// SPDX-License-Identifier: Apache-2.0
#include "core/demand.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace backhaul::core {
namespace {

using base::Code;

base::Error outside(std::string text) {
  return {Code::BG_E_INVALID_RANGE, base::ErrorContext::none, std::move(text)};
}

base::Result<Extent> extent_of(const WantedRange& range, std::uint64_t size) {
  const bool to_end = range.length == to_end_of_file;
  const std::string place = "the range at " + std::to_string(range.offset);
  if (range.length == 0) return outside(place + " is empty");
  if (range.offset >= bytes_max || (!to_end && range.length > bytes_max - range.offset))
    return outside(place + " is in no file");
  const std::uint64_t end = to_end ? end_of_file : range.offset + range.length;
  if (range.offset >= size || (!to_end && end > size))
    return outside(place + " is not inside the file, which has " + std::to_string(size) + " bytes");
  return Extent{range.offset, std::min(end, size)};
}

// What is here or asked for already. A file that is read at random has thousands of pieces, each of which
// is looked for.
class Known {
 public:
  explicit Known(const Extents& held) {
    for (const Extent& extent : held.list()) ends_.emplace_hint(ends_.end(), extent.begin, extent.end);
  }
  void add(Extent bytes) {
    auto next = ends_.upper_bound(bytes.begin);
    if (next != ends_.begin() && std::prev(next)->second >= bytes.begin) --next;
    while (next != ends_.end() && next->first <= bytes.end) {
      bytes = {std::min(bytes.begin, next->first), std::max(bytes.end, next->second)};
      next = ends_.erase(next);
    }
    ends_.emplace(bytes.begin, bytes.end);
  }
  // What is missing of these bytes, in pieces.
  void put_missing(std::vector<Extent>& missing, Extent bytes) const {
    auto next = ends_.upper_bound(bytes.begin);
    if (next != ends_.begin()) bytes.begin = std::max(bytes.begin, std::prev(next)->second);
    for (; bytes.begin < bytes.end; ++next) {
      const bool last = next == ends_.end() || next->first >= bytes.end;
      missing.push_back({bytes.begin, last ? bytes.end : next->first});
      if (last) return;
      bytes.begin = next->second;
    }
  }

 private:
  std::map<std::uint64_t, std::uint64_t> ends_;  // by the begin; they never touch each other
};

base::Error too_many() {
  return {Code::BG_E_TOO_MANY_RANGES_IN_FILE, base::ErrorContext::none,
          "more than " + std::to_string(asked_max) + " pieces are asked for"};
}

Gap gap_of(const Extent& missing, const Extents& held, std::uint64_t size) {
  Gap gap{.place = missing.begin, .from = missing.begin};
  if (missing.end != std::min(size, end_of_file)) gap.until = missing.end;
  gap.before = held.run_before(missing.begin);
  return gap;
}

}  // namespace

base::Result<Demand> with_ranges(Demand demand, std::span<const WantedRange> ranges,
                                 const Extents& held, std::uint64_t size) {
  if (ranges.empty()) return base::Error(Code::E_INVALIDARG, "no range was given");
  if (ranges.size() > asked_max) return too_many();
  Known known(held);
  for (const Extent& asked : demand.asked) known.add(asked);
  for (const WantedRange& range : ranges) {
    BH_TRY(const Extent bytes, extent_of(range, size));
    known.put_missing(demand.asked, bytes);
    if (demand.asked.size() > asked_max) return too_many();
    known.add(bytes);
  }
  return demand;
}

base::Result<Demand> with_position(Demand demand, std::uint64_t position, std::uint64_t size) {
  if (position >= bytes_max || position > size)
    return outside("the position " + std::to_string(position) + " is beyond the file");
  demand.position = position;
  return demand;
}

Demand without(Demand demand, const Extents& held, std::uint64_t size) {
  if (demand.asked.empty()) return demand;
  const Known known(held);
  std::vector<Extent> missing;
  for (Extent asked : demand.asked) {
    asked.end = std::min(asked.end, size);
    known.put_missing(missing, asked);
  }
  demand.asked = std::move(missing);
  return demand;
}

Demand asked_again(Demand demand, const Extents& bytes, std::uint64_t size) {
  demand = without(std::move(demand), bytes, size);
  const std::vector<Extent> list = bytes.list();
  demand.asked.insert(demand.asked.begin(), list.begin(), list.end());
  return demand;
}

bool fits(std::span<const Extent> asked, std::uint64_t size) {
  return std::ranges::all_of(asked, [&](const Extent& bytes) {
    return bytes.begin < size && (bytes.end == end_of_file || bytes.end <= size);
  });
}

std::optional<Gap> next_gap(const Wanted& wanted, const Demand& demand, const Extents& held,
                            std::uint64_t size) {
  if (!wanted.whole()) return wanted.first_gap(held, size);
  for (const Extent& asked : demand.asked)
    if (const auto missing = held.first_gap({asked.begin, std::min(asked.end, size)}))
      return gap_of(*missing, held, size);
  if (!demand.asked.empty()) return std::nullopt;
  if (demand.position == 0) return wanted.first_gap(held, size);
  for (const Extent& part : {Extent{demand.position, std::min(size, end_of_file)},
                             Extent{0, std::min(size, demand.position)}})
    if (const auto missing = held.first_gap(part)) return gap_of(*missing, held, size);
  return std::nullopt;
}

std::string text_of(std::span<const Extent> asked) {
  std::string text;
  for (const Extent& bytes : asked)
    text += (text.empty() ? "" : ",") + std::to_string(bytes.begin) + '-' +
            (bytes.end == end_of_file ? "" : std::to_string(bytes.end));
  return text;
}

std::optional<std::vector<Extent>> parse_asked(std::string_view text) {
  std::vector<Extent> asked;
  while (!text.empty()) {
    const std::size_t end = text.find(',');
    const std::string_view piece = text.substr(0, end);
    const std::size_t dash = piece.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto from = parse_place(piece.substr(0, dash));
    const std::string_view rest = piece.substr(dash + 1);
    const auto to = rest.empty() ? std::optional(end_of_file) : parse_place(rest);
    if (!from || !to || *to <= *from) return std::nullopt;
    asked.push_back({*from, *to});
    if (end == std::string_view::npos) return asked;
    text.remove_prefix(end + 1);
    if (text.empty()) return std::nullopt;
  }
  return asked;
}

}  // namespace backhaul::core
