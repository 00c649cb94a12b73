// SPDX-License-Identifier: Apache-2.0
#include "core/needed.h"

#include <algorithm>
#include <chrono>
#include <string_view>

#include "core/average_rate.h"
#include "core/size_text.h"
#include "core/waiting.h"

namespace backhaul::core {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t assumed_rate = 125'000;        // 1 Mbit/s
constexpr std::uint64_t assumed_size = 100'000'000;
constexpr base::Microseconds margin = 30s;
constexpr base::Microseconds longest_takes = std::chrono::years(10);
constexpr base::Microseconds seldom = 1h;  // the clock may be set meanwhile
constexpr base::Microseconds often = 5s;

constexpr int high_from = 4;    // times what it takes
constexpr int beside_from = 2;
constexpr int back = 2;         // as much again

std::string time_text(base::Microseconds time) {
  return duration_text(std::chrono::ceil<std::chrono::seconds>(std::max(time, base::Microseconds{})));
}

std::string from_then_on(const Need& need, int times, std::string_view how) {
  const base::Microseconds until = need.time_left - times * takes(need);
  return ", " + std::string(how) + (until > base::Microseconds{} ? " in " + time_text(until) : " from now on");
}

base::Microseconds transfer_takes(const Need& need) {
  const auto left = static_cast<double>(need.left.value_or(assumed_size));
  const double seconds = left / static_cast<double>(need.rate.value_or(assumed_rate));
  const double most = std::chrono::duration<double>(longest_takes).count();
  return std::chrono::round<base::Microseconds>(std::chrono::duration<double>(std::min(seconds, most)));
}

}  // namespace

std::optional<Need> need_of(const Job& job, base::WallTime now, std::uint64_t rate) {
  if (job.rare->needed_by == base::WallTime{} || !base::is_action(job.state)) return std::nullopt;
  Need need{.time_left = job.rare->needed_by - now, .left = {}, .rate = {}, .urgency = job.rare->urgency};
  const FileCounters& files = job.files;
  if (files.size_unknown == 0) need.left = files.bytes_known - std::min(files.bytes_stored, files.bytes_known);
  if (rate > 0)
    need.rate = rate;
  else if (const auto average = average_rate(files.bytes_stored, time_moved(job)); average && files.bytes_stored > 0)
    need.rate = std::max<std::uint64_t>(*average, 1);
  return need;
}

base::Microseconds takes(const Need& need) { return margin + transfer_takes(need); }

Urgency urgency_of(const Need& need) {
  const base::Microseconds time = takes(need);
  const auto holds = [&](Urgency urgency, int from) {
    return need.time_left <= from * (need.urgency >= urgency ? back : 1) * time;
  };
  if (holds(Urgency::beside, beside_from)) return Urgency::beside;
  return holds(Urgency::high, high_from) ? Urgency::high : Urgency::gentle;
}

base::Microseconds next_look(const Need& need) {
  if (need.urgency == Urgency::beside) return seldom;
  const int from = need.urgency == Urgency::gentle ? high_from : beside_from;
  return std::clamp(need.time_left - from * takes(need), often, seldom);
}

std::string describe(const Need& need) {
  std::string text = need.time_left > base::Microseconds{}
                         ? "needed in " + time_text(need.time_left)
                         : "was needed " + time_text(-need.time_left) + " ago";
  text += need.left ? "; " : "; an assumed ";
  text += size_text(need.left.value_or(assumed_size)) + " are left";
  text += ", which takes " + time_text(transfer_takes(need)) + " at ";
  text += need.rate ? size_text(*need.rate) + "/s" : "an assumed " + size_text(assumed_rate) + "/s";
  text += ", and " + time_text(margin) + " to spare";
  switch (need.urgency) {
    case Urgency::gentle:
      text += ": served as its priority says";
      if (need.time_left > beside_from * takes(need)) text += from_then_on(need, high_from, "like one of high priority");
      text += from_then_on(need, beside_from, "beside the others");
      break;
    case Urgency::high:
      text += ": served like one of high priority" + from_then_on(need, beside_from, "beside the others");
      break;
    case Urgency::beside: text += ": served beside the others, like one in the foreground"; break;
  }
  return text;
}

base::Priority served_as(const Job& job) {
  switch (job.rare->urgency) {
    case Urgency::gentle: break;
    case Urgency::high: return std::min(job.priority, base::Priority::high);
    case Urgency::beside: return base::Priority::foreground;
  }
  return job.priority;
}

Standing standing_of(const Job& job) { return {job.priority, served_as(job)}; }

}  // namespace backhaul::core
