// SPDX-License-Identifier: Apache-2.0
// The transfers that are going on. Nothing here is stored: after a crash the rows say where to
// continue. A run is a job that has (or had, until its parts are closed) the turn; a lane is one
// file of it on its way. Lanes are in the order of the files, and what becomes visible of them
// (counts, states, which file is in error) stays in that order.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "core/job.h"
#include "core/rate_meter.h"

namespace backhaul::engine {

enum class LanePhase : std::uint8_t {
  opening,    // the part is being opened
  receiving,  // the transport fills the sink
  syncing,    // all bytes arrived, the disk is awaited
  stored,     // synced whole; waits for the files before it
  failed,     // `error` says why; waits for the files before it
  closing,    // told to close; only PartClosed is awaited
};

struct Lane {
  base::TransferId transfer{};
  std::uint32_t file = 0;
  LanePhase phase = LanePhase::opening;
  bool part_open = false;
  bool close_told = false;  // Files was told to close it
  bool without_part = false;  // the row of its file is lost: Files knows nothing of it
  std::optional<base::Error> error;
  std::optional<base::Microseconds> retry_after;  // what the server of `origin` asked for
  std::string origin;
};

struct Run {
  base::JobId job;
  bool active = false;  // holds the turn; otherwise it only waits for its lanes to close
  base::BootTime slice_began{};
  base::BootTime accounted{};  // time_used is up to date until here
  std::string host;            // of the last request
  core::RateMeter meter;       // of stored bytes
  std::uint64_t recent_size = UINT64_MAX;  // of the last stored file
  std::uint32_t next_file = 0;
  std::deque<Lane> lanes;

  // All bytes of all its files arrived, only the disk is awaited. While a file is left to open the
  // job comes back to the link at once, so that whoever got it would be in its way.
  bool link_is_free(std::size_t files) const {
    if (next_file < files) return false;
    for (const Lane& lane : lanes)
      if (lane.phase == LanePhase::opening || lane.phase == LanePhase::receiving) return false;
    return !lanes.empty();
  }
};

class Runs {
 public:
  Run* find(const base::JobId& job) {
    auto it = runs_.find(job);
    return it == runs_.end() ? nullptr : &it->second;
  }
  const Run* find(const base::JobId& job) const { return const_cast<Runs*>(this)->find(job); }
  Run& make(const base::JobId& job) {
    Run& run = runs_[job];
    run.job = job;
    return run;
  }
  void erase(const base::JobId& job) {
    if (Run* run = find(job))
      for (const Lane& lane : run->lanes) by_transfer_.erase(lane.transfer);
    runs_.erase(job);
  }

  Lane& add_lane(Run& run, std::uint32_t file) {
    Lane lane;
    lane.transfer = base::TransferId{++last_transfer_};
    lane.file = file;
    run.lanes.push_back(std::move(lane));
    by_transfer_.emplace(run.lanes.back().transfer, run.job);
    return run.lanes.back();
  }
  // The run and lane of a transfer; null if it is over: its late events are dropped.
  Run* run_of(base::TransferId transfer) {
    auto it = by_transfer_.find(transfer);
    return it == by_transfer_.end() ? nullptr : find(it->second);
  }
  static Lane* lane_of(Run& run, base::TransferId transfer) {
    for (Lane& lane : run.lanes)
      if (lane.transfer == transfer) return &lane;
    return nullptr;
  }
  void remove_lane(Run& run, base::TransferId transfer) {
    by_transfer_.erase(transfer);
    std::erase_if(run.lanes, [&](const Lane& lane) { return lane.transfer == transfer; });
  }

  auto begin() { return runs_.begin(); }
  auto end() { return runs_.end(); }
  auto begin() const { return runs_.begin(); }
  auto end() const { return runs_.end(); }
  bool empty() const { return runs_.empty(); }

 private:
  std::uint64_t last_transfer_ = 0;
  std::unordered_map<base::JobId, Run> runs_;
  std::unordered_map<base::TransferId, base::JobId> by_transfer_;
};

}  // namespace backhaul::engine
