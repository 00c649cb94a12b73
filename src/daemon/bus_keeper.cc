// SPDX-License-Identifier: Apache-2.0
#include "daemon/bus_keeper.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sysexits.h>

#include <csignal>
#include <string>
#include <vector>

#include "bus/connect.h"
#include "bus/holder.h"
#include "bus/names.h"
#include "bus/private_bus.h"
#include "bus/process.h"
#include "loop/loop.h"
#include "state/state_file.h"

namespace backhaul::daemon {
namespace {

bus::Call ask(const char* member) {
  return {bus::daemon_name, bus::daemon_path, bus::daemon_interface, member, bus::usual_limit};
}

class Keeper {
 public:
  Keeper(bus::Bus& bus, base::Microseconds idle_limit)
      : bus_(bus),
        idle_limit_(idle_limit),
        term_(loop_, SIGTERM, [this] { end_bus(); }),
        interrupt_(loop_, SIGINT, [this] { end_bus(); }),
        idle_(loop_, std::chrono::milliseconds(100), [this] { end_bus(); }) {}

  void run() {
    if (!bus_.attach(loop_.native())) return;
    gone_ = bus_.on_disconnect([this] { loop_.exit(0); });
    // On a bus of our own it costs nobody anything to hear of every name.
    changed_ = bus_.match("type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'",
                          [this](const bus::Message&) { look(); });
    look();
    loop_.run();
  }

 private:
  void look() {
    names_ = bus_.call_async<std::vector<std::string>>(
        ask("ListNames"), [this](const bus::Outcome<std::vector<std::string>>& names) {
          if (names) count(std::get<0>(*names));
        });
  }

  void count(const std::vector<std::string>& names) {
    bool others = false;
    for (const std::string& name : names) {
      if (name == bus::service_name) {
        loop_.exit(0);
        return;
      }
      others = others || (name != bus::daemon_name && name != bus_.unique_name());
    }
    if (others) {
      idle_.disarm();
    } else if (!idle_.armed()) {
      idle_.arm(loop_.now() + idle_limit_);
    }
  }

  void end_bus() {
    bus::end_private_bus(bus_);
    loop_.exit(0);
  }

  bus::Bus& bus_;
  const base::Microseconds idle_limit_;
  loop::Loop loop_;
  loop::Signal term_;
  loop::Signal interrupt_;
  loop::Timer idle_;
  bus::Slot gone_;
  bus::Slot changed_;
  bus::Slot names_;
};

// The service that ours stepped aside for has a guardian that keeps its bus, also while it is being
// brought back.
bool is_kept_by_another(const Guarded& guarded, const bus::Place& place) {
  if (guarded.exit_code != EX_TEMPFAIL) return false;
  const auto holder = bus::read_holder(place.state_dir());
  return holder && bus::is_private(holder->address, place);
}

}  // namespace

void keep_private_bus(const bus::Place& place, base::Microseconds idle_limit) {
  const std::string lock_file = bus::private_bus_dir(place) + "/keeper.lock";
  const bus::FileDescriptor lock(state::open_file(lock_file, O_RDWR | O_CREAT).value_or(-1));
  if (!lock || flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return;
  // Told to end before it hears of that, it would leave a bus behind that nobody ends. The process ends behind this.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  auto bus = bus::open_private_bus(place);
  if (bus) Keeper(*bus, idle_limit).run();
}

void look_after_private_bus(const Guarded& guarded, const bus::Place& place,
                            base::Microseconds idle_limit) {
  if (!guarded.asked_to_end && guarded.ever_ready) return keep_private_bus(place, idle_limit);
  if (is_kept_by_another(guarded, place)) return;
  auto bus = bus::open_private_bus(place);
  if (!bus) return;
  if (guarded.asked_to_end && guarded.bus == BusKind::own)
    bus::end_private_bus(*bus);
  else
    bus::leave_private_bus(*std::move(bus), place);
}

void tidy_up_alone(const Guarded& guarded, const bus::Place& place, base::Microseconds idle_limit) {
  if (guarded.bus == BusKind::own && guarded.is_alone())
    look_after_private_bus(guarded, place, idle_limit);
}

}  // namespace backhaul::daemon
