// SPDX-License-Identifier: Apache-2.0
// Jobs whose files have their names from the first byte on (files.md §3, jobs.md §11 and §13).
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

struct HighPerformance : Story {
  sim::RemoteFile& x = serve("x", 10'000);
  JobId a{};

  void make(const std::vector<std::string>& files = {"x"}) {
    JobChange change;
    change.high_performance = true;
    change.minimum_retry_delay = 5;
    a = create("a", files, change);
    start(a);
  }
  std::uint64_t stored() { return file(a, 0).stored.total(); }
  std::uint64_t under_its_name() {
    const auto inode = world.disk.find("/d/x");
    return inode == nullptr ? 0 : inode->cache.size();
  }
};

TEST(HighPerformanceJob, HasItsFileUnderItsNameAndRecordsNothingOnTheWay) {
  HighPerformance s;
  s.make();
  s.run(6s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferring);
  EXPECT_GT(s.under_its_name(), 1000U);
  EXPECT_EQ(s.stored(), 0U);
  EXPECT_GT(s.world.service().progress(s.row(s.a)).bytes_transferred, 1000U) << "it is told all the same";
  s.run(20s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferred);
  s.complete(s.a);
  s.run(1s);
  EXPECT_EQ(s.under_its_name(), 10'000U);
}

TEST(HighPerformanceJob, KeepsWhatCameBeforeAPauseAndNotWhatCameBeforeACrash) {
  HighPerformance s;
  s.make();
  s.run(4s);
  s.suspend(s.a);
  s.run(1s);
  const std::uint64_t kept = s.stored();
  EXPECT_GT(kept, 1000U);
  s.start(s.a);
  s.run(3s);
  EXPECT_GT(s.under_its_name(), kept);
  s.crash();
  EXPECT_EQ(s.stored(), kept);
  s.run(30s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferred);
}

// Its server gives no rest any more: what comes beside what is held may never become whole.
TEST(HighPerformanceJob, AVersionBesideWhatIsHeldTakesTheNameWhenItIsWhole) {
  HighPerformance s;
  s.make();
  s.run(6s);
  s.suspend(s.a);
  s.run(1s);
  const std::uint64_t kept = s.stored();
  s.x.always = sim::Fault{sim::FaultKind::refuses, 403};
  s.start(s.a);
  s.run(8s);
  s.suspend(s.a);
  s.run(1s);
  ASSERT_TRUE(s.file(s.a, 0).rare->fresh);
  EXPECT_EQ(s.stored(), kept);
  EXPECT_EQ(s.under_its_name(), kept);
  s.x.always.reset();
  s.start(s.a);
  s.run(20s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferred);
  s.complete(s.a);
  s.run(1s);
  EXPECT_EQ(s.under_its_name(), 10'000U);
  EXPECT_EQ(s.files_on_disk(), 1U);
}

// One that is proven to be another: nothing of the first is wanted any more.
TEST(HighPerformanceJob, AnotherVersionTakesTheNameWithItsFirstByte) {
  HighPerformance s;
  s.make();
  s.run(6s);
  s.suspend(s.a);
  s.run(1s);
  s.world.origin.change("http://host/x", 9'000);
  s.start(s.a);
  s.run(4s);
  s.suspend(s.a);
  s.run(1s);
  const std::uint64_t kept = s.stored();
  EXPECT_GT(kept, 0U);
  EXPECT_EQ(s.file(s.a, 0).epoch, 1U);
  EXPECT_EQ(s.under_its_name(), kept);
  s.start(s.a);
  s.run(20s);
  s.complete(s.a);
  s.run(1s);
  EXPECT_EQ(s.under_its_name(), 9'000U);
}

TEST(HighPerformanceJob, LeavesWhatIsNotWholeToItsOwner) {
  HighPerformance s;
  s.make();
  s.run(4s);
  s.cancel(s.a);
  s.run(1s);
  EXPECT_EQ(s.reply_to_last(), "S_OK");
  EXPECT_GT(s.under_its_name(), 1000U);
}

TEST(HighPerformanceJob, GoesWithNoFileThatIsToBeVerified) {
  HighPerformance s;
  s.make();
  auto specs = s.specs({"y"});
  specs[0].digests = {"sha256:" + std::string(64, 'a')};
  const auto call = s.world.submit("AddFiles", s.alice.caller(), ports::command::AddFiles{s.a, specs}).id;
  s.run(1s);
  EXPECT_EQ(s.world.clients.call(call).reply->error().code, base::Code::BG_E_UNSUPPORTED_JOB_CONFIGURATION);
}

}  // namespace
}  // namespace backhaul::stories
