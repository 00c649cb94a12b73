// SPDX-License-Identifier: Apache-2.0
// get: one job for all URLs, in one call; then it is watched until its files are in place.
#include <backhaul/codes.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "cli/app.h"
#include "cli/companions.h"
#include "cli/display.h"
#include "cli/hint.h"
#include "cli/patience.h"
#include "cli/wakeups.h"
#include "cli/input.h"
#include "cli/secrets.h"
#include "cli/setting_kind.h"
#include "cli/settings.h"
#include "cli/standard_output.h"
#include "cli/text.h"

namespace backhaul::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto lost_pause = 250ms;    // until a service that went away is asked again
constexpr auto second_thought = 2s;   // for the second Ctrl+C

bool asks_for_priority(const Arguments& arguments) {
  return arguments.has(Opt::priority) || last_set(arguments, "priority");
}

bool is_left_to_be_completed(const Arguments& arguments) {
  const auto said = last_set(arguments, "auto-complete");
  return said && parse(setting_kind::yes_no(), *said) == false;
}

class Getter {
 public:
  // `kept`: a job that did not come to its end is left to its owner.
  Getter(App& app, Job job, Form form, std::string label, bool kept)
      : app_(app), job_(std::move(job)), kept_(kept), display_(app.err(), form), label_(std::move(label)),
        began_(Wakeups::Clock::now()) {}

  // What programs read comes last, whatever the end.
  Exit run(Wakeups& wakeups) {
    last_.id = job_.id();
    wakeups_ = &wakeups;
    const Exit exit = watch(wakeups);
    if (exit == Exit::interrupted)
      if (const auto info = job_.info()) last_ = make_view(*info);
    const bool known = exit == Exit::done || exit == Exit::job_error || exit == Exit::job_cancelled ||
                       exit == Exit::interrupted;
    if (app_.json() && known) {
      Json json;
      write_job(json, last_);
      app_.print(json.text() + "\n");
    }
    display_.end(last_, exit);
    return exit;
  }

  // Nobody waits for it any more: from now on it stays out of the way like any other. What was meant
  // for standard output has nowhere to go.
  void to_background() {
    if (!kept_) {
      static_cast<void>(job_.cancel());
      return;
    }
    if (!asks_for_priority(app_.arguments()))
      static_cast<void>(job_.set(JobSettings().priority(Priority::normal)));
  }

 private:
  Exit watch(Wakeups& wakeups) {
    for (;;) {
      if (const auto end = look()) return *end;
      auto pause = display_.pause({last_});
      if (lost_) pause = lost_pause;
      const auto wake = wakeups.wait(pause ? std::optional(Wakeups::Clock::now() + *pause) : std::nullopt);
      if (wake.kind == Wake::Kind::interrupt) return interrupted(wakeups);
      if (wake.kind == Wake::Kind::resize) display_.resized();
    }
  }

  std::optional<Exit> look() {
    auto info = job_.info();
    lost_ = !info && info.code() == code::rpc_e_disconnected;
    if (lost_) return ++failures_ > 100 ? std::optional(failed(info.error())) : std::nullopt;
    if (!info && info.code() == code::bg_e_not_found) return gone();
    if (!info) return failed(info.error());
    failures_ = 0;
    JobView job = make_view(*info);
    last_ = job;
    display_.show(label_, {job});
    switch (job.state) {
      case JobState::acknowledged: return done(job);
      case JobState::cancelled: return over(job, Exit::job_cancelled);
      case JobState::error: return over(job, Exit::job_error);
      case JobState::transferred:
        // The service completes it by itself; where it cannot, asking tells why.
        if (job.waiting.kind == "owner-complete") return complete();
        return std::nullopt;
      default: return std::nullopt;
    }
  }

