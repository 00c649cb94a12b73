// SPDX-License-Identifier: Apache-2.0
// The process behind a connection, and as a descriptor where the bus has one (dbus-daemon 1.16, dbus-broker): it can
// mean no other process, as a number can once its process has ended.
//
// It comes over a connection of its own, the only one of the service that takes descriptors, because such
// a connection ends when there is no room for one (bus.h). Nothing else is lost with it: what was asked
// is answered with a shortage of ours, and the next question makes a new one. A bus that has no descriptor
// for ourselves has none for anybody: the connection is given up, and that of the service asks. It must not ask any
// other bus, since dbus-broker ends a connection that would be answered with a descriptor and takes none.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bus/bus.h"
#include "bus/process.h"
#include "loop/loop.h"

namespace backhaul::dbus {

class Pidfds {
 public:
  using Pidfd = std::optional<bus::FileDescriptor>;
  struct Process {
    std::optional<std::uint32_t> pid;  // a hint: it names the program to people
    std::optional<std::vector<std::uint8_t>> label;
    Pidfd pidfd;  // CallerProcess::process

    template <class Self, class Visit>
    static void visit(Self& s, Visit&& v) {
      v("ProcessID", s.pid);
      v("LinuxSecurityLabel", s.label);
      v("ProcessFD", s.pidfd);
    }
  };
  // An error: TOO_MANY_OPEN_FILES.
  using Ready = std::move_only_function<void(base::Result<Process>)>;

  // `bus`: the connection of the service, attached before anything is asked.
  Pidfds(loop::Loop& loop, bus::Bus& bus) : loop_(loop), bus_(bus) {}
  Pidfds(const Pidfds&) = delete;
  Pidfds& operator=(const Pidfds&) = delete;

  // Finds out what this bus has, so that the first question does not wait for it.
  void prepare();
  // Runs `ready` now or later. One question at a time for each name.
  void ask(const std::string& unique_name, Ready ready);

 private:
  enum class Here : std::uint8_t { unknown, given, not_given };

  base::Result<void> connect();
  void learned(const bus::Outcome<Process>& ourselves);
  base::Result<Process> told(bus::Outcome<Process> answer);
  void settle();

  loop::Loop& loop_;
  bus::Bus& bus_;
  Here here_ = Here::unknown;
  std::optional<bus::Bus> own_;
  bus::Slot first_;
  std::map<std::string, bus::Slot> open_;
};

}  // namespace backhaul::dbus
