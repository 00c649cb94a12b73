// SPDX-License-Identifier: Apache-2.0
// One file and one of its sources: which request comes next, what the head of its answer means for the
// bytes that are held, and how the transfer ends. Redirects, the ladder of a resume, the rest after a
// short range and one gap after the other are requests of one conversation. Pure: the transport moves
// the bytes of one request at a time and asks here what they are; the simulator and the tests do the
// same.
//
// The ladder of a resume: If-Range with the strong ETag, or with Last-Modified where the origin does
// not heed the tag → on 200 a plain Range, judged by the 206's own words (core/judge.h) → where they
// leave it open, the last bytes that are held are fetched again and compared → only then from byte 0.
// Where nothing lies in front of what is missing, bytes that are held elsewhere are asked for alone and compared,
// and then what is missing: what both answers tell says that they are of one version (comparison.cc).
// A Range that is refused is asked for without one, once; the whole file then comes into a part of its
// own beside the one that is held, and must begin with what is held and end at the recorded size. Where
// no validator tells, and the answer no length, other bytes prove nothing before they have ended there.
//
// Asked for is what is missing of what is wanted, gap by gap in the order of the local file; the gap that
// ends with the file is asked for without an end, so that a file that comes in one run is asked for as
// ever. In front of a gap there may be nothing to compare: it is the first byte of a range that is
// wanted. Ranges that are wanted
// are never made of a whole file: a server that refuses them ends the transfer (files.md §4).
//
// Several small gaps are asked for in one request where the server would heed a condition, has given ranges and
// has not shown that it gives no several of them (several.cc). Of the answer counts what comes part by part as
// it was asked for; whatever else comes, the gaps are asked for one after the other, and of that origin always.
//
// A redirect is followed as the options of the job have it. With another method than GET nothing is
// continued: what such a request brings is no file that could be asked for in parts (jobs.md §17).
// Who asks is told only in answer to a challenge (401, 407), by one scheme after the other, the strongest
// that was offered first, each once (http-and-network.md §6). A server is told only if it is the one that
// the job's own address names: where a redirect leads to another one, nothing that was meant for the first
// goes along.
//
// A neighbour's copy is asked for like a file of its own (neighbour_talk.cc): it says nothing of the remote file,
// and whatever it answers beside the bytes of the very version that is asked for ends the conversation, as the
// neighbour's failure and no one else's. So it is with a site's cache, a site's proxy, a swarm and a duplicate, but that
// these have the remote file, of which what is wanted is asked for.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "core/demand.h"
#include "core/digest.h"
#include "core/extents.h"
#include "core/http.h"
#include "core/job.h"
#include "core/judge.h"
#include "core/request_options.h"
#include "core/source.h"
#include "core/wanted.h"

namespace backhaul::core {

// Who told the identity of what is held.
enum class ToldAt : std::uint8_t {
  here,            // the address that is asked now
  former_address,  // one that its owner has replaced by this: the new one may begin anew at once
  mirror,          // another address of the same file, whose validators say nothing here: where the size
                   // or the bytes differ, this address is the one that is wrong
};

struct RemoteRecord {
  Extents held;                 // of the local file
  Wanted wanted;
  // What is asked for is fetched alone, without the rest.
  Demand demand;
  // What is held was given to a program as it came: it is not given up for another version unasked.
  bool given_out = false;
  RemoteIdentity identity;      // of the version that what is held belongs to
  std::uint32_t fruitless_restarts = 0;  // core::File: those that did not pass the high-water mark
  bool ranges_refused = false;
  std::uint32_t contradictions = 0;      // core::Doubts
  std::uint32_t unproven = 0;
  base::Microseconds unproven_for{};
  ToldAt told_at = ToldAt::here;
  // What its owner expects: the size of the whole, and digests of every piece of it, so that bytes may come
  // together of which no server says that they belong together.
  std::uint64_t expected_size = base::size_unknown;
  bool has_pieces = false;
  // Only what the origin says of the file is asked for (HEAD): nothing is fetched.
  bool identity_only = false;
  // What is asked for is a share of the file: others send the rest into the same part meanwhile (core/shares.h).
  bool share = false;
  std::set<std::string> held_off;  // origins that asked for time: no redirect leads there meanwhile
};

inline constexpr std::uint32_t fruitless_restarts_max = 3;
inline constexpr std::uint32_t contradictions_max = 3;
inline constexpr std::uint32_t unproven_max = 10;
inline constexpr base::Microseconds unproven_for_min = std::chrono::hours(1);
inline constexpr int redirects_max = 10;
// Of what is held, this much at its begin and its end is compared with what the server sends.
inline constexpr std::uint64_t sample_bytes = 64 * 1024;
// Less of the end where an origin brings little at once: at most an eighth of that, but no less than this.
inline constexpr std::uint64_t least_sample_bytes = 256;

// What was learned of the answers of one origin.
struct OriginHabits {
  bool ignores_tags = false;   // If-Range with a tag that is right gets the whole file
  bool ignores_dates = false;  // likewise with a date
  bool varies = false;         // its nodes tell different validators of one file
  bool single_ranges = false;  // of several in one request it gives one, or nothing that fits
  std::uint64_t sample = sample_bytes;  // so much of what is held is fetched again to be compared
};

// By scheme, host and port, for as long as its owner lives. Bounded: it forgets some origin for a new
// one, which costs a request.
class OriginMemory {
 public:
  OriginHabits of(const std::string& url) const;
  void learn(const std::string& url, const std::function<void(OriginHabits&)>& lesson);

