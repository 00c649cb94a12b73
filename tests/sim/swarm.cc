// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/swarm.h"

#include <algorithm>
#include <chrono>

#include "base/fnv.h"
#include "core/notify_ladder.h"
#include "core/part.h"
#include "tests/sim/crowd.h"
#include "tests/sim/holes.h"
#include "tests/sim/ledger.h"
#include "tests/sim/log_readers.h"
#include "tests/sim/site.h"
#include "tests/sim/world.h"

namespace backhaul::sim {
namespace {

using namespace std::chrono_literals;

Microseconds microseconds(std::uint64_t us) { return Microseconds(static_cast<std::int64_t>(us)); }

// Mean intervals of what the world does to the service; zero: never.
struct Weather {
  Microseconds action = 10s;
  Microseconds kill{};
  Microseconds stop{};       // in good order
  Microseconds poison{};     // every step of some job ends the service
  Microseconds power_cut{};
  Microseconds bus{};        // it dies, and with it all that are on it
  Microseconds network{};
  Microseconds outage{};     // the store cannot write
  Microseconds full{};       // the disk of the files is full
  Microseconds new_version{};
  Microseconds program{};    // one dies, another comes
  Microseconds install{};    // classes are installed and removed
  Microseconds wall{};       // somebody sets the clock
  Microseconds shortage{};   // the service runs out of descriptors or memory
  Microseconds vandal{};     // somebody deletes a part, replaces it or cuts it short
  Microseconds remount{};    // the volume is taken away and put back while nobody looks
  Microseconds unwritable{};
};

class Swarm {
 public:
  Swarm(std::uint64_t seed, std::size_t history_lines, bool traces);
  SwarmResult run();

 private:
  static Options draw_options(base::Prng& prng);
  static CrowdOptions with_addresses(CrowdOptions options, std::uint64_t seed);
  static CrowdOptions draw_crowd(base::Prng& prng);
  static Weather draw_weather(base::Prng& prng);
  std::string describe() const;

  // `what` happens again and again, at times drawn around `mean`, until everything is healed.
  void now_and_then(Microseconds mean, std::function<void()> what);
  void forecast();
  void revive();
  void spoil_a_part();
  void remount();
  void close_directory(bool closed);
  void change_a_file();
  void draw_policy();
  void change_the_machine();
  void set_the_clock();
  void stop_in_good_order();
  void heal();
  void give_all_ranges();
  bool at_rest();
  void come_to_rest(const char* when);
  void end_all_jobs();
  void check_nothing_left();
  void digest();

