// SPDX-License-Identifier: Apache-2.0
// Who else of the site is there: found and announced by DNS-SD through Avahi, over its D-Bus interface. libavahi-client
// is not used, because our bus layer tells what it has to be asked for in several ways: that the daemon is not there,
// comes late or begins again is the owner of a name that changes, and a bus that is lost is connected to anew. None of
// that is an error (P11). Whom of those that are found to believe is not decided here.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/log.h"
#include "bus/bus.h"
#include "loop/loop.h"

namespace backhaul::neighbours {

// What is looked for.
enum class Service : std::uint8_t {
  peer,   // machines that keep files
  cache,  // caches of the site
};

// A machine that announced itself.
struct Found {
  std::string id;     // as it says, and so are its group and path: announced.h
  std::string group;
  std::string host;  // an address; of a local one of IPv6 with its interface, "fe80::1%eth0"
  std::uint16_t port = 0;
  std::string name;
  std::string path{};

  bool operator==(const Found&) const = default;
};

struct Announcement {
  std::string id;
  std::string group;
  std::uint16_t port = 0;

  bool operator==(const Announcement&) const = default;
};

class Discovery {
 public:
  // `changed`: found() is another.
  Discovery(loop::Loop& loop, base::Log& log, std::string bus_address, std::function<void()> changed,
            Service service = Service::peer);
  ~Discovery();
  Discovery(const Discovery&) = delete;
  Discovery& operator=(const Discovery&) = delete;

  // Unset: this machine is not told of any more.
  void announce(std::optional<Announcement> own);
  // Of each machine the best of its addresses, and of caches all places: whoever announces the name of another one does
  // not hide that. Of those alone that count, where somebody says which do.
  std::vector<Found> found(const std::function<bool(const Found&)>& counts = {}) const;

 private:
  struct Session;  // a connection, and all that Avahi was asked over it

  void connect();
  void lost();

  loop::Loop& loop_;
  base::Log& log_;
  const std::string bus_address_;
  const std::function<void()> changed_;
  const Service service_;
  std::optional<Announcement> own_;
  loop::Timer reconnect_;
  std::unique_ptr<Session> session_;  // null: there is no bus
};

}  // namespace backhaul::neighbours
