// SPDX-License-Identifier: Apache-2.0
// Verbs that do one thing to each of some jobs: start, suspend, cancel, complete, take.
#include <backhaul/codes.h>
#include <sys/stat.h>

#include "cli/hint.h"
#include "cli/patience.h"
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

// ": /d/.backhaul-….tmp", those of its temporary files that are there. The service remembers an ended job for a while.
std::string left_over(const Job& job) {
  std::string names;
  const auto files = job.files();
  if (!files) return names;
  for (const FileInfo& file : *files) {
    const std::string name = file.temporary_name();
    struct stat info {};
    if (!name.empty() && lstat(name.c_str(), &info) == 0) names += (names.empty() ? ": " : ", ") + printable(name, true);
  }
  return names;
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

// Whoever names the jobs knows which they are.
bool agreed_to_lose_all(const App& app, std::size_t count) {
  if (app.arguments().verb != Verb::cancel || !app.arguments().has(Opt::all) || count == 0) return true;
  const std::string what = count == 1 ? "the only job, and delete what of it"
                                      : "all " + std::to_string(count) + " jobs, and delete what of them";
  return app.agreed("backhaul: cancel " + what + " has arrived? [y/N] ");
}

std::string word_of(const Arguments& arguments) { return std::string(row(arguments.verb).name); }

// Nothing: somebody would rather not wait for the answer.
std::optional<Result<std::uint32_t>> ask(App& app, const Job& job) {
  Wakeups wakeups;
  return wait_for_answer(app, wakeups, word_of(app.arguments()), job,
                         [arguments = app.arguments()](Job& asked) { return act(arguments, asked); });
}

// What came of it beside its end. Temporary files that are left over are named, since nobody else looks for them.
void tell(App& app, const Job& job, std::uint32_t status, const Dropped& dropped) {
  const std::string of_job = "backhaul: job " + job.id() + ": ";
  if (dropped.count() > 0)
    app.remark(of_job + count_of_files(dropped.kept) + " put in place, " + count_of_files(dropped.count()) +
               " dropped: " + dropped.names());
  if (app.arguments().verb == Verb::complete)
    if (const auto files = job.files())
      for (const std::string& line : replaced_lines(views_of(*files))) app.remark(of_job + line);
  if (status == code::bg_s_unable_to_delete_files)
    app.remark(of_job + "it has ended, but temporary files could not be deleted and are left over" +
               left_over(job) + where_it_is_logged(app.log()));
  else if (status != code::s_ok && (status != code::bg_s_partial_complete || dropped.count() == 0))
    app.remark(of_job + code_text(status));
}

// One job; what its owner thought better of, and what nobody waited for, has an outcome as well.
Exit perform(App& app, Job& job, Json& json) {
  const Arguments& arguments = app.arguments();
  const Dropped dropped = arguments.verb == Verb::complete ? dropped_by_complete(job) : Dropped();
  if (!agreed(app, job, dropped)) {
    app.remark("backhaul: job " + job.id() + " is left as it is");
    return Exit::failed;
  }
  const auto result = ask(app, job);
  if (!result) return Exit::interrupted;
  json.object().key("id").value(job.id()).key("code").value(code_symbol(result->code()));
  json.key("ok").value(result->has_value()).end_object();
  if (!*result)
    return app.fail(word_of(arguments) + " " + job.id(), result->error(),
                    hint_for_call(result->error().code, app.log(), app.command(), job.id()));
  tell(app, job, **result, dropped);
  return Exit::done;
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
                       {.until = {}, .deadline = {}, .form = form, .outcomes = {}, .before_end = [&] { foreground.end(); }});
}

}  // namespace

// A job that cannot be had, or that refuses, keeps none of the others from theirs.
Exit run_control(App& app) {
  const Arguments& arguments = app.arguments();
  const bool waits = arguments.has(Opt::wait);
  const Form form = form_of(arguments.find(Opt::progress), app.quiet(), app.err().tty, Form::line);
  std::vector<Exit> outcomes;
  auto jobs = app.jobs(outcomes);
  if (!jobs) return jobs.error();
  if (jobs->empty() && !outcomes.empty()) return combine(outcomes);
  if (!agreed_to_lose_all(app, jobs->size())) {
    app.remark(jobs->size() == 1 ? "backhaul: the job is left as it is" : "backhaul: the jobs are left as they are");
    return Exit::failed;
  }
  std::optional<Foreground> foreground;
  if (waits) foreground.emplace(*jobs);
  Json json;
  json.array();
  std::vector<Job> done;
  for (Job& job : *jobs) {
    outcomes.push_back(perform(app, job, json));
    if (outcomes.back() == Exit::interrupted) break;
    if (outcomes.back() == Exit::done) done.push_back(job);
  }
  if (app.json()) app.print(json.end_array().text() + "\n");
  if (jobs->empty()) app.remark("backhaul: no jobs");
  if (!outcomes.empty() && outcomes.back() == Exit::interrupted) return Exit::interrupted;
  if (!waits || done.empty()) return combine(outcomes);
  std::erase(outcomes, Exit::done);
  outcomes.push_back(wait_for_started(app, done, form, *foreground));
  return combine(outcomes);
}

}  // namespace backhaul::cli