  std::uint64_t seed_;
  base::Prng dice_;
  base::Prng machine_dice_;  // its own, so that older seeds stay what they were
  Options options_;
  CrowdOptions crowd_options_;
  Weather weather_;
  World world_;
  Ledger ledger_;
  Crowd crowd_;
  LogReaders readers_;
  bool healed_ = false;
  bool was_running_ = true;
  bool stopping_ = false;
  SwarmResult result_;
};

// In every third world; needed by some moment are jobs of every fifth, of high performance those of every seventh.
// Without a throw of the dice, so that the others stay as they are.
CrowdOptions& at_random(CrowdOptions& options, std::uint64_t seed) {
  if (seed % 3 == 0) options.at_random = 250;
  if (seed % 5 == 2) options.needed = 300;
  if (seed % 7 == 2) options.high_performance = 500;
  if (seed % 9 == 4) options.neighbours = 600;
  return options;
}

Options Swarm::draw_options(base::Prng& prng) {
  Options options;
  // Each fault is off in a third of the runs, so that the others are seen alone.
  const auto rate = [&](std::uint64_t most) {
    return prng.chance(333) ? 0U : static_cast<unsigned>(prng.below(most + 1));
  };
  const auto latency = [&](std::uint64_t most_us) {
    return prng.chance(250) ? Latency{} : Latency{0us, microseconds(prng.below(most_us))};
  };
  options.turn = latency(2'000);
  options.commit = latency(50'000);
  options.commit_answer = latency(10'000);
  options.disk = latency(200'000);
  options.sync = latency(2'000'000);
  options.check = latency(20'000'000);
  options.call = latency(100'000);
  options.class_start = latency(20'000'000);
  options.commit_fails = rate(20);
  options.open_fails = rate(50);
  options.write_fails = rate(50);
  options.publish_fails = rate(200);
  options.delete_fails = rate(200);
  options.request_fails = rate(600);
  options.callee_fails = rate(400);
  options.callee_hangs = rate(200);
  options.callee_dies = rate(200);
  options.callee_lies = rate(300);
  options.class_fails = rate(500);
  options.dies_at_port_call = rate(400);
  options.dies_in_step = prng.chance(300) ? rate(2'000) : 0;
  options.sink_capacity = prng.chance(500) ? 1U << 20 : 300;
  options.chunk = 500 + prng.below(10'000);
  return options;
}

// Drawn apart, so that the other seeds stay what they were.
CrowdOptions Swarm::with_addresses(CrowdOptions options, std::uint64_t seed) {
  base::Prng prng(seed ^ 0xADD2'E55EU);
  if (prng.chance(250)) options.addresses = 100 + static_cast<unsigned>(prng.below(500));
  return options;
}

CrowdOptions Swarm::draw_crowd(base::Prng& prng) {
  CrowdOptions options;
  options.users = 1 + static_cast<std::uint32_t>(prng.below(3));
  options.programs_per_user = 1 + static_cast<std::uint32_t>(prng.below(3));
  options.jobs = 2 + static_cast<std::uint32_t>(prng.below(15));
  options.files_per_job = 1 + static_cast<std::uint32_t>(prng.below(6));
  options.file_size = 100 + prng.below(prng.chance(200) ? 3'000'000 : 20'000);
  options.hostile = static_cast<unsigned>(prng.below(200));
  options.endings = static_cast<unsigned>(prng.below(300));
  if (prng.chance(500)) options.ranged = static_cast<unsigned>(prng.below(600));
  if (prng.chance(300)) options.validators = static_cast<unsigned>(prng.below(300));
  options.storms = prng.chance(333) ? 0 : static_cast<unsigned>(prng.below(100));
  return options;
}

Weather Swarm::draw_weather(base::Prng& prng) {
  Weather weather;
  const auto every = [&](Microseconds least, Microseconds most) {
    if (prng.chance(333)) return Microseconds{};
    return least + microseconds(prng.below(static_cast<std::uint64_t>((most - least).count())));
  };
  weather.action = 1s + microseconds(prng.below(30'000'000));
  weather.kill = every(20s, 1h);
  weather.stop = every(60s, 2h);
  weather.poison = every(5min, 3h);
  weather.power_cut = every(60s, 3h);
  weather.bus = every(60s, 3h);
  weather.network = every(30s, 2h);
  weather.outage = every(60s, 2h);
  weather.full = every(60s, 2h);
  weather.new_version = every(30s, 1h);
  weather.program = every(30s, 1h);
  weather.install = every(60s, 1h);
  weather.wall = every(5min, 3h);
  weather.unwritable = every(5min, 3h);
  weather.vandal = every(1min, 1h);
  weather.shortage = every(5min, 2h);
  weather.remount = every(5min, 3h);
  return weather;
}

Swarm::Swarm(std::uint64_t seed, std::size_t history_lines, bool traces)
    : seed_(seed),
      dice_(seed * 7919 + 17),
      machine_dice_(seed * 104'729 + 31),
      options_(draw_options(dice_)),
      crowd_options_(with_addresses(draw_crowd(dice_), seed)),
      weather_(draw_weather(dice_)),
      world_(options_, seed),
      ledger_(world_),
      crowd_(world_, ledger_, at_random(crowd_options_, seed)),
      readers_(world_, seed) {
  world_.stage.keep_at_most(history_lines);
  world_.stage.traces = traces;
  world_.settings.policy.limits.foreground_jobs.value = 1 + static_cast<std::uint32_t>(dice_.below(4));
  world_.settings.policy.limits.slice.value = 5s + microseconds(dice_.below(60'000'000));
  draw_policy();
  if (crowd_options_.neighbours != 0) open_site(world_, seed_ % 2 == 0, machine_dice_);
  if (dice_.chance(150)) {
    world_.settings.policy.limits.inactivity_timeout.value = 1min + microseconds(dice_.below(1'800'000'000));
    world_.settings.inactivity_scan = 30s;
    ledger_.jobs_expire = true;
  }
  if (seed % 8 == 0) world_.watch_commits();  // costly
  // So few that they are all in use now and then.
  if (seed % 4 == 1) world_.settings.notifications_per_user = 1 + static_cast<std::uint32_t>(seed / 4 % 3);
  if (seed % 7 == 3) world_.settings.policy.limits.connections_per_server.value = 1 + static_cast<std::uint32_t>(seed / 7 % 3);
  world_.disk.renumbers = dice_.chance(300);
  world_.settings.inputs_per_turn = dice_.chance(300) ? 3 : 256;
  world_.on_submit = [this](const Call& call) { ledger_.asked(call); };
  world_.on_death = [this] { ledger_.service_died(); };
}

std::string Swarm::describe() const {
  const Options& o = options_;
  std::string text = "seed " + std::to_string(seed_) + ":";
  const auto say = [&](const char* name, auto value) {
    if (value != 0) text += std::string(" ") + name + "=" + std::to_string(value);
  };
  say("commit", o.commit.most.count());
  say("disk", o.disk.most.count());
  say("sync", o.sync.most.count());
  say("check", o.check.most.count());
  say("call", o.call.most.count());
  say("commit_fails", o.commit_fails);
  say("open_fails", o.open_fails);
  say("write_fails", o.write_fails);
  say("publish_fails", o.publish_fails);
  say("delete_fails", o.delete_fails);
  say("request_fails", o.request_fails);
  say("callee_fails", o.callee_fails);
  say("callee_hangs", o.callee_hangs);
  say("callee_dies", o.callee_dies);
  say("callee_lies", o.callee_lies);
  say("class_fails", o.class_fails);
  say("dies_at_port_call", o.dies_at_port_call);
  say("dies_in_step", o.dies_in_step);
  say("jobs", crowd_options_.jobs);
  say("size", crowd_options_.file_size);
  say("ranged", crowd_options_.ranged);
  say("at_random", crowd_options_.at_random);
  say("high_performance", crowd_options_.high_performance), say("neighbours", crowd_options_.neighbours);
  say("validators", crowd_options_.validators);
  say("action_s", weather_.action.count() / 1'000'000);
  say("kill_s", weather_.kill.count() / 1'000'000);
  say("power_s", weather_.power_cut.count() / 1'000'000);
  say("network_s", weather_.network.count() / 1'000'000);
  say("outage_s", weather_.outage.count() / 1'000'000);
  return text;
}

void Swarm::now_and_then(Microseconds mean, std::function<void()> what) {
  if (mean == Microseconds::zero()) return;
  const Microseconds wait =
      microseconds(1 + dice_.below(2 * static_cast<std::uint64_t>(mean.count())));
  world_.stage.timeline.after(wait, [this, mean, what] {
    if (healed_) return;
    what();
    now_and_then(mean, what);
  });
}

// Something is bad for a while.
void Swarm::forecast() {
  const auto for_a_while = [this](std::function<void()> end) {
    world_.stage.timeline.after(microseconds(dice_.below(600'000'000)), std::move(end));
  };
  if (machine_dice_.chance(666)) change_the_machine();
  now_and_then(crowd_options_.neighbours != 0 ? 1min : 0min, [this] { change_the_site(world_, machine_dice_); });
  now_and_then(weather_.action, [this] { crowd_.act(); });
  now_and_then(weather_.kill, [this] {
    world_.kill_service();
    if (dice_.chance(500)) punch_some_holes(world_, dice_);
  });
  now_and_then(weather_.power_cut, [this] {
    world_.cut_power();
    ledger_.power_cut();
    crowd_.come_back();
  });
  now_and_then(weather_.bus, [this] {
    world_.lose_bus();
    crowd_.come_back();
  });
  now_and_then(weather_.stop, [this] { stop_in_good_order(); });
  now_and_then(weather_.poison, [this, for_a_while] {
    if (ledger_.owners().empty()) return;
    auto it = ledger_.owners().begin();
    std::advance(it, static_cast<std::ptrdiff_t>(dice_.below(ledger_.owners().size())));
    world_.crash_page.make_deadly(it->first);
    for_a_while([this] { world_.crash_page.make_deadly(std::nullopt); });
  });
  now_and_then(weather_.program, [this] { crowd_.lose_a_program(); });
  now_and_then(weather_.network, [this, for_a_while] {
    world_.set_network(false);
    for_a_while([this] { world_.set_network(true); });
  });
  now_and_then(weather_.outage, [this, for_a_while] {
    world_.store.broken = dice_.chance(700) ? base::Code::DISK_FULL : base::Code::WRITE_FAULT;
    for_a_while([this] { world_.store.broken.reset(); });
  });
  now_and_then(weather_.full, [this, for_a_while] {
    world_.disk.full = true;
    for_a_while([this] { world_.disk.full = false; });
  });
  now_and_then(weather_.unwritable, [this, for_a_while] {
    close_directory(true);
    for_a_while([this] { close_directory(false); });
  });
  now_and_then(weather_.new_version, [this] { change_a_file(); });
  now_and_then(weather_.install, [this] {
    for (auto& [name, server] : world_.bus.servers())
      if (dice_.chance(500)) server.installed = !server.installed;
  });
  now_and_then(weather_.vandal, [this] { spoil_a_part(); });
  now_and_then(weather_.remount, [this] { remount(); });
  now_and_then(weather_.wall, [this] { set_the_clock(); });
  now_and_then(weather_.shortage, [this, for_a_while] {
    static constexpr base::Code codes[] = {base::Code::TOO_MANY_OPEN_FILES, base::Code::E_OUTOFMEMORY,
                                           base::Code::BG_E_DESTINATION_LOCKED};
    world_.disk.shortage = codes[dice_.below(std::size(codes))];
    for_a_while([this] { world_.disk.shortage.reset(); });
  });
}

void Swarm::close_directory(bool closed) {
  world_.disk.directories["/d"].writable = !closed;
  ledger_.close_directory(closed);
}

// What a network may cost, and what a battery stops.
void Swarm::draw_policy() {
  static constexpr std::uint32_t masks[] = {core::cost::always, core::cost::not_roaming,
                                            core::cost::standard, core::cost::only_unrestricted};
  for (auto& rule : world_.settings.policy.cost) rule.value = masks[machine_dice_.below(std::size(masks))];
  for (auto* rule : {&world_.settings.policy.on_battery, &world_.settings.policy.on_power_saver})
    rule->value = static_cast<core::PowerRule>(machine_dice_.below(3));
}

// It moves to another network, loses its mains, saves power, sleeps.
void Swarm::change_the_machine() {
  if (healed_) return;
  core::Surroundings around = world_.machine.now();
  around.going_to_sleep = false;
  switch (machine_dice_.below(6)) {
    case 0: around.cost = core::cost::unrestricted; break;
    case 1: around.cost = 1U << machine_dice_.below(7); break;
    case 2: around.cost ^= core::cost::roaming; break;
    case 3: around.on_battery = !around.on_battery; break;
    case 4: around.power_saver = !around.power_saver; break;
    default: around.going_to_sleep = true; break;
  }
  world_.machine.set(around);
  const std::uint64_t most = machine_dice_.chance(500) ? 10'000'000 : 600'000'000;
  world_.stage.timeline.after(microseconds(1 + machine_dice_.below(most)),
                              [this] { change_the_machine(); });
}

void Swarm::change_a_file() {
  auto& files = world_.origin.files();
  auto it = files.begin();
  std::advance(it, static_cast<std::ptrdiff_t>(dice_.below(files.size())));
  const std::uint64_t size =
      dice_.chance(600) ? it->second.current().size : dice_.below(crowd_options_.file_size);
  world_.origin.change(it->first, size);
}

// A little, or as where a clock has no battery, or as by somebody who mistakes the month.
void Swarm::set_the_clock() {
  const Microseconds drawn = microseconds(dice_.below(7'200'000'000));
  switch (drawn.count() % 4) {
    case 0: return world_.clock.set_wall_to(base::WallTime(24h * 365 * 2 + drawn));
    case 1: return world_.clock.set_wall(24h * 100);
    case 2: return world_.clock.set_wall_to(base::WallTime(1'800'000'000s + drawn));
    default: return world_.clock.set_wall(drawn - 1h);
  }
}

// A volume in use is not taken away.
void Swarm::remount() {
  if (!world_.files.busy()) world_.disk.remount();
}

void Swarm::spoil_a_part() {
  for (const auto& [id, row] : world_.store.rows())
    for (const auto& [index, file] : row.files) {
      if (file.stored.empty() || dice_.chance(700)) continue;
      if (file.state != core::FileState::waiting && file.state != core::FileState::transferred)
        continue;
      const std::string part = core::place_of_part(row.job, file);
      const InodeRef inode = world_.disk.find(part);
      if (inode == nullptr) continue;
      world_.row_checks.exempt({id, index});
      // What is being written may only be deleted: the writer would not see the rest.
      const std::uint64_t deed =
          file.state == core::FileState::waiting ? 0 : dice_.below(3);
      world_.stage.note("somebody " + std::string(deed == 0   ? "deletes "
                                                  : deed == 1 ? "replaces "
                                                              : "cuts short ") + part);
      if (deed == 2) {
        inode->cache.truncate(file.stored.end() / 2);
        inode->durable.trim(file.stored.end() / 2);
        return;
      }
      world_.disk.unlink(part);
      if (deed == 1) world_.disk.create(part)->cache.write(0, garbage, 0, file.stored.end());
      return;
    }
}

// Somebody starts the service again soon after every death.
void Swarm::revive() {
  if (world_.running() || !was_running_) return;
  was_running_ = false;
  ++result_.deaths;
  world_.stage.timeline.after(microseconds(dice_.below(healed_ ? 1 : 10'000'000)), [this] {
    was_running_ = true;
    stopping_ = false;
    world_.start_service();
    if (world_.running()) ledger_.check_rows();
  });
}

void Swarm::stop_in_good_order() {
  if (!world_.running()) return;
  const std::uint64_t deaths = result_.deaths;
  stopping_ = true;
  world_.stop_service();
  world_.stage.timeline.after(2min, [this, deaths] {
    if (result_.deaths != deaths || !world_.running()) return;
    world_.stage.fail("the service does not stop");
    world_.kill_service();
  });
}

void Swarm::heal() {
  healed_ = true;
  if (stopping_) world_.kill_service();
  world_.crash_page.make_deadly(std::nullopt);
  world_.stage.healed = true;
  world_.stage.note("everything is healed");
  world_.store.broken.reset();
  world_.disk.full = false;
  world_.disk.shortage.reset();
  close_directory(false);
  world_.machine.set({});
  world_.set_network(false);
  world_.set_network(true);  // also what waited for a volume that was locked goes on
  // Good servers, too: what cannot be continued may rightly never end.
  for (auto& [url, file] : world_.origin.files()) {
    file.does_ranges = file.tells_size = file.heeds_conditions = true;
    file.varies = false;
    file.rate = std::max(file.rate, std::uint64_t{100'000});
  }
  give_all_ranges();
  crowd_.settle();
  // Whoever hangs, hangs for ever: the user ends it.
  for (auto& [name, program] : world_.bus.programs())
    if (program.alive && world_.notifier.is_hanging(program)) world_.bus.kill(program);
  world_.launcher.end_all();
}

// A range that is wanted may lie outside of the present version for ever.
void Swarm::give_all_ranges() {
  for (const auto& [id, row] : world_.store.rows())
    for (const auto& [index, file] : row.files) {
      std::uint64_t needed = 0;
      for (const core::WantedRange& range : file.wanted.ranges())
        needed = std::max(needed, range.offset + (range.length == core::to_end_of_file ? 1 : range.length));
      if (world_.origin.find(file.remote)->current().size < needed)
        world_.origin.change(file.remote, needed);
    }
}

// An event is due, and somebody is there to be told.
bool untold(const core::Job& job) {
  for (const core::Pending* pending : {&*job.pending, &*job.file_event})
    if (flag_is_on(job.notify_flags, pending->kind) &&
        core::rung_for(job, pending->kind, core::Rung::object, core::may_run_commands(job, false)))
      return true;
  return false;
}

bool Swarm::at_rest() {
  if (!world_.running() || world_.store.in_flight() || world_.files.busy() ||
      world_.clients.open_calls() > 0 || world_.notifier.under_way() > 0 ||
      world_.launcher.under_way() > 0 ||
      !world_.transport.under_way().empty())
    return false;
  for (const auto& [id, row] : world_.store.rows()) {
    // As the service sees it: an object of an earlier bus may still stand in the row.
    const core::Job& job = **world_.service().find(id, {base::PeerId::none, 0});
    if (base::is_action(job.state) || job.intent != core::Intent::none) return false;
    if (untold(job)) return false;
  }
  return true;
}

void Swarm::come_to_rest(const char* when) {
  const Microseconds end = world_.stage.timeline.now() + 48h;
  while (world_.stage.timeline.now() < end) {
    revive();
    if (at_rest()) return;
    if (!world_.step()) break;
  }
  if (at_rest()) return;
  std::string text = std::string("no rest ") + when + ":";
  if (!world_.running()) text += " no service";
  if (world_.store.in_flight()) text += " commit";
  if (world_.files.busy()) text += " files";
  text += " calls=" + std::to_string(world_.clients.open_calls());
  text += " notifications=" + std::to_string(world_.notifier.under_way());
  for (const auto& [id, row] : world_.store.rows()) {
    const core::Job& job = row.job;
    if (base::is_action(job.state) || job.intent != core::Intent::none || untold(job))
      text += "; " + world_.clients.name_of(id) + " is " + std::string(to_word(job.state)) +
              (job.intent != core::Intent::none ? " closing" : "") +
              (untold(job) ? " with an event" : "");
  }
  world_.stage.fail(text);
}

// The owners repair what is broken; after a few rounds nothing may be left.
void Swarm::end_all_jobs() {
  for (int round = 0; round < 12 && !world_.store.rows().empty(); ++round) {
    give_all_ranges();  // also those of files that were still to be added
    crowd_.end_everything();
    world_.run_for(6s);  // a store that failed before is tried again after 5 s
    come_to_rest("while the owners end their jobs");
    if (!world_.stage.failures().empty()) return;
  }
  for (const auto& [id, row] : world_.store.rows())
    world_.stage.fail(world_.clients.name_of(id) + " cannot be ended: it is " +
                      std::string(to_word(row.job.state)) +
                      (row.job.error ? " " + base::symbol(row.job.error->code) + ": " + row.job.error->text
                                     : std::string()));
}

void Swarm::check_nothing_left() {
  const bool deletes_failed = options_.delete_fails != 0 || weather_.unwritable != Microseconds{};
  for (const auto& [path, inode] : world_.disk.names())
    if (path.find("/.BIT") != std::string::npos && !deletes_failed)
      world_.stage.fail("a part is left: " + path);
  for (auto& [name, program] : world_.bus.programs())
    if (program.alive) world_.bus.kill(program);
  world_.run_for(1min);
  if (world_.service().idle()) return;
  const engine::Parts& parts = world_.service().parts();
  std::string text = "nothing is left to do, but it is not idle:";
  if (!parts.vetting.idle()) text += " vetting";
  if (!parts.fetching.idle()) text += " fetching";
  if (!parts.closing.idle()) text += " closing";
  if (!parts.telling.idle()) text += " telling";
  if (!parts.trust.idle()) text += " trust";
  if (world_.service().table().holds_tombstones()) text += " tombstones";
  world_.stage.fail(text);
}

void Swarm::digest() {
  base::Fnv1a digest;
  digest.add(std::uint64_t{world_.stage.timeline.happened()});
  for (const std::string& line : world_.stage.history()) digest.add(line);
  result_.digest = digest.value();
}

SwarmResult Swarm::run() {
  world_.start_service();
  forecast();
  readers_.begin();
  const Microseconds end = 5min + microseconds(dice_.below(5'400'000'000));
  while (world_.stage.timeline.now() < end && world_.stage.failures().empty()) {
    revive();
    world_.step();
  }
  heal();
  if (world_.stage.failures().empty()) come_to_rest("after healing");
  if (world_.stage.failures().empty()) ledger_.check_rows();
  if (world_.stage.failures().empty()) end_all_jobs();
  if (world_.stage.failures().empty()) readers_.read_to_the_end();
  if (world_.stage.failures().empty()) check_nothing_left();
  digest();
  result_.failures = world_.stage.failures();
  result_.last_history.assign(world_.stage.history().begin(), world_.stage.history().end());
  result_.drawn = describe();
  result_.happened = world_.stage.timeline.happened();
  result_.jobs = crowd_.enqueued();
  result_.meetings = world_.stage.meetings();
  return result_;
}

}  // namespace

SwarmResult run_swarm(std::uint64_t seed, std::size_t history_lines, bool traces) {
  return Swarm(seed, history_lines, traces).run();
}

}  // namespace backhaul::sim
