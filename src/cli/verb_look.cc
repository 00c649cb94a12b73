// SPDX-License-Identifier: Apache-2.0
// Verbs that only look: list, show, status, stats, explain, files, complete-jobs.
#include <algorithm>
#include <optional>

#include "cli/app.h"
#include "cli/selector.h"
#include "cli/stats.h"
#include "cli/text.h"

namespace backhaul::cli {
namespace {

JobFilter filter_of(const Arguments& arguments) {
  JobFilter filter;
  filter.all_users = arguments.has(Opt::all_users);
  for (const std::string& list : arguments.all(Opt::state)) {
    for (const std::string& word : split_list(list)) {
      JobState state{};
      if (from_word(word, state)) filter.states.push_back(state);
    }
  }
  return filter;
}

bool wanted(const std::vector<std::string>& patterns, const JobInfo& job) {
  return patterns.empty() ||
         std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
           return matches_glob(pattern.starts_with("name:") ? pattern.substr(5) : pattern, job.name());
         });
}

// Best effort: without it the list lacks what the classes start, nothing else.
ClassPrograms class_programs(const Client& client) {
  ClassPrograms programs;
  const auto classes = client.list_classes();
  if (!classes) return programs;
  for (const ClassInfo& one : *classes) {
    std::string& line = programs[one.name];
    for (const std::string& word : one.exec) line += (line.empty() ? "" : " ") + word;
  }
  return programs;
}

Exit print_notify_list(App& app, const Client& client, const std::vector<JobView>& jobs) {
  const ClassPrograms classes = class_programs(client);
  if (!app.json()) {
    app.print(render_notify_list(jobs, classes, app.style(), now()));
    return Exit::done;
  }
  Json json;
  json.array();
  for (const JobView& job : jobs) write_notify(json, job, classes);
  app.print(json.end_array().text() + "\n");
  return Exit::done;
}

}  // namespace

namespace {

std::vector<JobView> wanted_of(App& app, const std::vector<JobInfo>& list) {
  std::vector<JobView> jobs;
  for (const JobInfo& info : list)
    if (wanted(app.arguments().operands, info)) jobs.push_back(make_view(info));
  return jobs;
}

// Who asked for some and gets none may have others.
std::string list_text(const App& app, const std::vector<JobView>& jobs) {
  const bool some = !app.arguments().operands.empty() || app.arguments().has(Opt::state);
  return jobs.empty() && some ? "no such jobs\n" : render_list(jobs, app.style(), now());
}

// One after the other. One that cannot be reached has nothing to list, and says why; it fails if both do.
Exit list_all_instances(App& app) {
  if (app.arguments().has(Opt::notify)) return app.misuse("--notify goes with one service, not with --all-instances");
  Json json;
  json.object();
  std::string text;
  std::optional<Exit> failed;
  bool listed = false;
  for (const bool system : {false, true}) {
    const auto client = app.instance(system);
    const auto list = client ? client->list(filter_of(app.arguments())) : Result<std::vector<JobInfo>>(client.error());
    json.key(system ? "system" : "user");
    text += system ? "\nThe machine's service:\n" : "The service of this user:\n";
    if (!list) {
      failed = exit_for_code(list.code());
      json.null();
      text += printable("(" + list.error().message + ")", app.out().utf8) + "\n";
      continue;
    }
    listed = true;
    const std::vector<JobView> jobs = wanted_of(app, *list);
    json.array();
    for (const JobView& job : jobs) write_job(json, job);
    json.end_array();
    text += list_text(app, jobs);
  }
  app.print(app.json() ? json.end_object().text() + "\n" : text);
  return listed ? Exit::done : *failed;
}

}  // namespace

Exit run_list(App& app) {
  if (app.arguments().has(Opt::all_instances)) return list_all_instances(app);
  auto client = app.client();
  if (!client) return client.error();
  auto list = client->list(filter_of(app.arguments()));
  if (!list) return app.fail("the list of jobs", list.error());
  const std::vector<JobView> jobs = wanted_of(app, *list);
  if (app.arguments().has(Opt::notify)) return print_notify_list(app, *client, jobs);
  if (app.json()) {
    Json json;
    json.array();
    for (const JobView& job : jobs) write_job(json, job);
    app.print(json.end_array().text() + "\n");
  } else {
    app.print(list_text(app, jobs));
  }
  return Exit::done;
}

namespace {

// The lines of a server stand between those of ours: what a terminal would obey is not among them.
Exit show_headers(App& app) {
  const auto named = app.past_job();
  if (!named) return named.error();
  const Job& job = named->job;
  const auto files = job.files();
  if (!files) return app.fail("job " + job.id(), files.error());
  Json json;
  json.array();
  for (const FileInfo& file : *files) {
    const auto headers = job.file(file.index()).response_headers();
    if (!headers) return app.fail("job " + job.id(), headers.error());
    json.object().key("url").value(file.remote_name()).key("headers").value(*headers).end_object();
    if (app.json()) continue;
    app.print(shown_url(file.remote_name()) + "\n");
    for (std::size_t at = 0; at < headers->size();) {
      const std::size_t end = std::min(headers->find("\r\n", at), headers->size());
      app.print("  " + printable(shown_header(headers->substr(at, end - at)), app.out().utf8 || !app.out().tty) + "\n");
      at = end + 2;
    }
    if (headers->empty()) app.print("  (no answer yet)\n");
  }
  if (app.json()) app.print(json.end_array().text() + "\n");
  return Exit::done;
}

}  // namespace

