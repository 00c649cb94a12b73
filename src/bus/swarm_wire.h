// SPDX-License-Identifier: Apache-2.0
// The values of Swarm1 as they travel (bus/org.backhaul.Swarm1.xml).
#pragma once

#include <cstdint>
#include <string>

#include "bus/property_set.h"

namespace backhaul::bus {

struct SwarmJoin {  // a{sv} of Join
  std::uint64_t id = 0;
  std::string torrent;
  std::string url;
  std::uint64_t size = 0;

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("Id", s.id);
    v("Torrent", s.torrent);
    v("Url", s.url);
    v("Size", s.size);
  }
};

struct SwarmObject {  // a{sv} of ListObjects
  std::string id;
  std::uint64_t size = 0;
  std::uint64_t held = 0;
  std::uint64_t from_peers = 0;
  std::uint64_t from_origin = 0;
  std::uint64_t sent = 0;
  std::uint32_t peers = 0;
  std::uint32_t readers = 0;
  bool complete = false;

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("Id", s.id);
    v("Size", s.size);
    v("Held", s.held);
    v("FromPeers", s.from_peers);
    v("FromOrigin", s.from_origin);
    v("Sent", s.sent);
    v("Peers", s.peers);
    v("Readers", s.readers);
    v("Complete", s.complete);
  }
};

}  // namespace backhaul::bus
