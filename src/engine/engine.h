// SPDX-License-Identifier: Apache-2.0
// The engine: owns the jobs and runs turns. Everything from outside is appended to the inbox; a
// turn reads the clock once, steps commands and events over a draft, has the changed rows committed
// in one transaction, and only then replies, transfers, notifies and publishes. It knows nothing
// real: the same code runs under the event loop and under the simulator.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "core/admission.h"
#include "core/job_table.h"
#include "core/names.h"
#include "core/notify_ladder.h"
#include "engine/agenda.h"
#include "engine/class_starts.h"
#include "engine/deliveries.h"
#include "engine/draft.h"
#include "engine/origin_holds.h"
#include "engine/questions.h"
#include "engine/runs.h"
#include "engine/settings.h"
#include "engine/table.h"
#include "ports/crash_page.h"
#include "ports/environment.h"
#include "ports/events.h"
#include "ports/files.h"
#include "ports/launcher.h"
#include "ports/notifier.h"
#include "ports/queue.h"
#include "ports/store.h"
#include "ports/transport.h"

namespace backhaul::engine {

struct Ports {
  ports::Store& store;
  ports::Transport& transport;
  ports::Files& files;
  ports::Notifier& notifier;
  ports::Launcher& launcher;
  ports::Clients& clients;
  ports::Environment& environment;
  ports::Clock& clock;
  ports::Random& random;
  ports::CrashPage& crash_page;
  base::Log& log;
};

class Engine final : public ports::Queue, public ports::Inbox {
 public:
  // `wake` asks for a turn soon; it may be called at any time on the loop thread, also from post().
  Engine(Settings settings, Ports ports, std::function<void()> wake);
  ~Engine() override;

  // Loads the queue and takes up what was going on. The bus name must be owned already: what is due
  // is delivered from the first turn on.
  base::Result<void> recover();
  // One turn. Does nothing while a commit is in flight.
  void turn();
  // When a turn is needed even if nothing happens before. Never: base::never.
  base::BootTime next_wakeup() const;
  // No job that is not final, no open call, no delivery, no tombstone that a client may ask for.
  bool idle() const;
  // Orderly stop: transfers end, what they stored is committed. `done` runs when that is so.
  void stop(std::function<void()> done);

  // ports::Inbox
  void post(ports::Event event) override;

  // ports::Queue
  void submit(ports::Command command) override;
  base::Result<const core::Job*> find(const base::JobId& id,
                                      const ports::Caller& caller) const override;
  const core::File* file(const core::Job& job, std::uint32_t index) const override;
  base::Result<ports::JobPage> page(const ports::JobFilter& filter, const std::string& cursor,
                                    std::uint32_t limit,
                                    const ports::Caller& caller) const override;
  ports::Progress progress(const core::Job& job) const override;
  std::uint64_t file_progress(const core::File& file) const override;
  core::Waiting waiting(const core::Job& job) const override;
  ports::NotifyState notify_state(const core::Job& job) const override;
  ports::EventPage events(std::uint64_t since, std::uint32_t limit,
                          const ports::Caller& caller) const override;
  base::Result<base::JobId> last_job(const ports::Caller& caller) const override;
  void read(base::PeerId peer, std::move_only_function<void()> answer) override;

 private:
  // Complete or Cancel under way: who is answered when it ends, and what waits behind it.
  struct OpenIntent {
    std::vector<base::CallId> calls;
    std::deque<ports::Command> deferred;  // later changes of that job
    base::PeerId peer{};
    bool begun = false;  // publish or discard was asked for
  };
  using Input = std::variant<ports::Event, ports::Command>;

  // engine.cc: the turn
  void run_inputs(Draft& draft);
  void commit(Draft draft);
  void storage_recovered();
  void committed(Draft draft);
  void commit_failed(Draft draft, base::Error error);
  void merge(Draft& draft);
  void set_aside_poisoned(Draft& draft, const base::JobId& id);
  void announce(const core::Job* before, const core::Job& after, std::size_t files_before);
  void answered(base::CallId call);
  void fail_intent(OpenIntent& intent, const base::Error& error);
  void stop_all_runs();
  base::Result<core::Effects> step(Draft& draft, const base::JobId& id, core::JobEvent event,
                                   std::optional<core::ErrorInfo> error = {});
  void apply(Draft& draft, const base::JobId& id, const core::Effects& effects);
  void record_event(Draft& draft, const core::Job& job);
  void record_end(Draft& draft, const core::Job& job);
  void note_made(std::uint32_t uid, std::uint64_t order, const base::JobId& id);
  core::StepContext context();
  static base::Result<void> may_touch(const core::Job& job, const ports::Caller& caller);
  base::Result<void> may_register(const std::string& unique_name) const;

