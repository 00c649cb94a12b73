// SPDX-License-Identifier: Apache-2.0
// Jobs that wait for their owner: those of units of systemd whose account is made for each run, which wait while their
// unit does not run and go with it to whatever number it has the next time, and those that need a session of theirs.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/request_rules.h"
#include "core/secrets.h"
#include "engine/conditions.h"
#include "engine/draft.h"
#include "engine/job_steps.h"

namespace backhaul::engine {

std::optional<core::Bar> Conditions::unit_bar(const core::Job& job) const {
  if (stray->empty()) return std::nullopt;
  const core::Owner owner = core::owner_of(job);
  if (!core::is_unit(core::account_of(owner)) || stray_account(owner) == nullptr) return std::nullopt;
  return core::Bar{.kind = core::WaitingKind::account, .code = base::Code::BG_E_BLOCKED_BY_POLICY};
}

bool Conditions::lacks_ticket(const Context& context, const core::Job& job) const {
  return context.settings.machine_wide && policy->requests->implicit.value != core::ImplicitLogin::never &&
         job.rare->secrets && core::needs_ticket(*job.rare->secrets);
}

namespace {

std::vector<base::JobId> jobs_of(const Draft& draft, const core::Account& account) {
  std::vector<base::JobId> found;
  auto jobs = draft.context().table.owners().of_account(account.uid);
  for (const auto& [order, id] : jobs) {
    const core::Job* job = draft.job(id);
    if (job != nullptr && core::account_of(core::owner_of(*job)) == account) found.push_back(id);
  }
  return found;
}

// What it set as the owner is the owner's still.
void give_number(Draft& draft, const base::JobId& id, std::uint32_t from, std::uint32_t to) {
  core::Owner owner = core::owner_of(*draft.job(id));
  owner.uid = to;
  if (moves(draft, id)) interrupt(draft, id);  // what is under way has the rights of the number before
  draft.set_owner(id, owner);
  core::Job& row = draft.edit(id, Weight::hard);
  if (!row.command->program.empty() && row.command->uid == from) row.command.edit().uid = to;
}

}  // namespace

void on(Draft& draft, const ports::AccountMoved& event) {
  draft.keep_if_dropped(event);
  const std::vector<base::JobId> ids = jobs_of(draft, event.from);
  if (ids.empty()) return;  // it was told before
  const core::Account now{event.to, event.from.name};
  draft.log(base::LogLevel::info, "the unit " + core::plain_name(now.name) + " runs as user " +
                                      std::to_string(now.uid) + " now, and was user " +
                                      std::to_string(event.from.uid) + "; its jobs go along");
  if (draft.conditions.stray->contains(event.from)) {
    auto stray = std::make_shared<core::StrayAccounts>(*draft.conditions.stray);
    stray->erase(event.from);
    draft.conditions.stray = std::move(stray);
  }
  draft.effect(effect::WatchAccount{now});
  for (const base::JobId& id : ids) {
    give_number(draft, id, event.from.uid, event.to);
    reconsider(draft, id);
  }
}

}  // namespace backhaul::engine
