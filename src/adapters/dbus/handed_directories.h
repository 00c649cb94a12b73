// SPDX-License-Identifier: Apache-2.0
// Directories that clients hand over as descriptors (org.backhaul.Directory1): each is asked of an object of the
// client, so nobody needs a name of ours that takes descriptors. Like those of processes they come over a connection
// of its own, which may be lost (pidfds.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/dbus/requests.h"
#include "adapters/dbus/settings.h"
#include "base/result.h"
#include "bus/bus.h"
#include "bus/codec.h"
#include "core/admission.h"
#include "core/owner.h"
#include "loop/loop.h"
#include "ports/queue.h"

namespace backhaul::dbus {

class HandedDirectories {
 public:
  using Ready = std::move_only_function<void(base::Result<core::Placed>)>;

  // `bus`: the connection of the service, attached before anything is asked.
  HandedDirectories(loop::Loop& loop, const bus::Bus& bus, const Settings& settings)
      : loop_(loop), bus_(bus), settings_(settings) {}
  HandedDirectories(const HandedDirectories&) = delete;
  HandedDirectories& operator=(const HandedDirectories&) = delete;

  // Runs `ready` later, or now with an error: the path of the directory that this object of the client gives, and what
  // stands for it.
  void ask(const std::string& unique_name, const std::string& object, const core::Owner& owner, Ready ready);

  // A client that does not answer is waited for, and has so many questions at most.
  static constexpr std::size_t asked_of_one_max = 8;

 private:
  base::Result<void> connect();
  base::Result<core::Placed> told(const bus::Outcome<bus::FileDescriptor>& answer, const core::Owner& owner) const;

  loop::Loop& loop_;
  const bus::Bus& bus_;
  const Settings& settings_;
  std::optional<bus::Bus> own_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, bus::Slot> open_;
  std::map<std::string, std::size_t> asked_;  // of whom; none of them 0
};

// The names of `files` are names in the directory; from now on they are paths.
base::Result<void> place_in(const core::Placed& directory, std::vector<ports::FileSpec>& files);

// Hands a command with files to the queue once the caller has given the directory that they go into.
template <class Command, class... Out>
void submit_into(Service& service, bus::Reply<Out...> reply, std::string directory, Command body) {
  as_caller(service, std::move(reply),
            [&service, directory = std::move(directory), body = std::move(body)](
                bus::Reply<Out...> known, const ports::Caller& caller) mutable {
              const std::string sender = known.call().sender();
              auto placed = [&service, caller, body = std::move(body),
                             known = std::move(known)](base::Result<core::Placed> held) mutable {
                if (!held) return known.fail(held.error());
                if (auto fits = place_in(*held, body.files); !fits) return known.fail(fits.error());
                submit(service, std::move(known), caller, std::move(body));
              };
              service.directories.ask(sender, directory, caller.owner(), std::move(placed));
            });
}

}  // namespace backhaul::dbus