  // It ended, and then the service went away, which remembers no more than that.
  Exit gone() {
    auto named = app_.find(job_.id());
    if (!named) return named.error();
    last_.id = job_.id();
    last_.state = named->end.value_or(JobState::cancelled);
    if (last_.state == JobState::cancelled) return over(last_, Exit::job_cancelled);
    last_.ended_partly = named->partly;
    if (last_.ended_partly) return done(last_);
    last_.bytes_done = last_.bytes_total == size_unknown ? last_.bytes_done : last_.bytes_total;
    last_.files_done = last_.files_total;
    return done(last_);
  }

  Exit failed(const Error& error) {
    display_.clear();
    return app_.fail("job " + job_.id(), error);
  }

  std::optional<Exit> complete() {
    display_.clear();
    const auto answer = wait_for_answer(app_, *wakeups_, "complete", job_, [](Job& job) { return job.complete(); });
    if (!answer) return Exit::interrupted;
    const auto& completed = *answer;
    if (completed || completed.code() == code::bg_e_invalid_state) return std::nullopt;
    if (const auto state = job_.state(); state && *state == JobState::error) return std::nullopt;
    display_.clear();
    app_.fail("putting the files in place", completed.error(),
              hint_for_call(completed.code(), app_.log(), app_.command(), job_.id()));
    if (kept_)
      app_.remark("the job is kept; when that is repaired: " + app_.command()("complete " + short_id(job_.id())));
    return exit_for_code(completed.code());
  }

  Exit done(const JobView& job) {
    display_.clear();
    if (job.ended_partly) {  // by somebody else
      app_.misuse("job " + short_id(job.id) + " was completed " + kept_of(job));
      return Exit::failed;
    }
    app_.remark(end_line(job, app_.command(), Wakeups::Clock::now() - began_));
    return Exit::done;
  }

  Exit over(const JobView& job, Exit exit) {
    display_.clear();
    if (exit == Exit::job_cancelled) {
      app_.remark("backhaul: job " + job.id + " was cancelled");
      return exit;
    }
    std::string what = "job " + short_id(job.id) + " failed";
    if (job.error.file != no_file) {
      const auto file = job_.file(job.error.file).info();
      if (file) what += " at " + shown_url(file->remote_name());
    }
    app_.fail(what, Error(job.error.code, job.error.text, job.error.context), hint_for_job(job, app_.command()));
    if (kept_) {
      to_background();
      app_.remark(ways_to_end(job, app_.command()));
    }
    return exit;
  }

  Exit interrupted(Wakeups& wakeups) {
    display_.clear();
    if (!kept_) return Exit::interrupted;
    const std::string id = short_id(job_.id());
    const auto suspended = job_.suspend();
    if (!suspended && suspended.code() == code::bg_e_invalid_state)
      if (const auto end = look()) return *end;  // it was quicker, whatever became of it
    if (suspended) {
      to_background();
      app_.remark("suspended. Go on with: " + app_.command()("start --wait " + id) +
                  "\nGive it up with: " + app_.command()("cancel " + id) +
                  (app_.err().tty ? " (or press Ctrl+C again now)" : ""));
    } else {
      app_.fail("suspend " + id, suspended.error());
    }
    // Off a terminal only a Ctrl+C that is there already counts.
    const auto until = Wakeups::Clock::now() + (app_.err().tty ? second_thought : 0s);
    for (;;) {
      const Wake wake = wakeups.wait(until);
      if (wake.kind == Wake::Kind::timeout) break;
      if (wake.kind != Wake::Kind::interrupt) continue;
      const auto cancelled = wait_for_answer(app_, wakeups, "cancel", job_, [](Job& job) { return job.cancel(); });
      if (cancelled && !*cancelled) app_.fail("cancel " + id, cancelled->error());
      else if (cancelled) app_.remark("cancelled");
      break;
    }
    return Exit::interrupted;
  }

  App& app_;
  Job job_;
  const bool kept_;
  Wakeups* wakeups_ = nullptr;
  Display display_;
  const std::string label_;
  JobView last_;
  const Wakeups::Clock::time_point began_;
  bool lost_ = false;
  int failures_ = 0;
};

