// SPDX-License-Identifier: Apache-2.0
// The process that speaks for the service of the machine on the session bus of one owner (adapters/posix/messengers.h):
// as that account, with no right beyond it, it starts classes and calls their instances there as a user's own service
// does. Where there is no session it says so, and waits for one. It owns a name, by which programs know for whom
// they are called. It ends with its service, and with the bus. The same in both mains, which alone see adapters.
#pragma once

#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "adapters/dbus/courier.h"
#include "adapters/dbus/peers.h"
#include "adapters/dbus/pidfds.h"
#include "adapters/dbus/settings.h"
#include "adapters/posix/descriptor.h"
#include "adapters/posix/messenger_protocol.h"
#include "adapters/posix/messengers.h"
#include "base/log.h"
#include "bus/connect.h"
#include "bus/names.h"
#include "bus/place.h"
#include "loop/loop.h"

namespace backhaul::daemon {

class Messenger final : public ports::Inbox {
 public:
  explicit Messenger(loop::Loop& loop)
      : loop_(loop),
        changes_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
        errands_(loop, STDIN_FILENO, EPOLLIN, [this](std::uint32_t) { hear(); }),
        look_again_(loop, std::chrono::milliseconds(50), [this] { look_for_session(); }) {
    if (changes_) changed_.emplace(loop, changes_.get(), EPOLLIN, [this](std::uint32_t) { something_came(); });
    look_for_session();
  }
  Messenger(const Messenger&) = delete;
  Messenger& operator=(const Messenger&) = delete;

  // What the courier has to tell; that somebody left its bus is nobody's business but its own.
  void post(ports::Event event) override {
    if (const auto* ended = std::get_if<ports::DeliveryEnded>(&event)) say(*ended);
  }

 private:
  struct Session {
    Session(loop::Loop& loop, bus::Connection its_connection, ports::Inbox& inbox, base::Log& log)
        : connection(std::move(its_connection)),
          pidfds(loop, connection.bus),
          peers(connection.bus, pidfds, inbox, log, settings),
          courier(loop, connection.bus, peers, inbox, log) {
      peers.on_gone([this](const std::string& unique_name) { courier.peer_gone(unique_name); });
    }
    bus::Connection connection;
    dbus::Settings settings{};
    dbus::Pidfds pidfds;
    dbus::Peers peers;
    dbus::Courier courier;
    bus::Slot lost;
  };

  void say(const posix::Report& report) {
    if (!posix::say_report(STDIN_FILENO, report)) loop_.exit(EX_OK);
  }

  void hear() {
    auto errand = posix::hear_errand(STDIN_FILENO);
    if (!errand) return loop_.exit(EX_OK);
    if (auto* told = std::get_if<ports::Notification>(&*errand)) return notify(std::move(*told));
    if (session_) session_->courier.release_instance(std::get<posix::ReleaseInstance>(*errand).job);
  }

  void notify(ports::Notification told) {
    told.owner.uid = geteuid();
    if (session_) return session_->courier.notify(std::move(told));
    missed_ = true;
    say(ports::DeliveryEnded{told.ticket, ports::NotifyOutcome::unavailable, base::Code::NOT_LOGGED_ON,
                             "user " + std::to_string(geteuid()) + " has no session bus"});
  }

  // --- waiting for a session -------------------------------------------------------------------

  void look_for_session() {
    if (session_) return;
    if (begin_session()) {
      changed_.reset();
      changes_.reset();
      if (std::exchange(missed_, false)) say(posix::BusIsThere{});
      return;
    }
    follow_folders();
    look_again_.arm(loop_.now() + patience_);
    patience_ = std::min<base::Microseconds>(2 * patience_, std::chrono::seconds(30));
  }

  bool begin_session() {
    auto found = bus::connect_session(bus::Place::current());
    if (!found) return false;
    auto session = std::make_unique<Session>(loop_, *std::move(found), *this, log_);
    // One of a service that has just ended may still have it.
    if (!session->connection.bus.request_name(bus::messenger_name)) return false;
    if (!session->connection.bus.attach(loop_.native())) return false;
    session->lost = session->connection.bus.on_disconnect([this] { loop_.exit(EX_OK); });
    session->pidfds.prepare();
    session_ = std::move(session);
    return true;
  }

  // Those in which the folder of a session, and its bus, appear. Where the folder is mounted over one that is followed
  // nobody tells, so it is also looked now and then.
  void follow_folders() {
    if (!changes_) return;
    const bus::Place place = bus::Place::current();
    const std::array<std::string, 4> folders{"/run", "/run/user", place.user_runtime_dir, place.runtime_dir};
    for (const std::string& folder : folders)
      if (!folder.empty())
        inotify_add_watch(changes_.get(), folder.c_str(), IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR);
  }

  void something_came() {
    std::array<char, 4096> events;
    while (read(changes_.get(), events.data(), events.size()) > 0) {
    }
    patience_ = first_patience;
    look_again_.arm(loop_.now());  // not here: it ends what calls this
  }

  static constexpr base::Microseconds first_patience = std::chrono::milliseconds(250);

  loop::Loop& loop_;
  base::NullLog log_;
  posix::Descriptor changes_;
  std::optional<loop::Io> changed_;
  loop::Io errands_;
  loop::Timer look_again_;
  base::Microseconds patience_ = first_patience;
  bool missed_ = false;  // somebody was told that there is no session
  std::unique_ptr<Session> session_;
};

inline int be_messenger() {
  loop::Loop loop;
  Messenger messenger(loop);
  return loop.run();
}

}  // namespace backhaul::daemon
