// SPDX-License-Identifier: Apache-2.0
// Directories that clients hand over (org.backhaul.Directory1), and the files that go into them.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/dbus/handovers.h"
#include "adapters/dbus/requests.h"
#include "adapters/dbus/settings.h"
#include "base/result.h"
#include "core/admission.h"
#include "core/owner.h"
#include "ports/queue.h"

namespace backhaul::dbus {

class HandedDirectories {
 public:
  using Ready = std::move_only_function<void(base::Result<core::Placed>)>;

  HandedDirectories(Handovers& handovers, const Settings& settings) : handovers_(handovers), settings_(settings) {}
  HandedDirectories(const HandedDirectories&) = delete;
  HandedDirectories& operator=(const HandedDirectories&) = delete;

  // Runs `ready` later, or now with an error: the path of the directory that this object of the client gives, and what
  // stands for it.
  void ask(const std::string& unique_name, const std::string& object, const core::Owner& owner, Ready ready);

 private:
  Handovers& handovers_;
  const Settings& settings_;
};

// The names of `files` are names in the directory; from now on they are paths.
base::Result<void> place_in(const core::Placed& directory, std::vector<ports::FileSpec>& files);

// Hands a command with files to the queue once the caller has given the directory that they go into.
template <class Command, class... Out>
void submit_into(Service& service, bus::Reply<Out...> known, const ports::Caller& caller, const std::string& directory,
                 Command body) {
  const std::string sender = known.call().sender();
  auto placed = [&service, caller, body = std::move(body),
                 known = std::move(known)](base::Result<core::Placed> held) mutable {
    if (!held) return known.fail(held.error());
    if (auto fits = place_in(*held, body.files); !fits) return known.fail(fits.error());
    submit(service, std::move(known), caller, std::move(body));
  };
  service.directories.ask(sender, directory, caller.owner(), std::move(placed));
}

}  // namespace backhaul::dbus
