// SPDX-License-Identifier: Apache-2.0
// The requests of a conversation and its end. What heads mean is in answers.cc, and what does not fit in misfits.cc.
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

std::string Ask::range() const {
  if (!from) return {};
  std::string text = std::to_string(*from) + '-' + (until ? std::to_string(*until - 1) : "");
  for (const Extent& bytes : more)
    text += ',' + std::to_string(bytes.begin) + '-' + std::to_string(bytes.end - 1);
  return text;
}

Conversation::Conversation(Source source, RemoteRecord record, OriginMemory& memory,
                           Resolve resolve, RequestOptions options, Logins logins)
    : source_(std::move(source)),
      record_(std::move(record)),
      memory_(memory),
      resolve_(std::move(resolve)),
      options_(std::move(options)),
      server_login_{.left = logins.server},
      proxy_login_{.left = logins.proxy} {
  if (is_neighbours()) {
    take_for_copy();
  } else if (record_.held.empty() || starts_over()) {
    record_.identity = {};  // a version of which nothing is held, or counts
    record_.told_at = ToldAt::here;
  } else {
    at_hand_ = anchor_ = sample_of(record_.held);
  }
  if (record_.told_at == ToldAt::mirror) {
    record_.identity.etag = {};
    record_.identity.last_modified = {};
  }
  make_ask(source_.address, method());
}

base::Method Conversation::method() const {
  if (is_neighbours()) return {};
  static const base::Method head("HEAD");
  return record_.identity_only ? head : options_.method;
}

// --- the ladder ----------------------------------------------------------------------------------

Gap Conversation::gap_of(const Extents& held, std::uint64_t size) const {
  if (const auto gap = core::next_gap(record_.wanted, record_.demand, held, size)) return *gap;
  // Where nothing seems to be missing of a whole file the server is asked what lies behind it.
  BH_ASSERT(!takes_pieces());
  const std::uint64_t end = held.end();
  return {.place = end, .from = end, .until = {}, .before = end};
}

Conversation::Rung Conversation::first_rung() const {
  if (record_.held.empty() || starts_over()) return Rung::first;
  if (record_.ranges_refused && !takes_pieces()) return Rung::refused;
  // Another server's tag and date are no conditions here.
  if (record_.told_at != ToldAt::here) return can_compare() ? Rung::overlap : may_probe() ? Rung::probe : Rung::plain;
  const OriginHabits habits = memory_.of(ask_.url);
  const bool tag = is_strong_etag(record_.identity.etag);
  const bool date = parse_http_date(record_.identity.last_modified).has_value();
  if (can_compare() && (habits.varies || !record_tells())) return Rung::overlap;
  if (may_probe() && !record_tells()) return Rung::probe;
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
  make_ask(source_.address, method());
}

void Conversation::make_ask(std::string url, base::Method method) {
  ask_ = {.url = std::move(url), .from = {}, .until = {}, .if_range = {}, .method = std::move(method)};
  const std::string origin = url_origin(ask_.url);
  ask_.at_home =
      source_.entrusted && !origin.empty() && origin == url_origin(source_.home.empty() ? source_.address : source_.home);
  if (ask_.at_home) ask_.server_login = server_login_.shown;
  ask_.proxy_login = proxy_login_.shown;
  plan_ = Plan::none;
  head_ = {};
  body_ = {};
  failure_ = {};
  gaps_.clear();
  parts_ = 0;
  spoiled_ = false;
  content_.clear();
  if (is_neighbours()) return ask_neighbour();
  if (record_.identity_only) return;
  gap_ = gap_of(record_.held, record_.identity.size);
  if (!climbed_) rung_ = first_rung();
  const bool from_the_begin =
      rung_ == Rung::first || rung_ == Rung::refused || rung_ == Rung::anew;
  if (from_the_begin) gap_ = gap_of({}, rung_ == Rung::anew ? expected_.size : base::size_unknown);
  const bool everything = gap_.from == 0 && !gap_.until && record_.wanted.whole();
  if (from_the_begin && (everything || rung_ == Rung::refused)) return;
  ask_.from = gap_.from;
  ask_.until = gap_.until;
  const std::uint64_t sample = memory_.of(ask_.url).sample;
  if (rung_ == Rung::overlap) *ask_.from -= std::min({gap_.before, sample, at_hand_.length()});
  if (rung_ == Rung::probe) {
    const Extent bytes = record_.wanted.remote_before(anchor_.end, std::min(sample, anchor_.length()), record_.identity.size);
    ask_.from = bytes.begin;
    ask_.until = bytes.end;
  }
  if (rung_ == Rung::tag) ask_.if_range = record_.identity.etag;
  if (rung_ == Rung::date) ask_.if_range = record_.identity.last_modified;
  if (!ask_.if_range.empty()) ask_several();
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
      if (rung_ == Rung::probe && !broken)  // bytes that were damaged on the way prove nothing
        if (auto denied = check_content({})) return denied;
      climb(next_);
      return std::nullopt;
    case Plan::show: {
      Login& login = head_.status == 407 ? proxy_login_ : server_login_;
      login.shown = (login.left & (head_.status == 407 ? head_.proxy_offers : head_.server_offers).schemes).strongest();
      login.left = login.left.without({*login.shown});
      make_ask(ask_.url, ask_.method);
      return std::nullopt;
    }
    case Plan::told: return Ending{.asked_only = true};
    case Plan::finish: return Ending{};
    case Plan::fail:
      if (asks_for_time(head_.status) && !is_neighbours()) {
        failure_.retry_after = parse_retry_after(head_.retry_after, head_.date, now);
        failure_.origin = url_origin(ask_.url);
      }
      return failure_;
    case Plan::body: return is_neighbours() ? end_of_copy(received, broken) : end_of_body(received, broken);
    case Plan::parts: return end_of_parts(received, broken);
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
  if (is_forbidden(*next) || is_off_limits(*next)) return failure_;
  if (record_.held_off.contains(url_origin(*next))) {
    fail(base::http_code(503), "it redirects to " + url_host(*next) + ", which says to come back later");
    failure_.origin = url_origin(*next);
    return failure_;
  }
  make_ask(*std::move(next), method_behind_redirect());
  return std::nullopt;
}

