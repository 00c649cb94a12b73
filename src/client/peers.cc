// SPDX-License-Identifier: Apache-2.0
// What is kept for neighbours, and the neighbours: org.backhaul.Peers1.
#include <backhaul/client.h>
#include <backhaul/codes.h>

#include <utility>

#include "bus/names.h"
#include "bus/peers_wire.h"
#include "client/connection.h"
#include "client/data.h"
#include "core/http.h"
#include "core/shown_url.h"

namespace backhaul {
namespace {

using base::Code;
using client::Kind;
using client::to_public;
using client::to_time;
using detail::Connection;

constexpr std::uint32_t records_of_a_page = 1000;  // most that ListRecords gives at once

template <class... Out, class... In>
base::Result<std::tuple<Out...>> ask(Connection* connection, Kind kind, const char* member, const In&... arguments) {
  return connection->call<Out...>(kind, bus::peers_path, bus::peers_interface, member, arguments...);
}

Result<void> done(const base::Result<std::tuple<>>& result) {
  if (!result) return to_public(result.error());
  return {};
}

// S_OK, and nothing that is less.
Result<bool> entirely(const base::Result<std::tuple<std::uint32_t>>& result) {
  if (!result) return to_public(result.error());
  return std::get<0>(*result) == base::to_number(Code::S_OK);
}

base::Result<std::tuple<bus::PeersProperties>> all_properties(Connection* connection) {
  return connection->call<bus::PeersProperties>(Kind::read, bus::peers_path, bus::properties_interface, "GetAll",
                                                std::string(bus::peers_interface));
}

CacheRecordInfo record_of(const bus::CacheEntry& entry) {
  CacheRecordInfo record;
  record.id = entry.id;
  record.url = entry.url;
  record.size = entry.size;
  record.remote_size = entry.remote_size;
  record.last_modified = entry.last_modified;
  if (const auto time = core::parse_http_date(entry.last_modified)) record.modified = to_time(base::to_epoch_us(*time));
  record.etag = entry.etag;
  record.digest = entry.digest;
  record.made = to_time(entry.made);
  record.accessed = to_time(entry.accessed);
  record.validated = entry.validated;
  record.busy = entry.busy;
  record.ranges = to_public(entry.ranges);
  record.job = entry.job;
  record.file = entry.file;
  return record;
}

base::Result<std::string> spelled(const std::string& id) {
  const auto parsed = base::parse_job_id(id);  // records have ids of the same form
  if (!parsed) return base::Error(Code::CO_E_CLASSSTRING, core::in_quotes(id) + " is not the id of a record");
  return base::to_string(*parsed);
}

}  // namespace

Result<std::vector<CacheRecordInfo>> Client::cache_records() const {
  std::vector<CacheRecordInfo> records;
  std::string cursor;
  do {
    auto page = ask<std::vector<bus::CacheEntry>, std::string>(connection_, Kind::read, "ListRecords", cursor,
                                                               records_of_a_page);
    if (!page) return to_public(page.error());
    for (const bus::CacheEntry& entry : std::get<0>(*page)) records.push_back(record_of(entry));
    cursor = std::get<1>(*std::move(page));
  } while (!cursor.empty());
  return records;
}

Result<CacheRecordInfo> Client::cache_record(const std::string& id) const {
  const auto name = spelled(id);
  if (!name) return to_public(name.error());
  const auto entry = ask<bus::CacheEntry>(connection_, Kind::read, "GetRecord", *name);
  if (!entry) return to_public(entry.error());
  return record_of(std::get<0>(*entry));
}

Result<void> Client::delete_cache_record(const std::string& id) const {
  const auto name = spelled(id);
  if (!name) return to_public(name.error());
  return done(ask<>(connection_, Kind::change, "DeleteRecord", *name));
}

Result<bool> Client::delete_cached_url(const std::string& url) const {
  return entirely(ask<std::uint32_t>(connection_, Kind::change, "DeleteUrl", url));
}

Result<void> Client::clear_cache() const { return done(ask<>(connection_, Kind::change, "ClearRecords")); }

Result<std::vector<PeerInfo>> Client::peers() const {
  const auto told = ask<std::vector<bus::PeerEntry>>(connection_, Kind::read, "ListPeers");
  if (!told) return to_public(told.error());
  std::vector<PeerInfo> peers;
  for (const bus::PeerEntry& one : std::get<0>(*told))
    peers.push_back({one.name, one.key, one.address, one.available, to_time(one.not_before)});
  return peers;
}

Result<void> Client::clear_peers() const { return done(ask<>(connection_, Kind::change, "ClearPeers")); }
Result<void> Client::discover_peers() const { return done(ask<>(connection_, Kind::change, "DiscoverPeers")); }

Result<PeerCacheSettings> Client::peer_cache_settings() const {
  const auto told = all_properties(connection_);
  if (!told) return to_public(told.error());
  const bus::PeersProperties& values = std::get<0>(*told);
  return PeerCacheSettings{values.maximum_cache_size, values.maximum_content_age, values.configuration_flags};
}

Result<PeerStanding> Client::peer_standing() const {
  const auto told = all_properties(connection_);
  if (!told) return to_public(told.error());
  const bus::PeersProperties& values = std::get<0>(*told);
  return PeerStanding{values.own_key, values.trust, values.bytes_from_peers, values.bytes_to_peers};
}

Result<bool> Client::set_maximum_cache_size(std::uint32_t percent) const {
  return entirely(ask<std::uint32_t>(connection_, Kind::change, "SetMaximumCacheSize", percent));
}
Result<bool> Client::set_maximum_content_age(std::uint32_t seconds) const {
  return entirely(ask<std::uint32_t>(connection_, Kind::change, "SetMaximumContentAge", seconds));
}
Result<bool> Client::set_peer_caching_flags(std::uint32_t flags) const {
  return entirely(ask<std::uint32_t>(connection_, Kind::change, "SetConfigurationFlags", flags));
}

}  // namespace backhaul
