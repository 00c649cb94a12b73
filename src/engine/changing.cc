// SPDX-License-Identifier: Apache-2.0
#include "engine/changing.h"

#include <algorithm>
#include <utility>

#include "core/admission.h"
#include "core/mirrors.h"
#include "core/notify_ladder.h"
#include "core/peer_cache.h"
#include "core/request_options.h"
#include "core/weight.h"
#include "engine/allowance.h"
#include "engine/asking.h"
#include "engine/blaming.h"
#include "engine/entrusting.h"
#include "engine/file_steps.h"
#include "engine/job_steps.h"
#include "engine/urgency.h"

namespace backhaul::engine {

using base::Code;

core::Author author(const Draft& draft, const ports::Caller& caller) {
  return {caller.uid, caller.program, draft.now().wall};
}

// --- properties ----------------------------------------------------------------------------------

namespace {

// What a confined application may have called or run is less than what a name may be. Clearing is
// always allowed.
base::Result<void> may_change(const ports::JobChange& change, const ports::Caller& caller) {
  if (change.command && !change.command->program.empty())
    BH_CHECK(core::may_set_command(caller.application));
  if (change.notify_class && !change.notify_class->empty())
    BH_CHECK(core::may_name_class(caller.application, change.notify_class->name));
  return {};
}

// Its class and command are set after the others.
std::uint64_t weight_with(const core::Job& changed, const ports::JobChange& change) {
  std::uint64_t octets = core::weigh(changed);
  if (change.notify_class) octets += change.notify_class->name.size() + change.notify_class->path.size();
  if (change.command) octets += change.command->program.size() + change.command->parameters.size();
  return octets;
}

void set_service(Draft& draft, const base::JobId& id,
                 const core::ClassRegistration& service, const ports::Caller& caller) {
  core::Job& job = draft.edit(id, Weight::hard);
  job.class_set_by = author(draft, caller);
  if (service == *job.notify_class) return;
  job.notify_class = service;
  climb_again(job);
  // The last one wins at once: an instance of an earlier class is not used any more.
  draft.effect(effect::ReleaseInstance{id});
}

// It will run programs, maybe long after whoever set it has gone: that is worth a line in the log.
void set_command(Draft& draft, const base::JobId& id,
                 const core::CommandRegistration& command, const ports::Caller& caller) {
  core::Job& job = draft.edit(id, Weight::hard);
  core::CommandRegistration set = command;
  set.uid = caller.uid;
  job.command = std::move(set);
  job.command_set_by = author(draft, caller);
  climb_again(job);
  if (command.program.empty()) return;
  const core::Author& by = *job.command_set_by;
  draft.log(base::LogLevel::notice,
            "user " + std::to_string(by.uid) + " set the notify command " + command.program +
                (by.program.empty() ? "" : " with " + by.program),
            id);
}

// What is under way was asked for as the owner had it before. A check of revocations counts for every
// byte of a file (http-and-network.md §5).
void ask_again(Draft& draft, const base::JobId& id, std::uint32_t security_before) {
  const std::uint32_t security = draft.job(id)->rare->security_flags;
  if ((security & ~security_before & core::security::check_revocation) != 0)
    return begin_anew(draft, id);
  interrupt(draft, id);
}

}  // namespace

base::Result<void> change(Draft& draft, const base::JobId& id, const ports::JobChange& asked,
                          const ports::Caller& caller) {
  ports::JobChange change = asked;
  if (change.usual_download_time)
    change.maximum_download_time = static_cast<std::uint32_t>(draft.conditions.policy->limits.usual_download_time().count());
  BH_CHECK(may_change(change, caller));
  const core::SharedRequestRules& rules = draft.conditions.policy->requests;
  const core::RequestOptions before = core::request_options_of(*draft.job(id), rules);
  BH_TRY(core::Job changed, core::change_settings(*draft.job(id), change));
  const std::uint64_t octets = weight_with(changed, change);
  const std::uint64_t octets_before = core::weigh(*draft.job(id));
  BH_CHECK(take_octets(draft, id, octets - std::min(octets, octets_before)));
  AddressHider hider(draft, id, caller);
  if (change.proxy) {
    core::ProxySettings proxy = *changed.rare->proxy;
    proxy.list = hider.hide_list(proxy.list);
    changed.rare.set(&core::RareOfJob::proxy, std::move(proxy));
  }
  const bool asks_otherwise = core::request_options_of(changed, rules) != before;
  const std::uint32_t peers_before = draft.job(id)->rare->peer_caching_flags;
  const bool other_mode = draft.job(id)->rare->on_demand_mode != changed.rare->on_demand_mode;
  BH_CHECK(hider.keep());
  if (change.proxy) changed.rare.set(&core::RareOfJob::secrets, draft.job(id)->rare->secrets);
  draft.edit(id, Weight::hard) = std::move(changed);
  look_at_need(draft, id);
  if (((peers_before ^ draft.job(id)->rare->peer_caching_flags) & core::peer_caching::client) != 0)
    change_sources(draft, id);
  if (asks_otherwise) ask_again(draft, id, before.security);
  if (other_mode) interrupt(draft, id);  // what is to be fetched of its files is something else
  if (change.notify_class) set_service(draft, id, *change.notify_class, caller);
  if (change.command) set_command(draft, id, *change.command, caller);
  auto effects = step(draft, id, core::JobEvent::change);
  if (!effects) return std::move(effects).error();
  // Only where it is set: after a Complete that failed no other change means "again".
  if (change.auto_complete) complete_by_itself(draft, id);
  // Other cost flags, or another priority, take effect at once.
  reconsider(draft, id);
  return {};
}

// --- the verdict on a file -----------------------------------------------------------------------

base::Result<void> set_validation_state(Draft& draft, const base::JobId& id, std::uint32_t index,
                                  bool valid) {
  const core::File* file = draft.file(id, index);
  if (file == nullptr)
    return base::Error(Code::BG_E_FILE_NOT_FOUND, "the job has no file " + std::to_string(index));
  if (file->state == core::FileState::waiting || file->state == core::FileState::discarded)
    return base::Error(Code::E_PENDING, "file " + std::to_string(index) + " is not complete yet");
  if (valid || file->state == core::FileState::completed) {
    draft.edit_file(id, index, Weight::hard, [&](core::File& row) { row.validated = valid; });
    BH_ASSERT(step(draft, id, core::JobEvent::change));
    return {};
  }
  const core::File before = *file;
  fetch_anew(draft, id, index);
  if (blame_neighbours(draft, id, before, "its owner found the file not valid", Denial::owner)) {
    interrupt(draft, id);
    if (draft.job(id)->state == base::JobState::transferred) BH_ASSERT(step(draft, id, core::JobEvent::start));
    BH_ASSERT(step(draft, id, core::JobEvent::change));
    return {};
  }
  BH_ASSERT(step(draft, id, core::JobEvent::validation_failed,
                 core::ErrorInfo{Code::BG_E_VALIDATION_FAILED, base::ErrorContext::remote_file,
                                 index, "the application found the file not valid",
                                 core::is_of_this_machine(*draft.file(id, index))}));
  return {};
}

// --- callback objects ----------------------------------------------------------------------------

base::Result<void> may_register(const Draft& draft, const std::string& unique_name) {
  const std::uint32_t most = draft.context().settings.registrations_per_program;
  const std::size_t committed = draft.context().table.registrations(unique_name);
  // Only close to the limit it matters which of them this turn has changed.
  if (committed + draft.jobs().size() < most) return {};
  if (draft.registered_by(unique_name).size() < most) return {};
  return {Code::E_OUTOFMEMORY, "the caller has " + std::to_string(most) +
                                   " objects registered, and none more is taken"};
}

namespace {

// Every registration of an object re-arms the event of the present state (notifications.md §5): a
// new number, so that an answer to an earlier delivery does not count for it, and under that number
// it stands in the log as well.
void rearm(Draft& draft, const base::JobId& id) {
  core::Job& job = draft.edit(id, Weight::hard);
  const core::NotifyKind kind = core::due_kind(job);
  if (kind == core::NotifyKind::none) return;
  job.pending = core::Pending{.kind = kind, .sequence = draft.numbers.next_sequence++};
  record_event(draft, job);
}

}  // namespace

void set_object(Draft& draft, const base::JobId& id, core::ObjectRegistration object,
                const ports::Caller& caller) {
  clear_object(draft, id, caller);
  core::Job& job = draft.edit(id, Weight::hard);
  object.sequence = draft.numbers.next_sequence++;
  job.object = std::move(object);
  rearm(draft, id);
}

void clear_object(Draft& draft, const base::JobId& id, const ports::Caller& caller) {
  core::Job& job = draft.edit(id, Weight::hard);
  if (job.object) draft.effect(effect::ReleaseObject{*job.object});
  draft.effect(effect::ReleaseInstance{id});
  job.object.reset();
  climb_again(job);
  job.object_set_by = author(draft, caller);
}

}  // namespace backhaul::engine
