// SPDX-License-Identifier: Apache-2.0
// ports::Launcher over fork and exec. Forking a large process takes a while and looking up a user
// may take longer, so both happen on a worker; the end of a program is an event of the loop. A
// program belongs to nobody once it runs: the service may stop, the program goes on, and whoever
// asked for it will ask again.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/posix/spawn.h"
#include "loop/loop.h"
#include "ports/events.h"
#include "ports/launcher.h"

namespace backhaul::posix {

struct LauncherSettings {
  // The bus the service is on; becomes DBUS_SESSION_BUS_ADDRESS. Empty: none is told.
  std::string bus_address;
  mode_t umask = 022;  // of the owner
  // Where programs print to, usually standard error of the service. Used only if it is a file, a
  // terminal or the journal: a pipe or socket that nobody reads would end a program that prints.
  int output = -1;
};

class PosixLauncher final : public ports::Launcher {
 public:
  PosixLauncher(loop::Loop& loop, ports::Inbox& inbox, LauncherSettings settings);
  ~PosixLauncher() override;

  void run(ports::Launch launch) override;

 private:
  struct Run {
    std::string path;
    Descriptor report;
    std::optional<loop::Child> child;
  };
  void begun(base::Ticket ticket, std::string path, base::Result<Started> started);
  void ended(base::Ticket ticket, const siginfo_t& info);
  void unavailable(base::Ticket ticket, base::Error error);

  loop::Loop& loop_;
  ports::Inbox& inbox_;
  LauncherSettings settings_;
  std::vector<std::string> environment_;
  std::map<base::Ticket, Run> runs_;
  std::optional<loop::Worker> worker_;  // made when it is first needed; many services never do
};

}  // namespace backhaul::posix
