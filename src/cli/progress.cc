// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <backhaul/codes.h>

#include <algorithm>

#include "cli/text.h"

namespace backhaul::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto window = 5s;
constexpr auto least_span = 300ms;
constexpr std::size_t least_bar = 10;
constexpr std::size_t most_bar = 40;

std::string bar(std::uint64_t done, std::uint64_t total, std::size_t columns) {
  const std::size_t inner = columns - 2;
  const double part = total == 0 ? 1 : static_cast<double>(done) / static_cast<double>(total);
  const auto filled = std::min(inner, static_cast<std::size_t>(part * static_cast<double>(inner)));
  std::string line(filled, '=');
  if (filled < inner) line += '>';
  return "[" + pad(line, inner) + "]";
}

std::string percent(std::uint64_t done, std::uint64_t total) {
  const auto part = total == 0 ? 100 : static_cast<int>(static_cast<double>(done) * 100 / static_cast<double>(total));
  return pad_left(std::to_string(std::min(part, 100)), 3) + " %";
}

std::string tail_of(const JobView& job, bool utf8) {
  const std::string why = printable(waiting_line(job), utf8);
  if (!why.empty()) return why;
  if (!is_moving(job.state)) return to_word(job.state);
  std::string text = job.rate ? format_rate(*job.rate) : "";
  if (const auto left = time_left(job)) text += "  " + format_duration(*left);
  return text;
}

}  // namespace

void RateMeter::add(Clock::time_point now, std::uint64_t bytes) {
  if (!samples_.empty() && bytes < samples_.back().second) samples_.clear();  // began again
  samples_.emplace_back(now, bytes);
  while (samples_.size() > 2 && now - samples_[1].first >= window) samples_.pop_front();
}

std::optional<double> RateMeter::rate() const {
  if (samples_.size() < 2) return std::nullopt;
  const auto span = samples_.back().first - samples_.front().first;
  if (span < least_span) return std::nullopt;
  const auto bytes = samples_.back().second - samples_.front().second;
  return static_cast<double>(bytes) / std::chrono::duration<double>(span).count();
}

bool is_moving(JobState state) {
  return state == JobState::connecting || state == JobState::transferring;
}

std::optional<std::chrono::milliseconds> next_look(const std::vector<JobView>& jobs) {
  const auto any = [&](const auto& test) { return std::any_of(jobs.begin(), jobs.end(), test); };
  if (any([](const JobView& job) { return is_moving(job.state); })) return 250ms;
  const auto says_more_soon = [](const JobView& job) {
    return is_known(job.waiting.until) || job.waiting.kind == "closing";
  };
  if (any(says_more_soon)) return 1s;
  return std::nullopt;
}

std::string end_line(const JobView& job, const Command& command, std::optional<std::chrono::duration<double>> took) {
  const std::uint64_t bytes = job.bytes_total == size_unknown ? job.bytes_done : job.bytes_total;
  const bool in_place = job.state == JobState::acknowledged;
  std::string line = short_id(job.id) + (in_place ? " done: " : " transferred: ");
  if (job.files_done < job.files_total) line += std::to_string(job.files_done) + " of ";
  line += count_of_files(job.files_total) + ", " + format_size(bytes);
  if (took)
    line += " in " + format_elapsed(*took) + " (" +
            format_rate(static_cast<double>(bytes) / shown_elapsed(*took).count()) + ")";
  if (const std::string way = way_to_complete(job, command); !way.empty()) line += "\n" + way;
  if (const std::string note = untold_note(job, command); !note.empty()) line += "\n" + note;
  return line;
}

JobView total_of(const std::vector<JobView>& jobs) {
  JobView sum = jobs.front();
  if (jobs.size() == 1) return sum;
  sum.bytes_total = sum.bytes_done = 0;
  sum.files_total = sum.files_done = 0;
  sum.rate.reset();
  bool sized = true;
  for (const JobView& job : jobs) {
    sized = sized && job.bytes_total != size_unknown;
    if (sized) sum.bytes_total += job.bytes_total;
    sum.bytes_done += job.bytes_done;
    sum.files_total += job.files_total;
    sum.files_done += job.files_done;
    if (job.rate) sum.rate = sum.rate.value_or(0) + *job.rate;
    if (is_moving(job.state) && !is_moving(sum.state)) {
      sum.state = job.state;
      sum.waiting = job.waiting;
    }
  }
  if (!sized) sum.bytes_total = size_unknown;
  return sum;
}

