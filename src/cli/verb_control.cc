// SPDX-License-Identifier: Apache-2.0
// Verbs that do one thing to each of some jobs: start, suspend, cancel, complete, take.
#include <backhaul/codes.h>

#include "cli/hint.h"
#include "cli/text.h"
#include "cli/waiter.h"

namespace backhaul::cli {
namespace {

Result<std::uint32_t> act(const Arguments& arguments, Job& job) {
  const auto plain = [](Result<void> result) -> Result<std::uint32_t> {
    if (!result) return result.error();
    return code::s_ok;
  };
  switch (arguments.verb) {
    case Verb::start: return plain(arguments.has(Opt::anew) ? job.start_anew() : job.start());
    case Verb::suspend: return plain(job.suspend());
    case Verb::cancel: return job.cancel();
    case Verb::complete: return job.complete();
    default: return plain(job.take_ownership());
  }
}

// Complete keeps what has arrived and deletes the rest: whoever did not mean that hears it first. A
// script cannot be asked; it is told.
struct Dropped {
  std::uint32_t kept = 0;
  std::vector<std::string> files;
  std::size_t nameless = 0;  // more of them, of a queue that was damaged

  std::size_t count() const { return files.size() + nameless; }
  std::string names() const {
    std::string out;
    for (std::size_t i = 0; i < files.size() && i < 3; ++i) out += (i > 0 ? ", " : "") + printable(files[i], true);
    if (files.size() > 3) out += " and " + std::to_string(files.size() - 3) + " more";
    if (nameless > 0 && !out.empty()) out += "; ";
    if (nameless > 0) out += count_of_files(nameless) + " whose " + (nameless == 1 ? "name is" : "names are") + " lost";
    return out;
  }
};

Dropped dropped_by_complete(const Job& job) {
  Dropped dropped;
  const auto files = job.files();
  if (!files) return dropped;  // the call itself will say why
  for (const FileInfo& file : *files) {
    if (file.transferred()) ++dropped.kept;
    else if (file.local_name().empty()) ++dropped.nameless;
    else dropped.files.push_back(file.local_name());
  }
  return dropped;
}

bool agreed(const App& app, const Job& job, const Dropped& dropped) {
  if (dropped.count() == 0) return true;
  const std::string job_text = "backhaul: job " + short_id(job.id());
  const std::string lost = count_of_files(dropped.count()) + " (" + dropped.names() + ")";
  const std::string question =
      dropped.kept == 0
          ? job_text + " has nothing to put in place. End it and drop " + lost + ", as cancel does? [y/N] "
          : job_text + " has not arrived whole. Put " + count_of_files(dropped.kept) + " in place and drop " +
                lost + "? [y/N] ";
  return app.agreed(question);
}

// What one job did; nothing when its owner thought better of it.
std::optional<Result<std::uint32_t>> perform(App& app, Job& job) {
  if (app.arguments().verb != Verb::complete) return act(app.arguments(), job);
  const Dropped dropped = dropped_by_complete(job);
  if (!agreed(app, job, dropped)) return std::nullopt;
  auto result = act(app.arguments(), job);
  if (result && dropped.count() > 0) {
    app.remark("backhaul: job " + job.id() + ": " + count_of_files(dropped.kept) + " put in place, " +
               count_of_files(dropped.count()) + " dropped: " + dropped.names());
    if (*result == code::bg_s_partial_complete) return code::s_ok;  // said already
  }
  return result;
}

// While somebody waits for them, jobs of the usual priority are in the foreground, as those of get are.
class Foreground {
 public:
  explicit Foreground(const std::vector<Job>& jobs) {
    for (Job job : jobs) {
      const auto info = job.info();
      if (info && info->priority() == Priority::normal && set(job, Priority::foreground))
        raised_.push_back(std::move(job));
    }
  }
  // One that has ended refuses, and needs nothing.
  ~Foreground() { end(); }
  void end() {
    for (Job& job : raised_) static_cast<void>(set(job, Priority::normal));
    raised_.clear();
  }
  Foreground(const Foreground&) = delete;
  Foreground& operator=(const Foreground&) = delete;

 private:
  static bool set(Job& job, Priority priority) {
    return job.set(JobSettings().priority(priority)).has_value();
  }
  std::vector<Job> raised_;
};

Exit wait_for_started(App& app, const std::vector<Job>& jobs, Form form, Foreground& foreground) {
  std::vector<NamedJob> named;
  for (const Job& job : jobs) named.push_back({job, {}, {}});
  return wait_for_jobs(app, named,
                       {.until = {}, .deadline = {}, .form = form, .before_end = [&] { foreground.end(); }});
}

}  // namespace

Exit run_control(App& app) {
  const Arguments& arguments = app.arguments();
  const bool waits = arguments.has(Opt::wait);
  const Form form = form_of(arguments.find(Opt::progress), app.quiet(), app.err().tty, Form::line);
  auto jobs = app.jobs();
  if (!jobs) return jobs.error();
  const Verb verb = arguments.verb;
  std::optional<Foreground> foreground;
  if (waits) foreground.emplace(*jobs);
  std::vector<Exit> outcomes;
  Json json;
  json.array();
  for (Job& job : *jobs) {
    const auto performed = perform(app, job);
    if (!performed) {
      outcomes.push_back(Exit::failed);
      app.remark("backhaul: job " + job.id() + " is left as it is");
      continue;
    }
    const Result<std::uint32_t>& result = *performed;
    json.object().key("id").value(job.id()).key("code").value(code_symbol(result.code()));
    json.key("ok").value(result.has_value()).end_object();
    if (!result) {
      outcomes.push_back(app.fail(std::string(row(verb).name) + " " + job.id(), result.error(),
                                  hint_for_call(result.error().code, log_place(), job.id())));
      continue;
    }
    outcomes.push_back(Exit::done);
    if (*result != code::s_ok) app.remark("backhaul: job " + job.id() + ": " + code_text(*result));
  }
  if (app.json()) app.print(json.end_array().text() + "\n");
  if (jobs->empty()) app.remark("backhaul: no jobs");
  const Exit exit = combine(outcomes);
  return exit == Exit::done && waits ? wait_for_started(app, *jobs, form, *foreground) : exit;
}

}  // namespace backhaul::cli
