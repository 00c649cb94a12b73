// SPDX-License-Identifier: Apache-2.0
#include "bus/private_bus.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <string_view>

#include "base/hex.h"
#include "bus/names.h"
#include "bus/process.h"
#include "state/state_file.h"

namespace backhaul::bus {
namespace {

constexpr std::size_t longest_socket_path = sizeof(sockaddr_un::sun_path) - 1;
constexpr int start_limit_ms = 30'000;
constexpr auto leaving_limit = std::chrono::milliseconds(500);

std::string socket_path(const Place& place) { return private_bus_dir(place) + "/socket"; }
std::string pid_path(const Place& place) { return private_bus_dir(place) + "/pid"; }
std::string lock_path(const Place& place) { return private_bus_dir(place) + "/lock"; }

Call ask(const char* member) {
  return {daemon_name, daemon_path, daemon_interface, member, usual_limit};
}

bool others_on(Bus& bus) {
  const auto names = bus.call<std::vector<std::string>>(ask("ListNames"));
  if (!names) return false;
  return std::ranges::any_of(std::get<0>(*names), [&](const std::string& name) {
    return name != daemon_name && name != bus.unique_name();
  });
}

// In an address everything but a few characters is written as %hex.
std::string escape(const std::string& path) {
  std::string result;
  for (char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '/' || c == '.' || c == '*';
    if (plain) {
      result += c;
    } else {
      result += '%' + base::hex_of(static_cast<std::uint8_t>(c));
    }
  }
  return result;
}

base::Result<FileDescriptor> take_lock(const std::string& path) {
  BH_TRY(const int fd, state::open_file(path, O_RDWR | O_CREAT));
  FileDescriptor lock(fd);
  int r = -1;
  while (lock && (r = flock(lock.get(), LOCK_EX)) != 0 && errno == EINTR) {
  }
  if (r != 0) return {base::code_from_errno(errno), "cannot lock " + path};
  return lock;
}

// dbus-daemon writes its number when it listens. Empty: it ended before.
std::string read_line(int fd, int limit_ms) {
  std::string line;
  pollfd ready{fd, POLLIN, 0};
  char c = 0;
  while (poll(&ready, 1, limit_ms) > 0 && read(fd, &c, 1) == 1) {
    if (c == '\n') return line;
    line += c;
  }
  return {};
}

void record_pid(const Place& place, const std::string& pid) {
  const FileDescriptor file(
      state::open_file(pid_path(place), O_WRONLY | O_CREAT | O_TRUNC).value_or(-1));
  const std::string text = pid + "\n";
  const ssize_t written = file ? write(file.get(), text.data(), text.size()) : 0;
  static_cast<void>(written);  // only the housekeeping of an idle bus needs it
}

// Programs that the bus starts inherit this: they must find the same folders as we do.
std::vector<std::string> daemon_environment(const Place& place, const std::string& address) {
  std::vector<std::string> environment = place.environment;
  std::erase_if(environment, [](const std::string& entry) {
    return entry.starts_with("DBUS_STARTER_") || entry.starts_with("NOTIFY_SOCKET=") ||
           entry.starts_with("LISTEN_FDS=") || entry.starts_with("LISTEN_PID=");
  });
  set_variable(environment, "HOME", place.home);
  set_variable(environment, "PATH", place.path);
  set_variable(environment, "XDG_STATE_HOME", place.state_home);
  set_variable(environment, "XDG_DATA_HOME", place.data_home);
  std::string data_dirs = place.data_dirs;
  if (!place.data_prefix.empty() &&
      (':' + data_dirs + ':').find(':' + place.data_prefix + ':') == std::string::npos)
    data_dirs = place.data_prefix + ':' + data_dirs;
  set_variable(environment, "XDG_DATA_DIRS", data_dirs);
  set_variable(environment, "DBUS_SESSION_BUS_ADDRESS", address);
  return environment;
}

// Whoever asked for it may look at once whether it is gone.
void end_process(const FileDescriptor& process) {
  pollfd end{process.get(), POLLIN, 0};
  if (syscall(SYS_pidfd_send_signal, process.get(), SIGTERM, nullptr, 0U) == 0)
    poll(&end, 1, static_cast<int>(leaving_limit.count()));
}

// The one before may run on where nobody reaches it, because somebody deleted its socket. Its number may
// be another program's by now: that is told by the command line.
void end_unreachable_daemon(const Place& place, const std::string& address) {
  const pid_t pid = private_bus_pid(place);
  if (pid <= 1) return;
  const FileDescriptor process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0U)));
  const std::string words = "/proc/" + std::to_string(pid) + "/cmdline";
  const FileDescriptor file(open(words.c_str(), O_RDONLY | O_CLOEXEC));
  char buffer[4096];
  const ssize_t length = file ? read(file.get(), buffer, sizeof buffer) : 0;
  const std::string_view command(buffer, length > 0 ? static_cast<std::size_t>(length) : 0);
  const std::string ours = std::string(1, '\0') + "--address=" + address + std::string(1, '\0');
  if (process && command.find(ours) != std::string_view::npos) end_process(process);
}

