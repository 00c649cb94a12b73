// SPDX-License-Identifier: Apache-2.0
#include "engine/conditions.h"

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <utility>
#include <vector>

#include "core/job_table.h"
#include "core/mirrors.h"
#include "core/needed.h"
#include "core/schedule.h"
#include "engine/asking.h"
#include "engine/draft.h"
#include "engine/job_steps.h"
#include "engine/next_file.h"

namespace backhaul::engine {

using State = base::JobState;

bool Conditions::run_short(base::Code code, base::BootTime now, base::Microseconds first_pause) {
  if (is_short(now)) return false;
  constexpr base::Microseconds longest = std::chrono::minutes(1);
  const base::Microseconds pause = shortage ? std::min(2 * shortage->pause, longest) : first_pause;
  shortage = Shortage{code, pause, now + pause};
  return true;
}

namespace {

core::Candidate candidate(const core::Job& job, const Entry* entry, const core::AllowedOrigins& origins) {
  const core::File* next = entry == nullptr ? nullptr : next_to_fetch(job, *entry, origins);
  return {.priority = job.priority,
          .cost_flags = job.rare->cost_flags,
          .address = next == nullptr ? std::string() : std::string(core::address(*next, origins)),
          .owner = core::owner_of(job)};
}

}  // namespace

const std::string* Conditions::stray_account(const core::Owner& owner) const {
  if (stray->empty() || !core::is_watched(owner)) return nullptr;
  const auto found = stray->find(core::account_of(owner));
  return found == stray->end() ? nullptr : &found->second;
}

std::optional<core::Bar> Conditions::bar(const Context& context, const core::Job& job,
                                         const Entry* entry) const {
  if (auto waits = unit_bar(job)) return waits;
  if (lacks_ticket(context, job))
    return core::Bar{.kind = core::WaitingKind::ticket, .code = base::Code::BG_E_BLOCKED_BY_POLICY};
  return core::admit(candidate(job, entry, origins()), world, *policy, context.now().wall);
}

std::vector<core::Bar> Conditions::bars(const Context& context, const core::Job& job,
                                        const Entry* entry) const {
  return core::bars(candidate(job, entry, origins()), world, *policy, context.now().wall);
}

void note_shortage(Draft& draft, base::Code code, const std::string& text) {
  const Context& context = draft.context();
  if (!draft.conditions.run_short(code, context.now().boot, context.settings.shortage_retry)) return;
  draft.log(base::LogLevel::warning, "the service is short of room to work (" +
                                         base::describe(code) + " " + text +
                                         "); jobs wait until it is better");
}

void bar(Draft& draft, const base::JobId& id, const core::Bar& bar) {
  account_time(draft, id);
  BH_ASSERT(step(draft, id, core::JobEvent::barred,
                 core::ErrorInfo{bar.code, base::ErrorContext::general_transport, base::no_file,
                                 std::string(core::describe(bar.kind))}));
}

namespace {

std::optional<core::Bar> bar_of(const Draft& draft, const core::Job& job) {
  return draft.conditions.bar(draft.context(), job, draft.context().table.find(job.id));
}

// It waits for nothing but the world.
bool is_barred(const core::Job& job) {
  return job.state == State::transient_error && !job.retry && job.error &&
         core::is_bar(job.error->code);
}

void let_go(Draft& draft, const base::JobId& id, const core::Job& job) {
  // It waits for a new address, or for its server.
  if (job.address_file != base::no_file || (job.retry && draft.holds().until(draft.context(), draft.conditions.origins(), id))) return;
  BH_ASSERT(step(draft, id, core::JobEvent::unblocked));
}

// Another bar than the one before: GetError tells the one that holds.
void change_bar(Draft& draft, const base::JobId& id, const core::Bar& bar) {
  if (draft.job(id)->error->code == bar.code) return;
  core::ErrorInfo error = *draft.job(id)->error;
  error.code = bar.code;
  error.text = core::describe(bar.kind);
  draft.edit(id, Weight::hard).error = std::move(error);
}

void reconsider_all(Draft& draft) {
  for (const base::JobId& id : draft.perhaps_in(
           {State::queued, State::connecting, State::transferring, State::transient_error}))
    reconsider(draft, id);
}

// A machine that goes to sleep bars nobody for long: those that run give their turn back, and what
// waits is left as it is.
void stop_for_sleep(Draft& draft) {
  for (const base::JobId& id : draft.perhaps_in({State::connecting, State::transferring})) {
    Run* run = draft.runs.edit(id);
    if (run == nullptr || !moves(draft, id)) continue;
    run->active = false;
    lose_turn(draft, id);
  }
}

void log_change(Draft& draft, const core::Surroundings& before, const core::Surroundings& after) {
  const auto say = [&](bool changed, std::string text) {
    if (changed) draft.log(base::LogLevel::notice, std::move(text));
  };
  say(before.cost != after.cost, "the network is " + core::cost::describe(after.cost));
  const bool portal = after.connectivity == core::Connectivity::portal;
  say((before.connectivity == core::Connectivity::portal) != portal,
      portal ? "the network wants somebody to log in" : "the network is open");
  say(before.on_battery != after.on_battery,
      after.on_battery ? "the machine runs on battery" : "the machine has mains power");
  say(before.power_saver != after.power_saver,
      after.power_saver ? "the machine saves power" : "the machine saves no power");
  say(before.going_to_sleep != after.going_to_sleep,
      after.going_to_sleep ? "the machine goes to sleep" : "the machine is awake");
}

// What the schedule leaves now, and when it may say something else.
void read_schedule(Draft& draft) {
  Conditions& conditions = draft.conditions;
  const base::WallTime local = draft.now().wall + conditions.world.around.utc_offset;
  conditions.next_look = conditions.policy->goes_by_hours()
                             ? draft.now().boot + (core::next_hour(local) - local)
                             : base::never;
  const core::RateLimits limits = core::rate_limits(conditions.policy->bandwidth, local);
  if (limits == conditions.limits) return;
  conditions.limits = limits;
  draft.effect(effect::LimitRates{limits});
}

}  // namespace

bool suspend_stray(Draft& draft, const base::JobId& id) {
  const core::Job& job = *draft.job(id);
  const core::Owner owner = core::owner_of(job);
  const std::string* why = draft.conditions.stray_account(owner);
  if (why == nullptr || core::is_unit(core::account_of(owner))) return false;
  const bool moves_by_itself =
      base::is_running(job.state) || job.state == State::queued || job.state == State::transient_error;
  if (job.intent != core::Intent::none || !moves_by_itself) return true;
  draft.log(base::LogLevel::warning, "suspended: " + *why, id);
  BH_ASSERT(step(draft, id, core::JobEvent::suspend));
  return true;
}

void reconsider(Draft& draft, const base::JobId& id) {
  const core::Job* job = draft.job(id);
  if (job == nullptr || job->intent != core::Intent::none || suspend_stray(draft, id)) return;
  const bool barred = is_barred(*job);
  if (!barred && !base::is_running(job->state) && job->state != State::queued) return;
  const auto in_the_way = bar_of(draft, *job);
  if (barred && in_the_way)
    change_bar(draft, id, *in_the_way);
  else if (barred)
    let_go(draft, id, *job);
  else if (in_the_way && in_the_way->kind != core::WaitingKind::sleep)
    bar(draft, id, *in_the_way);
}

void judge_anew(Draft& draft, const base::JobId& id) {
  const core::Job& job = *draft.job(id);
  if (job.intent == core::Intent::none && is_barred(job) && job.error->code == base::Code::BG_E_BLOCKED_BY_POLICY)
    let_go(draft, id, job);
}

namespace {

void network_is(Draft& draft, const ports::NetworkChanged& event) {
  if (draft.conditions.world.network_up != event.up) {
    draft.log(base::LogLevel::notice, event.up ? "network is up" : "network is down");
    draft.conditions.since = draft.now().wall;
  }
  draft.conditions.world.network_up = event.up;
  if (!event.up) return reconsider_all(draft);
  draft.conditions.spread = core::Spread{.next = draft.now().boot};
  // All of them, whatever their code (http-and-network.md §8), but those that something else bars.
  for (const base::JobId& id : draft.perhaps_in({State::transient_error})) {
    const core::Job* job = draft.job(id);
    if (job == nullptr || job->intent != core::Intent::none || job->state != State::transient_error)
      continue;
    const auto in_the_way = bar_of(draft, *job);
    if (!in_the_way)
      let_go(draft, id, *job);
    else if (is_barred(*job))
      change_bar(draft, id, *in_the_way);
  }
}

}  // namespace

void on(Draft& draft, const ports::NetworkChanged& event) {
  draft.keep_if_dropped(event);
  network_is(draft, event);
}

void on(Draft& draft, const ports::SurroundingsChanged& event) {
  draft.keep_if_dropped(event);
  core::Surroundings& around = draft.conditions.world.around;
  log_change(draft, around, event.around);
  // Who logs on and off is nothing to jobs that do not wait for it: a later policy finds who is there.
  core::Surroundings but_for_logons = around;
  but_for_logons.logged_on = event.around.logged_on;
  if (draft.conditions.known && but_for_logons == event.around && !draft.conditions.policy->only_while_logged_on.value) {
    around = event.around;
    return;
  }
  const bool woke = around.going_to_sleep && !event.around.going_to_sleep;
  if (around != event.around) draft.conditions.since = draft.now().wall;
  around = event.around;
  read_schedule(draft);
  draft.conditions.known = true;
  draft.conditions.lets_sleep = false;
  if (around.going_to_sleep) return stop_for_sleep(draft);
  reconsider_all(draft);
  if (woke) network_is(draft, {draft.conditions.world.network_up});
}

namespace {

// What is under way is asked for anew, of the address that comes first as the rules are now. What a job that asks but
// once has asked for may have been done: that goes on, unless it may come from a server that is off limits.
void ask_by_other_rules(Draft& draft, const base::JobId& id, bool may_be_off_limits) {
  if (!moves(draft, id)) return;
  if (!core::asks_once(*draft.job(id))) return interrupt(draft, id);
  if (may_be_off_limits) lose_turn(draft, id);
}

}  // namespace

void on(Draft& draft, const ports::PolicyChanged& event) {
  draft.keep_if_dropped(event);
  lay_down(draft, event.policy, event.warnings);
}

void lay_down(Draft& draft, core::Policy policy, const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) draft.log(base::LogLevel::warning, warning);
  draft.log(base::LogLevel::notice, "the settings were read again");
  if (const bool by_hours = policy.goes_by_hours(); by_hours != draft.conditions.policy->goes_by_hours())
    draft.effect(effect::FollowLocalTime{by_hours});
  core::prefer(policy.cache, policy.neighbours, draft.conditions.preferences);
  const core::SharedRequestRules before = draft.conditions.policy->requests;
  // What did not change stays the same value, and nobody who compares them is interrupted.
  if (*policy.requests == *before) policy.requests = before;
  const std::shared_ptr<const core::Policy> former = std::exchange(draft.conditions.policy, std::make_shared<core::Policy>(std::move(policy)));
  read_schedule(draft);
  reconsider_all(draft);
  change_sources(draft, *former);
  if (draft.conditions.policy->requests == before) return;
  const core::AllowedOrigins& origins = draft.conditions.origins();
  const bool may_be_off_limits = !origins.all() && origins != before->origins;
  for (const base::JobId& id : draft.perhaps_in({State::connecting, State::transferring}))
    ask_by_other_rules(draft, id, may_be_off_limits);
}

