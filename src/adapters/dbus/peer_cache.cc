// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/peer_cache.h"

#include <tuple>
#include <utility>

#include "bus/names.h"
#include "bus/variant.h"
#include "core/http.h"
#include "core/shown_url.h"

namespace backhaul::dbus {
namespace {

using base::Code;
namespace command = ports::command;

base::Result<base::RecordId> record_id(const std::string& text) {
  const auto id = base::parse_job_id(text);  // they are written alike
  if (!id) return base::Error(Code::E_INVALIDARG, core::in_quotes(text) + " is not the id of a record");
  return base::RecordId{id->bytes};
}

bus::CacheEntry cache_entry(const ports::CachedRecord& cached) {
  const core::CacheRecord& record = *cached.record;
  bus::CacheEntry entry{.id = base::to_string(base::JobId{record.id.bytes}),
                        .url = std::string(record.url),
                        .size = record.size,
                        .remote_size = record.remote_size,
                        .last_modified = std::string(record.last_modified),
                        .etag = std::string(record.etag),
                        .digest = std::string(record.digest),
                        .made = base::to_epoch_us(record.made),
                        .accessed = base::to_epoch_us(record.accessed),
                        .validated = record.validated,
                        .busy = cached.busy,
                        .ranges = {},
                        .job = base::to_string(record.job),
                        .file = record.file};
  for (const core::WantedRange& range : record.wanted.ranges()) entry.ranges.push_back({range.offset, range.length});
  return entry;
}

}  // namespace

base::Result<void> PeerCache::publish() {
  std::vector<bus::Row<PeerCache>> rows = {
      bus::method<&PeerCache::list_records>("ListRecords", "cursor\0limit\0records\0next\0"),
      bus::method<&PeerCache::get_record>("GetRecord", "id\0record\0"),
      bus::method<&PeerCache::delete_record>("DeleteRecord", "id\0"),
      bus::method<&PeerCache::delete_url>("DeleteUrl", "url\0result\0"),
      bus::method<&PeerCache::clear_records>("ClearRecords", ""),
      bus::method<&PeerCache::list_peers>("ListPeers", "peers\0"),
      bus::method<&PeerCache::clear_peers>("ClearPeers", ""),
      bus::method<&PeerCache::discover_peers>("DiscoverPeers", ""),
      bus::method<&PeerCache::set_maximum_cache_size>("SetMaximumCacheSize", "percent\0result\0"),
      bus::method<&PeerCache::set_maximum_content_age>("SetMaximumContentAge", "seconds\0result\0"),
      bus::method<&PeerCache::set_configuration_flags>("SetConfigurationFlags", "flags\0result\0"),
  };
  for (auto& row : bus::properties<PeerCache, bus::PeersProperties>()) rows.push_back(row);
  BH_TRY(properties_, service_.bus.add_filter(bus::peers_path, [this](const bus::Message& call) {
    return on_properties_call(call);
  }));
  BH_TRY(object_, service_.bus.add_object(bus::peers_path, bus::peers_interface, std::move(rows), *this));
  return {};
}

bus::PeersProperties PeerCache::values() const {
  const ports::PeerStanding standing = service_.queue.peer_standing();
  const core::PeerSettings& settings = standing.settings;
  return {.maximum_cache_size = settings.cache_percent,
          .maximum_content_age = settings.content_age,
          .configuration_flags = settings.flags,
          .own_key = standing.own_key,
          .trust = std::string(core::to_word(standing.trust)),
          .bytes_from_peers = standing.octets_taken,
          .bytes_to_peers = standing.octets_given};
}

bool PeerCache::on_properties_call(const bus::Message& call) {
  if (!call.is_method_call() || call.interface() != bus::properties_interface || call.path() != bus::peers_path)
    return false;
  const auto ours = [](const std::string& interface) {
    return interface.empty() || interface == bus::peers_interface;
  };
  if (call.member() == "GetAll" && call.signature() == "s") {
    const auto arguments = bus::read_body<std::string>(call);
    if (!arguments || !ours(std::get<0>(*arguments))) return false;
    as_reader(service_, bus::Reply<bus::PeersProperties>(call),
              [this](bus::Reply<bus::PeersProperties> reply, const ports::Caller&) { reply.send(values()); });
    return true;
  }
  if (call.member() == "Get" && call.signature() == "ss") {
    const auto arguments = bus::read_body<std::string, std::string>(call);
    if (!arguments || !ours(std::get<0>(*arguments))) return false;
    const std::string& name = std::get<1>(*arguments);
    if (!bus::has_entry(bus::PeersProperties{}, name)) return false;
    as_reader(service_, bus::Reply<bus::Variant>(call),
              [this, name](bus::Reply<bus::Variant> reply, const ports::Caller&) {
                reply.send(bus::entry(values(), name));
              });
    return true;
  }
  return false;  // sd-bus refuses the rest in the usual words
}

template <class Order, class... Out>
void PeerCache::order(bus::Reply<Out...> reply, Order order) {
  as_caller(service_, std::move(reply),
            [this, order = std::move(order)](bus::Reply<Out...> known, const ports::Caller& caller) mutable {
              submit(service_, std::move(known), caller, command::Administer{std::move(order)});
            });
}

void PeerCache::list_records(RecordsReply reply, std::string cursor, std::uint32_t limit) {
  as_page_reader(service_, std::move(reply),
                 [this, cursor = std::move(cursor), limit](RecordsReply known, const ports::Caller& caller) {
                   const auto page = service_.queue.cached(cursor, limit, caller);
                   if (!page) return known.fail(page.error());
                   std::vector<bus::CacheEntry> entries;
                   entries.reserve(page->records.size());
                   for (const ports::CachedRecord& record : page->records) entries.push_back(cache_entry(record));
                   known.send(entries, page->next);
                 });
}

void PeerCache::get_record(bus::Reply<bus::CacheEntry> reply, std::string text) {
  const auto id = record_id(text);
  if (!id) return reply.fail(id.error());
  as_reader(service_, std::move(reply),
            [this, id = *id](bus::Reply<bus::CacheEntry> known, const ports::Caller& caller) {
              const auto record = service_.queue.cached(id, caller);
              if (!record) return known.fail(record.error());
              known.send(cache_entry(*record));
            });
}

void PeerCache::delete_record(bus::Reply<> reply, std::string text) {
  const auto id = record_id(text);
  if (!id) return reply.fail(id.error());
  order(std::move(reply), command::DeleteRecord{*id});
}

void PeerCache::delete_url(CodeReply reply, std::string url) {
  order(std::move(reply), command::DeleteRecordsOf{std::move(url)});
}

void PeerCache::clear_records(bus::Reply<> reply) { order(std::move(reply), command::ClearRecords{}); }

void PeerCache::list_peers(bus::Reply<std::vector<bus::PeerEntry>> reply) {
  as_page_reader(service_, std::move(reply),
                 [this](bus::Reply<std::vector<bus::PeerEntry>> known, const ports::Caller& caller) {
                   const auto peers = service_.queue.neighbours(caller);
                   if (!peers) return known.fail(peers.error());
                   std::vector<bus::PeerEntry> entries;
                   for (const ports::KnownNeighbour& peer : *peers)
                     entries.push_back({peer.who.name, peer.who.key,
                                        core::bracketed(peer.who.host) + ":" + std::to_string(peer.who.port), peer.available,
                                        base::to_epoch_us(peer.until)});
                   known.send(entries);
                 });
}

void PeerCache::clear_peers(bus::Reply<> reply) { order(std::move(reply), command::LookForPeers{.anew = true}); }
void PeerCache::discover_peers(bus::Reply<> reply) { order(std::move(reply), command::LookForPeers{}); }

void PeerCache::set_maximum_cache_size(CodeReply reply, std::uint32_t percent) {
  order(std::move(reply), command::Prefer{{.cache_percent = percent}});
}
void PeerCache::set_maximum_content_age(CodeReply reply, std::uint32_t seconds) {
  order(std::move(reply), command::Prefer{{.content_age = seconds}});
}
void PeerCache::set_configuration_flags(CodeReply reply, std::uint32_t flags) {
  order(std::move(reply), command::Prefer{{.flags = flags}});
}

}  // namespace backhaul::dbus
