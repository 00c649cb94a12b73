// SPDX-License-Identifier: Apache-2.0
// What the measuring programs share: a clock, samples and their quantiles, a connection, the names.
#ifndef BACKHAUL_BENCH_MEASURE_H
#define BACKHAUL_BENCH_MEASURE_H

#include <systemd/sd-bus.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace bench {

using Clock = std::chrono::steady_clock;
using Samples = std::vector<double>;  // milliseconds

inline constexpr const char* service = "org.backhaul.Backhaul1";
inline constexpr const char* root = "/org/backhaul/Backhaul1";
inline constexpr const char* job_interface = "org.backhaul.Job1";

[[noreturn]] inline void die(const char* what, int error) {
  std::fprintf(stderr, "bench: %s: %s\n", what, std::strerror(-error));
  std::exit(1);
}

inline int check(const char* what, int result) {
  if (result < 0) die(what, result);
  return result;
}

inline double since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

inline sd_bus* connect() {
  sd_bus* bus = nullptr;
  check("connect to the bus", sd_bus_open_user(&bus));
  return bus;
}

inline void report(const char* name, Samples samples, double bare) {
  std::sort(samples.begin(), samples.end());
  const auto at = [&](double q) {
    return samples[static_cast<std::size_t>(q * static_cast<double>(samples.size() - 1))];
  };
  std::printf("%-10s  p50 %7.3f ms   p99 %7.3f ms   %5.2f x\n", name, at(0.5), at(0.99),
              at(0.5) / bare);
}

inline double median(Samples samples) {
  std::sort(samples.begin(), samples.end());
  return samples[samples.size() / 2];
}

}  // namespace bench

#endif
