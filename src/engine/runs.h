// SPDX-License-Identifier: Apache-2.0
// The transfers that are going on. Nothing here is stored: after a crash the rows say where to
// continue. A run is a job that has (or had, until its parts are closed) the turn; a lane is one
// file of it on its way. Lanes are in the order of the files, and what becomes visible of them
// (counts, states, which file is in error) stays in that order.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "core/extents.h"
#include "core/job.h"
#include "core/rate_meter.h"
#include "core/swarm.h"
#include "engine/overlay.h"

namespace backhaul::engine {

enum class LanePhase : std::uint8_t {
  opening,    // the part is being opened
  searching,  // the part is open, and neighbours are asked for the file, or a swarm to let it in
  waiting,    // likewise, and one of them is waited for that fetches it itself
  receiving,  // the transport fills the sink
  syncing,    // all bytes arrived, the disk is awaited
  verifying,  // synced whole, and read again for its digests
  stored,     // synced whole, and what was expected; waits for the files before it
  failed,     // `error` says why; waits for the files before it
  closing,    // told to close; only PartClosed is awaited
};

// One of several neighbours that send a file at once.
struct Sender {
  std::string key;
  std::string server;         // its address without a path
  base::TransferId transfer{};  // of the share that it sends now; none: there is no more for it
  core::Extent share{};       // that it sends, or sent last
  core::Extents asked;        // all that it was asked for since the part was opened

  bool operator==(const Sender&) const = default;
};

struct Lane {
  base::TransferId transfer{};
  std::uint32_t file = 0;
  LanePhase phase = LanePhase::opening;
  base::BootTime began{};
  base::BootTime sign_of_life{};  // of the file system or the server, whichever is waited for
  bool answered = false;          // the server told what it has
  bool part_open = false;
  bool ahead = false;         // its part is opened while others have all the requests of the job
  bool asked_only = false;    // its transfer fetches what was asked for ahead of the rest
  bool counted = false;       // what was held when it went on stands with the job
  bool asks_identity = false;  // its transfer fetches nothing: the origin is asked what it has
  std::string neighbour;      // whose bytes its transfer fetches, by key or core::giver_of; waiting: who is waited for
  bool joined = false;        // the swarm of its file was asked to let it in, or has
  core::SwarmPlace place;     // in that; empty: it has not said yet
  base::BootTime fetches_since{};  // its transfer
  std::uint64_t brought = 0;  // so much of that was stored since
  std::vector<Sender> senders;  // where there are several, each with a share
  core::Extents denied;       // what came whole and wrong since the part was opened
  base::BootTime ask_again{};  // waiting
  bool without_part = false;  // the row of its file is lost: Files knows nothing of it
  std::optional<core::ErrorInfo> error;
  bool of_address = false;  // the error is one of the address that was asked: another may do better
  std::optional<base::Microseconds> retry_after;  // what the server of `origin` asked for
  bool for_all = false;  // what the origin answers its transfer counts for everybody (core::speaks_for_all)
  std::string server;  // that it asks; empty: none
  std::string origin;  // of who wishes; without retry_after what it asked for before counts on

  bool waits_for_request() const { return ahead && phase == LanePhase::opening; }
  Sender* sender_of(base::TransferId transfer) {
    for (Sender& one : senders)
      if (one.transfer == transfer) return &one;
    return nullptr;
  }
  // Requests that are under way, or will be when its part is open.
  std::uint32_t requests() const {
    std::uint32_t count = senders.empty() ? 1 : 0;
    for (const Sender& one : senders) count += one.transfer == base::TransferId{} ? 0 : 1;
    return count;
  }
  void each_transfer(const auto& say) const {
    say(transfer);
    for (const Sender& one : senders)
      if (one.transfer != base::TransferId{}) say(one.transfer);
  }
  bool operator==(const Lane&) const = default;
};

struct Run {
  static constexpr base::Microseconds opening_patience = std::chrono::seconds(5);

  bool active = false;  // holds the turn; otherwise it only waits for its lanes to close
  base::BootTime slice_began{};
  base::BootTime accounted{};  // time_used is up to date until here
  std::uint64_t recent_size = UINT64_MAX;  // of the last stored file
  std::optional<core::RateMeter> meter;  // of one that is needed by some moment
  std::uint32_t next_file = 0;
  bool passed_over = false;  // a file all of whose addresses the policy refuses
  bool wants_connection = false;  // its server has as many as it gets: it is looked at in every turn
  std::deque<Lane> lanes;

