// SPDX-License-Identifier: Apache-2.0
// The event log is bounded, and shared by all owners. When it is full, a line goes of the owner who has most of
// them, his oldest; of several such owners the one with the oldest line. So nobody drives out what happened to
// others: where n owners have lines, each keeps his newest event_log_max / n at least. Owners are accounts: an
// application shares with its user.
//
// What stays depends on what was there and on what came since, and on nothing else: lines that were left in the
// store for a while come to the same when they are appended again.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <queue>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "base/result.h"

namespace backhaul::core {

inline constexpr std::size_t event_log_max = 10'000;

// `Line` has a sequence and an owner_uid.
template <class Line>
class EventLog {
 public:
  explicit EventLog(std::size_t most = event_log_max) : most_(most) {}

  // Numbers ascend: listeners page through the log by them. Returns the line that had to go.
  std::optional<Line> append(Line line) {
    BH_ASSERT(last_ < line.sequence);
    last_ = line.sequence;
    Lines& lines = of_[line.owner_uid];
    if (!lines.empty()) ranks_.erase(rank(lines));
    lines.push_back(std::move(line));
    ranks_.insert(rank(lines));
    if (++size_ <= most_) return std::nullopt;
    return take_one();
  }

  // Of the newest line, 0 before there was one.
  std::uint64_t last_sequence() const { return last_; }

  // Those behind number `since`, oldest first, for as long as `visit` says true.
  template <class Visit>
  void after(std::uint64_t since, Visit visit) const {
    using Place = std::pair<typename Lines::const_iterator, typename Lines::const_iterator>;
    auto later = [](const Place& a, const Place& b) { return a.first->sequence > b.first->sequence; };
    std::priority_queue<Place, std::vector<Place>, decltype(later)> next(later);
    for (const auto& [uid, lines] : of_) {
      const auto first = std::ranges::upper_bound(lines, since, {}, &Line::sequence);
      if (first != lines.end()) next.push({first, lines.end()});
    }
    while (!next.empty()) {
      const auto [line, end] = next.top();
      next.pop();
      if (!visit(*line)) return;
      if (line + 1 != end) next.push({line + 1, end});
    }
  }

 private:
  using Lines = std::deque<Line>;  // of one owner, oldest first; never empty between two calls
  struct Rank {
    std::size_t count = 0;
    std::uint64_t oldest = 0;
    std::uint32_t uid = 0;

    // Whose line goes first.
    bool operator<(const Rank& other) const {
      return std::tuple(other.count, oldest) < std::tuple(count, other.oldest);
    }
  };
  static Rank rank(const Lines& lines) {
    return {lines.size(), lines.front().sequence, lines.front().owner_uid};
  }

  Line take_one() {
    const auto most = of_.find(ranks_.begin()->uid);
    ranks_.erase(ranks_.begin());
    Lines& lines = most->second;
    Line gone = std::move(lines.front());
    lines.pop_front();
    --size_;
    if (lines.empty())
      of_.erase(most);
    else
      ranks_.insert(rank(lines));
    return gone;
  }

  std::size_t most_;
  std::size_t size_ = 0;
  std::uint64_t last_ = 0;
  std::map<std::uint32_t, Lines> of_;
  std::set<Rank> ranks_;
};

// What the rule looks at.
struct LoggedLine {
  std::uint64_t sequence = 0;
  std::uint32_t owner_uid = 0;
};

// Numbers, ascending, of those of `lines` (oldest first) that have to go.
template <class Line>
std::vector<std::uint64_t> excess(const std::vector<Line>& lines, std::size_t most = event_log_max) {
  std::vector<std::uint64_t> numbers;
  if (lines.size() <= most) return numbers;
  EventLog<LoggedLine> log(most);
  for (const Line& line : lines)
    if (const auto gone = log.append({line.sequence, line.owner_uid})) numbers.push_back(gone->sequence);
  std::ranges::sort(numbers);
  return numbers;
}

// Takes them out, and says how many they were.
template <class Line>
std::size_t cut(std::vector<Line>& lines) {
  const std::vector<std::uint64_t> gone = excess(lines);
  std::erase_if(lines, [&](const Line& line) { return std::ranges::binary_search(gone, line.sequence); });
  return gone.size();
}

}  // namespace backhaul::core
