// SPDX-License-Identifier: Apache-2.0
// A path to each state of a job, and from there one by each event that can happen in it. Chance meets
// most cells of the job table in the swarm as well, but which of the rare ones it meets changes with the
// simulator; these are met always. The job has a file that is here and, but in TRANSFERRED, one that is
// not.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "core/part_name.h"
#include "tests/sim/cells.h"
#include "tests/sim/world.h"

namespace backhaul::sim {
namespace {

using namespace std::chrono_literals;
namespace command = ports::command;
using base::JobState;
using core::CellKind;
using core::JobEvent;

constexpr Microseconds long_wait = 1000s;  // for the head of an answer, if nothing comes in between
const Fault refusal{FaultKind::status, 404, {}};
const Fault unavailable{FaultKind::status, 503, {}};

class Path {
 public:
  explicit Path(const TouchedCell& cell) : cell_(cell) {
    if (cell.event == JobEvent::inactive) {
      world_.settings.policy.limits.inactivity_timeout.value = 10min;
      world_.settings.inactivity_scan = 1min;
    }
    world_.origin.serve(url("here"), 1000);
    world_.origin.serve(url("slow"), 1000).latency = long_wait;
    world_.origin.serve(url("other"), 1000).latency = 10 * long_wait;
    world_.start_service();
  }

  void walk() {
    reach();
    ASSERT_EQ(job().state, cell_.state) << "not reached";
    if (decides_never_retry()) {
      ports::JobChange change;
      change.no_progress_timeout = 0;
      ask(command::Change{job_, change});
    }
    const std::uint64_t before = times_touched(cell_);
    raise();
    EXPECT_GT(times_touched(cell_), before) << "not met";
    for (const std::string& failure : world_.stage.failures()) ADD_FAILURE() << failure;
  }

 private:
  static std::string url(const std::string& name) { return "http://host/" + name; }
  static ports::FileSpec spec(const std::string& name) { return {url(name), "/d/" + name}; }
  RemoteFile& slow() { return *world_.origin.find(url("slow")); }
  const core::Job& job() { return **world_.service().find(job_, {base::PeerId::none, 0}); }
  bool without_files() const { return cell_.code == base::Code::BG_E_EMPTY; }
  bool is_failure() const {
    return cell_.event == JobEvent::failed_transient || cell_.event == JobEvent::failed_blocked;
  }
  bool decides_never_retry() const { return is_failure() && cell_.target == JobState::error; }
  // With another method than GET, which is always a foreground job.
  bool asks_once() const {
    return cell_.target == JobState::error &&
           (cell_.event == JobEvent::barred || cell_.event == JobEvent::restarted);
  }
  // The program that accepts certificates has its word while the job waits without a turn.
  bool asks_validator() const {
    return cell_.state == JobState::queued && (is_failure() || cell_.event == JobEvent::failed_fatal);
  }

  void ask(ports::CommandBody body) {
    world_.submit("ask", owner_.caller(), std::move(body));
    world_.run_for(0s);
  }
  base::JobId enqueue(std::vector<ports::FileSpec> files, std::uint32_t priority) {
    command::Enqueue body;
    body.properties.priority = priority;
    body.start = !files.empty();
    body.files = std::move(files);
    const base::CallId call = world_.submit("enqueue", owner_.caller(), std::move(body)).id;
    world_.run_for(0s);
    return std::get<base::JobId>(**world_.clients.call(call).reply);
  }
  bool wait_for(JobState state) {
    return world_.run_until([this, state] { return world_.running() && job().state == state; }, 24h);
  }

