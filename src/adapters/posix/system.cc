// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/system.h"

#include <fcntl.h>
#include <sys/random.h>
#include <time.h>

#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <span>

#include "adapters/posix/descriptor.h"
#include "base/result.h"

namespace backhaul::posix {
namespace {

base::Microseconds read_clock(clockid_t clock) {
  timespec now{};
  BH_ASSERT(clock_gettime(clock, &now) == 0);
  return std::chrono::duration_cast<base::Microseconds>(std::chrono::seconds(now.tv_sec) +
                                                        std::chrono::nanoseconds(now.tv_nsec));
}

}  // namespace

std::string boot_id() {
  const Descriptor file(open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
  char text[64];
  const ssize_t size = file ? read(file.get(), text, sizeof text) : 0;
  std::string id(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

SystemClock::SystemClock() : boot_id_(posix::boot_id()) {
  // Without /proc every start counts as a new boot: stored deadlines then follow the wall clock.
  if (boot_id_.empty()) boot_id_ = "none-" + std::to_string(read_clock(CLOCK_REALTIME).count());
}

base::Instant SystemClock::now() const {
  return {base::BootTime(read_clock(CLOCK_BOOTTIME)), base::WallTime(read_clock(CLOCK_REALTIME))};
}

namespace {

// Up to 256 bytes come whole; only before the pool is ready may a signal interrupt the wait.
void fill_by_chance(std::span<std::uint8_t> bytes) {
  ssize_t size = 0;
  do size = getrandom(bytes.data(), bytes.size(), 0);
  while (size < 0 && errno == EINTR);
  BH_ASSERT(size == static_cast<ssize_t>(bytes.size()));
}

}  // namespace

std::uint64_t SystemRandom::draw() {
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
  fill_by_chance(bytes);
  return std::bit_cast<std::uint64_t>(bytes);
}

base::JobId SystemRandom::new_job_id() {
  base::JobId id;
  fill_by_chance(id.bytes);
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | 0x40);  // version 4
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);  // variant of RFC 9562
  return id;
}

}  // namespace backhaul::posix
