// SPDX-License-Identifier: Apache-2.0
// wait: blocks until every named job has come to an end, or to the state asked for.
#include <backhaul/codes.h>

#include <algorithm>
#include <map>

#include "cli/hint.h"
#include "cli/text.h"
#include "cli/waiter.h"

namespace backhaul::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto redraw_pause = 250ms;  // how often bytes are read while a bar is shown

// By itself, that is: nobody has to do anything.
bool goes_on(JobState state) {
  return is_moving(state) || state == JobState::queued || state == JobState::transient_error;
}

class Waiter {
 public:
  Waiter(App& app, const std::vector<NamedJob>& jobs, const WaitFor& what)
      : app_(app), what_(what), display_(app.err(), what.form) {
    for (const NamedJob& named : jobs) {
      order_.push_back(named.job.id());
      if (named.end) ended(named);
      else open_.emplace(named.job.id(), Open{named.job, {}});
    }
  }

  Exit run(Inbox& inbox) {
    look_at_all();
    while (!open_.empty()) {
      show();
      const bool ticking = display_.redraws() && moves();
      const auto tick = Inbox::Clock::now() + redraw_pause;
      const bool soon = ticking && (!what_.deadline || tick < *what_.deadline);
      const Wake wake = inbox.wait(soon ? std::optional(tick) : what_.deadline);
      switch (wake.kind) {
        case Wake::Kind::timeout:
          if (!soon) return report(Exit::timed_out);
          look_at_all();
          break;
        case Wake::Kind::interrupt: return report(Exit::interrupted);
        case Wake::Kind::resize: display_.resized(); break;
        case Wake::Kind::gap: look_at_all(); break;
        case Wake::Kind::changed:
        case Wake::Kind::removed:
          if (const auto found = open_.find(wake.job.id()); found != open_.end()) look(found);
          break;
        default: break;
      }
    }
    display_.clear();
    std::vector<Exit> outcomes;
    for (const std::string& id : order_) outcomes.push_back(outcomes_.at(id));
    return combine(outcomes);
  }

 private:
  struct Open {
    Job job;
    JobView view;
  };
  using OpenJobs = std::map<std::string, Open>;

  bool moves() const {
    return std::any_of(open_.begin(), open_.end(),
                       [](const auto& entry) { return is_moving(entry.second.view.state); });
  }

  void show() {
    if (!display_.shows()) return;
    std::vector<JobView> views;
    for (const auto& [id, open] : open_)
      if (!open.view.id.empty()) views.push_back(open.view);
    const std::string label = views.size() == 1 ? views.front().name : std::to_string(views.size()) + " jobs";
    display_.show(label, std::move(views));
  }

  // Its end is known from the log: there is nothing to wait for.
  void ended(const NamedJob& named) {
    JobView view;
    view.id = named.job.id();
    view.state = *named.end;
    outcomes_.emplace(view.id, *wait_outcome(view, what_.until));
    if (named.end == JobState::cancelled) tell(view);
  }

  void look_at_all() {
    for (auto at = open_.begin(); at != open_.end();) at = look(at);
  }

  OpenJobs::iterator look(OpenJobs::iterator at) {
    auto info = at->second.job.info();
    std::optional<Exit> end;
    if (!info) {
      // A service that restarts is no end: its return is told, and then we look again.
      if (info.code() == code::rpc_e_disconnected) return std::next(at);
      end = lost(at->second.job, info.error());
    } else {
      at->second.view = make_view(*info);
      end = wait_outcome(at->second.view, what_.until);
      if (end && *end != Exit::done) tell(at->second.view);
    }
    if (!end) return std::next(at);
    outcomes_.emplace(at->first, *end);
    return open_.erase(at);
  }

  // It left while the service was away, which then remembers no more than its end.
  Exit lost(const Job& job, const Error& error) {
    display_.clear();
    if (error.code != code::bg_e_not_found) return app_.fail("job " + job.id(), error);
    auto named = app_.resolve({job.id()});
    if (!named) return named.error();
    JobView view;
    view.id = job.id();
    view.state = named->front().end.value_or(JobState::cancelled);
    if (view.state == JobState::cancelled) tell(view);
    return *wait_outcome(view, what_.until);
  }

