// SPDX-License-Identifier: Apache-2.0
#include "cli/cache_view.h"

#include <backhaul/client.h>

#include <algorithm>
#include <cctype>

#include "cli/ranges.h"
#include "cli/table.h"
#include "cli/text.h"

namespace backhaul::cli {
namespace {

std::string state_of(const CacheRecordInfo& record) {
  return std::string(record.validated ? "offered" : "not validated") + (record.busy ? ", busy" : "");
}

std::string state_of(const PeerInfo& peer) {
  if (peer.available) return "available";
  return is_known(peer.not_before) ? "not asked until " + format_local(peer.not_before) : "not asked now";
}

std::string time_or_nothing(Time time) { return is_known(time) ? format_utc(time) : std::string(); }

std::string in_days(std::uint32_t seconds) {
  constexpr std::uint32_t day = 86'400;
  const std::uint32_t days = (seconds + day - 1) / day;
  return std::to_string(days) + (days == 1 ? " day" : " days");
}

Json& text_or_nothing(Json& json, std::string_view key, const std::string& text) {
  json.key(key);
  return text.empty() ? json.null() : json.value(text);
}

}  // namespace

std::string render_cache(const std::vector<CacheRecordInfo>& records, const PeerCacheSettings& settings,
                         const TableStyle& style) {
  constexpr std::uint32_t server = 2;
  std::uint64_t octets = 0;
  Table table{.columns = {{.title = "ID"},
                          {.title = "SIZE", .align = Align::right},
                          {.title = "STATE"},
                          {.title = "LAST USED", .spare = 1},
                          {.title = "URL", .least = 16, .comfortable = 30}},
              .rows = {}};
  for (const CacheRecordInfo& one : records) {
    octets += one.size;
    table.rows.push_back({short_id(one.id), format_size(one.size), state_of(one), format_local(one.accessed),
                          printable(shown_url(one.url), style.utf8) +
                              (one.ranges.empty() ? "" : " [" + ranges_text(one.ranges) + "]")});
  }
  std::string below = "nothing is kept";
  if (!records.empty())
    below = std::to_string(records.size()) + (records.size() == 1 ? " file, " : " files, ") + format_size(octets);
  if ((settings.flags & server) == 0)
    return (records.empty() ? "" : table.render(style)) + below + "; keeping files for peers is switched off\n";
  below += "; at most " + std::to_string(settings.cache_percent) + " % of the disk, for " + in_days(settings.content_age) +
           " without use";
  return (records.empty() ? "" : table.render(style)) + below + "\n";
}

std::string render_record(const CacheRecordInfo& record, bool utf8) {
  std::string text;
  const auto line = [&](std::string_view key, const std::string& value) {
    text += std::string(key) + "=" + printable(value, utf8) + "\n";
  };
  line("id", record.id);
  line("url", shown_url(record.url));
  line("size", std::to_string(record.size));
  line("remote-size", std::to_string(record.remote_size));
  line("ranges", ranges_text(record.ranges));
  line("last-modified", record.last_modified);
  line("etag", record.etag);
  line("digest", record.digest);
  line("validated", record.validated ? "yes" : "no");
  line("busy", record.busy ? "yes" : "no");
  line("made", time_or_nothing(record.made));
  line("accessed", time_or_nothing(record.accessed));
  line("job", record.job);
  line("file", std::to_string(record.file));
  return text;
}

void write_record(Json& json, const CacheRecordInfo& record) {
  json.object().key("id").value(record.id).key("url").value(record.url);
  json.key("size").value(record.size).key("remote-size").value(record.remote_size);
  text_or_nothing(json, "ranges", ranges_text(record.ranges));
  text_or_nothing(json, "last-modified", record.last_modified);
  text_or_nothing(json, "etag", record.etag);
  json.key("digest").value(record.digest).key("validated").value(record.validated).key("busy").value(record.busy);
  text_or_nothing(json, "made", time_or_nothing(record.made));
  text_or_nothing(json, "accessed", time_or_nothing(record.accessed));
  json.key("job").value(record.job).key("file").value(record.file).end_object();
}

std::string render_peers(const PeerStanding& own, const std::vector<PeerInfo>& peers, const TableStyle& style) {
  std::string first;
  if (!own.own_key.empty()) first = "this machine: " + printable(own.own_key, style.utf8) + "\n";
  if (peers.empty()) return first + "no peers\n";
  Table table{.columns = {{.title = "NAME", .least = 8, .comfortable = 16},
                          {.title = "ADDRESS"},
                          {.title = "STATE"},
                          {.title = "KEY", .least = 12, .comfortable = 64}},
              .rows = {}};
  for (const PeerInfo& one : peers)
    table.rows.push_back({printable(one.name, style.utf8), printable(one.address, style.utf8),
                          state_of(one), printable(one.key, style.utf8)});
  return first + table.render(style);
}

void write_standing(Json& json, const PeerStanding& own) {
  json.object();
  text_or_nothing(json, "key", own.own_key);
  json.key("trust").value(own.trust).key("from-peers").value(own.bytes_from_peers);
  json.key("to-peers").value(own.bytes_to_peers).end_object();
}

void write_peers(Json& json, const std::vector<PeerInfo>& peers) {
  json.array();
  for (const PeerInfo& one : peers) {
    json.object().key("name").value(one.name).key("address").value(one.address).key("key").value(one.key);
    json.key("available").value(one.available);
    text_or_nothing(json, "not-before", time_or_nothing(one.not_before)).end_object();
  }
  json.end_array();
}

std::vector<CacheRecordInfo> records_meant(const std::vector<CacheRecordInfo>& records, std::string_view word) {
  constexpr std::size_t least = 4;
  std::string lower(word);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::vector<CacheRecordInfo> found;
  if (word.size() < least) return found;
  for (const CacheRecordInfo& one : records)
    if (one.id.starts_with(lower)) found.push_back(one);
  return found;
}

}  // namespace backhaul::cli