 private:
  std::map<std::string, OriginHabits> origins_;
};

struct Ask {
  std::string url;
  std::optional<std::uint64_t> from;   // of a Range; unset: none
  std::optional<std::uint64_t> until;  // what is not in it any more; unset: the end of the file
  std::vector<Extent> more{};          // further ones of the same Range, behind it
  std::string if_range;                // empty: no condition
  base::Method method;
  bool at_home = true;  // the server of the source's own address; others are told nothing of who asks
  std::optional<AuthScheme> server_login{};  // unset: nothing is shown
  std::optional<AuthScheme> proxy_login{};

  std::string range() const;  // "100-", "100-199", "100-199,300-349"; empty: none
};

enum class Use : std::uint8_t {
  drop,    // not the file: the next request, or the end
  append,  // goes on in the part that is open
  anew,    // a whole file, into a new part; what is held is void
  beside,  // the same file, whole, into a new part; what is held stays until that is complete
};

struct Body {
  Use use = Use::drop;
  std::uint64_t begins = 0;  // place of its first byte in the remote file
  std::uint64_t place = 0;   // in the part, of the first byte that goes into it
  // So many bytes are compared with what is held there before anything is used: compared() then says
  // what becomes of the body. append: they are held already (only the last `at_hand` of them can be compared) and do
  // not go into the part again. beside: they are the begin of the new part.
  std::uint64_t sample = 0;
  std::uint64_t at_hand = 0;
  bool anchor = false;  // at_hand is of the bytes that were at hand first, not of those that came last
  std::optional<std::uint64_t> length;  // as Content-Range tells
  // append: it comes in parts (core/byteranges.h), each of which part() is asked about; empty: in one.
  std::string boundary{};
};

enum class Sample : std::uint8_t {
  equal,
  differs,
  worthless,  // equal, but one repeated byte only: many files have that there; or nothing
};
Sample compare_sample(std::string_view held, std::string_view sent);
// Of what is held of a part when it is opened, what is read to be compared: the last bytes in front of the first gap,
// or else of the first run behind it.
Extent sample_of(const Extents& held);

// Why a transfer failed although its server answered: counted in core::Doubts.
enum class Doubt : std::uint8_t { none, contradiction, unproven };

struct Ending {
  std::optional<base::Error> error;
  Doubt doubt = Doubt::none;
  std::optional<base::Microseconds> retry_after;  // what the server of `origin` asked for
  std::string origin;  // who asks for time; without retry_after: it has asked before, or names none
  bool asked_only = false;  // without error: what was asked for is here, and other bytes are missing
  Extents denied{};  // with an error: of the part, what this conversation brought and is not what it has to be
};

class Conversation {
 public:
  // The address that a Location leads to from an address, or the reason why nobody goes there.
  using Resolve = std::function<base::Result<std::string>(const std::string& from,
                                                          const std::string& location)>;
  // Where ranges are wanted, something is missing.
  Conversation(Source source, RemoteRecord record, OriginMemory& memory, Resolve resolve,
               RequestOptions options = {}, Logins logins = {});

  const RequestOptions& options() const { return options_; }
  // In the place of those that the record names.
  void hold_off(std::set<std::string> origins) { record_.held_off = std::move(origins); }