// As the service tells it of what it meets itself.
std::uint32_t code_of(const std::error_code& error) {
  switch (error.value()) {
    case EACCES:
    case EPERM:
    case ELOOP: return code::e_accessdenied;
    case ENAMETOOLONG: return code::e_invalidarg;
    case EIO: return code::write_fault;
    case EMFILE:
    case ENFILE: return code::too_many_open_files;
    case ENOMEM: return code::e_outofmemory;
    default: return code::e_fail;
  }
}

// What people call the files: like the first of them. One for standard output has no name but its URL's.
std::string label_of(const std::vector<FileSpec>& files, const std::string& for_standard_output) {
  constexpr std::size_t longest = 120;  // the service takes 256 characters, and people fewer
  const FileSpec& first = files.front();
  const bool nameless = !for_standard_output.empty() && first.local.starts_with(for_standard_output + "/");
  std::string name = nameless ? name_from_url(first.remote) : first.local.substr(first.local.rfind('/') + 1);
  if (name.empty()) name = shown_url(first.remote);
  name = fit_middle(name, longest, true);
  if (files.size() > 1) name += " and " + std::to_string(files.size() - 1) + " more";
  return name;
}

std::expected<JobSettings, std::string> settings_of(const Arguments& arguments, std::string name) {
  JobSettings settings;
  if (const std::string* given = arguments.find(Opt::name)) name = *given;
  settings.name(std::move(name)).minimum_retry_delay(5s).auto_complete(true);
  if (const std::string* text = arguments.find(Opt::description)) settings.description(*text);
  // Somebody who waits for it is in the foreground; what goes on behind their back stays out of the way.
  const bool gently = arguments.has(Opt::background) || arguments.has(Opt::needed_by);
  const std::string usual = gently ? "normal" : "foreground";
  const std::string* priority = arguments.find(Opt::priority);
  if (const auto wrong = apply_key(settings, "priority", priority == nullptr ? usual : *priority))
    return std::unexpected(*wrong);
  if (const auto wrong = apply_world_options(settings, arguments)) return std::unexpected(*wrong);
  if (const auto wrong =
          apply_proxy(settings, arguments.find(Opt::proxy), arguments.find(Opt::no_proxy)))
    return std::unexpected(*wrong);
  if (const auto wrong = apply_assignments(settings, arguments.all(Opt::set))) return std::unexpected(*wrong);
  return settings;
}

// What is wrong, as a sentence.
std::optional<std::string> entrust(JobSettings& settings, const Arguments& arguments) {
  auto credentials = read_credentials(arguments);
  if (!credentials) return credentials.error();
  for (Credentials& one : *credentials) settings.credentials(std::move(one));
  const std::string* certificate = arguments.find(Opt::certificate);
  if (certificate == nullptr && (arguments.has(Opt::private_key) || arguments.has(Opt::pass_phrase_file)))
    return "--private-key and --pass-phrase-file go with --certificate";
  if (certificate != nullptr) {
    auto read = read_certificate(arguments, *certificate);
    if (!read) return read.error();
    settings.client_certificate(*std::move(read));
  }
  auto headers = read_headers(arguments);
  if (!headers) return headers.error();
  if (*headers) settings.custom_headers(**std::move(headers));
  return std::nullopt;
}

// Behind the end of the job: to standard output with it, or it is given up, since nobody else will
// look for it in our directory.
Exit deliver(App& app, const StandardOutput& output, const std::vector<FileSpec>& files, Job& job,
             Exit end) {
  if (end != Exit::done) {
    if (job.cancel()) app.remark("the job was cancelled: what goes to standard output cannot be continued later");
    return end;
  }
  if (const auto copied = output.copy(files); !copied)
    return app.fail("get", Error(code::e_fail, copied.error()));
  return Exit::done;
}

