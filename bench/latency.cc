// SPDX-License-Identifier: Apache-2.0
// Latencies on the bus, ours beside the bare bus in the same run, on raw sd-bus so that no library
// of ours is in the measurement:
//   call        an empty method call between two connections
//   enqueue     one Enqueue call: job, one file, start, committed
//   entry       from the reply of SetNotifyObject on a TRANSFERRED job (its commit) until the
//               callback object is entered
//   tiny        from the Enqueue call of a 1 KiB file until the callback object is entered
//   activation  StartServiceByName of a minimal server until it is owned
//   class       from switching the flag of a TRANSFERRED job on until the class server, which the bus
//               starts, is entered (it says so with a signal); beside a bare activation
// Usage: latency URL DIRECTORY ROUNDS [BARE-NAME CLASS-NAME]
#include <atomic>
#include <string>
#include <thread>

#include "bench/measure.h"

namespace {

using namespace bench;

// The entries of the callback object, and of a class server that reports to us.
struct Entries {
  Clock::time_point last{};
  int count = 0;
};

int on_call(sd_bus_message* message, void* data, sd_bus_error*) {
  if (sd_bus_message_is_method_call(message, "org.backhaul.Callback1", "Released")) return 0;
  auto* entries = static_cast<Entries*>(data);
  entries->last = Clock::now();
  ++entries->count;
  if (sd_bus_message_is_method_call(message, "org.backhaul.Callback1", nullptr))
    return sd_bus_reply_method_return(message, "u", 0u);
  return sd_bus_reply_method_return(message, nullptr);
}

int on_signal(sd_bus_message*, void* data, sd_bus_error*) {
  auto* entries = static_cast<Entries*>(data);
  entries->last = Clock::now();
  ++entries->count;
  return 0;
}

void wait_for(sd_bus* bus, const Entries& entries, int count) {
  while (entries.count < count) {
    if (check("process", sd_bus_process(bus, nullptr)) > 0) continue;
    check("wait", sd_bus_wait(bus, UINT64_MAX));
  }
}

// A round trip to an object of another connection, served by a thread: what the bus itself costs.
Samples bare_calls(int rounds) {
  std::string name;
  std::atomic_bool ready = false;
  std::atomic_bool done = false;
  std::thread server([&] {
    sd_bus* bus = connect();
    Entries entries;
    sd_bus_add_object(bus, nullptr, "/bare", on_call, &entries);
    const char* unique = nullptr;
    sd_bus_get_unique_name(bus, &unique);
    name = unique;
    ready = true;
    ready.notify_all();
    while (!done) {
      if (sd_bus_process(bus, nullptr) > 0) continue;
      sd_bus_wait(bus, 100'000);
    }
    sd_bus_flush_close_unref(bus);
  });
  ready.wait(false);
  sd_bus* bus = connect();
  Samples samples;
  for (int i = 0; i < rounds; ++i) {
    const auto start = Clock::now();
    check("bare call", sd_bus_call_method(bus, name.c_str(), "/bare", "org.example.Bare", "Call",
                                          nullptr, nullptr, nullptr));
    samples.push_back(since(start));
  }
  done = true;
  sd_bus_flush_close_unref(bus);
  server.join();
  return samples;
}

std::string enqueue(sd_bus* bus, const std::string& url, const std::string& local,
                    const char* class_name = nullptr) {
  sd_bus_message* call = nullptr;
  sd_bus_message* reply = nullptr;
  sd_bus_error error{};
  check("message", sd_bus_message_new_method_call(bus, &call, service, root,
                                                  "org.backhaul.Manager1", "Enqueue"));
  if (class_name == nullptr)
    check("job", sd_bus_message_append(call, "a{sv}", 1, "Name", "s", "bench"));
  else
    check("job", sd_bus_message_append(call, "a{sv}", 2, "NotifyFlags", "u", 0u, "NotifyService",
                                       "(so)", class_name, "/callback"));
  check("files", sd_bus_message_append(call, "a(ssa{sv})", 1, url.c_str(), local.c_str(), 0));
  check("start", sd_bus_message_append(call, "b", 1));
  const int result = sd_bus_call(bus, call, 0, &error, &reply);
  if (result < 0) std::fprintf(stderr, "bench: %s\n", error.message);
  check("Enqueue", result);
  const char* path = nullptr;
  check("path", sd_bus_message_read(reply, "o", &path));
  std::string job = path;
  sd_bus_message_unref(reply);
  sd_bus_message_unref(call);
  return job;
}

void call_job(sd_bus* bus, const std::string& job, const char* method, const char* types = "",
              const char* path = nullptr) {
  sd_bus_error error{};
  int result = 0;
  if (std::strcmp(types, "ou") == 0)
    result = sd_bus_call_method(bus, service, job.c_str(), job_interface, method, &error, nullptr,
                                types, path, 1u);
  else
    result = sd_bus_call_method(bus, service, job.c_str(), job_interface, method, &error, nullptr,
                                nullptr);
  if (result < 0) std::fprintf(stderr, "bench: %s: %s\n", method, error.message);
  check(method, result);
}

unsigned state_of(sd_bus* bus, const std::string& job) {
  unsigned state = 0;
  check("State", sd_bus_get_property_trivial(bus, service, job.c_str(), job_interface, "State",
                                             nullptr, 'u', &state));
  return state;
}

struct Bench {
  sd_bus* bus = nullptr;
  Entries entries;
  std::string url;
  std::string directory;
  int rounds = 0;
  double call = 0;                    // median of a bare call
  std::vector<std::string> finished;  // jobs that are TRANSFERRED and told
};

void measure_objects(Bench& bench) {
  Samples enqueued;
  Samples entry;
  Samples tiny;
  for (int i = 0; i < bench.rounds; ++i) {
    const int before = bench.entries.count;
    const auto start = Clock::now();
    const std::string job =
        enqueue(bench.bus, bench.url, bench.directory + "/" + std::to_string(i));
    enqueued.push_back(since(start));
    call_job(bench.bus, job, "SetNotifyObject", "ou", "/bench");
    wait_for(bench.bus, bench.entries, before + 1);
    tiny.push_back(
        std::chrono::duration<double, std::milli>(bench.entries.last - start).count());
    // It is TRANSFERRED and told: a second registration is told again, from its commit on.
    const int again = bench.entries.count;
    call_job(bench.bus, job, "SetNotifyObject", "ou", "/bench");
    const auto committed = Clock::now();
    wait_for(bench.bus, bench.entries, again + 1);
    entry.push_back(
        std::chrono::duration<double, std::milli>(bench.entries.last - committed).count());
    bench.finished.push_back(job);
  }
  report("enqueue", enqueued, bench.call);
  report("entry", entry, bench.call);
  report("tiny", tiny, bench.call);
}

void measure_classes(Bench& bench, const char* bare_name, const char* class_name) {
  Samples activation;
  Samples started;
  for (int i = 0; i < bench.rounds && i < 20; ++i) {
    auto start = Clock::now();
    check("activation", sd_bus_call_method(bench.bus, bare_name, "/bare", "org.example.Bare",
                                           "Quit", nullptr, nullptr, nullptr));
    activation.push_back(since(start));
    // The event of a fresh job waits for its flag; switching that on starts the class.
    const std::string job = enqueue(bench.bus, bench.url,
                                    bench.directory + "/class-" + std::to_string(i), class_name);
    while (state_of(bench.bus, job) != 6) std::this_thread::yield();
    const int before = bench.entries.count;
    start = Clock::now();
    check("NotifyFlags", sd_bus_set_property(bench.bus, service, job.c_str(), job_interface,
                                             "NotifyFlags", nullptr, "u", 1u));
    bench.finished.push_back(job);
    wait_for(bench.bus, bench.entries, before + 1);
    started.push_back(since(start));
  }
  report("activation", activation, bench.call);
  report("class", started, median(activation));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 6) {
    std::fprintf(stderr, "usage: latency URL DIRECTORY ROUNDS [BARE-NAME CLASS-NAME]\n");
    return 2;
  }
  Bench bench;
  bench.bus = connect();
  bench.url = argv[1];
  bench.directory = argv[2];
  bench.rounds = std::atoi(argv[3]);
  check("object", sd_bus_add_object(bench.bus, nullptr, "/bench", on_call, &bench.entries));
  check("match", sd_bus_match_signal(bench.bus, nullptr, nullptr, nullptr, "org.example.Bare",
                                     "Entered", on_signal, &bench.entries));
  const Samples bare = bare_calls(bench.rounds * 5);
  bench.call = median(bare);
  report("call", bare, bench.call);
  measure_objects(bench);
  if (argc == 6) measure_classes(bench, argv[4], argv[5]);
  for (const std::string& job : bench.finished)
    if (state_of(bench.bus, job) < 7) call_job(bench.bus, job, "Cancel");
  sd_bus_flush_close_unref(bench.bus);
}
