// SPDX-License-Identifier: Apache-2.0
// monitor: changes as they happen. On a terminal a table that redraws itself, else a line for every job that there is
// and for every change, or a JSON object with --json.
#include <backhaul/codes.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "cli/app.h"
#include "cli/wakeups.h"
#include "cli/progress.h"
#include "cli/text.h"

namespace backhaul::cli {
namespace {

using namespace std::chrono_literals;
constexpr auto redraw_pause = 250ms;  // between two pictures, however much happens
constexpr std::chrono::milliseconds least_again = 1s;  // what was not told is read once a second
constexpr auto reading_pause = 2s;  // where nobody tells what happens to jobs of others

class Monitor {
 public:
  // Without names of jobs: those of whoever asks, or everybody's.
  Monitor(App& app, Client client, const std::vector<Job>& jobs)
      : app_(app), client_(std::move(client)), everybody_(app.arguments().has(Opt::all_users)),
        // Of the jobs of others root alone is told, and nobody that a job of their own was taken over.
        reads_(client_.is_system() && geteuid() != 0),
        table_(app.out().tty && app.out().colour && !app.json() && !app.quiet()) {
    for (const Job& job : jobs) only_.insert(job.id());
  }

  // Missed events come first, a line each; the changes follow.
  Exit replay(std::uint64_t since) {
    auto events = client_.events(since);
    if (!events) return app_.fail("the events", events.error());
    for (const LoggedEvent& event : *events)
      if (wanted(event.job)) app_.print(render(event) + "\n");
    return Exit::done;
  }

  Exit run(Wakeups& wakeups) {
    const auto first = all();
    if (!first) return app_.fail("the list of jobs", first.error());
    begin(*first);
    for (;;) {
      if (const auto end = read_anew()) return *end;
      draw();
      if (std::fflush(stdout) != 0) return Exit::failed;  // before the wait: somebody reads it now
      const Wake wake = wakeups.wait(next_wake());
      switch (wake.kind) {
        case Wake::Kind::interrupt:
          if (table_) app_.print("\n");
          return Exit::done;
        case Wake::Kind::answer:  // nothing was asked
        case Wake::Kind::resize: dirty_ = true; break;
        case Wake::Kind::gap:
          // Without a service there is nothing to list; its return is another gap.
          if (const auto list = all()) {
            tell_gap();
            begin(*list);
          }
          break;
        case Wake::Kind::added:
        case Wake::Kind::changed: look(wake.job); break;
        case Wake::Kind::removed: remove(wake.job, "has left the queue"); break;
        case Wake::Kind::timeout: tick(); break;
      }
    }
  }

 private:
  std::string render(const LoggedEvent& event) const {
    const bool of_file = event.file != no_file;
    const bool failed = event.code != code::s_ok;
    if (!app_.json() && event.kind == 0)
      return format_clock(event.time, now()) + " " + short_id(event.job) + "  event " +
             std::to_string(event.sequence) + " ended, " + to_word(event.state);
    if (!app_.json())
      return format_clock(event.time, now()) + " " + short_id(event.job) + "  event " +
             std::to_string(event.sequence) + " " + event_word(event.kind) +
             (of_file ? ", file " + std::to_string(event.file) : "") +
             (failed ? ", " + name_of_code(event.code) : "");
    Json json;
    json.object().key("t").value(format_utc(event.time)).key("event").value("due");
    json.key("seq").value(event.sequence).key("id").value(event.job);
    json.key("what").value(event.kind == 0 ? to_word(event.state) : event_word(event.kind));
    json.key("file").literal(of_file ? std::to_string(event.file) : "null");
    json.key("code").literal(failed ? Json().value(format_code(event.code)).text() : "null");
    return json.end_object().text();
  }
  std::optional<Wakeups::Clock::time_point> next_draw() const {
    if (!table_) return std::nullopt;
    if (dirty_) return drawn_ + redraw_pause;
    return again_ ? std::optional(drawn_ + *again_) : std::nullopt;
  }
  std::optional<Wakeups::Clock::time_point> next_wake() const {
    const auto drawing = next_draw();
    if (!reads_) return drawing;
    return drawing ? std::min(*drawing, reading_) : reading_;
  }
  // Waits get shorter without anybody telling, and so does a rate that falls.
  void tick() {
    if (!table_ || dirty_) return;
    dirty_ = true;
    for (auto& [id, job] : jobs_) {
      if (!next_look({job})) continue;
      if (const auto info = client_.job(id).info()) job = make_view(*info);
    }
  }

  bool wanted(const std::string& id) const { return only_.empty() || only_.contains(id); }

  JobFilter filter() const {
    JobFilter filter;
    filter.all_users = everybody_;
    return filter;
  }

  // Ends where the jobs of others are not to be seen any more; of a service that is away a gap tells.
  std::optional<Exit> read_anew() {
    if (!reads_ || Wakeups::Clock::now() < reading_) return std::nullopt;
    const auto list = all();
    if (!list && list.code() != code::e_accessdenied) return std::nullopt;
    if (!list) {
      if (table_) app_.print("\n");
      return app_.fail("the list of jobs", list.error());
    }
    std::set<std::string> gone;
    for (const auto& [id, job] : jobs_) gone.insert(id);
    for (const JobInfo& info : *list) {
      gone.erase(info.id());
      if (wanted(info.id())) meet(info);
    }
    for (const std::string& id : gone) remove(client_.job(id), "is not listed any more");
    return std::nullopt;
  }

