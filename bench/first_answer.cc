// SPDX-License-Identifier: Apache-2.0
// Starts a program and prints how long it took from its begin to its first answer on the bus, and how
// much of that it computed, in milliseconds, and its process. The program stays. Nobody else starts it:
// the calls ask the bus not to.
// Usage: first_answer NAME OBJECT PROGRAM [ARGUMENT…]     (the call: all properties of
//        first_answer NAME OBJECT                          OBJECT; without a program it only waits)
#include <fcntl.h>
#include <spawn.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <utility>

extern char** environ;

namespace {

using Clock = std::chrono::steady_clock;

bool owner_changed = false;

int on_owner(sd_bus_message*, void*, sd_bus_error*) {
  owner_changed = true;
  return 0;
}

bool answers(sd_bus* bus, const char* name, const char* object) {
  sd_bus_message* call = nullptr;
  sd_bus_message* reply = nullptr;
  sd_bus_message_new_method_call(bus, &call, name, object, "org.freedesktop.DBus.Properties", "GetAll");
  sd_bus_message_append(call, "s", "org.backhaul.Manager1");
  sd_bus_message_set_auto_start(call, 0);
  const bool answered = sd_bus_call(bus, call, UINT64_MAX, nullptr, &reply) >= 0;
  sd_bus_message_unref(call);
  sd_bus_message_unref(reply);
  return answered;
}

// Who reads what we print waits for its end, and the program stays.
pid_t start(char** command) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, command[0], &actions, nullptr, command, environ);
  posix_spawn_file_actions_destroy(&actions);
  return failed == 0 ? pid : -1;
}

double cpu_ms_of(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  sd_bus* bus = nullptr;
  if (argc < 3 || sd_bus_open_user(&bus) < 0) {
    std::fprintf(stderr, "usage: first_answer NAME OBJECT [PROGRAM [ARGUMENT…]] (on a session bus)\n");
    return 2;
  }
  const std::string match = std::string("type='signal',sender='org.freedesktop.DBus',"
                                        "member='NameOwnerChanged',arg0='") + argv[1] + "'";
  if (sd_bus_add_match(bus, nullptr, match.c_str(), on_owner, nullptr) < 0) return 1;
  const Clock::time_point begin = Clock::now();
  const pid_t pid = argc > 3 ? start(argv + 3) : 0;
  if (pid < 0) return 1;
  while (!answers(bus, argv[1], argv[2]))  // nobody has the name yet
    while (!std::exchange(owner_changed, false)) {
      const int result = sd_bus_process(bus, nullptr);
      if (result < 0 || Clock::now() - begin > std::chrono::seconds(60)) return 1;
      if (result == 0 && sd_bus_wait(bus, 1'000'000) < 0) return 1;
    }
  const double wall = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  std::printf("%.1f %.1f %d\n", wall, cpu_ms_of(pid), static_cast<int>(pid));
}
