// SPDX-License-Identifier: Apache-2.0
// A whole world on one timeline: servers, disk, store, bus, programs, and the engine between them,
// which cannot tell it from the real one. The world kills and starts the service as it likes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "engine/engine.h"
#include "tests/sim/bus.h"
#include "tests/sim/cache.h"
#include "tests/sim/clients.h"
#include "tests/sim/disk.h"
#include "tests/sim/files.h"
#include "tests/sim/launcher.h"
#include "tests/sim/manners.h"
#include "tests/sim/neighbours.h"
#include "tests/sim/origin.h"
#include "tests/sim/site_sources.h"
#include "tests/sim/small_ports.h"
#include "tests/sim/stage.h"
#include "tests/sim/store.h"
#include "tests/sim/transport.h"

namespace backhaul::sim {

class World {
 public:
  explicit World(Options options = {}, std::uint64_t seed = 1);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Stage stage;
  engine::Settings settings;
  Origin origin;
  Disk disk;
  SimClock clock;
  SimRandom random;
  SimSealer sealer;
  SimEnvironment environment;
  SimMachine machine;
  SimAccounts accounts;
  SimCrashPage crash_page;
  RecordingLog log;
  SimStore store;
  SimFiles files;
  SimCache cache;
  SimNeighbourhood neighbours;
  SimSite site;
  SimTransport transport;
  Bus bus;
  SimNotifier notifier;
  SimLauncher launcher;
  SimClients clients;
  RowChecks row_checks;
  Manners manners;

  bool running() const { return engine_ != nullptr; }
  // How long the service has run, all its lives added up.
  Microseconds service_ran() const {
    return ran_before_ + (running() ? stage.timeline.now() - born_ : Microseconds{});
  }
  engine::Engine& service() { return *engine_; }
  void start_service();
  // The process ends now. What the kernel has stays; what the process held is gone.
  void kill_service();
  // An orderly end: transfers stop, what they stored is committed.
  void stop_service();
  // The machine ends now: what was not durable is gone, and so are all programs.
  void cut_power();
  // The bus ends, and with it the service and the names of all programs.
  void lose_bus();
  void set_network(bool up);

  // A call of a client. Without a running service it is lost at once.
  const Call& submit(const std::string& what, ports::Caller caller, ports::CommandBody body);

  // The next thing happens: an event of the timeline, or the engine's own wake-up. False when
  // nothing will ever happen again.
  bool step();
  void run_for(Microseconds time);
  // Until nothing happens any more, or for `limit`.
  bool run_until(const std::function<bool()>& done, Microseconds limit);

  // From now on no part of the engine may change before its commit: it is compared with what it was
  // when the turn began, as soon as the store gets the rows, and again if they are not written.
  void watch_commits();

  // After every turn of the engine.
  std::function<void()> on_turn;
  std::function<void(const Call&)> on_submit;
  std::function<void()> on_death;  // of the service

 private:
  void wake();
  void turn();
  void died();
  void in_service_call(const std::function<void()>& work);
  std::optional<Microseconds> next_time() const;
  void check_cached(const core::CacheRecord& record);
  void check_notification(const ports::Notification& notification);
  void check_event(const ports::Notification& notification, const SimStore::Row& row);
  void check_ranges(const ports::Notification& notification, const SimStore::Row& row);
  std::uint64_t check_command(const ports::Launch& launch);
  void check_question(const ports::CertificateQuestion& question);
  void accepted(const ports::CertificateQuestion& question);
  void check_request(const base::JobId& job, const core::ServerCertificate& server);
  void check_slots(std::uint32_t uid, const std::string& who);
  void connect_callees();
  void check_after_turn();
  bool is_barred(const core::Job& job) const;
  void check_counters(const base::JobId& id);
  void check_log();
  void check_logged(const core::Job& job, core::NotifyKind kind, std::uint64_t sequence);

  std::unique_ptr<engine::Engine> engine_;
  struct Memory {
    engine::Parts parts;
    engine::Table table;
    std::uint64_t last_event = 0;
  };
  bool watches_commits_ = false;
  std::optional<Memory> before_turn_;
  bool turn_scheduled_ = false;
  Microseconds wakeup_ = Microseconds::max();
  std::uint64_t turns_ = 0;
  std::uint64_t turns_at_once_ = 0;
  Microseconds last_turn_{};
  Microseconds ran_before_{};
  Microseconds born_{};
  std::optional<Microseconds> crowded_since_;
  // What programs said of servers: the number of their registration, the server, its certificate.
  std::set<std::tuple<std::uint64_t, std::string, std::string>> accepted_;
};

}  // namespace backhaul::sim
