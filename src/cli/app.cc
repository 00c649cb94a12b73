// SPDX-License-Identifier: Apache-2.0
#include "cli/app.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include "cli/selector.h"
#include "cli/text.h"

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

void App::print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void App::remark(std::string_view text) {
  if (!quiet()) std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
}

bool App::finish() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return true;
  std::fputs("backhaul: the output could not be written\n", stderr);
  return false;
}

Exit App::fail(const std::string& what, const Error& error, const std::string& job) {
  std::string text = "backhaul: " + what;
  std::string sentence = error.message.empty() ? code_text(error.code) : error.message;
  if (sentence.ends_with('.')) sentence.pop_back();
  text += ": " + sentence + " (" + name_of_code(error.code) + ")\n";
  if (const std::string help = hint(error.code, job); !help.empty()) text += "hint: " + help + "\n";
  std::fputs(printable_lines(text, err_.utf8).c_str(), stderr);
  return exit_for_code(error.code);
}

Exit App::misuse(const std::string& text) {
  std::fprintf(stderr, "backhaul: %s\n", printable_lines(text, err_.utf8).c_str());
  return Exit::usage;
}

std::expected<Client, Exit> App::connect(bool start) {
  ConnectOptions options;
  options.system = arguments_.has(Opt::system);
  options.start = start;
  if (const std::string* address = arguments_.find(Opt::bus)) options.address = *address;
  auto client = Client::connect(options);
  if (client) return *std::move(client);
  fail("the service cannot be reached", client.error());
  return std::unexpected(Exit::no_service);
}

std::expected<Client, Exit> App::client() {
  if (!client_) {
    auto client = connect(true);
    if (!client) return client;
    client_.emplace(*std::move(client));
  }
  return *client_;
}

std::expected<Client, Exit> App::observer() { return connect(false); }

// Whole ids are looked at one by one: there is no need to list all other jobs, and the job may have
// left the queue just now. Everything else is looked for in the list.
std::expected<std::vector<Job>, Exit> App::resolve(const std::vector<std::string>& words) {
  auto service = client();
  if (!service) return std::unexpected(service.error());
  std::vector<Job> jobs;
  if (!words.empty() && std::all_of(words.begin(), words.end(), is_whole_id)) {
    for (const std::string& word : words) {
      jobs.push_back(service->job(word));
      if (const auto there = jobs.back().info(); !there)
        return std::unexpected(fail("job " + word, there.error()));
    }
    return jobs;
  }
  auto list = service->list();
  if (!list) return std::unexpected(fail("the list of jobs", list.error()));
  std::vector<Candidate> candidates;
  for (const JobInfo& info : *list)
    candidates.push_back({info.id(), info.name(), info.created().time_since_epoch().count()});
  auto selected = select_jobs(words, candidates);
  if (!selected) {
    misuse(selected.error().text);
    return std::unexpected(selected.error().exit);
  }
  if (words.empty())
    for (const JobInfo& info : *list) jobs.push_back(service->job(info));
  for (std::size_t i : *selected) jobs.push_back(service->job((*list)[i]));
  return jobs;
}

std::expected<std::vector<Job>, Exit> App::jobs() {
  const bool all = arguments_.has(Opt::all);
  if (arguments_.operands.empty() && !all)
    return std::unexpected(misuse("name a job, or use --all"));
  if (!arguments_.operands.empty() && all)
    return std::unexpected(misuse("name jobs or use --all, not both"));
  return resolve(arguments_.operands);
}

std::expected<Job, Exit> App::job() {
  const std::string& word = arguments_.operands.at(0);
  auto jobs = resolve({word});
  if (!jobs) return std::unexpected(jobs.error());
  if (jobs->size() > 1)
    return std::unexpected(misuse("\"" + word + "\" names " + std::to_string(jobs->size()) +
                                  " jobs, but only one is wanted here"));
  return jobs->front();
}

}  // namespace backhaul::cli
