// SPDX-License-Identifier: Apache-2.0
// org.backhaul.Swarm1: who joins, who is gone, and what that means for the session and its cache. Loop thread only.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "bus/bus.h"
#include "bus/swarm_wire.h"
#include "loop/loop.h"
#include "swarm/fetch.h"
#include "swarm/server.h"
#include "swarm/shelf.h"
#include "swarm/tenancy.h"
#include "swarm/torrents.h"

namespace backhaul::swarmd {

struct ServiceSettings {
  uid_t caller = 0;    // whose calls are answered
  std::string folder;  // of the cache
  std::string socket;  // where the objects are served
  FetchLimits fetch;
  std::chrono::milliseconds stall = std::chrono::milliseconds(4500);  // below the five seconds that a reader gives it
  TenancyRules tenancy;
};

class Service {
 public:
  // The session outlives whoever serves from the shelf. `over`: nobody has needed it for a while.
  Service(loop::Loop& loop, bus::Bus& bus, Session& session, Shelf& shelf, ServiceSettings settings, base::Log& log,
          std::function<void()> over);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  base::Result<void> publish();
  // The session has news.
  void hear();

 private:
  using Key = std::pair<std::string, std::uint64_t>;  // the unique name of a caller, and its number
  struct Reader {
    std::optional<bus::Reply<std::string, std::string>> reply;  // unset: it was answered
    std::string object;  // empty: not known yet
    std::uint64_t attempt = 0;  // a torrent that comes for one that left and joined again is not for this one
  };

  void join(bus::Reply<std::string, std::string> reply, bus::SwarmJoin what);
  void leave(bus::Reply<> reply, std::uint64_t id);
  void list(bus::Reply<std::vector<bus::SwarmObject>> reply);

  // Goes on, with the sender and the reply, if it is one that is answered.
  template <class Reply, class GoOn>
  void for_reader(Reply reply, GoOn go_on);
  void ask_who(const std::string& sender, std::move_only_function<void(bool permitted)> go_on);
  void begin(const Key& key, bus::Reply<std::string, std::string> reply, bus::SwarmJoin what);
  void fetched(const Key& key, std::uint64_t attempt, const std::string& url,
               const base::Result<OpenedTorrent>& opened);
  base::Result<std::string> take_in(const OpenedTorrent& opened, const std::string& url);
  void refuse(const Key& key, const base::Error& why);
  void end(const Key& key);
  void end_all_of(const std::string& sender);
  void drop(const std::string& id);
  void give_up(const std::string& id);
  void hear_one(const News& news);
  void look_at_time();
  void arm();
  void measure();

  loop::Loop& loop_;
  bus::Bus& bus_;
  Session& session_;
  Shelf& shelf_;
  const ServiceSettings settings_;
  base::Log& log_;
  const std::function<void()> over_;
  Tenancy tenancy_;
  std::map<Key, Reader> readers_;
  std::uint64_t attempts_ = 0;
  struct Caller {
    std::optional<bool> permitted;  // unset: the bus was not heard about it yet
    bus::Slot watch;
  };
  std::map<std::string, Caller> callers_;
  std::map<std::uint64_t, bus::Slot> questions_;
  std::uint64_t asked_ = 0;
  loop::Timer timer_;
  loop::Timer measure_;
  loop::Worker worker_;
  bus::Slot object_;
};

}  // namespace backhaul::swarmd