  // The request that is to be made or runs.
  const Ask& ask() const { return ask_; }
  // Of a final answer (200 and above), in front of its body. A scheme that takes several rounds brings
  // several: the last one counts.
  Body head(const ResponseHead& head);
  Body compared(Sample sample);
  // Of a body in parts: the gap that this one fills. Unset: it is not the one that comes next of what was asked
  // for, and nothing of the body counts from here on. What came before is held.
  std::optional<Gap> part(const ContentRange& range);
  void parts_broken() { spoiled_ = true; }  // likewise: it is no body in parts
  // Of the file, as soon as a body is used, or when knows_all_is_here(). Where a neighbour sends it, it stays what
  // its origin told.
  const RemoteIdentity& identity() const { return is_neighbours() ? of_origin_ : identity_; }
  // Of what was asked for, without a body: a 416 says that nothing of the file is missing, or the head was asked
  // for alone.
  bool knows_all_is_here() const { return plan_ == Plan::finish || plan_ == Plan::told; }
  // Of the last answer, as it may be kept (ResponseHead::lines); empty: none came yet, or it was a neighbour's, or
  // one that says nothing of the file.
  const std::string& headers() const { return head_.lines; }
  // The address that the file is called by from now on, where the options ask for that, or where a
  // redirect that they forbid would have led; empty: as before.
  const std::string& remote() const { return remote_; }
  // Where the last answer of its origin says that a torrent of the file is; empty: it says nothing of one.
  std::string torrent() const;
  // Other addresses of the file, as its origin named them in an answer that brought it or led to it, the best ones first.
  const std::vector<std::string>& duplicates() const { return duplicates_; }

  // Of the body that is used: another request follows, which may have to compare its last sample_bytes, or those that were
  // at hand first (Body::anchor). What came between them is not compared any more.
  bool goes_on() const {
    return body_.length && (gap_.until || body_.begins + *body_.length < end_);
  }

  // More of the body comes than Body::length: nothing of it counts any more. Before end().
  void body_too_long();
  // Who sends the body knows that it is of no one version: the file was written to meanwhile. Before end().
  void changed_meanwhile(std::string why);

  // What its server told of the content of the body that is used (Content-Digest), where that is no digest of the whole
  // file. Whoever moves the body takes a digest of all its bytes as they come, also of those that are only compared or lie
  // between parts, and tells in front of end() what it is. Of a body that broke off it says nothing.
  std::optional<Digest> content_digest() const;
  void content_is(std::string hex) { content_ = std::move(hex); }
  // Of the body that is used: its content may still be denied, and no answer before it was of use.
  bool is_unchecked() const { return !wrote_ && content_digest(); }

  // The answer is over. `received`: bytes of its body; `broken`: why it ended too early, or had no
  // head. A value: it is the end of the conversation (without error: every byte is here); none: there
  // is another ask(). Of a body in parts only the bytes of the parts count.
  std::optional<Ending> end(std::uint64_t received, const std::optional<base::Error>& broken,
                            base::WallTime now);

 private:
  enum class Rung : std::uint8_t {
    first,    // nothing is held: the whole file, or the first range that is wanted
    tag,      // the rest, if this tag is still right
    date,     // the rest, if this date is still right
    plain,    // the rest
    overlap,  // the rest and the last bytes that are held
    probe,    // bytes that are held, alone
    refused,  // the whole file, because the rest was refused
    anew,     // likewise the first request again, because what is held is void
  };
  enum class Plan : std::uint8_t { none, follow, again, show, body, parts, told, finish, fail };
  // What one side can be shown, and was.
  struct Login {
    Schemes left;  // not tried yet
    std::optional<AuthScheme> shown{};
  };

  Rung first_rung() const;
  void climb(Rung rung);
  void make_ask(std::string url, base::Method method);
  base::Method method() const;
  // Or another one's that has copies of what origins have.
  bool is_neighbours() const { return keeps_copies(source_); }
  bool starts_over() const { return !options_.method.is_usual() && !wrote_; }
  // Nothing that counts is held; also where a Range from the middle of the file on was refused.
  bool is_first() const {
    return rung_ == Rung::first || (rung_ == Rung::refused && record_.held.empty());
  }
  Use first_use() const { return record_.held.empty() ? Use::append : Use::anew; }
  bool asked_for_rest() const { return ask_.from.has_value(); }
  // A whole file would not do: pieces of it are wanted.
  bool takes_pieces() const { return !record_.wanted.whole() || !record_.demand.asked.empty(); }
  bool fits(std::uint64_t size) const {
    return record_.wanted.fits(size) && core::fits(record_.demand.asked, size);
  }
  bool is_given_out() const { return record_.given_out && !record_.held.empty(); }
  Body changed();
  bool can_compare() const { return gap_.before > 0 && gap_.place == at_hand_.end; }
  bool may_probe() const;
  bool is_proven() const;
  Body probed(std::uint64_t first, std::uint64_t end);
  Body cannot_compare();
  void keep_at_hand(Extent came);
  Gap gap_of(const Extents& held, std::uint64_t size) const;
  bool record_tells() const;
  Relation relation(bool part) const;
  bool only_size_tells() const;
  // What is held of a whole file is no more than it has: of a size that nobody told before, so much is known.
  std::uint64_t least_size() const { return record_.wanted.whole() ? record_.held.end() : 0; }
  bool is_less_than_held(std::uint64_t size) const {
    return rung_ != Rung::anew && record_.identity.size == base::size_unknown && size < least_size();
  }
  bool pieces_tell() const;

