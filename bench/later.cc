// SPDX-License-Identifier: Apache-2.0
// Preloaded into a program, it tells another time of day: BACKHAUL_BENCH_LATER seconds later than it is. Clocks that
// count from somewhere, which timers run by, are left as they are.
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

namespace {

time_t later() {
  static const time_t seconds = [] {
    const char* told = std::getenv("BACKHAUL_BENCH_LATER");
    return told == nullptr ? 0 : std::strtol(told, nullptr, 10);
  }();
  return seconds;
}

timespec now() {
  timespec moment{};
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &moment);
  moment.tv_sec += later();
  return moment;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int clock_gettime(clockid_t clock, timespec* moment) noexcept {
  const int done = static_cast<int>(syscall(SYS_clock_gettime, clock, moment));
  if (done == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) moment->tv_sec += later();
  return done;
}

extern "C" __attribute__((visibility("default"))) int gettimeofday(timeval* __restrict moment,
                                                                   void* __restrict) noexcept {
  const timespec precise = now();
  *moment = {.tv_sec = precise.tv_sec, .tv_usec = precise.tv_nsec / 1000};
  return 0;
}

extern "C" __attribute__((visibility("default"))) time_t time(time_t* moment) noexcept {
  const time_t seconds = now().tv_sec;
  if (moment != nullptr) *moment = seconds;
  return seconds;
}
