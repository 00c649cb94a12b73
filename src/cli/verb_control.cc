// SPDX-License-Identifier: Apache-2.0
// Verbs that do one thing to each of some jobs: start, suspend, cancel, complete, take.
#include <backhaul/codes.h>

#include "cli/app.h"

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

}  // namespace

Exit run_control(App& app) {
  auto jobs = app.jobs();
  if (!jobs) return jobs.error();
  const Verb verb = app.arguments().verb;
  std::vector<Exit> outcomes;
  Json json;
  json.array();
  for (Job& job : *jobs) {
    const auto result = act(app.arguments(), job);
    json.object().key("id").value(job.id()).key("code").value(code_symbol(result.code()));
    json.key("ok").value(result.has_value()).end_object();
    if (!result) {
      outcomes.push_back(app.fail(std::string(row(verb).name) + " " + job.id(), result.error(),
                                  short_id(job.id())));
      continue;
    }
    outcomes.push_back(Exit::done);
    if (*result != code::s_ok) app.remark("backhaul: job " + job.id() + ": " + code_text(*result));
  }
  if (app.json()) app.print(json.end_array().text() + "\n");
  if (jobs->empty()) app.remark("backhaul: no jobs");
  return combine(outcomes);
}

}  // namespace backhaul::cli
