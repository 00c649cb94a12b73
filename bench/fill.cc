// SPDX-License-Identifier: Apache-2.0
// Fills the queue with suspended jobs of one file each, or of so many, several calls outstanding, and
// prints how many were acknowledged (that is: on disk) per second.
// Usage: fill URL DIRECTORY JOBS OUTSTANDING [FILES]
#include <systemd/sd-bus.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

struct Progress {
  int sent = 0;
  int answered = 0;
};

int on_reply(sd_bus_message* reply, void* data, sd_bus_error*) {
  if (const sd_bus_error* error = sd_bus_message_get_error(reply)) {
    std::fprintf(stderr, "fill: %s: %s\n", error->name, error->message);
    std::exit(1);
  }
  ++static_cast<Progress*>(data)->answered;
  return 0;
}

void send(sd_bus* bus, const char* url, const std::string& local, int files, Progress& progress) {
  sd_bus_message* call = nullptr;
  sd_bus_message_new_method_call(bus, &call, "org.backhaul.Backhaul1", "/org/backhaul/Backhaul1",
                                 "org.backhaul.Manager1", "Enqueue");
  sd_bus_message_append(call, "a{sv}", 1, "Name", "s", "fill");
  sd_bus_message_open_container(call, 'a', "(ssa{sv})");
  for (int i = 0; i < files; ++i) {
    const std::string name = files == 1 ? local : local + "-" + std::to_string(i);
    sd_bus_message_append(call, "(ssa{sv})", url, name.c_str(), 0);
  }
  sd_bus_message_close_container(call);
  sd_bus_message_append(call, "b", 0);
  sd_bus_call_async(bus, nullptr, call, on_reply, &progress, UINT64_MAX);
  sd_bus_message_unref(call);
  ++progress.sent;
}

}  // namespace

int main(int argc, char** argv) {
  sd_bus* bus = nullptr;
  if (argc < 5 || sd_bus_open_user(&bus) < 0) {
    std::fprintf(stderr, "usage: fill URL DIRECTORY JOBS OUTSTANDING [FILES] (on a session bus)\n");
    return 2;
  }
  const int jobs = std::atoi(argv[3]);
  const int outstanding = std::atoi(argv[4]);
  const int files = argc > 5 ? std::atoi(argv[5]) : 1;
  Progress progress;
  const auto start = std::chrono::steady_clock::now();
  while (progress.answered < jobs) {
    while (progress.sent < jobs && progress.sent - progress.answered < outstanding)
      send(bus, argv[1], std::string(argv[2]) + "/fill-" + std::to_string(progress.sent), files,
           progress);
    const int result = sd_bus_process(bus, nullptr);
    if (result < 0) {
      std::fprintf(stderr, "fill: %s\n", std::strerror(-result));
      return 1;
    }
    if (result == 0) sd_bus_wait(bus, UINT64_MAX);
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%.0f\n", jobs / seconds);
  sd_bus_flush_close_unref(bus);
}
