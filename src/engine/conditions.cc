// SPDX-License-Identifier: Apache-2.0
#include "engine/conditions.h"

#include <algorithm>
#include <chrono>

#include "core/http.h"
#include "core/local_address.h"
#include "core/mirrors.h"
#include "engine/draft.h"
#include "engine/job_steps.h"

namespace backhaul::engine {

bool Conditions::run_short(base::Code code, base::BootTime now, base::Microseconds first_pause) {
  if (is_short(now)) return false;
  constexpr base::Microseconds longest = std::chrono::minutes(1);
  const base::Microseconds pause = shortage ? std::min(2 * shortage->pause, longest) : first_pause;
  shortage = Shortage{code, pause, now + pause};
  return true;
}

bool Conditions::allow(const std::string& url) const {
  return network_up || core::is_local_address(url) || core::is_loopback_host(core::url_host(url));
}

bool Conditions::block(const Entry* entry) const {
  if (network_up || entry == nullptr) return false;
  const core::File* file = entry->next_file();
  return file != nullptr && !allow(core::address(*file));
}

void note_shortage(Draft& draft, base::Code code, const std::string& text) {
  const Context& context = draft.context();
  if (!draft.conditions.run_short(code, context.now().boot, context.settings.shortage_retry)) return;
  draft.log(base::LogLevel::warning, "the service is short of room to work (" +
                                         base::describe(code) + " " + text +
                                         "); jobs wait until it is better");
}

void on(Draft& draft, const ports::NetworkChanged& event) {
  draft.keep_if_dropped(event);
  const Context& context = draft.context();
  if (draft.conditions.network_up != event.up)
    draft.log(base::LogLevel::notice, event.up ? "network is up" : "network is down");
  draft.conditions.network_up = event.up;
  using State = base::JobState;
  for (const base::JobId& id :
       event.up ? draft.perhaps_in({State::transient_error})
                : draft.perhaps_in({State::queued, State::connecting, State::transferring})) {
    const core::Job* job = draft.job(id);
    if (job == nullptr || job->intent != core::Intent::none) continue;
    if (event.up && job->state == base::JobState::transient_error) {
      // It is not the network that it waits for.
      if (job->address_file != base::no_file || (job->retry && draft.holds().until(context, id))) continue;
      BH_ASSERT(step(draft, id, core::JobEvent::unblocked));
    } else if (!event.up && draft.conditions.block(context.table.find(id)) &&
               (base::is_running(job->state) || job->state == base::JobState::queued)) {
      account_time(draft, id);
      lose_network(draft, id);
    }
  }
}

}  // namespace backhaul::engine
