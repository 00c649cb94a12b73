// SPDX-License-Identifier: Apache-2.0
// Where things of this user are: read once from the environment and the user database, then handed
// around as a value, so that tests can describe any surroundings. Works with an almost empty
// environment; relative paths in XDG variables are ignored, as their specification asks.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace backhaul::bus {

struct Place {
  uid_t uid = 0;
  std::string home;           // HOME, else the user database
  std::string state_home;     // $XDG_STATE_HOME, else <home>/.local/state
  std::string data_home;      // $XDG_DATA_HOME, else <home>/.local/share
  std::string data_dirs;      // $XDG_DATA_DIRS, else the specification's default
  std::string runtime_dir;    // $XDG_RUNTIME_DIR if it is a folder of ours; empty: none
  std::string user_runtime_dir;  // /run/user/<uid> if it is a folder of ours; empty: none
  std::string bus_address;    // $DBUS_SESSION_BUS_ADDRESS; empty: none
  std::string path;           // $PATH, else the usual folders
  std::string daemon;         // backhauld of the same installation as this program or library
  std::string data_prefix;    // its <prefix>/share, if there is a bus service file in it
  std::string system_bus;     // $DBUS_SYSTEM_BUS_ADDRESS, else the usual socket
  std::vector<std::string> environment;  // as it was, NAME=value

  static Place current();

  // Holds queue.db, queue.lock, queue.bus and the folder of the private bus.
  std::string state_dir() const { return state_home + "/backhaul"; }
  std::string service_dir() const { return data_home + "/dbus-1/services"; }
  std::string unit_dir() const { return data_home + "/systemd/user"; }
};

// The program `name` on a search path; empty: not there.
std::string find_program(const std::string& name, const std::string& search_path);

// An existing folder that belongs to `uid` and is no symbolic link.
bool is_own_directory(const std::string& path, uid_t uid);
// Makes what is missing of the folder and its parents (0700).
base::Result<void> make_directories(const std::string& path);
// The same, for a folder that nobody else may look into: it has to be ours afterwards, E_ACCESSDENIED
// otherwise.
base::Result<void> make_private_directory(const std::string& path, uid_t uid);

// <prefix>/libexec/backhaul/backhauld seen from a program or library file below <prefix>: its
// folder is bin, lib, lib/<triplet> or libexec/backhaul. Empty: not there.
std::string find_daemon(std::string_view module_file);

}  // namespace backhaul::bus
