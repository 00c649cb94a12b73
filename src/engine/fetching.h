// SPDX-License-Identifier: Apache-2.0
// Fetching: how files of a job with the turn get their bytes. Owns the runs and their lanes, the
// orphans that were looked for, and what servers asked of us. Events of a transfer that is over find
// no lane and are dropped.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include "base/time.h"
#include "engine/asking.h"
#include "engine/change.h"
#include "engine/draft.h"
#include "engine/holds.h"
#include "engine/runs.h"
#include "ports/events.h"

namespace backhaul::engine {

class Fetching {
 public:
  const Runs& runs() const { return runs_; }
  const Holds& holds() const { return holds_; }

  void on(Draft& draft, ports::HeadReceived& event) const;
  void on(Draft& draft, ports::TransferEnded& event) const;
  void on(Draft& draft, ports::PartOpened& event) const;
  void on(Draft& draft, ports::PartStored& event) const;
  void on(Draft& draft, ports::PartDigested& event) const;
  void on(Draft& draft, ports::PartFailed& event) const;
  void on(Draft& draft, ports::PartClosed& event) const;
  void on(Draft& draft, const news::TurnLost& news) const;
  void on(Draft& draft, const news::HeldUp& news) const;
  void on(Draft& draft, const news::NothingLeft& news) const;
  void on(Draft& draft, const news::Stopping& news) const;

  // When everything else of the turn is decided: stops what has lost the turn, opens and starts what
  // may be.
  void settle(Draft& draft) const;
  void merged(Change& change);
  // A server's wish that is in the row.
  void recovered(const Entry& entry);
  // The commit failed: a part that was begun and is not recorded is an orphan.
  void dropped() { swept_.clear(); }

  base::BootTime next() const { return std::min(holds_.next(), next_asking(runs_)); }
  // When MaximumDownloadTime of a job that moves is over.
  base::BootTime due(const core::Job& job) const;
  bool idle() const { return runs_.empty(); }
  bool operator==(const Fetching&) const = default;

 private:
  struct Open;
  std::optional<Open> open(Draft& draft, base::TransferId transfer) const;
  void meet_unknown_server(Draft& draft, const Open& at, ports::UnknownServer& server) const;
  void open_lanes(Draft& draft, const base::JobId& id) const;
  void open_lane(Draft& draft, const base::JobId& id, Run& run, const core::File& file, bool ahead) const;

  Runs runs_;
  Holds holds_;
  std::set<std::pair<base::JobId, std::uint32_t>> swept_;  // since the start
};

// Its transfer stops, and what it stored until then is on record when it is closed.
void close_lane(Draft& draft, Lane& lane);

}  // namespace backhaul::engine
