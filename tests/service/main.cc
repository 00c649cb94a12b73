// SPDX-License-Identifier: Apache-2.0
// The list of src/daemon/main.cc, with a clock that runs BACKHAUL_TEST_TIME_SCALE times as fast and
// with faults (faults.h). BACKHAUL_TEST_IDLE_MS is how long the service and its private bus stay
// when nobody needs them, BACKHAUL_TEST_CA_FILE the authorities it trusts.
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
#include "adapters/seal/sealer.h"
#include "adapters/sqlite/salvage.h"
#include "adapters/sqlite/sqlite_store.h"
#include "adapters/swarm/client.h"
#include "daemon/acting.h"
#include "daemon/bus_keeper.h"
#include "daemon/driver.h"
#include "daemon/footing.h"
#include "daemon/guardian.h"
#include "daemon/messenger.h"
#include "daemon/owners.h"
#include "daemon/program_runner.h"
#include "daemon/relay.h"
#include "daemon/serving.h"
#include "daemon/start.h"
#include "daemon/stepping_page.h"
#include "daemon/transports.h"
#include "tests/service/faults.h"

namespace backhaul::test_service {
namespace {

double number(const char* name, double otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::atof(text) : otherwise;
}

std::string text(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

int serve(daemon::Footing& footing, const daemon::Options& options, const bus::Place& place, daemon::Guarded& guarded,
          base::Microseconds idle_limit) {
  base::Log& log = *footing.log;
  const Faults faults(std::getenv("BACKHAUL_TEST_FAULTS"));
  posix::SystemClock real_clock;
  ScaledClock clock(real_clock, number("BACKHAUL_TEST_TIME_SCALE", 1));
  loop::Loop loop;
  daemon::Driver driver(
      loop, footing.connection.bus, log,
      {.idle_limit = idle_limit, .to_loop_time = [&clock](base::BootTime time) { return clock.to_real(time); }});
  daemon::Relay inbox;
  posix::SystemRandom random;
  auto real_page = daemon::SteppingPage::open(footing.state_folder);
  if (!real_page) return daemon::fail(footing, EX_CANTCREAT, real_page.error());
  FaultyPage crash_page(**real_page, faults);
  sqlite::SqliteStore real_store(loop, footing.in_state("queue.db"), log,
                            {.salvage = daemon::salvage_command(),
                             .work_was_left = daemon::Instance::work_was_left(footing.state_folder),
                             .damaged = [&driver] { driver.give_up_queue(); }});
  if (auto opened = real_store.open(); !opened) return daemon::fail(footing, EX_IOERR, opened.error());
  FaultyStore store(loop, real_store, faults);
  daemon::Acting acting(loop, inbox, footing, options, place);
  seal::KeySealer sealer(footing.in_state("queue.key"), log);
  const curl::NeighbourSettings neighbours{.certificate = footing.in_state("peer.crt"),
                                           .key = footing.in_state("peer.key")};
  curl::CurlTransport http(loop, inbox, log, sealer, acting.small_files(),
                           {.ca_file = text("BACKHAUL_TEST_CA_FILE"),
                            .find_proxy = daemon::find_proxy_command(),
                            .courtesy = {.yields = footing.settings.yield_to_others,
                                         .target = std::chrono::milliseconds(footing.settings.queue_delay_ms)},
                            .neighbours = neighbours});
  curl::NeighbourSearch neighbour_search(loop, inbox, neighbours);
  curl::Introducer introducer(loop, neighbours);
  swarm::Client swarm(footing.connection.bus, inbox, log);
  daemon::Transports transport(http, acting.local());
  network::NetlinkEnvironment network(loop, inbox, log);
  machine::MachineServices machine(loop, inbox, log,
                                   {.bus_address = place.system_bus,
                                    .follows_local_time = footing.settings.policy.goes_by_hours()});
  neighbours::Site site(
      loop, inbox, log, introducer,
      {.state = footing.state_folder, .copies = daemon::Acting::copies(footing), .bus_address = place.system_bus});
  posix::AccountWatch accounts(loop, inbox, {.watches = footing.is_machines()});
  dbus::DbusAdapter clients(loop, footing.connection.bus, inbox, log,
                            daemon::bus_settings(footing, place, accounts, acting, "test"));
  engine::Engine engine(daemon::engine_settings(footing, place),
                        {store, transport, acting.files(), acting.cache(), site, neighbour_search, swarm,
                         clients, acting.programs(), clients, network, machine, accounts, clock,
                         random, sealer, crash_page, log},
                        [&driver] { driver.wake(); });
  inbox.connect(engine);
  driver.on_reload([&] { daemon::reload(footing, inbox); });
  if (const auto failed = daemon::begin_to_answer(footing, clients, engine)) return *failed;
  const int code = daemon::serve_until_the_end(loop, footing, guarded, driver, clients, engine);
  if (const std::size_t hanging = loop.end_work(driver.time_left())) {
    real_store.close();
    daemon::leave_behind(hanging, footing, guarded, place, code);
  }
  return code;
}

int find_footing_and_serve(const daemon::Options& options, const bus::Place& place,
                           daemon::Guarded& guarded, base::Microseconds idle_limit) {
  auto footing = daemon::find_footing(options, place, guarded);
  return footing ? serve(*footing, options, place, guarded, idle_limit) : footing.error();
}

}  // namespace
}  // namespace backhaul::test_service

int main(int argc, char** argv) {
  using namespace backhaul;
  daemon::open_standard_streams();
  const auto options = daemon::parse_options(argc, argv);
  if (!options) return EX_USAGE;
  const bus::Place place = bus::Place::current();
  const auto idle_limit = std::chrono::milliseconds(
      static_cast<int>(test_service::number("BACKHAUL_TEST_IDLE_MS", 30'000)));
  if (options->mode == daemon::Options::Mode::check_settings) return daemon::print_check(*options);
  if (options->mode == daemon::Options::Mode::salvage)
    return sqlite::run_salvage(options->source, options->target);
  if (options->mode == daemon::Options::Mode::file_helper) return daemon::be_file_helper(*options);
  if (options->mode == daemon::Options::Mode::program_runner) return daemon::run_program(place);
  if (options->mode == daemon::Options::Mode::messenger) return daemon::be_messenger();
  if (options->mode == daemon::Options::Mode::launcher) return daemon::be_launcher(*options);
  if (options->mode == daemon::Options::Mode::find_proxy)
    return curl::run_find_proxy(options->whom, options->url);
  daemon::Guarded guarded;
  if (options->mode == daemon::Options::Mode::guardian) guarded = daemon::stand_guard({});
  if (guarded.exit_code) {
    if (options->system) return *guarded.exit_code;
    daemon::look_after_private_bus(guarded, place, idle_limit);
    return *guarded.exit_code;
  }
  const int code = test_service::find_footing_and_serve(*options, place, guarded, idle_limit);
  daemon::tidy_up_alone(guarded, place, idle_limit);
  return code;
}