  // recovery.cc, clock.cc
  void restore(core::Job job, std::vector<core::File> files);
  void start_clock(const ports::Snapshot& snapshot);
  base::Instant instant() const;
  void read_clock();
  base::BootTime on_boot_clock(base::ServiceTime time) const;
  base::WallTime on_wall_clock(base::BootTime time, const base::Instant& now) const;

  // commands.cc: what clients ask for
  void handle(Draft& draft, ports::Command& command);
  struct Performer;
  base::Result<ports::ReplyValue> perform(Draft& draft, const ports::Command& command,
                                          bool& reply_later);
  base::Result<ports::ReplyValue> enqueue(Draft& draft, const ports::Caller& caller,
                                          const ports::command::Enqueue& command);
  base::Result<core::Placed> place(const core::Job& job, const ports::FileSpec& file) const;
  base::Result<void> add_files(Draft& draft, const base::JobId& id,
                               const std::vector<ports::FileSpec>& files);
  base::Result<void> change(Draft& draft, const base::JobId& id, const ports::JobChange& change,
                            const ports::Caller& caller);
  core::Author author(const ports::Caller& caller) const;
  void set_service(Draft& draft, const base::JobId& id, const core::ServiceRegistration& service,
                   const ports::Caller& caller);
  void set_command(Draft& draft, const base::JobId& id, const core::CommandRegistration& command,
                   const ports::Caller& caller);
  void set_object(Draft& draft, const base::JobId& id, core::ObjectRegistration object);
  void clear_object(Draft& draft, const base::JobId& id);
  void rearm(Draft& draft, const base::JobId& id);
  void forgive_restarts(Draft& draft, const base::JobId& id);
  void fetch_anew(Draft& draft, const base::JobId& id, std::uint32_t file);
  void look_at_parts(Draft& draft, const base::JobId& id);
  base::Result<void> set_validation(Draft& draft, const base::JobId& id, std::uint32_t file,
                                    bool valid);
  void complete_by_itself(Draft& draft, const base::JobId& id);

  // transfers.cc: what the transfers and files tell
  void handle(Draft& draft, ports::HeadReceived& event);
  void handle(Draft& draft, ports::TransferEnded& event);
  void handle(Draft& draft, ports::PartOpened& event);
  void handle(Draft& draft, ports::PartStored& event);
  void handle(Draft& draft, ports::PartFailed& event);
  void handle(Draft& draft, ports::PartClosed& event);
  void drop_earlier_parts(Draft& draft, const base::JobId& id, std::uint32_t file);
  static bool moves(const Draft& draft, const base::JobId& id);
  void settle(Draft& draft, Run& run);
  void fail(Draft& draft, Run& run, const Lane& lane);
  void fail(Draft& draft, Run& run, core::JobEvent event, core::ErrorInfo error);
  void log_failure(const base::JobId& id, const core::ErrorInfo& error);
  void advance(const base::JobId& id);
  void finish_run(Draft& draft, Run& run);
  void open_lanes(Run& run, const Entry& entry);
  void open_lane(Run& run, const Entry& entry, std::uint32_t file);
  void start_lane(base::TransferId transfer);
  void close_lane(base::TransferId transfer);
  void stop_run(const base::JobId& id);

  // closing.cc: Complete and Cancel
  void handle(Draft& draft, ports::Published& event);
  void handle(Draft& draft, ports::Discarded& event);
  void carry_out_intent(const base::JobId& id);
  ports::PublishRequest publish_request(const Entry& entry) const;
  void parts_looked_at(Draft& draft, ports::Published& event);
  static const ports::PublishedFile* first_with(const ports::Published& event,
                                                ports::Placing placing);
  void give_up_lost(Draft& draft, const ports::Published& event);
  void cannot_place(Draft& draft, const base::JobId& id, const ports::PublishedFile& file);
  void end_intent(Draft& draft, const base::JobId& id, core::JobEvent event,
                  base::Result<ports::ReplyValue> value,
                  std::optional<core::ErrorInfo> error = {});
  void finish_if_final(Draft& draft, const base::JobId& id, base::PeerId peer);

