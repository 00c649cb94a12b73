// SPDX-License-Identifier: Apache-2.0
// A private session bus that starts the real service when it is called, and everything of it in one folder.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/types.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "loop/loop.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_until.h"

namespace backhaul::test {

class Installation {
 public:
  explicit Installation(const std::string& service) {
    std::filesystem::create_directories(dir_.path() / "data/dbus-1/services");
    std::filesystem::create_directories(dir_.path() / "config/backhaul");
    write_file(dir_ / "data/dbus-1/services/org.backhaul.Backhaul1.service",
               "[D-BUS Service]\nName=org.backhaul.Backhaul1\nExec=" + service + "\n");
    bus_ = std::make_unique<Process>(
        std::vector<std::string>{"dbus-daemon", "--session", "--nofork", "--nopidfile", "--address=" + address()},
        std::vector<std::pair<std::string, std::string>>{{"HOME", dir_.path()},
                                                         {"XDG_STATE_HOME", dir_ / "state"},
                                                         {"XDG_DATA_HOME", dir_ / "data"},
                                                         {"XDG_CONFIG_HOME", dir_ / "config"},
                                                         {"XDG_RUNTIME_DIR", dir_ / "run"},
                                                         {"XDG_DATA_DIRS", dir_ / "none"},
                                                         // Not what the services of this machine say.
                                                         {"DBUS_SYSTEM_BUS_ADDRESS", "unix:path=" + (dir_ / "none")}},
        -1, dir_ / "bus.log");
    EXPECT_TRUE(wait_until(loop_, [this] { return std::filesystem::exists(dir_ / "bus"); }));
  }
  ~Installation() {
    const pid_t service = service_pid();
    bus_->stop(SIGTERM);
    // Without its bus the service ends by itself, and its guardian with it.
    EXPECT_TRUE(wait_until(loop_, [&] { return service == 0 || kill(service, 0) != 0; }));
  }

  std::string address() const { return "unix:path=" + (dir_ / "bus"); }
  std::string file(const std::string& name) const { return dir_ / name; }
  // The user's own file; the service reads it at its start, and when it is told to.
  void settings(const std::string& text) const { write_file(dir_ / "config/backhaul/backhauld.conf", text); }
  // As the service wrote it beside its queue; 0: it does not run.
  pid_t service_pid() const {
    const std::string text = read_file(dir_ / "state/backhaul/queue.bus");
    const std::size_t at = text.find("pid=");
    return at == std::string::npos ? 0 : std::atoi(text.c_str() + at + 4);
  }
  bool wait(const std::function<bool()>& condition) { return wait_until(loop_, condition); }

 private:
  TempDir dir_;
  loop::Loop loop_;
  std::unique_ptr<Process> bus_;
};

}  // namespace backhaul::test
