// SPDX-License-Identifier: Apache-2.0
// Walks the whole input space of core/job_table.h and compares it with the list written from the
// documentation.
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "core/job_table.h"
#include "tests/table/job_states_expected.h"

namespace backhaul {
namespace {

using base::Code;
using base::JobState;
using core::Cell;
using core::CellKind;
using core::JobEvent;
using core::JobFacts;
using expected::Outcome;
using expected::When;

template <class F>
void for_each_input(F visit) {
  for (int s = 0; s < base::job_state_count; ++s)
    for (int e = 0; e < core::job_event_count; ++e)
      for (unsigned facts = 0; facts < 32; ++facts)
        visit(static_cast<JobState>(s), static_cast<JobEvent>(e),
              JobFacts{.has_files = (facts & 1) != 0,
                       .upload = (facts & 2) != 0,
                       .nothing_left = (facts & 4) != 0,
                       .never_retry = (facts & 8) != 0,
                       .asks_once = (facts & 16) != 0});
}

std::string name(JobState state, JobEvent event, const JobFacts& facts) {
  std::string text = std::string(base::to_word(state)) + " + " + std::string(core::to_word(event));
  if (facts.has_files) text += " has_files";
  if (facts.upload) text += " upload";
  if (facts.nothing_left) text += " nothing_left";
  if (facts.never_retry) text += " never_retry";
  if (facts.asks_once) text += " asks_once";
  return text;
}

std::string name(const Cell& cell) {
  switch (cell.kind) {
    case CellKind::go: return "go " + std::string(base::to_word(cell.target));
    case CellKind::stay: return "stay";
    case CellKind::refuse: return "refuse " + base::symbol(cell.code);
    case CellKind::begin_complete: return "begin_complete";
    case CellKind::begin_cancel: return "begin_cancel";
    case CellKind::begin_take: return "begin_take";
    case CellKind::never: return "never";
  }
  return "?";
}

bool holds(When when, bool fact) { return when == When::any || (when == When::yes) == fact; }

bool matches(const expected::Row& row, JobState state, JobEvent event, const JobFacts& facts) {
  return (row.states & expected::bit(state)) != 0 && row.event == event &&
         holds(row.guard.has_files, facts.has_files) && holds(row.guard.upload, facts.upload) &&
         holds(row.guard.nothing_left, facts.nothing_left) &&
         holds(row.guard.never_retry, facts.never_retry) &&
         holds(row.guard.asks_once, facts.asks_once);
}

bool agrees(const Outcome& outcome, const Cell& cell) {
  switch (outcome.kind) {
    case Outcome::Kind::go: return cell.kind == CellKind::go && cell.target == outcome.target;
    case Outcome::Kind::stay: return cell.kind == CellKind::stay;
    case Outcome::Kind::refuse: return cell.kind == CellKind::refuse && cell.code == outcome.code;
    case Outcome::Kind::begin_complete: return cell.kind == CellKind::begin_complete;
    case Outcome::Kind::begin_cancel: return cell.kind == CellKind::begin_cancel;
    case Outcome::Kind::begin_take: return cell.kind == CellKind::begin_take;
    case Outcome::Kind::cannot: return cell.kind == CellKind::never;
  }
  return false;
}

TEST(JobTable, TheListCoversEveryInputExactlyOnce) {
  std::set<const expected::Row*> used;
  for_each_input([&](JobState state, JobEvent event, const JobFacts& facts) {
    int found = 0;
    for (const auto& row : expected::rows)
      if (matches(row, state, event, facts)) {
        ++found;
        used.insert(&row);
      }
    EXPECT_EQ(found, 1) << name(state, event, facts);
  });
  for (const auto& row : expected::rows) EXPECT_TRUE(used.contains(&row)) << row.source;
}

TEST(JobTable, DoesWhatTheDocumentationDemands) {
  for_each_input([](JobState state, JobEvent event, const JobFacts& facts) {
    const Cell cell = core::lookup(state, event, facts);
    for (const auto& row : expected::rows) {
      if (!matches(row, state, event, facts)) continue;
      EXPECT_TRUE(agrees(row.outcome, cell)) << name(state, event, facts) << ": the table says " << name(cell)
                          << "; " << row.source;
    }
  });
}

TEST(JobTable, NothingHappensToAJobThatHasEnded) {
  for_each_input([](JobState state, JobEvent event, const JobFacts& facts) {
    if (!base::is_final(state)) return;
    EXPECT_EQ(core::lookup(state, event, facts).kind, CellKind::never) << name(state, event, facts);
  });
}

TEST(JobTable, AClientIsNeverMetByABug) {
  for_each_input([](JobState state, JobEvent event, const JobFacts& facts) {
    if (event > JobEvent::change || base::is_final(state)) return;
    EXPECT_NE(core::lookup(state, event, facts).kind, CellKind::never) << name(state, event, facts);
  });
}

TEST(JobTable, OnlyClientsAreRefused) {
  for_each_input([](JobState state, JobEvent event, const JobFacts& facts) {
    if (event <= JobEvent::change) return;
    EXPECT_NE(core::lookup(state, event, facts).kind, CellKind::refuse)
        << name(state, event, facts);
  });
}

TEST(JobTable, CancelLeadsOutOfEveryOpenState) {
  for_each_input([](JobState state, JobEvent event, const JobFacts& facts) {
    if (base::is_final(state) || event != JobEvent::cancel) return;
    EXPECT_EQ(core::lookup(state, event, facts).kind, CellKind::begin_cancel);
    const Cell end = core::lookup(state, JobEvent::discarded, facts);
    EXPECT_EQ(end.kind, CellKind::go);
    EXPECT_EQ(end.target, JobState::cancelled);
  });
}

TEST(JobTable, EveryStateIsReachedFromANewJob) {
  std::set<JobState> reached{JobState::suspended};
  for (std::size_t before = 0; before != reached.size();) {
    before = reached.size();
    for_each_input([&](JobState state, JobEvent event, const JobFacts& facts) {
      if (!reached.contains(state)) return;
      const Cell cell = core::lookup(state, event, facts);
      if (cell.kind == CellKind::go) reached.insert(cell.target);
    });
  }
  EXPECT_EQ(reached.size(), static_cast<std::size_t>(base::job_state_count));
}

}  // namespace
}  // namespace backhaul
