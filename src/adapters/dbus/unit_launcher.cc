// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/unit_launcher.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "adapters/dbus/calls.h"
#include "bus/names.h"
#include "core/command_line.h"

namespace backhaul::dbus {
namespace {

using base::Code;
using ports::NotifyOutcome;

// The properties of the unit: a(sv), in which every value has its own type.
struct TransientUnit {
  using Exec = std::tuple<std::string, std::vector<std::string>, bool>;  // path, argv, may fail
  std::string description;
  std::string directory;
  std::vector<std::string> environment;
  std::uint32_t umask = 022;
  Exec program;

  template <class Put>
  void each(Put&& put) const {
    put("Description", description);
    put("Type", std::string("oneshot"));
    put("NoNewPrivileges", true);
    put("TimeoutStartUSec", UINT64_MAX);  // no limit, as for every callback
    put("CollectMode", std::string("inactive"));  // a failed one stays until we asked how it ended
    put("WorkingDirectory", directory);
    put("UMask", umask);
    put("Environment", environment);
    put("ExecStart", std::vector<Exec>{program});
  }
};

// Units that come along; there are none.
using Auxiliary = std::vector<std::tuple<std::string, TransientUnit>>;

struct HowItEnded {
  std::optional<std::int32_t> code;    // CLD_EXITED, CLD_KILLED, …
  std::optional<std::int32_t> status;  // exit code or signal

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("ExecMainCode", s.code);
    v("ExecMainStatus", s.status);
  }
};

std::string text_of(const std::string& program, const std::string& result,
                    const HowItEnded& ended) {
  const std::string status = std::to_string(ended.status.value_or(0));
  if (ended.code == CLD_EXITED) return program + " ended with exit code " + status;
  if (ended.code == CLD_KILLED || ended.code == CLD_DUMPED) {
    const char* name = sigabbrev_np(*ended.status);
    return program + " was ended by signal " + (name != nullptr ? "SIG" + std::string(name) : status);
  }
  return program + " did not end well; systemd says: " + result;
}

// systemd replaces $NAME in arguments; nothing is expanded in ours (notifications.md N114).
std::vector<std::string> literal(std::vector<std::string> arguments) {
  for (std::string& argument : arguments)
    for (std::size_t at = 0; (at = argument.find('$', at)) != std::string::npos; at += 2)
      argument.insert(at, 1, '$');
  return arguments;
}

bool may_have_begun(const bus::Failure& failure) {
  return failure.is(bus::no_reply) || failure.is(bus::disconnected);
}

}  // namespace
}  // namespace backhaul::dbus

template <>
struct backhaul::bus::Codec<backhaul::dbus::TransientUnit> {
  static constexpr Signature signature{"a(sv)"};
  static void put(Writer& out, const dbus::TransientUnit& unit) {
    out.open('a', "(sv)");
    unit.each([&out]<class Value>(const char* name, const Value& value) {
      using Row = std::tuple<std::string, VariantOf<Value>>;
      Codec<Row>::put(out, Row{name, {value}});
    });
    out.close();
  }
};

