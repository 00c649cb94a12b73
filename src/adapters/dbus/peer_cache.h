// SPDX-License-Identifier: Apache-2.0
// org.backhaul.Peers1 on an object of its own. Decodes, asks the queue, encodes; decides nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "adapters/dbus/requests.h"
#include "bus/bus.h"
#include "bus/peers_wire.h"

namespace backhaul::dbus {

class PeerCache {
 public:
  explicit PeerCache(Service& service) : service_(service) {}
  PeerCache(const PeerCache&) = delete;
  PeerCache& operator=(const PeerCache&) = delete;

  base::Result<void> publish();

 private:
  using RecordsReply = bus::Reply<std::vector<bus::CacheEntry>, std::string>;
  using CodeReply = bus::Reply<std::uint32_t>;

  void list_records(RecordsReply reply, std::string cursor, std::uint32_t limit);
  void get_record(bus::Reply<bus::CacheEntry> reply, std::string id);
  void delete_record(bus::Reply<> reply, std::string id);
  void delete_url(CodeReply reply, std::string url);
  void clear_records(bus::Reply<> reply);
  void list_peers(bus::Reply<std::vector<bus::PeerEntry>> reply);
  void clear_peers(bus::Reply<> reply);
  void discover_peers(bus::Reply<> reply);
  void set_maximum_cache_size(CodeReply reply, std::uint32_t percent);
  void set_maximum_content_age(CodeReply reply, std::uint32_t seconds);
  void set_configuration_flags(CodeReply reply, std::uint32_t flags);

  bool on_properties_call(const bus::Message& call);
  bus::PeersProperties values() const;
  template <class Order, class... Out>
  void order(bus::Reply<Out...> reply, Order order);

  Service& service_;
  bus::Slot object_;
  bus::Slot properties_;
};

}  // namespace backhaul::dbus
