// SPDX-License-Identifier: Apache-2.0
#include "bus/service.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "bus/holder.h"
#include "bus/names.h"
#include "bus/private_bus.h"
#include "bus/process.h"
#include "bus/start_failure.h"
#include "state/state_file.h"

namespace backhaul::bus {
namespace {

using base::Microseconds;

Call bus_call(const char* member, Microseconds limit) {
  return {daemon_name, daemon_path, daemon_interface, member, limit};
}

Microseconds monotonic_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::duration_cast<Microseconds>(std::chrono::seconds(now.tv_sec) +
                                                  std::chrono::nanoseconds(now.tv_nsec));
}

int poll_timeout_ms(Microseconds deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - monotonic_now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1'000'000));
}

// Waits until `done`, the end of the process behind `pidfd`, or the deadline.
enum class Wake { done, ended, late, disconnected };
Wake wait_on_bus(Bus& bus, const bool& done, int pidfd, Microseconds deadline) {
  while (true) {
    base::Result<bool> more = bus.process();
    while (more && *more) more = bus.process();
    if (done) return Wake::done;
    const auto wanted = bus.wanted();
    if (!more || !wanted) return Wake::disconnected;
    if (monotonic_now() >= deadline) return Wake::late;
    pollfd sources[] = {{wanted->fd, wanted->events, 0}, {pidfd, POLLIN, 0}};
    poll(sources, pidfd < 0 ? 1 : 2, poll_timeout_ms(std::min(deadline, wanted->deadline)));
    if (pidfd >= 0 && sources[1].revents != 0) return Wake::ended;
  }
}

// One client at a time starts the service; the others find it when their turn comes.
FileDescriptor lock_start(const Place& place) {
  const std::string path = place.state_dir() + "/start.lock";
  FileDescriptor lock(state::open_file(path, O_RDWR | O_CREAT).value_or(-1));
  while (lock && flock(lock.get(), LOCK_EX) != 0 && errno == EINTR) {
  }
  return lock;
}

base::Result<void> start_directly(Connection& connection, const Place& place,
                                  const StartFailureWatch& told, Microseconds deadline) {
  if (place.daemon.empty())
    return {base::Code::RPC_SERVER_UNAVAILABLE,
            std::string("the bus does not know ") + service_name +
                ", and there is no libexec/backhaul/backhauld beside this program"};
  BH_CHECK(make_private_directory(place.state_dir(), place.uid));
  const FileDescriptor lock = lock_start(place);
  bool there = false;
  const Slot watch = connection.bus.watch_name(
      service_name, [&](const std::string&, const std::string& owner) { there = !owner.empty(); });
  if (service_runs(connection.bus)) return {};
  std::vector<std::string> environment = place.environment;
  // Of the bus that started this program, which may be another one.
  std::erase_if(environment,
                [](const std::string& entry) { return entry.starts_with("DBUS_STARTER_"); });
  set_variable(environment, "DBUS_SESSION_BUS_ADDRESS", connection.address);
  set_variable(environment, "HOME", place.home);
  set_variable(environment, "PATH", place.path);
  BH_TRY(const Started started, start_detached({place.daemon}, environment));
  switch (wait_on_bus(connection.bus, there, started.ended.get(), deadline)) {
    case Wake::done: return {};
    case Wake::ended:
      if (service_runs(connection.bus)) return {};
      return {base::Code::RPC_SERVER_UNAVAILABLE,
              why_not_started(told, place.daemon + " ended without serving")};
    case Wake::late:
      return {base::Code::RPC_SERVER_UNAVAILABLE, place.daemon + " did not answer in time"};
    case Wake::disconnected: break;
  }
  return {base::Code::RPC_SERVER_UNAVAILABLE, "the bus went away"};
}

}  // namespace

bool service_runs(Bus& bus) {
  const auto answer =
      bus.call<bool>(bus_call("NameHasOwner", usual_limit), std::string(service_name));
  return answer && std::get<0>(*answer);
}

