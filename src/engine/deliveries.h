// SPDX-License-Identifier: Apache-2.0
// Notifications on their way and those that wait for a slot: at most a few at once per user, fair
// between programs and jobs, and what is told as it comes, ranges that arrived and modifications, only
// when nothing else wants the slot. What is due stands in the rows; this is only the traffic.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/ids.h"
#include "core/job.h"
#include "engine/fair_line.h"

namespace backhaul::engine {

enum class Stream : std::uint8_t { events, ranges, modifications };  // in the order of the slots
inline constexpr std::size_t streams = 3;

inline Stream stream_of(core::NotifyKind kind) {
  switch (kind) {
    case core::NotifyKind::job_modification: return Stream::modifications;
    case core::NotifyKind::file_ranges_transferred: return Stream::ranges;
    default: return Stream::events;
  }
}

// What waits for a slot. State and file events have a number; the others have none.
struct Candidate {
  Stream stream = Stream::events;
  std::uint64_t sequence = 0;
  base::JobId job;
  std::uint64_t object = 0;  // number of the registration; 0: a class or a command line
  bool operator==(const Candidate&) const = default;
};

struct Delivery {
  base::JobId job;
  std::uint32_t uid = 0;
  core::NotifyKind kind = core::NotifyKind::none;
  std::uint64_t sequence = 0;
  core::Rung rung = core::Rung::object;
  std::string callee;        // who is called
  std::uint64_t object = 0;  // number of the registration that is called; 0: no object

  bool operator==(const Delivery&) const = default;
};

// Who waits for a slot, and whose: `uid` gives the slot, `callee` names who would be called.
struct Applicant {
  std::uint32_t uid = 0;
  std::string callee;
  Candidate candidate;
  bool operator==(const Applicant&) const = default;
};

class Deliveries {
 public:
  // The one event of this job that could be delivered now, or none; likewise of its ranges and its
  // modifications. Whoever stands in line already keeps the place.
  void set(Stream stream, const base::JobId& job, std::optional<Applicant> applicant) {
    auto& registered = registered_[place_of(stream)];
    if (auto old = registered.find(job); old != registered.end()) {
      if (applicant == old->second.applicant) return;
      if (old->second.place) {
        line_of(old->second).leave(*old->second.place);
        forget_if_empty(old->second.applicant.uid);
      }
      registered.erase(old);
    }
    if (!applicant) return;
    Entry& entry = registered.emplace(job, Entry{std::move(*applicant), {}}).first->second;
    if (!waits(entry.applicant)) line_up(entry);
  }

  // The next whose user has a free slot and that waits for no call. (A newer event of the
  // same job may be: a callee that never returns must not silence its successor.)
  std::optional<Candidate> next(std::uint32_t slots) const {
    for (const auto& [uid, lines] : lines_) {
      if (auto busy = busy_.find(uid); busy != busy_.end() && busy->second >= slots) continue;
      for (std::size_t stream = 0; stream < streams; ++stream)
        if (const auto job = lines[stream].first())
          return registered_[stream].at(*job).applicant.candidate;
    }
    return std::nullopt;
  }

  base::Ticket begin(Delivery delivery) {
    const base::Ticket ticket{++last_ticket_};
    Entry& entry = registered_[place_of(stream_of(delivery.kind))].at(delivery.job);
    line_of(entry).serve(*std::exchange(entry.place, std::nullopt));
    forget_if_empty(entry.applicant.uid);
    ++busy_[delivery.uid];
    under_way_.emplace(ticket, std::move(delivery));
    return ticket;
  }
  const Delivery* find(base::Ticket ticket) const {
    auto it = under_way_.find(ticket);
    return it == under_way_.end() ? nullptr : &it->second;
  }
  void end(base::Ticket ticket) {
    auto it = under_way_.find(ticket);
    if (it == under_way_.end()) return;
    const Delivery ended = std::move(it->second);
    under_way_.erase(it);
    if (auto busy = busy_.find(ended.uid); --busy->second == 0) busy_.erase(busy);
    auto& registered = registered_[place_of(stream_of(ended.kind))];
    if (auto next = registered.find(ended.job);
        next != registered.end() && !next->second.place && !waits(next->second.applicant))
      line_up(next->second);
  }
  bool empty() const { return under_way_.empty(); }
  bool tells(const base::JobId& job, std::uint64_t sequence) const {
    return std::any_of(under_way_.begin(), under_way_.end(), [&](const auto& entry) {
      return entry.second.job == job && entry.second.sequence == sequence;
    });
  }
  // Whoever would be told of the next file is still being told of one: it is the same program, whichever
  // object of it is registered by now. Where none is, an object that was cleared inside the call still answers it.
  bool tells_file(const core::Job& job) const {
    return std::any_of(under_way_.begin(), under_way_.end(), [&](const auto& entry) {
      const Delivery& call = entry.second;
      if (call.job != job.id || call.kind != core::NotifyKind::file_transferred) return false;
      if (job.object) return call.callee == job.object->unique_name;
      return call.callee == job.notify_class->name || call.sequence == job.file_event->sequence;
    });
  }
  bool operator==(const Deliveries&) const = default;

 private:
  struct Entry {
    Applicant applicant;
    std::optional<FairLine::Place> place;  // unset: under way, or behind a call that is
    bool operator==(const Entry&) const = default;
  };

  // A call that is under way has to end first. One program is not told the same twice at once. A class and a command
  // line are for what nobody above them heard, and that is open while an object is being told of it, also one that was
  // cleared inside the call. Another program's object is told at once: a callee that never returns must not keep an
  // event from the one that took its place.
  bool waits(const Applicant& applicant) const {
    const Candidate& one = applicant.candidate;
    return std::any_of(under_way_.begin(), under_way_.end(), [&](const auto& entry) {
      const Delivery& call = entry.second;
      if (call.job != one.job || stream_of(call.kind) != one.stream || call.sequence != one.sequence) return false;
      if (one.object != 0) return call.callee == applicant.callee;
      return call.object == 0 || one.stream == Stream::events;
    });
  }
  static constexpr std::size_t place_of(Stream stream) { return static_cast<std::size_t>(stream); }
  void line_up(Entry& entry) {
    entry.place = line_of(entry).join(entry.applicant.callee, entry.applicant.candidate.job);
  }
  FairLine& line_of(const Entry& entry) {
    return lines_[entry.applicant.uid][place_of(entry.applicant.candidate.stream)];
  }
  void forget_if_empty(std::uint32_t uid) {
    auto it = lines_.find(uid);
    if (std::ranges::all_of(it->second, &FairLine::empty)) lines_.erase(it);
  }

  std::uint64_t last_ticket_ = 0;
  std::array<std::unordered_map<base::JobId, Entry>, streams> registered_;
  std::map<std::uint32_t, std::array<FairLine, streams>> lines_;  // by uid
  std::unordered_map<base::Ticket, Delivery> under_way_;
  std::unordered_map<std::uint32_t, std::uint32_t> busy_;
};

}  // namespace backhaul::engine
