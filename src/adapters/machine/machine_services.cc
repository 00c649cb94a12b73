// SPDX-License-Identifier: Apache-2.0
#include "adapters/machine/machine_services.h"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "adapters/machine/sleep_guard.h"
#include "adapters/machine/told.h"
#include "adapters/machine/watched.h"
#include "bus/bus.h"
#include "core/cost.h"

namespace backhaul::machine {
namespace {

constexpr base::Microseconds first_answer_limit = std::chrono::seconds(1);
constexpr base::Microseconds reconnect_pause = std::chrono::seconds(10);
constexpr base::Microseconds local_time_pause = std::chrono::minutes(1);

// What is guessed counts as well: an owner who pays for a guess that was wrong is the worse mistake.
bool is_metered(const NetworkTold& told) { return told.metered == 1 || told.metered == 3; }

bool is_roaming_state(std::uint32_t registration) {
  return registration == 5 || registration == 7 || registration == 10;
}

// A connected modem of which the network says that it is not its home.
bool is_roaming(const ModemsTold& modems) {
  return std::any_of(modems.begin(), modems.end(), [](const auto& modem) {
    bool connected = true;
    bool roaming = false;
    for (const auto& [interface, told] : modem.second) {
      if (interface == "org.freedesktop.ModemManager1.Modem" && told.state)
        connected = *told.state == 11;
      if (interface == "org.freedesktop.ModemManager1.Modem.Modem3gpp" && told.registration)
        roaming = is_roaming_state(*told.registration);
    }
    return connected && roaming;
  });
}

// A modem that roams costs nothing while the traffic goes another way.
bool goes_by_modem(const NetworkTold& told) {
  const std::string type = told.primary_type.value_or("");
  return type.empty() || type == "gsm" || type == "cdma" || type == "bluetooth" || type == "vpn" ||
         type == "wireguard";
}

core::Connectivity connectivity_of(const NetworkTold& told) {
  const std::uint32_t number = told.connectivity.value_or(0);
  return number <= 4 ? static_cast<core::Connectivity>(number) : core::Connectivity::unknown;
}

std::chrono::seconds local_offset() {
  const time_t now = time(nullptr);
  tm local{};
  return std::chrono::seconds(localtime_r(&now, &local) == nullptr ? 0 : local.tm_gmtoff);
}

}  // namespace

struct MachineServices::Services {
  Services(bus::Bus connected, MachineServices& owner)
      : bus(std::move(connected)),
        network(bus,
                properties_of("org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager",
                              "org.freedesktop.NetworkManager"),
                [&owner] { owner.settled_.schedule(); }),
        modems(bus,
               {"org.freedesktop.ModemManager1", "/org/freedesktop/ModemManager1",
                "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", "",
                "path_namespace='/org/freedesktop/ModemManager1'"},
               [&owner] { owner.settled_.schedule(); }),
        power(bus,
              properties_of("org.freedesktop.UPower", "/org/freedesktop/UPower",
                            "org.freedesktop.UPower"),
              [&owner] { owner.settled_.schedule(); }),
        profile(bus,
                properties_of("org.freedesktop.UPower.PowerProfiles",
                              "/org/freedesktop/UPower/PowerProfiles",
                              "org.freedesktop.UPower.PowerProfiles"),
                [&owner] { owner.settled_.schedule(); }),
        old_profile(bus,
                    properties_of("net.hadess.PowerProfiles", "/net/hadess/PowerProfiles",
                                  "net.hadess.PowerProfiles"),
                    [&owner] { owner.settled_.schedule(); }),
        users(bus,
              {"org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager", "ListUsers", "",
               "path='/org/freedesktop/login1',interface='org.freedesktop.login1.Manager'"},
              [&owner] { owner.settled_.schedule(); }),
        sleep_guard(owner.loop_, bus, owner.log_, owner.keep_awake_, [&owner] { owner.woke(); }) {}

  // The connection that everything goes by is another object each time.
  void follow_primary(MachineServices& owner) {
    const std::string path = network.told().primary.value_or(bus::ObjectPath()).value;
    if (path == followed) return;
    followed = path;
    connection.reset();
    if (path.empty() || path == "/") return;
    connection = std::make_unique<Watched<ConnectionTold>>(
        bus,
        properties_of("org.freedesktop.NetworkManager", path, "org.freedesktop.NetworkManager.Connection.Active"),
        [&owner] { owner.settled_.schedule(); });
  }
  bool have_answered() const {
    return (!connection || connection->answered()) && network.answered() && modems.answered() && power.answered() && profile.answered() &&
           old_profile.answered() && users.answered();
  }
  void ask_all() {
    network.ask();
    modems.ask();
    power.ask();
    profile.ask();
    old_profile.ask();
    users.ask();
  }

