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

#include "adapters/dbus/settings.h"
#include "base/result.h"
#include "bus/bus.h"
#include "bus/codec.h"
#include "core/admission.h"
#include "core/owner.h"
#include "loop/loop.h"

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

}  // namespace backhaul::dbus