// Who gives the same words again, as after Ctrl+C, makes another job, which begins at the first byte. Only the job made last
// is looked at: the service may have very many.
std::string note_of_same_path(App& app, const Client& client, const std::vector<FileSpec>& files) {
  if (app.quiet()) return {};
  const auto last = client.last_job();
  if (!last) return {};
  const Job job = client.job(*last);
  const auto info = job.info();
  if (!info || is_final(info->state())) return {};
  const auto first = job.file(0).info();
  if (!first || clash_with_files({{0, first->remote_name(), first->local_name()}}, files).empty()) return {};
  return same_path_line(make_view(*info), first->local_name(), app.command());
}

std::expected<std::optional<StandardOutput>, std::string> standard_output_of(const App& app) {
  const Arguments& arguments = app.arguments();
  if (!asks_for_standard_output(arguments, arguments.operands)) return std::nullopt;
  if (arguments.has(Opt::background))
    return std::unexpected("-o - needs the command to wait: it does not go with --background");
  if (app.json()) return std::unexpected("-o - and --json both write to standard output");
  if (is_left_to_be_completed(arguments))
    return std::unexpected("-o - needs the file as soon as it is here: it does not go with --set auto-complete=no");
  auto output = StandardOutput::make();
  if (!output) return std::unexpected(output.error());
  return std::optional<StandardOutput>(*std::move(output));
}

}  // namespace

Exit run_get(App& app) {
  const Arguments& arguments = app.arguments();
  const Form form = form_of(arguments.find(Opt::progress), app.quiet(), app.err().tty, Form::line);
  auto output = standard_output_of(app);
  if (!output) return app.misuse(output.error());
  auto files = read_targets(arguments, arguments.operands,
                            *output ? (*output)->directory() : std::string());
  if (!files) return app.misuse(files.error());
  const auto tidy_up = [&] {
    if (*output) (*output)->remove();
  };
  if (const auto added = add_companions(app, *files, tidy_up); !added) return added.error();
  if (files->empty()) return app.misuse("nothing to get: give URLs, or a list with -i");
  if (const std::string folder = missing_directory(*files); !folder.empty()) {
    std::error_code error;  // of a folder that may not be entered, too
    const bool exists = std::filesystem::exists(folder, error);
    if (error)
      return app.fail("get", Error(code_of(error), folder + ": " + error.message()), "choose another directory");
    if (exists)
      return app.fail("get", Error(code::path_not_found, folder + " is not a directory"),
                      "choose another directory");
    return app.fail("get", Error(code::path_not_found, "there is no directory " + folder));
  }
  const std::string name = label_of(*files, *output ? (*output)->directory() : std::string());
  auto settings = settings_of(arguments, name);
  if (!settings) return app.misuse(settings.error());
  if (const auto wrong = entrust(*settings, arguments)) return app.misuse(*wrong);

  auto client = app.client();
  if (!client) return client.error();
  // Before the job: from here on Ctrl+C has somebody to suspend.
  std::optional<Getter> getter;
  Wakeups wakeups([&] {
    if (getter) getter->to_background();
    tidy_up();
  });
  const bool background = arguments.has(Opt::background);
  if (!background)
    if (const auto listening = wakeups.listen(*client); !listening)
      return app.fail("the service cannot be reached", listening.error());
  const std::string same_path = note_of_same_path(app, *client, *files);
  auto job = client->enqueue(*settings, *files, true);
  if (!job) return app.fail("get", job.error(), hint_for_new_files(job.code(), app.log(), app.command(), geteuid()));
  if (!same_path.empty()) app.remark(same_path);
  settings = JobSettings();  // with the secrets that it was given: whoever waits keeps none of them
  if (background) {
    app.print(app.json() ? Json().object().key("id").value(job->id()).end_object().text() + "\n"
                         : job->id() + "\n");
    return Exit::done;
  }
  const std::string label = files->size() == 1 ? name : count_of_files(files->size());
  getter.emplace(app, *job, form, label, !*output);
  const Exit end = getter->run(wakeups);
  return *output ? deliver(app, **output, *files, *job, end) : end;
}

}  // namespace backhaul::cli