// One network does not know of another's budget.
void on(Draft& draft, const ports::RouteChanged& event) {
  draft.keep_if_dropped(event);
  if (draft.conditions.world.route == event.route) return;
  draft.conditions.world.route = event.route;
  draft.conditions.since = draft.now().wall;
  if (draft.conditions.policy->has_budgets()) reconsider_all(draft);
}

void on(Draft& draft, const ports::AccountsChanged& event) {
  draft.keep_if_dropped(event);
  Conditions& conditions = draft.conditions;
  conditions.accounts_known = true;
  const auto before = conditions.stray;
  if (*before == event.stray) return;
  conditions.stray = std::make_shared<core::StrayAccounts>(event.stray);
  for (const auto& [account, why] : event.stray)
    if (!before->contains(account))
      draft.log(core::is_unit(account) ? base::LogLevel::info : base::LogLevel::warning,
                why + "; its jobs wait for it to be back");
  for (const auto& [account, why] : *before)
    if (!event.stray.contains(account) && !core::is_unit(account) &&
        draft.context().table.owners().counts().contains(account))
      draft.log(base::LogLevel::notice, "the account " + account.name + " (user " + std::to_string(account.uid) +
                                            ") is back; its jobs wait to be started");
  for (const base::JobId& id :
       draft.perhaps_in({State::queued, State::connecting, State::transferring, State::transient_error}))
    reconsider(draft, id);
}

