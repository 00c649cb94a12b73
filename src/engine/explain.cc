// SPDX-License-Identifier: Apache-2.0
// Why a job waits, as a chain: the job, those that are served before it, what the machine tells, and
// the policy with the line that says so.
#include <algorithm>
#include <chrono>
#include <utility>

#include "core/cost.h"
#include "core/http.h"
#include "core/local_address.h"
#include "core/mirrors.h"
#include "core/schedule.h"
#include "engine/commands.h"
#include "engine/engine.h"
#include "engine/next_file.h"
#include "engine/server_use.h"
#include "engine/urgency.h"

namespace backhaul::engine {
namespace {

using core::Cause;
using core::Subject;
using core::WaitingKind;

// What the machine tells, and who told it.
std::pair<std::string, std::string> fact(const core::Bar& bar, const core::World& world) {
  switch (bar.kind) {
    case WaitingKind::sleep: return {"the machine goes to sleep", "systemd-logind"};
    case WaitingKind::network: return {"no interface of the machine reaches anything", "the kernel"};
    case WaitingKind::login: return {"the network shows a login page", "NetworkManager"};
    case WaitingKind::logon: return {"its owner has no session and does not linger", "systemd-logind"};
    case WaitingKind::cost:
      return {"the network is " + core::cost::describe(world.around.cost),
              (world.around.cost & core::cost::roaming) != 0 ? "ModemManager" : "NetworkManager"};
    case WaitingKind::battery: return {"the machine runs on battery", "UPower"};
    case WaitingKind::power_saver: return {"the machine saves power", "power-profiles-daemon"};
    case WaitingKind::budget: return {bar.subject, world.around.connection.empty() ? "the kernel" : "NetworkManager"};
    default: return {};
  }
}

std::string rule(const core::Bar& bar, const core::Job& job, const core::Policy& policy) {
  const std::string priority(base::to_word(job.priority));
  const auto word = [](core::PowerRule rule) {
    return rule == core::PowerRule::pause ? "every job" : "jobs that are not in the foreground";
  };
  switch (bar.kind) {
    case WaitingKind::login: return "jobs wait until somebody has logged in";
    case WaitingKind::logon: return "jobs of people go on only while they are logged on";
    case WaitingKind::cost:
      if (job.rare->cost_flags != 0)
        return "its own cost flags take " + core::cost::to_word(job.rare->cost_flags);
      return "jobs of " + priority + " priority take " +
             core::cost::to_word(core::cost_flags_in_force({.priority = job.priority}, policy));
    case WaitingKind::battery:
      return std::string("on battery ") + word(policy.on_battery.value) + " wait";
    case WaitingKind::power_saver:
      return std::string("while the machine saves power ") + word(policy.on_power_saver.value) + " wait";
    case WaitingKind::bandwidth:
      return "jobs of " + priority + " priority have a bandwidth of 0 now";
    case WaitingKind::policy: return "jobs may fetch from the servers of AllowedOrigins, and " + bar.subject + " is none of them";
    case WaitingKind::budget: return "jobs wait when what may come over a network in a period is used up";
    default: return {};
  }
}

const char* const built_in = "built in";

std::string place_of(const core::Bar& bar, const core::Job& job) {
  if (bar.kind == WaitingKind::cost && job.rare->cost_flags != 0) return "the job";
  return bar.where.empty() ? built_in : bar.where;
}

std::string said(const std::string& where) { return where.empty() ? built_in : where; }

std::string seconds(base::Microseconds time) {
  return std::to_string(std::chrono::floor<std::chrono::seconds>(time).count()) + " s";
}

// "connecting to example.org".
std::string busy_with(const core::Job& job, const core::File* next, const core::AllowedOrigins& origins) {
  std::string text(base::to_word(job.state));
  if (!base::is_running(job.state) || next == nullptr) return text;
  const std::string host = core::url_host(core::address(*next, origins));
  if (host.empty()) return text;
  return text + (job.state == base::JobState::connecting ? " to " : " from ") + host;
}

void explain_account(const core::Waiting& why, const core::Job& job, std::vector<Cause>& chain) {
  const bool of_unit = core::is_unit(core::account_of(core::owner_of(job)));
  const std::string then = of_unit ? "goes on" : "waits to be started";
  chain.push_back({.subject = Subject::world,
                   .kind = chain.front().kind,
                   .sentence = why.arguments.front(),
                   .where = "the accounts of the machine"});
  chain.push_back({.subject = Subject::policy,
                   .kind = chain.front().kind,
                   .sentence = "nothing is done for it until the account is what it was; then it " + then +
                               ". Root can cancel it or take it over",
                   .where = built_in});
}

// Who is told of the end of it, once there is somebody to start it for.
void explain_session(const core::Waiting& why, std::vector<Cause>& chain) {
  const bool waits = why.kind == WaitingKind::owner_complete || why.kind == WaitingKind::owner_error;
  if (!waits || why.arguments.size() < 2) return;
  chain.push_back({.subject = Subject::world,
                   .kind = chain.front().kind,
                   .sentence = "its owner has no session, whose bus would start " + why.arguments[1],
                   .where = "the session bus of its owner"});
  chain.push_back({.subject = Subject::policy,
                   .kind = chain.front().kind,
                   .sentence = "a class is started in a session of the owner of the job, unless root installed it for "
                               "the system bus; it is told as soon as there is one",
                   .where = built_in});
}

std::string answer_of(base::Code code) {
  return base::is_http_code(code) ? "HTTP " + std::to_string(base::http_status(code)) : "the answer";
}

// Its own settings say how long it waits for another try, and for another address.
void explain_patience(const core::Waiting& why, const core::Job& job, std::vector<Cause>& chain) {
  if (why.kind != WaitingKind::retry && why.kind != WaitingKind::address) return;
  chain.push_back({.subject = Subject::policy,
                   .kind = chain.front().kind,
                   .sentence = why.kind == WaitingKind::retry
                                   ? "it is tried again after " + seconds(job.minimum_retry_delay)
                                   : "for a new address it waits " + seconds(job.rare->address_timeout) +
                                         " in all, and then it is in error; move gives it one",
                   .where = "the job"});
}

// What ends the wait for somebody who does not answer: nobody can be made to.
void explain_silence(const core::Waiting& why, const core::Job& job, std::vector<Cause>& chain) {
  const auto add = [&](std::string sentence, std::string where) {
    chain.push_back({.subject = Subject::policy,
                     .kind = std::string(core::to_word(why.kind)),
                     .sentence = std::move(sentence),
                     .where = std::move(where)});
  };
  if (why.kind == WaitingKind::answer) {
    add("a server that says nothing for minutes is given up, and asked again after " +
            seconds(job.minimum_retry_delay), "the job");
    add("suspend and start ask it anew at once; another address (move) asks another server", built_in);
  } else if (why.kind == WaitingKind::directory) {
    add("it goes on by itself when the file system answers; other jobs do not wait for that", built_in);
  } else if (why.kind == WaitingKind::closing && why.arguments.size() > 1) {
    add("it is carried out when the file system answers, also after a restart of the service", built_in);
  }
}

}  // namespace

std::vector<core::Cause> Engine::explain(const core::Job& job, const ports::Caller& caller) const {
  const core::Waiting why = waiting(job);
  const Entry* entry = context_.table.find(job.id);
  const core::File* next = entry == nullptr ? nullptr : next_to_fetch(job, *entry, parts_.conditions.origins());
  const base::WallTime now = context_.clocks.this_moment().wall;
  std::vector<Cause> chain;
  chain.push_back({.subject = Subject::job,
                   .kind = std::string(core::to_word(why.kind)),
                   .since = why.since,
                   .until = why.until,
                   .sentence = why.kind == WaitingKind::nothing
                                   ? "it waits for nothing: " + busy_with(job, next, parts_.conditions.origins())
                                   : core::render(why, now)});
  if (base::is_final(job.state)) return chain;
  if (why.kind == WaitingKind::account) explain_account(why, job, chain);
  explain_session(why, chain);
  if (why.kind == WaitingKind::turn) explain_turn(job, caller, chain);
  if (why.kind == WaitingKind::server) explain_server(job, why, caller, chain);
  explain_patience(why, job, chain);
  explain_silence(why, job, chain);
  if (next == nullptr) return chain;
  for (const core::Bar& bar : parts_.conditions.bars(context_, job, entry)) {
    const std::string kind(core::to_word(bar.kind));
    auto [sentence, source] = fact(bar, parts_.conditions.world);
    if (!sentence.empty())
      chain.push_back({.subject = Subject::world,
                       .kind = kind,
                       .since = parts_.conditions.since,
                       .sentence = std::move(sentence),
                       .where = std::move(source)});
    if (std::string laid_down = rule(bar, job, *parts_.conditions.policy); !laid_down.empty())
      chain.push_back({.subject = Subject::policy,
                       .kind = kind,
                       .until = bar.until.value_or(base::WallTime{}),
                       .sentence = std::move(laid_down),
                       .where = place_of(bar, job)});
  }
  explain_neighbours(job, *next, chain);
  explain_limit(job, *next, chain);
  explain_budgets(job, *next, chain);
  const Run* run = parts_.fetching.runs().find(job.id);
  if (const auto need = need_of(job, run, context_.clocks.this_moment()))
    chain.push_back({.subject = Subject::policy,
                     .kind = "needed-by",
                     .until = job.rare->needed_by,
                     .sentence = core::describe(*need),
                     .where = "the job"});
  return chain;
}

// Whose answer it was, and whom it holds: the wish is one of the server, not of the address that was asked.
void Engine::explain_server(const core::Job& job, const core::Waiting& why, const ports::Caller& caller,
                            std::vector<core::Cause>& chain) const {
  const std::string origin = server_waited_for(job);
  const Holds::Held* held = parts_.fetching.holds().find(origin, job.owner_uid, context_.clocks.this_moment().boot);
  if (held != nullptr) {
    const Told* told = &held->second.told;
    const Entry* entry = context_.table.find(told->job);
    const bool own = told->job == job.id;
    const bool known = own || (entry != nullptr && may_touch(entry->job, caller));
    Cause cause{.subject = own ? Subject::world : Subject::before, .kind = chain.front().kind, .until = why.until};
    const bool ended = entry != nullptr && base::is_final(entry->job.state);
    if (known && !own && !ended) cause.job = told->job;  // what has ended nobody can do anything about
    cause.sentence = own ? "it" : known ? "\"" + std::string(entry->job.name) + (ended ? "\", which has ended," : "\"") : "another job";
    cause.sentence += known && !told->address.empty() ? " asked for " + told->address : " asked";
    cause.sentence += ", and " + answer_of(told->code) + " from " + core::url_host(origin) + " said to come back later";
    chain.push_back(std::move(cause));
  }
  const std::string whose = held != nullptr && held->first.owner
                                ? "all jobs of the owner whose proxy, checks or secrets went with the request"
                                : "all jobs";
  chain.push_back({.subject = Subject::policy,
                   .kind = chain.front().kind,
                   .until = why.until,
                   .sentence = "a server that asks for time gets it from " + whose + ", whatever they fetch from " +
                               origin + "; start asks it at once",
                   .where = built_in});
}

// The bandwidth that its transfers are kept to, which is no reason to wait.
void Engine::explain_limit(const core::Job& job, const core::File& next,
                           std::vector<core::Cause>& chain) const {
  const core::World& world = parts_.conditions.world;
  const base::WallTime local = context_.clocks.this_moment().wall + world.around.utc_offset;
  const std::string_view address = core::address(next, parts_.conditions.origins());
  if (core::is_local_address(address)) return;
  const bool near = core::is_near(core::url_host(address));
  const core::BandwidthNow held =
      core::bandwidth_at(parts_.conditions.policy->bandwidth, job.priority, local, near);
  if (held.kilobits.value_or(0) == 0) return;
  Cause cause{.subject = Subject::policy, .kind = std::string(core::to_word(WaitingKind::bandwidth))};
  if (held.hours_left) cause.until = core::next_hour(local) + *held.hours_left - world.around.utc_offset;
  cause.sentence = "jobs of " + std::string(base::to_word(job.priority)) + " priority are kept to " +
                   std::to_string(*held.kilobits) + " kbit/s now";
  cause.where = said(held.where);
  chain.push_back(std::move(cause));
}

// What it is counted for, and how long that lasts, which is no reason to wait.
void Engine::explain_budgets(const core::Job& job, const core::File& next, std::vector<core::Cause>& chain) const {
  if (core::is_near(core::url_host(core::address(next, parts_.conditions.origins())))) return;
  const core::Owner owner = core::owner_of(job);
  for (const core::BudgetStatus& status : budgets({.uid = owner.uid, .application = owner.application})) {
    if (!status.in_use || status.is_used_up()) continue;
    const base::WallTime end = status.runs_out == base::WallTime{} ? status.until : status.runs_out;
    std::string sentence = core::describe(status);
    if (status.runs_out == base::WallTime{}) {
      sentence += ", and it lasts as long";
    } else {
      const auto left = std::chrono::ceil<std::chrono::seconds>(end - context_.clocks.this_moment().wall);
      sentence += "; at the present rate the rest lasts " + core::duration_text(left);
    }
    chain.push_back({.subject = Subject::policy,
                     .kind = std::string(core::to_word(WaitingKind::budget)),
                     .until = end,
                     .sentence = std::move(sentence),
                     .where = said(status.budget.where)});
  }
}

// Those that have the turn that it waits for, and the rule that gave it to them.
void Engine::explain_turn(const core::Job& job, const ports::Caller& caller,
                          std::vector<core::Cause>& chain) const {
  const bool background = core::is_background(core::served_as(job));
  for (const auto& [id, run] : parts_.fetching.runs().all()) {
    const core::Job& other = context_.table.find(id)->job;
    if (!run.active || core::is_background(core::served_as(other)) != background) continue;
    Cause cause{.subject = Subject::before, .kind = "turn"};
    const bool known = may_touch(other, caller).has_value();
    const std::string name = known ? "\"" + std::string(other.name) + "\"" : "a job of somebody else";
    if (known) cause.job = id;
    cause.sentence =
        name + " is being served, of " + std::string(base::to_word(other.priority)) + " priority";
    cause.since = context_.clocks.on_wall_clock(run.slice_began, context_.clocks.this_moment());
    chain.push_back(std::move(cause));
  }
  const core::Limits& limits = parts_.conditions.policy->limits;
  const core::AllowedOrigins& origins = parts_.conditions.origins();
  const std::string server = server_of(next_to_fetch(job, *context_.table.find(job.id), origins), origins);
  if (!server.empty() && places_at(Draft(context_, view_), server).is_full()) {
    chain.push_back({.subject = Subject::policy,
                     .kind = "turn",
                     .sentence = std::to_string(limits.connections_per_server.value) +
                                 " foreground jobs transfer from " + core::url_host(server) +
                                 ", as many as there may be connections to one host",
                     .where = said(limits.connections_per_server.where)});
    return;
  }
  const std::string sentence =
      background ? "background jobs transfer one at a time, " + seconds(limits.slice.value) +
                       " each of those of one priority"
                 : std::to_string(limits.foreground_jobs.value) + " foreground jobs transfer at once";
  chain.push_back({.subject = Subject::policy,
                   .kind = "turn",
                   .sentence = sentence,
                   .where = said(background ? limits.slice.where : limits.foreground_jobs.where)});
}

}  // namespace backhaul::engine