  bool has_lane_for(std::uint32_t file) const {
    for (const Lane& lane : lanes)
      if (lane.file == file) return true;
    return false;
  }
  bool is_closing(std::uint32_t file) const {
    for (const Lane& lane : lanes)
      if (lane.file == file && lane.phase == LanePhase::closing) return true;
    return false;
  }
  // In the order of the files: one that is opened again comes to its place.
  void add(Lane lane) {
    auto at = lanes.begin();
    while (at != lanes.end() && at->file <= lane.file) ++at;
    lanes.insert(at, std::move(lane));
  }
  // Null if the transfer is over: its late events are dropped.
  Lane* lane_of(base::TransferId transfer) {
    for (Lane& lane : lanes)
      if (lane.transfer == transfer || lane.sender_of(transfer) != nullptr) return &lane;
    return nullptr;
  }
  // All bytes of all its files arrived, only the disk is awaited. While a file is left to open the
  // job comes back to the link at once, so that whoever got it would be in its way.
  bool link_is_free(std::size_t files) const {
    if (next_file < files) return false;
    for (const Lane& lane : lanes)
      if (lane.phase == LanePhase::opening || lane.phase == LanePhase::receiving) return false;
    return !lanes.empty();
  }
  // Nothing of it comes before a neighbour has said something, or has fetched it.
  bool waits_for_neighbours() const {
    bool waits = false;
    for (const Lane& lane : lanes) {
      if (lane.waits_for_request()) continue;
      if (lane.phase == LanePhase::opening || lane.phase == LanePhase::receiving) return false;
      waits = waits || lane.phase == LanePhase::searching || lane.phase == LanePhase::waiting;
    }
    return waits;
  }
  // The first one that waits for a neighbour, if nothing else comes meanwhile.
  const Lane* lane_that_waits() const {
    if (!waits_for_neighbours()) return nullptr;
    for (const Lane& lane : lanes)
      if (!lane.neighbour.empty() && (lane.phase == LanePhase::waiting || lane.phase == LanePhase::searching)) return &lane;
    return nullptr;
  }
  // Until when its parts may take to be opened. After that it stands in nobody's way: a file system that does not
  // answer must not keep others from the network. Never: one of them is open, and has its request.
  base::BootTime patience_ends() const {
    std::optional<base::BootTime> began;
    for (const Lane& lane : lanes) {
      if (lane.waits_for_request()) continue;
      if (lane.phase != LanePhase::opening || lane.part_open) return base::never;
      began = std::max(began.value_or(lane.began), lane.began);
    }
    return active && began ? *began + opening_patience : base::never;
  }
  bool is_stuck(base::BootTime now) const { return patience_ends() <= now; }
  // When something of it was last heard of.
  base::BootTime sign_of_life() const {
    base::BootTime last{};
    for (const Lane& lane : lanes) last = std::max(last, lane.sign_of_life);
    return last;
  }
  bool operator==(const Run&) const = default;
};

class Runs {
 public:
  const std::unordered_map<base::JobId, Run>& all() const { return runs_; }
  bool empty() const { return runs_.empty(); }
  const Run* find(const base::JobId& job) const {
    auto it = runs_.find(job);
    return it == runs_.end() ? nullptr : &it->second;
  }
  // Unset if the transfer is over.
  std::optional<base::JobId> job_of(base::TransferId transfer) const {
    auto it = by_transfer_.find(transfer);
    if (it == by_transfer_.end()) return std::nullopt;
    return it->second;
  }
  // Unset: the run is over.
  void replace(const base::JobId& job, std::optional<Run> run) {
    if (const Run* before = find(job))
      for (const Lane& lane : before->lanes)
        lane.each_transfer([&](base::TransferId transfer) { by_transfer_.erase(transfer); });
    if (run)
      for (const Lane& lane : run->lanes)
        lane.each_transfer([&](base::TransferId transfer) { by_transfer_.emplace(transfer, job); });
    Overlay<Run>::put(runs_, job, std::move(run));
  }
  bool operator==(const Runs&) const = default;

 private:
  std::unordered_map<base::JobId, Run> runs_;
  std::unordered_map<base::TransferId, base::JobId> by_transfer_;
};

}  // namespace backhaul::engine
