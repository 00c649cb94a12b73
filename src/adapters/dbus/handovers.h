// SPDX-License-Identifier: Apache-2.0
// What clients hand over as descriptors: each is asked of an object of the client, so nobody needs a name of ours that
// takes descriptors. Like those of processes they come over a connection of its own, which may be lost (pidfds.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "bus/bus.h"
#include "bus/codec.h"
#include "bus/names.h"
#include "loop/loop.h"

namespace backhaul::dbus {

// By which interface it is asked for, and what people call it.
struct Handover {
  const char* interface;
  const char* name;
};
inline constexpr Handover directory_handover{bus::directory_interface, "directory"};
inline constexpr Handover secret_handover{bus::secret_interface, "secret"};

class Handovers {
 public:
  using Ready = std::move_only_function<void(base::Result<bus::FileDescriptor>)>;

  // `bus`: the connection of the service, attached before anything is asked.
  Handovers(loop::Loop& loop, const bus::Bus& bus) : loop_(loop), bus_(bus) {}
  Handovers(const Handovers&) = delete;
  Handovers& operator=(const Handovers&) = delete;

  // Runs `ready` later, or now with an error: what this object of the client gives.
  void ask(const std::string& unique_name, const std::string& object, const Handover& what, Ready ready);

  // A client that does not answer is waited for, and has so many questions at most.
  static constexpr std::size_t asked_of_one_max = 8;

 private:
  base::Result<void> connect(const Handover& what);
  base::Result<bus::FileDescriptor> told(bus::Outcome<bus::FileDescriptor> answer, const Handover& what) const;

  loop::Loop& loop_;
  const bus::Bus& bus_;
  std::optional<bus::Bus> own_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, bus::Slot> open_;
  std::map<std::string, std::size_t> asked_;  // of whom; none of them 0
};

}  // namespace backhaul::dbus
