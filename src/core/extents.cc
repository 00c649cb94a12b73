// SPDX-License-Identifier: Apache-2.0
#include "core/extents.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace backhaul::core {

Extents Extents::until(std::uint64_t end) {
  Extents extents;
  extents.prefix_ = end;
  return extents;
}

Extents Extents::of(std::vector<Extent> sorted) {
  Extents extents;
  if (!sorted.empty() && sorted.front().begin == 0) {
    extents.prefix_ = sorted.front().end;
    sorted.erase(sorted.begin());
  }
  if (!sorted.empty()) extents.behind_ = std::move(sorted);
  return extents;
}

std::vector<Extent> Extents::list() const {
  std::vector<Extent> all;
  if (prefix_ != 0) all.push_back({0, prefix_});
  if (behind_) all.insert(all.end(), behind_->begin(), behind_->end());
  return all;
}

Extent Extents::last() const { return behind_ ? behind_->back() : Extent{0, prefix_}; }

std::uint64_t Extents::total() const {
  std::uint64_t sum = prefix_;
  if (behind_)
    for (const Extent& extent : *behind_) sum += extent.length();
  return sum;
}

bool Extents::covers(Extent bytes) const { return !first_gap(bytes); }

std::optional<Extent> Extents::first_gap(Extent wanted) const {
  std::uint64_t begin = std::max(wanted.begin, std::min(wanted.end, prefix_));
  if (behind_)
    for (const Extent& extent : *behind_) {
      if (extent.end <= begin) continue;
      if (extent.begin > begin) {
        wanted.end = std::min(wanted.end, extent.begin);
        break;
      }
      begin = extent.end;
    }
  if (begin >= wanted.end) return std::nullopt;
  return Extent{begin, wanted.end};
}

std::uint64_t Extents::run_before(std::uint64_t place) const {
  if (place <= prefix_) return place;
  if (behind_)
    for (const Extent& extent : *behind_)
      if (extent.begin < place && place <= extent.end) return place - extent.begin;
  return 0;
}

void Extents::add(Extent bytes) {
  if (bytes.begin >= bytes.end) return;
  if (!behind_ && bytes.begin <= prefix_) {
    prefix_ = std::max(prefix_, bytes.end);
    return;
  }
  std::vector<Extent> merged;
  const auto put = [&](Extent extent) {
    if (!merged.empty() && extent.begin <= merged.back().end)
      merged.back().end = std::max(merged.back().end, extent.end);
    else
      merged.push_back(extent);
  };
  bool put_in = false;
  for (const Extent& extent : list()) {
    if (!put_in && bytes.begin < extent.begin) {
      put(bytes);
      put_in = true;
    }
    put(extent);
  }
  if (!put_in) put(bytes);
  *this = of(std::move(merged));
}

void Extents::add(const Extents& other) {
  for (const Extent& one : other.list()) add(one);
}

void Extents::remove(Extent bytes) {
  if (bytes.begin >= bytes.end) return;
  std::vector<Extent> left;
  for (const Extent& extent : list()) {
    const Extent before{extent.begin, std::min(extent.end, bytes.begin)};
    const Extent after{std::max(extent.begin, bytes.end), extent.end};
    if (before.begin < before.end) left.push_back(before);
    if (after.begin < after.end) left.push_back(after);
  }
  *this = of(std::move(left));
}

void Extents::trim(std::uint64_t end) {
  if (this->end() > end) remove({end, UINT64_MAX});
}

Extents Extents::common(const Extents& other) const { return without(without(other)); }

Extents Extents::without(const Extents& other) const {
  Extents left = *this;
  for (const Extent& extent : other.list()) left.remove(extent);
  return left;
}

std::string Extents::behind_text() const {
  std::string text;
  if (!behind_) return text;
  for (const Extent& extent : *behind_) {
    if (!text.empty()) text += ',';
    text += std::to_string(extent.begin) + '-' + std::to_string(extent.end);
  }
  return text;
}

std::optional<Extents> Extents::parse(std::uint64_t prefix, std::string_view behind) {
  Extents extents = until(prefix);
  if (behind.empty()) return extents;
  std::vector<Extent> found;
  for (std::uint64_t last = prefix;;) {
    const std::size_t end = behind.find(',');
    const std::string_view piece = behind.substr(0, end);
    const std::size_t dash = piece.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto from = parse_place(piece.substr(0, dash));
    const auto to = parse_place(piece.substr(dash + 1));
    if (!from || !to || *from <= last || *to <= *from) return std::nullopt;
    found.push_back({*from, *to});
    last = *to;
    if (end == std::string_view::npos) break;
    behind.remove_prefix(end + 1);
  }
  extents.behind_ = std::move(found);
  return extents;
}

std::optional<std::uint64_t> parse_place(std::string_view digits) {
  if (digits.empty() || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || value > bytes_max)
    return std::nullopt;
  return value;
}

}  // namespace backhaul::core
