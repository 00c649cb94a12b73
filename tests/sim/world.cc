// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/world.h"

#include <algorithm>

namespace backhaul::sim {

World::World(Options options, std::uint64_t seed)
    : stage(options, seed),
      clock(stage),
      random(seed),
      environment(stage),
      machine(stage),
      accounts(stage),
      crash_page(stage),
      log(stage),
      store(stage),
      files(stage, disk),
      cache(stage, disk),
      neighbours(stage, origin),
      site(stage, origin),
      transport(stage, origin, neighbours, site, environment, sealer),
      bus(stage),
      notifier(stage, bus),
      launcher(stage),
      clients(stage),
      row_checks(stage, disk, origin),
      manners(*this) {
  store.on_change = [this](const SimStore::Row* before, const SimStore::Row* after) {
    row_checks.check(before, after);
    manners.row_changed(before, after);
    if (after != nullptr && after->job.intent != core::Intent::none) clients.closing(after->job.id);
  };
  store.on_cached = [this](const core::CacheRecord& record) { check_cached(record); };
  files.on_replaced = [this](const PartKey& key) { row_checks.exempt(key); };
  files.on_published = [this](const base::JobId& job, std::uint32_t index, const std::string&,
                              const Inode& inode) {
    const SimStore::Row* row = store.find(job);
    if (row == nullptr || row->job.intent != core::Intent::complete)
      return stage.fail("published without a durable intent");
    row_checks.check_published(row->files.at(index), inode);
  };
  files.on_open = [this](const ports::OpenPart& request) { manners.about_to_open(request); };
  files.in_use = [this](base::TransferId transfer) {
    const auto requests = transport.under_way();
    return std::any_of(requests.begin(), requests.end(),
                       [&](const auto& request) { return request.transfer == transfer; });
  };
  connect_callees();
  clients.find = [this](const base::JobId& id) -> const core::Job* {
    const auto job = engine_->find(id, {base::PeerId::none, 0});
    return job ? *job : nullptr;
  };
}

World::~World() = default;

void World::connect_callees() {
  bus.on_death = [this](Program& program) { notifier.program_died(program); };
  notifier.on_notify = [this](const ports::Notification& n) { check_notification(n); };
  notifier.on_validate = [this](const ports::CertificateQuestion& q) { check_question(q); };
  notifier.on_accepted = [this](const ports::CertificateQuestion& q) { accepted(q); };
  transport.on_request = [this](const base::JobId& job, const core::ServerCertificate& server) {
    check_request(job, server);
  };
  notifier.name_of = [this](const base::JobId& job) { return clients.name_of(job); };
  notifier.on_call = [this](Program& callee, Answer what, const base::JobId& job) {
    if (what == Answer::complete)
      submit(callee.label + " Complete", callee.caller(), ports::command::Complete{job});
    else if (what == Answer::resume)
      submit(callee.label + " Start", callee.caller(), ports::command::Start{job});
    else
      submit(callee.label + " Cancel", callee.caller(), ports::command::Cancel{job});
  };
  launcher.name_of = notifier.name_of;
  launcher.on_run = [this](const ports::Launch& launch) { return check_command(launch); };
  launcher.on_complete = [this](const ports::Launch& launch) {
    const std::string& path = launch.command.program;
    Program& program = bus.connect(path, launch.owner.uid);
    submit(path + " Complete", program.caller(), ports::command::Complete{launch.job});
    stage.timeline.after(std::chrono::seconds(1), [this, &program] { bus.kill(program); });
  };
}

void World::start_service() {
  BH_ASSERT(engine_ == nullptr);
  born_ = stage.timeline.now();
  engine_ = std::make_unique<engine::Engine>(
      settings,
      engine::Ports{store, transport, files, cache, neighbours, neighbours, site, notifier, launcher, clients, environment, machine, accounts, clock, random,
                    sealer, crash_page, log},
      [this] { wake(); });
  stage.inbox = engine_.get();
  in_service_call([this] {
    const auto recovered = engine_->recover();
    if (!recovered) stage.fail("recovery failed");
    for (const auto& [id, row] : store.rows()) {
      if (clients.find(id) == nullptr) stage.fail("a job was lost");
    }
    wake();
  });
}

// What the engine does may end in its death, at any call of a port.
void World::in_service_call(const std::function<void()>& work) {
  try {
    work();
  } catch (const Died&) {
    died();
  }
}

void World::died() {
  stage.note("the service dies");
  stage.inbox = nullptr;
  stage.timeline.service_died();
  stage.die_at_port_call(0);
  crash_page.process_ended();
  ran_before_ = service_ran();
  engine_.reset();
  transport.service_died();
  files.service_died();
  cache.service_died();
  neighbours.service_died();
  site.service_died();
  store.service_died();
  notifier.service_died();
  launcher.service_died();
  clients.service_died();
  manners.service_died();
  machine.process_ended();
  accounts.process_ended();
  turn_scheduled_ = false;
  crowded_since_.reset();
  wakeup_ = Microseconds::max();
  if (on_death) on_death();
}

void World::kill_service() {
  if (running()) died();
}

void World::stop_service() {
  if (!running()) return;
  stage.note("the service is told to stop");
  in_service_call([this] {
    engine_->stop([this] {
      stage.timeline.in_service(Microseconds::zero(), [this] {
        if (!transport.under_way().empty() || store.in_flight())
          stage.fail("stopped in the middle of something");
        died();
      });
    });
  });
}

void World::cut_power() {
  if (running()) died();
  stage.note("power cut");
  for (const std::string_view taken : disk.power_cut(stage.prng))
    stage.met("a power cut took " + std::string(taken));
  bus.died();
  clock.boot();
  manners.machine_died();
}

void World::lose_bus() {
  if (running()) died();
  stage.note("the bus dies");
  bus.died();
}

void World::set_network(bool up) {
  const bool lost = environment.network_up() && !up;
  environment.set(up);
  if (lost) transport.network_lost();
}

const Call& World::submit(const std::string& what, ports::Caller caller,
                          ports::CommandBody body) {
  Call& call = clients.make(what, caller, std::move(body));
  if (!running()) {
    call.lost = true;
    return call;
  }
  const auto job = job_of(call.body);
  const SimStore::Row* row = job ? store.find(*job) : nullptr;
  if (row != nullptr && row->job.intent != core::Intent::none) call.may_come_late = true;
  manners.asked(call);
  if (on_submit) on_submit(call);
  in_service_call([&] { engine_->submit({call.id, caller, call.body}); });
  return call;
}

void World::watch_commits() {
  watches_commits_ = true;
  store.on_nothing_durable = [this] {
    if (engine_->parts() != before_turn_->parts)
      stage.fail("a part of the engine changed before the commit of its turn");
    if (engine_->table() != before_turn_->table)
      stage.fail("the table changed before the commit of its turn");
    if (engine_->history().last_sequence() != before_turn_->last_event)
      stage.fail("an event was logged before the commit of its turn");
  };
}

void World::wake() {
  if (std::exchange(turn_scheduled_, true)) return;
  stage.timeline.in_service(stage.draw(stage.options.turn), [this] {
    turn_scheduled_ = false;
    turn();
  });
}

void World::turn() {
  turns_at_once_ = last_turn_ == stage.timeline.now() ? turns_at_once_ + 1 : 0;
  last_turn_ = stage.timeline.now();
  if (turns_at_once_ > 10'000) {
    turns_at_once_ = 0;
    wakeup_ = Microseconds::max();
    return stage.fail("the engine takes turns for ever");
  }
  if (watches_commits_) before_turn_ = Memory{
        engine_->parts(), engine_->table(), engine_->history().last_sequence()};
  engine_->turn();
  const base::BootTime wakeup = engine_->next_wakeup();
  wakeup_ = wakeup == base::never ? Microseconds::max() : clock.on_timeline(wakeup);
  check_after_turn();
  if (on_turn) on_turn();
}

std::optional<Microseconds> World::next_time() const {
  Microseconds next = wakeup_;
  if (!stage.timeline.empty()) next = std::min(next, stage.timeline.next());
  if (next == Microseconds::max()) return std::nullopt;
  return next;
}

bool World::step() {
  const auto next = next_time();
  if (!next) return false;
  if (!stage.timeline.empty() && stage.timeline.next() == *next) {
    in_service_call([this] { stage.timeline.run_next(); });
    return true;
  }
  stage.timeline.skip_to(*next);
  wakeup_ = Microseconds::max();
  in_service_call([this] { turn(); });
  return true;
}

void World::run_for(Microseconds time) {
  const Microseconds end = stage.timeline.now() + time;
  for (auto next = next_time(); next && *next <= end; next = next_time()) step();
  stage.timeline.skip_to(end);
}

bool World::run_until(const std::function<bool()>& done, Microseconds limit) {
  const Microseconds end = stage.timeline.now() + limit;
  while (!done()) {
    const auto next = next_time();
    if (!next || *next > end) return false;
    step();
  }
  return true;
}

}  // namespace backhaul::sim
