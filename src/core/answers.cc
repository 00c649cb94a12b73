// SPDX-License-Identifier: Apache-2.0
// What the head of an answer means for the bytes that are held.
#include <algorithm>
#include <utility>

#include "core/conversation.h"

namespace backhaul::core {
namespace {

using base::Code;

bool is_redirect(unsigned status) {  // a 300 names several places, of which nobody chose one
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool covers_all(const ResponseHead& head) {
  return is_consistent(head) && *head.content_range->first == 0 && head.content_range->total &&
         *head.content_range->last + 1 == *head.content_range->total;
}

RemoteIdentity without_validators(RemoteIdentity identity) {
  identity.etag = identity.last_modified = {};
  return identity;
}

// What completes the words of this address: not the tag and the date of another one.
RemoteIdentity known(const RemoteRecord& record) {
  return record.told_at == ToldAt::former_address ? without_validators(record.identity) : record.identity;
}

}  // namespace

// What the head tells of the file, against what it has to be like: the version that is held, or the one it
// was given up for. A new address owes the former one nothing: what they do not both tell proves nothing,
// and what contradicts is another version.
Relation Conversation::relation(bool part) const {
  if (rung_ == Rung::anew) return relate(expected_, told_, part);
  RemoteIdentity held = record_.identity;
  if (is_less_than_held(told_.size)) held.size = least_size();
  const Relation relation = relate(held, told_, part);
  if (record_.told_at != ToldAt::former_address) return relation;
  if (relation == Relation::contradiction) return Relation::other;
  if (relation != Relation::unproven) return relation;
  return relate(without_validators(std::move(held)), told_, part) == Relation::doubtful ? Relation::doubtful : Relation::other;
}

Body Conversation::head(const ResponseHead& answer) {
  head_ = answer;
  if (is_neighbours()) return of_neighbour();
  if (ask_.method.view() == "HEAD" && !record_.identity_only) {  // its length is that of another answer
    head_.content_length = 0;
    head_.content_length_malformed = head_.chunked = false;
    head_.transfer_coding.clear();
  }
  const ResponseHead& head = head_;
  told_ = told_by(head);
  // What led here, and who was shown to be asking, makes it that as well.
  for_one_ = for_one_ || told_.for_one || ask_.server_login.has_value();
  told_.for_one = for_one_;
  note_duplicates();
  const bool forbids = options_.redirects() == security::redirect_disallow;
  if ((is_redirect(head.status) || (forbids && head.status == 300)) && !head.location.empty()) {
    plan_ = Plan::follow;
    return body_;
  }
  if (record_.identity_only) return told_alone();
  // Its octets are none of the file (RFC 9112 §6.1): nobody decodes what nobody asked for.
  if (brings_coded(head))
    return fail(Code::BG_E_INVALID_SERVER_RESPONSE, "the server sends the file in the transfer coding " +
                                                        head.transfer_coding + ", which was not asked for");
  if (!ask_.more.empty())
    if (auto body = several(head)) return *std::move(body);
  if (head.status == 200) return whole(head);
  if (head.status == 206 && head.content_type == "multipart/byteranges") return in_parts();
  if (head.status == 206) return asked_for_rest() ? rest(head) : first_part(head);
  if (head.status == 416 && asked_for_rest()) return outside(head);
  if (head.status == 412 && !ask_.if_range.empty()) {  // it takes If-Range for If-Match
    ignored_ = rung_;
    return again(Rung::plain);
  }
  if (head.status == 401 || head.status == 407) return challenged();
  if (may_refuse_range(head.status) && asked_for_rest()) return refused();
  return status_failure();
}

// Of what its head alone says of the file. A server that takes no HEAD says nothing of it, which is no failure: what
// is wanted is asked for with GET.
Body Conversation::told_alone() {
  const unsigned status = head_.status;
  if (status == 401 || status == 407) return challenged();
  const bool takes_none = status == 400 || status == 403 || status == 405 || status == 501;
  if (status != 200 && !takes_none) return status_failure();
  plan_ = Plan::told;
  if (takes_none || brings_coded(head_) || (head_.content_length_malformed && !head_.chunked)) {
    head_.lines.clear();
    return body_;
  }
  identity_ = told_;
  identity_.digest = head_.repr_digest;  // of a message it would be that of one without a body
  identity_.end_untold = false;          // how a body is framed is seen when one comes
  if (identity_.resumable == Resumable::no && !head_.refuses_ranges) identity_.resumable = Resumable::unknown;
  call_by_address();
  return body_;
}

// --- 200 -----------------------------------------------------------------------------------------

Body Conversation::whole(const ResponseHead& head) {
  if (head.content_length_malformed && !head.chunked)
    return fail(Code::BG_E_INVALID_SERVER_RESPONSE,
                "the Content-Length of the answer cannot be understood");
  if ((head.content_range || head.content_range_malformed) && !covers_all(head))
    return contradict_itself("it is 200, but has the Content-Range of a part");
  const bool in_ranges = takes_pieces() && (asked_for_rest() || !record_.wanted.whole());
  if (is_first())
    return in_ranges ? no_ranges() : use({.use = first_use()});
  relation_ = relation(false);
  switch (relation_) {
    case Relation::unproven: return unproven();
    case Relation::contradiction: return contradict();
    case Relation::other:
      if (!in_ranges) return begin_anew({.use = Use::anew});
      return rung_ == Rung::anew ? no_ranges() : refetch();
    case Relation::same:
    case Relation::doubtful: break;
  }
  if (rung_ == Rung::anew) return in_ranges ? no_ranges() : expected_version();
  return whole_instead_of_rest(relation_);
}

// The version for which what is held was given up. Without a validator and without a length it could
// be any page: it has to end where that version does, and what is held stays until then.
Body Conversation::expected_version() {
  const bool shown_by_its_end = relation_ == Relation::doubtful &&
                                told_.size == base::size_unknown &&
                                expected_.size != base::size_unknown;
  if (told_.size == base::size_unknown) told_.size = expected_.size;
  return begin_anew({.use = shown_by_its_end ? Use::beside : Use::anew});
}

Body Conversation::whole_instead_of_rest(Relation relation) {
  if (rung_ == Rung::tag || rung_ == Rung::date) {
    ignored_ = rung_;
    return again(relation == Relation::doubtful && can_compare() ? Rung::overlap : Rung::plain);
  }
  if (rung_ != Rung::refused)  // no ranges at all: a condition would only cost another round
    memory_.learn(ask_.url, [](OriginHabits& habits) {
      habits.ignores_tags = habits.ignores_dates = true;
    });
  return takes_pieces() ? no_ranges() : begin_anew({.use = Use::beside});
}

// --- 206 -----------------------------------------------------------------------------------------

Body Conversation::first_part(const ResponseHead& head) {
  if (!covers_all(head))
    return fail(Code::BG_E_INVALID_SERVER_RESPONSE,
                "part of the file came, but no part was asked for");
  told_.resumable = Resumable::yes;
  if (is_first()) return use({.use = first_use()});
  relation_ = relation(true);
  if (relation_ == Relation::unproven) return unproven();
  if (relation_ == Relation::contradiction) return contradict();
  const bool void_now = rung_ == Rung::anew || relation_ == Relation::other;
  return begin_anew({.use = void_now ? Use::anew : Use::beside});
}

// Several ranges with heads of their own between them, where one or none was asked for. Whatever its
// Content-Range says, no byte of such a body lies where the file has it.
Body Conversation::in_parts() {
  if (asked_for_rest()) return refused();
  return fail(Code::BG_E_INVALID_SERVER_RESPONSE, "ranges of the file came, but none was asked for");
}

// A server may cut the ranges that it gives. One that brings nothing but what is held already would
// bring it again on every try; where that is the whole file it is what has to be compared.
bool Conversation::ends_before_rest(const ContentRange& range) const {
  const std::uint64_t end = *range.last + 1;
  const std::uint64_t total = range.total.value_or(record_.identity.size);
  return end < gap_.from || (end == gap_.from && total != gap_.from);
}

Body Conversation::rest(const ResponseHead& head) {
  if (!is_consistent(head))
    return contradict_itself(head.content_range && head.content_range->first
                                 ? "it is 206, and its length is not that of its Content-Range"
                                 : "it is 206, but does not say which part of the file it brings");
  const std::uint64_t first = *head.content_range->first;
  const std::uint64_t end = *head.content_range->last + 1;
  if (rung_ == Rung::probe) return probed(first, end);
  const bool other_part = first > gap_.from || gap_.from - first > gap_.before ||
                          ends_before_rest(*head.content_range) || (gap_.until && end > *gap_.until);
  const bool nothing_counts = rung_ == Rung::first || rung_ == Rung::anew;
  if (!nothing_counts) relation_ = relation(true);
  // Another part than was asked for: a server whose ranges are broken still sends whole files. Which
  // version it is of, it tells all the same.
  if (other_part && !nothing_counts && relation_ == Relation::other) return refetch();
  if (other_part)
    return first <= gap_.from && asks_for_smaller_sample(end - first) ? again(Rung::overlap) : cannot_compare();
  const Body body{.use = Use::append,
                  .begins = first,
                  .place = gap_.place,
                  .sample = gap_.from - first,
                  .at_hand = can_compare() ? std::min(gap_.from - first, at_hand_.length()) : 0,
                  .length = end - first};
  return nothing_counts ? first_range(body) : rest_of(relation_, body);
}

// Of a file of which ranges are wanted, and nothing that is held counts.
Body Conversation::first_range(const Body& body) {
  if (told_.size == base::size_unknown && !gap_.until) return refused();  // nobody could tell its end
  told_.resumable = Resumable::yes;
  Body anew = body;
  if (rung_ == Rung::first) {
    anew.use = first_use();
    return use(anew);
  }
  relation_ = relation(true);
  if (relation_ == Relation::unproven) return unproven();
  if (relation_ == Relation::contradiction) return contradict();
  anew.use = Use::anew;
  return begin_anew(anew);
}

Body Conversation::rest_of(Relation relation, const Body& body) {
  const std::uint64_t sample = body.sample;
  bool version_untold = false;
  switch (relation) {
    case Relation::other: return refetch();
    case Relation::contradiction: return contradict();
    case Relation::unproven:
      // A 206 to If-Range may leave out what the server compared by itself (RFC 9110 §15.3.7); the
      // bytes have to bear it out.
      if (!ask_.if_range.empty()) {
        condition_held_ = condition_held_ || can_compare();
        return again(can_compare() ? Rung::overlap : Rung::plain);
      }
      // Without a condition it may leave out nothing.
      if (!condition_held_ || body.at_hand == 0) return unproven();
      break;
    case Relation::doubtful:
      if (sample > 0 && can_compare()) break;
      if (rung_ != Rung::overlap && can_compare()) return again(Rung::overlap);
      if (can_compare()) return cannot_compare();
      if (pieces_tell()) break;
      if (is_proven()) {
        version_untold = !has_validator(told_);
        break;
      }
      if (may_probe()) return again(Rung::probe);
      if (record_.told_at != ToldAt::here) return refetch();  // no bytes can tell, and its words are another's
      version_untold = only_size_tells();
      if (version_untold) break;
      if (!takes_pieces() && !wrote_) return refused();
      return untold();
    case Relation::same:
      // A 206 may leave out the coding (RFC 9110 §15.3.7). Where what is held is coded only the bytes
      // can tell whether the rest is so too.
      if (record_.identity.encoding.empty() || !told_.encoding.empty() || sample > 0 || !can_compare())
        break;
      return rung_ == Rung::overlap ? cannot_compare() : again(Rung::overlap);
  }
  RemoteIdentity identity = merged(known(record_), told_);
  if (identity.size == base::size_unknown && !gap_.until) return refused();
  if (body.begins + *body.length > identity.size)
    return contradict("the answer goes on behind the end of the file");
  identity.resumable = Resumable::yes;
  identity.version_untold = identity.version_untold || version_untold;
  told_ = std::move(identity);
  return use(body);
}

// Nothing says that this is of the version of what is held, and in front of it there is nothing to compare.
Body Conversation::untold() {
  if (record_tells())
    return fail(Code::WINHTTP_CONNECTION_ERROR, "the server tells another Last-Modified or ETag in mid-file");
  const bool hopeless = record_.identity.size == base::size_unknown && takes_pieces() && gap_.before == 0;
  const bool tells_now = told_.size != base::size_unknown || has_validator(told_);
  if (hopeless && !tells_now)
    return no_ranges(": it tells neither the size of the file nor Last-Modified or ETag, by which they belong together");
  if (hopeless && !is_given_out()) return refetch();
  return fail(Code::WINHTTP_CONNECTION_ERROR, "the server tells no Last-Modified or ETag in mid-file");
}

// --- 416 and what else refuses -------------------------------------------------------------------

// The whole is asked for instead, once; where ranges are wanted it would not do.
Body Conversation::refused() {
  if (!takes_pieces()) return again(Rung::refused);
  if (!ask_.if_range.empty()) return again(Rung::plain);
  return head_.status == 206 || head_.status == 304 ? no_ranges() : status_failure();
}

Body Conversation::no_ranges(const std::string& why) {
  return fail(record_.wanted.whole() ? Code::BG_E_RANDOM_ACCESS_NOT_SUPPORTED
                                     : Code::BG_E_INSUFFICIENT_RANGE_SUPPORT,
              "the server does not give the ranges that are wanted of the file" + why);
}

Body Conversation::outside_of_ranges() {
  const std::uint64_t size = record_.identity.size;
  const bool held = !record_.held.empty() && rung_ != Rung::anew;
  if (held && relation(true) == Relation::other) return refetch();
  if (held && size != base::size_unknown && fits(size))
    return contradict("it has nothing where the file goes on");
  return beyond_the_file();
}

Body Conversation::outside(const ResponseHead& head) {
  if (takes_pieces()) return outside_of_ranges();
  const Relation relation = this->relation(true);
  const std::uint64_t size = record_.identity.size;
  const bool denied = relation == Relation::other || relation == Relation::contradiction ||
                      (size != base::size_unknown && size != gap_.from) || gap_.until ||
                      gap_.before != gap_.from;
  // Whose length it is only the version or the recorded length can tell.
  const bool ours = relation == Relation::same || size != base::size_unknown;
  if (head.content_range_malformed || told_.size != gap_.from || denied || !ours)
    return refused();
  identity_ = merged(known(record_), told_);
  identity_.resumable = Resumable::yes;
  call_by_address();
  plan_ = Plan::finish;
  return body_;
}

Body Conversation::status_failure(const std::string& why) {
  const std::string host = url_host(ask_.url);
  return fail(base::http_code(head_.status),
              "HTTP " + std::to_string(head_.status) + " from " + host + (why.empty() ? "" : ": " + why));
}

// What was shown before was refused, or leads no further; then the next one has its turn.
Body Conversation::challenged() {
  const bool proxy = head_.status == 407;
  const auto& [offers, strange_digest] = proxy ? head_.proxy_offers : head_.server_offers;
  const Login& login = proxy ? proxy_login_ : server_login_;
  const std::string who = proxy ? "the proxy" : "the server";
  if (!proxy && !ask_.at_home)  // the command knows the end of the sentence (cli/hint)
    return status_failure(std::string(source_.entrusted ? "it is not the server of the file's address"
                                                        : "a redirect chose it for the file") +
                          ", and no credentials go there");
  if (!(login.left & offers).empty()) {
    plan_ = Plan::show;
    return body_ = {};
  }
  if (login.shown) return status_failure(who + " refused the credentials (" + std::string(to_word(*login.shown)) + ")");
  if (strange_digest && login.left.has(AuthScheme::digest))
    return status_failure(who + " wants Digest with an algorithm that is not spoken here");
  if (!login.left.empty())
    return status_failure("there are credentials for " + login.left.text() + " only, and " + who +
                          " takes " + (offers.empty() ? "others" : offers.text()));
  return offers.empty() ? status_failure() : status_failure(who + " wants credentials (" + offers.text() + ")");
}

// --- what follows --------------------------------------------------------------------------------

// Another address has another file: it is the one that is wrong, and costs nothing that is held.
Body Conversation::elsewhere() {
  return fail(Code::BG_E_REMOTE_FILE_CHANGED,
              "another version of the file lies there than the one that came from its other address");
}

Body Conversation::changed() {
  return fail(Code::BG_E_REMOTE_FILE_CHANGED,
              "the remote file changed, and what came of it was given out already");
}

Body Conversation::begin_anew(Body body) {
  if (body.use == Use::anew && is_given_out()) return changed();
  if (record_.told_at == ToldAt::mirror && body.use == Use::anew) return elsewhere();
  if (record_.fruitless_restarts >= fruitless_restarts_max) {
    const bool sized =
        record_.identity.size != base::size_unknown || told_.size != base::size_unknown;
    return fail(sized ? Code::BG_E_INSUFFICIENT_RANGE_SUPPORT : Code::BG_E_MISSING_FILE_SIZE,
                "the transfer had to begin again " + std::to_string(record_.fruitless_restarts) +
                    " times without getting further");
  }
  // A server that tells another version at every request would be asked for ever, without a pause.
  if (++restarts_ > fruitless_restarts_max)
    return fail(Code::WINHTTP_CONNECTION_ERROR, "the server tells another version of the file at every request");
  if (body.use == Use::beside) {
    if (wrote_)
      return fail(Code::WINHTTP_CONNECTION_ERROR, "the server gives no more of the rest");
    told_ = merged(known(record_), std::move(told_));
    body.sample = std::min(record_.held.prefix(), sample_bytes);
  }
  return use(body);
}

Body Conversation::again(Rung rung) {
  next_ = rung;
  plan_ = Plan::again;
  return body_ = {};
}

// What is held is void, but the answer is no whole file.
Body Conversation::refetch() {
  if (record_.told_at == ToldAt::mirror) return elsewhere();
  if (is_given_out()) return changed();
  if (!fits(told_.size)) return beyond_the_file();
  expected_ = told_;
  // The 206 whose bytes differed told nothing that differs from the length that is known.
  if (relation_ == Relation::doubtful && expected_.size == base::size_unknown)
    expected_.size = record_.identity.size;
  if (record_.fruitless_restarts >= fruitless_restarts_max) return begin_anew({.use = Use::anew});
  return again(Rung::anew);
}

Body Conversation::use(Body body) {
  const std::uint64_t expected = record_.expected_size;
  if (expected != base::size_unknown && told_.size != base::size_unknown && told_.size != expected)
    return wrong_size();
  if (!fits(told_.size)) return beyond_the_file();
  // A body without a length ends where the file is expected to, or the transfer does.
  if (expected != base::size_unknown && told_.size == base::size_unknown && !body.length)
    body.length = expected - std::min(expected, body.begins);
  body_ = body;
  plan_ = Plan::body;
  call_by_address();
  identity_ = told_;
  end_ = has_end() ? *gap_.until : told_.size == base::size_unknown ? expected : told_.size;
  if (body.use == Use::beside) {
    // What is held stays what the row tells of until the new part has proven itself.
    identity_ = record_.identity;
    identity_.resumable = Resumable::no;
    identity_.end_untold = told_.end_untold;
    identity_.for_one = identity_.for_one || told_.for_one;
  }
  if (body.use == Use::append && body.sample == 0 && asked_for_rest()) learn_from_rest();
  return body_;
}

// The rest came: by which way, and by which it would not have.
void Conversation::learn_from_rest() {
  if (relation_ == Relation::doubtful && record_tells() && record_.told_at == ToldAt::here)
    memory_.learn(ask_.url, [](OriginHabits& habits) { habits.varies = true; });
  else if (ignored_)
    memory_.learn(ask_.url, [this](OriginHabits& habits) {
      (*ignored_ == Rung::tag ? habits.ignores_tags : habits.ignores_dates) = true;
    });
}

// Where a connection ends soon, or ranges are cut, what is fetched again must leave room for what is new.
void Conversation::learn_sample(std::uint64_t brought) {
  if (brought < least_sample_bytes) return;  // of that nothing can be left
  memory_.learn(ask_.url, [brought](OriginHabits& habits) {
    habits.sample = std::clamp(brought / 8, least_sample_bytes, sample_bytes);
  });
}

bool Conversation::asks_for_smaller_sample(std::uint64_t brought) {
  if (rung_ != Rung::overlap) return false;
  learn_sample(brought);
  return memory_.of(ask_.url).sample < gap_.from - *ask_.from;
}

}  // namespace backhaul::core
