// SPDX-License-Identifier: Apache-2.0
#include "tests/parts/rig.h"

namespace backhaul::parts {
namespace {

class Telling : public Rig {
 protected:
  std::vector<engine::Effect> owe(const JobId& job) {
    return turn([&](Draft& draft) {
      core::Job& row = draft.edit(job, engine::Weight::hard);
      row.notify_class = core::ClassRegistration{"org.example.One", "/org/example"};
      row.pending.edit().kind = core::NotifyKind::job_transferred;
      row.pending.edit().sequence = draft.numbers.next_sequence++;
    });
  }
  static ports::DeliveryEnded answered(const effect::Notify& notify, base::Code code) {
    return {notify.notification.ticket, ports::NotifyOutcome::answered, code, {}};
  }
};

TEST_F(Telling, WhatIsDueIsToldOnceAndOverWhenItIsAcknowledged) {
  const JobId job = add(JobState::transferred);
  auto effects = owe(job);
  ASSERT_EQ(all<effect::Notify>(effects).size(), 1U);
  const auto told = all<effect::Notify>(effects)[0];
  EXPECT_FALSE(has<effect::Notify>(turn([](Draft&) {})));
  EXPECT_FALSE(parts.telling.idle());
  EXPECT_FALSE(parts.idle());
  turn([&](Draft& draft) { parts.telling.on(draft, answered(told, base::Code::S_OK)); });
  EXPECT_EQ(row(job).pending->kind, core::NotifyKind::none);
  EXPECT_TRUE(parts.telling.idle());
}

TEST_F(Telling, AnAnswerWhoseCommitFailsIsHeardAgain) {
  const JobId job = add(JobState::transferred);
  const auto told = all<effect::Notify>(owe(job))[0];
  Draft dropped = draft();
  parts.telling.on(dropped, answered(told, base::Code::S_OK));
  ASSERT_EQ(dropped.kept().size(), 1U);
  EXPECT_FALSE(parts.telling.idle());
  turn([&](Draft& draft) { parts.telling.on(draft, answered(told, base::Code::S_OK)); });
  EXPECT_EQ(row(job).pending->kind, core::NotifyKind::none);
}

TEST_F(Telling, AClassThatDoesNotStartIsPausedForAllOfItsJobs) {
  const JobId first = add(JobState::transferred, "x");
  const JobId second = add(JobState::transferred, "y");
  const auto told = all<effect::Notify>(owe(first))[0];
  turn([&](Draft& draft) {
    parts.telling.on(draft, {told.notification.ticket, ports::NotifyOutcome::unavailable,
                             base::Code::E_FAIL, {}});
  });
  EXPECT_FALSE(has<effect::Notify>(owe(second)));
  EXPECT_GT(parts.telling.due(context, row(second)), context.now().boot);
  const auto effects = turn(
      [&](Draft& draft) { parts.telling.on(draft, ports::ClassInstalled{"org.example.One"}); });
  EXPECT_EQ(all<effect::Notify>(effects).size(), 2U);
}

TEST_F(Telling, AFinalJobStaysUntilItsLastEventIsHeard) {
  const JobId job = add(JobState::transferred);
  const auto told = all<effect::Notify>(owe(job))[0];
  turn([&](Draft& draft) {
    core::Job& row = draft.edit(job, engine::Weight::hard);
    row.auto_complete = true;
    row.state = JobState::acknowledged;
  });
  EXPECT_TRUE(context.table.in_queue(job));
  const auto effects = turn(
      [&](Draft& draft) { parts.telling.on(draft, answered(told, base::Code::S_OK)); });
  EXPECT_FALSE(context.table.in_queue(job));
  EXPECT_TRUE(has<effect::ReleaseInstance>(effects));
}

}  // namespace
}  // namespace backhaul::parts