  // holds.cc: what servers answered, beyond the transfer
  std::optional<base::BootTime> held_until(const base::JobId& id, const core::File& file) const;
  std::optional<base::BootTime> held_until(const base::JobId& id) const;
  std::optional<core::Waiting> held_waiting(const core::Job& job) const;
  void heed_wish(Draft& draft, const base::JobId& id, const Lane& lane);
  void insist(Draft& draft, const base::JobId& id);
  void lift_wish(Draft& draft, const std::string& origin);
  void give_back_held_turns(Draft& draft);
  void note_doubt(Draft& draft, const base::JobId& id, std::uint32_t file, core::Doubt doubt);
  core::RemoteRecord record_of(const core::File& file) const;
  void begin_anew(Draft& draft, const base::JobId& id);

  // world.cc: clocks, network, clients
  void handle(Draft& draft, ports::NetworkChanged& event);
  void handle(Draft& draft, ports::PeerGone& event);
  void run_timers(Draft& draft);
  void catch_up(Draft& draft);
  void run_job_timers(Draft& draft, const base::JobId& id);
  void schedule(Draft& draft);
  void schedule_background(Draft& draft, std::vector<const Run*>& holders,
                           const Agenda::Eligible& eligible);
  bool is_all_or_nothing(const Run& run) const;
  void take_turn(Draft& draft, const base::JobId& id);
  void give_turn(Draft& draft, const base::JobId& id);
  void account_time(Draft& draft, const base::JobId& id, Weight weight = Weight::soft);
  void keep_time(Draft& draft);
  bool blocked_by_network(const base::JobId& id) const;
  void lose_network(Draft& draft, const base::JobId& id);
  void scan_for_inactive(Draft& draft);
  void run_short(Draft& draft, Run& run, const base::Error& error);
  void note_shortage(const base::Error& error);
  void close_later(Draft& draft, const base::JobId& id, const base::Error& shortage);
  bool is_short(const base::Instant& now) const;
  void index_timers(const core::Job* before, const core::Job* after);
  base::BootTime next_due(const core::Job& job) const;

  // notifications.cc: the ladder, driven
  void handle(Draft& draft, ports::Notified& event);
  void handle(Draft& draft, ports::ClassInstalled& event);
  // The event of a job that could be delivered now, and where its ladder begins.
  struct Due {
    core::NotifyKind kind = core::NotifyKind::none;
    std::uint64_t sequence = 0;
    core::Rung rung = core::Rung::object;
    bool later = false;  // it waits for its time, and what comes behind it waits too
  };
  // A start of a class that failed: how often in a row, and how long nobody tries again.
  struct FailedStart {
    std::uint32_t failures = 0;
    base::Microseconds pause{};
  };
  std::optional<Due> owed(const core::Job& job, const core::Pending& pending) const;
  bool is_paused(const std::string& service) const;
  base::BootTime paused_until(const core::Job& job) const;
  void pause_class(const std::string& service, const FailedStart& start);
  void index_class(const std::string& service);
  std::optional<FailedStart> note_start(Draft& draft, const Delivery& delivery,
                                        core::RungResult result);
  ports::UnheardEvent unheard(const core::Job& job, const core::Pending& pending) const;
  std::optional<Due> due_now(const core::Job& job) const;
  std::optional<Due> modification_due_now(const core::Job& job) const;
  bool owes_modification(const core::Job& job) const;
  bool somebody_hears(const core::Job& job, core::NotifyKind kind) const;
  static Applicant applicant(const core::Job& job, const Due& due);
  bool commands_allowed(const core::Job& job) const;
  void start_deliveries();
  void begin_delivery(const core::Job& job, const Due& due);
  void index_delivery(const core::Job* job);
  void owe_file_event(Draft& draft, const base::JobId& id, std::uint32_t file);
  void file_event_heard(Draft& draft, const base::JobId& id);
  void modified(const core::Job& before, const core::Job& after, ports::Properties changed);
  void modification_ended(Draft& draft, const Delivery& delivery, const ports::Notified& event);
  void apply(Draft& draft, const base::JobId& id, const Delivery& delivery,
             const core::LadderDecision& decision, const std::optional<FailedStart>& failed_start);
  void start_waiting();