std::string render_bar(const std::string& name, const JobView& job, const BarStyle& style) {
  const bool sized = job.bytes_total != size_unknown;
  const std::string how_far = sized ? percent(job.bytes_done, job.bytes_total) : "";
  const std::string amount =
      sized ? format_size(job.bytes_done) + "/" + format_size(job.bytes_total) : format_size(job.bytes_done);
  const std::string tail = tail_of(job, style.utf8);
  const std::string label = printable(name, style.utf8);

  // From the line that says all to the one that still fits.
  const std::size_t fixed = how_far.size() + display_width(amount) + display_width(tail) + 6;
  if (fixed + 12 <= style.columns) {
    const std::size_t room = style.columns - fixed;
    const bool with_bar = sized && room >= least_bar + 14;
    const std::size_t bar_columns = with_bar ? std::min(most_bar, room - 14) : 0;
    const std::size_t label_columns =
        std::min<std::size_t>(room - (with_bar ? bar_columns + 2 : 0), std::max<std::size_t>(display_width(label), 12));
    std::string line = pad(fit_middle(label, label_columns, style.utf8), label_columns);
    if (!how_far.empty()) line += "  " + how_far;
    if (with_bar) line += " " + bar(job.bytes_done, job.bytes_total, bar_columns);
    line += "  " + amount;
    if (!tail.empty()) line += "  " + tail;
    return fit(line, style.columns, style.utf8);
  }
  std::string line = how_far.empty() ? amount : how_far;
  if (!tail.empty()) line += "  " + tail;
  return fit(line, style.columns, style.utf8);
}

std::string head_of_line(const std::string& clock, const JobView& job, bool utf8, bool owners) {
  const std::string whose = owners ? printable(job.owner, utf8) + "  " : "";
  return clock + " " + short_id(job.id) + " " + whose + printable(job.name, utf8) + "  ";
}

std::string state_line(const std::string& clock, const JobView& job, std::optional<JobState> before,
                       bool utf8, bool owners) {
  std::string line = head_of_line(clock, job, utf8, owners);
  if (before) line += std::string(to_word(*before)) + (utf8 ? " → " : " -> ");
  line += to_word(job.state);
  const bool failed = job.state == JobState::error || job.state == JobState::transient_error;
  if (failed && job.error.code != code::s_ok) {
    line += "  " + printable(told_error(job.error.code, job.error.text), utf8);
    if (job.error.file != no_file) line += " (file " + std::to_string(job.error.file) + ")";
  } else if (const std::string why = waiting_line(job); !why.empty()) {
    line += "  (" + printable(why, utf8) + ")";
  }
  return line;
}

std::string event_of(const JobView& before, const JobView& now) {
  if (before.state != now.state) return "state";
  if (before.files_done != now.files_done) return "file-done";
  if (before.bytes_done != now.bytes_done || before.bytes_total != now.bytes_total) return "progress";
  return job_fields(before) == job_fields(now) ? "" : "modified";
}

std::string event_line(Time now, const std::string& event, const JobView* before,
                       const JobView& job) {
  const auto fields = job_fields(job);
  const auto old = before == nullptr ? JobFields() : job_fields(*before);
  Json json;
  json.object().key("t").value(format_utc(now)).key("event").value(event).key("job").object();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const bool same = i < old.size() && old[i] == fields[i];
    if (!same || fields[i].first == "id") json.key(fields[i].first).literal(fields[i].second);
  }
  json.end_object().end_object();
  return json.text();
}

std::string end_event(Time now, const JobView& job, int exit) {
  Json json;
  json.object().key("t").value(format_utc(now)).key("event").value("end").key("exit").value(exit).key("job");
  write_job(json, job);
  return json.end_object().text();
}

}  // namespace backhaul::cli
