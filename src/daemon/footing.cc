// SPDX-License-Identifier: Apache-2.0
#include "daemon/footing.h"

#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "bus/names.h"
#include "bus/private_bus.h"
#include "bus/service.h"
#include "daemon/logging.h"

namespace backhaul::daemon {
namespace {

constexpr base::Microseconds lock_patience = std::chrono::seconds(10);

int give_up(base::Log& log, int code, const std::string& what) {
  log.write(base::LogLevel::error, what);
  return code;
}

// The bus adds its guid to the address that it hands to the programs it starts.
bool is_private(const std::string& address, const bus::Place& place) {
  const auto own = bus::private_bus_address(place);
  return own && (address == *own || address.starts_with(*own + ","));
}

}  // namespace

std::expected<Footing, int> find_footing(const Options& options, const bus::Place& place,
                                         const std::string& previous_end) {
  const std::string state = options.state_dir.empty() ? place.state_dir() : options.state_dir;
  if (auto made = bus::make_private_directory(state, place.uid); !made) {
    std::fprintf(stderr, "backhauld: %s\n", made.error().text.c_str());
    return std::unexpected(EX_CANTCREAT);
  }
  auto loaded = load_settings(standard_settings_places(place.home));
  auto log = open_log(state, loaded ? loaded->settings.log_level : base::LogLevel::info);
  if (!loaded) return std::unexpected(give_up(*log, EX_CONFIG, loaded.error().text));
  for (const std::string& warning : loaded->warnings) log->write(base::LogLevel::warning, warning);
  if (!previous_end.empty()) {
    log->write(base::LogLevel::warning, "the service ended with " + previous_end + "; it is back");
  }

  auto connection = bus::connect_any(place);
  if (!connection) return std::unexpected(give_up(*log, EX_UNAVAILABLE, connection.error().text));
  auto bus_id = connection->bus.id();
  if (!bus_id) return std::unexpected(give_up(*log, EX_UNAVAILABLE, bus_id.error().text));

  auto instance = Instance::take(state, *bus_id, lock_patience);
  if (!instance) {
    const bool held = instance.error().code == base::Code::RPC_SERVER_UNAVAILABLE;
    return std::unexpected(
        give_up(*log, held ? EX_TEMPFAIL : EX_CANTCREAT, instance.error().text));
  }
  const bool on_private_bus = is_private(connection->address, place);
  return Footing{state,          loaded->settings, std::move(log),       *std::move(connection),
                 *std::move(bus_id), *std::move(instance), on_private_bus};
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
