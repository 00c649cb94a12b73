// SPDX-License-Identifier: Apache-2.0
// What the libraries cost above the bare bus, in one process and against the same service:
//   raw        a job's state, read with sd-bus alone
//   client     the same through libbackhaul, bits: the same through IBackgroundCopyJob::GetState
//   callbacks  jobs that are TRANSFERRED get the library's object from eight threads at once: a call,
//              a commit and a callback each
// Usage: hop URL DIRECTORY ROUNDS JOBS
#include <backhaul/backhaul.h>
#include <bits.h>

#include <atomic>
#include <string>
#include <thread>

#include "bench/measure.h"

namespace {

using namespace bench;

constexpr int threads = 8;

template <class T>
T need(const char* what, backhaul::Result<T> result) {
  if (result) return std::move(result).value();
  std::fprintf(stderr, "bench: %s: %s\n", what, result.error().message.c_str());
  std::exit(1);
}

template <class Call>
Samples timed(int rounds, const Call& call) {
  Samples samples;
  for (int i = 0; i < rounds; ++i) {
    const auto start = Clock::now();
    call();
    samples.push_back(since(start));
  }
  return samples;
}

std::string path_of(const std::string& id) {
  std::string path = std::string(root) + "/job/";
  for (const char c : id)
    if (c != '-') path += c;
  return path;
}

IBackgroundCopyJob* bits_job(const std::string& id) {
  check("CoInitializeEx", -FAILED(CoInitializeEx(nullptr, COINIT_MULTITHREADED)));
  IBackgroundCopyManager* manager = nullptr;
  check("manager", -FAILED(CoCreateInstance(__uuidof(BackgroundCopyManager), nullptr,
                                            CLSCTX_LOCAL_SERVER, __uuidof(IBackgroundCopyManager),
                                            reinterpret_cast<void**>(&manager))));
  const std::wstring braces = L"{" + std::wstring(id.begin(), id.end()) + L"}";
  GUID guid;
  check("id", -FAILED(CLSIDFromString(braces.c_str(), &guid)));
  IBackgroundCopyJob* job = nullptr;
  check("GetJob", -FAILED(manager->GetJob(guid, &job)));
  manager->Release();
  return job;
}

void measure_hops(const backhaul::Job& job, int rounds) {
  sd_bus* bus = connect();
  const std::string path = path_of(job.id());
  const Samples raw = timed(rounds, [&] {
    unsigned state = 0;
    check("State", sd_bus_get_property_trivial(bus, service, path.c_str(), job_interface, "State",
                                               nullptr, 'u', &state));
  });
  const Samples client = timed(rounds, [&] { need("state", job.state()); });
  IBackgroundCopyJob* const com = bits_job(job.id());
  const Samples bits = timed(rounds, [&] {
    BG_JOB_STATE state = BG_JOB_STATE_QUEUED;
    check("GetState", -FAILED(com->GetState(&state)));
  });
  com->Release();
  CoUninitialize();
  sd_bus_flush_close_unref(bus);
  report("raw", raw, median(raw));
  report("client", client, median(raw));
  report("bits", bits, median(raw));
}

std::vector<backhaul::Job> transferred_jobs(const backhaul::Client& client, const std::string& url,
                                            const std::string& directory, int count) {
  std::vector<backhaul::Job> jobs;
  for (int i = 0; i < count; ++i) {
    backhaul::JobSettings settings;
    settings.name("hop").priority(backhaul::Priority::foreground).notify_flags(1);
    const std::string local = directory + "/hop-" + std::to_string(i);
    jobs.push_back(need("enqueue", client.enqueue(settings, {{url, local}})));
  }
  for (backhaul::Job& job : jobs)
    need("wait", job.wait([](const backhaul::JobInfo& info) {
      return info.state() == backhaul::JobState::transferred;
    }));
  return jobs;
}

double callback_rate(std::vector<backhaul::Job>& jobs) {
  std::atomic<std::size_t> entered{0};
  const auto callback = backhaul::make_callback([&](const backhaul::Notification&) {
    ++entered;
    entered.notify_all();
    return 0u;
  });
  const auto start = Clock::now();
  std::vector<std::thread> callers;
  for (std::size_t t = 0; t < threads; ++t)
    callers.emplace_back([&, t] {
      for (std::size_t i = t; i < jobs.size(); i += threads)
        if (!jobs[i].set_notify_object(callback)) std::abort();
    });
  for (std::thread& caller : callers) caller.join();
  for (std::size_t now = entered; now < jobs.size(); now = entered) entered.wait(now);
  return static_cast<double>(jobs.size()) / (since(start) / 1000);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: hop URL DIRECTORY ROUNDS JOBS\n");
    return 2;
  }
  const backhaul::Client client = need("connect", backhaul::Client::connect());
  auto jobs = transferred_jobs(client, argv[1], argv[2], std::atoi(argv[4]));
  measure_hops(jobs.front(), std::atoi(argv[3]));
  std::printf("callbacks through libbackhaul: %.0f/s, %d threads, %zu jobs\n", callback_rate(jobs),
              threads, jobs.size());
  for (backhaul::Job& job : jobs) (void)job.cancel();
}
