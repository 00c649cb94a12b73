// SPDX-License-Identifier: Apache-2.0
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

}  // namespace
}  // namespace backhaul::parts
