// SPDX-License-Identifier: Apache-2.0
#include "engine/commands.h"

#include <algorithm>
#include <utility>

#include "core/admission.h"
#include "core/lost_parts.h"
#include "core/names.h"
#include "core/weight.h"
#include "engine/adding.h"
#include "engine/administration.h"
#include "engine/allowance.h"
#include "engine/changing.h"
#include "engine/closing.h"
#include "engine/file_steps.h"
#include "engine/entrusting.h"
#include "engine/job_steps.h"
#include "engine/random_access.h"
#include "engine/readdressing.h"
#include "engine/taking.h"
#include "engine/trust.h"

namespace backhaul::engine {

using base::Code;

namespace {

base::Error final_state(const core::Job& job) {
  return {Code::BG_E_INVALID_STATE, "the job is " + std::string(to_word(job.state))};
}

// The owner says: now.
void insist(Draft& draft, const base::JobId& id) {
  if (draft.job(id)->server_wish) draft.edit(id, Weight::hard).server_wish.reset();
  if (draft.holds().empty()) return;
  draft.edit_holds().insist(id);
  draft.edit(id, Weight::soft);  // it comes back to the line
}

}  // namespace

// The job a command is about; unset for Enqueue.
std::optional<base::JobId> job_of(const ports::CommandBody& body) {
  return std::visit(
      [](const auto& command) -> std::optional<base::JobId> {
        if constexpr (requires { command.job; })
          return command.job;
        else
          return std::nullopt;
      },
      body);
}

base::Result<void> may_touch(const core::Job& job, const ports::Caller& caller) {
  return core::may_manage(core::owner_of(job), caller.owner(), caller.right);
}

base::Result<const core::Job*> find_job(const Table& table, const base::JobId& id,
                                        const ports::Caller& caller) {
  const Entry* entry = table.find(id);
  if (entry == nullptr) return base::Error(Code::BG_E_NOT_FOUND, "there is no job " + to_string(id));
  BH_CHECK(core::may_read(core::owner_of(entry->job), caller.owner(), caller.right));
  return &entry->job;
}

bool waits_behind_intent(const Draft& draft, const ports::Command& command) {
  const auto id = job_of(command.body);
  const core::Job* job = id ? draft.job(*id) : nullptr;
  return job != nullptr && job->intent != core::Intent::none && may_touch(*job, command.caller);
}

namespace {

base::Result<void> keep_proxies(Draft& draft, const base::JobId& id, core::ProxyEnvironment proxies,
                                const ports::Caller& caller) {
  if (proxies.empty()) return {};
  AddressHider hider(draft, id, caller);
  for (base::Text* one : {&proxies.http, &proxies.https, &proxies.all}) *one = hider.hide_list(*one);
  draft.edit(id, Weight::hard).rare.edit().proxy_environment = std::move(proxies);
  return hider.keep();
}

// Jobs of those who are exempt do not count.
std::size_t counted_jobs(const Draft& draft, const core::Limits& limits) {
  return draft.job_count() - draft.job_count_of([&](const core::Account& one) { return limits.exempts(one); });
}

base::Error too_many(Code code, const std::string& whose, const core::Rule<std::uint32_t>& most, std::string_view key) {
  return {code, whose + " may have " + std::to_string(most.value) + " jobs in the queue " + core::by_rule(key, most.where)};
}

base::Result<void> check_limits(const Draft& draft, const ports::Caller& caller) {
  const core::Limits& limits = draft.conditions.policy->limits;
  const core::Account account = core::account_of(caller.owner());
  if (limits.exempts(account)) return {};
  if (counted_jobs(draft, limits) >= limits.jobs_per_machine.value)
    return too_many(Code::BG_E_TOO_MANY_JOBS_PER_MACHINE, "all users together", limits.jobs_per_machine,
                    "MaxJobsPerMachine");
  if (draft.job_count(account) >= limits.jobs_per_user.value)
    return too_many(Code::BG_E_TOO_MANY_JOBS_PER_USER, "a user", limits.jobs_per_user, "MaxJobsPerUser");
  const core::Creator creator{caller.uid, std::string(caller.program.view()), account.name};
  const core::Rule<std::uint32_t>& most = limits.jobs_per_application;
  if (limits.exempt_applications.contains(creator.name) || draft.job_count(creator) < most.value) return {};
  const std::string name = creator.name.empty() ? "programs that cannot be told apart" : creator.name;
  const std::string where = most.where.empty() ? std::string() : ", " + most.where;
  return base::Error(Code::BG_E_TOO_MANY_JOBS_PER_USER,
                     "jobs of " + name + " in the queue: " + std::to_string(draft.job_count(creator)) +
                         ", which is the most of one application (MaxJobsPerApplication" + where + ")");
}

// Who has the name or the number of an owner that is gone is somebody else: what is held is kept for the one that it
// was meant for, and nothing is done with it but to end it or to give it to whoever may take it.
base::Result<void> check_account(const Draft& draft, const core::Owner& owner) {
  if (const std::string* why = draft.conditions.stray_account(owner)) return base::Error(Code::E_ACCESSDENIED, *why);
  return {};
}

bool goes_without_account(const ports::CommandBody& body) {
  return std::holds_alternative<ports::command::Cancel>(body) ||
         std::holds_alternative<ports::command::Suspend>(body) ||
         std::holds_alternative<ports::command::TakeOwnership>(body);
}

base::Result<ports::ReplyValue> enqueue(Draft& draft, const ports::Caller& caller,
                                        const ports::command::Enqueue& command,
                                        Knowledge& known) {
  const Context& context = draft.context();
  if (command.type != base::JobType::download)
    return base::Error(Code::E_NOTIMPL, "uploads are not supported yet");
  BH_CHECK(check_limits(draft, caller));
  BH_CHECK(check_account(draft, caller.owner()));
  if (command.start && command.files.empty())
    return base::Error(Code::BG_E_EMPTY, "the job has no files");
  const std::string& name = command.properties.name ? *command.properties.name : std::string();
  // CreateJob says "invalid argument" where SetDisplayName says "too long" (jobs.md §8).
  if (auto checked = core::check_name(name); !checked)
    return base::Error(Code::E_INVALIDARG, checked.error().text);

  // A refused job leaves nothing behind, not even in this turn.
  Draft trial(context, draft.view());
  trial.numbers = draft.numbers;
  trial.grown = draft.grown;
  core::Job job;
  // Before the world was asked about its files it is judged only, and comes to nothing.
  const bool asks_the_world = !command.files.empty() || command.secrets.certificate;
  if (known.clearance != nullptr || !asks_the_world) job.id = context.random.new_job_id();
  job.order = trial.numbers.next_order++;
  job.owner_uid = caller.uid;
  if (core::is_watched(caller.owner())) job.rare.set(&core::RareOfJob::account, base::Text(caller.account));
  job.type = command.type;
  job.maximum_download_time = trial.conditions.policy->limits.usual_download_time();
  core::touch(job, draft.now());
  job.created = job.modified;
  job.made_by = author(draft, caller);
  if (!caller.application.empty()) job.application = caller.application;
  const base::JobId id = job.id;
  trial.insert(std::move(job));
  BH_CHECK(keep_proxies(trial, id, command.proxies, caller));
  BH_CHECK(take_octets(trial, id, core::weigh(*trial.job(id))));
  BH_CHECK(change(trial, id, command.properties, caller));
  BH_CHECK(may_entrust(*trial.job(id), command.secrets, caller));
  BH_CHECK(add_files(trial, id, command.files, command.secrets.certificate, known, caller));
  BH_CHECK(entrust(trial, id, command.secrets, known.certificate(), caller));
  if (command.start) {
    auto effects = step(trial, id, core::JobEvent::start);
    if (!effects) return std::move(effects).error();
  }
  watch(trial, core::owner_of(*trial.job(id)));
  draft.adopt(std::move(trial));
  return ports::ReplyValue{id};
}

struct Carrier {
  Draft& draft;
  const ports::Caller& caller;
  Knowledge& known;
  bool& reply_later;

