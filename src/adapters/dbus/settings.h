// SPDX-License-Identifier: Apache-2.0
// What the daemon decides for the bus side.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "adapters/dbus/account.h"
#include "adapters/dbus/caller_facts.h"
#include "base/result.h"
#include "core/admission.h"
#include "ports/events.h"
#include "ports/notifier.h"

namespace backhaul::dbus {

// Who hears the signals of the manager, which carry no values: on the bus of one user everybody who
// wants them, on a bus of many users those who called and may read the job. Values go to the latter
// on every bus, because an application in a sandbox hears broadcasts too.
enum class Audience : std::uint8_t { everybody, callers };

// The name of an account, later or at once; an error: it has none, or nobody says now (core::is_shortage).
using AccountName =
    std::function<void(std::uint32_t uid, std::move_only_function<void(base::Result<std::string>)> named)>;

// Who tells classes on the session buses of owners; empty: nobody can.
struct ClassesInSessions {
  std::function<void(ports::Notification)> notify{};  // answered by DeliveryEnded
  std::function<void(const base::JobId&)> release{};  // the instance for a job, if there is one
};

struct Settings {
  std::string version = "0.0.0";  // Manager1.Version
  // $XDG_DATA_HOME/dbus-1/services: where classes are registered. Empty: nobody registers any here
  std::string service_dir;
  std::string unit_dir;           // $XDG_DATA_HOME/systemd/user: their units, where systemd is
  std::optional<std::uint32_t> served = geteuid();  // the only user who is answered; unset: every one
  Audience audience = Audience::everybody;
  // The settings of the service read again, for whoever may have that done.
  std::function<base::Result<ports::PolicyChanged>()> reread{};
  bool asks_polkit = false;              // who may do something with the jobs of others (authority.h)
  AccountName account_name{};            // of whoever calls; empty: nobody has to have one
  ClassesInSessions in_sessions{};       // for a service that is on the bus of no session
  bool schedules_downloads = false;      // of other programs, which ask for leave (download_scheduler.h)
  AccountLimits limits{};                // of one client
  FactFolders fact_folders{};
  // Keeps a directory that was handed over for this owner: its path, and what stands for it in a row. Empty: there is
  // nobody who could.
  std::function<base::Result<core::Placed>(const core::Owner& owner, int directory)> hold_directory{};
};

}  // namespace backhaul::dbus
