// SPDX-License-Identifier: Apache-2.0
#include "daemon/refusal.h"

#include <sysexits.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <set>
#include <tuple>
#include <utility>

#include "base/code.h"
#include "bus/codec.h"
#include "bus/connect.h"
#include "bus/message.h"
#include "bus/names.h"
#include "bus/object.h"
#include "bus/slot.h"
#include "loop/loop.h"

namespace backhaul::daemon {
namespace {

// Whoever had it started has called by then. It is short: meanwhile nobody gets a service whose settings were put right.
constexpr base::Microseconds usual_limit = std::chrono::seconds(5);

class Refusal {
 public:
  Refusal(bus::Bus& bus, std::string why)
      : bus_(bus),
        why_(std::move(why)),
        term_(loop_, SIGTERM, [this] { loop_.exit(0); }),
        interrupt_(loop_, SIGINT, [this] { loop_.exit(0); }),
        limit_(loop_, std::chrono::milliseconds(10), [this] { loop_.exit(0); }) {}

  void run(base::Microseconds limit) {
    if (!bus_.attach(loop_.native())) return;
    auto calls = bus_.filter_calls([this](const bus::Message& call) { return refuse(call); });
    if (!calls) return;
    calls_ = *std::move(calls);
    gone_ = bus_.on_disconnect([this] { loop_.exit(0); });
    left_ = bus_.match("type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'",
                       [this](const bus::Message& change) { look(change); });
    if (!bus_.request_name(bus::service_name)) return;  // somebody serves
    limit_.arm(loop_.now() + limit);
    loop_.run();
    bus_.flush();
  }

 private:
  bool refuse(const bus::Message& call) {
    bus::reply_error(call, {base::Code::RPC_SERVER_UNAVAILABLE, why_});
    callers_.insert(call.sender());
    return true;
  }

  void look(const bus::Message& change) {
    const auto names = bus::read_body<std::string, std::string, std::string>(change);
    if (!names || !std::get<2>(*names).empty()) return;
    if (callers_.erase(std::get<0>(*names)) > 0 && callers_.empty()) loop_.exit(0);
  }

  bus::Bus& bus_;
  const std::string why_;
  loop::Loop loop_;
  loop::Signal term_;
  loop::Signal interrupt_;
  loop::Timer limit_;
  bus::Slot calls_;
  bus::Slot gone_;
  bus::Slot left_;
  std::set<std::string> callers_;
};

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

}  // namespace

Starter Starter::current() { return {.systemd = is_set("NOTIFY_SOCKET"), .bus = is_set("DBUS_STARTER_ADDRESS")}; }

bool nobody_else_tells(bool system, const Starter& starter) { return starter.systemd || (system && starter.bus); }

void refuse_calls(bus::Bus& bus, const std::string& why, base::Microseconds limit) { Refusal(bus, why).run(limit); }

std::optional<bus::StartFailure> failure_of_start(const bus::StartFailureWatch& told, int code) {
  if (code == EX_TEMPFAIL) return std::nullopt;  // another one has the queue, and may be about to take the name
  if (auto failure = told.news()) return failure;
  if (code == EX_CANTCREAT) return bus::StartFailure{code, {}};  // there is no folder to say it in
  return std::nullopt;
}

void tell_callers(bool system, const bus::Place& place, const bus::StartFailure& failure) {
  if (!nobody_else_tells(system, Starter::current())) return;
  auto connection = system ? bus::connect_machine(place) : bus::connect_session(place);
  if (connection) refuse_calls(connection->bus, bus::sentence_of(failure), usual_limit);
}

}  // namespace backhaul::daemon
