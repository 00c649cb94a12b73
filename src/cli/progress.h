// SPDX-License-Identifier: Apache-2.0
// How fast and how far, and how a line shows it. Pure: time and bytes are handed in.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/view.h"

namespace backhaul::cli {

// Bytes per second over the last few seconds: quick to follow, yet without jumping.
class RateMeter {
 public:
  using Clock = std::chrono::steady_clock;
  void add(Clock::time_point now, std::uint64_t bytes);
  // Nothing until there are two samples some time apart.
  std::optional<double> rate() const;
  void reset() { samples_.clear(); }  // after a pause: what was before says nothing

 private:
  std::deque<std::pair<Clock::time_point, std::uint64_t>> samples_;
};

struct BarStyle {
  std::size_t columns = 80;
  bool utf8 = true;
};

// One line, at most `columns` wide, without a newline:
//   name        45 % [=========>          ]  38.5M/100.0M  793K/s  1:19
// Narrow terminals lose the bar first, then the amounts, then the name. A job that does not move
// shows what it is waiting for instead of rate and time.
std::string render_bar(const std::string& name, const JobView& job, const BarStyle& style);

// Several jobs as one, for one bar: what they have and need together. It moves while one of them
// does. `jobs` is not empty.
JobView total_of(const std::vector<JobView>& jobs);

// A job is moving when the service says so by its state.
bool is_moving(JobState state);
// How soon jobs look different although nothing is told of them: bytes arrive, a wait gets shorter.
// Nothing: not before something is told.
std::optional<std::chrono::milliseconds> next_look(const std::vector<JobView>& jobs);
// The last line of a job that has come to its end: "8c1b7e52 done: 1 file, 68.4K in 0.8 s (85.5K/s)". `took`:
// how long all of its bytes took, where somebody looked on.
std::string end_line(const JobView& job, const Command& command, std::optional<std::chrono::duration<double>> took);

// How a line about a job begins: "13:20:11 8c1b7e52 nightly  ", with `owners` "13:20:11 8c1b7e52 ana  nightly  ".
std::string head_of_line(const std::string& clock, const JobView& job, bool utf8, bool owners);
// "13:20:11 8c1b7e52 nightly  queued → transferring"; an error state says what happened.
std::string state_line(const std::string& clock, const JobView& job, std::optional<JobState> before,
                       bool utf8, bool owners = false);

// What happened between two looks at a job, in one word of the event stream; empty: nothing.
std::string event_of(const JobView& before, const JobView& now);
// A line of the event stream: {"t":…,"event":…,"job":{changed fields}}. `before` null: all fields.
std::string event_line(Time now, const std::string& event, const JobView* before,
                       const JobView& job);
// The last one about a job: {"t":…,"event":"end","exit":…,"job":{all fields}}.
std::string end_event(Time now, const JobView& job, int exit);

}  // namespace backhaul::cli
