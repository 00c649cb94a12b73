// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/targets.h"

#include <map>
#include <utility>

#include "adapters/curl/introduction_head.h"
#include "adapters/curl/neighbour_head.h"
#include "adapters/neighbours/announced.h"
#include "adapters/neighbours/pins.h"
#include "adapters/neighbours/request.h"
#include "base/hex.h"
#include "core/http.h"
#include "core/introduction.h"
#include "core/site_sources.h"
#include "core/text.h"
#include "tests/fuzz/certificate_targets.h"

namespace backhaul::fuzz {
namespace {

const std::string some_object(64, 'a');
const std::string some_record(32, 'b');
const std::string some_date = "Mon, 02 Nov 2026 10:00:00 GMT";

std::vector<std::string> lines_of(std::string_view octets) {
  std::vector<std::string> lines;
  while (!octets.empty()) {
    const auto end = octets.find('\n');
    lines.emplace_back(octets.substr(0, end == std::string_view::npos ? octets.size() : end + 1));
    octets.remove_prefix(lines.back().size());
  }
  return lines;
}

// The first line is a path, the others are headers, as libmicrohttpd would give them.
std::string take_request(std::string_view octets) {
  std::string path;
  std::map<std::string, std::string, std::less<>> headers;
  for (std::string line : lines_of(octets)) {
    while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
    const auto colon = line.find(':');
    if (colon == std::string::npos) path = line;
    else headers.emplace(line.substr(0, colon), core::trimmed(std::string_view(line).substr(colon + 1)));
  }
  const neighbours::Header header = [&](const char* name) -> std::string_view {
    const auto found = headers.find(std::string_view(name));
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  };
  if (const auto id = neighbours::record_of_path(path); id && !path.ends_with(base::to_hex(*id)))
    return "a record that was not named";
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}, std::uint64_t{UINT64_MAX}})
    if (const auto piece = neighbours::piece_of(header("Range"), size);
        piece && (piece->from > size || piece->length > size - piece->from))
      return "a piece beyond the end";
  const auto request = neighbours::object_request(header);
  if (!request) return {};
  if (request->object.size() != 64 || !base::is_lower_hex(request->object)) return "an object without a name";
  if (request->etag.empty() && request->last_modified.empty()) return "no version";
  if (!request->etag.empty() && !core::is_strong_etag(request->etag)) return "a weak version";
  if (!request->wanted.fits(request->size)) return "ranges beyond the end";
  if (!neighbours::is_same_range(request->wanted, request->wanted, request->size)) return "ranges unlike themselves";
  return {};
}

std::string take_answer(std::string_view octets) {
  const core::Sought sought{
      .url = "http://host/file", .size = 1000, .etag = "\"v1\"", .last_modified = some_date, .wanted = {}};
  const core::Neighbour asked{.key = some_object, .host = "192.0.2.1", .port = 2178, .name = {}};
  const std::string server = "https://192.0.2.1:2178";
  curl::NeighbourHead head;
  for (const std::string& line : lines_of(octets))
    if (!head.line(line)) return {};
  const auto answer = head.answer(asked, server, sought);
  if (!answer) return {};
  if (answer->key != asked.key) return "an answer of somebody else";
  if (answer->offset && *answer->offset > sought.size) return "further than the end";
  if (!answer->rank.empty() && !base::is_lower_hex(answer->rank)) return "a rank that is none";
  const std::string folder = server + "/v1/record/";
  if (answer->address.empty()) return {};
  const bool leads_there = answer->address.starts_with(folder) && answer->address.size() == folder.size() + 32 &&
                           base::is_lower_hex(std::string_view(answer->address).substr(folder.size()));
  return leads_there ? "" : "an address that leads elsewhere";
}

std::string take_introduction(std::string_view octets) {
  curl::IntroductionHead head;
  for (const std::string& line : lines_of(octets))
    if (!head.line(line)) return {};
  const auto answer = head.answer();
  if (!answer || (core::is_nonce(answer->nonce) && core::is_proof(answer->proof))) return {};
  return "an answer that proves nothing";
}

