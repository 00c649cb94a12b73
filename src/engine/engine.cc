// SPDX-License-Identifier: Apache-2.0
// The turn: inputs, one commit, then everything that may be known outside.
#include "engine/engine.h"

#include <algorithm>
#include <utility>

namespace backhaul::engine {

using base::Code;

Engine::Engine(Settings settings, Ports ports, std::function<void()> wake)
    : settings_(settings), ports_(ports), wake_(std::move(wake)) {}

Engine::~Engine() = default;

core::StepContext Engine::context() { return {now_, boot_id_, next_sequence_}; }

// --- the turn ------------------------------------------------------------------------------------

void Engine::post(ports::Event event) {
  inbox_.emplace_back(std::move(event));
  if (!commit_in_flight_) wake_();
}

void Engine::submit(ports::Command command) {
  if (stopping_) {
    ports_.clients.reply(command.call, base::Error(Code::RPC_SERVER_UNAVAILABLE,
                                                   "the service is stopping"));
    return;
  }
  if (storage_error_) {
    ports_.clients.reply(command.call, *storage_error_);
    return;
  }
  if (command.call != base::CallId::none) {
    open_calls_.emplace(command.call, command.caller.peer);
    ++unanswered_[command.caller.peer];
  }
  inbox_.emplace_back(std::move(command));
  if (!commit_in_flight_) wake_();
}

void Engine::turn() {
  if (commit_in_flight_) return;
  read_clock();
  if (storage_error_ && now_.boot < storage_retry_) return;
  Draft draft(table_);
  if (poisoned_) set_aside_poisoned(draft, *poisoned_);
  run_inputs(draft);
  run_timers(draft);
  if (stopping_ && !std::exchange(stop_kept_, true)) keep_time(draft);
  if (!stopping_ && !storage_error_) schedule(draft);
  commit(std::move(draft));
}

void Engine::set_aside_poisoned(Draft& draft, const base::JobId& id) {
  draft.after_commit([this] { poisoned_.reset(); });
  const core::Job* job = draft.job(id);
  if (job == nullptr || base::is_final(job->state)) return;
  // What it was being closed with may be what crashes; the owner can ask for it again.
  if (job->intent != core::Intent::none) draft.edit(id, Weight::hard).intent = core::Intent::none;
  ports_.log.write(base::LogLevel::error, "two crashes in a row at this job: set to ERROR", id);
  const core::ErrorInfo error{Code::E_UNEXPECTED, base::ErrorContext::general_queue_manager,
                              base::no_file, "the service crashed twice while handling this job"};
  BH_ASSERT(step(draft, id, core::JobEvent::poisoned, error));
}

void Engine::run_inputs(Draft& draft) {
  for (std::uint32_t n = 0; n < settings_.inputs_per_turn && !inbox_.empty(); ++n) {
    Input input = std::move(inbox_.front());
    inbox_.pop_front();
    if (auto* command = std::get_if<ports::Command>(&input)) {
      handle(draft, *command);
    } else {
      std::visit([&](auto& event) { handle(draft, event); }, std::get<ports::Event>(input));
    }
  }
}

void Engine::commit(Draft draft) {
  // While the store fails every turn is an attempt, if only of an empty batch.
  if (!draft.needs_commit() && !storage_error_) {
    committed(std::move(draft));
    return;
  }
  ports::Batch batch = draft.batch();
  batch.next_sequence = next_sequence_;
  batch.service_time = now_.service;
  commit_in_flight_ = true;
  // The draft waits in the completion; the store owns only values.
  auto shared = std::make_shared<Draft>(std::move(draft));
  ports_.store.commit(std::move(batch), [this, shared, kept = now_.service](base::Result<void> result) {
    commit_in_flight_ = false;
    read_clock();
    if (result) {
      kept_ = kept;
      if (storage_error_) storage_recovered();
      committed(std::move(*shared));
    } else {
      commit_failed(std::move(*shared), std::move(result).error());
    }
    wake_();
  });
}

void Engine::storage_recovered() {
  ports_.log.write(base::LogLevel::notice, "the queue can be written again");
  storage_error_.reset();
  storage_retry_ = base::never;
  // Their transfers were stopped without a step: their turn is over.
  for (const auto& [order, id] : table_.by_order())
    if (base::is_running(table_.find(id)->job.state)) turn_lost_.push_back(id);
}

void Engine::committed(Draft draft) {
  merge(draft);
  for (auto& reply : draft.replies()) {
    ports_.clients.reply(reply.call, std::move(reply.value));
    answered(reply.call);
  }
  for (auto& action : draft.actions()) action();
  start_waiting();
  start_deliveries();
  ask_about_certificates();
  if (!inbox_.empty() || draft.moved()) wake_();
  if (stop_kept_ && stopped_ && runs_.empty() && inbox_.empty() && !commit_in_flight_)
    std::exchange(stopped_, nullptr)();
}

void Engine::commit_failed(Draft draft, base::Error error) {
  if (!storage_error_)
    ports_.log.write(base::LogLevel::error,
                     "the queue cannot be written (" + base::describe(error.code) + " " +
                         error.text + "); changes are refused until it can");
  for (auto& reply : draft.replies()) {
    ports_.clients.reply(reply.call, error);
    answered(reply.call);
  }
  // Commands that came meanwhile are refused too; what the world said is kept.
  std::deque<Input> kept;
  for (Input& input : inbox_) {
    if (auto* command = std::get_if<ports::Command>(&input)) {
      ports_.clients.reply(command->call, error);
      answered(command->call);
    } else {
      kept.push_back(std::move(input));
    }
  }
  inbox_ = std::move(kept);
  // Intents that were never committed do not exist.
  for (auto it = intents_.begin(); it != intents_.end();) {
    const Entry* entry = table_.find(it->first);
    if (entry != nullptr && entry->job.intent != core::Intent::none) {
      ++it;
      continue;
    }
    fail_intent(it->second, error);
    it = intents_.erase(it);
  }
  storage_error_ = std::move(error);
  storage_retry_ = now_.boot + settings_.store_retry;
  swept_.clear();  // a part that was begun and is not recorded is an orphan
  for (auto it = draft.world().rbegin(); it != draft.world().rend(); ++it)
    inbox_.emplace_front(std::move(*it));
  // Transfers stop: bytes whose offset cannot be recorded are fetched for nothing. Their rows say
  // where to go on.
  stop_all_runs();
  // Whoever stops the service does not wait for a store that fails.
  if (stopping_ && stopped_) std::exchange(stopped_, nullptr)();
}

void Engine::fail_intent(OpenIntent& intent, const base::Error& error) {
  for (base::CallId call : intent.calls) {
    ports_.clients.reply(call, error);
    answered(call);
  }
  for (ports::Command& command : intent.deferred) {
    ports_.clients.reply(command.call, error);
    answered(command.call);
  }
}

void Engine::stop_all_runs() {
  std::vector<base::JobId> ids;
  for (const auto& [id, run] : runs_) ids.push_back(id);
  for (const base::JobId& id : ids) stop_run(id);
}

void Engine::answered(base::CallId call) {
  auto it = open_calls_.find(call);
  if (it == open_calls_.end()) return;
  const base::PeerId peer = it->second;
  open_calls_.erase(it);
  auto count = unanswered_.find(peer);
  if (count == unanswered_.end() || --count->second > 0) return;
  unanswered_.erase(count);
  auto [first, last] = held_reads_.equal_range(peer);
  std::vector<std::move_only_function<void()>> reads;
  for (auto read = first; read != last; ++read) reads.push_back(std::move(read->second));
  held_reads_.erase(first, last);
  for (auto& read : reads) read();
}

void Engine::merge(Draft& draft) {
  for (const core::EventRecord& event : draft.events()) {
    // Listeners page through it by these numbers.
    BH_ASSERT(events_.empty() || events_.back().sequence < event.sequence);
    events_.push_back(event);
  }
  while (events_.size() > core::event_log_max) events_.pop_front();
  for (auto& [id, change] : draft.jobs()) {
    std::vector<core::File> files;
    for (auto& [index, file] : change.files) files.push_back(std::move(file));
    if (change.inserted) {
      note_made(change.job.owner_uid, change.job.order, id);
      if (change.buried) continue;
      table_.insert({std::move(change.job), std::move(files)});
      const core::Job& row = table_.find(id)->job;
      agenda_.update(nullptr, &row);
      index_timers(nullptr, &row);
      index_delivery(&row);
      ports_.clients.added(id);
      draft.note_move();
      continue;
    }
    const core::Job before = table_.find(id)->job;
    table_.replace(std::move(change.job), std::move(files));
    const core::Job& row = table_.find(id)->job;
    announce(&before, row, before.files.total);
    if (before.state != row.state || before.priority != row.priority) draft.note_move();
    if (change.buried) {
      agenda_.update(&before, nullptr);
      index_timers(&before, nullptr);
      deliveries_.set_event(id, std::nullopt);
      deliveries_.set_modification(id, std::nullopt);
      class_starts_.set_owed(id, {});
      insisting_.erase(id);
      table_.bury(id, change.holder);
      ports_.clients.removed(id);
      continue;
    }
    agenda_.update(&before, &row);
    index_timers(&before, &row);
    index_delivery(&row);
  }
}

namespace {

core::ObjectRegistration validator_object(const core::Job& job) {
  return job.validator ? job.validator->object : core::ObjectRegistration{};
}

}  // namespace

void Engine::announce(const core::Job* before, const core::Job& after, std::size_t files_before) {
  ports::Properties changed = 0;
  const auto differs = [&](ports::Property property, bool different) {
    if (different) changed = changed | property;
  };
  differs(ports::Property::state, before->state != after.state);
  differs(ports::Property::progress, before->files != after.files);
  differs(ports::Property::error,
          before->error != after.error || before->error_count != after.error_count);
  differs(ports::Property::owner, before->owner_uid != after.owner_uid);
  differs(ports::Property::files, files_before != after.files.total);
  const core::SettingsDiffer settings = core::settings_differ(*before, after);
  differs(ports::Property::notify,
          settings.notify || before->object != after.object || before->service != after.service ||
              before->command != after.command ||
              validator_object(*before) != validator_object(after));
  differs(ports::Property::settings, settings.settings);
  if (changed == 0) return;
  modified(*before, after, changed);
  ports_.clients.changed(after.id, changed, ports::has(changed, ports::Property::state));
}

// --- stepping ------------------------------------------------------------------------------------

// The only way a job's state changes. States in which only the scheduler moves a job are soft:
// a restart restores them.
base::Result<core::Effects> Engine::step(Draft& draft, const base::JobId& id, core::JobEvent event,
                                         std::optional<core::ErrorInfo> error) {
  const core::Job* row = draft.job(id);
  BH_ASSERT(row != nullptr);
  const bool soft = event == core::JobEvent::turn_given || event == core::JobEvent::turn_taken ||
                    event == core::JobEvent::connected || event == core::JobEvent::reconnecting;
  ports_.crash_page.begin(id);
  core::Job copy = *row;
  auto effects = core::step(copy, event, context(), std::move(error));
  if (effects) {
    // Nothing but the time of the change is different: worth no row of its own.
    const bool changed = copy != *row;
    if (changed) draft.edit(id, soft ? Weight::soft : Weight::hard) = std::move(copy);
    apply(draft, id, *effects);
    if (effects->event_due) record_event(draft, *draft.job(id));
    if (effects->state_changed && base::is_final(draft.job(id)->state))
      record_end(draft, *draft.job(id));
  }
  ports_.crash_page.end();
  return effects;
}

void Engine::record_event(Draft& draft, const core::Job& job) {
  core::EventRecord event;
  event.sequence = job.pending.sequence;
  event.job = job.id;
  event.kind = job.pending.kind;
  if (event.kind == core::NotifyKind::job_error && job.error) {
    event.file = job.error->file;
    event.code = job.error->code;
  }
  event.owner_uid = job.owner_uid;
  event.time = now_.wall;
  event.application = job.application;
  draft.record(event);
}

// Whoever asks for the job when it has gone learns what became of it; nobody is notified.
void Engine::record_end(Draft& draft, const core::Job& job) {
  draft.record({.sequence = next_sequence_++,
                .job = job.id,
                .end = job.state,
                .order = job.order,
                .owner_uid = job.owner_uid,
                .time = now_.wall});
}

// Orders are never given twice, also over restarts: no clock says which job is the last one.
void Engine::note_made(std::uint32_t uid, std::uint64_t order, const base::JobId& id) {
  Made& last = last_made_[uid];
  if (order >= last.order) last = {order, id};
}

void Engine::apply(Draft& draft, const base::JobId& id, const core::Effects& effects) {
  if (effects.stop_transfers) {
    account_time(draft, id);
    draft.after_commit([this, id] { stop_run(id); });
  }
  if (effects.publish || effects.discard) {
    draft.after_commit([this, id] { carry_out_intent(id); });
  }
}

bool Engine::idle() const {
  if (!inbox_.empty() || commit_in_flight_ || !open_calls_.empty() || !deliveries_.empty() ||
      !runs_.empty() || table_.holds_tombstones())
    return false;
  return table_.size() == 0;
}

void Engine::stop(std::function<void()> done) {
  stopping_ = true;
  stopped_ = std::move(done);
  stop_all_runs();
  wake_();
}

}  // namespace backhaul::engine
