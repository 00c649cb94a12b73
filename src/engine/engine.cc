// SPDX-License-Identifier: Apache-2.0
// The turn: inputs, one commit, then everything that may be known outside.
#include "engine/engine.h"

#include <algorithm>
#include <utility>

#include "core/admission.h"
#include "core/damage.h"

namespace backhaul::engine {

using base::Code;

Engine::Engine(Settings settings, Ports ports, std::function<void()> wake)
    : settings_(settings), ports_(ports), wake_(std::move(wake)) {}

Engine::~Engine() = default;

core::StepContext Engine::context() { return {now_, boot_id_, next_sequence_}; }

namespace {

std::string_view text_of(const core::Rare<std::string>& rare) {
  return rare ? std::string_view(*rare) : std::string_view();
}

}  // namespace

base::Result<void> Engine::may_touch(const core::Job& job, const ports::Caller& caller) {
  return core::may_touch({job.owner_uid, text_of(job.application)},
                         {caller.uid, caller.application});
}

// --- start ---------------------------------------------------------------------------------------

namespace {

core::FileCounters sum(const std::vector<core::File>& files) {
  core::FileCounters counters;
  for (const core::File& file : files) {
    ++counters.total;
    if (file.state == core::FileState::transferred || file.state == core::FileState::completed)
      ++counters.transferred;
    if (file.remote_identity.size == base::size_unknown)
      ++counters.size_unknown;
    else
      counters.bytes_known += file.remote_identity.size;
    counters.bytes_stored += file.offset;
  }
  return counters;
}

// Each file at the place of its index. A row that is missing leaves no gap that looks like the end.
std::vector<core::File> in_order(std::vector<core::File> rows, const base::JobId& job,
                                 std::uint32_t total) {
  std::uint32_t next = 0;
  const bool whole = std::ranges::all_of(
      rows, [&next](const core::File& row) { return row.index == next++; });
  if (whole && next == total) return rows;  // as it always is
  std::vector<core::File> files;
  for (std::uint32_t index = 0; index < total; ++index) files.push_back(core::lost_file(job, index));
  for (core::File& row : rows) {
    BH_ASSERT(row.index < total);
    files[row.index] = std::move(row);
  }
  return files;
}

// From here on it runs by the clock of this boot, whatever happens to the wall clock.
base::StoredDeadline in_this_boot(const base::StoredDeadline& deadline, const base::Instant& now,
                                  const std::string& boot_id) {
  const base::BootTime due = resolve(deadline, now, boot_id);
  return {boot_id, due, now.wall + (due - now.boot), deadline.period};
}

}  // namespace

base::Instant Engine::instant() const {
  base::Instant now = ports_.clock.now();
  now.service = service_began_ + (now.boot - boot_began_);
  return now;
}

void Engine::read_clock() {
  now_ = instant();
  // The two clocks are read one after the other; only somebody who sets the clock moves it so far.
  constexpr base::Microseconds slack = std::chrono::milliseconds(500);
  const base::Microseconds ahead = now_.wall.time_since_epoch() - now_.boot.time_since_epoch();
  if (ahead - wall_ahead_ > slack || wall_ahead_ - ahead > slack) wall_ahead_ = ahead;
}

// A queue that was salvaged may have lost the reading, but no row is from the future.
void Engine::start_clock(const ports::Snapshot& snapshot) {
  boot_began_ = now_.boot;
  service_began_ = snapshot.service_time;
  for (const core::Job& job : snapshot.jobs) {
    service_began_ = std::max(service_began_, job.active);
    if (job.stuck) service_began_ = std::max(service_began_, job.stuck->since);
  }
  kept_ = service_began_;
  read_clock();
}

base::BootTime Engine::on_boot_clock(base::ServiceTime time) const {
  return boot_began_ + (time - service_began_);
}

// For people. It follows a clock that was set, also since the last turn: a moment that was written
// down before would be years away from it.
base::WallTime Engine::on_wall_clock(base::BootTime time, const base::Instant& now) const {
  constexpr base::Microseconds slack = std::chrono::milliseconds(500);
  base::Microseconds ahead = now.wall.time_since_epoch() - now.boot.time_since_epoch();
  if (ahead - wall_ahead_ <= slack && wall_ahead_ - ahead <= slack) ahead = wall_ahead_;
  return base::WallTime(time.time_since_epoch() + ahead);
}

base::Result<void> Engine::recover() {
  boot_id_ = ports_.clock.boot_id();
  now_ = ports_.clock.now();
  network_up_ = ports_.environment.network_up();
  poisoned_ = ports_.crash_page.poisoned();
  BH_TRY(ports::Snapshot snapshot, ports_.store.load());
  next_sequence_ = snapshot.next_sequence;
  start_clock(snapshot);
  events_.assign(snapshot.events.begin(), snapshot.events.end());
  // Also where the queue was damaged no number is told twice.
  if (!events_.empty()) next_sequence_ = std::max(next_sequence_, events_.back().sequence + 1);
  for (const core::EventRecord& event : events_) {
    if (event.kind != core::NotifyKind::none) continue;
    next_order_ = std::max(next_order_, event.order + 1);
    note_made(event.owner_uid, event.order, event.job);
  }

  std::unordered_map<base::JobId, std::vector<core::File>> files;
  for (core::File& file : snapshot.files) files[file.job].push_back(std::move(file));
  for (const core::Job& job : snapshot.jobs) next_order_ = std::max(next_order_, job.order + 1);
  for (core::Job& job : snapshot.jobs) {
    const std::uint32_t total = job.files.total;
    Entry entry{std::move(job), in_order(std::move(files[job.id]), job.id, total)};
    // Counters of files may be newer in a file's row than in the job's: the rows decide.
    entry.job.files = sum(entry.files);
    // Two of one place in the list: only in a queue that was damaged.
    if (table_.by_order().contains(entry.job.order)) entry.job.order = next_order_++;
    note_made(entry.job.owner_uid, entry.job.order, entry.job.id);
    // Soft facts of the last run are over; nobody but this line and the table knows them.
    if (base::is_running(entry.job.state)) entry.job.state = base::JobState::queued;
    for (auto* deadline : {&entry.job.retry, &entry.job.pending.due, &entry.job.file_event.due})
      if (*deadline) **deadline = in_this_boot(**deadline, now_, boot_id_);
    if (entry.job.object && !ports_.notifier.watch(*entry.job.object)) entry.job.object.reset();
    if (auto& validator = entry.job.validator;
        validator && validator->can_ask() && !ports_.notifier.watch(validator->object))
      validator->object.unique_name.clear();
    if (auto& wish = entry.job.server_wish) {
      wish->until = in_this_boot(wish->until, now_, boot_id_);
      holds_.hold(wish->origin, wish->until.boot);
    }
    const base::JobId id = entry.job.id;
    table_.insert(std::move(entry));
    const core::Job& row = table_.find(id)->job;
    agenda_.update(nullptr, &row);
    index_timers(nullptr, &row);
    index_delivery(&row);
    for (const core::Pending* pending : {&row.pending, &row.file_event})
      if (pending->failed_starts > 0 && pending->due)
        pause_class(row.service.name, {pending->failed_starts,
                                       resolve(*pending->due, now_, boot_id_) - now_.boot});
    const bool waits = row.state == base::JobState::transient_error && !row.retry;
    if (waits || base::is_final(row.state)) recovered_.push_back(id);
    if (row.intent != core::Intent::none && id != poisoned_) {
      intents_.try_emplace(id);
      carry_out_intent(id);
    }
  }
  next_inactivity_scan_ = now_.boot;
  wake_();
  return {};
}

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
  differs(ports::Property::notify,
          before->notify_flags != after.notify_flags || before->object != after.object ||
              before->service != after.service || before->command != after.command ||
              validator_object(*before) != validator_object(after));
  differs(ports::Property::settings,
          before->name != after.name || before->description != after.description ||
              before->priority != after.priority ||
              before->retry_delay_s != after.retry_delay_s ||
              before->no_progress_timeout_s != after.no_progress_timeout_s ||
              before->maximum_download_time_s != after.maximum_download_time_s ||
              before->notification_interval_ms != after.notification_interval_ms ||
              before->auto_complete != after.auto_complete);
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

// --- reads ---------------------------------------------------------------------------------------

base::Result<const core::Job*> Engine::find(const base::JobId& id,
                                            const ports::Caller& caller) const {
  const Entry* entry = table_.find(id);
  if (entry == nullptr) return base::Error(Code::BG_E_NOT_FOUND, "no job " + to_string(id));
  BH_CHECK(may_touch(entry->job, caller));
  return &entry->job;
}

const core::File* Engine::file(const core::Job& job, std::uint32_t index) const {
  const Entry* entry = table_.find(job.id);
  if (entry == nullptr || index >= entry->files.size()) return nullptr;
  return &entry->files[index];
}

std::uint64_t Engine::file_progress(const core::File& file) const {
  const Run* run = runs_.find(file.job);
  if (run == nullptr || file.state != core::FileState::waiting) return file.offset;
  for (const Lane& lane : run->lanes) {
    if (lane.file != file.index || !lane.part_open || lane.phase == LanePhase::closing) continue;
    if (ports::Sink* sink = ports_.files.sink(lane.transfer)) return sink->position();
  }
  return file.offset;
}

ports::Progress Engine::progress(const core::Job& job) const {
  ports::Progress progress;
  progress.files_total = job.files.total;
  progress.files_transferred = job.files.transferred;
  progress.bytes_transferred = job.files.bytes_stored;
  progress.bytes_total = job.files.size_unknown == 0 ? job.files.bytes_known : base::size_unknown;
  const Entry* entry = table_.find(job.id);
  const Run* run = runs_.find(job.id);
  if (entry == nullptr) return progress;
  if (run != nullptr) {
    if (base::is_running(job.state)) progress.rate = run->meter.rate(ports_.clock.now().boot);
    for (const Lane& lane : run->lanes) {
      const core::File& file = entry->files[lane.file];
      progress.bytes_transferred += file_progress(file) - file.offset;
    }
  }
  for (const core::File& file : entry->files) {
    if (file.state != core::FileState::waiting) continue;
    if (file.remote_identity.resumable != core::Resumable::unknown)
      progress.resumable = file.remote_identity.resumable == core::Resumable::yes;
    break;
  }
  return progress;
}

void Engine::read(base::PeerId peer, std::move_only_function<void()> answer) {
  if (unanswered_.contains(peer))
    held_reads_.emplace(peer, std::move(answer));
  else
    answer();
}

base::Result<ports::JobPage> Engine::page(const ports::JobFilter& filter,
                                          const std::string& cursor, std::uint32_t limit,
                                          const ports::Caller& caller) const {
  if (filter.all_users && (caller.uid != 0 || !caller.application.empty()))
    return base::Error(Code::E_ACCESSDENIED, "only root may list the jobs of all users");
  if (limit == 0 || limit > 1000)
    return base::Error(Code::E_INVALIDARG, "the limit is 1 to 1000 jobs a page");
  std::uint64_t from = 0;
  for (char c : cursor) {
    if (c < '0' || c > '9' || from > 100'000'000'000'000'000U)
      return base::Error(Code::E_INVALIDARG, "the cursor is not one of ours");
    from = from * 10 + static_cast<std::uint64_t>(c - '0');
  }
  ports::JobPage page;
  for (auto it = table_.by_order().lower_bound(from); it != table_.by_order().end(); ++it) {
    const core::Job& job = table_.find(it->second)->job;
    const bool listed = filter.states == 0
                            ? !base::is_final(job.state)
                            : (filter.states >> static_cast<unsigned>(job.state) & 1U) != 0;
    if (!listed || (!filter.all_users && job.owner_uid != caller.uid)) continue;
    if (!may_touch(job, caller)) continue;
    if (!filter.name_glob.empty() && !core::glob_match(filter.name_glob, job.name)) continue;
    if (page.jobs.size() == limit) {
      page.next = std::to_string(it->first);
      break;
    }
    page.jobs.push_back(&job);
  }
  return page;
}

base::Result<base::JobId> Engine::last_job(const ports::Caller& caller) const {
  const auto found = last_made_.find(caller.uid);
  if (found == last_made_.end())
    return base::Error(Code::BG_E_NOT_FOUND, "no job was made that is still remembered");
  return found->second.id;
}

ports::EventPage Engine::events(std::uint64_t since, std::uint32_t limit,
                                const ports::Caller& caller) const {
  ports::EventPage page;
  page.next = since;
  auto it = std::upper_bound(
      events_.begin(), events_.end(), since,
      [](std::uint64_t number, const core::EventRecord& event) { return number < event.sequence; });
  for (; it != events_.end() && page.events.size() < limit; ++it) {
    page.next = it->sequence;
    if (core::may_touch({it->owner_uid, text_of(it->application)},
                        {caller.uid, caller.application}))
      page.events.push_back(*it);
  }
  return page;
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
