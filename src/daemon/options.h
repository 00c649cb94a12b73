// SPDX-License-Identifier: Apache-2.0
// The command line of backhauld. Few switches: what can be set lives in the settings file, and the
// installed program has none for tests.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace backhaul::daemon {

struct Options {
  enum class Mode : std::uint8_t {
    guardian,  // a small parent that restarts the service: what the bus starts where systemd is not
    service,   // the service itself: what systemd, or the guardian, runs
    salvage,   // saves rows from a damaged queue: what the service runs as its second process
    file_helper,  // works on files as one owner: what the launcher runs
    program_runner,  // runs one command line as the user who set it: likewise
    messenger,   // speaks on the session bus of one owner: likewise
    launcher,    // starts those: as root, beside a service of many owners
    find_proxy,  // asks the desktop or the network for proxies: likewise
    at_login,  // asks the bus for the service if work was left
    check_settings,  // says what is wrong in a file of settings
    help,
    version,
  };
  Mode mode = Mode::guardian;
  bool system = false;    // the instance of the machine, on the system bus
  std::string state_dir;  // empty: the usual one of the instance
  std::string source;     // of salvage: the database to read
  std::string target;     // and the one to write
  std::string account;       // of the launcher: whom it obeys, a name or a uid
  bool stays = false;       // of a service: does not end for want of jobs
  std::string socket;        // and where; of a service: where its launcher is; empty: it acts for nobody else
  std::vector<std::string> roots;  // of a helper of root
  bool remains = false;            // of a helper for what is left of an account
  std::string settings_file;       // of check_settings
  std::string whom, url;  // of find_proxy: who is asked, about which server
};

// The error is one sentence for standard error (exit code EX_USAGE).
std::expected<Options, std::string> parse_options(int argc, const char* const* argv);
// Of a command line that cannot be understood as a whole: whether it is meant for the instance of the machine.
bool asks_for_system(int argc, const char* const* argv);
std::string help_text();

}  // namespace backhaul::daemon