  // --- to a state
  void reach() {
    if (without_files()) {
      job_ = enqueue({}, low);
      if (cell_.state == JobState::error) poison();
      return;
    }
    if (asks_validator()) return reach_question();
    if (asks_once()) return reach_request();
    if (cell_.state == JobState::queued && cell_.event == JobEvent::no_progress) return reach_hold();
    if (cell_.state == JobState::error) slow().fault(refusal).latency = 2s;
    if (cell_.state == JobState::transient_error) slow().fault(unavailable).latency = 2s;
    if (cell_.event == JobEvent::failed_fatal) slow().always = refusal;
    if (cell_.event == JobEvent::failed_transient) slow().always = unavailable;
    std::vector<ports::FileSpec> files{spec("here")};
    if (cell_.state != JobState::transferred && !nothing_is_left()) files.push_back(spec("slow"));
    if (cell_.event == JobEvent::asked_is_here) return reach_demand(std::move(files));
    job_ = enqueue(std::move(files), low);
    if (cell_.event == JobEvent::inactive)
      ask(command::Change{job_, {.minimum_retry_delay = 7200}});
    world_.run_until([this] { return job().files.transferred == 1; }, 1h);
    if (nothing_is_left()) return reach_nothing_left();
    switch (cell_.state) {
      case JobState::queued:
        take_turn();
        return write_state();
      case JobState::connecting:
        take_turn();
        give_turn();
        return write_state();
      case JobState::suspended: ask(command::Suspend{job_}); break;
      default: wait_for(cell_.state);
    }
  }
  // It gets a turn although every file is here.
  bool nothing_is_left() const {
    return cell_.state == JobState::connecting && cell_.event == JobEvent::all_done;
  }
  void reach_nothing_left() {
    wait_for(JobState::transferred);
    poison();
    world_.stage.options.turn = {1s, 1s};
    world_.submit("Start", owner_.caller(), command::Start{job_});
    wait_for(JobState::queued);
    write_state();
    wait_for(JobState::connecting);
  }
  // The first byte of the slow file is asked for, or nothing.
  void reach_demand(std::vector<ports::FileSpec> files) {
    command::Enqueue body;
    body.properties.on_demand_mode = true;
    body.files = std::move(files);
    const base::CallId call = world_.submit("enqueue", owner_.caller(), std::move(body)).id;
    world_.run_for(0s);
    job_ = std::get<base::JobId>(**world_.clients.call(call).reply);
    world_.stage.options.turn = {1s, 1s};
    if (cell_.state == JobState::transferring)
      ask(command::RequestRanges{job_, 0, {{0, 1}}}), ask(command::RequestRanges{job_, 1, {{0, 1}}});
    world_.submit("Start", owner_.caller(), command::Start{job_});
    wait_for(cell_.state);
  }
  void reach_request() {
    command::Enqueue body;
    body.properties.http_method = "POST";
    body.start = true;
    if (cell_.state == JobState::transferring) body.files = {spec("here")};
    body.files.push_back(spec("slow"));
    const base::CallId call = world_.submit("enqueue", owner_.caller(), std::move(body)).id;
    world_.run_for(0s);
    job_ = std::get<base::JobId>(**world_.clients.call(call).reply);
    wait_for(cell_.state);
    write_state();
  }
  // It failed once, and of the addresses of its file one has gone and the other asks for time.
  void reach_hold() {
    slow().latency = 2s;
    slow().always = Fault{FaultKind::status, 503, 12h};
    world_.origin.serve("http://mirror/slow", 1000).always = refusal;
    ports::FileSpec file = spec("slow");
    file.mirrors = {"http://mirror/slow"};
    job_ = enqueue({file}, low);
    for (const JobState next : {JobState::transient_error, JobState::connecting, JobState::queued}) wait_for(next);
    write_state();
  }
  void reach_question() {
    world_.origin.serve(url("shown"), 1000).servers.push_back({"host:443", std::string(64, 'a')});
    owner_.verdicts = {cell_.event == JobEvent::failed_fatal ? Answer::die : Answer::e_fail};
    world_.stage.options.call = {10s, 10s};
    command::Enqueue body;
    body.files = {spec("shown")};
    const base::CallId call = world_.submit("enqueue", owner_.caller(), std::move(body)).id;
    world_.run_for(0s);
    job_ = std::get<base::JobId>(**world_.clients.call(call).reply);
    core::ObjectRegistration object;
    object.bus_id = world_.bus.id();
    object.unique_name = owner_.unique_name;
    object.path = "/v";
    object.uid = owner_.uid;
    ask(command::SetCertificateCheck{job_, object});
    ask(command::Start{job_});
    world_.run_until([this] { return world_.notifier.under_way() > 0; }, 1h);
  }
  void take_turn() { other_ = enqueue({spec("other")}, high); }
  void give_turn() { ask(command::Cancel{other_}); }
  // Who has the turn is not worth a commit.
  void write_state() { ask(command::Change{job_, {.description = "written"}}); }

