// SPDX-License-Identifier: Apache-2.0
#include "cli/stats.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "cli/progress.h"
#include "cli/table.h"
#include "cli/text.h"

namespace backhaul::cli {
namespace {

struct Totals {
  std::size_t jobs = 0, moving = 0;
  std::uint64_t rate = 0, resumed = 0;
};

Totals totals_of(const std::vector<JobView>& jobs) {
  Totals totals;
  for (const JobView& job : jobs) {
    ++totals.jobs;
    if (is_moving(job.state)) ++totals.moving;
    totals.rate += static_cast<std::uint64_t>(job.rate.value_or(0));
    totals.resumed += job.bytes_resumed;
  }
  return totals;
}

std::string of_limit(std::uint64_t used, std::uint64_t limit) {
  return format_size(used) + (limit == size_unknown ? ", no limit" : " of " + format_size(limit));
}

// At its end a budget is another one; until then it may run out.
std::string outlook(const BudgetInfo& budget, Time now) {
  const auto in = [now](Time then) {
    return format_duration(std::chrono::duration_cast<std::chrono::seconds>(then - now));
  };
  const bool used_up = budget.used >= budget.limit || budget.owner_used >= budget.owner_limit;
  if (used_up) return "used up; goes on in " + in(budget.end);
  if (!is_known(budget.runs_out)) return "lasts until it ends in " + in(budget.end);
  return "lasts " + in(budget.runs_out) + " at the present rate, ends in " + in(budget.end);
}

Json amount_json(std::uint64_t amount) {
  return amount == size_unknown ? Json().null() : Json().value(amount);
}

Json time_json(Time time) { return is_known(time) ? Json().value(format_utc(time)) : Json().null(); }

void write_budget(Json& json, const BudgetInfo& budget) {
  json.object().key("network").value(budget.network).key("in-use").value(budget.in_use);
  json.key("period").value(budget.period);
  json.key("begin").literal(time_json(budget.begin).text()).key("end").literal(time_json(budget.end).text());
  json.key("limit").literal(amount_json(budget.limit).text()).key("used").value(budget.used);
  json.key("owner-limit").literal(amount_json(budget.owner_limit).text()).key("owner-used").value(budget.owner_used);
  json.key("runs-out").literal(time_json(budget.runs_out).text());
  json.key("holds-foreground").value(budget.holds_foreground).key("where").value(budget.where).end_object();
}

std::vector<const JobView*> moving(const std::vector<JobView>& jobs) {
  std::vector<const JobView*> found;
  for (const JobView& job : jobs)
    if (is_moving(job.state)) found.push_back(&job);
  return found;
}

}  // namespace

std::string render_stats(const std::vector<JobView>& jobs, const std::vector<BudgetInfo>& budgets,
                         const PeerStanding& own, const TableStyle& style, Time now) {
  const Totals totals = totals_of(jobs);
  std::string out = std::to_string(totals.jobs) + (totals.jobs == 1 ? " job, " : " jobs, ") +
                    std::to_string(totals.moving) + " moving, " + format_rate(static_cast<double>(totals.rate)) + "\n";
  if (totals.resumed > 0) out += format_size(totals.resumed) + " did not have to be fetched again\n";
  if (own.bytes_from_peers > 0 || own.bytes_to_peers > 0)
    out += format_size(own.bytes_from_peers) + " came from peers and " + format_size(own.bytes_to_peers) +
           " went to them since the service began\n";
  if (budgets.empty()) return out;
  Table table{{{"NETWORK", Align::left, 8, 16}, {"PERIOD"}, {"USED", Align::right}, {"OWN", Align::right, 0, 0, 1},
               {"OUTLOOK", Align::left, 8, 40, 0, true}},
              {}};
  for (const BudgetInfo& budget : budgets)
    table.rows.push_back({printable(budget.network.empty() ? "(unknown)" : budget.network, style.utf8) + (budget.in_use ? " *" : ""),
                          budget.period, of_limit(budget.used, budget.limit),
                          of_limit(budget.owner_used, budget.owner_limit), outlook(budget, now)});
  table.drop_spare(style.columns);
  return out + table.render(style);
}

void write_stats(Json& json, const std::vector<JobView>& jobs, const std::vector<BudgetInfo>& budgets,
                 const PeerStanding& own) {
  const Totals totals = totals_of(jobs);
  json.object().key("jobs").value(totals.jobs).key("moving").value(totals.moving);
  json.key("rate").value(totals.rate).key("resumed").value(totals.resumed);
  json.key("from-peers").value(own.bytes_from_peers).key("to-peers").value(own.bytes_to_peers).key("budgets").array();
  for (const BudgetInfo& budget : budgets) write_budget(json, budget);
  json.end_array().end_object();
}

std::string render_impact(const std::vector<JobView>& jobs, const TableStyle& style) {
  const auto those = moving(jobs);
  if (those.empty()) return "no job moves\n";
  const std::string dash = style.utf8 ? "–" : "-";
  Table table{{{"ID"}, {"NAME", Align::left, 4, 16}, {"PRIO", Align::left, 0, 0, 2}, {"RATE", Align::right},
               {"AVERAGE", Align::right, 0, 0, 3}, {"LEFT", Align::right, 0, 0, 4}, {"RESUMED", Align::right, 0, 0, 1},
               {"DELAY", Align::right}, {"ADDED", Align::right}, {"CAPACITY", Align::right, 0, 0, 5}, {"FREE", Align::right}},
              {}};
  Cells owners;
  for (const JobView* job : those) {
    owners.push_back(job->owner);
    const auto rate = [&](std::uint64_t value) {
      return value == size_unknown ? dash : format_rate(static_cast<double>(value));
    };
    const auto left = time_left(*job);
    table.rows.push_back(
        {short_id(job->id), printable(job->name, style.utf8), to_word(job->priority),
         job->rate ? format_rate(*job->rate) : dash,
         job->average_rate > 0 ? format_rate(static_cast<double>(job->average_rate)) : dash,
         left ? format_duration(*left) : dash, job->bytes_resumed > 0 ? format_size(job->bytes_resumed) : dash,
         job->path_delay.count() < 0 ? dash : format_delay(job->path_delay),
         job->delay_added.count() < 0 ? dash : format_delay(job->delay_added), rate(job->path_capacity),
         rate(job->capacity_left)});
  }
  table = with_owners(std::move(table), owners, style);
  table.drop_spare(style.columns);
  return table.render(style);
}

void write_impact(Json& json, const std::vector<JobView>& jobs) {
  json.array();
  for (const JobView* job : moving(jobs)) {
    json.object();
    for (const auto& [name, value] : job_fields(*job))
      for (const std::string_view wanted : {"id", "owner", "name", "state", "priority", "rate", "average-rate", "eta", "resumed", "impact"})
        if (name == wanted) json.key(name).literal(value);
    json.end_object();
  }
  json.end_array();
}

}  // namespace backhaul::cli