  bus::Bus bus;
  Watched<NetworkTold> network;
  std::string followed;
  std::unique_ptr<Watched<ConnectionTold>> connection;  // null: there is none
  Watched<ModemsTold> modems;
  Watched<PowerTold> power;
  Watched<ProfileTold> profile, old_profile;  // the same service before and after it was renamed
  Watched<UsersTold> users;
  SleepGuard sleep_guard;
  bus::Slot gone;
};

MachineServices::MachineServices(loop::Loop& loop, ports::Inbox& inbox, base::Log& log,
                                 MachineSettings settings)
    : loop_(loop),
      inbox_(inbox),
      log_(log),
      settings_(std::move(settings)),
      settled_(loop, loop::Order::normal, [this] { evaluate(); }),
      first_limit_(loop, std::chrono::milliseconds(10), [this] {
        known_ = true;
        inbox_.post(ports::SurroundingsChanged{now_ = look()});
      }),
      reconnect_(loop, std::chrono::seconds(1), [this] { connect(); }),
      local_time_(loop, std::chrono::seconds(1), [this] {
        evaluate();
        local_time_.arm(loop_.now() + local_time_pause);
      }) {
  connect();
  known_ = services_ == nullptr;
  now_ = look();
  if (!known_) first_limit_.arm(loop_.now() + first_answer_limit);
  if (settings_.follows_local_time) local_time_.arm(loop_.now() + local_time_pause);
}

MachineServices::~MachineServices() = default;

void MachineServices::connect() {
  services_.reset();
  auto bus = bus::Bus::begin(settings_.bus_address, bus::Descriptors::taken);
  if (bus)
    if (auto attached = bus->attach(loop_.native()); !attached) bus = std::move(attached).error();
  if (!bus) {
    log_.write(base::LogLevel::debug, "nobody tells of networks and power: " + bus.error().text);
    reconnect_.arm(loop_.now() + reconnect_pause);
    settled_.schedule();
    return;
  }
  services_ = std::make_unique<Services>(*std::move(bus), *this);
  services_->gone = services_->bus.on_disconnect([this] {
    settled_.schedule();
    reconnect_.arm(loop_.now());  // not from within its own callback
  });
}

std::optional<core::Surroundings> MachineServices::surroundings() const {
  return known_ ? std::optional(now_) : std::nullopt;
}

void MachineServices::keep_awake(bool awake) {
  keep_awake_ = awake;
  if (services_) services_->sleep_guard.keep_awake(awake);
}

void MachineServices::let_sleep() {
  if (services_) services_->sleep_guard.let_sleep();
}

void MachineServices::follow_local_time(bool follow) {
  settings_.follows_local_time = follow;
  local_time_.disarm();
  if (follow) local_time_.arm(loop_.now() + local_time_pause);
  settled_.schedule();
}

// Who has slept asks everybody again; who goes to sleep does not wait for the others.
void MachineServices::woke() {
  if (!services_->sleep_guard.going_to_sleep()) services_->ask_all();
  evaluate();
}

core::Surroundings MachineServices::look() const {
  core::Surroundings around;
  if (settings_.follows_local_time) around.utc_offset = local_offset();
  if (!services_ || !services_->bus.is_open()) return around;
  const NetworkTold& network = services_->network.told();
  if (is_metered(network)) around.cost = core::cost::capped_usage_unknown;
  if (is_roaming(services_->modems.told()) && goes_by_modem(network))
    around.cost |= core::cost::roaming;
  around.connectivity = connectivity_of(network);
  if (services_->connection) around.connection = services_->connection->told().id.value_or("");
  around.on_battery = services_->power.told().on_battery.value_or(false);
  around.power_saver = services_->profile.told().active == "power-saver" ||
                       services_->old_profile.told().active == "power-saver";
  around.going_to_sleep = services_->sleep_guard.going_to_sleep();
  if (const auto& users = services_->users.told().all) {
    around.logged_on.emplace();
    for (const UsersTold::Row& user : *users) around.logged_on->insert(std::get<0>(user));
  }
  return around;
}

void MachineServices::evaluate() {
  if (services_) services_->follow_primary(*this);
  const core::Surroundings around = look();
  const bool all_said = !services_ || !services_->bus.is_open() || services_->have_answered();
  const bool first = !known_ && (all_said || around.going_to_sleep);
  if (!known_ && !first) return;
  known_ = true;
  first_limit_.disarm();
  if (!first && around == now_) return;
  now_ = around;
  inbox_.post(ports::SurroundingsChanged{around});
}

}  // namespace backhaul::machine