Exit run_show(App& app) {
  if (app.arguments().has(Opt::headers)) return show_headers(app);
  const auto named = app.past_job();
  if (!named) return named.error();
  const JobView view = make_view(named->info);
  const auto all = properties(view);
  auto names = std::vector<std::string>();
  for (const std::string& list : app.arguments().all(Opt::property))
    for (std::string& name : split_list(list)) names.push_back(std::move(name));
  if (app.json()) {
    if (!names.empty()) return app.misuse("--json writes all properties; --property does not go with it");
    Json json;
    write_job(json, view);
    app.print(json.text() + "\n");
    return Exit::done;
  }
  // Names and texts come from others. A bare value in a pipe is for a program and stays as it is;
  // what a terminal would obey, or what would look like another line, is not.
  const bool bare = app.arguments().has(Opt::value);
  const bool raw = bare && !app.out().tty;
  const auto line = [&](const auto& property) {
    const std::string value =
        raw ? property.second : printable(property.second, app.out().utf8 || !app.out().tty);
    app.print((bare ? "" : property.first + "=") + value + "\n");
  };
  if (names.empty()) std::for_each(all.begin(), all.end(), line);
  std::vector<decltype(all.begin())> chosen;
  for (const std::string& name : names) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& p) { return p.first == name; });
    if (found == all.end()) {
      std::vector<std::string_view> known;
      for (const auto& property : all) known.push_back(property.first);
      const std::string_view meant = closest(name, known);
      return app.misuse("\"" + name + "\" is no property of a job" +
                        (meant.empty() ? "; \"" + app.command()("show JOB") + "\" lists them"
                                       : "; did you mean \"" + std::string(meant) + "\"?"));
    }
    chosen.push_back(found);
  }
  for (const auto& property : chosen) line(*property);
  return Exit::done;
}

Exit run_status(App& app) {
  const auto named = app.past_job();
  if (!named) return named.error();
  JobView view = make_view(named->info);
  // Of one that has left nobody knows its files any more.
  if (view.peer_caching_flags != 0)
    if (const auto files = named->job.files())
      for (const FileInfo& file : *files) view.bytes_from_peers += file.bytes_from_peers();
  if (app.json()) {
    Json json;
    write_job(json, view);
    app.print(json.text() + "\n");
  } else {
    app.print(render_status(view, app.command(), app.style(), now()));
  }
  return Exit::done;
}

namespace {

Exit print_impact(App& app, const std::vector<JobView>& jobs) {
  if (app.json()) {
    Json json;
    write_impact(json, jobs);
    app.print(json.text() + "\n");
  } else {
    app.print(render_impact(jobs, app.style()));
  }
  return Exit::done;
}

Exit print_stats(App& app, const Client& client, const std::vector<JobView>& jobs) {
  const auto budgets = client.budgets();
  if (!budgets) return app.fail("the data budgets", budgets.error());
  const auto own = client.peer_standing();
  if (!own) return app.fail("what came from peers", own.error());
  if (app.json()) {
    Json json;
    write_stats(json, jobs, *budgets, *own);
    app.print(json.text() + "\n");
  } else {
    app.print(render_stats(jobs, *budgets, *own, app.style(), now()));
  }
  return Exit::done;
}

}  // namespace

Exit run_stats(App& app) {
  auto client = app.client();
  if (!client) return client.error();
  auto list = client->list(filter_of(app.arguments()));
  if (!list) return app.fail("the list of jobs", list.error());
  std::vector<JobView> jobs;
  for (const JobInfo& info : *list) jobs.push_back(make_view(info));
  return app.arguments().has(Opt::impact) ? print_impact(app, jobs) : print_stats(app, *client, jobs);
}

// One line for each link of the chain, the nearest first.
Exit run_explain(App& app) {
  const auto named = app.past_job();
  if (!named) return named.error();
  const auto causes = named->job.explain();
  if (!causes) return app.fail("job " + named->job.id(), causes.error());
  if (app.json()) {
    Json json;
    json.array();
    for (const Cause& cause : *causes) write_cause(json, cause);
    app.print(json.end_array().text() + "\n");
    return Exit::done;
  }
  const bool utf8 = app.out().utf8 || !app.out().tty;
  for (const Cause& cause : *causes) app.print(printable(cause_line(cause), utf8) + "\n");
  return Exit::done;
}

Exit run_files(App& app) {
  const auto named = app.past_job();
  if (!named) return named.error();
  const auto infos = named->job.files();
  if (!infos) return app.fail("files of job " + named->job.id(), infos.error());
  std::vector<FileView> files = views_of(*infos);
  if (app.arguments().has(Opt::temporary) && !app.json()) {
    app.print(render_places(files, app.out().utf8 || !app.out().tty));
    return Exit::done;
  }
  if (const std::uint32_t failed = named->info.error().file; failed < files.size())
    files[failed].failed = named->info.state() == JobState::error;
  if (app.json()) {
    Json json;
    json.array();
    for (const FileView& file : files) write_file(json, file);
    app.print(json.end_array().text() + "\n");
  } else {
    app.print(render_files(files, app.style()));
  }
  return Exit::done;
}

// One line per job, for completion scripts: an id and the name. Silent when there is no service.
Exit run_complete_jobs(App& app) {
  ConnectOptions options;
  options.start = false;
  options.system = app.arguments().has(Opt::system);
  options.user = app.arguments().has(Opt::user);
  auto client = Client::connect(options);
  if (!client) return Exit::no_service;
  auto list = client->list();
  if (!list) return Exit::failed;
  for (const JobInfo& job : *list)
    app.print(short_id(job.id()) + "\t" + printable(job.name(), true) + "\n");
  return Exit::done;
}

}  // namespace backhaul::cli
