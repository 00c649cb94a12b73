// SPDX-License-Identifier: Apache-2.0
#include "engine/urgency.h"

namespace backhaul::engine {
namespace {

bool is_needed(const core::Job& job) { return job.rare->needed_by != base::WallTime{}; }

}  // namespace

std::optional<core::Need> need_of(const core::Job& job, const Run* run, const base::Instant& now) {
  return core::need_of(job, now.wall, run != nullptr && run->meter ? run->meter->rate(now.boot) : 0);
}

void look_at_need(Draft& draft, const base::JobId& id) {
  const core::Job* job = draft.job(id);
  if (job == nullptr || (!is_needed(*job) && job->rare->urgency == core::Urgency::gentle)) return;
  auto need = need_of(*job, draft.runs.find(id), draft.now());
  const core::Urgency urgency = need ? core::urgency_of(*need) : core::Urgency::gentle;
  if (urgency == job->rare->urgency) return;
  draft.edit(id, Weight::soft).rare.set(&core::RareOfJob::urgency, urgency);
  if (!need) return;
  need->urgency = urgency;
  draft.log(base::LogLevel::info, core::describe(*need), id);
}

void measure_need(Draft& draft, const base::JobId& id, Run& run, std::uint64_t octets) {
  if (!is_needed(*draft.job(id))) return;
  if (!run.meter) run.meter.emplace().begin(run.slice_began);
  run.meter->add(draft.now().boot, octets);
  look_at_need(draft, id);
}

base::BootTime next_look_at_need(const core::Job& job, const Run* run, const base::Instant& now) {
  const auto need = need_of(job, run, now);
  return need ? now.boot + core::next_look(*need) : base::never;
}

}  // namespace backhaul::engine
