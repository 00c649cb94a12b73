// SPDX-License-Identifier: Apache-2.0
// The command `backhaul`: reads its words, runs one verb, gives an exit code. All logic is in the
// service; what is here is names, words and pictures.
#include <locale.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "cli/app.h"
#include "cli/standard_output.h"
#include "cli/text.h"
#include "cli/user_of.h"

namespace backhaul::cli {
namespace {

Exit run(App& app) {
  if (app.arguments().has(Opt::help) && app.arguments().verb != Verb::help) {
    Arguments help;
    help.verb = Verb::help;
    help.operands = {std::string(row(app.arguments().verb).name)};
    App helper(std::move(help));
    return run_help(helper);
  }
  switch (app.arguments().verb) {
    case Verb::get: return run_get(app);
    case Verb::create: return run_create(app);
    case Verb::add: return run_add(app);
    case Verb::list: return run_list(app);
    case Verb::show: return run_show(app);
    case Verb::status: return run_status(app);
    case Verb::stats: return run_stats(app);
    case Verb::policy: return run_policy(app);
    case Verb::explain: return run_explain(app);
    case Verb::files: return run_files(app);
    case Verb::wait: return run_wait(app);
    case Verb::start:
    case Verb::suspend:
    case Verb::cancel:
    case Verb::complete:
    case Verb::take: return run_control(app);
    case Verb::validate: return run_validate(app);
    case Verb::move: return run_move(app);
    case Verb::set: return run_set(app);
    case Verb::unset: return run_unset(app);
    case Verb::credential_set:
    case Verb::credential_clear:
    case Verb::header_set:
    case Verb::header_clear:
    case Verb::certificate_set:
    case Verb::certificate_clear:
    case Verb::header_show: return run_secrets(app);
    case Verb::monitor: return run_monitor(app);
    case Verb::class_add:
    case Verb::class_remove:
    case Verb::class_list: return run_class(app);
    case Verb::cache_list:
    case Verb::cache_show:
    case Verb::cache_delete:
    case Verb::cache_clear:
    case Verb::cache_set: return run_cache(app);
    case Verb::peers: return run_peers(app);
    case Verb::publish: return run_publish(app);
    case Verb::version: return run_version(app);
    case Verb::help: return run_help(app);
    case Verb::completion: return run_completion(app);
    case Verb::complete_jobs: return run_complete_jobs(app);
  }
  return Exit::failed;
}

}  // namespace
}  // namespace backhaul::cli

int main(int argc, char** argv) {
  using namespace backhaul::cli;
  keep_standard_streams();
  setlocale(LC_ALL, "");
  setlocale(LC_NUMERIC, "C");  // sizes look the same everywhere
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  auto arguments = parse_arguments(words);
  if (!arguments) {
    const UsageError& error = arguments.error();
    const std::string help = "backhaul help" + (error.help.empty() ? "" : " " + error.help);
    std::fprintf(stderr, "backhaul: %s\nhint: %s\n", printable_lines(error.text, true).c_str(), help.c_str());
    if (std::find(words.begin(), words.end(), "--json") != words.end())
      std::puts(failure_json({}, {0, {}, backhaul::no_file, error.text}, help).text().c_str());
    return static_cast<int>(Exit::usage);
  }
  if (const std::string* user = arguments->find(Opt::user_of); user != nullptr && !arguments->has(Opt::version))
    if (const auto failed = become(*user, argv, !arguments->has(Opt::bus) && !arguments->has(Opt::system)))
      return static_cast<int>(*failed);
  App app(*std::move(arguments));
  const Exit exit = run(app);
  return static_cast<int>(app.finish(exit));
}
