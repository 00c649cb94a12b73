// SPDX-License-Identifier: Apache-2.0
// Many jobs that finish at once, told to one listener or to many, on raw sd-bus:
//   bare      the same number of empty calls from another process to the same listeners, four
//             outstanding: what the bus lets through
//   finished  from the first Start of suspended jobs of 1 KiB files until the last callback has been
//             entered: connecting, fetching, syncing, committing, telling
//   told      the same jobs, TRANSFERRED, every one registered anew: registration, commit, callback
//   ping      a property of the service, read by a thread of its own during both
// Usage: storm URL DIRECTORY JOBS LISTENERS
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "bench/measure.h"

namespace {

using namespace bench;

constexpr int outstanding_calls = 64;
constexpr int notify_slots = 4;  // per user, in the service
constexpr const char* listener_path = "/listener";

struct Listener {
  sd_bus* bus = nullptr;
  std::string name;
};

struct World {
  sd_event* loop = nullptr;
  sd_bus* bus = nullptr;
  std::vector<Listener> listeners;
  std::vector<std::string> jobs;
  std::string url;
  std::string directory;
  std::size_t entered = 0;
};

int on_call(sd_bus_message* message, void* data, sd_bus_error*) {
  if (sd_bus_message_is_method_call(message, "org.backhaul.Callback1", "Released")) return 0;
  ++static_cast<World*>(data)->entered;
  return sd_bus_reply_method_return(message, "u", 0u);
}

void add_listeners(World& world, int count) {
  world.listeners.resize(static_cast<std::size_t>(count));
  for (Listener& listener : world.listeners) {
    listener.bus = connect();
    const char* name = nullptr;
    check("unique name", sd_bus_get_unique_name(listener.bus, &name));
    listener.name = name;
    check("object", sd_bus_add_object(listener.bus, nullptr, listener_path, on_call, &world));
    check("attach", sd_bus_attach_event(listener.bus, world.loop, SD_EVENT_PRIORITY_NORMAL));
  }
}

void run_until(World& world, const std::function<bool()>& done) {
  while (!done()) check("loop", sd_event_run(world.loop, UINT64_MAX));
}

struct Calls {
  std::size_t sent = 0;
  std::size_t answered = 0;
  std::function<void(sd_bus_message*)> on_answer;
};

int on_answer(sd_bus_message* reply, void* data, sd_bus_error*) {
  auto* calls = static_cast<Calls*>(data);
  if (const sd_bus_error* error = sd_bus_message_get_error(reply)) {
    std::fprintf(stderr, "bench: %s: %s\n", error->name, error->message);
    std::exit(1);
  }
  ++calls->answered;
  if (calls->on_answer) calls->on_answer(reply);
  return 0;
}

using MakeCall = std::function<sd_bus_message*(std::size_t)>;

// As many calls as there are jobs, at most `limit` of them under way.
void call_all(World& world, std::size_t count, std::size_t limit, Calls& calls,
              const MakeCall& make) {
  while (calls.answered < count) {
    for (; calls.sent < count && calls.sent - calls.answered < limit; ++calls.sent) {
      sd_bus_message* call = make(calls.sent);
      check("call", sd_bus_call_async(sd_bus_message_get_bus(call), nullptr, call, on_answer,
                                      &calls, UINT64_MAX));
      sd_bus_message_unref(call);
    }
    check("loop", sd_event_run(world.loop, UINT64_MAX));
  }
}

sd_bus_message* call_of(sd_bus* bus, const char* path, const char* interface, const char* method) {
  sd_bus_message* call = nullptr;
  check("message", sd_bus_message_new_method_call(bus, &call, service, path, interface, method));
  return call;
}

void call_each_job(World& world, const char* method) {
  Calls calls;
  call_all(world, world.jobs.size(), outstanding_calls, calls, [&](std::size_t i) {
    return call_of(world.bus, world.jobs[i].c_str(), job_interface, method);
  });
}

void register_each_job(World& world) {
  Calls calls;
  call_all(world, world.jobs.size(), outstanding_calls, calls, [&](std::size_t i) {
    sd_bus* bus = world.listeners[i % world.listeners.size()].bus;
    sd_bus_message* call = call_of(bus, world.jobs[i].c_str(), job_interface, "SetNotifyObject");
    sd_bus_message_append(call, "ou", listener_path, 1u);
    return call;
  });
}

void make_jobs(World& world, std::size_t count) {
  Calls calls;
  calls.on_answer = [&](sd_bus_message* reply) {
    const char* path = nullptr;
    check("path", sd_bus_message_read(reply, "o", &path));
    world.jobs.emplace_back(path);
  };
  call_all(world, count, outstanding_calls, calls, [&](std::size_t i) {
    sd_bus_message* call = call_of(world.bus, root, "org.backhaul.Manager1", "Enqueue");
    const std::string local = world.directory + "/storm-" + std::to_string(i);
    sd_bus_message_append(call, "a{sv}a(ssa{sv})b", 2, "Name", "s", "storm", "Priority", "u", 0u, 1,
                          world.url.c_str(), local.c_str(), 0, 0);
    return call;
  });
}

// Calls from another process, as those of the service are.
double bare_rate(World& world, std::size_t count) {
  const pid_t child = fork();
  if (child == 0) {
    World caller;
    check("loop", sd_event_new(&caller.loop));
    caller.bus = connect();
    check("attach", sd_bus_attach_event(caller.bus, caller.loop, SD_EVENT_PRIORITY_NORMAL));
    Calls calls;
    call_all(caller, count, notify_slots, calls, [&](std::size_t i) {
      sd_bus_message* call = nullptr;
      const std::string& name = world.listeners[i % world.listeners.size()].name;
      check("message", sd_bus_message_new_method_call(caller.bus, &call, name.c_str(), listener_path,
                                                      "org.example.Bare", "Call"));
      return call;
    });
    _exit(0);
  }
  world.entered = 0;
  run_until(world, [&] { return world.entered > 0; });
  const auto start = Clock::now();
  run_until(world, [&] { return world.entered == count; });
  const double seconds = since(start) / 1000;
  waitpid(child, nullptr, 0);
  return static_cast<double>(count) / seconds;
}

double rate_of(World& world, const std::function<void()>& cause) {
  const std::size_t count = world.jobs.size();
  world.entered = 0;
  const auto start = Clock::now();
  cause();
  run_until(world, [&] { return world.entered >= count; });
  return static_cast<double>(count) / (since(start) / 1000);
}

// Is the service still there for others? Reads a property again and again until told to stop.
struct Pinger {
  std::atomic_bool done{false};
  Samples samples;
  std::thread thread{[this] {
    sd_bus* bus = connect();
    while (!done) {
      const auto start = Clock::now();
      char* version = nullptr;
      check("ping", sd_bus_get_property_string(bus, service, root, "org.backhaul.Manager1",
                                               "Version", nullptr, &version));
      std::free(version);
      samples.push_back(since(start));
    }
    sd_bus_flush_close_unref(bus);
  }};
  const Samples& end() {
    done = true;
    thread.join();
    return samples;
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: storm URL DIRECTORY JOBS LISTENERS\n");
    return 2;
  }
  World world;
  world.url = argv[1];
  world.directory = argv[2];
  check("loop", sd_event_new(&world.loop));
  world.bus = connect();
  check("attach", sd_bus_attach_event(world.bus, world.loop, SD_EVENT_PRIORITY_NORMAL));
  const auto count = static_cast<std::size_t>(std::atoi(argv[3]));
  add_listeners(world, std::atoi(argv[4]));
  const double bare = bare_rate(world, count);
  make_jobs(world, count);
  register_each_job(world);
  Pinger pinger;
  const double finished = rate_of(world, [&] { call_each_job(world, "Start"); });
  const double told = rate_of(world, [&] { register_each_job(world); });
  const Samples pings = pinger.end();
  std::printf("%zu jobs, %zu listeners: finished and told %.0f/s, told again %.0f/s, bare calls "
              "%.0f/s (%.2f x)\n",
              count, world.listeners.size(), finished, told, bare, told / bare);
  report("ping", pings, median(pings));
  call_each_job(world, "Cancel");
}
