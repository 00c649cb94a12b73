// SPDX-License-Identifier: Apache-2.0
// Verbs that make and change jobs: create, add, validate, move, set, unset.
#include <backhaul/codes.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <utility>

#include "cli/app.h"
#include "cli/companions.h"
#include "cli/confidants.h"
#include "cli/hint.h"
#include "cli/input.h"
#include "cli/settings.h"
#include "cli/targets.h"
#include "cli/text.h"

namespace backhaul::cli {
namespace {

Error told_in_keys(const Error& error) { return Error(error.code, in_keys(error.message), error.context); }

}  // namespace

Exit run_create(App& app) {
  const Arguments& arguments = app.arguments();
  JobSettings settings;
  settings.name(arguments.operands.at(0));
  if (const std::string* text = arguments.find(Opt::description)) settings.description(*text);
  if (const std::string* word = arguments.find(Opt::priority))
    if (const auto wrong = apply_key(settings, "priority", *word)) return app.misuse(*wrong);
  if (const auto wrong = apply_world_options(settings, arguments)) return app.misuse(*wrong);
  if (const auto wrong =
          apply_proxy(settings, arguments.find(Opt::proxy), arguments.find(Opt::no_proxy)))
    return app.misuse(*wrong);
  if (const auto wrong = apply_assignments(settings, arguments.all(Opt::set))) return app.misuse(*wrong);
  if (const std::string* word = arguments.find(Opt::type))
    for (const JobType type : {JobType::download, JobType::upload, JobType::upload_reply})
      if (*word == to_word(type)) settings.type(type);
  auto client = app.client();
  if (!client) return client.error();
  auto job = client->enqueue(settings, {}, false);
  if (!job) return app.fail("create", told_in_keys(job.error()));
  app.print(app.json() ? Json().object().key("id").value(job->id()).end_object().text() + "\n"
                       : job->id() + "\n");
  return Exit::done;
}

// URL FILE URL FILE …, or URLs alone with -O, -o or -d; a word that is no URL is the file of the
// URL before it.
Exit run_add(App& app) {
  const std::vector<std::string> words(app.arguments().operands.begin() + 1,
                                       app.arguments().operands.end());
  auto files = read_targets(app.arguments(), words);
  if (!files) return app.misuse(files.error());
  if (const auto added = add_companions(app, *files); !added) return added.error();
  if (files->empty()) return app.misuse("nothing to add: give URLs, or a list with -i");
  auto job = app.job();
  if (!job) return job.error();
  // BITS takes two files of one name; a person who gives a name twice has made a mistake.
  const auto infos = job->files();
  if (!infos) return app.fail("files of job " + job->id(), infos.error());
  std::vector<FileThere> there;
  for (const FileInfo& info : *infos) there.push_back({info.index(), info.remote_name(), info.local_name()});
  if (const std::string both = clash_with_files(there, *files); !both.empty()) return app.misuse(both);
  if (const auto added = job->add_files(*files); !added)
    return app.fail("add to job " + job->id(), added.error(),
                    hint_for_new_files(added.code(), app.log(), app.command(), geteuid()));
  app.remark("added " + count_of_files(files->size()));
  return Exit::done;
}

namespace {

// As `files` shows it. Unset: it is none, and that was said.
std::expected<std::uint32_t, Exit> file_number(App& app, const std::string& text) {
  if (const auto number = whole_number<std::uint32_t>(text)) return *number;
  return std::unexpected(
      app.misuse("\"" + shown_url(text) + "\" is not the number of a file, as \"" + app.command()("files") + "\" shows it"));
}

// The file that --file names, or the only one.
std::expected<std::uint32_t, Exit> file_to_move(App& app, const Job& job) {
  if (const std::string* text = app.arguments().find(Opt::file)) return file_number(app, *text);
  const auto info = job.info();
  if (!info) return std::unexpected(app.fail("move", info.error()));
  if (info->files_total() == 1) return 0;
  return std::unexpected(app.misuse("the job has " + count_of_files(info->files_total()) +
                                    ": say which with --file, or give the OLD beginning of the addresses"));
}

// Whoever moves a job shows its secrets to another server, and may not have meant to.
struct Disclosure {
  std::string secrets;
  std::vector<std::string> servers;

