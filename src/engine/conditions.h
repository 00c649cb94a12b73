// SPDX-License-Identifier: Apache-2.0
// What the world allows at this moment, as a value: the network and what it costs, power, sleep, the
// hours of the bandwidth schedule, and whether the service itself has room to work. What that means
// for a job core/admit says. A turn changes a copy of it (draft.h).
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "core/account.h"
#include "core/admit.h"
#include "core/leave.h"
#include "core/peer_preferences.h"
#include "core/schedule.h"
#include "engine/context.h"
#include "engine/table.h"
#include "ports/events.h"

namespace backhaul::engine {

class Draft;

// Short of descriptors or memory: nobody is given a turn until `over`.
struct Shortage {
  base::Code code{};
  base::Microseconds pause{};
  base::BootTime over{};

  bool operator==(const Shortage&) const = default;
};

struct Conditions {
  core::World world;
  std::shared_ptr<const core::Policy> policy = std::make_shared<core::Policy>();
  core::PeerPreferences preferences;  // what programs asked for; they are in the policy where no file says anything
  core::RateLimits limits;  // what transfers were told to keep to
  std::shared_ptr<const core::Ledger> stored = world.spent;  // what the store has of what was used
  base::BootTime stored_at{};
  base::WallTime since{};  // when the world changed last; epoch: not since the service runs
  bool known = true;       // the services of the machine have answered, or are not there
  std::shared_ptr<const core::StrayAccounts> stray = std::make_shared<core::StrayAccounts>();
  bool accounts_known = true;  // somebody has looked whether owners are who they were
  std::optional<Shortage> shortage;
  std::optional<core::Spread> spread;      // many may go on since a moment ago
  base::BootTime next_look = base::never;  // when the schedule may say something else
  core::Leave leave{};                     // that programs have, for downloads of their own
  bool keeps_awake = false;                // the machine was asked not to sleep
  bool lets_sleep = false;                 // … and told that it may

  bool is_short(base::BootTime now) const { return shortage && now < shortage->over; }
  // Somebody ran into it; the pause grows until something was stored again. False: known already.
  bool run_short(base::Code code, base::BootTime now, base::Microseconds first_pause);
  void had_room(base::BootTime now) {
    if (!is_short(now)) shortage.reset();
  }
  // Nobody is given a turn.
  bool rest(base::BootTime now) const {
    return is_short(now) || world.around.going_to_sleep || !known || !accounts_known;
  }
  // Why nothing is done for this owner; null: the account is what it was.
  const std::string* stray_account(const core::Owner& owner) const;
  // A job of a unit that does not run waits for it; that of an account that is gone is suspended.
  std::optional<core::Bar> unit_bar(const core::Job& job) const;
  // Whether it logs in by a ticket that a service of many users has not.
  bool lacks_ticket(const Context& context, const core::Job& job) const;
  // All that is in the way.
  std::vector<core::Bar> bars(const Context& context, const core::Job& job, const Entry* entry) const;
  // What is in the way of this job, as far as the file tells that it goes on with; null: it has none yet.
  std::optional<core::Bar> bar(const Context& context, const core::Job& job, const Entry* entry) const;
  const core::AllowedOrigins& origins() const { return policy->requests->origins; }
  // When something ends by itself.
  base::BootTime next(base::BootTime now) const {
    const base::BootTime begins = spread && spread->next > now ? spread->next : base::never;
    return std::min({is_short(now) ? shortage->over : base::never, begins, next_look,
                     world.spent == stored ? base::never : stored_at + checkpoint});
  }
  // What came is not told to the store with every piece; no later than this.
  static constexpr base::Microseconds checkpoint = std::chrono::seconds(1);
  void was_stored(base::BootTime now) {
    stored = world.spent;
    stored_at = now;
  }
  bool has_to_store(base::BootTime now) const { return world.spent != stored && now >= stored_at + checkpoint; }

  bool operator==(const Conditions&) const = default;
};

void on(Draft& draft, const ports::NetworkChanged& event);
void on(Draft& draft, const ports::SurroundingsChanged& event);
void on(Draft& draft, const ports::PolicyChanged& event);
void lay_down(Draft& draft, core::Policy policy, const std::vector<std::string>& warnings);
void on(Draft& draft, const ports::RouteChanged& event);
void on(Draft& draft, const ports::AccountsChanged& event);
void on(Draft& draft, const ports::AccountMoved& event);
void on(Draft& draft, const ports::Received& event);
// The hour of the schedule is over.
void look_at_schedule(Draft& draft);
// Nothing is done for an account that is somebody else's now, or nobody's: its job is suspended. False: it is not so.
bool suspend_stray(Draft& draft, const base::JobId& id);
// Whether the world allows this job what it did not allow before, or the other way round.
void reconsider(Draft& draft, const base::JobId& id);
// A file of the job has another address, or the job another login, which may be allowed: that is judged when it would
// get its next turn.
void judge_anew(Draft& draft, const base::JobId& id);
// The job waits until that is over.
void bar(Draft& draft, const base::JobId& id, const core::Bar& bar);
// At the end of the turn: what the machine is told of those that run, and programs that ask for leave.
void tell_machine(Draft& draft);
// The service is short of room to work: jobs wait until it may be better.
void note_shortage(Draft& draft, base::Code code, const std::string& text);

}  // namespace backhaul::engine
