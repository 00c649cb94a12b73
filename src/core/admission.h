// SPDX-License-Identifier: Apache-2.0
// Who may ask what of a service (docs/security.md): its user alone, or everybody of the machine whose
// service it is; and an application of a user which is confined to a sandbox (core/sandbox.h) no more
// than it could have done itself. Every refusal is E_ACCESSDENIED and says in words what is in the way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/owner.h"
#include "core/sandbox.h"

namespace backhaul::core {

// Before anything is asked. `served`: the user of the service; unset: every account of the machine. The
// answer: the application, empty when the caller is not confined.
base::Result<std::string> admit(const CallerFacts& caller, std::optional<std::uint32_t> served);

// What somebody may do who was authorised to: with the jobs of others, with what is laid down for all, or with what is
// kept for neighbours. Each call is authorised by itself.
enum class Right : std::uint8_t { read, manage, take, lay_down, peers };

// As its owner, or as root.
base::Result<void> may_touch(const Owner& job, const Owner& caller);
// … or by such a right. To take a job over is more than to manage it.
base::Result<void> may_read(const Owner& job, const Owner& caller, std::optional<Right> right);
base::Result<void> may_manage(const Owner& job, const Owner& caller, std::optional<Right> right);
base::Result<void> may_take(const Owner& caller, std::optional<Right> right);
base::Result<void> may_list_all(const Owner& caller, std::optional<Right> right);
// To have the settings read again: the user whose service it is, on that of the machine root and whom it authorises.
base::Result<void> may_lay_down(const Owner& caller, std::optional<Right> right, bool machine_wide);
// To see and change what is kept for neighbours, which tells what everybody fetched: likewise.
base::Result<void> may_manage_peers(const Owner& caller, std::optional<Right> right, bool machine_wide);

// A program is run outside of every sandbox, and so is the server of a class.
base::Result<void> may_set_command(std::string_view application);
base::Result<void> may_register_class(std::string_view application);
// Bus names below the application's own id are those that its sandbox gives it.
bool owns_name(std::string_view application, std::string_view bus_name);
base::Result<void> may_name_class(std::string_view application, std::string_view bus_name);

// Secrets are the owner's alone: root, who may do everything else with the job of another, neither sets
// them nor reads what can be read of them (jobs.md §4).
base::Result<void> may_touch_secrets(const Owner& job, const Owner& caller);
// They are the user's, not the application's.
base::Result<void> may_use_implicit_credentials(std::string_view application);
base::Result<void> may_use_certificates(std::string_view application);

// What the service itself can read is not for a confined application: the network only.
base::Result<void> may_fetch(std::string_view application, std::string_view url);

struct Homes {  // of the user
  std::string home;
  std::string runtime_dir;  // empty: none
};
// Where a file goes: `root` is the folder that its own must lie beneath, however the way to it is
// built; empty: anywhere.
struct Placed {
  std::string local;
  std::string root;
  bool operator==(const Placed&) const = default;
};
// `local`: a name that passed check_local. A document of the portal is placed in the application's
// own view of it, where the portal keeps watch.
base::Result<Placed> place(std::string_view application, const Homes& homes,
                           std::string_view local);

}  // namespace backhaul::core
