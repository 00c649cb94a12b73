// SPDX-License-Identifier: Apache-2.0
#include "core/rate_meter.h"

#include <chrono>

namespace backhaul::core {
namespace {

using namespace std::chrono_literals;

constexpr base::Microseconds window = 5s;
constexpr base::Microseconds spacing = 500ms;  // samples nearer to each other become one
constexpr base::Microseconds least = 1s;       // in less, a first burst passes for a rate
constexpr base::Microseconds stalled = 2s;     // later than a lump is due: time without bytes counts

}  // namespace

void RateMeter::begin(base::BootTime now) { samples_.assign(1, {now, 0}); }

void RateMeter::add(base::BootTime now, std::uint64_t bytes) {
  if (!begun()) begin(now);
  const std::uint64_t total = samples_.back().total + bytes;
  if (samples_.size() > 1 && samples_.back().time - samples_[samples_.size() - 2].time < spacing)
    samples_.back() = {now, total};
  else
    samples_.push_back({now, total});
  while (samples_.size() > 2 && now - samples_[1].time >= window) samples_.pop_front();
}

bool RateMeter::is_quiet(base::BootTime now) const {
  return samples_.empty() || now - samples_.back().time >= window;
}

std::uint64_t RateMeter::rate(base::BootTime now) const {
  if (samples_.size() < 2) return 0;
  const Sample& last = samples_.back();
  if (is_quiet(now)) return 0;
  const auto span = (now - last.time >= stalled ? now : last.time) - samples_.front().time;
  if (span < least) return 0;
  const auto bytes = static_cast<double>(last.total - samples_.front().total);
  return static_cast<std::uint64_t>(bytes / std::chrono::duration<double>(span).count());
}

}  // namespace backhaul::core
