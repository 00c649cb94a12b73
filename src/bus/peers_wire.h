// SPDX-License-Identifier: Apache-2.0
// The values of Peers1 as they travel (bus/org.backhaul.Peers1.xml).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bus/property_set.h"
#include "bus/wire.h"

namespace backhaul::bus {

struct CacheEntry {  // a{sv} of ListRecords and GetRecord
  std::string id;
  std::string url;
  std::uint64_t size = 0;
  std::uint64_t remote_size = 0;
  std::string last_modified;
  std::string etag;
  std::string digest;
  std::uint64_t made = 0;
  std::uint64_t accessed = 0;
  bool validated = false;
  bool busy = false;
  std::vector<RangeTuple> ranges;
  std::string job;
  std::uint32_t file = 0;

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("Id", s.id);
    v("Url", s.url);
    v("Size", s.size);
    v("RemoteSize", s.remote_size);
    v("LastModified", s.last_modified);
    v("ETag", s.etag);
    v("Digest", s.digest);
    v("Made", s.made);
    v("Accessed", s.accessed);
    v("Validated", s.validated);
    v("Busy", s.busy);
    v("Ranges", s.ranges);
    v("Job", s.job);
    v("File", s.file);
  }
};

struct PeerEntry {  // a{sv} of ListPeers
  std::string name;
  std::string key;
  std::string address;
  bool available = true;
  std::uint64_t not_before = 0;

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("Name", s.name);
    v("Key", s.key);
    v("Address", s.address);
    v("Available", s.available);
    v("NotBefore", s.not_before);
  }
};

// Every property of Peers1.
struct PeersProperties {
  std::uint32_t maximum_cache_size = 0;
  std::uint32_t maximum_content_age = 0;
  std::uint32_t configuration_flags = 0;
  std::string own_key;
  std::string trust;
  std::uint64_t bytes_from_peers = 0;
  std::uint64_t bytes_to_peers = 0;

  static Emits emits(std::string_view) { return Emits::nothing; }
  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("MaximumCacheSize", s.maximum_cache_size);
    v("MaximumContentAge", s.maximum_content_age);
    v("ConfigurationFlags", s.configuration_flags);
    v("OwnKey", s.own_key);
    v("Trust", s.trust);
    v("BytesFromPeers", s.bytes_from_peers);
    v("BytesToPeers", s.bytes_to_peers);
  }
};

}  // namespace backhaul::bus
