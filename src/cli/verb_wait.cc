// SPDX-License-Identifier: Apache-2.0
// wait: blocks until every named job has come to an end, or to the state asked for.
#include <backhaul/codes.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "cli/hint.h"
#include "cli/text.h"
#include "cli/waiter.h"

namespace backhaul::cli {
namespace {

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

  Exit run(Wakeups& wakeups) {
    look_at_all();
    while (!open_.empty()) {
      show();
      const auto pause = display_.pause(views());
      const auto tick = Wakeups::Clock::now() + pause.value_or(std::chrono::milliseconds(0));
      const bool soon = pause && (!what_.deadline || tick < *what_.deadline);
      const Wake wake = wakeups.wait(soon ? std::optional(tick) : what_.deadline);
      switch (wake.kind) {
        case Wake::Kind::timeout:
          if (!soon) return with_words(report(Exit::timed_out));
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
    std::vector<Exit> outcomes = what_.outcomes;
    for (const std::string& id : order_) outcomes.push_back(outcomes_.at(id));
    return combine(outcomes);
  }

 private:
  // Words that named no job have failed beside it.
  Exit with_words(Exit exit) const {
    std::vector<Exit> outcomes = what_.outcomes;
    outcomes.push_back(exit);
    return combine(outcomes);
  }

  struct Open {
    Job job;
    JobView view;
    bool from_its_first_byte = false;  // somebody looks on
  };
  using OpenJobs = std::map<std::string, Open>;

  std::vector<JobView> views() const {
    std::vector<JobView> views;
    for (const auto& [id, open] : open_)
      if (!open.view.id.empty()) views.push_back(open.view);
    return views;
  }

  void show() {
    if (!display_.shows()) return;
    std::vector<JobView> jobs = views();
    const std::string label = jobs.size() == 1 ? jobs.front().name : std::to_string(jobs.size()) + " jobs";
    display_.show(label, std::move(jobs));
  }

  // Its end is known from the log: there is nothing to wait for. Who asked for another state is told.
  void ended(const NamedJob& named) {
    JobView view;
    view.id = named.job.id();
    view.state = *named.end;
    view.only_end_known = true;
    view.ended_partly = named.partly;
    const Exit exit = *wait_outcome(view, what_.until);
    outcomes_.emplace(view.id, exit);
    const bool as_asked = exit == Exit::done && (!what_.until || what_.until == view.state);
    if (!as_asked || display_.shows()) app_.remark("backhaul: " + App::how_it_ended(named));
    display_.end(view, exit);
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
      Open& open = at->second;
      const bool first = open.view.id.empty();
      open.view = make_view(*info);
      end = wait_outcome(open.view, what_.until);
      if (first) open.from_its_first_byte = !end && open.view.bytes_done == 0;
      if (first && !end && open.view.state == JobState::suspended) tell_who_is_waited_for(open.view);
      if (end) *end == Exit::done ? tell_done(open) : tell(open.view);
      if (end) display_.end(open.view, *end);
    }
    if (!end) return std::next(at);
    outcomes_.emplace(at->first, *end);
    return open_.erase(at);
  }

  // It left while the service was away, which then remembers no more than its end.
  Exit lost(const Job& job, const Error& error) {
    display_.clear();
    if (error.code != code::bg_e_not_found) return app_.fail("job " + job.id(), error);
    auto named = app_.find(job.id());
    if (!named) return named.error();
    JobView view;
    view.id = job.id();
    view.state = named->end.value_or(JobState::cancelled);
    view.only_end_known = true;
    view.ended_partly = named->partly;
    const Exit exit = *wait_outcome(view, what_.until);
    if (exit != Exit::done || display_.shows()) app_.remark("backhaul: " + App::how_it_ended(*named));
    display_.end(view, exit);
    return exit;
  }

  // Without a bar there would be no word of it, however long that takes.
  void tell_who_is_waited_for(const JobView& job) {
    display_.clear();
    app_.remark("backhaul: job " + job.id + " is suspended until somebody starts it: " +
                app_.command()("start " + short_id(job.id)));
  }

  // In a pipe wait says by its exit code that all is well.
  void tell_done(const Open& open) {
    display_.clear();
    if (!display_.shows()) return;
    const JobState state = open.view.state;
    const auto took = Wakeups::Clock::now() - began_;
    if (state == JobState::acknowledged || state == JobState::transferred)
      app_.remark(end_line(open.view, app_.command(), open.from_its_first_byte ? std::optional<Seconds>(took) : std::nullopt));
    else
      app_.remark("backhaul: job " + open.view.id + " is " + to_word(state));
  }

  void tell(const JobView& job) {
    display_.clear();
    std::string line = "backhaul: job " + job.id;
    switch (job.state) {
      case JobState::cancelled: line += " was cancelled"; break;
      case JobState::acknowledged: line += " was completed" + (job.ended_partly ? " " + kept_of(job) : ""); break;
      case JobState::error: line += " failed"; break;
      default: line += std::string(" is ") + to_word(job.state);
    }
    if (job.error.code != code::s_ok) line += ": " + told_error(job.error.code, job.error.text);
    else if (job.state == JobState::transferred)
      line += ", but its files could not be put in place (" + waiting_line(job) +
              "); try again with: " + app_.command()("complete " + short_id(job.id));
    app_.remark(line);
    if (job.state != JobState::error) return;
    if (const std::string help = hint_for_job(job, app_.command()); !help.empty()) app_.remark("hint: " + help);
    app_.remark(ways_to_end(job, app_.command()));
  }

  Exit report(Exit exit) {
    display_.clear();
    for (const auto& [id, open] : open_) {
      auto info = open.job.info();
      if (!info) continue;
      const JobView view = make_view(*info);
      const std::string why = waiting_line(view);
      const std::string state(to_word(view.state));
      const std::string how = why.starts_with(state) ? why : state + (why.empty() ? "" : ": " + why);
      app_.remark((exit == Exit::timed_out ? "backhaul: the time is over; job " : "backhaul: job ") + id + " is " + how +
                  (goes_on(view.state) ? "; it goes on without this command" : ""));
      display_.end(view, exit);
    }
    return exit;
  }

  using Seconds = std::chrono::duration<double>;

  App& app_;
  const WaitFor what_;
  const Wakeups::Clock::time_point began_ = Wakeups::Clock::now();
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
    // A job that was acknowledged had been transferred, unless its owner dropped what had not come.
    if (state == JobState::acknowledged)
      return *until == JobState::transferred && !job.ended_partly ? Exit::done : Exit::failed;
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
  // Whoever waited wanted the files.
  if (state == JobState::acknowledged && job.ended_partly) return Exit::failed;
  const bool end = is_final(state) || state == JobState::error;
  return end ? std::optional(exit_for_state(state)) : std::nullopt;
}

Exit wait_for_jobs(App& app, const std::vector<NamedJob>& jobs, const WaitFor& what) {
  auto client = app.client();
  if (!client) return client.error();
  Wakeups wakeups(what.before_end);
  if (const auto listening = wakeups.listen(*client); !listening)
    return app.fail("the service cannot be reached", listening.error());
  return Waiter(app, jobs, what).run(wakeups);
}

namespace {

// Of all jobs, whoever made them: none is left that goes on without anybody doing anything.
Exit wait_until_idle(App& app, const WaitFor& what) {
  if (!app.arguments().operands.empty() || app.arguments().has(Opt::all) || what.until)
    return app.misuse("--idle waits for the whole queue: it goes neither with jobs nor with --all or --until");
  auto client = app.client();
  if (!client) return client.error();
  Wakeups wakeups;
  if (const auto listening = wakeups.listen(*client); !listening)
    return app.fail("the service cannot be reached", listening.error());
  for (;;) {
    const auto idle = client->is_idle();
    if (!idle && idle.code() != code::rpc_e_disconnected) return app.fail("the wait for the queue", idle.error());
    if (idle && *idle) return Exit::done;
    const Wake wake = wakeups.wait(what.deadline);
    if (wake.kind == Wake::Kind::interrupt) return Exit::interrupted;
    if (wake.kind == Wake::Kind::timeout) break;
  }
  const auto list = client->list();
  const auto left = !list ? 0 : std::count_if(list->begin(), list->end(), [](const JobInfo& job) {
    return goes_on(job.state()) || job.waiting().kind == "closing";
  });
  if (left > 0) app.remark("backhaul: " + std::to_string(left) + (left == 1 ? " job goes" : " jobs go") + " on");
  return Exit::timed_out;
}

}  // namespace

Exit run_wait(App& app) {
  const Arguments& arguments = app.arguments();
  WaitFor what;
  if (const std::string* text = arguments.find(Opt::timeout)) {
    const auto time = parse_duration(*text);
    if (!time) return app.misuse("\"" + *text + "\" is not a time like 90, 5m or 1h30m (--timeout)");
    what.deadline = Wakeups::Clock::now() + *time;
  }
  JobState until{};
  if (const std::string* word = arguments.find(Opt::until); word != nullptr && from_word(*word, until))
    what.until = until;
  what.form = form_of(arguments.find(Opt::progress), app.quiet(), app.err().tty, Form::none);
  if (arguments.has(Opt::idle)) return wait_until_idle(app, what);
  auto jobs = app.named(what.outcomes);
  if (!jobs) return jobs.error();
  if (jobs->empty() && !what.outcomes.empty()) return combine(what.outcomes);
  return wait_for_jobs(app, *jobs, what);
}

}  // namespace backhaul::cli
