// SPDX-License-Identifier: Apache-2.0
#include "cli/app.h"

#include <backhaul/codes.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <utility>

#include "cli/hint.h"
#include "cli/patience.h"
#include "cli/selector.h"
#include "cli/text.h"
#include "cli/user_of.h"

namespace backhaul::cli {
namespace {

std::string colour_option(const Arguments& arguments) {
  const std::string* option = arguments.find(Opt::color);
  return option == nullptr ? "" : *option;
}

}  // namespace

Time now() {
  return std::chrono::time_point_cast<Time::duration>(std::chrono::system_clock::now());
}

App::App(Arguments arguments)
    : arguments_(std::move(arguments)),
      out_(look_at(STDOUT_FILENO, colour_option(arguments_))),
      err_(look_at(STDERR_FILENO, colour_option(arguments_))) {}

Json failure_json(const std::string& what, const ErrorInfo& error, const std::string& hint) {
  const auto text_or_null = [](const std::string& text) {
    return text.empty() ? std::string("null") : Json().value(text).text();
  };
  Json json;
  json.object().key("error");
  if (error.code != code::s_ok)
    json.literal(error_json(error).text());
  else  // found by the command, which has no codes
    json.object().key("code").null().key("symbol").null().key("context").null().key("file").null()
        .key("text").value(error.text).end_object();
  json.key("what").literal(text_or_null(what)).key("hint").literal(text_or_null(hint));
  return json.end_object();
}

void App::print(std::string_view text) {
  printed_ = true;
  std::fwrite(text.data(), 1, text.size(), stdout);
}

bool App::writes_events() const {
  const std::string* form = arguments_.find(Opt::progress);
  return form != nullptr && *form == "json";
}

void App::remark(std::string_view text) {
  if (!quiet() && !writes_events()) std::fputs((printable_lines(text, err_.utf8) + "\n").c_str(), stderr);
}

// A program that reads events gets the failure as one.
void App::tell(const std::string& text, const Json& failure) {
  failure_ = failure.text();
  if (!writes_events()) {
    std::fputs(printable_lines(text, err_.utf8).c_str(), stderr);
    return;
  }
  Json event;
  event.object().key("t").value(format_utc(now())).key("event").value("failed");
  event.key("failure").literal(failure_).end_object();
  std::fputs((event.text() + "\n").c_str(), stderr);
}

Exit App::finish(Exit exit) {
  if (json() && exit != Exit::done && !printed_ && !failure_.empty()) print(failure_ + "\n");
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return exit;
  std::fputs("backhaul: the output could not be written\n", stderr);
  return exit == Exit::done ? Exit::failed : exit;
}

bool App::agreed(const std::string& question) const {
  if (arguments_.has(Opt::yes) || isatty(STDIN_FILENO) != 1 || !err_.tty) return true;
  std::fputs(printable(question, err_.utf8).c_str(), stderr);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

Exit App::fail(const std::string& what, const Error& error) {
  return fail(what, error, hint_for_call(error.code, log(), command()));
}

const DefaultInstance& App::usual() {
  if (!usual_) usual_ = names_service(arguments_) ? DefaultInstance() : default_instance();
  return *usual_;
}

LogPlace App::log() { return log_place(is_of_machine()); }

const Command& App::command() {
  if (!command_) command_ = Command(arguments_, usual());
  return *command_;
}

Exit App::fail(const std::string& what, const Error& error, const std::string& help) {
  std::string text = "backhaul: " + what + ": " + told_error(error.code, error.message) + "\n";
  if (!help.empty()) text += "hint: " + help + "\n";
  tell(text, failure_json(what, {error.code, error.context, no_file, error.message}, help));
  return exit_for_code(error.code);
}

Exit App::misuse(const std::string& text) {
  tell("backhaul: " + text + "\n", failure_json({}, {code::s_ok, {}, no_file, text}, {}));
  return Exit::usage;
}

Result<Client> App::instance(bool system) {
  ConnectOptions options;
  options.system = system;
  options.user = !system;
  return Client::connect(options);
}

std::expected<Client, Exit> App::connect(bool start) {
  ConnectOptions options;
  options.system = arguments_.has(Opt::system);
  options.user = arguments_.has(Opt::user) || arguments_.has(Opt::user_of);
  if (options.system && options.user)
    return std::unexpected(misuse("--user is one service and --system another; name one of them"));
  options.start = start;
  if (const std::string* address = arguments_.find(Opt::bus)) options.address = *address;
  if (start && !usual().reason.empty()) remark("backhaul: " + usual().reason);
  auto client = [&] {
    const SaidLater patience(*this, options.address.empty()
                                        ? std::string("backhaul: waiting for an answer of the service")
                                        : "backhaul: waiting for an answer from " + options.address);
    return Client::connect(options);
  }();
  if (client) return *std::move(client);
  // Then no service refused: there is none, and cannot be.
  const bool own = options.address.empty() && !is_of_machine();
  const std::string homeless = own ? without_own_home() : std::string();
  if (!homeless.empty())
    misuse(homeless);
  else if (options.system)
    fail("the service of the machine cannot be reached", client.error(), hint_for_system(log()));
  else if (client.code() == code::e_accessdenied)
    return std::unexpected(fail("the service does not let you in", client.error(), hint_for_other_user()));
  else if (!options.address.empty())
    fail("the service cannot be reached", client.error(), hint_for_address());
  else
    fail("the service cannot be reached", client.error());
  return std::unexpected(Exit::no_service);
}

std::expected<Client, Exit> App::client() {
  if (!client_) {
    const bool terminal = isatty(STDIN_FILENO) == 1 && out_.tty && err_.tty;
    if (needs_password_agent(arguments_, {is_of_machine(), geteuid() == 0, terminal})) password_agent_.emplace();
    auto client = connect(true);
    if (!client) return client;
    if (password_agent_) password_agent_->wait_until_ready();
    client_.emplace(*std::move(client));
  }
  return *client_;
}

std::expected<Client, Exit> App::observer() { return connect(false); }

std::expected<std::string, Exit> App::last(const Client& service) {
  auto id = service.last_job();
  if (id) return *std::move(id);
  if (id.code() == code::bg_e_not_found) {
    misuse("@last: you have made no job yet");
    return std::unexpected(Exit::not_found);
  }
  return std::unexpected(fail("@last", id.error()));
}

std::expected<std::vector<NamedJob>, Exit> App::ended(const Client& service,
                                                      const std::string& word) {
  auto events = service.events(0);
  if (!events) return std::unexpected(fail("the events", events.error()));
  std::vector<NamedJob> found;
  for (const LoggedEvent& event : *events)
    if (event.kind == 0 && names_id(word, event.job))
      found.push_back({service.job(event.job), event.state, event.time,
                       event.code == code::bg_s_partial_complete});
  return found;
}

// By itself: there is no need to list all other jobs, and it may have left the queue just now.
std::expected<NamedJob, Exit> App::look_up(const Client& service, const std::string& id) {
  NamedJob named{service.job(id), {}, {}};
  const auto there = named.job.info();
  if (there) {
    named.info = *there;
    if (!is_final(there->state())) return named;
    named.end = there->state();
    named.ended = there->modified();
    named.partly = there->files_transferred() < there->files_total();
    return named;
  }
  if (there.code() != code::bg_e_not_found) return std::unexpected(fail("job " + id, there.error()));
  auto past = ended(service, id);
  if (!past) return std::unexpected(past.error());
  if (past->empty()) return std::unexpected(fail("job " + id, there.error()));
  return past->back();
}

std::expected<std::vector<NamedJob>, Exit> App::choose(const Client& service, const std::string& word,
                                                       const std::vector<JobInfo>& list) {
  std::vector<Candidate> candidates;
  for (const JobInfo& info : list) candidates.push_back({info.id(), info.name()});
  const auto selected = select_jobs({word}, candidates);
  std::vector<NamedJob> jobs;
  if (selected) {
    for (const std::size_t i : *selected) jobs.push_back({.job = service.job(list[i]), .info = list[i]});
    return jobs;
  }
  if (selected.error().exit == Exit::not_found && could_be_id(word)) {
    auto past = ended(service, word);
    if (!past || past->size() == 1) return past;
  }
  misuse(selected.error().text);
  return std::unexpected(selected.error().exit);
}

std::expected<std::vector<NamedJob>, Exit> App::resolve(const std::vector<std::string>& operands,
                                                        std::vector<Exit>& outcomes) {
  auto service = client();
  if (!service) return std::unexpected(service.error());
  std::vector<NamedJob> jobs;
  const auto add = [&](NamedJob named) {
    if (std::none_of(jobs.begin(), jobs.end(),
                     [&](const NamedJob& other) { return other.job.id() == named.job.id(); }))
      jobs.push_back(std::move(named));
  };
  std::optional<std::vector<JobInfo>> list;  // asked for at the first word that needs it
  const auto all = [&]() -> std::optional<Exit> {
    if (list) return std::nullopt;
    auto told = service->list();
    if (!told) return fail("the list of jobs", told.error());
    list = *std::move(told);
    return std::nullopt;
  };
  if (operands.empty()) {
    if (const auto failed = all()) return std::unexpected(*failed);
    for (const JobInfo& info : *list) add({.job = service->job(info), .info = info});
  }
  for (std::string word : operands) {
    if (word.starts_with('@') && word != "@last") {
      misuse("there is no job \"" + word + "\"; the job made last is @last");
      outcomes.push_back(Exit::not_found);
      continue;
    }
    if (word == "@last") {
      auto id = last(*service);
      if (!id) outcomes.push_back(id.error());
      if (!id) continue;
      word = *std::move(id);
    }
    if (is_whole_id(word)) {
      auto named = look_up(*service, word);
      if (named) add(*std::move(named));
      else outcomes.push_back(named.error());
      continue;
    }
    if (const auto failed = all()) return std::unexpected(*failed);
    auto chosen = choose(*service, word, *list);
    if (!chosen) outcomes.push_back(chosen.error());
    else for (NamedJob& named : *chosen) add(std::move(named));
  }
  return jobs;
}

std::expected<NamedJob, Exit> App::find(const std::string& id) {
  auto service = client();
  if (!service) return std::unexpected(service.error());
  return look_up(*service, id);
}

std::string App::how_it_ended(const NamedJob& named) {
  std::string text = "job " + named.job.id() + " has ended: it was " +
                     (named.end == JobState::cancelled ? "cancelled" : "completed");
  if (named.partly && named.end == JobState::acknowledged) text += " without all of its files";
  if (is_known(named.ended)) text += " on " + format_local(named.ended);
  return text;
}

Exit App::has_ended(const NamedJob& named) {
  misuse(how_it_ended(named));
  return Exit::failed;
}

std::expected<std::vector<NamedJob>, Exit> App::named(std::vector<Exit>& outcomes) {
  const bool all = arguments_.has(Opt::all);
  if (arguments_.operands.empty() && !all)
    return std::unexpected(misuse("name a job, or use --all"));
  if (!arguments_.operands.empty() && all)
    return std::unexpected(misuse("name jobs or use --all, not both"));
  return resolve(arguments_.operands, outcomes);
}

std::expected<std::vector<Job>, Exit> App::jobs(std::vector<Exit>& outcomes) {
  auto found = named(outcomes);
  if (!found) return std::unexpected(found.error());
  std::vector<Job> jobs;
  for (const NamedJob& one : *found) {
    if (one.end) outcomes.push_back(has_ended(one));
    else jobs.push_back(one.job);
  }
  return jobs;
}

// Several are told apart by their ids, so these are listed.
std::expected<NamedJob, Exit> App::one_job() {
  const std::string& word = arguments_.operands.at(0);
  std::vector<Exit> outcomes;
  auto jobs = resolve({word}, outcomes);
  if (!jobs) return std::unexpected(jobs.error());
  if (!outcomes.empty()) return std::unexpected(outcomes.front());
  if (jobs->size() == 1) return jobs->front();
  std::vector<Candidate> candidates;
  for (const NamedJob& named : *jobs) {
    candidates.push_back({named.job.id(), named.info ? named.info->name() : std::string()});
  }
  return std::unexpected(misuse(several_named(word, candidates) + "\nOnly one is wanted here"));
}

std::expected<Job, Exit> App::job() {
  auto named = one_job();
  if (!named) return std::unexpected(named.error());
  if (named->end) return std::unexpected(has_ended(*named));
  return named->job;
}

std::expected<App::PastJob, Exit> App::past_job() {
  auto named = one_job();
  if (!named) return std::unexpected(named.error());
  if (named->info) return PastJob{named->job, *named->info};
  const auto info = named->job.info();  // the log knew it
  if (!info) return std::unexpected(has_ended(*named));
  return PastJob{named->job, *info};
}

}  // namespace backhaul::cli
