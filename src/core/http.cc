// SPDX-License-Identifier: Apache-2.0
// Field names and most values compare without regard to case (http-and-network.md §1): HTTP/2 and
// proxies lower-case them.
#include "core/http.h"

#include <algorithm>
#include <charconv>

#include "base/vocabulary.h"
#include "core/digest.h"
#include "core/link_header.h"
#include "core/shown_url.h"
#include "core/text.h"

namespace backhaul::core {
namespace {

// Digits only: from_chars alone would let trailing text pass.
template <class T>
std::optional<T> parse_number(std::string_view text) {
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  T number{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

// Calls `take` with every element of a comma separated list, in lower case and without blanks.
template <class F>
void for_each_element(std::string_view list, F take) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    const std::string element = to_lower(trimmed(list.substr(0, comma)));
    if (!element.empty()) take(element);
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  }
}

void add_line(ResponseHead& head, std::string_view line) {
  if (head.lines.size() + line.size() + 2 > head_lines_max) return;
  head.lines.append(harmless(line)).append("\r\n");
}

bool is_private(std::string_view name) {
  return name == "set-cookie" || name == "set-cookie2" || name == "authentication-info" ||
         name == "proxy-authentication-info";
}

bool read_status_line(std::string_view text, ResponseHead& head) {
  const std::string_view whole = text;
  if (to_lower(text.substr(0, 5)) != "http/") return false;
  text.remove_prefix(5);
  const auto space = text.find(' ');
  const std::string_view version = text.substr(0, space);
  const auto dot = version.find('.');
  const auto major = parse_number<unsigned>(version.substr(0, dot));
  const auto minor = dot == std::string_view::npos  // "HTTP/2"
                         ? std::optional<unsigned>(0)
                         : parse_number<unsigned>(version.substr(dot + 1));
  if (!major || !minor || space == std::string_view::npos) return false;
  const std::string_view rest = trimmed(text.substr(space));
  const auto status = parse_number<unsigned>(rest.substr(0, rest.find(' ')));
  head = ResponseHead{};
  add_line(head, whole);
  head.status = status.value_or(0);
  head.version_major = *major;
  head.version_minor = *minor;
  return true;
}

// A length told twice is told once (RFC 9110 §8.6), also as "5, 5"; two different ones are none:
// which of them frames the body is anybody's guess.
void add_length(ResponseHead& head, std::string_view value) {
  std::size_t found = 0;
  for_each_element(value, [&](const std::string& element) {
    const auto length = parse_number<std::uint64_t>(element);
    // The highest number stands for "not known" in our rows.
    if (!length || *length == base::size_unknown ||
        (head.content_length && *head.content_length != *length))
      head.content_length_malformed = true;
    if (length) head.content_length = length;
    ++found;
  });
  if (found == 0) head.content_length_malformed = true;
}

void add_range(ResponseHead& head, std::string_view value) {
  const auto range = parse_content_range(value);
  if (!range || (head.content_range && *head.content_range != *range))
    head.content_range_malformed = true;
  if (range) head.content_range = range;
}

void add_coding(std::string& codings, std::string_view coding) {
  if (coding == "identity") return;
  if (!codings.empty()) codings += ", ";
  codings += coding;
}

// One to seventy of the characters that RFC 2046 §5.1.1 gives it; anything else delimits nothing.
bool is_boundary(std::string_view text) {
  constexpr std::string_view others = "'()+_,-./:=? ";
  return !text.empty() && text.size() <= 70 && text.back() != ' ' &&
         std::ranges::all_of(text, [&](char c) { return is_alnum(c) || others.find(c) != others.npos; });
}

// The value of a parameter goes to the next semicolon, or is quoted; a quoted pair is no boundary.
std::string boundary_of(std::string_view type) {
  while (true) {
    const std::size_t begin = type.find(';');
    if (begin == type.npos) return {};
    type = trimmed(type.substr(begin + 1));
    const std::size_t equals = type.find_first_of("=;");
    if (equals == type.npos) return {};
    if (type[equals] == ';') continue;
    const bool wanted = to_lower(trimmed(type.substr(0, equals))) == "boundary";
    type = trimmed(type.substr(equals + 1));
    const bool quoted = type.starts_with('"');
    if (quoted) type.remove_prefix(1);
    const std::size_t end = std::min(type.size(), type.find(quoted ? '"' : ';'));
    const std::string_view value = quoted ? type.substr(0, end) : trimmed(type.substr(0, end));
    if (wanted) return is_boundary(value) ? std::string(value) : std::string();
    type = type.substr(end);
  }
}

void add_field(ResponseHead& head, const std::string& name, std::string_view value) {
  if (name == "content-length") {
    add_length(head, value);
  } else if (name == "content-range") {
    add_range(head, value);
  } else if (name == "content-encoding") {
    for_each_element(value, [&](const std::string& coding) { add_coding(head.content_encoding, coding); });
  } else if (name == "last-modified") {
    head.last_modified = value;
  } else if (name == "etag") {
    head.etag = value;
  } else if (name == "location") {
    head.location = value;
  } else if (name == "link") {
    if (head.torrent.empty()) head.torrent = torrent_link(value);
    add_duplicate_links(head.duplicates, value);
  } else if (name == "retry-after") {
    head.retry_after = value;
  } else if (name == "date") {
    head.date = value;
  } else if (name == "content-type") {
    head.content_type = to_lower(trimmed(value.substr(0, value.find(';'))));
    head.boundary = head.content_type.starts_with("multipart/") ? boundary_of(value) : std::string();
  } else if (name == "repr-digest" || (name == "digest" && head.repr_digest.empty())) {
    if (std::string digest = digest_of_field(value); !digest.empty()) head.repr_digest = std::move(digest);
  } else if (name == "content-digest") {
    if (std::string digest = digest_of_field(value); !digest.empty()) head.content_digest = std::move(digest);
  } else if (name == "accept-ranges") {
    for_each_element(value, [&](const std::string& unit) {
      if (unit == "bytes") head.accept_ranges = true;
      if (unit == "none") head.refuses_ranges = true;
    });
  } else if (name == "www-authenticate") {
    head.server_offers.add(value);
  } else if (name == "proxy-authenticate") {
    head.proxy_offers.add(value);
  } else if (name == "set-cookie" || name == "vary") {
    head.for_one = true;
  } else if (name == "cache-control") {
    for_each_element(value, [&](const std::string& directive) {
      const std::string_view word = trimmed(std::string_view(directive).substr(0, directive.find('=')));
      if (word == "private" || word == "no-store") head.for_one = true;
    });
  } else if (name == "transfer-encoding") {
    for_each_element(value, [&](const std::string& coding) {
      if (coding == "chunked")
        head.chunked = true;
      else
        add_coding(head.transfer_coding, harmless(coding));
    });
  }
}

}  // namespace

void HeadParser::line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  if (read_status_line(text, head_)) return;
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || is_blank(text.front())) return;
  const std::string name = to_lower(trimmed(text.substr(0, colon)));
  if (!is_private(name)) add_line(head_, text);
  add_field(head_, name, trimmed(text.substr(colon + 1)));
}

