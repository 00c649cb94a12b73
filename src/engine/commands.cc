// SPDX-License-Identifier: Apache-2.0
// What clients ask for. A refusal changes nothing; everything else is answered after its commit.
// Order of the checks: does the job exist, may the caller, is the state final, then the arguments.
#include <utility>

#include "core/admission.h"
#include "core/lost_parts.h"
#include "core/names.h"
#include "engine/engine.h"

namespace backhaul::engine {

using base::Code;

namespace {

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

std::string_view application_of(const core::Job& job) {
  return job.application ? std::string_view(*job.application) : std::string_view();
}

base::Error final_state(const core::Job& job) {
  return {Code::BG_E_INVALID_STATE, "the job is " + std::string(to_word(job.state))};
}

}  // namespace

void Engine::handle(Draft& draft, ports::Command& command) {
  bool reply_later = false;
  const std::optional<base::JobId> id = job_of(command.body);
  if (id) {
    const core::Job* job = draft.job(*id);
    if (job != nullptr && job->intent != core::Intent::none && may_touch(*job, command.caller)) {
      // It waits behind Complete or Cancel; its caller reads what is committed meanwhile.
      const base::CallId call = command.call;
      intents_[*id].deferred.push_back(std::move(command));
      draft.after_commit([this, call] { answered(call); });
      return;
    }
  }
  auto value = perform(draft, command, reply_later);
  if (!reply_later) {
    draft.reply(command.call, std::move(value));
    return;
  }
  OpenIntent& intent = intents_[*id];
  intent.peer = command.caller.peer;
  if (command.call != base::CallId::none) intent.calls.push_back(command.call);
  draft.after_commit([this, call = command.call] { answered(call); });
}

struct Engine::Performer {
  Engine& engine;
  Draft& draft;
  const ports::Caller& caller;
  bool& reply_later;