  base::Result<ports::ReplyValue> plain(base::Result<void> result) {
    if (!result) return std::move(result).error();
    return ports::ReplyValue{};
  }
  base::Result<ports::ReplyValue> stepped(const base::JobId& job, core::JobEvent event) {
    auto effects = step(draft, job, event);
    if (!effects) return std::move(effects).error();
    reply_later = effects->publish || effects->discard || effects->take;
    return ports::ReplyValue{};
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::Enqueue& c) {
    return enqueue(draft, caller, c, known);
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::AddFiles& c) {
    return plain(add_files(draft, c.job, c.files, std::nullopt, known, caller));
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::Start& c) {
    const core::Job& job = *draft.job(c.job);
    const bool repaired = job.state == base::JobState::error;
    const std::uint32_t changed =
        repaired && job.error && job.error->code == Code::BG_E_REMOTE_FILE_CHANGED ? job.error->file : base::no_file;
    const bool not_in_place = job.state == base::JobState::transferred && job.error;
    auto result = stepped(c.job, core::JobEvent::start);
    if (!result) return result;
    if (repaired) forgive_restarts(draft, c.job);
    if (changed != base::no_file) begin_anew(draft, c.job, changed);
    if (not_in_place && draft.job(c.job)->state == base::JobState::transferred)
      look_at_parts(draft, c.job);
    if (c.anew) begin_anew(draft, c.job);
    insist(draft, c.job);
    return result;
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::Suspend& c) {
    return stepped(c.job, core::JobEvent::suspend);
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::Complete& c) {
    if (const core::Job& job = *draft.job(c.job); core::waits_for_lost_parts(job))
      return base::Error(job.error->code, job.error->context, job.error->text);
    return stepped(c.job, core::JobEvent::complete);
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::Cancel& c) {
    return stepped(c.job, core::JobEvent::cancel);
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::TakeOwnership& c) {
    BH_TRY(const core::JobEvent event, take_ownership(draft, c.job, caller, known));
    return stepped(c.job, event);
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::Change& c) {
    return plain(change(draft, c.job, c.change, caller));
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::SetSecrets& c) {
    const core::Job& job = *draft.job(c.job);
    BH_CHECK(may_entrust(job, c.secrets, caller));
    if (const auto& wanted = c.secrets.certificate)
      BH_CHECK(known.check({.owner = core::owner_of(job), .files = {}, .certificate = wanted}));
    BH_CHECK(entrust(draft, c.job, c.secrets, known.certificate(), caller));
    return stepped(c.job, core::JobEvent::change);
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::RemoveCertificate& c) {
    BH_CHECK(core::may_touch_secrets(core::owner_of(*draft.job(c.job)), caller.owner()));
    const bool removed = remove_certificate(draft, c.job);
    BH_CHECK(stepped(c.job, core::JobEvent::change));
    return ports::ReplyValue{removed ? Code::S_OK : Code::S_FALSE};
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::RemoveCredentials& c) {
    BH_TRY(const bool removed, remove_credentials(draft, c.job, c.target, c.scheme, caller));
    BH_CHECK(stepped(c.job, core::JobEvent::change));
    return ports::ReplyValue{removed ? Code::S_OK : Code::S_FALSE};
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::SetObject& c) {
    if (c.object.level < 1 || c.object.level > 3)
      return base::Error(Code::E_NOINTERFACE, "the object answers no callback interface");
    BH_CHECK(may_register(draft, c.object.unique_name));
    set_object(draft, c.job, c.object, caller);
    return stepped(c.job, core::JobEvent::change);
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::SetValidationState& c) {
    return plain(set_validation_state(draft, c.job, c.file, c.valid));
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::SetRemoteName& c) {
    return plain(set_remote_name(draft, c.job, c.file, c.remote, caller));
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::ReplaceRemotePrefix& c) {
    BH_TRY(const std::uint32_t count, replace_remote_prefix(draft, c.job, c.from, c.to, caller));
    return ports::ReplyValue{ports::Count{count}};
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::RequestRanges& c) {
    return plain(request_ranges(draft, c.job, c.file, c.ranges));
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::SetPosition& c) {
    return plain(set_position(draft, c.job, c.file, c.position));
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::SetCertificateCheck& c) {
    if (c.object) BH_CHECK(may_register(draft, c.object->unique_name));
    return plain(set_certificate_check(draft, c.job, c.object));
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::LayDown& c) {
    BH_CHECK(core::may_lay_down(caller.owner(), caller.right, draft.context().settings.machine_wide));
    lay_down(draft, *c.policy, c.warnings);
    return ports::ReplyValue{};
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::Administer& c) { return administer(draft, c, caller); }
  base::Result<ports::ReplyValue> operator()(const ports::command::ClearObject& c) {
    clear_object(draft, c.job, caller);
    return stepped(c.job, core::JobEvent::change);
  }
};

base::Result<ports::ReplyValue> perform(Draft& draft, const ports::Command& command,
                                        Knowledge& known, bool& reply_later) {
  if (const auto id = job_of(command.body)) {
    const core::Job* job = draft.job(*id);
    if (job == nullptr) {
      // A tombstone refuses by its state, everything else is not found.
      BH_TRY(job, find_job(draft.context().table, *id, command.caller));
      return final_state(*job);
    }
    BH_CHECK(may_touch(*job, command.caller));
    if (base::is_final(job->state)) return final_state(*job);
    if (!goes_without_account(command.body)) BH_CHECK(check_account(draft, core::owner_of(*job)));
  }
  return std::visit(Carrier{draft, command.caller, known, reply_later}, command.body);
}

}  // namespace

Outcome perform(Draft& draft, const ports::Command& command, const Clearance* clearance) {
  Knowledge known{.clearance = clearance};
  bool reply_later = false;
  auto value = perform(draft, command, known, reply_later);
  if (known.missing) return *std::move(known.missing);
  if (reply_later) return AtItsEnd{};
  return value;
}

std::optional<ports::Destinations> destinations_of(const Draft& draft,
                                                   const ports::Command& command) {
  using Wanted = std::optional<core::CertificateWanted>;
  const auto named = [&](core::Owner owner, const std::vector<ports::FileSpec>& files,
                         const Wanted& certificate) -> std::optional<ports::Destinations> {
    auto destinations = places_of(draft.context(), std::move(owner), files);
    if (!destinations || (files.empty() && !certificate)) return std::nullopt;
    destinations->certificate = certificate;
    return *std::move(destinations);
  };
  if (const auto* enqueue = std::get_if<ports::command::Enqueue>(&command.body))
    return named(command.caller.owner(), enqueue->files, enqueue->secrets.certificate);
  const auto* add = std::get_if<ports::command::AddFiles>(&command.body);
  const auto* entrusted = std::get_if<ports::command::SetSecrets>(&command.body);
  if (add == nullptr && entrusted == nullptr) return std::nullopt;
  const core::Job* job = draft.job(*job_of(command.body));
  if (job == nullptr || !may_touch(*job, command.caller)) return std::nullopt;
  if (add != nullptr) return named(core::owner_of(*job), add->files, std::nullopt);
  if (!may_entrust(*job, entrusted->secrets, command.caller)) return std::nullopt;
  return named(core::owner_of(*job), {}, entrusted->secrets.certificate);
}

}  // namespace backhaul::engine
