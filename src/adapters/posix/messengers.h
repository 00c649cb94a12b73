// SPDX-License-Identifier: Apache-2.0
// Classes on the session buses of owners, for a service that is on none of them: each owner whose class is to be told
// has a process of its own account that speaks there (helper_launcher.h, daemon/messenger.h), as long as one of its
// jobs may have an instance. It says at once where there is no session, waits for one then, and says when it has come.
// Loop thread only; whoever does not read what it is told is given up.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "adapters/posix/descriptor.h"
#include "adapters/posix/messenger_protocol.h"
#include "core/account.h"
#include "loop/loop.h"
#include "ports/events.h"
#include "ports/notifier.h"

namespace backhaul::posix {

class Messengers {
 public:
  // Starts the process, which serves the socket that it is given an end of. False: it cannot be started. A worker.
  using Start = std::function<bool(const core::Account& account, Descriptor socket)>;
  struct Options {
    base::Microseconds idle_limit = std::chrono::minutes(5);  // without an instance, and with nobody waited for
  };
  Messengers(loop::Loop& loop, ports::Inbox& inbox, Start start, Options options);
  Messengers(loop::Loop& loop, ports::Inbox& inbox, Start start);
  Messengers(const Messengers&) = delete;
  Messengers& operator=(const Messengers&) = delete;

  // Of a class; answered by DeliveryEnded. NOT_LOGGED_ON: no bus of a session is there; SessionBegan follows when one
  // is.
  void notify(ports::Notification notification);
  void release_instance(const base::JobId& job);
  std::size_t size() const { return all_.size(); }

 private:
  struct Messenger {
    std::uint64_t number = 0;
    Descriptor socket;              // none: it is being started
    std::optional<loop::Io> reports;
    std::deque<Errand> first;       // what it is told when it was
    std::set<base::Ticket> under_way;
    std::set<base::JobId> jobs;     // that may have an instance there, or wait for one
    base::BootTime rests_since = base::never;
  };
  using All = std::map<core::Account, Messenger>;

  void begin(const core::Account& account, Messenger& messenger);
  void begun(const core::Account& account, std::uint64_t number, Descriptor socket);
  void reported(const core::Account& account);
  bool take(const core::Account& account, Messenger& messenger, Report report);
  void tell(const core::Account& account, Messenger& messenger, const Errand& errand);
  void refuse(Messenger& messenger, base::Ticket ticket, base::Code code, std::string text);
  void lost(const core::Account& account, base::Code code, const std::string& why);
  void look_at_rest(Messenger& messenger);
  void end_those_that_rest();

  loop::Loop& loop_;
  ports::Inbox& inbox_;
  const Start start_;
  const Options options_;
  std::uint64_t last_ = 0;
  MessageBytes bytes_;
  All all_;
  loop::Timer rest_;
  loop::Worker worker_;
};

// The other end: the process of the account. Unset: the service is not there any more, or what it says is no errand.
std::optional<Errand> hear_errand(int socket);
// False: nobody wants to know any more.
bool say_report(int socket, const Report& report);

}  // namespace backhaul::posix
