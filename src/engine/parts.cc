// SPDX-License-Identifier: Apache-2.0
#include "engine/parts.h"

#include <algorithm>

#include "engine/urgency.h"

namespace backhaul::engine {

base::BootTime Parts::next(const Context& context) const {
  return std::min({timers.next(), fetching.next(), conditions.next(context.now().boot),
                   scheduling.next(context, fetching.runs()), caching.next(context)});
}

base::BootTime Parts::due(const Context& context, const core::Job& job) const {
  return std::min({Timers::due(context, job, fetching.holds(), conditions.origins()), telling.due(context, job), fetching.due(job),
                   next_look_at_need(job, fetching.runs().find(job.id), context.now())});
}

void Parts::merged(Change& change) {
  const Context& context = change.context();
  change.over = timers.over(context.now().boot);
  numbers = change.draft.numbers;
  conditions = change.draft.conditions;
  vetting.merged(change);
  fetching.merged(change);
  closing.merged(change);
  trust.merged(change);
  keeping.merged(change);
  caching.merged(change);
  neighbourhood.merged(change);
  scheduling.merged(change);
  telling.merged(change);
  timers.merged(change);
  for (const RowChange& row : change.rows)
    timers.set(row.id, row.after == nullptr ? base::never : due(context, *row.after));
  for (const base::JobId& id : change.retime)
    timers.set(id, context.table.in_queue(id) ? due(context, context.table.find(id)->job)
                                              : base::never);
}

}  // namespace backhaul::engine
