// SPDX-License-Identifier: Apache-2.0
// One short life of a job, lived again and again: each time something else dies, and at another
// step. Whatever it was, each event is heard by somebody in the end, in order, and the ledger finds
// no broken promise at any commit in between.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <set>
#include <string>

#include "core/notify_ladder.h"
#include "core/peer_cache.h"
#include "tests/sim/ledger.h"
#include "tests/sim/world.h"

namespace backhaul::sim {
namespace {

using namespace std::chrono_literals;
namespace command = ports::command;

enum class Disaster { service, port_call, bus, power, listener, server, commit };

// Everything takes a while, so that there are steps in between.
Options slow_world() {
  Options options;
  options.turn = {1ms, 1ms};
  options.commit = options.commit_answer = options.disk = options.check = {5ms, 9ms};
  options.sync = options.call = {20ms, 30ms};
  options.class_start = {200ms, 200ms};
  return options;
}

class Life {
 public:
  explicit Life(bool object) : world_(slow_world()), ledger_(world_), with_object_(object) {
    world_.watch_commits();
    world_.on_submit = [this](const Call& call) { ledger_.asked(call); };
    world_.on_death = [this] { ledger_.service_died(); };
    listen();
    for (const char* name : {"x", "y", "z"}) world_.origin.serve(url(name), 2000);
    world_.origin.find(url("y"))->always = Fault{FaultKind::status, 404, {}};
    // A neighbour has it, and dies on the way.
    world_.settings.policy.neighbours.client.value = world_.settings.policy.cache.enabled.value = true;
    world_.origin.find(url("x"))->tells_digest = true;
    world_.neighbours.keep(world_.neighbours.add("a"), url("x")).always = Fault{FaultKind::cut, 700, {}};
    ClassServer& server = world_.bus.install("org.example.One");
    server.uid = 1000;
    server.answers = {Answer::ok, Answer::e_fail, Answer::die};
    world_.start_service();
    come();
    enqueue();
  }

  // False when the life is over before that step.
  bool live_until(std::uint64_t step) {
    for (std::uint64_t i = 0; i < step; ++i)
      if (!go_on()) return false;
    return true;
  }
  void strike(Disaster disaster) {
    switch (disaster) {
      case Disaster::service: return world_.kill_service();
      case Disaster::port_call: return world_.stage.die_at_port_call(1);
      case Disaster::bus: return world_.lose_bus();
      case Disaster::power:
        world_.cut_power();
        return ledger_.power_cut();
      case Disaster::listener: return world_.bus.kill(*program_);
      case Disaster::commit: return world_.store.fail_next();
      case Disaster::server:
        if (Program* running = world_.bus.server("org.example.One")->running)
          world_.bus.kill(*running);
    }
  }
  void live_on() {
    while (go_on()) {
    }
  }

  std::string verdict() const {
    std::string text;
    for (const std::string& failure : world_.stage.failures()) text += failure + "\n";
    for (const std::uint32_t file : {0U, 1U, 2U})
      if (!files_.contains(file)) text += "nobody heard of file " + std::to_string(file) + "\n";
    if (!error_) text += "nobody heard of the error\n";
    if (!transferred_) text += "nobody heard that all is here\n";
    if (!at_rest()) text += "it did not come to rest\n";
    if (text.empty()) return text;
    for (const std::string& line : world_.stage.history()) text += "    " + line + "\n";
    return text;
  }

 private:
  static std::string url(const std::string& name) { return "http://host/" + name; }

  void listen() {
    world_.notifier.on_notify = [this, checks = world_.notifier.on_notify](
                                    const ports::Notification& notification) {
      checks(notification);
      told_[notification.sequence] = notification;
    };
    world_.notifier.on_acknowledged = [this, ledger = world_.notifier.on_acknowledged](
                                          const Delivered& delivered) {
      ledger(delivered);
      heard(delivered);
    };
  }
  void heard(const Delivered& delivered) {
    if (delivered.kind == core::NotifyKind::file_transferred)
      files_.insert(told_.at(delivered.sequence).file);
    error_ |= delivered.kind == core::NotifyKind::job_error;
    transferred_ |= delivered.kind == core::NotifyKind::job_transferred;
  }

  // The next step; whoever died is replaced at once.
  bool go_on() {
    if (world_.stage.timeline.now() > 24h || !world_.stage.failures().empty()) return false;
    if (!world_.running()) world_.start_service();
    if (world_.running() && !program_->alive) come();
    if (world_.running() && world_.store.rows().empty() && world_.clients.open_calls() == 0) enqueue();
    begin();
    if (at_rest()) {
      const core::Job& job = world_.store.rows().begin()->second.job;
      if (job.state != base::JobState::error) return false;
      world_.origin.find(url("y"))->always.reset();
      world_.submit("Start", program_->caller(), command::Start{job.id});
    }
    return world_.step();
  }
  bool at_rest() const {
    if (!world_.running() || world_.store.in_flight() || world_.clients.open_calls() > 0 ||
        world_.notifier.under_way() > 0 || world_.store.rows().empty())
      return false;
    const core::Job& job = world_.store.rows().begin()->second.job;
    return (job.state == base::JobState::transferred || job.state == base::JobState::error) &&
           job.pending->kind == core::NotifyKind::none &&
           job.file_event->kind == core::NotifyKind::none;
  }

