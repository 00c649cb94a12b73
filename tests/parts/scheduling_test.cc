// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/commands.h"
#include "tests/parts/rig.h"

namespace backhaul::parts {
namespace {

class Scheduling : public Rig {
 protected:
  std::vector<engine::Effect> schedule() {
    return turn([&](Draft& draft) { parts.scheduling.schedule(draft); });
  }
  void pass(base::Microseconds time) {
    stage.timeline.skip_to(stage.timeline.now() + time);
    context.clocks.read();
  }
};

TEST_F(Scheduling, ASliceEndsForTheNextOfTheSameLevel) {
  const JobId first = add_running("x");
  const JobId second = add(JobState::queued, "y");
  const base::BootTime ends = context.now().boot + context.settings.slice;
  EXPECT_EQ(parts.scheduling.next(context, parts.fetching.runs()), ends);
  schedule();
  EXPECT_EQ(row(second).state, JobState::queued);
  pass(context.settings.slice);
  schedule();
  EXPECT_EQ(row(first).state, JobState::queued);
  EXPECT_EQ(row(second).state, JobState::connecting);
  EXPECT_EQ(parts.scheduling.agenda().position(row(first)), 0U);
}

TEST_F(Scheduling, OfTheForegroundTheLinkIsForThoseThatStillFetch) {
  context.settings.foreground_jobs = 1;
  const auto with_turn = [&] {
    const auto& runs = parts.fetching.runs().all();
    return std::ranges::count_if(runs, [](const auto& entry) { return entry.second.active; });
  };
  for (int i = 0; i < 6; ++i) {
    const JobId job = add(JobState::queued, "y" + std::to_string(i));
    turn([&](Draft& draft) { draft.edit(job, engine::Weight::hard).priority = base::Priority::foreground; });
  }
  for (int i = 1; i <= 4; ++i) {
    schedule();
    schedule();
    EXPECT_EQ(with_turn(), i);
    turn([&](Draft& draft) {
      for (const auto& [id, run] : parts.fetching.runs().all())
        draft.runs.edit(id)->lanes.front().phase = engine::LanePhase::syncing;
    });
  }
  schedule();
  EXPECT_EQ(with_turn(), 4) << "a slow disk does not have everybody's parts open";
}

TEST_F(Scheduling, WhoeverWasTouchedInATurnIsLookedAtInTheNext) {
  const JobId job = add(JobState::queued);
  turn([&](Draft& draft) {
    draft.edit(job, engine::Weight::hard).name = "other";
    parts.scheduling.schedule(draft);
  });
  EXPECT_EQ(row(job).state, JobState::queued);
  schedule();
  EXPECT_EQ(row(job).state, JobState::connecting);
}

TEST_F(Scheduling, AJobWhoseProgramIsBeingAskedGetsNoTurn) {
  const JobId job = add(JobState::queued);
  engine::Question question;
  question.job = job;
  question.object.unique_name = ":1.5";
  const auto effects = turn(
      [&](Draft& draft) { draft.note(engine::note::QuestionArises{question}); });
  ASSERT_EQ(all<effect::Ask>(effects).size(), 1U);
  schedule();
  EXPECT_EQ(row(job).state, JobState::queued);
  turn([&](Draft& draft) { draft.note(engine::note::QuestionEnds{job}); });
  schedule();
  EXPECT_EQ(row(job).state, JobState::connecting);
}

class HeldByAServer : public Scheduling {
 protected:
  HeldByAServer() {
    turn([&](Draft& draft) { draft.edit_holds().hold("http://busy:80", context.now().boot + 60s); });
    for (const char* name : {"x", "y"}) held.push_back(add(JobState::queued, name, "busy"));
    schedule();
    EXPECT_EQ(state(0), JobState::queued);
  }
  JobState state(std::size_t job) const { return row(held[job]).state; }

  std::vector<JobId> held;
};

TEST_F(HeldByAServer, AllComeBackToTheirPlacesWhenItsTimeIsOver) {
  pass(59s);
  schedule();
  schedule();
  EXPECT_EQ(state(0), JobState::queued);
  pass(1s);
  turn([](Draft&) {});
  EXPECT_EQ(parts.scheduling.agenda().position(row(held[1])), 1U);
  schedule();
  EXPECT_EQ(state(0), JobState::connecting);
  EXPECT_EQ(state(1), JobState::queued);
}

TEST_F(HeldByAServer, AllComeBackWhenItServesAgain) {
  turn([](Draft& draft) { draft.edit_holds().lift("http://busy:80"); });
  schedule();
  EXPECT_EQ(state(0), JobState::connecting);
}

TEST_F(HeldByAServer, WhoseOwnerInsistsComesBackAlone) {
  turn([&](Draft& draft) {
    const ports::Command start{base::CallId::none, {base::PeerId{1}, 1000, {}, {}},
                               ports::command::Start{held[1]}};
    engine::perform(draft, start, nullptr);
  });
  schedule();
  EXPECT_EQ(state(0), JobState::queued);
  EXPECT_EQ(state(1), JobState::connecting);
}

TEST_F(HeldByAServer, WhatLeavesTheQueueOrChangesItsPriorityIsForgotten) {
  turn([&](Draft& draft) {
    ASSERT_TRUE(step(draft, held[0], core::JobEvent::suspend));
    draft.edit(held[1], engine::Weight::hard).priority = base::Priority::high;
  });
  schedule();
  pass(60s);
  turn([](Draft&) {});
  EXPECT_EQ(parts.scheduling.agenda().queued(base::Priority::normal), 0U);
  EXPECT_EQ(parts.scheduling.agenda().queued(base::Priority::high), 1U);
  schedule();
  EXPECT_EQ(state(1), JobState::connecting);
}

}  // namespace
}  // namespace backhaul::parts
