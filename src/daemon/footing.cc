// SPDX-License-Identifier: Apache-2.0
#include "daemon/footing.h"

#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "bus/names.h"
#include "bus/private_bus.h"
#include "bus/service.h"
#include "bus/start_failure.h"
#include "daemon/account_number.h"
#include "daemon/logging.h"
#include "state/state_file.h"

namespace backhaul::daemon {
namespace {

constexpr base::Microseconds lock_patience = std::chrono::seconds(10);

std::unexpected<int> give_up(base::Log& log, const std::string& state, int code,
                             const std::string& what) {
  log.write(base::LogLevel::error, what);
  bus::write_start_failure(state, {code, what});
  return std::unexpected(code);
}

constexpr char usual_machine_folder[] = "/var/lib/backhaul";

// Of the first of its guardian: the bus that started us is the one, and where systemd did there is a
// session.
BusKind first_kind(const Options& options, const bus::Place& place) {
  if (options.system) return BusKind::machine;
  if (const char* starter = std::getenv("DBUS_STARTER_ADDRESS"); starter != nullptr && *starter != 0)
    return bus::is_private(starter, place) ? BusKind::own : BusKind::session;
  const bool by_systemd =
      options.mode == Options::Mode::service && std::getenv("NOTIFY_SOCKET") != nullptr;
  return by_systemd ? BusKind::session : BusKind::any;
}

base::Result<bus::Connection> connect(const bus::Place& place, BusKind kind) {
  switch (kind) {
    case BusKind::any: return bus::connect_any(place);
    case BusKind::session: return bus::connect_session(place);
    case BusKind::own: return bus::connect_private(place);
    case BusKind::machine: return bus::connect_machine(place);
  }
  return bus::connect_any(place);
}

// What stands under a name of ours and is no file cannot be used, and nobody would find the way to us.
void make_way_in(const std::string& state, base::Log& log) {
  for (const char* name : {"queue.bus", "queue.bus.new", "start.failure", "unfinished", "stepping"}) {
    const auto aside = state::make_way(state + "/" + name);
    if (!aside)
      log.write(base::LogLevel::warning, aside.error().text);
    else if (*aside)
      log.write(base::LogLevel::warning, state + "/" + name + " was no file of backhaul; it was set aside as " +
                                             **aside + ".");
  }
}

}  // namespace

std::string state_folder(const Options& options, const bus::Place& place) {
  if (!options.state_dir.empty()) return options.state_dir;
  if (!options.system) return place.state_dir();
  const char* given = std::getenv("STATE_DIRECTORY");  // of the unit: one or more, with colons between them
  const std::string_view list = given == nullptr ? "" : given;
  return list.starts_with('/') ? std::string(list.substr(0, list.find(':'))) : usual_machine_folder;
}

std::expected<Footing, int> find_footing(const Options& options, const bus::Place& place,
                                         Guarded& guarded) {
  const std::string state = state_folder(options, place);
  if (auto made = bus::make_private_directory(state, place.uid); !made) {
    std::fprintf(stderr, "backhauld: %s\n", made.error().text.c_str());
    return std::unexpected(EX_CANTCREAT);
  }
  // What the account of the machine's instance has in its home sets nothing for others.
  SettingsPlaces places = standard_settings_places(place.home);
  if (options.system) places.user_file.clear();
  auto loaded = load_settings(places);
  // Now or never: later nobody waits for a directory that is slow to say who we are.
  if (!options.system && loaded && !loaded->settings.exempt_names.empty()) {
    places.own = own_account();
    loaded = load_settings(places);
  }
  auto log = open_log(state, loaded ? loaded->settings.log_level : base::LogLevel::info);
  if (!loaded) return give_up(*log, state, EX_CONFIG, loaded.error().text);
  for (const std::string& warning : loaded->warnings) log->write(base::LogLevel::warning, warning);
  if (!guarded.previous_end.empty()) {
    log->write(base::LogLevel::warning,
               "the service ended with " + guarded.previous_end + "; it is back");
  }

  auto connection = connect(
      place, guarded.bus == BusKind::any ? first_kind(options, place) : guarded.bus);
  if (!connection) return give_up(*log, state, EX_UNAVAILABLE, connection.error().text);
  guarded.bus = connection->of_machine                         ? BusKind::machine
                : bus::is_private(connection->address, place) ? BusKind::own
                                                              : BusKind::session;
  guarded.readiness.tell_bus(guarded.bus);
  auto bus_id = connection->bus.id();
  if (!bus_id) return give_up(*log, state, EX_UNAVAILABLE, bus_id.error().text);

  auto instance = Instance::take(state, lock_patience);
  if (!instance) {
    const base::Code why = instance.error().code;
    if (why == base::Code::ALREADY_EXISTS) {  // all is well, and nobody has to be told more than that
      log->write(base::LogLevel::info, instance.error().text);
      return std::unexpected(EX_TEMPFAIL);
    }
    const bool held = why == base::Code::RPC_SERVER_UNAVAILABLE;
    return give_up(*log, state, held ? EX_TEMPFAIL : EX_CANTCREAT, instance.error().text);
  }
  make_way_in(state, *log);
  if (guarded.bus == BusKind::session) bus::end_deserted_private_bus(place);
  core::Policy policy = policy_of(loaded->settings, std::move(loaded->list));
  return Footing{state, std::move(places), loaded->settings, std::move(policy), std::move(log), *std::move(connection),
                 *std::move(bus_id), *std::move(instance), guarded.bus, options.stays};
}

void open_standard_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    // The lowest free number is the one that is closed.
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd) return;
  }
}

int start_at_login(const bus::Place& place) {
  if (!Instance::work_was_left(place.state_dir())) return EX_OK;
  auto connection = bus::connect_to_service(place);
  if (connection) return EX_OK;
  std::fprintf(stderr, "backhauld: %s\n", connection.error().text.c_str());
  return EX_UNAVAILABLE;
}

}  // namespace backhaul::daemon
