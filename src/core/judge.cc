// SPDX-License-Identifier: Apache-2.0
// The rule behind every branch: bytes of two versions never meet in one part. When in doubt the
// file is fetched again.
#include "core/judge.h"

namespace backhaul::core {
namespace {

using base::Code;
using base::ErrorContext;

bool same_date(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto x = parse_http_date(a);
  const auto y = parse_http_date(b);
  return x && y && *x == *y;  // the same second in another form
}

// What the response tells about the whole file. A Content-Length says it only in a 200, and there
// only when nothing else frames the body (RFC 9112 §6.3).
RemoteIdentity told_by(const ResponseHead& head) {
  RemoteIdentity told;
  told.last_modified = head.last_modified;
  told.etag = head.etag;
  if (head.status == 200) {
    if (head.content_length && !head.chunked) told.size = *head.content_length;
  } else if (head.content_range && head.content_range->total) {
    told.size = *head.content_range->total;
  }
  return told;
}

enum class Match : std::uint8_t { same, unknown, different };

Match compare(const RemoteIdentity& held, const RemoteIdentity& told) {
  bool compared = false;
  if (held.size != base::size_unknown && told.size != base::size_unknown) {
    if (held.size != told.size) return Match::different;
    compared = true;
  }
  if (!held.last_modified.empty() && !told.last_modified.empty()) {
    if (!same_date(held.last_modified, told.last_modified)) return Match::different;
    compared = true;
  }
  if (is_strong_etag(held.etag) && is_strong_etag(told.etag)) {
    if (held.etag != told.etag) return Match::different;
    compared = true;
  }
  return compared ? Match::same : Match::unknown;
}

// The version that a continuing response belongs to: what it tells, completed by what we know.
RemoteIdentity merged(const RemoteIdentity& held, RemoteIdentity told) {
  if (told.size == base::size_unknown) told.size = held.size;
  if (told.last_modified.empty()) told.last_modified = held.last_modified;
  if (told.etag.empty()) told.etag = held.etag;
  return told;
}

bool has_validator(const RemoteIdentity& identity) {
  return !identity.last_modified.empty() || is_strong_etag(identity.etag);
}

// Of a 200: nobody knows before a range was asked for, unless the server says so.
Resumable promised(const ResponseHead& head, const RemoteIdentity& told) {
  if (head.refuses_ranges) return Resumable::no;
  const bool recognisable = told.size != base::size_unknown || has_validator(told);
  if (head.accept_ranges) return recognisable ? Resumable::yes : Resumable::no;
  return told.size == base::size_unknown ? Resumable::no : Resumable::unknown;
}

Verdict accept(VerdictKind kind, RemoteIdentity identity) {
  return {kind, std::move(identity), {}};
}

Verdict failure(Code code, RemoteIdentity identity, std::string text) {
  return {VerdictKind::fail, std::move(identity),
          base::Error(code, ErrorContext::remote_file, std::move(text))};
}

Verdict broken(RemoteIdentity identity, std::string text) {
  return failure(Code::BG_E_INVALID_SERVER_RESPONSE, std::move(identity), std::move(text));
}

// `kind` is restart or refetch: allowed unless it has led nowhere three times already.
Verdict begin_anew(const RemoteRecord& record, VerdictKind kind, RemoteIdentity told) {
  if (record.fruitless_restarts < fruitless_restarts_max) return accept(kind, std::move(told));
  const bool sized =
      record.identity.size != base::size_unknown || told.size != base::size_unknown;
  return failure(
      sized ? Code::BG_E_INSUFFICIENT_RANGE_SUPPORT : Code::BG_E_MISSING_FILE_SIZE, std::move(told),
      "the transfer had to begin again " + std::to_string(record.fruitless_restarts) +
          " times without getting further");
}

Verdict judge_whole(const RemoteRecord& record, const ResponseHead& head) {
  RemoteIdentity told = told_by(head);
  if (head.content_length_malformed && !head.chunked)
    return broken(std::move(told), "the Content-Length of the answer is not a number");
  told.resumable = promised(head, told);
  if (record.offset == 0) return accept(VerdictKind::append, std::move(told));
  // A range was asked for. Another version explains the 200 (If-Range); the same one does not.
  if (compare(record.identity, told) != Match::different) told.resumable = Resumable::no;
  return begin_anew(record, VerdictKind::restart, std::move(told));
}

// Does the range cover what the framing of the body delivers?
bool is_consistent(const ResponseHead& head) {
  if (head.content_range_malformed || !head.content_range || !head.content_range->first)
    return false;
  if (head.chunked) return true;
  if (head.content_length_malformed) return false;
  const std::uint64_t before_last = *head.content_range->last - *head.content_range->first;
  return !head.content_length ||
         (*head.content_length != 0 && *head.content_length - 1 == before_last);
}

Verdict judge_part(const RemoteRecord& record, const ResponseHead& head) {
  RemoteIdentity told = told_by(head);
  const bool consistent = is_consistent(head);
  if (record.offset == 0) {
    const bool whole = consistent && *head.content_range->first == 0 && head.content_range->total &&
                       *head.content_range->last + 1 == *head.content_range->total;
    if (!whole) return broken(std::move(told), "part of the file came, but no part was asked for");
    told.resumable = Resumable::yes;
    return accept(VerdictKind::append, std::move(told));
  }
  if (!consistent || *head.content_range->first != record.offset)
    return begin_anew(record, VerdictKind::refetch, std::move(told));
  if (compare(record.identity, told) != Match::same)
    return begin_anew(record, VerdictKind::refetch, std::move(told));
  told = merged(record.identity, std::move(told));
  if (told.size == base::size_unknown || *head.content_range->last >= told.size)
    return begin_anew(record, VerdictKind::refetch, std::move(told));
  told.resumable = Resumable::yes;
  return accept(VerdictKind::append, std::move(told));
}

Verdict judge_outside(const RemoteRecord& record, const ResponseHead& head) {
  RemoteIdentity told = told_by(head);
  if (record.offset == 0)
    return failure(base::http_code(head.status), std::move(told), "no part was asked for");
  if (!head.content_range_malformed && told.size == record.offset &&
      compare(record.identity, told) != Match::different) {
    told = merged(record.identity, std::move(told));
    told.resumable = Resumable::yes;
    return accept(VerdictKind::finished, std::move(told));
  }
  return begin_anew(record, VerdictKind::refetch, std::move(told));
}

}  // namespace

Verdict judge(const RemoteRecord& record, const ResponseHead& head) {
  const bool delivers = head.status == 200 || head.status == 206;
  if (delivers && !head.content_encoding.empty())
    return broken(told_by(head), "the answer is encoded (" + head.content_encoding +
                                     "), which was not asked for");
  switch (head.status) {
    case 200: return judge_whole(record, head);
    case 206: return judge_part(record, head);
    case 416: return judge_outside(record, head);
    default: return failure(base::http_code(head.status), told_by(head), {});
  }
}

std::string if_range_value(const RemoteIdentity& identity) {
  if (parse_http_date(identity.last_modified)) return identity.last_modified;
  return is_strong_etag(identity.etag) ? identity.etag : std::string();
}

}  // namespace backhaul::core