void on(Draft& draft, const ports::Received& event) {
  Conditions& conditions = draft.conditions;
  core::World& world = conditions.world;
  if (!conditions.policy->has_budgets()) return;
  draft.keep_if_dropped(event);
  const base::WallTime local = draft.now().wall + world.around.utc_offset;
  auto spent = std::make_shared<core::Ledger>(*world.spent);
  spent->charge(core::network_name(world.around.connection, world.route),
                std::chrono::floor<std::chrono::days>(local), event.owner, event.octets);
  world.spent = std::move(spent);
  // Those that run may have used up what there was.
  for (const base::JobId& id : draft.perhaps_in({State::connecting, State::transferring})) reconsider(draft, id);
}

void look_at_schedule(Draft& draft) {
  if (draft.now().boot < draft.conditions.next_look) return;
  read_schedule(draft);
  reconsider_all(draft);
}

void tell_machine(Draft& draft) {
  bool awake = false;
  bool busy = false;
  bool background = false;
  const auto look = [&](const base::JobId& id) {
    const Run* run = draft.runs.find(id);
    busy = busy || run != nullptr;
    const core::Job* job = run == nullptr ? nullptr : draft.job(id);
    if (run == nullptr || !run->active || job == nullptr) return;
    awake = awake || job->rare->keep_awake;
    background = background || core::is_background(core::served_as(*job));
  };
  for (const auto& [id, run] : draft.view().runs.all()) look(id);
  for (const base::JobId& id : draft.runs.touched()) look(id);
  Conditions& conditions = draft.conditions;
  const core::Leave leave{.allowed = conditions.known && core::may_fetch_from_afar(conditions.world, *conditions.policy,
                                                                                   draft.now().wall),
                          .own_background = background};
  if (std::exchange(conditions.leave, leave) != leave) draft.effect(effect::GiveLeave{leave});
  if (std::exchange(conditions.keeps_awake, awake) != awake)
    draft.effect(effect::KeepAwake{awake});
  if (!conditions.world.around.going_to_sleep || busy) return;
  if (!std::exchange(conditions.lets_sleep, true)) draft.effect(effect::LetSleep{});
}

}  // namespace backhaul::engine
