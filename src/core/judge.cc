// SPDX-License-Identifier: Apache-2.0
// The rule behind every branch: bytes of two versions never meet in one part, and no part is given
// up for an answer that proves nothing.
#include "core/judge.h"

#include <utility>

namespace backhaul::core {
namespace {

bool same_date(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto x = parse_http_date(a);
  const auto y = parse_http_date(b);
  return x && y && *x == *y;  // the same second in another form
}

// Of one algorithm.
bool comparable(std::string_view a, std::string_view b) {
  return !a.empty() && a.substr(0, a.find(':')) == b.substr(0, b.find(':'));
}

struct Comparison {
  int agree = 0;
  int differ = 0;
  void add(bool equal) { ++(equal ? agree : differ); }
};

Comparison compare_validators(const RemoteIdentity& held, const RemoteIdentity& told) {
  Comparison result;
  if (!held.last_modified.empty() && !told.last_modified.empty())
    result.add(same_date(held.last_modified, told.last_modified));
  if (is_strong_etag(held.etag) && is_strong_etag(told.etag)) result.add(held.etag == told.etag);
  if (comparable(held.digest, told.digest)) result.add(held.digest == told.digest);
  return result;
}

Relation relate_versions(const RemoteIdentity& held, const RemoteIdentity& told, bool part) {
  const bool sizes_differ = held.size != base::size_unknown && told.size != base::size_unknown &&
                            held.size != told.size;
  const Comparison validators = compare_validators(held, told);
  if (validators.differ > 0)
    return validators.agree > 0 && !sizes_differ ? Relation::doubtful : Relation::other;
  if (validators.agree > 0) return sizes_differ ? Relation::contradiction : Relation::same;
  if (has_validator(held)) return Relation::unproven;
  if (!sizes_differ) return Relation::doubtful;
  return part ? Relation::other : Relation::contradiction;
}

// Of a 200: nobody knows before a range was asked for, unless the server says so.
Resumable promised(const ResponseHead& head, const RemoteIdentity& told) {
  if (head.refuses_ranges) return Resumable::no;
  const bool recognisable = told.size != base::size_unknown || has_validator(told);
  if (head.accept_ranges) return recognisable ? Resumable::yes : Resumable::no;
  return told.size == base::size_unknown ? Resumable::no : Resumable::unknown;
}

}  // namespace

bool has_validator(const RemoteIdentity& identity) {
  return !identity.last_modified.empty() || is_strong_etag(identity.etag);
}

Relation relate(const RemoteIdentity& held, const RemoteIdentity& told, bool part) {
  const Relation relation = relate_versions(held, told, part);
  const bool silent = part && told.encoding.empty();
  const bool recoded = !silent && held.encoding != told.encoding;
  if (recoded && (relation == Relation::same || relation == Relation::doubtful))
    return Relation::contradiction;
  return relation;
}

RemoteIdentity told_by(const ResponseHead& head) {
  RemoteIdentity told;
  told.last_modified = head.last_modified;
  told.etag = head.etag;
  told.encoding = head.content_encoding;
  told.digest = head.repr_digest;
  told.for_one = head.for_one;
  // Of a message that is the whole file.
  if (head.repr_digest.empty() && head.status == 200) told.digest = head.content_digest;
  if (head.status == 200) {
    if (head.content_length && !head.chunked) told.size = *head.content_length;
    told.end_untold = !head.content_length && !head.chunked;
    told.resumable = promised(head, told);
  } else if (head.content_range && head.content_range->total) {
    told.size = *head.content_range->total;
  }
  return told;
}

RemoteIdentity merged(const RemoteIdentity& held, RemoteIdentity told) {
  if (told.size == base::size_unknown) told.size = held.size;
  if (told.last_modified.empty()) told.last_modified = held.last_modified;
  if (told.etag.empty()) told.etag = held.etag;
  if (told.digest.empty()) told.digest = held.digest;
  told.encoding = held.encoding;
  told.for_one = told.for_one || held.for_one;
  told.version_untold = held.version_untold;
  return told;
}

bool is_consistent(const ResponseHead& head) {
  if (head.content_range_malformed || !head.content_range || !head.content_range->first)
    return false;
  if (head.chunked) return true;
  if (head.content_length_malformed) return false;
  const std::uint64_t before_last = *head.content_range->last - *head.content_range->first;
  return !head.content_length ||
         (*head.content_length != 0 && *head.content_length - 1 == before_last);
}

}  // namespace backhaul::core
