// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/ledger.h"

#include <algorithm>

#include "core/notify_ladder.h"

namespace backhaul::sim {
namespace {

using base::JobState;

// Puts another listener in front of the one that is there.
template <class F, class G>
void also(std::function<F>& hook, G added) {
  hook = [old = std::move(hook), added](const auto&... arguments) {
    if (old) old(arguments...);
    added(arguments...);
  };
}

std::string object_text(const core::ObjectRegistration& object) {
  return object.unique_name + object.path;
}

}  // namespace

Ledger::Ledger(World& world) : world_(world) {
  also(world.store.on_change, [this](const SimStore::Row* before, const SimStore::Row* after) {
    row_changed(before, after);
  });
  also(world.notifier.on_notify, [this](const ports::Notification& n) { about_to_tell(n); });
  also(world.notifier.on_acknowledged, [this](const Delivered& d) { acknowledged(d); });
  also(world.notifier.on_refused, [this](const Delivered& d) { refused(d); });
  also(world.launcher.on_acknowledged, [this](const base::JobId& job, std::uint64_t sequence) {
    acknowledged({job, core::NotifyKind::none, sequence, {}});
  });
  also(world.clients.on_reply, [this](const Call& call) { answered(call); });
}

// --- calls ---------------------------------------------------------------------------------------

void Ledger::wish(const base::JobId& job, Property property, base::CallId call,
                  std::string value) {
  accounts_[job].wishes[property].push_back({call, std::move(value), false});
}

void Ledger::wish_all(const base::JobId& job, base::CallId call, const ports::JobChange& change) {
  const auto number = [&](Property property, const std::optional<std::uint32_t>& value) {
    if (value) wish(job, property, call, std::to_string(*value));
  };
  if (change.name) wish(job, Property::name, call, *change.name);
  if (change.description) wish(job, Property::description, call, *change.description);
  number(Property::priority, change.priority);
  number(Property::flags, change.notify_flags);
  if (change.minimum_retry_delay)
    wish(job, Property::retry_delay, call,
         std::to_string(std::max(*change.minimum_retry_delay, core::shortest_retry_delay.count())));
  number(Property::no_progress, change.no_progress_timeout);
  number(Property::maximum_time, change.maximum_download_time);
  number(Property::interval, change.notification_interval);
  if (change.notify_class) wish(job, Property::service, call, change.notify_class->name);
  if (change.command) wish(job, Property::command, call, change.command->program);
  if (change.auto_complete.value_or(false)) accounts_[job].completes_itself = true;
  if (change.on_demand_mode.value_or(false)) accounts_[job].suspends_itself = true;
}

void Ledger::asked(const Call& call) {
  const auto job = job_of(call.body);
  if (!job || !accounts_.contains(*job)) return;
  Account& account = accounts_[*job];
  std::erase_if(refused_, [&](const auto& entry) { return entry.first.first == *job; });
  namespace command = ports::command;
  if (const auto* c = std::get_if<command::Change>(&call.body))
    wish_all(*job, call.id, c->change);
  else if (const auto* object = std::get_if<command::SetObject>(&call.body))
    wish(*job, Property::object, call.id, object_text(object->object));
  else if (std::holds_alternative<command::ClearObject>(call.body))
    wish(*job, Property::object, call.id, "");
  else if (std::holds_alternative<command::TakeOwnership>(call.body)) {
    wish(*job, Property::owner, call.id, std::to_string(call.caller.uid));
    wish(*job, Property::command, call.id, "");
  } else if (std::holds_alternative<command::Start>(call.body))
    wish(*job, Property::moving, call.id, "yes");
  else if (std::holds_alternative<command::Suspend>(call.body))
    wish(*job, Property::moving, call.id, "no");
  else if (const auto* files = std::get_if<command::AddFiles>(&call.body))
    account.files_asked += static_cast<std::uint32_t>(files->files.size());
  else if (std::holds_alternative<command::Complete>(call.body) ||
           std::holds_alternative<command::Cancel>(call.body))
    account.ending_asked = true;
}

void Ledger::settle(Account& account, base::CallId call, bool accepted) {
  for (auto& [property, wishes] : account.wishes) {
    if (!accepted) {
      std::erase_if(wishes, [&](const Wish& wish) { return wish.call == call; });
      continue;
    }
    auto mine = std::find_if(wishes.begin(), wishes.end(),
                             [&](const Wish& wish) { return wish.call == call; });
    if (mine == wishes.end()) continue;
    const Wish latest{call, mine->value, true};
    // It overrides whatever came before; what waits still, whoever asked for it and when, may follow.
    std::erase_if(wishes, [&](const Wish& wish) { return !is_open(wish.call); });
    wishes.insert(wishes.begin(), latest);
  }
}

bool Ledger::is_open(base::CallId call) const {
  const auto& calls = world_.clients.calls();
  const auto found = calls.find(call);
  return found != calls.end() && found->second.open();
}

// The disk was asked since the call came.
void Ledger::check_directory(const Call& call) const {
  const auto* enqueue = std::get_if<ports::command::Enqueue>(&call.body);
  const auto* add = std::get_if<ports::command::AddFiles>(&call.body);
  const bool has_files = (enqueue != nullptr && !enqueue->files.empty()) ||
                         (add != nullptr && !add->files.empty());
  if (has_files && call.accepted() && closed_since_ && *closed_since_ < call.asked)
    world_.stage.fail(call.what + " was accepted for a directory that cannot be written to");
}

void Ledger::answered(const Call& call) {
  const bool accepted = call.accepted();
  check_directory(call);
  namespace command = ports::command;
  if (const auto* enqueue = std::get_if<command::Enqueue>(&call.body)) {
    if (!accepted) return;
    const base::JobId job = std::get<base::JobId>(**call.reply);
    if (accounts_.contains(job)) world_.stage.fail("a job id was given out twice");
    Account& account = accounts_[job];
    owners_[job] = call.caller.uid;
    account.made = world_.service_ran();
    wish_all(job, call.id, enqueue->properties);
    wish(job, Property::moving, call.id, enqueue->start ? "yes" : "no");
    wish(job, Property::owner, call.id, std::to_string(call.caller.uid));
    account.files_promised = account.files_asked =
        static_cast<std::uint32_t>(enqueue->files.size());
    settle(account, call.id, true);
    check_job(job, account);
    return;
  }
  const base::JobId job = *job_of(call.body);
  auto it = accounts_.find(job);
  if (it == accounts_.end()) return;
  Account& account = it->second;
  if (accepted && call.caller.uid != 0 && call.caller.uid != owners_[job])
    world_.stage.fail(call.what + " of another user was accepted");
  settle(account, call.id, accepted);
  if (!accepted) return;
  // It may have waited since it was asked for.
  std::erase_if(refused_, [&](const auto& entry) { return entry.first.first == job; });
  if (account.ending_promised) world_.stage.fail(call.what + " was accepted after the end");
  if (const auto* files = std::get_if<command::AddFiles>(&call.body))
    account.files_promised += static_cast<std::uint32_t>(files->files.size());
  if (std::holds_alternative<command::Complete>(call.body) ||
      std::holds_alternative<command::Cancel>(call.body))
    account.ending_promised = true;
  check_job(job, account);
}

void Ledger::service_died() {
  surely_acknowledged_.clear();
  refused_.clear();  // the refusal may not have been recorded
}

// --- rows ----------------------------------------------------------------------------------------

std::optional<std::string> Ledger::value(const core::Job& job, Property property) const {
  switch (property) {
    case Property::name: return job.name;
    case Property::description: return job.description;
    case Property::priority: return std::to_string(static_cast<unsigned>(job.priority));
    case Property::flags: return std::to_string(job.notify_flags);
    case Property::retry_delay: return std::to_string(job.minimum_retry_delay.count());
    case Property::no_progress: return std::to_string(job.no_progress_timeout.count());
    case Property::maximum_time: return std::to_string(job.maximum_download_time.count());
    case Property::interval: return std::to_string(job.notification_interval.count());
    case Property::service: return job.notify_class->name;
    case Property::command: return job.command->program;
    case Property::owner: return std::to_string(job.owner_uid);
    case Property::object: return job.object ? object_text(*job.object) : std::string();
    case Property::moving:
      // ERROR and TRANSFERRED are neither: the job stopped by itself.
      if (base::is_action(job.state)) return "yes";
      if (job.state == JobState::suspended) return "no";
      return std::nullopt;
  }
  return std::nullopt;
}

void Ledger::check_job(const base::JobId& id, const Account& account) {
  Stage& stage = world_.stage;
  const SimStore::Row* row = world_.store.find(id);
  const std::string who = world_.clients.name_of(id);
  if (row == nullptr) {
    if (!account.ending_asked && !account.completes_itself && !jobs_expire) stage.fail(who + ": the job is lost");
    return;
  }
  if (account.ending_promised && !base::is_final(row->job.state))
    stage.fail(who + ": has ended, and is still there");
  if (row->files.size() < account.files_promised) stage.fail(who + ": a file is lost");
  if (row->files.size() > account.files_asked) stage.fail(who + ": a file nobody asked for");
  for (const auto& [property, wishes] : account.wishes) {
    if (wishes.empty() || !wishes.front().promised) continue;
    const auto is = value(row->job, property);
    if (!is) continue;
    if (property == Property::object && is->empty()) continue;  // its program may be gone
    if (property == Property::moving && account.suspends_itself && *is == "no") continue;
    const bool allowed = std::any_of(wishes.begin(), wishes.end(),
                                     [&](const Wish& wish) { return wish.value == *is; });
    if (!allowed)
      stage.fail(who + ": property " + std::to_string(static_cast<int>(property)) + " is '" + *is +
                 "', promised was '" + wishes.front().value + "'");
  }
}

void Ledger::check_rows() {
  for (const auto& [id, account] : accounts_) check_job(id, account);
}

// --- events --------------------------------------------------------------------------------------

void Ledger::row_changed(const SimStore::Row* before, const SimStore::Row* after) {
  if (before == nullptr) return;
  if (after == nullptr) return row_removed(*before);
  const core::Job& was = before->job;
  const core::Job& is = after->job;
  check_given_up(was, is);
  // The ladder is climbed anew when who is registered changes, also when its process is gone.
  if (was.object != is.object)
    std::erase_if(refused_, [&](const auto& entry) { return entry.first.first == was.id; });
  check_registration(was, is);
  const core::NotifyKind owed = core::due_kind(is);
  if (was.state != is.state && owed != core::NotifyKind::none && is.pending->kind != owed &&
      !(base::is_final(is.state) && was.pending->kind != core::NotifyKind::job_transferred))
    world_.stage.fail(world_.clients.name_of(is.id) + ": the event of its new state is not due");
  for (const auto& [index, file] : before->files) {
    const core::File& now = after->files.at(index);
    const bool refused = file.state != core::FileState::waiting &&
                         now.state == core::FileState::waiting;
    if (file.event != 0 && now.event != file.event && !refused &&
        !acknowledged_.contains({was.id, file.event}))
      world_.stage.fail(world_.clients.name_of(is.id) + ": the event of a file was forgotten");
  }
  if (was.pending->kind == core::NotifyKind::none || was.state != is.state) return;
  if (is.pending->sequence == was.pending->sequence) return;
  if (is.pending->kind == was.pending->kind) return;  // registered anew: told again
  if (!acknowledged_.contains({was.id, was.pending->sequence}))
    world_.stage.fail(world_.clients.name_of(is.id) + ": an event was forgotten");
}

// Who comes hears of the state that the job is in; who goes keeps nobody else waiting.
void Ledger::check_registration(const core::Job& was, const core::Job& is) {
  if (was.object == is.object) return;
  const std::string who = world_.clients.name_of(is.id);
  const bool owes = is.state == JobState::transferred || is.state == JobState::error;
  if (is.object && owes &&
      (is.pending->kind == core::NotifyKind::none || is.pending->sequence == was.pending->sequence))
    world_.stage.fail(who + ": the event of its state is not due for the object that came");
  const auto waits = [](const core::Pending& before, const core::Pending& now) {
    return now.due && now.sequence == before.sequence && now.attempts == before.attempts;
  };
  if (was.object && (waits(*was.pending, *is.pending) || waits(*was.file_event, *is.file_event)))
    world_.stage.fail(who + ": waits for an object that has gone");
}

// The service gives up a job only for the time that it ran itself, whatever the clocks say.
void Ledger::check_given_up(const core::Job& was, const core::Job& is) {
  const auto it = accounts_.find(is.id);
  if (it == accounts_.end() || !it->second.made) return;
  const Microseconds ran = world_.service_ran() - *it->second.made + std::chrono::seconds(1);
  const auto check = [&](Microseconds limit, const char* what) {
    if (ran < limit) world_.stage.fail(world_.clients.name_of(is.id) + what);
  };
  if (was.intent == core::Intent::none && is.intent == core::Intent::cancel &&
      !it->second.ending_asked)
    check(world_.settings.policy.limits.inactivity_timeout.value, ": cancelled before its time");
  // A Complete that finds parts lost ends in ERROR, whenever its job would be tried again.
  const bool closed = was.intent == core::Intent::complete && is.intent == core::Intent::none;
  const bool no_progress = was.state == JobState::transient_error && is.state == JobState::error &&
                           was.address_file == base::no_file && !closed && is.error->code != base::Code::BG_E_VALIDATION_FAILED &&
                           is.error->code != base::Code::E_UNEXPECTED;
  if (no_progress)
    check(is.no_progress_timeout, ": in ERROR before its time");
}

// Only what nobody wants to hear goes with its job.
void Ledger::row_removed(const SimStore::Row& row) {
  core::Job was = row.job;
  const bool closing = was.intent != core::Intent::none;
  if (!base::is_final(was.state) && !closing)
    world_.stage.fail(world_.clients.name_of(was.id) + ": removed before its end");
  // Whoever completes or cancels a job knows; it is the service that tells when it did.
  if (closing && !(was.intent == core::Intent::complete && was.auto_complete &&
                   was.pending->kind == core::NotifyKind::job_transferred))
    return;
  if (was.object) {
    const Program* listener = world_.bus.find(was.object->unique_name);
    if (was.object->bus_id != world_.bus.id() || listener == nullptr || !listener->alive)
      was.object.reset();
  }
  const auto unheard = [&](core::NotifyKind kind, std::uint64_t sequence) {
    return flag_is_on(was.notify_flags, kind) && !acknowledged_.contains({was.id, sequence}) &&
           core::rung_for(was, kind, core::Rung::object, core::may_run_commands(was, false));
  };
  for (const auto& [index, file] : row.files)
    if (core::owes_file_events(was) && file.event != 0 &&
        unheard(core::NotifyKind::file_transferred, file.event))
      world_.stage.fail(world_.clients.name_of(was.id) +
                        ": removed with the event of a file that somebody wants");
  if (unheard(was.pending->kind, was.pending->sequence))
    world_.stage.fail(world_.clients.name_of(was.id) + ": removed with an event that somebody wants");
}

void Ledger::about_to_tell(const ports::Notification& notification) {
  if (notification.sequence == 0) return;
  if (surely_acknowledged_.contains({notification.job, notification.sequence}))
    world_.stage.fail(world_.clients.name_of(notification.job) +
                      ": told again what was acknowledged");
  // N51, as far as every job can rely on it: the floor of the retry delay.
  const auto last = refused_.find({notification.job, notification.sequence});
  if (last == refused_.end() || last->second.first != target_text(notification)) return;
  if (world_.stage.timeline.now() - last->second.second < std::chrono::seconds(5))
    world_.stage.fail(world_.clients.name_of(notification.job) + ": told again too soon");
  world_.stage.met("told again who refused");
}

void Ledger::refused(const Delivered& delivered) {
  if (delivered.sequence == 0 || is_superseded(delivered)) return;
  refused_[{delivered.job, delivered.sequence}] = {delivered.to, world_.stage.timeline.now()};
}

void Ledger::acknowledged(const Delivered& delivered) {
  acknowledged_.insert({delivered.job, delivered.sequence});
  if (!is_superseded(delivered)) surely_acknowledged_.insert({delivered.job, delivered.sequence});
}

// Somebody else is registered, or nobody any more, or somebody is about to change who is told: whoever
// is registered then, an object or a class, is told too, whatever this one answered.
bool Ledger::is_superseded(const Delivered& delivered) const {
  for (const auto& [id, call] : world_.clients.calls())
    if (call.open() && job_of(call.body) == delivered.job) return true;
  const SimStore::Row* row = world_.store.find(delivered.job);
  return delivered.registration != 0 && row != nullptr &&
         (!row->job.object || row->job.object->sequence != delivered.registration);
}

}  // namespace backhaul::sim