  Result<std::vector<JobInfo>> all() {
    reading_ = Wakeups::Clock::now() + reading_pause;
    return client_.list(filter());
  }

  // Everything anew: at the beginning, and after signals may have been missed.
  void begin(const std::vector<JobInfo>& list) {
    dirty_ = true;
    jobs_.clear();
    for (const JobInfo& info : list)
      if (wanted(info.id())) meet(info);
    if (list.empty() && only_.empty() && !table_ && !app_.json()) app_.print(format_clock(now()) + " no jobs\n");
  }

  void tell_gap() {
    if (table_) return;
    if (!app_.json()) return app_.print(format_clock(now()) + " the service was away; changes may have been missed\n");
    app_.print(Json().object().key("t").value(format_utc(now())).key("event").value("gap").end_object().text() + "\n");
  }

  void look(const Job& handle) {
    if (!wanted(handle.id())) return;
    if (const auto info = handle.info()) meet(*info);  // else it is gone already; its removal is told
  }

  void meet(const JobInfo& info) {
    JobView job = make_view(info);
    const auto found = jobs_.find(job.id);
    if (only_.empty() && !everybody_ && info.owner() != geteuid()) {  // root is told of it, and has not asked
      if (found != jobs_.end()) leave(found, job, "belongs to " + job.owner + " now");
      return;
    }
    if (found == jobs_.end()) {
      tell("added", nullptr, job);
      jobs_.emplace(job.id, std::move(job));
      return;
    }
    const std::string event = event_of(found->second, job);
    if (!event.empty()) tell(event, &found->second, job);
    found->second = std::move(job);
  }

  // `told`: what a line says of one that did not end.
  void remove(const Job& handle, const std::string& told) {
    if (!jobs_.contains(handle.id())) return;
    look(handle);  // how it ended
    const auto found = jobs_.find(handle.id());
    if (found == jobs_.end()) return;
    leave(found, found->second, is_final(found->second.state) ? "" : told);
  }

  void leave(std::map<std::string, JobView>::iterator row, const JobView& last, const std::string& told) {
    tell("removed", &row->second, last);
    if (!table_ && !app_.json() && !told.empty()) app_.print(head(last) + printable(told, app_.out().utf8) + "\n");
    jobs_.erase(row);
  }

  std::string head(const JobView& job) const {
    return head_of_line(format_clock(now()), job, app_.out().utf8, everybody_);
  }

  void tell(const std::string& event, const JobView* before, const JobView& job) {
    dirty_ = true;
    if (table_) return;
    if (app_.json()) {
      app_.print(event_line(now(), event, before, job) + "\n");
      return;
    }
    const std::string clock = format_clock(now());
    if (event == "added") app_.print(state_line(clock, job, std::nullopt, app_.out().utf8, everybody_) + "\n");
    if (event == "state") app_.print(state_line(clock, job, before->state, app_.out().utf8, everybody_) + "\n");
    if (event == "file-done")
      app_.print(head(job) + "file " + std::to_string(job.files_done) + "/" +
                 std::to_string(job.files_total) + " done\n");
  }

  void draw() {
    if (!table_ || !dirty_) return;
    const auto time = Wakeups::Clock::now();
    if (time - drawn_ < redraw_pause) return;
    std::vector<JobView> jobs;
    for (const auto& [id, job] : jobs_) jobs.push_back(job);
    TableStyle style = app_.style();
    style.columns = columns_of(1);
    app_.print("\x1b[H\x1b[J" + render_monitor(jobs, style, lines_of(1), now()));
    again_ = next_look(jobs);
    if (again_) again_ = std::max(*again_, least_again);
    drawn_ = time;
    dirty_ = false;
  }

  App& app_;
  const Client client_;
  const bool everybody_;
  const bool reads_;
  const bool table_;
  std::set<std::string> only_;
  std::map<std::string, JobView> jobs_;
  bool dirty_ = false;
  std::optional<std::chrono::milliseconds> again_;
  Wakeups::Clock::time_point drawn_{}, reading_{};
};

}  // namespace

Exit run_monitor(App& app) {
  std::optional<std::uint64_t> since;
  if (const std::string* text = app.arguments().find(Opt::since)) {
    since = whole_number<std::uint64_t>(*text);
    if (!since) return app.misuse("\"" + *text + "\" is not the number of an event (--since)");
  }
  auto first = app.client();
  if (!first) return first.error();
  std::vector<Job> jobs;
  if (!app.arguments().operands.empty()) {
    std::vector<Exit> outcomes;
    auto named = app.jobs(outcomes);
    if (!named) return named.error();
    if (!outcomes.empty()) return combine(outcomes);
    jobs = *std::move(named);
  }
  if (app.arguments().has(Opt::all_users)) {  // may be asked for a password; who looks on is not, every two seconds
    JobFilter everybody;
    everybody.all_users = true;
    if (const auto list = first->list(everybody); !list) return app.fail("the list of jobs", list.error());
  }
  // The service ends when it has nothing to do: a display must not start it again and again.
  auto client = app.observer();
  if (!client) return client.error();
  Wakeups wakeups;
  if (const auto listening = wakeups.listen(*client); !listening)
    return app.fail("the service cannot be reached", listening.error());
  Monitor monitor(app, *client, jobs);
  if (since)
    if (const Exit exit = monitor.replay(*since); exit != Exit::done) return exit;
  return monitor.run(wakeups);
}

}  // namespace backhaul::cli
