// SPDX-License-Identifier: Apache-2.0
#include "cli/display.h"

#include <cstdio>
#include <string_view>
#include <utility>

#include "cli/app.h"
#include "cli/text.h"

namespace backhaul::cli {

Form form_of(const std::string* option, bool quiet, bool terminal, Form pipe) {
  const std::string_view word = option == nullptr ? "auto" : std::string_view(*option);
  if (word == "bar") return Form::bar;
  if (word == "line") return Form::line;
  if (word == "json") return Form::json;
  if (word == "none" || quiet) return Form::none;
  return terminal ? Form::bar : pipe;
}

std::optional<std::chrono::milliseconds> Display::pause(const std::vector<JobView>& jobs) const {
  if (form_ == Form::bar) return next_look(jobs);
  if (form_ == Form::line) return std::chrono::seconds(3);
  return std::nullopt;
}

void Display::resized() { terminal_.columns = columns_of(2); }

void Display::show(const std::string& label, std::vector<JobView> jobs) {
  if (form_ == Form::none) return;
  for (JobView& job : jobs) {
    RateMeter& meter = meters_[job.id];
    if (is_moving(job.state)) meter.add(RateMeter::Clock::now(), job.bytes_done);
    else meter.reset();
    // Our own look is the quicker one; the service knows more when we have just begun to look.
    if (!is_moving(job.state)) job.rate.reset();
    else if (const auto rate = meter.rate()) job.rate = rate;
  }
  if (form_ == Form::bar) draw(label, jobs);
  for (JobView& job : jobs) {
    const auto before = last_.find(job.id);
    const JobView* const known = before == last_.end() ? nullptr : &before->second;
    if (form_ == Form::line) line(job, known);
    if (form_ == Form::json) event(job, known);
    last_.insert_or_assign(job.id, std::move(job));
  }
}

void Display::clear() {
  if (drawn_) std::fputs(terminal_.colour ? "\r\x1b[K" : "\r", stderr);
  if (drawn_ && !terminal_.colour) std::fputs((std::string(width_, ' ') + "\r").c_str(), stderr);
  drawn_ = false;
}

void Display::end(const JobView& job, Exit exit) {
  clear();
  if (form_ == Form::json) std::fputs((end_event(now(), job, static_cast<int>(exit)) + "\n").c_str(), stderr);
}

void Display::draw(const std::string& label, const std::vector<JobView>& jobs) {
  if (jobs.empty()) return;
  const std::size_t columns = terminal_.columns > 1 ? terminal_.columns - 1 : 1;
  const std::string text = render_bar(label, total_of(jobs), {columns, terminal_.utf8});
  clear();
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
  width_ = display_width(text);
  drawn_ = true;
}

// A line for every change of the state, and for a new reason to wait.
void Display::line(const JobView& job, const JobView* known) {
  if (known != nullptr && known->state == job.state && known->waiting.kind == job.waiting.kind) return;
  const auto before = known != nullptr ? std::optional(known->state) : std::nullopt;
  std::fputs((state_line(format_clock(now()), job, before == job.state ? std::nullopt : before,
                         terminal_.utf8) + "\n").c_str(), stderr);
}

void Display::event(const JobView& job, const JobView* known) {
  const std::string what = known != nullptr ? event_of(*known, job) : "added";
  if (what.empty()) return;
  std::fputs((event_line(now(), what, known, job) + "\n").c_str(), stderr);
}

}  // namespace backhaul::cli
