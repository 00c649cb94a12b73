// SPDX-License-Identifier: Apache-2.0
// The requests of a conversation and its end. What heads mean is in answers.cc.
#include "core/conversation.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace backhaul::core {
namespace {

using base::Code;
using base::ErrorContext;

constexpr std::size_t origins_max = 4096;

bool asks_for_time(unsigned status) {
  return status == 408 || status == 425 || status == 429 || status == 503;
}

}  // namespace

OriginHabits OriginMemory::of(const std::string& url) const {
  const auto found = origins_.find(url_origin(url));
  return found == origins_.end() ? OriginHabits{} : found->second;
}

void OriginMemory::learn(const std::string& url, const std::function<void(OriginHabits&)>& lesson) {
  const std::string origin = url_origin(url);
  if (origin.empty()) return;
  if (origins_.size() >= origins_max && !origins_.contains(origin)) origins_.erase(origins_.begin());
  lesson(origins_[origin]);
}

Sample compare_sample(std::string_view held, std::string_view sent) {
  if (held != sent) return Sample::differs;
  return sent.empty() || sent.find_first_not_of(sent.front()) == std::string_view::npos
             ? Sample::worthless
             : Sample::equal;
}

Conversation::Conversation(std::string source, RemoteRecord record, OriginMemory& memory,
                           Resolve resolve)
    : source_(std::move(source)),
      record_(std::move(record)),
      memory_(memory),
      resolve_(std::move(resolve)) {
  if (record_.offset == 0) record_.identity = {};  // a version of which nothing is held
  make_ask(source_);
}

// --- the ladder ----------------------------------------------------------------------------------

Conversation::Rung Conversation::first_rung() const {
  if (record_.offset == 0) return Rung::first;
  if (record_.ranges_refused) return Rung::refused;
  const OriginHabits habits = memory_.of(ask_.url);
  const bool tag = is_strong_etag(record_.identity.etag);
  const bool date = parse_http_date(record_.identity.last_modified).has_value();
  const bool tells_nothing = !tag && record_.identity.last_modified.empty();
  if (can_compare() && (habits.varies || tells_nothing)) return Rung::overlap;
  if (tag && !habits.ignores_tags) return Rung::tag;
  // Other servers take a date that is none for one that does not match.
  if (date && !habits.ignores_dates) return Rung::date;
  return Rung::plain;
}

// The next request of this transfer begins at the first address again: a redirect may depend on what
// was asked.
void Conversation::climb(Rung rung) {
  rung_ = rung;
  climbed_ = true;
  redirects_ = 0;
  make_ask(source_);
}

void Conversation::make_ask(std::string url) {
  ask_ = {.url = std::move(url), .from = {}, .if_range = {}};
  plan_ = Plan::none;
  head_ = {};
  body_ = {};
  failure_ = {};
  if (!climbed_) rung_ = first_rung();
  switch (rung_) {
    case Rung::first:
    case Rung::refused:
    case Rung::anew: return;
    case Rung::overlap:
      ask_.from = record_.offset - std::min(record_.offset, sample_bytes);
      return;
    case Rung::tag: ask_.if_range = record_.identity.etag; break;
    case Rung::date: ask_.if_range = record_.identity.last_modified; break;
    case Rung::plain: break;
  }
  ask_.from = record_.offset;
}

// --- the end -------------------------------------------------------------------------------------

std::optional<Ending> Conversation::end(std::uint64_t received,
                                        const std::optional<base::Error>& broken,
                                        base::WallTime now) {
  switch (plan_) {
    case Plan::none:
      fail(Code::WINHTTP_CONNECTION_ERROR, "the connection ended in the head of the answer");
      return broken ? failed(*broken) : failure_;
    case Plan::follow: return follow();
    case Plan::again:
      climb(next_);
      return std::nullopt;
    case Plan::finish: return Ending{};
    case Plan::fail:
      if (asks_for_time(head_.status)) {
        failure_.retry_after = parse_retry_after(head_.retry_after, head_.date, now);
        failure_.origin = url_origin(ask_.url);
      }
      return failure_;
    case Plan::body: return end_of_body(received, broken);
  }
  std::unreachable();
}

std::optional<Ending> Conversation::follow() {
  if (++redirects_ > redirects_max) {
    fail(Code::WINHTTP_REDIRECT_FAILED, "the server redirects in a circle");
    return failure_;
  }
  auto next = resolve_(ask_.url, head_.location);
  if (!next) return failed(std::move(next).error());
  if (record_.held_off.contains(url_origin(*next))) {
    fail(base::http_code(503), "it redirects to " + url_host(*next) + ", which asked for time");
    failure_.origin = url_origin(*next);
    return failure_;
  }
  make_ask(*std::move(next));
  return std::nullopt;
}

std::optional<Ending> Conversation::end_of_body(std::uint64_t received,
                                                const std::optional<base::Error>& broken) {
  if (broken) return failed(*broken);
  const std::uint64_t position = body_.begins + received;
  const bool sized = size_ != base::size_unknown;
  const bool too_short = (body_.length && received < *body_.length) || received < body_.sample ||
                         (sized && position < size_);
  if (sized && position > size_) {
    contradict("the answer is longer than the file", position);
    return failure_;
  }
  if (!too_short) return Ending{};
  if (body_.use == Use::beside) {
    contradict("the whole file ended early", position);
    return failure_;
  }
  // A range that was cut by the server: the rest is asked for, as long as it brings something.
  const bool whole_range = body_.length && received == *body_.length;
  if (!whole_range || position <= record_.offset) {
    fail(Code::WINHTTP_CONNECTION_ERROR, "the answer ended before the end of the file");
    failure_.error->context = ErrorContext::general_transport;
    return failure_;
  }
  record_.offset = position;
  record_.identity = identity_;
  wrote_ = true;
  climbed_ = false;
  redirects_ = 0;
  make_ask(source_);
  return std::nullopt;
}

Ending Conversation::failed(base::Error error) const {
  Ending ending;
  ending.error = std::move(error);
  return ending;
}

}  // namespace backhaul::core
