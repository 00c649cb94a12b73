// SPDX-License-Identifier: Apache-2.0
// backhauld, as a list: options, guardian, footing (settings, log, bus, lock), adapters, engine,
// ready, loop, orderly stop.
#include <sysexits.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>

#include "adapters/curl/curl_transport.h"
#include "adapters/curl/find_proxy.h"
#include "adapters/curl/introducer.h"
#include "adapters/curl/neighbour_search.h"
#include "adapters/dbus/dbus_adapter.h"
#include "adapters/machine/machine_services.h"
#include "adapters/neighbours/site.h"
#include "adapters/network/netlink_environment.h"
#include "adapters/posix/account_watch.h"
#include "adapters/posix/system.h"
#include "adapters/seal/credential.h"
#include "adapters/seal/key_places.h"
#include "adapters/seal/sealer.h"
#include "adapters/sqlite/salvage.h"
#include "adapters/sqlite/sqlite_store.h"
#include "adapters/swarm/client.h"
#include "bus/start_failure.h"
#include "daemon/acting.h"
#include "daemon/bus_keeper.h"
#include "daemon/driver.h"
#include "daemon/footing.h"
#include "daemon/guardian.h"
#include "daemon/messenger.h"
#include "daemon/owners.h"
#include "daemon/program_runner.h"
#include "daemon/refusal.h"
#include "daemon/relay.h"
#include "daemon/serving.h"
#include "daemon/start.h"
#include "daemon/stepping_page.h"
#include "daemon/transports.h"
#include "daemon/watchdog.h"
#include "daemon/with_launcher.h"

namespace backhaul::daemon {
namespace {

constexpr base::Microseconds idle_bus_limit = std::chrono::minutes(10);

// The key of the queue's secrets of the machine's service is sealed by what systemd gave it.
seal::Credential credential_of(const Footing& footing) {
  return {footing.is_machines() ? std::getenv("CREDENTIALS_DIRECTORY") : nullptr, footing.settings.systemd_creds,
          *footing.log};
}

seal::KeyPlaces::Options key_places(const Footing& footing, const bus::Place& place) {
  // A keyring is a user's, and so is what systemd seals for one.
  const bool of_user = !footing.is_machines();
  return {.bus_address = footing.connection.address,
          .keyring = of_user && footing.settings.keyring,
          .systemd_creds_program = seal::find_systemd_creds(place.path),
          .systemd_creds = of_user && footing.settings.systemd_creds};
}

int serve(Footing& footing, const Options& options, const bus::Place& place, Guarded& guarded) {
  base::Log& log = *footing.log;
  loop::Loop loop;
  Driver driver(loop, footing.connection.bus, log);  // first: it blocks signals, then come threads
  Relay inbox;

  posix::SystemClock clock;
  posix::SystemRandom random;
  auto crash_page = SteppingPage::open(footing.state_folder);
  if (!crash_page) return fail(footing, EX_CANTCREAT, crash_page.error());
  sqlite::SqliteStore store(loop, footing.in_state("queue.db"), log,
                            {.salvage = salvage_command(),
                             .work_was_left = Instance::work_was_left(footing.state_folder),
                             .damaged = [&driver] { driver.give_up_queue(); }});
  if (auto opened = store.open(); !opened) return fail(footing, EX_IOERR, opened.error());
  Acting acting(loop, inbox, footing, options, place);
  seal::KeySealer sealer(footing.in_state("queue.key"), log, credential_of(footing));
  const curl::NeighbourSettings neighbours{.certificate = footing.in_state("peer.crt"),
                                           .key = footing.in_state("peer.key")};
  curl::CurlTransport http(loop, inbox, log, sealer, acting.small_files(),
                           {.find_proxy = find_proxy_command(),
                            .courtesy = {.yields = footing.settings.yield_to_others,
                                         .target = std::chrono::milliseconds(footing.settings.queue_delay_ms),
                                         .memory = footing.in_state("paths")},
                            .neighbours = neighbours});
  curl::NeighbourSearch neighbour_search(loop, inbox, neighbours);
  curl::Introducer introducer(loop, neighbours);
  swarm::Client swarm(footing.connection.bus, inbox, log);
  Transports transport(http, acting.local());
  network::NetlinkEnvironment network(loop, inbox, log);
  machine::MachineServices machine(loop, inbox, log,
                                   {.bus_address = place.system_bus,
                                    .follows_local_time = footing.settings.policy.goes_by_hours()});
  neighbours::Site site(loop, inbox, log, introducer,
                        {.state = footing.state_folder, .copies = Acting::copies(footing), .bus_address = place.system_bus});
  posix::AccountWatch accounts(loop, inbox, {.watches = footing.is_machines()});
  dbus::DbusAdapter clients(loop, footing.connection.bus, inbox, log,
                            bus_settings(footing, place, accounts, acting, BACKHAUL_VERSION));

  engine::Engine engine(engine_settings(footing, place),
                        {store, transport, acting.files(), acting.cache(), site, neighbour_search, swarm,
                         clients, acting.programs(), clients, network, machine, accounts, clock,
                         random, sealer, **crash_page, log},
                        [&driver] { driver.wake(); });
  inbox.connect(engine);
  // Who was kept waiting for the key goes on as after a lost network.
  seal::KeyPlaces places(loop, key_places(footing, place), sealer, log,
                         [&] { inbox.post(ports::NetworkChanged{network.network_up()}); });
  driver.on_reload([&] { reload(footing, inbox); });

  if (const auto failed = begin_to_answer(footing, clients, engine)) return *failed;
  Watchdog watchdog(loop);
  store.check_later();
  const int code = serve_until_the_end(loop, footing, guarded, driver, clients, engine);
  if (const std::size_t hanging = loop.end_work(driver.time_left())) {
    store.close();
    leave_behind(hanging, footing, guarded, place, code);
  }
  return code;
}

// What the service stands on, the lock on the queue above all, is left when this returns.
int find_footing_and_serve(const Options& options, const bus::Place& place, Guarded& guarded) {
  auto footing = find_footing(options, place, guarded);
  return footing ? serve(*footing, options, place, guarded) : footing.error();
}

}  // namespace
}  // namespace backhaul::daemon

