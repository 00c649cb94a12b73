// SPDX-License-Identifier: Apache-2.0
// The event log, and which job each owner made last: for those who come late.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "base/ids.h"
#include "core/event_log.h"
#include "core/event_record.h"
#include "core/owner.h"
#include "ports/queue.h"

namespace backhaul::engine {

class History {
 public:
  void append(std::span<const core::EventRecord> events);
  // Orders are never given twice, also over restarts: no clock says which job is the last one.
  void made(const core::Owner& owner, std::uint64_t order, const base::JobId& id);

  std::uint64_t last_sequence() const { return events_.last_sequence(); }
  ports::EventPage page(std::uint64_t since, std::uint32_t limit, const ports::Caller& caller) const;
  // Also when it has ended. Those of its applications are the user's as well.
  std::optional<base::JobId> last_job(const core::Owner& owner) const;

 private:
  struct Made {
    std::uint64_t order = 0;
    base::JobId id;
    std::string account{};  // of whoever had the number then; an owner is one by its number
  };
  core::EventLog<core::EventRecord> events_;
  std::map<core::Owner, Made> last_made_;
};

}  // namespace backhaul::engine