namespace {

base::Result<Connection> connect_to(const Holder& holder) {
  BH_TRY(Bus bus, Bus::open(holder.address));
  BH_TRY(const std::string id, bus.id());
  if (id != holder.bus_id || !service_runs(bus))
    return {base::Code::RPC_SERVER_UNAVAILABLE, "the service left " + holder.address};
  return Connection{std::move(bus), holder.address};
}

}  // namespace

bool is_not_activatable(const Failure& failure) {
  return failure.is(service_unknown) || failure.name.ends_with("Spawn.ServiceNotFound");
}

bool holder_answers(const Holder& holder) {
  constexpr Microseconds limit = std::chrono::seconds(2);
  auto connection = connect_to(holder);
  return connection && connection->bus.call<>({service_name, "/", "org.freedesktop.DBus.Peer", "Ping",
                                               limit, false});
}

base::Result<Connection> connect_to_holder(const Place& place) {
  BH_TRY(const Holder holder, read_holder(place.state_dir()));
  return connect_to(holder);
}

namespace {

// dbus-broker says of a service that failed in its start what others say of one that they do not know.
bool is_known(Bus& bus) {
  const auto names = bus.call<std::vector<std::string>>(bus_call("ListActivatableNames", usual_limit));
  return names && std::ranges::find(std::get<0>(*names), service_name) != std::get<0>(*names).end();
}

// Nobody but its bus starts the service of the machine, and what it says of itself is in its log: its
// folder is closed to others.
base::Result<void> start_by_machine(Connection& connection, Microseconds limit) {
  const auto started = connection.bus.call<std::uint32_t>(bus_call("StartServiceByName", limit),
                                                          std::string(service_name), 0U);
  if (started) return {};
  const Failure& failure = started.error();
  if (is_not_activatable(failure) && !is_known(connection.bus))
    return {base::Code::RPC_SERVER_UNAVAILABLE,
            std::string("the service of the machine is not installed: the system bus does not know ") +
                service_name};
  return {base::Code::RPC_SERVER_UNAVAILABLE,
          "the system bus could not start the service of the machine: " + failure.text};
}

}  // namespace

// A service file holds the absolute path of its program, which is not there any more where an installation was moved.
// Whoever was moved with it is beside its own service, and starts that.
static bool names_no_program(const Failure& failure) { return failure.name.ends_with("Spawn.ExecFailed"); }

base::Result<void> start_service(Connection& connection, const Place& place, Microseconds limit) {
  if (connection.of_machine) return start_by_machine(connection, limit);
  const Microseconds deadline = monotonic_now() + limit;
  const StartFailureWatch told(place.state_dir());
  const auto started = connection.bus.call<std::uint32_t>(bus_call("StartServiceByName", limit),
                                                          std::string(service_name), 0U);
  if (started) return {};
  const Failure& failure = started.error();
  const bool moved = names_no_program(failure);
  if (is_not_activatable(failure) || (moved && !place.daemon.empty()))
    return start_directly(connection, place, told, deadline);
  std::string why = "the bus could not start the service: " + failure.text;
  if (moved)
    why += std::string("; its service file, ") + service_name +
           ".service, names a program that is not there: backhaul was moved or copied, and has to be installed anew "
           "where it is now (cmake --install with --prefix)";
  return base::Error(base::Code::RPC_SERVER_UNAVAILABLE, why_not_started(told, why));
}

base::Result<Connection> connect_to_service(const Place& place, Microseconds limit) {
  auto connection = connect_session(place);
  if (connection && service_runs(connection->bus)) return connection;
  // The queue may be served on another bus of this user.
  if (auto holder = connect_to_holder(place)) return holder;
  if (!connection) connection = connect_any(place);
  if (!connection) return connection;
  auto started = start_service(*connection, place, limit);
  if (started) return connection;
  // Somebody else may have become the holder while we tried: then ours ended because of its lock.
  auto holder = connect_to_holder(place);
  if (is_private(connection->address, place)) leave_private_bus(std::move(connection->bus), place);
  if (holder) return holder;
  return std::move(started).error();
}

}  // namespace backhaul::bus
