// SPDX-License-Identifier: Apache-2.0
#include "core/damage.h"

#include <gtest/gtest.h>

#include "core/job_table.h"

namespace backhaul::core {
namespace {

using base::JobState;

constexpr base::ServiceTime now{std::chrono::hours(7)};

Job busy_job(JobState state) {
  Job job;
  job.state = state;
  job.auto_complete = true;
  job.intent = Intent::complete;
  job.files.total = 1;
  job.command = CommandRegistration{"/bin/true", "true", 7};
  job.command_set_by = Author{};
  job.notify_class = ClassRegistration{"org.example.Program", "/callback"};
  job.pending.edit().kind = NotifyKind::job_transferred;
  job.retry = base::StoredDeadline{};
  job.stuck.emplace();
  return job;
}

TEST(Damage, ARevivedJobDoesNothingByItselfAndSaysWhy) {
  for (int i = 0; i < base::job_state_count; ++i) {
    const auto state = static_cast<JobState>(i);
    for (const Damage damage : {Damage::salvaged, Damage::outdated, Damage::incomplete, Damage::changed}) {
      Job job = busy_job(state);
      revive(job, damage, now);
      EXPECT_TRUE(job.command->program.empty());
      EXPECT_FALSE(job.command_set_by);
      EXPECT_EQ(job.notify_class->name, "org.example.Program") << "who is told stays as it was set";
      if (base::is_final(state)) {
        EXPECT_EQ(job.state, state);
        continue;
      }
      EXPECT_EQ(job.state, JobState::suspended);
      EXPECT_FALSE(job.auto_complete);
      EXPECT_EQ(job.intent, Intent::none) << "a Complete that is taken up again replaces files";
      EXPECT_EQ(job.pending->kind, NotifyKind::none);
      EXPECT_FALSE(job.retry || job.stuck);
      EXPECT_EQ(job.active, now) << "it has waited for nobody yet";
      ASSERT_TRUE(job.error);
      EXPECT_EQ(job.error->code, base::Code::BG_E_DATABASE_CORRUPT);
      EXPECT_EQ(job.error->text, reason(damage));
      EXPECT_TRUE(is_revived(job));
    }
  }
}

TEST(Damage, AStartEndsIt) {
  Job job = busy_job(JobState::transferring);
  revive(job, Damage::salvaged, now);
  std::uint64_t sequence = 1;
  ASSERT_TRUE(step(job, JobEvent::start, {{}, base::BootId{1}, sequence}));
  EXPECT_EQ(job.state, JobState::queued);
  EXPECT_FALSE(is_revived(job));
}

TEST(Damage, OfAJobThatIsNotBelievedNothingCountsAgainstItAndItIsNotOver) {
  for (int i = 0; i < base::job_state_count; ++i) {
    Job job = busy_job(static_cast<JobState>(i));
    job.order = UINT64_MAX;
    job.event_file = 7;
    job.time_used = base::Microseconds(-1);
    job.rare.edit().time_before = base::Microseconds::max();
    job.error_count = UINT32_MAX;
    job.files.total = UINT32_MAX;
    job.file_event.edit().sequence = UINT64_MAX;
    distrust(job);
    EXPECT_EQ(implausible(job), "");
    EXPECT_EQ(job.time_used, base::Microseconds(0));
    EXPECT_EQ(job.error_count, 0U);
    revive(job, Damage::changed, now);
    EXPECT_TRUE(is_revived(job)) << "a state of an end would have deleted its parts";
  }
}

TEST(Damage, NoMomentOfARowIsAheadOfTheClock) {
  const base::ServiceTime later = now + std::chrono::hours(5'000'000);
  Job job;
  job.active = later;
  job.stuck = Stuck{.since = later};
  not_ahead(job, now);
  EXPECT_EQ(job.active, now);
  EXPECT_EQ(job.stuck->since, now);
  File file;
  file.rare.edit().doubts = Doubts{.unproven = 3, .unproven_since = later};
  not_ahead(file, now);
  EXPECT_EQ(file.rare->doubts->unproven_since, now);
  EXPECT_EQ(file.rare->doubts->unproven, 3U);
  const base::ServiceTime before = now - std::chrono::hours(1);
  job.active = before;
  job.stuck = Stuck{.since = before};
  not_ahead(job, now);
  EXPECT_EQ(job.active, before);
  EXPECT_EQ(job.stuck->since, before);
}

TEST(Damage, ALostFileHasNoNames) {
  EXPECT_TRUE(is_lost(lost_file({}, 3)));
  EXPECT_EQ(lost_file({}, 3).index, 3U);
  EXPECT_EQ(lost_file({}, 3).state, FileState::waiting);
  EXPECT_FALSE(is_lost({.remote = "http://h/", .local = "/f"}));
}

TEST(Damage, NumbersThatCannotBeOursAreNamed) {
  EXPECT_EQ(implausible(Job{}), "");
  EXPECT_EQ(implausible(File{}), "");
  Job job;
  job.files.total = 4'000'000'000;
  EXPECT_EQ(implausible(job), "files_total");
  job = {};
  job.order = UINT64_MAX;
  EXPECT_EQ(implausible(job), "creation");
  job = {};
  job.files.total = 2;
  job.event_file = 2;
  EXPECT_EQ(implausible(job), "event_file");
  job = {};
  job.time_used = base::Microseconds(-1);
  EXPECT_EQ(implausible(job), "time_used");
  job = {};
  job.rare.edit().time_before = base::Microseconds(-1);
  EXPECT_EQ(implausible(job), "time_before");
  job = {};
  job.retry = base::StoredDeadline{.period = base::Microseconds::max()};
  EXPECT_EQ(implausible(job), "retry_period");
  EXPECT_EQ(implausible(File{.index = 4'000'000'000}), "file_index");
  EXPECT_EQ(implausible(File{.epoch = 4'000'000'000}), "epoch");
  EXPECT_EQ(implausible(File{.stored = Extents::until(UINT64_MAX)}), "durable_offset");
  File ranges{.wanted = Wanted::of_ranges({{100, 50}, {500, to_end_of_file}}).value()};
  ranges.stored = Extents::until(70);
  EXPECT_EQ(implausible(ranges), "");
  ranges.remote_identity.size = 510;
  EXPECT_EQ(implausible(ranges), "durable_offset") << "more than is wanted";
  ranges.remote_identity.size = 500;
  EXPECT_EQ(implausible(ranges), "durable_offset") << "nothing could be fetched of its second range";
  File file;
  file.rare.edit().fresh = FreshPart{.epoch = 4'000'000'000};  // every epoch up to it is named when the job ends
  EXPECT_EQ(implausible(file), "fresh_epoch");
  file.rare.edit().fresh = FreshPart{.offset = UINT64_MAX};
  EXPECT_EQ(implausible(file), "fresh_offset");
}

}  // namespace
}  // namespace backhaul::core
