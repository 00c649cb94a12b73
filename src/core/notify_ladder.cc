// SPDX-License-Identifier: Apache-2.0
#include "core/notify_ladder.h"

#include <algorithm>
#include <chrono>

namespace backhaul::core {
namespace {

using base::JobState;

constexpr base::Microseconds longest_activation_delay = std::chrono::hours(1);

bool is_job_event(NotifyKind kind) {
  return kind == NotifyKind::job_transferred || kind == NotifyKind::job_error;
}

bool hears(const Job& job, NotifyKind kind, Rung rung, bool commands) {
  switch (rung) {
    case Rung::object:
      return job.object && job.object->level >= level_of(kind);
    case Rung::notify_class:
      return !job.notify_class->empty();
    case Rung::command:
      return commands && is_job_event(kind) && !job.command->program.empty();
  }
  return false;
}

LadderDecision next(Rung rung) { return {NextStep::next_rung, rung, false}; }

// Again from the top after the delay, if there still is a top.
LadderDecision again(const Job& job, NotifyKind kind, bool commands) {
  if (const auto first = rung_for(job, kind, Rung::object, commands))
    return {NextStep::retry_later, *first, false};
  return {};
}

}  // namespace

std::uint32_t level_of(NotifyKind kind) {
  switch (kind) {
    case NotifyKind::file_transferred: return 2;
    case NotifyKind::file_ranges_transferred: return 3;
    default: return 1;
  }
}

NotifyKind due_kind(const Job& job) {
  switch (job.state) {
    case JobState::transferred:
      return NotifyKind::job_transferred;
    case JobState::error:
      return NotifyKind::job_error;
    case JobState::acknowledged:
      return job.auto_complete && job.transferred != base::WallTime{} ? NotifyKind::job_transferred
                                                                      : NotifyKind::none;
    default:
      return NotifyKind::none;
  }
}

bool owes_file_events(const Job& job) {
  return !base::is_final(job.state) || job.pending->kind == NotifyKind::job_transferred;
}

bool is_modification(const Job& before, const Job& after) {
  if (before.state == after.state) return !base::is_final(after.state);
  return after.state != JobState::error && after.state != JobState::transferred;
}

bool wanted(const Job& job, NotifyKind kind) {
  if ((job.notify_flags & base::notify::disable) != 0) return false;
  const auto has = [&](std::uint32_t flag) { return (job.notify_flags & flag) != 0; };
  switch (kind) {
    case NotifyKind::none:
      return false;
    case NotifyKind::job_transferred:
      return has(base::notify::job_transferred);
    case NotifyKind::job_error:
      return has(base::notify::job_error);
    case NotifyKind::job_modification:
      return has(base::notify::job_modification);
    case NotifyKind::file_transferred:
      return has(base::notify::file_transferred);
    case NotifyKind::file_ranges_transferred:
      return has(base::notify::file_ranges_transferred);
  }
  return false;
}

std::optional<Rung> rung_for(const Job& job, NotifyKind kind, Rung from, bool commands) {
  for (const Rung rung : {Rung::object, Rung::notify_class, Rung::command}) {
    if (rung < from || !hears(job, kind, rung, commands)) continue;
    // A class stands in for a missing object; a living one that lacks the method is not replaced.
    if (rung == Rung::notify_class && from == Rung::object && job.object) continue;
    return rung;
  }
  return std::nullopt;
}

LadderDecision after_attempt(const Job& job, NotifyKind kind, Rung rung, RungResult result,
                             bool commands) {
  if (result == RungResult::acknowledged) return {NextStep::acknowledged, rung, false};
  if (rung == Rung::object && result == RungResult::gone) {
    const auto below = rung_for(job, kind, Rung::notify_class, commands);
    LadderDecision decision = below ? next(*below) : LadderDecision{};
    decision.drop_object = true;
    return decision;
  }
  if (rung != Rung::command)
    if (const auto command = rung_for(job, kind, Rung::command, commands)) return next(*command);
  return again(job, kind, commands);
}

base::Microseconds retry_delay(const Job& job, std::uint32_t attempts, Rung rung, RungResult result) {
  const base::Microseconds minimum = std::max(job.minimum_retry_delay, shortest_retry_delay);
  base::Microseconds delay = minimum;
  if (rung != Rung::notify_class || result != RungResult::unavailable) return delay;
  for (std::uint32_t n = 1; n < attempts && delay < longest_activation_delay; ++n) delay *= 2;
  return std::max(minimum, std::min(delay, longest_activation_delay));
}

bool may_run_commands(const Job& job, bool machine_wide) {
  constexpr std::uint32_t first_person = 1000;  // Debian's and the LSB's border of system users
  if (machine_wide && job.command->uid != job.owner_uid) return false;
  if (job.command->uid == 0) return !machine_wide;
  return job.command->uid >= first_person;
}

}  // namespace backhaul::core