  void tell(const JobView& job) {
    display_.clear();
    const bool cancelled = job.state == JobState::cancelled;
    std::string line = "backhaul: job " + job.id +
                       (cancelled ? " was cancelled"
                                  : job.state == JobState::error ? " failed" : std::string(" is ") + to_word(job.state));
    if (job.error.code != code::s_ok)
      line += ": " + (job.error.text.empty() ? code_text(job.error.code) : job.error.text) + " (" +
              name_of_code(job.error.code) + ")";
    else if (job.state == JobState::transferred)
      line += ", but its files could not be put in place (" + waiting_line(job) +
              "); try again with: backhaul complete " + short_id(job.id);
    app_.remark(line);
    if (job.state == JobState::error) app_.remark(ways_to_end(job));
  }

  Exit report(Exit exit) {
    display_.clear();
    for (const auto& [id, open] : open_) {
      auto info = open.job.info();
      if (!info) continue;
      const JobView view = make_view(*info);
      const std::string why = waiting_line(view);
      app_.remark("backhaul: job " + id + " is " + to_word(view.state) + (why.empty() ? "" : ": " + why) +
                  (goes_on(view.state) ? "; it goes on without this command" : ""));
    }
    return exit;
  }

  App& app_;
  const WaitFor what_;
  Display display_;
  std::vector<std::string> order_;
  OpenJobs open_;
  std::map<std::string, Exit> outcomes_;
};

}  // namespace

std::optional<Exit> wait_outcome(const JobView& job, std::optional<JobState> until) {
  const JobState state = job.state;
  if (until) {
    if (state == *until) return Exit::done;
    // A job that was acknowledged had been transferred.
    if (state == JobState::acknowledged)
      return *until == JobState::transferred ? Exit::done : Exit::failed;
    if (state == JobState::cancelled) return Exit::job_cancelled;
    if (state == JobState::error) return Exit::job_error;
    return std::nullopt;
  }
  // One that completes itself has ended when its files are in place. If that failed it waits for its
  // owner like any other, and says in an argument what keeps the files from their places.
  if (state == JobState::transferred) {
    if (job.waiting.kind != "owner-complete" && job.auto_complete) return std::nullopt;
    return job.auto_complete || !job.waiting.arguments.empty() ? Exit::failed : Exit::done;
  }
  const bool end = is_final(state) || state == JobState::error;
  return end ? std::optional(exit_for_state(state)) : std::nullopt;
}

Exit wait_for_jobs(App& app, const std::vector<NamedJob>& jobs, const WaitFor& what) {
  auto client = app.client();
  if (!client) return client.error();
  Inbox inbox(what.before_end);
  if (const auto listening = inbox.listen(*client); !listening)
    return app.fail("the service cannot be reached", listening.error());
  return Waiter(app, jobs, what).run(inbox);
}

Exit run_wait(App& app) {
  const Arguments& arguments = app.arguments();
  WaitFor what;
  if (const std::string* text = arguments.find(Opt::timeout)) {
    const auto time = parse_duration(*text);
    if (!time) return app.misuse("\"" + *text + "\" is not a time like 90, 5m or 1h30m (--timeout)");
    what.deadline = Inbox::Clock::now() + *time;
  }
  if (const std::string* word = arguments.find(Opt::until)) {
    JobState state{};
    if (!from_word(*word, state)) return app.misuse("\"" + *word + "\" is no state of a job (--until); there are: " +
                                             std::string(row(Opt::state).words) + " acknowledged cancelled");
    what.until = state;
  }
  const auto form = form_of(arguments.find(Opt::progress), app.quiet(), app.err().tty, Form::none);
  if (!form) return app.misuse(form.error());
  what.form = *form;
  auto jobs = app.named();
  if (!jobs) return jobs.error();
  return wait_for_jobs(app, *jobs, what);
}

}  // namespace backhaul::cli
