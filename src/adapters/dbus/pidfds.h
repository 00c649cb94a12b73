// SPDX-License-Identifier: Apache-2.0
// The process behind a connection as a descriptor, where the bus has one (dbus-daemon 1.16): it can mean
// no other process, as a number can once its process has ended.
//
// It comes over a connection of its own, the only one of the service that takes descriptors, because such
// a connection ends when there is no room for one (bus.h). Nothing else is lost with it: what was asked
// is answered with a shortage of ours, and the next question makes a new one. A bus that has no descriptor
// for ourselves has none for anybody, and the connection is given up.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "bus/bus.h"
#include "bus/process.h"
#include "loop/loop.h"

namespace backhaul::dbus {

class Pidfds {
 public:
  // CallerProcess::process of that name. An error: TOO_MANY_OPEN_FILES.
  using Pidfd = std::optional<bus::FileDescriptor>;
  using Ready = std::move_only_function<void(base::Result<Pidfd>)>;

  // `bus`: the connection of the service, attached before anything is asked.
  Pidfds(loop::Loop& loop, const bus::Bus& bus) : loop_(loop), bus_(bus) {}
  Pidfds(const Pidfds&) = delete;
  Pidfds& operator=(const Pidfds&) = delete;

  // Finds out what this bus has, so that the first question does not wait for it.
  void prepare();
  // Runs `ready` now or later. One question at a time for each name.
  void ask(const std::string& unique_name, Ready ready);

 private:
  struct Credentials;
  enum class Here : std::uint8_t { unknown, given, not_given };

  base::Result<void> connect();
  void learned(const bus::Outcome<Credentials>& ourselves);
  base::Result<Pidfd> told(bus::Outcome<Credentials> answer);
  void settle();

  loop::Loop& loop_;
  const bus::Bus& bus_;
  Here here_ = Here::unknown;
  std::optional<bus::Bus> own_;
  bus::Slot first_;
  std::map<std::string, bus::Slot> open_;
};

}  // namespace backhaul::dbus