namespace backhaul::dbus {

UnitLauncher::UnitLauncher(bus::Bus& bus, ports::Launcher& otherwise, ports::Inbox& inbox,
                           UnitLauncherSettings settings)
    : bus_(bus), otherwise_(otherwise), inbox_(inbox), settings_(std::move(settings)) {}

void UnitLauncher::run(ports::Launch launch) {
  const Ticket ticket = launch.ticket;
  const bool ourselves = launch.owner.uid == geteuid();
  runs_[ticket] = Run{std::move(launch)};
  if (!ourselves) return start_otherwise(ticket);
  look_for_manager(ticket, Absent::is_awaited);
}

// Who runs programs is asked each time: systemd may come and go. Only a manager of our own user
// will do; that of the machine would run them as root.
void UnitLauncher::look_for_manager(Ticket ticket, Absent absent) {
  runs_.at(ticket).call = bus_.call_async<std::uint32_t>(
      bus_call("GetConnectionUnixUser"),
      [this, ticket, absent](const bus::Outcome<std::uint32_t>& owner) {
        if (owner && std::get<0>(*owner) == geteuid()) return start_unit(ticket);
        if (owner || absent == Absent::is_final) return start_otherwise(ticket);
        await_manager(ticket);
      },
      std::string(systemd_name));
}

// A bus that systemd has started, because we were the first to connect, is joined by it a moment later. It knows that,
// and waits for it; any other bus answers at once that it cannot start it.
void UnitLauncher::await_manager(Ticket ticket) {
  runs_.at(ticket).call = bus_.call_async<std::uint32_t>(
      bus_call("StartServiceByName"),
      [this, ticket](const bus::Outcome<std::uint32_t>& started) {
        if (!started) return start_otherwise(ticket);
        look_for_manager(ticket, Absent::is_final);
      },
      std::string(systemd_name), 0U);
}

void UnitLauncher::start_otherwise(Ticket ticket) {
  auto node = runs_.extract(ticket);
  otherwise_.run(std::move(node.mapped().launch));
}

// Before the first unit: the bus works in order, so no end can be missed.
void UnitLauncher::listen() {
  if (std::exchange(listening_, true)) return;
  removed_ = bus_.match(std::string("type='signal',sender='") + systemd_name + "',path='" +
                            systemd_path + "',interface='" + systemd_manager_interface +
                            "',member='JobRemoved'",
                        [this](const bus::Message& signal) {
                          const auto body = bus::read_body<std::uint32_t, bus::ObjectPath,
                                                           std::string, std::string>(signal);
                          if (body) job_removed(std::get<2>(*body), std::get<3>(*body));
                        });
  owner_ = bus_.watch_name(systemd_name, [this](const std::string&, const std::string&) {
    manager_gone();
  });
}

void UnitLauncher::start_unit(Ticket ticket) {
  listen();
  // A manager tells what becomes of jobs only where somebody subscribed; twice does no harm.
  bus_.send(systemd_call("Subscribe"));
  Run& run = runs_.at(ticket);
  // Another run of the service, of which one may go on, must not get the same name.
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  run.unit = "backhaul-notify-" + base::to_string(run.launch.job) + "-" +
             std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(now).count()) +
             "-" + std::to_string(++units_) + ".service";
  const std::string& path = run.launch.command.program;
  TransientUnit unit{.description = "Notify command of backhaul job " + base::to_string(run.launch.job),
                     .directory = settings_.home.empty() ? "/" : "-" + settings_.home,  // if it is there
                     .environment = {},
                     .umask = settings_.umask,
                     .program = {path, literal(core::argument_vector(path, run.launch.command.parameters)),
                                 false}};
  if (!settings_.bus_address.empty())
    unit.environment.push_back("DBUS_SESSION_BUS_ADDRESS=" + settings_.bus_address);
  run.call = bus_.call_async<bus::ObjectPath>(
      systemd_call("StartTransientUnit"),
      [this, ticket](const bus::Outcome<bus::ObjectPath>& job) {
        if (job) return;  // JobRemoved tells the rest
        if (may_have_begun(job.error()))
          return finish(ticket, NotifyOutcome::failed, "systemd did not say whether it began");
        start_otherwise(ticket);
      },
      run.unit, std::string("fail"), unit, Auxiliary{});
}

void UnitLauncher::job_removed(const std::string& unit, const std::string& result) {
  for (const auto& [ticket, run] : runs_) {
    if (run.unit != unit) continue;
    if (result == "done") return finish(ticket, NotifyOutcome::answered, {});
    return find_unit(ticket, result);
  }
}

void UnitLauncher::find_unit(Ticket ticket, const std::string& result) {
  Run& run = runs_.at(ticket);
  run.call = bus_.call_async<bus::ObjectPath>(
      systemd_call("GetUnit"),
      [this, ticket, result](const bus::Outcome<bus::ObjectPath>& unit) {
        ask_how_it_ended(ticket, unit ? std::get<0>(*unit).value : systemd_path, result);
      },
      run.unit);
}

void UnitLauncher::ask_how_it_ended(Ticket ticket, const std::string& path,
                                    const std::string& result) {
  Run& run = runs_.at(ticket);
  run.call = bus_.call_async<HowItEnded>(
      {systemd_name, path, bus::properties_interface, "GetAll", bus::usual_limit, false},
      [this, ticket, result](const bus::Outcome<HowItEnded>& ended) {
        const Run& over = runs_.at(ticket);
        bus_.send(systemd_call("ResetFailedUnit"), over.unit);
        finish(ticket, NotifyOutcome::failed,
               text_of(over.launch.command.program, result, ended ? std::get<0>(*ended) : HowItEnded{}));
      },
      std::string(systemd_service_interface));
}

void UnitLauncher::manager_gone() {
  std::vector<Ticket> begun;
  for (const auto& [ticket, run] : runs_)
    if (!run.unit.empty()) begun.push_back(ticket);
  for (const Ticket ticket : begun)
    finish(ticket, NotifyOutcome::failed, "systemd has left the bus; how the program ended is not known");
}

void UnitLauncher::finish(Ticket ticket, NotifyOutcome outcome, std::string text) {
  runs_.erase(ticket);
  const Code result = outcome == NotifyOutcome::answered ? Code::S_OK : Code::E_FAIL;
  inbox_.post(ports::DeliveryEnded{ticket, outcome, result, std::move(text)});
}

}  // namespace backhaul::dbus