  // Two crashes in a row while it is stepped.
  void poison() {
    world_.crash_page.make_deadly(job_);
    for (int deaths = 0; deaths < 2; deaths += world_.running() ? 0 : 1) {
      if (world_.running())
        ask(command::Change{job_, {.description = "deadly"}});
      else
        world_.start_service();
    }
    world_.crash_page.make_deadly(std::nullopt);
    while (!world_.running()) world_.start_service();
    world_.run_for(0s);
  }

  // --- by an event
  void raise() {
    switch (cell_.event) {
      case JobEvent::start:
        if (cell_.state == JobState::transferred && cell_.kind == CellKind::go)
          ask(command::AddFiles{job_, {spec("slow")}});
        return ask(command::Start{job_});
      case JobEvent::suspend: return ask(command::Suspend{job_});
      case JobEvent::complete:
      case JobEvent::published: return ask(command::Complete{job_});
      case JobEvent::cancel:
      case JobEvent::discarded: return ask(command::Cancel{job_});
      case JobEvent::take:
      case JobEvent::taken: return take_over();
      case JobEvent::add_files: return ask(command::AddFiles{job_, {spec("other")}});
      case JobEvent::change: return ask(command::Change{job_, {.description = "new"}});
      case JobEvent::turn_given: return give_turn();
      case JobEvent::turn_taken: return take_turn();
      case JobEvent::connected:
      case JobEvent::all_done:
      case JobEvent::asked_is_here:
      case JobEvent::failed_transient:
      case JobEvent::failed_fatal:
      case JobEvent::retry_due:
      case JobEvent::inactive: return world_.run_for(1h);
      case JobEvent::failed_blocked: return lock();
      case JobEvent::barred:
        world_.set_network(false);
        return world_.run_for(0s);
      case JobEvent::unblocked:
        for (const bool up : {false, true}) {
          world_.set_network(up);
          world_.run_for(0s);
        }
        return;
      case JobEvent::no_progress:
        ask(command::Change{job_, {.no_progress_timeout = 10}});
        return world_.run_for(1min);
      case JobEvent::download_time_over:
        ask(command::Change{job_, {.maximum_download_time = 10}});
        return world_.run_for(1min);
      case JobEvent::validation_failed: return ask(command::SetValidationState{job_, 0, false});
      case JobEvent::poisoned: return poison();
      case JobEvent::publish_failed:
        world_.stage.options.publish_fails = 1000;
        return ask(command::Complete{job_});
      case JobEvent::parts_lost:
        world_.disk.unlink(core::part_path("/d/here", job_, 0, world_.store.find(job_)->files.at(0).epoch));
        return ask(command::Complete{job_});
      case JobEvent::restarted:
        write_state();
        world_.kill_service();
        world_.start_service();
        return world_.run_for(0s);
    }
  }
  void take_over() {
    world_.submit("take", world_.bus.connect("root", 0).caller(), command::TakeOwnership{job_});
    world_.run_for(0s);
  }
  // The volume of a further file cannot be opened; the files before it come first.
  void lock() {
    world_.disk.shortage = base::Code::BG_E_DESTINATION_LOCKED;
    if (cell_.state == JobState::transferring)
      ask(command::AddFiles{job_, {spec("other")}});
    else
      take_turn(), give_turn();
    world_.run_for(1h);
  }

  static constexpr std::uint32_t high = 1;
  static constexpr std::uint32_t low = 3;
  const TouchedCell cell_;
  World world_{};
  Program& owner_ = world_.bus.connect("owner", 1000);
  base::JobId job_;
  base::JobId other_;
};

TEST(Paths, LeadToEveryCellOfTheJobTable) {
  for (const TouchedCell& cell : possible_cells()) {
    SCOPED_TRACE(name_of(cell));
    Path(cell).walk();
  }
}

}  // namespace
}  // namespace backhaul::sim
