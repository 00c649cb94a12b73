// SPDX-License-Identifier: Apache-2.0
// wait: blocks until every named job has come to an end, or to the state asked for.
#include <backhaul/codes.h>

#include <map>

#include "cli/app.h"
#include "cli/inbox.h"
#include "cli/text.h"

namespace backhaul::cli {
namespace {

// Is the wait for a job over, and with which outcome? `until` unset: any end will do.
std::optional<Exit> outcome(JobState state, std::optional<JobState> until) {
  if (until) {
    if (state == *until) return Exit::done;
    // A job that was acknowledged had been transferred.
    if (state == JobState::acknowledged)
      return *until == JobState::transferred ? Exit::done : Exit::failed;
    if (state == JobState::cancelled) return Exit::job_cancelled;
    if (state == JobState::error) return Exit::job_error;
    return std::nullopt;
  }
  const bool end = is_final(state) || state == JobState::transferred || state == JobState::error;
  return end ? std::optional(exit_for_state(state)) : std::nullopt;
}

class Waiter {
 public:
  Waiter(App& app, std::vector<Job> jobs, std::optional<JobState> until)
      : app_(app), until_(until) {
    for (Job& job : jobs) {
      order_.push_back(job.id());
      open_.emplace(job.id(), std::move(job));
    }
  }

  Exit run(Inbox& inbox, std::optional<Inbox::Clock::time_point> deadline) {
    look_at_all();
    while (!open_.empty()) {
      const Wake wake = inbox.wait(deadline);
      switch (wake.kind) {
        case Wake::Kind::timeout: return report(Exit::timed_out);
        case Wake::Kind::interrupt: return report(Exit::interrupted);
        case Wake::Kind::gap: look_at_all(); break;
        case Wake::Kind::changed:
        case Wake::Kind::removed:
          if (const auto found = open_.find(wake.job.id()); found != open_.end()) look(found);
          break;
        default: break;
      }
    }
    std::vector<Exit> outcomes;
    for (const std::string& id : order_) outcomes.push_back(outcomes_.at(id));
    return combine(outcomes);
  }

 private:
  using Open = std::map<std::string, Job>;

  void look_at_all() {
    for (auto at = open_.begin(); at != open_.end();) at = look(at);
  }

  Open::iterator look(Open::iterator at) {
    auto info = at->second.info();
    std::optional<Exit> end;
    if (!info) {
      // A service that restarts is no end: its return is told, and then we look again.
      if (info.code() != code::rpc_e_disconnected)
        end = app_.fail("job " + at->first, info.error());
    } else {
      end = outcome(info->state(), until_);
      if (end == Exit::job_error || end == Exit::job_cancelled) tell(make_view(*info));
    }
    if (!end) return std::next(at);
    outcomes_.emplace(at->first, *end);
    return open_.erase(at);
  }

  void tell(const JobView& job) {
    std::string line = "backhaul: job " + job.id + " is " + to_word(job.state);
    if (job.error.code != code::s_ok)
      line += ": " + (job.error.text.empty() ? code_text(job.error.code) : job.error.text) + " (" +
              name_of_code(job.error.code) + ")";
    app_.remark(printable(line, app_.err().utf8));
  }

  Exit report(Exit exit) {
    for (const auto& [id, job] : open_) {
      auto info = job.info();
      if (!info) continue;
      const JobView view = make_view(*info);
      const std::string why = waiting_line(view);
      app_.remark("backhaul: job " + id + " is " + to_word(view.state) +
                  (why.empty() ? "" : ": " + printable(why, app_.err().utf8)));
    }
    return exit;
  }

  App& app_;
  const std::optional<JobState> until_;
  std::vector<std::string> order_;
  Open open_;
  std::map<std::string, Exit> outcomes_;
};

}  // namespace

Exit run_wait(App& app) {
  const Arguments& arguments = app.arguments();
  std::optional<Inbox::Clock::time_point> deadline;
  if (const std::string* text = arguments.find(Opt::timeout)) {
    const auto time = parse_duration(*text);
    if (!time) return app.misuse("\"" + *text + "\" is not a time like 90, 5m or 1h30m");
    deadline = Inbox::Clock::now() + *time;
  }
  std::optional<JobState> until;
  if (const std::string* word = arguments.find(Opt::until)) {
    JobState state{};
    if (!from_word(*word, state)) return app.misuse("\"" + *word + "\" is no state of a job");
    until = state;
  }
  auto jobs = app.jobs();
  if (!jobs) return jobs.error();
  auto client = app.client();
  if (!client) return client.error();
  Inbox inbox;
  if (const auto listening = inbox.listen(*client); !listening)
    return app.fail("the service cannot be reached", listening.error());
  return Waiter(app, *std::move(jobs), until).run(inbox, deadline);
}

}  // namespace backhaul::cli
