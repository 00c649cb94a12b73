// SPDX-License-Identifier: Apache-2.0
// What a step does besides moving the state: timers, counts, error object and the event that
// becomes due. From jobs.md §3, §5, §9 and notifications.md, by another hand than the code.
#include <chrono>

#include <gtest/gtest.h>

#include "base/random.h"
#include "core/job_table.h"
#include "core/notify_ladder.h"

namespace backhaul {
namespace {

using base::Code;
using base::JobState;
using core::Intent;
using core::Job;
using core::JobEvent;
using core::NotifyKind;
using std::chrono::hours;
using std::chrono::seconds;

class JobStep : public testing::Test {
 protected:
  Job new_job() {
    Job job;
    job.files.total = 2;
    return job;
  }
  Job job_after(std::initializer_list<JobEvent> events) {
    Job job = new_job();
    for (JobEvent event : events) do_step(job, event);
    return job;
  }
  Job running_job() {
    return job_after({JobEvent::start, JobEvent::turn_given, JobEvent::connected});
  }
  core::Effects do_step(Job& job, JobEvent event, Code code = Code::WINHTTP_TIMEOUT) {
    std::optional<core::ErrorInfo> error;
    const bool fails = event == JobEvent::failed_transient || event == JobEvent::failed_blocked ||
                       event == JobEvent::failed_fatal || event == JobEvent::poisoned ||
                       event == JobEvent::validation_failed ||
                       event == JobEvent::publish_failed || event == JobEvent::parts_lost ||
                       event == JobEvent::download_time_over || event == JobEvent::barred;
    if (event == JobEvent::barred) code = Code::BG_E_NETWORK_DISCONNECTED;
    if (fails) error = core::ErrorInfo{code, base::ErrorContext::general_transport, 0, "why"};
    auto effects = core::step(job, event, {now, boot, sequence}, error);
    EXPECT_TRUE(effects) << core::to_word(event);
    return effects.value_or(core::Effects{});
  }
  void pass(base::Microseconds time) {
    now.boot += time;
    now.wall += time;
    now.service += time;
  }

