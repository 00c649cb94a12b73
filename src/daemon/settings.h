// SPDX-License-Identifier: Apache-2.0
// What an administrator and a user can set (backhauld.conf(5)). The administrator's files come
// first; a user's file can make what they say tighter, never looser. A line that cannot be understood
// stops the service with file and line; an unknown key or a value out of range only warns, so that
// a file written for a later version still works.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "core/account.h"
#include "core/admit.h"

namespace backhaul::daemon {

// [Peers], as it stands there; what comes of it together is in the policy.
struct PeerSwitches {
  core::Rule<bool> enable{.value = false};
  core::Rule<bool> client{.value = true};
  core::Rule<bool> server{.value = true};

  bool operator==(const PeerSwitches&) const = default;
};

struct Settings {
  std::uint32_t class_start_timeout_s = 60;
  base::LogLevel log_level = base::LogLevel::info;
  std::uint32_t inactivity_timeout_days = 90;
  std::uint32_t max_download_time_s = 7'776'000;  // of jobs that say nothing else
  std::uint32_t max_jobs_per_machine = 100'000;
  std::uint32_t max_jobs_per_user = 100'000;
  std::uint32_t max_jobs_per_application = 50'000;
  std::set<std::string, std::less<>> exempt_applications;
  std::uint32_t max_files_per_job = 100'000;
  std::uint32_t max_ranges_per_file = 500;
  std::uint32_t max_mib_per_user = 256;
  std::uint32_t time_slice_s = 60;
  std::uint32_t max_foreground_jobs = 32;
  std::uint32_t max_connections_per_host = 16;
  bool yield_to_others = true;     // background transfers, on their path
  std::uint32_t queue_delay_ms = 5;  // that they may add
  bool run_commands = true;  // the notify commands of jobs
  bool keyring = true;       // the key of secrets may move into the keyring of the session
  bool systemd_creds = true;  // it may be sealed by systemd
  bool mogwai = false;        // the service of the machine gives leave to downloads of other programs
  std::vector<std::string> allowed_roots;  // beneath which the files of root lie in a service of many owners
  std::set<std::uint32_t> exempt_users;      // beside root
  std::set<std::string, std::less<>> exempt_names;  // likewise, of accounts
  core::Policy policy;       // what the world has to be like, and which programs are allowed
  core::RequestRules requests;
  PeerSwitches peers;

  bool operator==(const Settings&) const = default;
};

struct SettingsPlaces {
  std::string machine_file;    // /etc/backhaul/backhauld.conf
  std::string machine_folder;  // /etc/backhaul/backhauld.conf.d: *.conf, sorted, later wins
  std::string user_file;
  // Whose service it is, whose calls bear no name; unset: everybody's.
  std::optional<core::Account> own{};
};

struct LoadedSettings {
  Settings settings;
  core::PolicyList list;              // each key, who says it and where
  std::vector<std::string> warnings;  // "file:line: what"
  std::vector<std::string> faults;    // likewise, of lines that cannot be understood
};

// All that is laid down of it, as one value.
core::Policy policy_of(const Settings& settings, core::PolicyList list);

// `home`: the user's, where $XDG_CONFIG_HOME does not say otherwise.
SettingsPlaces standard_settings_places(const std::string& home);
// What the administrator says alone.
SettingsPlaces machine_settings_places();
// The folder of the user's stores of client certificates, likewise.
std::string certificates_of_user(const std::string& home);
base::Result<LoadedSettings> load_settings(const SettingsPlaces& places);
// All that is to be said of one file, a line for each: "error" or "warning", a tab, "file:line: what". A file of the
// administrator is looked at by itself, another one as that of a user behind the machine's. The error: it is no file
// that can be read.
base::Result<std::vector<std::string>> check_settings(const std::string& file, const SettingsPlaces& machine,
                                                      bool of_user);

}  // namespace backhaul::daemon