// http-and-network.md §4.
bool Conversation::is_forbidden(const std::string& next) {
  if (options_.redirects() == security::redirect_disallow) {
    remote_ = next;
    fail(base::http_code(head_.status),
         "HTTP " + std::to_string(head_.status) + " from " + url_host(ask_.url) +
             ": it redirects to " + url_host(next) + ", and the job follows no redirects");
    return true;
  }
  const bool downgrade = url_scheme(ask_.url) == "https" && url_scheme(next) == "http";
  if (!downgrade || options_.follows_downgrade()) return false;
  fail(Code::WINHTTP_REDIRECT_FAILED,
       "the server redirects from https to http (" + url_host(next) + ")");
  return true;
}

// As final as a redirect that the job forbids: the server says the same on every try.
bool Conversation::is_off_limits(const std::string& next) {
  const auto refused = refusal(options_.rules->origins, next);
  if (!refused) return false;
  fail(Code::WINHTTP_REDIRECT_FAILED, url_host(ask_.url) + " redirects to a server that is off limits: " + describe(*refused));
  return true;
}

// RFC 9110 §15.4: what every program does, whatever the older rule was.
base::Method Conversation::method_behind_redirect() const {
  const bool to_get = (head_.status == 303 && ask_.method.view() != "HEAD") ||
                      ((head_.status == 301 || head_.status == 302) && ask_.method.view() == "POST");
  return to_get ? base::Method() : ask_.method;
}

void Conversation::call_by_address() {
  if (options_.redirects() == security::redirect_report && ask_.url != source_.address) remote_ = ask_.url;
}

std::optional<Ending> Conversation::end_of_body(std::uint64_t received,
                                                const std::optional<base::Error>& broken) {
  const std::uint64_t position = body_.begins + received;
  const bool sized = end_ != base::size_unknown;
  const bool too_short = (body_.length && received < *body_.length) || received < body_.sample ||
                         (sized && position < end_);
  if ((rung_ == Rung::overlap || rung_ == Rung::probe) && (broken || too_short)) learn_sample(received);
  if (broken) return failed(*broken);
  if (sized && position > end_) {
    ends_elsewhere("the answer is longer than the file", position);
    return failure_;
  }
  const bool whole_range = body_.length && received == *body_.length;
  if (whole_range || !too_short) {
    Extents here;  // what came beside it says nothing of what is held
    if (body_.use != Use::beside) here.add(came(received));
    if (auto denied = check_content(here)) return denied;
  }
  if (body_.use == Use::beside) {
    if (!too_short) return Ending{};
    ends_elsewhere("the whole file ended early", position);
    return failure_;
  }
  // A range that was cut by the server: the rest is asked for, as long as it brings something.
  if (too_short && (!whole_range || received <= body_.sample)) {
    fail(Code::WINHTTP_CONNECTION_ERROR, "the answer ended before the end of the file");
    failure_.error->context = ErrorContext::general_transport;
    return failure_;
  }
  return next_gap(received, too_short);
}

// Into the part, of the body that is used.
Extent Conversation::came(std::uint64_t received) const {
  return {body_.place, body_.place + received - (body_.use == Use::anew ? 0 : body_.sample)};
}

// What has come is held now; the next request is for what is missing then.
std::optional<Ending> Conversation::next_gap(std::uint64_t received, bool short_range) {
  if (body_.use == Use::anew) {
    record_.held = {};
    anchor_ = {};
  }
  const Extent here = came(received);
  record_.held.add(here);
  keep_at_hand(goes_on() ? here : Extent{});
  std::uint64_t size = identity_.size;
  if (size == base::size_unknown && !short_range && !has_end()) size = body_.begins + received;
  return go_on(size);
}

std::optional<Ending> Conversation::go_on(std::uint64_t size) {
  const bool asked = !record_.demand.asked.empty();
  record_.demand = core::without(std::move(record_.demand), record_.held, size);
  const bool all_asked = asked && record_.demand.asked.empty();
  if (all_asked || !core::next_gap(record_.wanted, record_.demand, record_.held, size)) {
    Ending ending;
    ending.asked_only = record_.share || record_.wanted.first_gap(record_.held, size).has_value();
    return ending;
  }
  record_.identity = identity_;
  record_.told_at = ToldAt::here;
  wrote_ = true;
  climbed_ = false;
  probes_ = 0;
  std::erase_if(proven_, [](const RemoteIdentity& told) { return !has_validator(told); });
  redirects_ = 0;
  make_ask(source_.address, method());
  return std::nullopt;
}

Ending Conversation::failed(base::Error error) const {
  Ending ending;
  ending.error = std::move(error);
  return ending;
}

}  // namespace backhaul::core