  base::Instant now{base::BootTime(hours(1)), base::WallTime(hours(400'000))};
  base::BootId boot = 1;
  std::uint64_t sequence = 1;

};

TEST_F(JobStep, ARefusalChangesNothing) {
  Job upload = running_job();
  upload.type = base::JobType::upload;
  const Job before = upload;
  auto effects = core::step(upload, JobEvent::complete, {now, boot, sequence});
  ASSERT_FALSE(effects);
  EXPECT_EQ(effects.error().code, Code::BG_E_INVALID_STATE);
  EXPECT_EQ(upload, before);
  Job empty;
  effects = core::step(empty, JobEvent::start, {now, boot, sequence});
  ASSERT_FALSE(effects);
  EXPECT_EQ(effects.error().code, Code::BG_E_EMPTY);
  EXPECT_EQ(empty, Job{});
}

TEST_F(JobStep, ATransientErrorWaitsForTheRetryDelay) {
  Job job = running_job();
  job.minimum_retry_delay = base::Seconds(60);
  EXPECT_TRUE(do_step(job, JobEvent::failed_transient).stop_transfers);
  ASSERT_TRUE(job.retry);
  EXPECT_EQ(resolve(*job.retry, now, boot), now.boot + seconds(60));
  EXPECT_EQ(job.pending->kind, NotifyKind::none);  // N27
  do_step(job, JobEvent::retry_due);
  EXPECT_FALSE(job.retry);
}

TEST_F(JobStep, WhatNoTimerHelpsHasNoTimer) {
  for (JobEvent event : {JobEvent::failed_blocked, JobEvent::barred}) {
    Job job = running_job();
    do_step(job, event);
    EXPECT_EQ(job.state, JobState::transient_error);
    EXPECT_FALSE(job.retry);
  }
}

TEST_F(JobStep, NoProgressRunsFromTheFirstTransientError) {
  Job job = running_job();
  do_step(job, JobEvent::failed_transient);
  ASSERT_TRUE(job.stuck);
  const core::Stuck first = *job.stuck;
  EXPECT_EQ(core::no_progress_due(job), now.service + job.no_progress_timeout);
  pass(job.minimum_retry_delay);
  do_step(job, JobEvent::retry_due);
  do_step(job, JobEvent::turn_given);
  do_step(job, JobEvent::failed_transient);
  EXPECT_EQ(job.stuck, first);
}

TEST_F(JobStep, NoProgressAndInactivityCountOnlyWhileTheServiceRuns) {
  Job job = running_job();
  do_step(job, JobEvent::failed_transient);
  for (const base::WallTime set : {base::WallTime{}, now.wall + hours(24 * 20'000)}) {
    now.wall = set;
    now.boot = base::BootTime(seconds(10));  // another boot
    EXPECT_FALSE(core::never_retry(job, now));
    EXPECT_FALSE(core::is_inactive(job, now, hours(24 * 90)));
  }
  now.service = job.stuck->since + job.no_progress_timeout - seconds(1);
  EXPECT_FALSE(core::never_retry(job, now));
  pass(seconds(1));
  EXPECT_TRUE(core::never_retry(job, now));
  now.service = job.active + hours(24 * 90) - seconds(1);
  EXPECT_FALSE(core::is_inactive(job, now, hours(24 * 90)));
  pass(seconds(1));
  EXPECT_TRUE(core::is_inactive(job, now, hours(24 * 90)));
  do_step(job, JobEvent::change);
  EXPECT_FALSE(core::is_inactive(job, now, hours(24 * 90)));
}

TEST_F(JobStep, N28_NoProgressTurnsTheErrorThatIsThereIntoAFatalOne) {
  Job job = running_job();
  do_step(job, JobEvent::failed_transient, Code::WINHTTP_CANNOT_CONNECT);
  EXPECT_TRUE(do_step(job, JobEvent::no_progress).event_due);
  EXPECT_EQ(job.state, JobState::error);
  ASSERT_TRUE(job.error);
  EXPECT_EQ(job.error->code, Code::WINHTTP_CANNOT_CONNECT);
  EXPECT_EQ(job.pending->kind, NotifyKind::job_error);
}

TEST_F(JobStep, NoProgressOfAJobInFrontOfItsNextAttemptTellsWhatIsKnown) {
  Job job = running_job();
  do_step(job, JobEvent::failed_transient, Code::WINHTTP_CANNOT_CONNECT);
  do_step(job, JobEvent::retry_due);
  Job answered = job;
  EXPECT_TRUE(do_step(job, JobEvent::no_progress).event_due);
  EXPECT_EQ(job.state, JobState::error);
  EXPECT_EQ(job.error->code, Code::WINHTTP_CANNOT_CONNECT);
  for (JobEvent event : {JobEvent::turn_given, JobEvent::connected, JobEvent::turn_taken, JobEvent::no_progress})
    do_step(answered, event);
  EXPECT_EQ(answered.state, JobState::error);
  ASSERT_TRUE(answered.error) << "its server answered, and nothing came";
  EXPECT_EQ(answered.error->code, Code::BG_E_NO_PROGRESS);
}

TEST_F(JobStep, AutoCompleteIsForAJobOfWhichEverythingIsHere) {
  Job job = running_job();
  job.auto_complete = true;
  EXPECT_FALSE(core::completes_itself(job));
  do_step(job, JobEvent::all_done);
  EXPECT_FALSE(core::completes_itself(job)) << "a file was added";
  job.files.transferred = job.files.total;
  EXPECT_TRUE(core::completes_itself(job));
  do_step(job, JobEvent::complete);
  EXPECT_FALSE(core::completes_itself(job)) << "it was begun";
  do_step(job, JobEvent::publish_failed, Code::PATH_NOT_FOUND);
  EXPECT_TRUE(core::completes_itself(job));
  EXPECT_FALSE(core::is_about_to_complete(job)) << "its owner has to repair it first";
}

TEST_F(JobStep, WithoutTimeForRetriesEveryFailureIsFatal) {
  for (auto [timeout, delay] : {std::pair{0U, 5U}, std::pair{59U, 60U}}) {
    Job job = running_job();
    job.no_progress_timeout = base::Seconds(timeout);
    job.minimum_retry_delay = base::Seconds(delay);
    do_step(job, JobEvent::failed_transient);
    EXPECT_EQ(job.state, JobState::error);
  }
}

TEST_F(JobStep, ALostNetworkWithoutTimeForRetriesIsOverAtOnce) {
  Job job = running_job();
  job.no_progress_timeout = {};
  do_step(job, JobEvent::barred);
  const bool over = job.state == JobState::error ||
                    (job.stuck && *core::no_progress_due(job) <= now.service);
  EXPECT_TRUE(over);
}

TEST_F(JobStep, TheErrorObjectStaysUntilBytesFlow) {
  Job job = running_job();
  do_step(job, JobEvent::failed_fatal, base::http_code(404));
  for (JobEvent event : {JobEvent::start, JobEvent::turn_given}) {
    do_step(job, event);
    EXPECT_TRUE(job.error) << core::to_word(event);
  }
  do_step(job, JobEvent::connected);
  EXPECT_FALSE(job.error);

  do_step(job, JobEvent::failed_transient);
  do_step(job, JobEvent::suspend);
  EXPECT_EQ(job.state, JobState::suspended);
  EXPECT_TRUE(job.error);
}

TEST_F(JobStep, ErrorsOfARunningJobAreCountedAndNeverForgotten) {
  Job job = running_job();
  do_step(job, JobEvent::failed_transient);
  EXPECT_EQ(job.error_count, 1U);
  do_step(job, JobEvent::retry_due);
  do_step(job, JobEvent::turn_given);
  do_step(job, JobEvent::failed_transient);  // a failed retry
  EXPECT_EQ(job.error_count, 2U);
  do_step(job, JobEvent::start);
  do_step(job, JobEvent::turn_given);
  do_step(job, JobEvent::connected);
  EXPECT_EQ(job.error_count, 2U);
  do_step(job, JobEvent::failed_fatal);
  EXPECT_EQ(job.error_count, 3U);
}

TEST_F(JobStep, NetworkLockedDiskAndBandwidthPolicyAreNotCounted) {
  for (Code code : {Code::BG_E_NETWORK_DISCONNECTED, Code::BG_E_DESTINATION_LOCKED,
                    Code::BG_E_BLOCKED_BY_POLICY}) {
    Job job = running_job();
    do_step(job, JobEvent::failed_blocked, code);
    EXPECT_EQ(job.error_count, 0U) << base::symbol(code);
  }
  Job job = running_job();
  do_step(job, JobEvent::barred);
  EXPECT_EQ(job.error_count, 0U);
}

TEST_F(JobStep, N23_TransferredRemembersWhenAndOwesItsEvent) {
  Job job = running_job();
  const auto effects = do_step(job, JobEvent::all_done);
  EXPECT_TRUE(effects.event_due);
  EXPECT_EQ(job.transferred, now.wall);
  EXPECT_EQ(job.pending->kind, NotifyKind::job_transferred);
}

TEST_F(JobStep, EveryDueEventHasItsOwnNumber) {
  Job job = running_job();
  do_step(job, JobEvent::failed_fatal);
  const auto first = job.pending->sequence;
  do_step(job, JobEvent::start);
  do_step(job, JobEvent::turn_given);
  do_step(job, JobEvent::failed_fatal);
  EXPECT_GT(job.pending->sequence, first);
  EXPECT_GT(sequence, job.pending->sequence);
}

TEST_F(JobStep, N53_ResumeStopsTheRepetitionOfJobError) {
  Job job = running_job();
  do_step(job, JobEvent::failed_fatal);
  do_step(job, JobEvent::start);
  EXPECT_EQ(job.pending, core::Pending{});
}

TEST_F(JobStep, N52_NothingIsDueAfterCompleteOrCancel) {
  for (auto [ask, end] : {std::pair{JobEvent::complete, JobEvent::published},
                          std::pair{JobEvent::cancel, JobEvent::discarded}}) {
    Job job = running_job();
    do_step(job, JobEvent::all_done);
    job.event_file = 1;
    job.file_event = core::Pending{.kind = NotifyKind::file_transferred, .sequence = 7};
    do_step(job, ask);
    EXPECT_EQ(job.file_event->sequence, 7U) << "it may fail yet";
    do_step(job, end);
    EXPECT_EQ(job.pending->kind, NotifyKind::none);
    EXPECT_EQ(job.file_event, core::Pending{}) << "of its files neither";
    EXPECT_EQ(job.event_file, base::no_file);
  }
}

TEST_F(JobStep, TheEventOfAJobThatCompletedByItselfOutlivesItButNoError) {
  Job job = running_job();
  job.auto_complete = true;
  do_step(job, JobEvent::all_done);
  job.event_file = 1;
  job.file_event = core::Pending{.kind = NotifyKind::file_transferred, .sequence = 7};
  do_step(job, JobEvent::complete);
  do_step(job, JobEvent::published);
  EXPECT_EQ(job.pending->kind, NotifyKind::job_transferred);
  EXPECT_EQ(job.file_event->sequence, 7U) << "it comes before that of the job";

  Job failed = running_job();
  failed.auto_complete = true;
  do_step(failed, JobEvent::failed_fatal);
  do_step(failed, JobEvent::complete);
  EXPECT_FALSE(do_step(failed, JobEvent::published).event_due);
  EXPECT_EQ(failed.pending->kind, NotifyKind::none);
}

TEST_F(JobStep, IntentsAreWrittenFirstAndClearedAtTheirEnd) {
  Job job = running_job();
  auto effects = do_step(job, JobEvent::complete);
  EXPECT_TRUE(effects.publish && effects.stop_transfers && !effects.state_changed);
  EXPECT_EQ(job.intent, Intent::complete);
  EXPECT_EQ(job.state, JobState::transferring);
  do_step(job, JobEvent::publish_failed);
  EXPECT_EQ(job.intent, Intent::none);
  EXPECT_EQ(job.state, JobState::queued);  // nobody transfers it any more
  effects = do_step(job, JobEvent::cancel);
  EXPECT_TRUE(effects.discard);
  do_step(job, JobEvent::discarded);
  EXPECT_EQ(job.intent, Intent::none);
  EXPECT_EQ(job.state, JobState::cancelled);
}

TEST_F(JobStep, AJobThatIsTakenOverIsWhatItWasAndOneThatRanWaitsForATurn) {
  Job job = running_job();
  const auto effects = do_step(job, JobEvent::take);
  EXPECT_TRUE(effects.take && effects.stop_transfers && !effects.state_changed);
  EXPECT_EQ(job.intent, Intent::take);
  do_step(job, JobEvent::taken);
  EXPECT_EQ(job.intent, Intent::none);
  EXPECT_EQ(job.state, JobState::queued);

  Job whole = running_job();
  do_step(whole, JobEvent::all_done);
  const auto pending = whole.pending;
  do_step(whole, JobEvent::take);
  EXPECT_FALSE(do_step(whole, JobEvent::taken).event_due);
  EXPECT_EQ(whole.state, JobState::transferred);
  EXPECT_EQ(whole.pending, pending) << "its new owner hears of it";
}

TEST_F(JobStep, AFailedPublishKeepsTheEventOfTransferred) {
  Job job = running_job();
  do_step(job, JobEvent::all_done);
  const auto pending = job.pending;
  do_step(job, JobEvent::complete);
  do_step(job, JobEvent::publish_failed);
  EXPECT_EQ(job.state, JobState::transferred);
  EXPECT_EQ(job.pending, pending);
}

TEST_F(JobStep, WhatKeepsFilesFromTheirPlacesStandsUntilTheNextTry) {
  Job job = running_job();
  do_step(job, JobEvent::all_done);
  do_step(job, JobEvent::complete);
  do_step(job, JobEvent::publish_failed, Code::PATH_NOT_FOUND);
  EXPECT_EQ(job.state, JobState::transferred);
  ASSERT_TRUE(job.error);
  EXPECT_EQ(job.error->code, Code::PATH_NOT_FOUND);
  do_step(job, JobEvent::complete);
  EXPECT_FALSE(job.error);

  Job stopped = running_job();
  do_step(stopped, JobEvent::suspend);
  const auto before = stopped.error;
  do_step(stopped, JobEvent::complete);
  do_step(stopped, JobEvent::publish_failed, Code::PATH_NOT_FOUND);
  EXPECT_EQ(stopped.error, before) << "a job that waits for something else says that";
}

TEST_F(JobStep, LostPartsPutTheJobIntoErrorAndTakeTheIntentBack) {
  Job job = running_job();
  do_step(job, JobEvent::all_done);
  do_step(job, JobEvent::complete);
  EXPECT_TRUE(do_step(job, JobEvent::parts_lost, Code::FILE_NOT_FOUND).event_due);
  EXPECT_EQ(job.state, JobState::error);
  ASSERT_TRUE(job.error);
  EXPECT_EQ(job.error->code, Code::FILE_NOT_FOUND);
  EXPECT_EQ(job.intent, Intent::none);
  EXPECT_EQ(job.pending->kind, NotifyKind::job_error);
}

TEST_F(JobStep, ResumeStartsMaximumDownloadTimeOver) {
  Job job = job_after({JobEvent::start, JobEvent::suspend});
  job.time_used = hours(7);
  do_step(job, JobEvent::start);
  EXPECT_EQ(job.time_used.count(), 0);
  EXPECT_TRUE(job.started);
  EXPECT_EQ(job.rare->time_before, hours(7)) << "what came took its time";
  do_step(job, JobEvent::suspend);
  job.time_used = hours(2);
  do_step(job, JobEvent::start);
  EXPECT_EQ(job.rare->time_before, hours(9));
}

TEST_F(JobStep, N80_ARestartKeepsWhatIsDue) {
  Job job = running_job();
  job.file_event.edit().kind = NotifyKind::file_transferred;
  job.file_event.edit().sequence = sequence++;
  Job after = job;
  after.state = JobState::queued;  // and nothing else is different
  do_step(job, JobEvent::restarted);
  EXPECT_EQ(job, after);
}

TEST_F(JobStep, ModificationTimeFollowsEveryChange) {
  Job job = new_job();
  for (JobEvent event : {JobEvent::change, JobEvent::add_files, JobEvent::start,
                         JobEvent::turn_given, JobEvent::connected, JobEvent::suspend}) {
    pass(seconds(1));
    do_step(job, event);
    EXPECT_EQ(job.modified, now.wall) << core::to_word(event);
    EXPECT_EQ(job.active, now.service) << core::to_word(event);
  }
}

// The event of a job that the service completed by itself became due when it was transferred.
TEST_F(JobStep, AnEventBecomesDueOnceAlsoWhereItOutlivesTheState) {
  Job job = running_job();
  job.auto_complete = true;
  EXPECT_TRUE(do_step(job, JobEvent::all_done).event_due);
  EXPECT_FALSE(do_step(job, JobEvent::complete).event_due);
  EXPECT_FALSE(do_step(job, JobEvent::published).event_due);
  EXPECT_EQ(job.state, JobState::acknowledged);
  EXPECT_EQ(job.pending->kind, NotifyKind::job_transferred);
  EXPECT_EQ(sequence, 2U);
}

// Walks at random over everything that can happen and looks at what must always hold.
TEST_F(JobStep, WhateverHappensTheRowStaysSound) {
  base::Prng random(11);
  for (int life = 0; life < 2'000; ++life) {
    Job job = new_job();
    job.no_progress_timeout = base::Seconds(random.chance(100) ? 0 : 3'600);
    for (int i = 0; i < 60; ++i) {
      pass(seconds(random.below(1'000)));
      const auto event = static_cast<JobEvent>(random.below(core::job_event_count));
      const auto cell = core::lookup(job.state, event, core::facts_of(job, now));
      if (cell.kind == core::CellKind::never || cell.kind == core::CellKind::refuse) continue;
      const Job before = job;
      const auto effects = do_step(job, event);
      ASSERT_EQ(effects.state_changed, cell.kind == core::CellKind::go);
      ASSERT_TRUE(!base::is_final(before.state) || job.state == before.state);
      ASSERT_GE(job.error_count, before.error_count);
      ASSERT_EQ(job.pending->kind, core::due_kind(job)) << core::to_word(event);
      ASSERT_TRUE(!job.retry || job.state == JobState::transient_error);
      ASSERT_TRUE(job.state != JobState::transient_error || job.stuck);
      ASSERT_TRUE(job.error || (job.state != JobState::error &&
                                job.state != JobState::transient_error));
      ASSERT_TRUE(!job.error || job.state != JobState::transferring);
      if (base::is_final(job.state)) break;
    }
  }
}

}  // namespace
}  // namespace backhaul
