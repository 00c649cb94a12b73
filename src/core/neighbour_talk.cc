// SPDX-License-Identifier: Apache-2.0
// What is asked of a neighbour, and what of its answers counts (peer-caching.md §5.2). It keeps a copy of what its
// origin sent, or of the ranges that were wanted of it, one behind the other as they lie in the local file: the
// copy is a file of its own, and offsets in it are those of the part. Only bytes of the version that the origin
// told are taken, and nothing that a neighbour answers is ever held against the file or its origin.
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/conversation.h"
#include "core/link_header.h"

namespace backhaul::core {
namespace {

using base::Code;

constexpr std::size_t shown_of_key = 16;

std::string shown(const Source& source) {
  switch (source.kind) {
    case SourceKind::cache_host: return "the site's cache " + url_host(source.address);
    case SourceKind::site_proxy: return "the site's proxy " + url_host(source.proxy);
    case SourceKind::swarm: return "the swarm";
    case SourceKind::duplicate: return "the duplicate at " + url_host(source.address);
    default: break;
  }
  const std::string key = source.neighbour.substr(0, shown_of_key);
  return "the neighbour " + url_host(source.address) + (key.empty() ? "" : " (key " + key + ")");
}

// A swarm knows its torrent, and nothing of what the origin calls a version; a duplicate is another server.
bool has_tags_of_its_own(const Source& source) {
  return source.kind == SourceKind::swarm || source.kind == SourceKind::duplicate;
}

}  // namespace

void Conversation::take_for_copy() {
  of_origin_ = record_.identity;
  record_.told_at = ToldAt::here;
  if (source_.kind != SourceKind::peer) return;  // it has the remote file, whatever is wanted of that
  record_.identity.size = record_.wanted.local_size(of_origin_.size);
  if (record_.wanted.whole()) return;
  record_.identity.digest = {};  // that of the remote file is no digest of some of its ranges
  record_.wanted = {};
}

void Conversation::ask_neighbour() {
  ask_.at_home = false;  // who asks is told to nobody but the origin
  ask_.server_login.reset();
  ask_.proxy_login.reset();
  gap_ = gap_of(record_.held, record_.identity.size);
  if (gap_.from == 0 && !gap_.until) return;
  ask_.from = gap_.from;
  ask_.until = gap_.until;
  if (has_tags_of_its_own(source_)) return;
  if (is_strong_etag(record_.identity.etag))
    ask_.if_range = record_.identity.etag;
  else if (parse_http_date(record_.identity.last_modified))
    ask_.if_range = record_.identity.last_modified;
}

// Every validator that both tell agrees, and so does the size. Where the tags are others, the digest of the file says that
// it is the one.
bool Conversation::is_of_record() const {
  const RemoteIdentity& ours = record_.identity;
  if (told_.size == base::size_unknown || told_.size != ours.size || told_.encoding != ours.encoding) return false;
  if (has_tags_of_its_own(source_)) return true;
  const Relation relation = relate(ours, told_, false);
  return relation == Relation::same || (relation == Relation::doubtful && !record_tells());
}

Body Conversation::of_neighbour() {
  told_ = told_by(head_);
  head_.lines.clear();  // nobody shows them as what the server of the file answered
  const unsigned status = head_.status;
  if (status != 200 && status != 206)
    return neighbour_fails(base::http_code(status), "answers HTTP " + std::to_string(status));
  if (brings_coded(head_))
    return neighbour_fails(Code::BG_E_INVALID_SERVER_RESPONSE,
                           "sends the file in the transfer coding " + head_.transfer_coding + ", which was not asked for");
  if (!is_of_record())
    return neighbour_fails(Code::BG_E_REMOTE_FILE_CHANGED, "sends another version of the file than the one that is wanted");
  const std::uint64_t size = record_.identity.size;
  const std::uint64_t end = gap_.until.value_or(size);
  const bool whole = status == 200 && !ask_.from && !head_.content_range && !head_.content_range_malformed;
  const bool part = status == 206 && ask_.from && is_consistent(head_) && *head_.content_range->first == gap_.from &&
                    *head_.content_range->last + 1 == end;
  if (!whole && !part)
    return neighbour_fails(Code::BG_E_INVALID_SERVER_RESPONSE, "sends another part of the file than was asked for");
  identity_ = record_.identity;
  plan_ = Plan::body;
  return body_ = {.use = Use::append, .begins = gap_.from, .place = gap_.place, .length = end - gap_.from};
}

std::string Conversation::torrent() const {
  if (is_neighbours() || head_.torrent.empty() || (head_.status != 200 && head_.status != 206)) return {};
  auto address = resolve_(ask_.url, head_.torrent);
  return address ? *std::move(address) : std::string();
}

// Those that send others on to one of several servers name all of them with that redirect. To whom an answer was shown who
// asks, it names what is for him.
void Conversation::note_duplicates() {
  const bool leads = head_.status / 100 == 3 && !head_.location.empty();
  const bool brings = head_.status == 200 || head_.status == 206;
  if (!duplicates_.empty() || !(leads || brings) || ask_.server_login) return;
  std::multimap<std::uint32_t, std::string> in_order;  // as they came where priorities are equal
  for (const DuplicateLink& one : head_.duplicates) in_order.emplace(one.priority, one.target);
  for (const auto& [priority, target] : in_order)
    if (auto address = resolve_(ask_.url, target)) duplicates_.push_back(*std::move(address));
}

std::optional<Ending> Conversation::end_of_copy(std::uint64_t received, const std::optional<base::Error>& broken) {
  if (broken) return failed(*broken);
  if (received == *body_.length) return next_gap(received, false);
  neighbour_fails(Code::WINHTTP_CONNECTION_ERROR, "sent less than it told");
  return failure_;
}

Body Conversation::neighbour_fails(Code code, const std::string& what) {
  return fail(code, shown(source_) + ' ' + what);
}

}  // namespace backhaul::core