  // certificates.cc: the program's word on the certificates of servers
  base::Result<void> set_validator(Draft& draft, const base::JobId& id,
                                   std::optional<core::ObjectRegistration> object);
  void drop_validator(Draft& draft, const base::JobId& id);
  void meet_unknown_server(Draft& draft, Run& run, const Lane& lane, ports::UnknownServer& server);
  void handle(Draft& draft, ports::Validated& event);
  void give_up_server(Draft& draft, const base::JobId& id, core::JobEvent event,
                      core::ErrorInfo error);
  void ask_about_certificates();

  Settings settings_;
  Ports ports_;
  std::function<void()> wake_;
  std::string boot_id_;
  base::Instant now_;
  // The service clock goes on with the boot clock from where the last life of the service left it.
  base::BootTime boot_began_{};
  base::ServiceTime service_began_{};
  base::ServiceTime kept_{};  // of the last commit: what a crash does not lose
  base::Microseconds wall_ahead_{};  // of the boot clock; changes only when somebody sets the clock
  std::uint64_t next_sequence_ = 1;
  std::uint64_t next_order_ = 1;

  Table table_;
  Agenda agenda_;
  Runs runs_;
  Deliveries deliveries_;
  ClassStarts class_starts_;

  std::deque<Input> inbox_;
  std::deque<core::EventRecord> events_;  // the log, oldest first
  struct Made {
    std::uint64_t order = 0;
    base::JobId id;
  };
  std::map<std::uint32_t, Made> last_made_;  // by user, also when it has ended
  // JobModification: best effort, merged, at most one on its way to one callee and one to come.
  struct Modification {
    bool due = false;
    // Whose call has not returned: the number of the object's registration, 0 for a class.
    std::optional<std::uint64_t> called;
    base::BootTime not_before{};
  };
  std::unordered_map<base::JobId, Modification> modifications_;
  Questions questions_;  // their jobs get no turn
  std::set<base::JobId> programs_;  // jobs whose command line is running
  bool commit_in_flight_ = false;
  std::optional<base::Error> storage_error_;  // commits fail: changes are refused, retried on a timer
  base::BootTime storage_retry_ = base::never;
  // The service is short of descriptors or memory: nobody is given a turn until `over`.
  struct Shortage {
    base::Error error;
    base::Microseconds pause{};
    base::BootTime over{};
  };
  std::optional<Shortage> shortage_;
  std::set<base::JobId> short_intents_;  // Complete of these waits for that
  base::BootTime next_inactivity_scan_{};
  std::set<std::pair<base::BootTime, base::JobId>> timers_;
  std::unordered_map<base::JobId, base::BootTime> timer_of_;
  std::vector<base::JobId> recovered_;  // jobs of the last run that no timer wakes
  std::optional<base::JobId> poisoned_;
  bool network_up_ = true;
  std::vector<base::JobId> turn_lost_;  // a failing store stopped their transfers
  std::vector<base::JobId> run_finished_;  // had the turn and nothing to fetch
  std::vector<base::JobId> held_up_;  // have the turn, but their next server does not want them
  OriginHolds holds_;
  std::set<base::JobId> insisting_;  // their owners said Start although a server asked for time
  std::set<std::pair<base::JobId, std::uint32_t>> swept_;  // orphans looked for since the start
  bool stopping_ = false;
  bool stop_kept_ = false;  // the time until the stop is in a commit, or about to be
  std::function<void()> stopped_;

  // Calls of clients: who waits for a commit, who waits for an intent.
  std::unordered_map<base::JobId, OpenIntent> intents_;
  std::unordered_map<base::CallId, base::PeerId> open_calls_;
  std::unordered_map<base::PeerId, int> unanswered_;
  std::multimap<base::PeerId, std::move_only_function<void()>> held_reads_;
};

}  // namespace backhaul::engine
