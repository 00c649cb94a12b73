// SPDX-License-Identifier: Apache-2.0
// What must hold of the deeds of the service by what it did, or was told, before: pauses that are kept,
// limits that hold over time, and what it says of itself. Judged without the functions by which the service
// decides, so that a mistake in those is not made twice.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "ports/files.h"
#include "ports/notifier.h"
#include "tests/sim/clients.h"
#include "tests/sim/store.h"

namespace backhaul::sim {

class World;

// What BITS says the flags mean (notifications.md §3): one that is off is silence.
bool flag_is_on(std::uint32_t flags, core::NotifyKind kind);

// It transfers beside others, because it is in the foreground or soon needed.
bool is_in_foreground(const core::Job& job);

class Manners {
 public:
  explicit Manners(World& world) : world_(world) {}

  void asked(const Call& call);
  void row_changed(const SimStore::Row* before, const SimStore::Row* after);
  void about_to_open(const ports::OpenPart& request);
  void about_to_tell(const ports::Notification& notification, const core::Job& job);
  void after_turn();
  void service_died();
  void machine_died() { wishes_.clear(); }  // the clock by which they end

 private:
  struct Wish {  // of a server, told to this job
    std::string origin;
    Microseconds since{};
    Microseconds until{};
    std::optional<std::uint32_t> owner{};  // whose jobs alone it is for
  };
  void check_idle();
  void check_quiet();
  void check_foreground();

  World& world_;
  std::map<base::JobId, Wish> wishes_;
  std::map<base::JobId, Microseconds> started_;       // by its owner, last
  std::map<base::JobId, Microseconds> silent_until_;  // about modifications
  std::map<base::JobId, bool> runs_;      // those that have a turn: in the foreground?
  std::set<base::JobId> promoted_;        // to the foreground, while they had one
};

}  // namespace backhaul::sim
