// SPDX-License-Identifier: Apache-2.0
// Where what an answer tells leaves open whether it is of the version that is held, the bytes decide: what is at hand
// of the part is compared with what the server has there. In front of what is missing it comes with the answer itself
// (Rung::overlap). From elsewhere it is asked for alone (Rung::probe): then what the next answer tells has to be what
// that one told. Where neither tells a validator it is asked for in front of every gap, and always what was here first:
// a version that changed between a comparison and what was taken after it is seen by the next one. Behind the last there
// is none, so that is remarked of the file, as it is where comparing is of no use and size and date have to do.
#include <algorithm>
#include <cstddef>

#include "core/conversation.h"

namespace backhaul::core {
namespace {

constexpr int probes_max = 3;  // for one gap: nodes take turns, and each may tell a tag of its own
constexpr std::size_t proven_max = 16;

}  // namespace

Extent sample_of(const Extents& held) {
  if (held.empty()) return {};
  const Extent run = held.prefix() > 0 ? Extent{0, held.prefix()} : held.list().front();
  return {run.end - std::min(run.length(), sample_bytes), run.end};
}

Sample compare_sample(std::string_view held, std::string_view sent) {
  if (held != sent) return Sample::differs;
  return sent.empty() || sent.find_first_not_of(sent.front()) == std::string_view::npos
             ? Sample::worthless
             : Sample::equal;
}

bool Conversation::record_tells() const { return has_validator(record_.identity); }

// The size has to do where no validator was ever told, and size and date where the tag is that of another node: a
// version is what these two say (http-and-network.md §2).
bool Conversation::only_size_tells() const {
  const RemoteIdentity& held = record_.identity;
  if (told_.size == base::size_unknown || told_.size != held.size) return false;
  return !record_tells() || (!told_.last_modified.empty() && told_.last_modified == held.last_modified);
}

// Nothing can be compared in front of a piece that is fetched again, and need not be: its digest decides.
bool Conversation::pieces_tell() const {
  return record_.has_pieces && told_.size != base::size_unknown && told_.size == record_.identity.size;
}

bool Conversation::may_probe() const {
  return anchor_.length() > 0 && probes_ < probes_max && !record_.has_pieces;
}

bool Conversation::is_proven() const {
  return std::ranges::any_of(proven_, [this](const RemoteIdentity& proven) {
    const Relation relation = relate(proven, told_, true);
    return relation == Relation::same || (relation == Relation::doubtful && !has_validator(proven) && !has_validator(told_));
  });
}

// The answer to a probe.
Body Conversation::probed(std::uint64_t first, std::uint64_t end) {
  ++probes_;
  switch (relation_ = relation(true)) {
    case Relation::other: return refetch();
    case Relation::contradiction: return contradict();
    case Relation::unproven: return unproven();
    case Relation::doubtful:
    case Relation::same: break;
  }
  if (first == *ask_.from && end < *ask_.until && may_probe()) {
    learn_sample(end - first);
    return again(Rung::probe);
  }
  if (first != *ask_.from || end != *ask_.until) return cannot_compare();
  plan_ = Plan::body;
  end_ = base::size_unknown;
  return body_ = {.use = Use::append,
                  .begins = first,
                  .place = anchor_.end,
                  .sample = end - first,
                  .at_hand = end - first,
                  .anchor = true,
                  .length = end - first};
}

// What came a moment ago, or lies elsewhere, need not be compared at any price.
Body Conversation::cannot_compare() {
  if (!compares_ || rung_ == Rung::anew || (!wrote_ && rung_ != Rung::probe)) return refused();
  compares_ = false;
  at_hand_ = anchor_ = {};
  return again(Rung::plain);
}

Body Conversation::compared(Sample sample) {
  const bool same = relation_ == Relation::same;
  if (body_.use == Use::beside) {
    if (sample != Sample::differs) return body_;
    if (same) return contradict("the file begins with other bytes");
    // Other bytes without a length prove nothing yet: a login page would do as well. What ends where
    // the file has to end is another version of it, and anything else contradicts (end_of_body).
    if (told_by(head_).size == base::size_unknown && end_ != base::size_unknown) return body_;
    if (record_.told_at == ToldAt::mirror) return elsewhere();
    body_.use = Use::anew;
    identity_ = told_by(head_);
    identity_.for_one = for_one_;
    end_ = identity_.size;
    return body_;
  }
  const bool equal = sample == Sample::equal || (sample == Sample::worthless && same);
  if (rung_ == Rung::probe && equal) {
    if (proven_.size() == proven_max) proven_.erase(proven_.begin());
    proven_.push_back(told_);
    return again(Rung::plain);
  }
  if (equal || (sample == Sample::worthless && body_.at_hand == 0)) {
    learn_from_rest();
    return body_;
  }
  if (sample == Sample::worthless && (wrote_ || rung_ == Rung::probe)) return cannot_compare();
  if (relation_ == Relation::unproven) return unproven();
  if (same && record_.told_at != ToldAt::former_address) return contradict("the bytes before it are others");
  return refetch();
}

// Of what came last; empty: its end was not kept.
void Conversation::keep_at_hand(Extent came) {
  at_hand_ = compares_ ? Extent{came.end - std::min(came.length(), sample_bytes), came.end} : Extent{};
  if (anchor_.length() == 0) anchor_ = at_hand_;
}

}  // namespace backhaul::core
