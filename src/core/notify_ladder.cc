// SPDX-License-Identifier: Apache-2.0
#include "core/notify_ladder.h"

#include <algorithm>
#include <chrono>

namespace backhaul::core {
namespace {

using base::JobState;

constexpr base::Microseconds longest_activation_delay = std::chrono::hours(1);

std::optional<Rung> command_rung(const Job& job, bool commands) {
  const bool job_event = job.pending.kind != NotifyKind::job_modification &&
                         job.pending.kind != NotifyKind::file_transferred;
  if (commands && job_event && !job.command.program.empty()) return Rung::command;
  return std::nullopt;
}

// The rung that a missing object leaves.
std::optional<Rung> rung_below_object(const Job& job, bool commands) {
  return job.service.empty() ? command_rung(job, commands) : Rung::service;
}

LadderDecision next(Rung rung) { return {NextStep::next_rung, rung, false}; }

// Again from the top after the delay, if there still is a top.
LadderDecision again(const Job& job, bool commands) {
  if (const auto first = first_rung(job, commands)) return {NextStep::retry_later, *first, false};
  return {};
}

}  // namespace

NotifyKind due_kind(const Job& job) {
  switch (job.state) {
    case JobState::transferred: return NotifyKind::job_transferred;
    case JobState::error: return NotifyKind::job_error;
    case JobState::acknowledged:
      return job.auto_complete && job.transferred != base::WallTime{} ? NotifyKind::job_transferred
                                                                      : NotifyKind::none;
    default: return NotifyKind::none;
  }
}

bool wanted(const Job& job, NotifyKind kind) {
  if ((job.notify_flags & base::notify::disable) != 0) return false;
  const auto has = [&](std::uint32_t flag) { return (job.notify_flags & flag) != 0; };
  switch (kind) {
    case NotifyKind::none: return false;
    case NotifyKind::job_transferred: return has(base::notify::job_transferred);
    case NotifyKind::job_error: return has(base::notify::job_error);
    case NotifyKind::job_modification: return has(base::notify::job_modification);
    case NotifyKind::file_transferred: return has(base::notify::file_transferred);
  }
  return false;
}

std::optional<Rung> first_rung(const Job& job, bool commands) {
  return job.object ? Rung::object : rung_below_object(job, commands);
}

LadderDecision after_attempt(const Job& job, Rung rung, RungResult result, bool commands) {
  if (result == RungResult::acknowledged) return {NextStep::acknowledged, rung, false};
  if (rung == Rung::object && result == RungResult::gone) {
    const auto below = rung_below_object(job, commands);
    LadderDecision decision = below ? next(*below) : LadderDecision{};
    decision.drop_object = true;
    return decision;
  }
  if (rung != Rung::command)
    if (const auto command = command_rung(job, commands)) return next(*command);
  return again(job, commands);
}

base::Microseconds retry_delay(const Job& job, RungResult result) {
  const base::Microseconds minimum =
      std::chrono::seconds(std::max(job.retry_delay_s, minimum_retry_delay_s));
  base::Microseconds delay = minimum;
  if (result != RungResult::unavailable) return delay;
  for (std::uint32_t n = 1; n < job.pending.attempts && delay < longest_activation_delay; ++n)
    delay *= 2;
  return std::max(minimum, std::min(delay, longest_activation_delay));
}

}  // namespace backhaul::core
