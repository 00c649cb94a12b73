// SPDX-License-Identifier: Apache-2.0
// The turn: inputs, one commit, then everything that may be known outside.
#include "engine/engine.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "engine/job_steps.h"

namespace backhaul::engine {

using base::Code;

Engine::Engine(Settings settings, Ports ports, std::function<void()> wake)
    : ports_(ports),
      wake_(std::move(wake)),
      context_{.settings = std::move(settings),
               .policy = {},
               .clocks = Clocks(ports.clock),
               .table = {},
               .random = ports.random,
               .sealer = ports.sealer,
               .crash_page = ports.crash_page},
      view_(parts_.view()),
      performer_(ports_, answers_, inbox_) {
  context_.policy = std::make_shared<core::Policy>(context_.settings.policy);
  parts_.conditions.policy = context_.policy;
}

Engine::~Engine() = default;

base::Error Engine::is_stopping() {
  return {Code::RPC_SERVER_UNAVAILABLE, "the service is stopping"};
}

void Engine::post(ports::Event event) {
  inbox_.emplace_back(std::move(event));
  if (!commit_in_flight_) wake_();
}

void Engine::submit(ports::Command command) {
  if (stopping_) return ports_.clients.reply(command.call, is_stopping());
  if (storage_error_) return ports_.clients.reply(command.call, *storage_error_);
  answers_.open(command.call, command.caller.peer);
  inbox_.emplace_back(std::move(command));
  if (!commit_in_flight_) wake_();
}

void Engine::stop(std::function<void()> done) {
  stopping_ = true;
  stopped_ = std::move(done);
  inbox_.emplace_front(news::Stopping{});
  if (!commit_in_flight_) wake_();
}

// --- the turn ------------------------------------------------------------------------------------

void Engine::turn() {
  if (commit_in_flight_) return;
  context_.clocks.read();
  if (storage_error_ && context_.now().boot < storage_retry_) return;
  Draft draft(context_, view_);
  run_inputs(draft);
  if (performer_.ask(draft.effects())) run_inputs(draft);  // many answers come at once
  look_at_schedule(draft);
  parts_.timers.run(draft);
  parts_.closing.run_timers(draft);
  if (!stopping_ && !storage_error_) parts_.scheduling.schedule(draft);
  settle(draft);
  parts_.caching.settle(draft);  // behind all else: it goes by what became of the rows
  parts_.neighbourhood.settle(draft);
  commit(std::move(draft));
}

// While the store fails all that the world said is kept, and a turn hears all of it: of what was said first alone
// something would follow that was taken back long ago.
void Engine::run_inputs(Draft& draft) {
  const std::size_t most = storage_error_ ? inbox_.size() : context_.settings.inputs_per_turn;
  for (std::size_t n = 0; n < most && !inbox_.empty(); ++n) {
    Input input = std::move(inbox_.front());
    inbox_.pop_front();
    std::visit([&](auto& one) { hear(draft, one); }, input);
  }
}

// What follows from all of it together. Transfers first: Complete waits for their end.
void Engine::settle(Draft& draft) {
  parts_.fetching.settle(draft);
  parts_.closing.settle(draft);
  parts_.telling.settle(draft);
  tell_machine(draft);
}

void Engine::commit(Draft draft) {
  // While the store fails every turn is an attempt, if only of an empty batch.
  // Who stops leaves nothing that was counted to chance.
  const bool owes = stopping_ && draft.conditions.world.spent != draft.conditions.stored;
  if (!draft.needs_commit() && !owes && !storage_error_) return committed(draft);
  ports::Batch batch = draft.batch();
  draft.conditions.was_stored(context_.now().boot);
  const base::ServiceTime kept = context_.now().service;
  batch.next_sequence = draft.numbers.next_sequence;
  batch.service_time = kept;
  commit_in_flight_ = true;
  // The draft waits in the completion; the store owns only values.
  auto waiting = std::make_shared<Draft>(std::move(draft));
  ports_.store.commit(std::move(batch), [this, waiting, kept](base::Result<void> result) {
    commit_in_flight_ = false;
    context_.clocks.read();
    if (result) {
      context_.clocks.kept(kept);
      if (storage_error_) storage_recovered();
      committed(*waiting);
    } else {
      commit_failed(*waiting, std::move(result).error());
    }
    wake_();
  });
}

void Engine::committed(Draft& draft) {
  follow(draft, stopping_);
  if (stopped_ && parts_.fetching.idle() && inbox_.empty() && !commit_in_flight_)
    std::exchange(stopped_, nullptr)();
}

// The rows are what is known now: the parts take them up, and what was to be done is done.
void Engine::follow(Draft& draft, bool begin_nothing) {
  Change change{.draft = draft,
                .rows = merge_rows(context_.table, draft),
                .over = {},
                .retime = {},
                .begin_nothing = begin_nothing,
                .other_rules = draft.conditions.policy != context_.policy};
  context_.policy = draft.conditions.policy;
  history_.append(draft.events());
  for (const RowChange& row : change.rows)
    if (!row.before) history_.made(core::owner_of(*row.after), row.after->order, row.id);
  parts_.merged(change);
  change.take_notes([this](const note::PeerLeft& note) {
    context_.table.peer_gone(note.peer);
    answers_.forget(note.peer);
  });
  const bool again = change.again;
  performer_.perform(std::move(draft.effects()));
  if (again || !inbox_.empty()) wake_();
}

// --- the store -----------------------------------------------------------------------------------

void Engine::storage_recovered() {
  ports_.log.write(base::LogLevel::notice, "the queue can be written again");
  storage_error_.reset();
  storage_retry_ = base::never;
  // Their transfers were stopped without a step: their turn is over.
  for (const base::JobState state : {base::JobState::connecting, base::JobState::transferring})
    for (const auto& [order, id] : context_.table.in(state)) inbox_.emplace_back(news::TurnLost{id});
}

void Engine::refuse(base::CallId call, const base::Error& error) {
  ports_.clients.reply(call, error);
  answers_.answered(call);
}

void Engine::commit_failed(Draft& draft, base::Error error) {
  if (!storage_error_)
    ports_.log.write(base::LogLevel::error,
                     "the queue cannot be written (" + base::describe(error.code) + " " +
                         error.text + "); changes are refused until it can");
  storage_error_ = error;
  storage_retry_ = context_.now().boot + context_.settings.store_retry;
  parts_.numbers.last_check = draft.numbers.last_check;  // it was asked, and may be answered yet
  for (const base::CallId call : draft.calls()) refuse(call, error);
  // Commands that came meanwhile are refused too; what the world said is kept.
  for (Input& input : std::exchange(inbox_, {})) {
    if (const auto* command = std::get_if<ports::Command>(&input))
      refuse(command->call, error);
    else
      inbox_.push_back(std::move(input));
  }
  for (auto input = draft.kept().rbegin(); input != draft.kept().rend(); ++input)
    inbox_.push_front(std::move(*input));
  // Those that wait are refused too. Transfers stop: bytes whose offset cannot be recorded are fetched for
  // nothing, and their rows say where to go on.
  parts_.fetching.dropped();
  Draft stop(context_, view_);
  parts_.vetting.refuse_all(stop, error);
  parts_.fetching.on(stop, news::Stopping{});
  settle(stop);
  follow(stop, true);
  // Whoever stops the service does not wait for a store that fails.
  if (stopping_ && stopped_) std::exchange(stopped_, nullptr)();
}

// --- when ----------------------------------------------------------------------------------------

base::BootTime Engine::next_wakeup() const {
  if (commit_in_flight_) return base::never;
  if (storage_error_) return storage_retry_;
  return parts_.next(context_);
}

bool Engine::idle() const { return !has_work() && answers_.empty() && !context_.table.holds_tombstones(); }

// A commit in flight counts, since nobody knows yet what it leaves.
bool Engine::has_work() const {
  return context_.table.size() > 0 || !inbox_.empty() || commit_in_flight_ || !parts_.idle();
}

}  // namespace backhaul::engine