// Texts of DNS-SD, with a zero octet between them, each of which is taken for an address as well.
std::string take_announcement(std::string_view octets) {
  neighbours::Texts texts(1);
  for (const char octet : octets) {
    if (octet == '\0') texts.emplace_back();
    else texts.back().push_back(static_cast<std::uint8_t>(octet));
  }
  for (const auto& text : texts) {
    const std::string address(text.begin(), text.end());
    if (neighbours::is_elsewhere(address, {}) && neighbours::rank_of(address) == 4) return "a place that is no address";
    if (address.starts_with("127.") && neighbours::is_elsewhere(address, {})) return "this machine elsewhere";
  }
  core::Policy seeking;
  seeking.site.cache_host.value = "dns-sd";
  seeking.neighbours.trust.value = core::NeighbourTrust::ca;
  seeking.neighbours.authority.value = "/etc/site.pem";
  if (const auto cache = neighbours::announced_cache_in(texts, "cache.local")) {
    const std::string address = core::cache_of(seeking, {{cache->id, "192.0.2.1", 443, cache->path}}).pattern;
    if (!address.empty() && core::url_origin(address) != "https://" + cache->id + ":443") return "a cache elsewhere";
  }
  const auto told = neighbours::announced_in(texts);
  if (!told) return {};
  return neighbours::announced_in(neighbours::texts_of(*told)) == told ? "" : "told again it is something else";
}

std::string take_host(std::string_view octets) {
  const std::string server = curl::server_of({.key = {}, .host = std::string(octets), .port = 2178, .name = {}});
  if (server.empty()) return {};
  if (!server.starts_with("https://") || !server.ends_with(":2178")) return "no server";
  return server.find_first_of("/@?#\\ \t\r\n", 8) == std::string::npos ? "" : "more than a server";
}

std::string take_pins(std::string_view octets) {
  const std::string group(16, 'a');
  neighbours::Pins pins;
  pins.begin(group, octets);
  const std::string text = pins.text();
  if (text.size() > 23 + 65 * neighbours::Pins::most) return "more than there is room for";
  neighbours::Pins again;
  again.begin(group, text);
  return again.text() == text ? "" : "read again they are others";
}

// Texts with a zero octet between them.
std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? std::string() : std::string(1, '\0')) + text;
  return all;
}

std::vector<Target> make_targets() {
  const std::string object = "/v1/object\nBackhaul-Object: " + some_object + "\nBackhaul-Size: 1000\n";
  std::vector<Target> all{
      {.name = "request",
       .take = take_request,
       .seeds = {object + "If-Match: \"v1\"\nBackhaul-Ranges: 0-99,200-\n",
                 object + "If-Unmodified-Since: " + some_date + "\n",
                 "/v1/record/" + some_record + "\nRange: bytes=3-5\nIf-Match: \"v1\"\n",
                 "/v1/record/" + some_record + "\nRange: bytes=-5\n"}},
      {.name = "answer",
       .take = take_answer,
       .seeds = {"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nETag: \"v1\"\r\nLocation: /v1/record/" + some_record +
                     "\r\n\r\n",
                 "HTTP/1.1 202 Accepted\r\nBackhaul-Rank: 0a\r\nBackhaul-Offset: 3\r\n\r\n",
                 "HTTP/1.1 503 Busy\r\nRetry-After: 5\r\n\r\n"}},
      {.name = "introduction",
       .take = take_introduction,
       .seeds = {"HTTP/1.1 200 OK\r\nBackhaul-Nonce: " + some_record + "\r\nBackhaul-Proof: " + some_object +
                 "\r\n\r\n"}},
      {.name = "announcement",
       .take = take_announcement,
       .seeds = {joined({"v=1", "id=" + some_record, "g=" + std::string(16, 'a')}),
                 joined({"192.0.2.1", "fe80::1%eth0", "127.0.0.1", "::ffff:127.0.0.1"})}},
      {.name = "host", .take = take_host, .seeds = {"192.0.2.1", "fe80::1%eth0", "machine.local", "2001:db8::1"}},
      {.name = "pins",
       .take = take_pins,
       .seeds = {"group " + std::string(16, 'a') + "\n" + some_object + "\n" + std::string(64, '0') + "\n"}},
  };
  for (Target& one : certificate_targets()) all.push_back(std::move(one));
  return all;
}

}  // namespace

const std::vector<Target>& targets() {
  static const std::vector<Target> all = make_targets();
  return all;
}

}  // namespace backhaul::fuzz