  base::Result<ports::ReplyValue> plain(base::Result<void> result) {
    if (!result) return std::move(result).error();
    return ports::ReplyValue{};
  }
  base::Result<ports::ReplyValue> stepped(const base::JobId& job, core::JobEvent event) {
    auto effects = engine.step(draft, job, event);
    if (!effects) return std::move(effects).error();
    reply_later = effects->publish || effects->discard;
    return ports::ReplyValue{};
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::Enqueue&) {
    return base::Error(Code::E_UNEXPECTED);
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::AddFiles& c) {
    return plain(engine.add_files(draft, c.job, c.files));
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::Start& c) {
    const core::Job& job = *draft.job(c.job);
    const bool repaired = job.state == base::JobState::error;
    const bool not_in_place = job.state == base::JobState::transferred && job.error;
    auto result = stepped(c.job, core::JobEvent::start);
    if (!result) return result;
    if (repaired) engine.forgive_restarts(draft, c.job);
    if (not_in_place && draft.job(c.job)->state == base::JobState::transferred)
      engine.look_at_parts(draft, c.job);
    if (c.anew) engine.begin_anew(draft, c.job);
    engine.insist(draft, c.job);
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
    if (caller.uid != 0 || !caller.application.empty())
      return base::Error(Code::E_ACCESSDENIED, "only root may take a job over");
    core::Job& job = draft.edit(c.job, Weight::hard);
    job.owner_uid = caller.uid;
    job.command = {};  // it would run as the former owner (N115)
    job.command_set_by = engine.author(caller);
    return stepped(c.job, core::JobEvent::change);
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::Change& c) {
    return plain(engine.change(draft, c.job, c.change, caller));
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::SetObject& c) {
    if (c.object.level < 1 || c.object.level > 3)
      return base::Error(Code::E_NOINTERFACE, "the object answers no callback interface");
    BH_CHECK(engine.may_register(c.object.unique_name));
    engine.set_object(draft, c.job, c.object);
    draft.edit(c.job, Weight::hard).object_set_by = engine.author(caller);
    return stepped(c.job, core::JobEvent::change);
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::SetValidation& c) {
    return plain(engine.set_validation(draft, c.job, c.file, c.valid));
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::SetValidator& c) {
    if (c.object) BH_CHECK(engine.may_register(c.object->unique_name));
    return plain(engine.set_validator(draft, c.job, c.object));
  }
  base::Result<ports::ReplyValue> operator()(const ports::command::ClearObject& c) {
    engine.clear_object(draft, c.job);
    draft.edit(c.job, Weight::hard).object_set_by = engine.author(caller);
    return stepped(c.job, core::JobEvent::change);
  }
};

base::Result<ports::ReplyValue> Engine::perform(Draft& draft, const ports::Command& command,
                                                bool& reply_later) {
  if (const auto* enqueue_command = std::get_if<ports::command::Enqueue>(&command.body))
    return enqueue(draft, command.caller, *enqueue_command);
  const base::JobId id = *job_of(command.body);
  const core::Job* job = draft.job(id);
  if (job == nullptr) {
    // A tombstone refuses by its state, everything else is not found.
    BH_TRY(job, find(id, command.caller));
    return final_state(*job);
  }
  BH_CHECK(may_touch(*job, command.caller));
  if (base::is_final(job->state)) return final_state(*job);

  return std::visit(Performer{*this, draft, command.caller, reply_later}, command.body);
}

base::Result<ports::ReplyValue> Engine::enqueue(Draft& draft, const ports::Caller& caller,
                                                const ports::command::Enqueue& command) {
  if (command.type != base::JobType::download)
    return base::Error(Code::E_NOTIMPL, "uploads are not supported yet");
  if (caller.uid != 0) {
    // One instance serves one user, so the two limits count the same jobs.
    if (table_.size() >= settings_.jobs_per_machine)
      return base::Error(Code::BG_E_TOO_MANY_JOBS_PER_MACHINE);
    if (table_.size() >= settings_.jobs_per_user)
      return base::Error(Code::BG_E_TOO_MANY_JOBS_PER_USER);
  }
  if (command.start && command.files.empty())
    return base::Error(Code::BG_E_EMPTY, "the job has no files");
  const std::string& name = command.properties.name ? *command.properties.name : std::string();
  // CreateJob says "invalid argument" where SetDisplayName says "too long" (jobs.md §8).
  if (auto checked = core::check_name(name); !checked)
    return base::Error(Code::E_INVALIDARG, checked.error().text);

  core::Job job;
  job.id = ports_.random.new_job_id();
  job.order = next_order_++;
  job.owner_uid = caller.uid;
  job.type = command.type;
  core::touch(job, now_);
  job.created = job.modified;
  job.made_by = author(caller);
  if (!caller.application.empty()) job.application = caller.application;
  const base::JobId id = job.id;
  Draft trial(table_);  // a refused job leaves nothing behind, not even in this turn
  trial.insert(job);
  BH_CHECK(change(trial, id, command.properties, caller));
  BH_CHECK(add_files(trial, id, command.files));
  if (command.start) {
    auto effects = step(trial, id, core::JobEvent::start);
    if (!effects) return std::move(effects).error();
  }
  draft.adopt(std::move(trial));
  return ports::ReplyValue{id};
}

// The rules are those of the job's own application, whoever adds the file: it is the one that reads
// what comes.
base::Result<core::Placed> Engine::place(const core::Job& job, const ports::FileSpec& file) const {
  const std::string_view application = application_of(job);
  BH_CHECK(core::may_fetch(application, file.remote));
  BH_CHECK(core::check_remote(file.remote));
  BH_CHECK(core::check_local(file.local));
  BH_TRY(core::Placed placed, core::place(application, settings_.homes, file.local));
  if (!placed.root.empty()) {
    BH_CHECK(core::check_local(placed.local));
    BH_CHECK(ports_.files.check_confined(placed.root, placed.local));
  }
  BH_CHECK(ports_.files.check_target(placed.local));
  return placed;
}

base::Result<void> Engine::add_files(Draft& draft, const base::JobId& id,
                                     const std::vector<ports::FileSpec>& files) {
  const core::Job& job = *draft.job(id);
  if (job.owner_uid != 0 && job.files.total + files.size() > settings_.files_per_job)
    return base::Error(Code::BG_E_TOO_MANY_FILES_IN_JOB);
  std::vector<core::Placed> places;
  places.reserve(files.size());
  for (const ports::FileSpec& file : files) {
    BH_TRY(core::Placed placed, place(job, file));
    places.push_back(std::move(placed));
  }
  if (files.empty()) return {};
  for (std::size_t i = 0; i < files.size(); ++i) {
    core::File file;
    file.job = id;
    file.index = draft.file_count(id);
    file.remote = files[i].remote;
    file.local = std::move(places[i].local);
    if (!places[i].root.empty()) file.root = std::move(places[i].root);
    draft.add_file(std::move(file));
  }
  auto effects = step(draft, id, core::JobEvent::add_files);
  if (!effects) return std::move(effects).error();
  // A running job takes the new files up by itself.
  draft.after_commit([this, id] { advance(id); });
  return {};
}

namespace {

// What a confined application may have called or run is less than what a name may be. Clearing is
// always allowed.
base::Result<void> may_change(const ports::JobChange& change, const ports::Caller& caller) {
  if (change.command && !change.command->program.empty())
    BH_CHECK(core::may_set_command(caller.application));
  if (change.service && !change.service->empty())
    BH_CHECK(core::may_name_service(caller.application, change.service->name));
  return {};
}

// Somebody new is registered: what is due is tried again at once, from the top of the ladder.
void climb_again(core::Job& job) {
  for (core::Pending* pending : {&job.pending, &job.file_event}) {
    pending->due.reset();
    pending->failed_starts = 0;
    pending->rung = core::Rung::object;
  }
}

}  // namespace

base::Result<void> Engine::change(Draft& draft, const base::JobId& id,
                                  const ports::JobChange& change, const ports::Caller& caller) {
  BH_CHECK(may_change(change, caller));
  core::Job job = *draft.job(id);
  BH_CHECK(core::change_settings(job, change));
  draft.edit(id, Weight::hard) = std::move(job);
  if (change.service) set_service(draft, id, *change.service, caller);
  if (change.command) set_command(draft, id, *change.command, caller);
  auto effects = step(draft, id, core::JobEvent::change);
  if (!effects) return std::move(effects).error();
  complete_by_itself(draft, id);
  return {};
}

core::Author Engine::author(const ports::Caller& caller) const {
  return {caller.uid, caller.program, now_.wall};
}

void Engine::set_service(Draft& draft, const base::JobId& id,
                         const core::ServiceRegistration& service, const ports::Caller& caller) {
  core::Job& job = draft.edit(id, Weight::hard);
  job.service_set_by = author(caller);
  if (service == job.service) return;
  job.service = service;
  climb_again(job);
  // The last one wins at once: an instance of an earlier class is not used any more.
  draft.after_commit([this, id] { ports_.notifier.release_instance(id); });
}

// It will run programs, maybe long after whoever set it has gone: that is worth a line in the log.
void Engine::set_command(Draft& draft, const base::JobId& id,
                         const core::CommandRegistration& command, const ports::Caller& caller) {
  core::Job& job = draft.edit(id, Weight::hard);
  job.command = command;
  job.command.uid = caller.uid;
  job.command_set_by = author(caller);
  climb_again(job);
  if (command.program.empty()) return;
  draft.after_commit([this, id, program = command.program, by = author(caller)] {
    ports_.log.write(base::LogLevel::notice,
                     "user " + std::to_string(by.uid) + " set the notify command " + program +
                         (by.program.empty() ? "" : " with " + by.program),
                     id);
  });
}

// The application's verdict on one file (files.md §9). A file of the origin that is not valid puts
// the job into ERROR and is fetched again, into a new part, after a Resume.
base::Result<void> Engine::set_validation(Draft& draft, const base::JobId& id, std::uint32_t index,
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
  fetch_anew(draft, id, index);
  BH_ASSERT(step(draft, id, core::JobEvent::validation_failed,
                 core::ErrorInfo{Code::BG_E_VALIDATION_FAILED, base::ErrorContext::remote_file,
                                 index, "the application found the file not valid"}));
  return {};
}

// What is here of this file is of no use: it is fetched again, into a new part.
void Engine::fetch_anew(Draft& draft, const base::JobId& id, std::uint32_t index) {
  draft.edit_file(id, index, Weight::hard, [](core::File& row) {
    row.state = core::FileState::waiting;
    row.validated = false;
    row.offset = row.device = row.inode = row.mount = row.tail = 0;
    row.event = 0;
    ++row.epoch;
  });
  if (draft.job(id)->event_file == index) file_event_heard(draft, id);
  drop_earlier_parts(draft, id, index);
}

// Whoever starts a job whose files could not be put in place wants to have them: what is not there
// any more is fetched again.
void Engine::look_at_parts(Draft& draft, const base::JobId& id) {
  draft.after_commit([this, id] {
    ports::PublishRequest request = publish_request(*table_.find(id));
    request.only_look = true;
    ports_.files.publish(std::move(request));
  });
}

// Whoever starts a job in ERROR says that its cause is gone: also the server that made a file begin
// again and again, refused ranges or denied what it had told gets another chance, otherwise no Resume
// could ever help.
void Engine::forgive_restarts(Draft& draft, const base::JobId& id) {
  for (std::uint32_t i = 0; i < draft.file_count(id); ++i) {
    const core::File& file = *draft.file(id, i);
    if (file.fruitless_restarts == 0 && !file.ranges_refused && !file.doubts) continue;
    draft.edit_file(id, i, Weight::hard, [](core::File& row) {
      row.fruitless_restarts = 0;
      row.ranges_refused = false;
      row.doubts.reset();
    });
  }
}

// Every registration of an object re-arms the event of the present state (notifications.md §5): a
// new number, so that an answer to an earlier delivery does not count for it, and under that number
// it stands in the log as well.
void Engine::rearm(Draft& draft, const base::JobId& id) {
  core::Job& job = draft.edit(id, Weight::hard);
  const core::NotifyKind kind = core::due_kind(job);
  if (kind == core::NotifyKind::none) return;
  job.pending = {};
  job.pending.kind = kind;
  job.pending.sequence = next_sequence_++;
  record_event(draft, job);
}

base::Result<void> Engine::may_register(const std::string& unique_name) const {
  if (table_.registrations(unique_name) < settings_.registrations_per_program) return {};
  return {Code::E_OUTOFMEMORY, "the caller has " +
                                   std::to_string(settings_.registrations_per_program) +
                                   " objects registered, and none more is taken"};
}

void Engine::set_object(Draft& draft, const base::JobId& id, core::ObjectRegistration object) {
  clear_object(draft, id);
  core::Job& job = draft.edit(id, Weight::hard);
  object.sequence = next_sequence_++;
  job.object = std::move(object);
  rearm(draft, id);
}

void Engine::clear_object(Draft& draft, const base::JobId& id) {
  core::Job& job = draft.edit(id, Weight::hard);
  if (job.object)
    draft.after_commit([this, old = *job.object] { ports_.notifier.release(old); });
  draft.after_commit([this, id] { ports_.notifier.release_instance(id); });
  job.object.reset();
  climb_again(job);
}

}  // namespace backhaul::engine