std::optional<ContentRange> parse_content_range(std::string_view value) {
  value = trimmed(value);
  const auto space = value.find(' ');
  if (space == std::string_view::npos || to_lower(value.substr(0, space)) != "bytes")
    return std::nullopt;
  value = trimmed(value.substr(space));
  const auto slash = value.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view range = value.substr(0, slash);
  const std::string_view total = value.substr(slash + 1);

  ContentRange result;
  if (total != "*") {
    result.total = parse_number<std::uint64_t>(total);
    if (!result.total) return std::nullopt;
  }
  if (range == "*") return result.total ? std::optional(result) : std::nullopt;
  const auto hyphen = range.find('-');
  if (hyphen == std::string_view::npos) return std::nullopt;
  result.first = parse_number<std::uint64_t>(range.substr(0, hyphen));
  result.last = parse_number<std::uint64_t>(range.substr(hyphen + 1));
  if (!result.first || !result.last || *result.first > *result.last) return std::nullopt;
  if (result.total && *result.last >= *result.total) return std::nullopt;
  return result;
}

std::optional<base::Microseconds> parse_retry_after(std::string_view value, std::string_view date,
                                                    base::WallTime now) {
  value = trimmed(value);
  base::Microseconds wait = retry_after_max;
  if (!value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos) {
    const auto seconds = parse_number<std::uint32_t>(value);  // unset: more than any number of ours
    if (seconds) wait = std::chrono::seconds(*seconds);
  } else if (const auto moment = parse_http_date(value)) {
    wait = *moment - parse_http_date(trimmed(date)).value_or(now);
  } else {
    return std::nullopt;
  }
  return std::clamp(wait, base::Microseconds::zero(), retry_after_max);
}

bool is_strong_etag(std::string_view etag) {
  if (etag.size() < 2 || etag.front() != '"' || etag.back() != '"') return false;
  return etag.substr(1, etag.size() - 2).find('"') == std::string_view::npos;
}

}  // namespace backhaul::core
