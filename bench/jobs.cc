// SPDX-License-Identifier: Apache-2.0
// A job for each file, all enqueued and started as fast as the service takes them, and completed by itself.
// Ends when the last has left the queue, so that its file is in place.
//
// Usage: bench_jobs LIST [PRIORITY]       lines of LIST: URL, a tab, FILE; 0, the foreground, to 3, low
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>

#include "bench/measure.h"

namespace {

using namespace bench;

constexpr std::size_t outstanding = 64;

struct Progress {
  std::size_t sent = 0;
  std::size_t answered = 0;
  std::size_t gone = 0;
};

int on_answer(sd_bus_message* reply, void* data, sd_bus_error*) {
  if (const sd_bus_error* error = sd_bus_message_get_error(reply)) {
    std::fprintf(stderr, "bench_jobs: %s: %s\n", error->name, error->message);
    std::exit(1);
  }
  ++static_cast<Progress*>(data)->answered;
  return 0;
}

int on_gone(sd_bus_message*, void* data, sd_bus_error*) {
  ++static_cast<Progress*>(data)->gone;
  return 0;
}

void enqueue(sd_bus* bus, const std::string& url, const std::string& path, unsigned priority, Progress& progress) {
  sd_bus_message* call = nullptr;
  check("message", sd_bus_message_new_method_call(bus, &call, service, root, "org.backhaul.Manager1", "Enqueue"));
  check("message", sd_bus_message_append(call, "a{sv}a(ssa{sv})b", 3, "Name", "s", "bench", "Priority", "u", priority,
                                         "AutoComplete", "b", 1, 1, url.c_str(), path.c_str(), 0, 1));
  check("call", sd_bus_call_async(bus, nullptr, call, on_answer, &progress, UINT64_MAX));
  sd_bus_message_unref(call);
  ++progress.sent;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2 || count > 3) {
    std::fprintf(stderr, "usage: bench_jobs LIST [PRIORITY]\n");
    return 2;
  }
  const auto priority = static_cast<unsigned>(count < 3 ? 0 : std::strtoul(arguments[2], nullptr, 10));
  std::vector<std::pair<std::string, std::string>> files;
  std::ifstream list(arguments[1]);
  for (std::string url, path; std::getline(std::getline(list, url, '\t'), path);) files.emplace_back(url, path);
  sd_bus* bus = connect();
  Progress progress;
  check("match", sd_bus_match_signal(bus, nullptr, service, root, "org.backhaul.Manager1", "JobRemoved", on_gone,
                                     &progress));
  while (progress.gone < files.size()) {
    for (; progress.sent < files.size() && progress.sent - progress.answered < outstanding;)
      enqueue(bus, files[progress.sent].first, files[progress.sent].second, priority, progress);
    const int result = check("bus", sd_bus_process(bus, nullptr));
    if (result == 0) check("bus", sd_bus_wait(bus, UINT64_MAX));
  }
  sd_bus_flush_close_unref(bus);
}
