// SPDX-License-Identifier: Apache-2.0
#include "core/damage.h"

#include <algorithm>
#include <string>

#include "core/mirrors.h"

namespace backhaul::core {
namespace {

// Numbers that are compared and counted up; the other half of the range is left to overflows.
constexpr std::uint64_t counted_max = bytes_max;
// A part has one epoch more with each version of the remote file that was met.
constexpr std::uint32_t epoch_max = 1'000'000;
constexpr base::Microseconds longest = std::chrono::hours(24) * 365'000;

bool is_time(base::Microseconds time) { return time >= base::Microseconds(0) && time <= longest; }

}  // namespace

std::string_view reason(Damage damage) {
  switch (damage) {
    case Damage::salvaged: return "the queue was damaged and this job was saved from what was left";
    case Damage::outdated:
      return "the queue on disk is older than its record and this job may have changed since";
    case Damage::incomplete: return "the queue was damaged and files of this job are lost";
    case Damage::changed: return "the queue was damaged and this job may not be what it was";
  }
  return "the queue was damaged";
}

void revive(Job& job, Damage damage, base::ServiceTime now) {
  job.command = {};
  job.command_set_by.reset();
  if (base::is_final(job.state)) return;
  job.state = base::JobState::suspended;
  job.intent = Intent::none;
  job.rare.set(&RareOfJob::takeover, {});
  job.auto_complete = false;
  job.pending = {};
  job.retry.reset();
  job.address_file = base::no_file;
  job.stuck.reset();
  job.active = now;
  job.error = ErrorInfo{base::Code::BG_E_DATABASE_CORRUPT, base::ErrorContext::general_queue_manager,
                        base::no_file, std::string(reason(damage))};
}

void distrust(Job& job) {
  job.state = base::JobState::suspended;
  if (job.order > counted_max) job.order = 0;
  job.pending = {};
  job.event_file = base::no_file;
  job.file_event = {};
  if (job.object && job.object->sequence > counted_max) job.object.reset();
  job.error_count = 0;
  job.retry.reset();
  job.address_file = base::no_file;
  job.server_wish.reset();
  job.rare.set(&RareOfJob::secrets, {});  // it may say that implicit credentials are wanted
  job.time_used = {};
  job.rare.set(&RareOfJob::time_before, base::Microseconds::zero());
  if (job.rare->bytes_resumed > counted_max) job.rare.set(&RareOfJob::bytes_resumed, 0);
  job.files.total = std::min(job.files.total, files_max);
}

void not_ahead(Job& job, base::ServiceTime now) {
  job.active = std::min(job.active, now);
  if (job.stuck && job.stuck->since > now) job.stuck = Stuck{.since = now};
}

void not_ahead(File& file, base::ServiceTime now) {
  if (!file.rare->doubts || file.rare->doubts->unproven_since <= now) return;
  file.rare.edit().doubts->unproven_since = now;
}

bool is_revived(const Job& job) {
  return job.state == base::JobState::suspended && job.error &&
         job.error->code == base::Code::BG_E_DATABASE_CORRUPT;
}

File lost_file(const base::JobId& job, std::uint32_t index) {
  File file;
  file.job = job;
  file.index = index;
  return file;
}

bool is_lost(const File& file) { return file.local.empty(); }

std::string_view implausible(const Job& job) {
  if (job.files.total > files_max) return "files_total";
  if (job.order > counted_max) return "creation";
  if (job.pending->sequence > counted_max) return "pending_sequence";
  if (job.file_event->sequence > counted_max) return "file_event_sequence";
  if (job.object && job.object->sequence > counted_max) return "object_sequence";
  if (job.event_file != base::no_file && job.event_file >= job.files.total) return "event_file";
  if (job.address_file != base::no_file && job.address_file >= job.files.total) return "address_file";
  if (!is_time(job.time_used)) return "time_used";
  if (!is_time(job.rare->time_before)) return "time_before";
  if (job.retry && !is_time(job.retry->period)) return "retry_period";
  for (const Pending* pending : {&*job.pending, &*job.file_event})
    if (pending->due && !is_time(pending->due->period)) return "due_period";
  return {};
}

std::string_view implausible(const File& file) {
  if (file.index >= files_max) return "file_index";
  if (file.epoch > epoch_max) return "epoch";
  if (file.stored.end() > counted_max) return "durable_offset";
  if (!file.wanted.whole() && !file.stored.empty() &&
      (!file.wanted.fits(file.remote_identity.size) || file.stored.end() > file.size()))
    return "durable_offset";
  const auto& mirrors = file.rare->mirrors;
  if (mirrors && std::max(mirrors->current, mirrors->told_by) >= address_count(file))
    return "mirrors_current";
  if (file.rare->demand && file.rare->demand->position > counted_max) return "demand_position";
  if (file.high_water > counted_max) return "high_water";
  if (file.event > counted_max) return "event";
  if (file.rare->fresh && file.rare->fresh->epoch > epoch_max) return "fresh_epoch";
  if (file.rare->fresh && file.rare->fresh->offset > counted_max) return "fresh_offset";
  if (file.remote_identity.size > counted_max && file.remote_identity.size != base::size_unknown)
    return "remote_size";
  return {};
}

}  // namespace backhaul::core