  bool any() const { return !secrets.empty() && !servers.empty(); }
  std::string text(const Job& job, const char* verb) const {
    std::string out = "backhaul: " + secrets + " of job " + short_id(job.id()) + verb;
    for (std::size_t i = 0; i < servers.size(); ++i) out += (i > 0 ? ", " : "") + servers[i];
    return out;
  }
};

// `addresses`: what becomes of the address of a file; empty: nothing. Where it cannot be known, the call
// itself says why.
Disclosure disclosure(const Job& job, const std::function<std::string(const FileInfo&)>& address_of) {
  const auto info = job.info();
  if (!info) return {};
  Disclosure found{secrets_text(*info, job.custom_headers()), {}};
  if (found.secrets.empty()) return {};
  const auto files = job.files();
  if (!files) return {};
  Addresses moved;
  for (const FileInfo& file : *files)
    if (std::string address = address_of(file); !address.empty())
      moved.emplace_back(file.remote_name(), std::move(address));
  found.servers = new_confidants(moved);
  return found;
}

// Nothing: its owner thought better of it.
std::optional<Result<std::uint32_t>> move(App& app, Job& job, const Disclosure& told,
                                          const std::function<Result<std::uint32_t>()>& act) {
  if (told.any() && !app.agreed(told.text(job, " will go to ") + ". Go on? [y/N] ")) {
    app.remark("backhaul: job " + job.id() + " is left as it is");
    return std::nullopt;
  }
  auto count = act();
  if (count && *count > 0 && told.any()) app.remark(told.text(job, " go to ") + " from now on");
  return count;
}

}  // namespace

Exit run_move(App& app) {
  const auto& words = app.arguments().operands;
  const bool prefix = words.size() == 3;
  if (prefix && app.arguments().has(Opt::file))
    return app.misuse("--file takes the NEW address alone");
  auto job = app.job();
  if (!job) return job.error();
  if (!prefix) {
    const auto file = file_to_move(app, *job);
    if (!file) return file.error();
    const std::string remote = remote_of(words[1], std::filesystem::current_path().string());
    const auto address_of = [&](const FileInfo& each) { return each.index() == *file ? remote : std::string(); };
    const auto done = move(app, *job, disclosure(*job, address_of), [&]() -> Result<std::uint32_t> {
      if (const auto set = job->file(*file).set_remote_name(remote); !set) return set.error();
      return 1;
    });
    if (!done) return Exit::failed;
    return *done ? Exit::done : app.fail("move job " + job->id(), done->error());
  }
  const auto address_of = [&](const FileInfo& each) {
    return each.remote_name().starts_with(words[1]) ? words[2] + each.remote_name().substr(words[1].size())
                                                    : std::string();
  };
  const auto moved = move(app, *job, disclosure(*job, address_of),
                          [&] { return job->replace_remote_prefix(words[1], words[2]); });
  if (!moved) return Exit::failed;
  const auto& count = *moved;
  if (!count) return app.fail("move job " + job->id(), count.error());
  if (*count == 0)
    return app.fail("move job " + job->id(),
                    Error(code::bg_e_file_not_found, "no address begins with " + shown_url(words[1])));
  app.remark("moved " + count_of_files(*count));
  return Exit::done;
}

// What somebody found who looked into a file before the job is completed.
Exit run_validate(App& app) {
  const auto& words = app.arguments().operands;
  const bool is_valid = words[2] == "ok";
  if (!is_valid && words[2] != "bad") return app.misuse("\"" + shown_url(words[2]) + "\" is neither ok nor bad");
  const auto number = file_number(app, words[1]);
  if (!number) return number.error();
  auto job = app.job();
  if (!job) return job.error();
  if (const auto done = job->file(*number).set_validation_state(is_valid); !done)
    return app.fail("validate file " + words[1] + " of job " + job->id(), done.error());
  if (!is_valid)
    app.remark("backhaul: file " + words[1] + " is thrown away; to fetch it again: " +
               app.command()("start " + short_id(job->id())));
  return Exit::done;
}

Exit run_set(App& app) {
  JobSettings settings;
  const auto& words = app.arguments().operands;
  if (const auto wrong = apply_assignments(settings, std::span(words).subspan(1))) return app.misuse(*wrong);
  auto job = app.job();
  if (!job) return job.error();
  if (const auto done = job->set(settings); !done)
    return app.fail("set job " + job->id(), told_in_keys(done.error()));
  // The service has bounds of its own, and keeps to them without a word.
  if (const auto info = job->info(); info && !app.quiet())
    for (std::size_t i = 1; i < words.size(); ++i)
      if (const std::string other = other_than_asked(words[i], make_view(*info)); !other.empty())
        app.remark("backhaul: " + other);
  return Exit::done;
}

Exit run_unset(App& app) {
  JobSettings settings;
  bool object = false;
  const auto& words = app.arguments().operands;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "notify-object") {
      object = true;
    } else if (const auto wrong = apply_default(settings, words[i])) {
      return app.misuse(*wrong);
    }
  }
  auto job = app.job();
  if (!job) return job.error();
  Result<void> done;
  if (!settings.empty()) done = job->set(settings);
  if (done && object) done = job->clear_notify_object();
  if (!done) return app.fail("unset job " + job->id(), told_in_keys(done.error()));
  return Exit::done;
}

}  // namespace backhaul::cli
