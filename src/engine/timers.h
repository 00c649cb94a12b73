// SPDX-License-Identifier: Apache-2.0
// Timers: what the clock does to jobs. Owns when each of them is due next, and when inactive ones are
// looked for.
#pragma once

#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "core/job.h"
#include "core/origins.h"
#include "engine/change.h"
#include "engine/context.h"
#include "engine/draft.h"
#include "engine/holds.h"

namespace backhaul::engine {

class Timers {
 public:
  // What is written in the row: retries, and what waits for its time to be told; and when there was no progress for too
  // long, of one that is not tried because it failed, or because a server asked for time meanwhile.
  static base::BootTime due(const Context& context, const core::Job& job, const Holds& holds,
                            const core::AllowedOrigins& origins);
  // base::never: not at all.
  void set(const base::JobId& id, base::BootTime due);
  std::vector<base::JobId> over(base::BootTime now) const;

  void start(base::BootTime now) { next_scan_ = now; }
  void run(Draft& draft) const;
  void on(Draft& draft, const news::Restarted& news) const;
  void merged(Change& change);

  base::BootTime next() const {
    return due_.empty() ? next_scan_ : std::min(next_scan_, due_.begin()->first);
  }
  bool operator==(const Timers&) const = default;

 private:
  void scan_for_inactive(Draft& draft) const;

  std::set<std::pair<base::BootTime, base::JobId>> due_;
  std::unordered_map<base::JobId, base::BootTime> due_of_;
  base::BootTime next_scan_{};
  // Nothing in the queue was last active before this: until it is long enough ago no job is looked at.
  base::ServiceTime oldest_ = base::ServiceTime::max();
  // Those in QUEUED that have failed: their time goes on while a server's wish holds them, wherever they wait, and nobody
  // looks at each of them when one comes.
  std::set<base::JobId> failed_before_;
};

}  // namespace backhaul::engine