  void come() {
    program_ = &world_.bus.connect("p" + std::to_string(++comings_), 1000);
    program_->answers = {Answer::ok, Answer::e_fail, Answer::s_false, Answer::bus_error};
    if (!world_.store.rows().empty()) set_object(world_.store.rows().begin()->first);
  }
  void enqueue() {
    command::Enqueue body;
    body.properties.name = "a";
    body.properties.notify_flags = base::notify::job_transferred | base::notify::job_error |
                                   base::notify::file_transferred;
    body.properties.notify_class = core::ClassRegistration{"org.example.One", "/org/example"};
    body.properties.peer_caching_flags = core::peer_caching::client | core::peer_caching::server;
    body.files = {{url("x"), "/d/x"}, {url("y"), "/d/y"}};
    const base::CallId call = world_.submit("Enqueue", program_->caller(), std::move(body)).id;
    while (world_.running() && world_.clients.call(call).open()) world_.step();
    if (world_.clients.call(call).accepted() && !world_.store.rows().empty())
      set_object(world_.store.rows().begin()->first);
  }
  // One behind the other, without waiting: the second counts for the file of the first.
  void begin() {
    if (!world_.running() || world_.store.rows().empty() || world_.clients.open_calls() > 0) return;
    const core::Job& job = world_.store.rows().begin()->second.job;
    if (job.state != base::JobState::suspended) return;
    const base::JobId id = job.id;
    if (job.files.total < 3)
      world_.submit("AddFiles", program_->caller(), command::AddFiles{id, {{url("z"), "/d/z"}}});
    if (world_.running()) world_.submit("Start", program_->caller(), command::Start{id});
  }
  void set_object(const base::JobId& job) {
    if (!with_object_) return;
    core::ObjectRegistration object;
    object.bus_id = world_.bus.id();
    object.unique_name = program_->unique_name;
    object.path = "/o";
    object.uid = program_->uid;
    object.level = 2;
    world_.submit("SetObject", program_->caller(), command::SetObject{job, object});
  }

  World world_;
  Ledger ledger_;
  bool with_object_;
  Program* program_ = nullptr;
  int comings_ = 0;
  std::map<std::uint64_t, ports::Notification> told_;  // by sequence
  std::set<std::uint32_t> files_;
  bool error_ = false;
  bool transferred_ = false;
};

void try_every_step(bool with_object) {
  for (const Disaster disaster : {Disaster::service, Disaster::port_call, Disaster::bus,
                                  Disaster::power, Disaster::listener, Disaster::server,
                                  Disaster::commit}) {
    std::uint64_t step = 0;
    for (bool over = false; !over; ++step) {
      Life life(with_object);
      over = !life.live_until(step);
      life.strike(disaster);
      life.live_on();
      const std::string verdict = life.verdict();
      ASSERT_EQ(verdict, "") << "disaster " << static_cast<int>(disaster) << " at step " << step;
    }
    EXPECT_GT(step, 100U) << "the life is too short to prove anything";
  }
}

// What another method asks for is asked for once each time that its owner starts the job (jobs.md §3.2),
// whatever dies in between, and it is asked for.
void ask_once_until(Disaster disaster, std::uint64_t step, bool& over) {
  World world(slow_world());
  RemoteFile& file = world.origin.serve("http://host/x", 2000);
  world.start_service();
  Program& owner = world.bus.connect("owner", 1000);
  command::Enqueue body;
  body.properties.http_method = "POST";
  body.files = {{"http://host/x", "/d/x"}};
  world.submit("Enqueue", owner.caller(), std::move(body));
  world.run_for(1s);
  const base::JobId id = world.store.rows().begin()->first;
  std::uint32_t starts = 0;
  const auto state = [&] { return world.store.rows().begin()->second.job.state; };
  for (bool struck = false; world.stage.timeline.now() < 24h; --step) {
    if (!world.running()) world.start_service();
    if (step == 0) {
      struck = true;
      switch (disaster) {
        case Disaster::port_call: world.stage.die_at_port_call(1); break;
        case Disaster::power: world.cut_power(); break;
        case Disaster::commit: world.store.fail_next(); break;
        default: world.kill_service();
      }
      continue;
    }
    const bool waits = state() == base::JobState::suspended || state() == base::JobState::error;
    if (world.running() && waits && world.clients.open_calls() == 0 && !world.store.in_flight()) {
      ++starts;
      world.submit("Start", world.bus.connect("owner", 1000).caller(), command::Start{id});
    }
    ASSERT_LE(file.requests, starts) << "asked again unasked";
    if (state() == base::JobState::transferred) over = !struck;
    if (state() == base::JobState::transferred) return;
    world.step();
  }
  FAIL() << "it did not come to an end";
}

TEST(EveryStep, WhateverDiesAnotherMethodIsAskedForOnce) {
  for (const Disaster disaster :
       {Disaster::service, Disaster::port_call, Disaster::power, Disaster::commit}) {
    std::uint64_t step = 0;
    for (bool over = false; !over; ++step) {
      ask_once_until(disaster, step, over);
      ASSERT_FALSE(HasFatalFailure()) << "disaster " << static_cast<int>(disaster) << " at step " << step;
    }
    EXPECT_GT(step, 20U) << "the life is too short to prove anything";
  }
}

TEST(EveryStep, WhateverDiesEachEventIsHeardByAnObject) { try_every_step(true); }

TEST(EveryStep, WhateverDiesEachEventIsHeardByAClass) { try_every_step(false); }

}  // namespace
}  // namespace backhaul::sim
