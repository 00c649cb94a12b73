// SPDX-License-Identifier: Apache-2.0
// What does not fit the file, and what is said of it.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/conversation.h"
#include "core/digest.h"

namespace backhaul::core {
namespace {

using base::Code;
using base::ErrorContext;

std::string coding_text(const std::string& coding) {
  return coding.empty() ? "without a coding" : "coded as " + coding;
}

std::string octets_text(std::uint64_t size) {
  return size == base::size_unknown ? "no length" : std::to_string(size) + " bytes";
}

}  // namespace

// The word of the owner counts more than that of a server.
Body Conversation::wrong_size() {
  return fail(Code::BG_E_VALIDATION_FAILED, "the file there has " + octets_text(told_.size) + " where " +
                                                octets_text(record_.expected_size) + " are expected");
}

Body Conversation::beyond_the_file() {
  return fail(Code::BG_E_INVALID_RANGE,
              "a range that is wanted lies outside the file, of which are told " +
                  octets_text(told_.size));
}

// Of the version that the answer has to be of: the one that is held, or the one that it was given up for.
const RemoteIdentity& Conversation::told_before() const {
  return rung_ == Rung::anew ? expected_ : record_.identity;
}

std::string Conversation::difference_text() const {
  const RemoteIdentity& before = told_before();
  RemoteIdentity told = told_by(head_);  // without what is known from before
  const std::uint64_t size = std::exchange(told.size, before.size);
  const std::string coding = std::exchange(told.encoding, before.encoding);
  const bool same = relate(before, told, true) == Relation::same;  // whatever else differs
  const std::string tells = "it tells " + octets_text(size);
  const std::string of_version = same ? " of the same version" : "";
  // The coding of a page that says no is not that of the file, and a 206 may leave it out.
  if (coding != before.encoding && (head_.status == 200 || (head_.status == 206 && !coding.empty())))
    return "it sends the file " + coding_text(coding) + " (" + octets_text(size) + ") and sent it " +
           coding_text(before.encoding) + " (" + octets_text(before.size) + ") before" +
           (same ? ", as the same version" : "");
  if (size == before.size) return tells + of_version + ", as before";
  if (is_less_than_held(size)) return tells + of_version + ", of which " + octets_text(least_size()) + " came before";
  return tells + " where " + octets_text(before.size) + (before.size == base::size_unknown ? " was" : " were") +
         " told before" + of_version;
}

Body Conversation::contradict(const std::string& why) {
  const RemoteIdentity& before = told_before();
  const bool told = !record_.held.empty() || before.size != base::size_unknown || !before.last_modified.empty() ||
                    !before.etag.empty();
  if (!told) return unfit("the answer does not fit the file: " + (why.empty() ? difference_text() : why));
  const bool former = record_.told_at == ToldAt::former_address && rung_ != Rung::anew;
  return unfit((former ? "the answer contradicts what was told at the former address of the file: "
                          : "the server contradicts what it told before: ") +
               (why.empty() ? "" : why + "; ") + difference_text());
}

// Whoever looks for the fault wants to know both lengths all the same.
Body Conversation::contradict_itself(const std::string& why) {
  const bool told = told_before().size != base::size_unknown;
  return unfit("the answer contradicts itself: " + why + (told ? "; " + difference_text() : ""));
}

// Whether a body brings too much or too little is seen at its end alone, where no head told its length.
Body Conversation::ends_elsewhere(const std::string& what, std::uint64_t position) {
  if (has_end()) return contradict_itself("it goes on behind the range that it tells");
  const bool expected = told_.size == base::size_unknown;  // by the owner of the job
  const std::string lengths = what + "; " + (body_.begins == 0 ? "it brought " : "with it the file has ") +
                              octets_text(position) + " where " + octets_text(end_) +
                              (expected ? " are expected" : " were told");
  if (told_by(head_).size != base::size_unknown) return unfit("the answer contradicts itself: " + lengths);
  return unfit((expected ? "the answer does not fit the file: " : "the server contradicts what it told before: ") +
               lengths);
}

void Conversation::body_too_long() {
  if (is_neighbours())
    neighbour_fails(Code::BG_E_INVALID_SERVER_RESPONSE, "sends more than it told");
  else if (head_.content_range)
    contradict_itself("it goes on behind the range that it tells");
  else
    unfit("the answer does not fit the file: it goes on behind the " + octets_text(end_) + " that are expected");
}

Body Conversation::unfit(std::string text) {
  if (record_.told_at == ToldAt::mirror) return elsewhere();
  const bool last = record_.contradictions + 1 >= contradictions_max;
  return fail(last ? Code::BG_E_INVALID_SERVER_RESPONSE : Code::WINHTTP_INVALID_SERVER_RESPONSE, std::move(text),
              Doubt::contradiction);
}

// Tried again like a contradiction, and not for ever: there are files that are always being written to.
void Conversation::changed_meanwhile(std::string why) {
  const bool last = record_.contradictions + 1 >= contradictions_max;
  fail(last ? Code::BG_E_REMOTE_FILE_CHANGED : Code::WINHTTP_CONNECTION_ERROR, std::move(why), Doubt::contradiction);
}

// Of an answer with the whole file it is a digest of the file, which is looked at when all is here; so it is where a
// server tells that one with every part. What those tell who have copies proves nothing of their bytes.
std::optional<Digest> Conversation::content_digest() const {
  const bool probed = plan_ == Plan::again && rung_ == Rung::probe;
  const bool is_used = plan_ == Plan::body || plan_ == Plan::parts || probed;
  if (!is_used || is_neighbours() || head_.status != 206 || told_.digest == head_.content_digest ||
      record_.identity.digest == head_.content_digest)
    return std::nullopt;
  const std::vector<Digest> told = parse_digest_list(head_.content_digest);
  return told.empty() ? std::nullopt : std::optional(told.front());
}

// Whatever damaged it on the way may do so no more: tried again like a contradiction, of any address of the file, and not
// for ever. Unset: nothing denies it.
std::optional<Ending> Conversation::check_content(const Extents& came) {
  const auto told = content_digest();
  if (!told || content_.empty()) return std::nullopt;
  if (content_ == told->hex) {
    if (plan_ != Plan::again) record_.contradictions = 0;  // what was only compared brought nothing
    return std::nullopt;
  }
  const bool last = record_.contradictions + 1 >= contradictions_max;
  fail(last ? Code::BG_E_VALIDATION_FAILED : Code::WINHTTP_INVALID_SERVER_RESPONSE,
       "the Content-Digest of the answer is not that of its bytes: they have the " + std::string(to_word(told->algorithm)) +
           ' ' + content_ + " where " + told->hex + " was told",
       Doubt::contradiction);
  failure_.denied = came;
  return failure_;
}

Body Conversation::unproven() {
  const bool last =
      record_.unproven + 1 >= unproven_max && record_.unproven_for >= unproven_for_min;
  std::string text = "the server answers now HTTP " + std::to_string(head_.status);
  if (!head_.content_type.empty()) text += ", " + head_.content_type;
  text += ", " + octets_text(told_by(head_).size) + ", without the Last-Modified or ETag that it told before";
  return fail(last ? Code::BG_E_INVALID_SERVER_RESPONSE : Code::WINHTTP_INVALID_SERVER_RESPONSE,
              std::move(text), Doubt::unproven);
}

Body Conversation::fail(Code code, std::string text, Doubt doubt) {
  // Of those that have no address of their own the text says who they are.
  const bool is_named = source_.kind == SourceKind::site_proxy || source_.kind == SourceKind::swarm;
  const std::string host = is_named ? std::string() : url_host(ask_.url);
  if (!host.empty() && text.find(host) == std::string::npos) text += " (" + host + ")";
  failure_ = {.error = base::Error(code, ErrorContext::remote_file, std::move(text)),
              .doubt = doubt,
              .retry_after = {},
              .origin = {}};
  plan_ = Plan::fail;
  return body_ = {};
}

}  // namespace backhaul::core
