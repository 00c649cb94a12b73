// SPDX-License-Identifier: Apache-2.0
// What all jobs together do to the network, for people and machines: how fast, what it costs others, and what
// is left of data budgets.
#pragma once

#include <string>
#include <vector>

#include "cli/view.h"

namespace backhaul::cli {

// One to three lines, and one for each budget.
std::string render_stats(const std::vector<JobView>& jobs, const std::vector<BudgetInfo>& budgets,
                         const PeerStanding& own, const TableStyle& style, Time now);
void write_stats(Json& json, const std::vector<JobView>& jobs, const std::vector<BudgetInfo>& budgets,
                 const PeerStanding& own);
// One line for each job that moves.
std::string render_impact(const std::vector<JobView>& jobs, const TableStyle& style);
void write_impact(Json& json, const std::vector<JobView>& jobs);

}  // namespace backhaul::cli
