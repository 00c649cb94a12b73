// SPDX-License-Identifier: Apache-2.0
// What the services of the machine tell, by the names and numbers of their own documentation; what one
// of them leaves out stays unset.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bus/codec.h"
#include "bus/property_set.h"

namespace backhaul::machine {

struct NetworkTold {  // org.freedesktop.NetworkManager
  std::optional<std::uint32_t> metered;       // NMMetered: 0 unknown, 1 yes, 2 no, 3 and 4 guessed
  std::optional<std::uint32_t> connectivity;  // NMConnectivityState: as core::Connectivity
  std::optional<std::string> primary_type;    // of the connection with the default route: "gsm"
  std::optional<bus::ObjectPath> primary;     // that connection; "/": there is none

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("Metered", s.metered);
    v("Connectivity", s.connectivity);
    v("PrimaryConnectionType", s.primary_type);
    v("PrimaryConnection", s.primary);
  }
};

struct ConnectionTold {  // org.freedesktop.NetworkManager.Connection.Active
  std::optional<std::string> id;  // as its owner called it

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("Id", s.id);
  }
};

struct PowerTold {  // org.freedesktop.UPower
  std::optional<bool> on_battery;

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("OnBattery", s.on_battery);
  }
};

struct ProfileTold {  // power-profiles-daemon
  std::optional<std::string> active;  // "power-saver", "balanced", "performance"

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("ActiveProfile", s.active);
  }
};

struct ModemTold {  // interfaces of org.freedesktop.ModemManager1.Modem
  std::optional<std::int32_t> state;         // MMModemState: 11 connected
  std::optional<std::uint32_t> registration;  // MMModem3gppRegistrationState: 5, 7 and 10 roaming

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("State", s.state);
    v("RegistrationState", s.registration);
  }
};
// Of every object: its interfaces.
using ModemsTold =
    std::vector<std::pair<bus::ObjectPath, std::vector<std::pair<std::string, ModemTold>>>>;

// Who is logged on, those that linger included: uid, name and object of each (systemd-logind).
struct UsersTold {
  using Row = std::tuple<std::uint32_t, std::string, bus::ObjectPath>;
  std::optional<std::vector<Row>> all;  // unset: it is not there
};

}  // namespace backhaul::machine

template <>
struct backhaul::bus::Codec<backhaul::machine::UsersTold> {
  using Rows = std::vector<machine::UsersTold::Row>;
  static constexpr auto signature = Codec<Rows>::signature;
  static void get(Reader& in, machine::UsersTold& told) { Codec<Rows>::get(in, told.all.emplace()); }
};
