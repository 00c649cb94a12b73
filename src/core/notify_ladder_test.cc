// SPDX-License-Identifier: Apache-2.0
#include "core/notify_ladder.h"

#include <chrono>

#include <gtest/gtest.h>

namespace backhaul::core {
namespace {

using base::JobState;
using enum NextStep;

Job job_with(bool object, bool service, bool command) {
  Job job;
  job.state = JobState::transferred;
  job.pending.edit().kind = NotifyKind::job_transferred;
  if (object) job.object = ObjectRegistration{"bus", ":1.5", "/callback", 1, 1000, 1};
  if (service) job.notify_class = ClassRegistration{"org.example.Class", "/callback"};
  if (command) job.command = CommandRegistration{"/bin/true", "true", 1000};
  return job;
}

void expect(const LadderDecision& decision, NextStep step, std::optional<Rung> rung = {},
            bool drop_object = false) {
  EXPECT_EQ(static_cast<int>(decision.step), static_cast<int>(step));
  EXPECT_EQ(static_cast<int>(decision.rung), static_cast<int>(rung.value_or(decision.rung)));
  EXPECT_EQ(decision.drop_object, drop_object);
}

TEST(DueKind, OnlyTheStatesThatStopAJobOweAnEvent) {
  Job job;
  for (int i = 0; i < base::job_state_count; ++i) {
    job.state = static_cast<JobState>(i);
    const auto expected = job.state == JobState::transferred ? NotifyKind::job_transferred
                          : job.state == JobState::error     ? NotifyKind::job_error  // N26
                                                             : NotifyKind::none;          // N27
    EXPECT_EQ(due_kind(job), expected) << i;
  }
}

TEST(DueKind, AJobThatTheServiceCompletedStillOwesIt) {
  Job job;
  job.state = JobState::acknowledged;
  job.auto_complete = true;
  EXPECT_EQ(due_kind(job), NotifyKind::none);  // the owner completed it before it was transferred
  job.transferred = base::WallTime(std::chrono::hours(1));
  EXPECT_EQ(due_kind(job), NotifyKind::job_transferred);
  job.auto_complete = false;
  EXPECT_EQ(due_kind(job), NotifyKind::none);  // N130
  job.state = JobState::cancelled;
  job.auto_complete = true;
  EXPECT_EQ(due_kind(job), NotifyKind::none);
}

TEST(Wanted, N22_N35_TheFlagOfTheKindAndNotDisable) {
  constexpr std::pair<NotifyKind, std::uint32_t> pairs[] = {
      {NotifyKind::job_transferred, 0x01},
      {NotifyKind::job_error, 0x02},
      {NotifyKind::job_modification, 0x08},
      {NotifyKind::file_transferred, 0x10},
  };
  Job job;
  for (std::uint32_t flags = 0; flags <= base::notify::all; ++flags) {
    job.notify_flags = flags;
    EXPECT_FALSE(wanted(job, NotifyKind::none));
    for (auto [kind, flag] : pairs)
      EXPECT_EQ(wanted(job, kind), (flags & flag) != 0 && (flags & base::notify::disable) == 0);
  }
}

TEST(FileEvents, AreOwedUntilTheEndAndByAJobThatTheServiceCompletedBehindIt) {
  Job job;
  for (const auto state : {base::JobState::queued, base::JobState::transferred, base::JobState::error}) {
    job.state = state;
    EXPECT_TRUE(owes_file_events(job)) << to_word(state);
  }
  for (const auto state : {base::JobState::acknowledged, base::JobState::cancelled}) {
    job.state = state;
    EXPECT_FALSE(owes_file_events(job)) << to_word(state);
  }
  job.state = base::JobState::acknowledged;
  job.pending.edit().kind = NotifyKind::job_transferred;
  EXPECT_TRUE(owes_file_events(job));
}

TEST(Modifications, N34_EveryChangeButThoseToErrorAndTransferred) {
  Job before;
  before.state = base::JobState::transferring;
  Job after = before;
  EXPECT_TRUE(is_modification(before, after)) << "bytes, a property";
  for (int state = 0; state < base::job_state_count; ++state) {
    after.state = static_cast<base::JobState>(state);
    const bool otherwise =
        after.state == base::JobState::error || after.state == base::JobState::transferred;
    EXPECT_EQ(is_modification(before, after), !otherwise) << to_word(after.state);
  }
  before.state = after.state = base::JobState::error;
  EXPECT_TRUE(is_modification(before, after)) << "a property of a job in ERROR";
  before.state = after.state = base::JobState::acknowledged;
  EXPECT_FALSE(is_modification(before, after)) << "nothing of it changes any more";
}

TEST(FirstRung, ObjectThenClassThenCommand) {
  EXPECT_EQ(rung_for(job_with(true, true, true), NotifyKind::job_transferred, Rung::object, true),
            Rung::object);  // N89
  EXPECT_EQ(rung_for(job_with(false, true, true), NotifyKind::job_transferred, Rung::object, true),
            Rung::notify_class);
  EXPECT_EQ(rung_for(job_with(false, false, true), NotifyKind::job_transferred, Rung::object, true),
            Rung::command);  // N101
  EXPECT_EQ(
      rung_for(job_with(false, false, true), NotifyKind::job_transferred, Rung::object, false),
      std::nullopt);
  EXPECT_EQ(
      rung_for(job_with(false, false, false), NotifyKind::job_transferred, Rung::object, true),
      std::nullopt);  // N99
}

TEST(FirstRung, N102_NoCommandForModificationAndFileEvents) {
  auto job = job_with(false, false, true);
  for (auto kind : {NotifyKind::job_modification, NotifyKind::file_transferred}) {
    EXPECT_EQ(rung_for(job, kind, Rung::object, true), std::nullopt);
  }
  EXPECT_EQ(rung_for(job, NotifyKind::job_error, Rung::object, true), Rung::command);
}

TEST(FirstRung, N19_FileEventsSkipAnObjectWithoutTheSecondInterface) {
  auto job = job_with(true, true, true);
  EXPECT_EQ(rung_for(job, NotifyKind::file_transferred, Rung::object, true), std::nullopt);
  job.object->level = 2;
  EXPECT_EQ(rung_for(job, NotifyKind::file_transferred, Rung::object, true), Rung::object);
  job.object.reset();
  EXPECT_EQ(rung_for(job, NotifyKind::file_transferred, Rung::object, true), Rung::notify_class);
}

TEST(Commands, N116_NeverForServiceAccounts) {
  Job job = job_with(false, false, true);
  EXPECT_TRUE(may_run_commands(job, false));
  job.command.edit().uid = 33;
  EXPECT_FALSE(may_run_commands(job, false));
  job.command.edit().uid = 0;
  EXPECT_TRUE(may_run_commands(job, false));
  EXPECT_FALSE(may_run_commands(job, true));
}

TEST(Commands, OnTheServiceOfTheMachineTheOwnersAlone) {
  Job job = job_with(false, false, true);
  job.owner_uid = job.command->uid;
  EXPECT_TRUE(may_run_commands(job, true));
  job.owner_uid = job.command->uid + 1;
  EXPECT_FALSE(may_run_commands(job, true));
  EXPECT_TRUE(may_run_commands(job, false));
}

TEST(AfterAttempt, AcknowledgedIsTheEndOnEveryRung) {
  for (auto rung : {Rung::object, Rung::notify_class, Rung::command})
    expect(after_attempt(job_with(true, true, true), NotifyKind::job_transferred, rung,
                         RungResult::acknowledged, true),
           acknowledged);
}

TEST(AfterAttempt, N90_AGoneObjectFallsThroughToTheClassAtOnce) {
  expect(after_attempt(job_with(true, true, true), NotifyKind::job_transferred, Rung::object,
                       RungResult::gone, true),
         next_rung, Rung::notify_class, true);
}

TEST(AfterAttempt, N105_AGoneObjectWithoutClassFallsThroughToTheCommand) {
  expect(after_attempt(job_with(true, false, true), NotifyKind::job_transferred, Rung::object,
                       RungResult::gone, true),
         next_rung, Rung::command, true);
}

TEST(AfterAttempt, N59_AGoneObjectAloneLeavesTheEventPending) {
  expect(after_attempt(job_with(true, false, false), NotifyKind::job_transferred, Rung::object,
                       RungResult::gone, true),
         idle, {}, true);
  expect(after_attempt(job_with(true, false, true), NotifyKind::job_transferred, Rung::object,
                       RungResult::gone, false),
         idle, {}, true);
}

TEST(AfterAttempt, N49_ALivingObjectThatFailedIsCalledAgainNotTheClass) {
  expect(after_attempt(job_with(true, true, false), NotifyKind::job_transferred, Rung::object,
                       RungResult::refused, true),
         retry_later, Rung::object);
}

TEST(AfterAttempt, N104_ALivingObjectThatFailedIsFollowedByTheCommand) {
  expect(after_attempt(job_with(true, true, true), NotifyKind::job_transferred, Rung::object,
                       RungResult::refused, true),
         next_rung, Rung::command);
  expect(after_attempt(job_with(true, true, true), NotifyKind::job_transferred, Rung::object,
                       RungResult::refused, false),
         retry_later, Rung::object);
}

TEST(AfterAttempt, N96_AClassThatCannotBeStartedIsTriedAgainLater) {
  for (auto result : {RungResult::unavailable, RungResult::gone, RungResult::refused}) {
    expect(after_attempt(job_with(false, true, false), NotifyKind::job_transferred, Rung::notify_class,
                         result, true),
           retry_later, Rung::notify_class);
    expect(after_attempt(job_with(false, true, true), NotifyKind::job_transferred, Rung::notify_class,
                         result, true),
           next_rung, Rung::command);
  }
}

TEST(AfterAttempt, N110_AFailedCommandStartsOverFromTheTop) {
  for (auto result : {RungResult::unavailable, RungResult::gone, RungResult::refused}) {
    expect(after_attempt(job_with(true, true, true), NotifyKind::job_transferred, Rung::command,
                         result, true),
           retry_later, Rung::object);
    expect(after_attempt(job_with(false, false, true), NotifyKind::job_transferred, Rung::command,
                         result, true),
           retry_later, Rung::command);
  }
}

TEST(AfterAttempt, NobodyLeftMeansWaitingForSomebody) {
  expect(after_attempt(job_with(false, false, false), NotifyKind::job_transferred, Rung::object,
                       RungResult::refused, true),
         idle);
  expect(after_attempt(job_with(false, false, false), NotifyKind::job_transferred, Rung::notify_class,
                       RungResult::unavailable, true),
         idle);
}

TEST(RetryDelay, N51_NeverShorterThanTheJobsDelay) {
  Job job;
  job.minimum_retry_delay = base::Seconds(60);
  EXPECT_EQ(retry_delay(job, job.pending->attempts, Rung::object, RungResult::refused), std::chrono::seconds(60));
  job.pending.edit().attempts = 20;
  EXPECT_EQ(retry_delay(job, job.pending->attempts, Rung::object, RungResult::refused), std::chrono::seconds(60));
  job.minimum_retry_delay = base::Seconds(7'200);
  EXPECT_EQ(retry_delay(job, job.pending->attempts, Rung::notify_class, RungResult::unavailable),
            std::chrono::hours(2));
  job.minimum_retry_delay = base::Seconds(0);
  EXPECT_EQ(retry_delay(job, job.pending->attempts, Rung::object, RungResult::gone), std::chrono::seconds(5));
}

TEST(RetryDelay, AClassThatCannotBeStartedIsAskedLessAndLessOften) {
  Job job;
  job.minimum_retry_delay = base::Seconds(600);
  constexpr int minutes[] = {10, 10, 20, 40, 60, 60};
  for (std::uint32_t attempts = 0; attempts < std::size(minutes); ++attempts) {
    job.pending.edit().attempts = attempts;
    EXPECT_EQ(retry_delay(job, job.pending->attempts, Rung::notify_class, RungResult::unavailable),
              std::chrono::minutes(minutes[attempts]));
  }
  job.pending.edit().attempts = UINT32_MAX;
  EXPECT_EQ(retry_delay(job, job.pending->attempts, Rung::notify_class, RungResult::unavailable),
            std::chrono::hours(1));
}

}  // namespace
}  // namespace backhaul::core
