// SPDX-License-Identifier: Apache-2.0
#include "daemon/options.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace backhaul::daemon {
namespace {

constexpr std::string_view state_dir_switch = "--state-dir";

// The value of "--name=value"; null: it is another argument.
const char* value_of(std::string_view argument, std::string_view name) {
  const bool is_it = argument.starts_with(name) && argument.substr(name.size()).starts_with('=');
  return is_it ? argument.data() + name.size() + 1 : nullptr;
}

// Modes that take what follows them and nothing else. Unset: it is none of these.
std::optional<std::expected<Options, std::string>> take_mode_of_words(std::span<const char* const> words,
                                                                      Options options) {
  const std::string_view mode = words[0];
  if (mode == "--salvage") {
    if (words.size() != 3) return std::unexpected("--salvage needs two files");
    options.mode = Options::Mode::salvage;
    options.source = words[1];
    options.target = words[2];
  } else if (mode == "--find-proxy") {
    if (words.size() != 3) return std::unexpected("--find-proxy needs whom to ask, and an address");
    options.mode = Options::Mode::find_proxy;
    options.whom = words[1];
    options.url = words[2];
  } else if (mode == "--check-settings") {
    if (words.size() != 2) return std::unexpected("--check-settings needs a file");
    options.mode = Options::Mode::check_settings;
    options.settings_file = words[1];
  } else {
    return std::nullopt;
  }
  return options;
}

// What a service of many owners, its launcher and its helpers are told. False: it is none of these.
bool take_for_owners(std::string_view argument, Options& options) {
  if (argument == "--file-helper")
    options.mode = Options::Mode::file_helper;
  else if (argument == "--remains")
    options.remains = true;
  else if (argument == "--program-runner")
    options.mode = Options::Mode::program_runner;
  else if (argument == "--messenger")
    options.mode = Options::Mode::messenger;
  else if (argument == "--launcher")
    options.mode = Options::Mode::launcher;
  else if (const char* const root = value_of(argument, "--beneath"))
    options.roots.emplace_back(root);
  else if (const char* const account = value_of(argument, "--for"))
    options.account = account;
  else if (const char* const socket = value_of(argument, "--launcher-socket"))
    options.socket = socket;
  else
    return false;
  return true;
}

std::string wrong_for_owners(const Options& options) {
  if (options.mode == Options::Mode::launcher && options.account.empty())
    return "--launcher needs --for=ACCOUNT: whom it obeys";
  if (!options.socket.empty() && !options.socket.starts_with('/'))
    return "--launcher-socket: '" + options.socket + "' is not an absolute path";
  return {};
}

}  // namespace

std::expected<Options, std::string> parse_options(int argc, const char* const* argv) {
  Options options;
  std::span arguments(argv, static_cast<std::size_t>(argc));
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    std::string_view argument = arguments[i];
    if (argument == "--help" || argument == "-h") {
      options.mode = Options::Mode::help;
      return options;
    }
    if (argument == "--version") {
      options.mode = Options::Mode::version;
      return options;
    }
    if (argument == "--service") {
      options.mode = Options::Mode::service;
    } else if (auto words = take_mode_of_words(arguments.subspan(i), options)) {
      return *std::move(words);
    } else if (take_for_owners(argument, options)) {
      continue;
    } else if (argument == "--at-login") {
      options.mode = Options::Mode::at_login;
    } else if (argument == "--user") {
      options.system = false;
    } else if (argument == "--system") {
      options.system = true;
    } else if (argument == state_dir_switch) {
      if (++i == arguments.size()) return std::unexpected("--state-dir needs a folder");
      options.state_dir = arguments[i];
    } else if (argument.starts_with(state_dir_switch) &&
               argument.substr(state_dir_switch.size()).starts_with('=')) {
      options.state_dir = argument.substr(state_dir_switch.size() + 1);
    } else {
      return std::unexpected("unknown argument '" + std::string(argument) + "'; try --help");
    }
    if (!options.state_dir.empty() && !options.state_dir.starts_with('/')) {
      return std::unexpected("--state-dir: '" + options.state_dir + "' is not an absolute path");
    }
  }
  if (std::string wrong = wrong_for_owners(options); !wrong.empty()) return std::unexpected(std::move(wrong));
  if (options.system && options.mode == Options::Mode::at_login)
    return std::unexpected("--at-login is about the instance of a user; that of the machine has a unit");
  return options;
}

bool asks_for_system(int argc, const char* const* argv) {
  return std::ranges::any_of(std::span(argv, static_cast<std::size_t>(argc)),
                             [](std::string_view argument) { return argument == "--system"; });
}

std::string help_text() {
  return "Usage: backhauld [--system] [--service] [--state-dir=FOLDER]\n"
         "\n"
         "The background transfer service of backhaul. The message bus starts it when a program\n"
         "needs it; 'backhaul get URL' is the usual way in.\n"
         "\n"
         "  --service            run the service itself; without it a guardian is run that\n"
         "                       starts the service and brings it back after a crash\n"
         "  --launcher-socket=PATH  act for every user by helper processes, which the launcher at\n"
         "                       this socket starts\n"
         "  --launcher --for=ACCOUNT  be that launcher, as root, for a service of this account;\n"
         "                       without --launcher-socket the socket is the standard input\n"
         "  --at-login           have the bus start the service if work was left behind\n"
         "  --check-settings FILE  say what is wrong in a file of settings: as one of the machine with\n"
         "                       --system or in /etc/backhaul, else as this user's\n"
         "  --state-dir=FOLDER   keep the queue there (default: $XDG_STATE_HOME/backhaul, that of the\n"
         "                       machine $STATE_DIRECTORY or /var/lib/backhaul)\n"
         "  --user               the instance of this user on the session bus (default)\n"
         "  --system             the instance of the machine, for every user, on the system bus\n"
         "  --version, --help\n"
         "\n"
         "Settings: /etc/backhaul/backhauld.conf, see backhauld.conf(5).\n";
}

}  // namespace backhaul::daemon
