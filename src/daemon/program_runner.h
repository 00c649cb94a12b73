// SPDX-License-Identifier: Apache-2.0
// The process that runs one command line as the user who set it, on the service of the machine: as a transient unit of
// that user's manager where there is one on their session bus, else as its child. It waits for the end and says how it
// was; a service that is gone meanwhile does not hear it. The same in both mains, which alone see adapters.
#pragma once

#include <sysexits.h>
#include <unistd.h>

#include <optional>
#include <utility>
#include <variant>

#include "adapters/dbus/unit_launcher.h"
#include "adapters/posix/launcher.h"
#include "adapters/posix/owner_launcher.h"
#include "bus/connect.h"
#include "daemon/start.h"
#include "loop/loop.h"

namespace backhaul::daemon {

// Tells of the end, and ends.
class EndOfProgram final : public ports::Inbox {
 public:
  explicit EndOfProgram(loop::Loop& loop) : loop_(loop) {}
  void post(ports::Event event) override {
    const auto* ended = std::get_if<ports::DeliveryEnded>(&event);
    if (ended == nullptr) return;
    posix::say_ended(STDIN_FILENO, *ended);
    loop_.exit(EX_OK);
  }

 private:
  loop::Loop& loop_;
};

// What is a child of this process needs no bus to end.
class AsChild final : public ports::Launcher {
 public:
  explicit AsChild(ports::Launcher& child) : child_(child) {}
  void run(ports::Launch launch) override {
    begun_ = true;
    child_.run(std::move(launch));
  }
  bool begun() const { return begun_; }

 private:
  ports::Launcher& child_;
  bool begun_ = false;
};

inline int run_program(const bus::Place& place) {
  auto launch = posix::hear_launch(STDIN_FILENO);
  if (!launch) return EX_PROTOCOL;
  loop::Loop loop;
  EndOfProgram end(loop);
  auto session = bus::connect_session(place);
  const std::string address = session ? session->address : std::string();
  posix::PosixLauncher own(loop, end, {.bus_address = address, .umask = current_umask(), .output = STDERR_FILENO});
  AsChild child(own);
  std::optional<dbus::UnitLauncher> units;
  if (session && session->bus.attach(loop.native()))
    units.emplace(session->bus, child, end,
                  dbus::UnitLauncherSettings{.bus_address = address, .home = place.home, .umask = current_umask()});
  // What becomes of a unit nobody hears then; whoever asked tries again.
  bus::Slot gone;
  if (session)
    gone = session->bus.on_disconnect([&] {
      if (!child.begun()) loop.exit(EX_UNAVAILABLE);
    });
  if (units)
    units->run(*std::move(launch));
  else
    child.run(*std::move(launch));
  return loop.run();
}

}  // namespace backhaul::daemon