// Its number.
base::Result<pid_t> start_daemon(const Place& place, const std::string& address) {
  const std::string program = find_program("dbus-daemon", place.path + ":/usr/bin:/bin");
  if (program.empty())
    return {base::Code::RPC_SERVER_UNAVAILABLE,
            "there is no message bus, and dbus-daemon is not installed: install the package that "
            "has it (dbus-daemon), or set DBUS_SESSION_BUS_ADDRESS"};
  // The folder has to exist when the bus starts, or service files put there later are not noticed.
  static_cast<void>(make_directories(place.service_dir()));
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {base::code_from_errno(errno), "no descriptor is left"};
  const FileDescriptor reader(ends[0]);
  FileDescriptor writer(ends[1]);
  end_unreachable_daemon(place, address);
  unlink(socket_path(place).c_str());  // of one that is gone: nothing answered there
  auto started = start_detached({program, "--session", "--nofork", "--nopidfile",
                                 "--address=" + address, "--print-pid=3"},
                                daemon_environment(place, address), writer.get());
  if (!started) return std::move(started).error();
  writer = FileDescriptor();
  const std::string pid = read_line(reader.get(), start_limit_ms);
  if (pid.empty()) {
    kill(started->pid, SIGKILL);  // it may only be late, and nobody would use it
    return {base::Code::RPC_SERVER_UNAVAILABLE, "dbus-daemon could not be started at " + address};
  }
  record_pid(place, pid);
  return started->pid;
}

}  // namespace

std::string private_bus_dir(const Place& place) { return place.state_dir() + "/bus"; }

base::Result<std::string> private_bus_address(const Place& place) {
  const std::string path = socket_path(place);
  if (path.size() > longest_socket_path)
    return {base::Code::E_INVALIDARG,
            "the path " + path + " is too long for a socket: set XDG_STATE_HOME to a shorter one"};
  return "unix:path=" + escape(path);
}

base::Result<Bus> open_private_bus(const Place& place) {
  if (!is_own_directory(private_bus_dir(place), place.uid))
    return {base::Code::RPC_SERVER_UNAVAILABLE, "there is no private bus"};
  BH_TRY(const std::string address, private_bus_address(place));
  return Bus::open(address);
}

base::Result<Bus> start_private_bus(const Place& place) {
  if (auto running = open_private_bus(place)) return running;
  BH_TRY(const std::string address, private_bus_address(place));
  BH_CHECK(make_private_directory(private_bus_dir(place), place.uid));
  BH_TRY(const FileDescriptor lock, take_lock(lock_path(place)));
  if (auto running = Bus::open(address)) return running;
  BH_TRY(const pid_t pid, start_daemon(place, address));
  auto bus = Bus::open(address);
  if (!bus) kill(pid, SIGTERM);
  return bus;
}

void end_private_bus(Bus& bus) {
  const auto served = bus.call<bool>(ask("NameHasOwner"), std::string(service_name));
  if (served && std::get<0>(*served)) return;
  const auto pid = bus.call<std::uint32_t>(ask("GetConnectionUnixProcessID"), std::string(daemon_name));
  if (!pid || std::get<0>(*pid) <= 1) return;
  const FileDescriptor process(static_cast<int>(syscall(SYS_pidfd_open, std::get<0>(*pid), 0U)));
  if (process) end_process(process);
}

void leave_private_bus(Bus bus, const Place& place) {
  // One after the other, and gone when the next one looks: so that there is a last one.
  const auto lock = take_lock(lock_path(place));
  const auto changed = bus.match(
      "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'", [](const Message&) {});
  const auto deadline = std::chrono::steady_clock::now() + leaving_limit;
  while (bus.is_open() && others_on(bus)) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline -
                                                                   std::chrono::steady_clock::now());
    if (left.count() <= 0) return bus.close();
    while (bus.process().value_or(false)) {
    }
    pollfd ready{bus.wanted() ? bus.wanted()->fd : -1, POLLIN, 0};
    poll(&ready, 1, static_cast<int>(left.count()));
  }
  if (bus.is_open()) end_private_bus(bus);
  bus.close();
}

void end_deserted_private_bus(const Place& place) {
  if (!open_private_bus(place)) return;
  const auto lock = take_lock(lock_path(place));  // nobody is on the way to it
  auto bus = open_private_bus(place);
  if (bus && !others_on(*bus)) end_private_bus(*bus);
}

pid_t private_bus_pid(const Place& place) {
  const FileDescriptor file(state::open_file(pid_path(place), O_RDONLY).value_or(-1));
  char buffer[32];
  const ssize_t length = file ? read(file.get(), buffer, sizeof buffer) : 0;
  pid_t pid = 0;
  if (length > 0) std::from_chars(buffer, buffer + length, pid);
  return pid;
}

}  // namespace backhaul::bus