  Body told_alone();
  void note_duplicates();
  void take_for_copy();
  void ask_neighbour();
  Body of_neighbour();
  bool is_of_record() const;
  Body neighbour_fails(base::Code code, const std::string& what);
  std::optional<Ending> end_of_copy(std::uint64_t received, const std::optional<base::Error>& broken);
  Body whole(const ResponseHead& head);
  Body whole_instead_of_rest(Relation relation);
  bool ends_before_rest(const ContentRange& range) const;
  Body expected_version();
  Body rest(const ResponseHead& head);
  Body rest_of(Relation relation, const Body& body);
  Body first_range(const Body& body);
  Body first_part(const ResponseHead& head);
  Body in_parts();
  void ask_several();
  std::optional<Body> several(const ResponseHead& head);
  Body in_several(const ResponseHead& head);
  void learn_alone();
  Body alone();
  std::optional<Ending> end_of_parts(std::uint64_t received, const std::optional<base::Error>& broken);
  Body outside(const ResponseHead& head);
  Body outside_of_ranges();
  Body beyond_the_file();
  Body refused();
  Body no_ranges(const std::string& why = {});
  Body untold();
  Body begin_anew(Body body);
  Body again(Rung rung);
  Body refetch();
  Body use(Body body);
  Body wrong_size();
  void learn_from_rest();
  void learn_sample(std::uint64_t brought);
  bool asks_for_smaller_sample(std::uint64_t brought);

  Body contradict(const std::string& why = {});
  Body contradict_itself(const std::string& why);
  Body ends_elsewhere(const std::string& what, std::uint64_t position);
  Body unfit(std::string text);
  Body unproven();
  Body elsewhere();
  Body status_failure(const std::string& why = {});
  Body challenged();
  Body fail(base::Code code, std::string text, Doubt doubt = Doubt::none);
  const RemoteIdentity& told_before() const;
  std::string difference_text() const;
  std::optional<Ending> end_of_body(std::uint64_t received, const std::optional<base::Error>& broken);
  std::optional<Ending> check_content(const Extents& came);
  Extent came(std::uint64_t received) const;
  std::optional<Ending> next_gap(std::uint64_t received, bool short_range);
  std::optional<Ending> go_on(std::uint64_t size);
  bool has_end() const { return body_.length && gap_.until; }  // of a body that is not all of the rest
  std::optional<Ending> follow();
  bool is_forbidden(const std::string& next);
  bool is_off_limits(const std::string& next);
  base::Method method_behind_redirect() const;
  void call_by_address();
  Ending failed(base::Error error) const;

  const Source source_;
  RemoteRecord record_;
  OriginMemory& memory_;
  const Resolve resolve_;
  const RequestOptions options_;

  // Of the conversation.
  Rung rung_ = Rung::first;
  bool climbed_ = false;         // the rung is no longer the first one of the origin
  bool condition_held_ = false;  // a 206 to If-Range told no validators: the server compared them
  bool wrote_ = false;           // what is held is more than what was held at first
  RemoteIdentity of_origin_;     // of a neighbour's file: record_ is about its copy
  RemoteIdentity expected_;      // of the version for which what is held was given up
  std::optional<Rung> ignored_;  // the condition that got the whole file
  Extent at_hand_;               // of the part: what can be compared
  Extent anchor_;                // likewise, of what was here before all that a comparison is to bear out
  bool compares_ = true;         // likewise; it was of no use
  std::vector<RemoteIdentity> proven_;  // what was told by answers whose bytes are the held ones
  int probes_ = 0;               // for this gap
  bool alone_ = false;           // several ranges in one request did not come: one after the other
  std::uint32_t restarts_ = 0;   // of this conversation
  int redirects_ = 0;
  bool for_one_ = false;         // an answer was for whoever asked
  std::string remote_;
  std::vector<std::string> duplicates_;
  Login server_login_;
  Login proxy_login_;

  // Of the request.
  Ask ask_;
  Gap gap_;  // that it is for
  std::vector<Gap> gaps_;   // likewise, where it asks for several
  std::size_t parts_ = 0;   // of the body, that have begun
  bool spoiled_ = false;    // the rest of it is of no use
  std::string content_;     // the digest of all of it, in hex; empty: nobody took it
  Plan plan_ = Plan::none;
  ResponseHead head_;
  RemoteIdentity told_;
  RemoteIdentity identity_;
  Relation relation_ = Relation::same;
  std::uint64_t end_ = base::size_unknown;  // where the body has to end in the remote file
  Body body_;
  Rung next_ = Rung::first;
  Ending failure_;
};

}  // namespace backhaul::core