int main(int argc, char** argv) {
  using namespace backhaul;
  using Mode = daemon::Options::Mode;
  daemon::open_standard_streams();
  auto options = daemon::parse_options(argc, argv);
  if (options && daemon::starts_launcher(*options))
    if (const auto code = daemon::start_launcher_beside(*options)) return *code;
  const bus::Place place = bus::Place::current();  // of the account that it is now
  if (!options) return daemon::wrong_use(daemon::asks_for_system(argc, argv), place, options.error());
  if (options->mode == Mode::help) return daemon::print(daemon::help_text());
  if (options->mode == Mode::version) return daemon::print("backhauld " BACKHAUL_VERSION "\n");
  if (options->mode == Mode::check_settings) return daemon::print_check(*options);
  if (options->mode == Mode::salvage) return sqlite::run_salvage(options->source, options->target);
  if (options->mode == Mode::find_proxy) return curl::run_find_proxy(options->whom, options->url);
  if (options->mode == Mode::file_helper) return daemon::be_file_helper(*options);
  if (options->mode == Mode::program_runner) return daemon::run_program(place);
  if (options->mode == Mode::messenger) return daemon::be_messenger();
  if (options->mode == Mode::launcher) return daemon::be_launcher(*options);
  if (options->mode == Mode::at_login) return daemon::start_at_login(place);

  daemon::Guarded guarded;
  if (options->mode == Mode::guardian) guarded = daemon::stand_guard({});
  if (guarded.exit_code) {
    if (options->system) return *guarded.exit_code;
    daemon::look_after_private_bus(guarded, place, daemon::idle_bus_limit);
    return *guarded.exit_code;
  }
  const bus::StartFailureWatch told(daemon::state_folder(*options, place));
  const int code = daemon::find_footing_and_serve(*options, place, guarded);
  if (const auto failure = daemon::failure_of_start(told, code)) daemon::tell_callers(options->system, place, *failure);
  daemon::tidy_up_alone(guarded, place, daemon::idle_bus_limit);
  return code;
}
