// SPDX-License-Identifier: Apache-2.0
// Several ranges in one request, and the answer that brings them in parts.
#include <algorithm>
#include <utility>

#include "core/conversation.h"

namespace backhaul::core {
namespace {

// Of larger ones a request costs little beside their bytes, and an answer that does not fit would cost much.
constexpr std::uint64_t small_gap = 128U * 1024U;
constexpr std::size_t worth_it = 3;
constexpr std::size_t most_ranges = 32;  // others refuse requests of hundreds

bool is_small(const Gap& gap) { return gap.until && *gap.until - gap.from <= small_gap; }

}  // namespace

// In ascending order with bytes between them, because servers may put ranges together that touch, and refuse
// those that go back and forth (RFC 9110 §14.2). Only under a condition: no part tells which version it is of.
void Conversation::ask_several() {
  const bool may = !alone_ && record_.identity.resumable == Resumable::yes && record_.identity.encoding.empty() &&
                   record_.identity.size != base::size_unknown && is_small(gap_) &&
                   !memory_.of(ask_.url).single_ranges;
  if (!may) return;
  gaps_.push_back(gap_);
  Extents held = record_.held;
  while (gaps_.size() < most_ranges) {
    const Gap& last = gaps_.back();
    held.add({last.place, last.place + (*last.until - last.from)});
    const auto next = core::next_gap(record_.wanted, record_.demand, held, record_.identity.size);
    if (!next || !is_small(*next) || next->from <= *last.until) break;
    gaps_.push_back(*next);
  }
  if (gaps_.size() < worth_it) return gaps_.clear();
  for (std::size_t i = 1; i < gaps_.size(); ++i) ask_.more.push_back({gaps_[i].from, *gaps_[i].until});
}

// Unset: it is judged like the answer to a request for the first one alone.
std::optional<Body> Conversation::several(const ResponseHead& head) {
  if (head.status == 206 && head.content_type == "multipart/byteranges") return in_several(head);
  const bool first_alone = head.status == 206 && is_consistent(head) && *head.content_range->first == gap_.from &&
                           *head.content_range->last < *gap_.until;
  if (first_alone) {
    learn_alone();
    return std::nullopt;
  }
  if (head.status == 200 || head.status == 206 || may_refuse_range(head.status)) return alone();
  return std::nullopt;
}

// Which version it is of, the head of the whole answer says.
Body Conversation::in_several(const ResponseHead& head) {
  relation_ = relation(true);
  if (relation_ != Relation::same || head.boundary.empty() || !told_.encoding.empty()) return alone();
  const std::uint64_t size = record_.identity.size;
  told_ = merged(record_.identity, told_);
  told_.size = size;
  told_.resumable = Resumable::yes;
  identity_ = told_;
  call_by_address();
  plan_ = Plan::parts;
  return body_ = {.use = Use::append, .begins = gap_.from, .place = gap_.place, .boundary = head.boundary};
}

void Conversation::learn_alone() {
  alone_ = true;
  memory_.learn(ask_.url, [](OriginHabits& habits) { habits.single_ranges = true; });
}

Body Conversation::alone() {
  learn_alone();
  return again(rung_);
}

std::optional<Gap> Conversation::part(const ContentRange& range) {
  spoiled_ = spoiled_ || parts_ == gaps_.size();
  if (spoiled_) return std::nullopt;
  const Gap& gap = gaps_[parts_++];
  spoiled_ = range.first != gap.from || !range.last || *range.last + 1 != *gap.until || range.total != identity_.size;
  if (spoiled_) return std::nullopt;
  return gap;
}

// The parts came one after the other, so the number of their bytes says which are here.
std::optional<Ending> Conversation::end_of_parts(std::uint64_t received, const std::optional<base::Error>& broken) {
  std::uint64_t left = received;
  bool complete = true;
  Extents came;
  for (const Gap& gap : gaps_) {
    const std::uint64_t length = *gap.until - gap.from;
    const std::uint64_t here = std::min(left, length);
    came.add({gap.place, gap.place + here});
    complete = complete && here == length;
    left -= here;
  }
  BH_ASSERT(left == 0);
  if (complete && !broken && !spoiled_)
    if (auto denied = check_content(came)) return denied;
  record_.held.add(came);
  if (!complete) {
    learn_alone();  // also where the connection broke: perhaps over this very request
    if (broken && !spoiled_) return failed(*broken);
    if (received == 0) {
      climb(rung_);
      return std::nullopt;
    }
  }
  keep_at_hand({});
  return go_on(identity_.size);
}

}  // namespace backhaul::core
