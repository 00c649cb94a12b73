// SPDX-License-Identifier: Apache-2.0
// The head of an HTTP response as a value, and the codecs of the few header fields we decide by.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/link_header.h"
#include "core/login.h"

namespace backhaul::core {

struct ContentRange {
  std::optional<std::uint64_t> first;  // unset in "bytes */total"
  std::optional<std::uint64_t> last;
  std::optional<std::uint64_t> total;  // unset in "bytes a-b/*"

  bool operator==(const ContentRange&) const = default;
};

struct ResponseHead {
  unsigned status = 0;
  unsigned version_major = 0;
  unsigned version_minor = 0;
  std::optional<std::uint64_t> content_length;
  bool content_length_malformed = false;  // not a number, or several that differ
  std::optional<ContentRange> content_range;
  bool content_range_malformed = false;
  std::string content_encoding;  // lower case, without "identity"; empty: none
  std::string last_modified;
  std::string etag;
  bool accept_ranges = false;     // Accept-Ranges: bytes
  bool refuses_ranges = false;    // Accept-Ranges: none
  bool chunked = false;
  std::string transfer_coding;  // beside chunked, likewise as content_encoding; none was asked for
  std::string location;      // as the server wrote it
  std::string torrent;       // likewise: of the file (core/link_header.h)
  std::vector<DuplicateLink> duplicates;  // likewise
  std::string retry_after;
  std::string date;
  std::string content_type;
  std::string boundary;  // of a multipart type, as RFC 2046 allows it; empty: none
  // As core/digest.h writes it: of the whole file, what Repr-Digest told, or Digest before it; of the content of this
  // message alone, what Content-Digest told. Empty: nothing that counts.
  std::string repr_digest;
  std::string content_digest;
  // It is for whoever asked: private, not to be stored, chosen by what the request said, or with a cookie.
  bool for_one = false;
  // As they came, the status line first, each with CR LF behind it, what is no UTF-8 as '?'. Without
  // what only its receiver should have (cookies, answers to credentials), and no more than head_lines_max.
  std::string lines;
  Offers server_offers;  // WWW-Authenticate: by which it wants to know who asks
  Offers proxy_offers;   // Proxy-Authenticate
};
inline constexpr std::size_t head_lines_max = 16U * 1024U;

// Takes header lines as they arrive (CRLF optional) and starts anew at every status line, because
// the blocks of 100, 30x, 401 and CONNECT come through the same door. Lines that are neither a
// status line nor "name: value" are passed over; so are folded lines, whose first half then stands
// alone and is judged as such.
class HeadParser {
 public:
  void line(std::string_view text);
  const ResponseHead& head() const { return head_; }

 private:
  ResponseHead head_;
};

// What servers, stores and firewalls say to a Range that they do not want; without one the same
// status would be the answer to the request.
constexpr bool may_refuse_range(unsigned status) {
  return status == 304 || status == 400 || status == 403 || status == 405 || status == 412 ||
         status == 416 || status == 501;
}
// It answers with the file, and not with the octets of it.
inline bool brings_coded(const ResponseHead& head) {
  return (head.status == 200 || head.status == 206) && !head.transfer_coding.empty();
}
// Strict: an empty or reversed range, a range beyond the total, another unit and a number beyond
// 64 bits are no Content-Range.
std::optional<ContentRange> parse_content_range(std::string_view value);
// Quoted, without the W/ prefix. Weak tags identify nothing that could be continued byte by byte.
bool is_strong_etag(std::string_view etag);
// An IMF-fixdate, RFC 850 or asctime date (RFC 9110 §5.6.7); unset when it is none of them.
std::optional<base::WallTime> parse_http_date(std::string_view text);

// Seconds or a date, which is read against the server's own `date` where it tells one, else against
// `now` (RFC 9110 §10.2.3). Never negative, and no longer than a day: whoever asks for more is not
// believed.
std::optional<base::Microseconds> parse_retry_after(std::string_view value, std::string_view date,
                                                    base::WallTime now);
inline constexpr base::Microseconds retry_after_max = std::chrono::hours(24);

// Host of an http(s) URL in lower case, without port, user and IPv6 brackets; empty if malformed.
// Two "@" or a backslash before the path are malformed: programs differ about where they lead.
std::string url_host(std::string_view url);
std::string url_scheme(std::string_view url);  // lower case
// Why url_host() is empty, as the end of a sentence: "names no host".
std::string_view server_fault(std::string_view url);
// As it stands in front of a port: an address of IPv6 in brackets.
std::string bracketed(std::string host);
// Host and port: "example.org:443", "[::1]:8443". Empty where url_host() is.
std::string url_server(std::string_view url);
// Scheme and server: "https://example.org:443". Empty where url_host() is.
std::string url_origin(std::string_view url);
// localhost, *.localhost, 127.0.0.0/8, ::1: reachable without any network.
bool is_loopback_host(std::string_view host);

}  // namespace backhaul::core
