// SPDX-License-Identifier: Apache-2.0
// Files of which ranges are wanted, and parts with holes (files.md §4). That the right bytes lie in the
// right places is checked by the world, at every commit and when a file is published.
#include "tests/sim/holes.h"
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {


struct Ranged : Story {
  sim::RemoteFile& x = serve("x", 10'000);
  JobId a{};
  base::CallId call{};

  // True: it is a job now.
  bool fetch(std::vector<core::WantedRange> ranges) {
    ports::command::Enqueue command;
    command.properties.name = "a";
    command.properties.minimum_retry_delay = 5;
    command.files = specs({"x"});
    command.files[0].ranges = std::move(ranges);
    command.start = true;
    call = world.submit("Enqueue", alice.caller(), std::move(command)).id;
    run(0s);
    const auto& reply = *world.clients.call(call).reply;
    if (reply) a = std::get<JobId>(*reply);
    return reply.has_value();
  }
  Code refusal() const {
    const auto& reply = *world.clients.call(call).reply;
    return reply ? Code::S_OK : reply.error().code;
  }
  ports::Progress progress() { return world.service().progress(row(a)); }
};

TEST(Ranges, BecomeTheLocalFileInTheirOrder) {
  Ranged s;
  ASSERT_TRUE(s.fetch({{4000, 500}, {9000, eof}, {0, 1000}}));
  EXPECT_EQ(s.progress().bytes_total, base::size_unknown) << "one goes to an end that nobody knows";
  s.run(2s);
  EXPECT_EQ(s.progress().bytes_total, 2500U);
  s.run(20s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferred);
  EXPECT_EQ(s.progress().bytes_transferred, 2500U);
  EXPECT_EQ(s.file(s.a, 0).stored, core::Extents::until(2500));
  EXPECT_EQ(s.x.requests, 3U);
  s.complete(s.a);
  s.run(1s);
  EXPECT_TRUE(s.has_file("x"));
}

// http-and-network.md §2: whatever the server makes of several, the file becomes what is wanted.
TEST(Ranges, ComeTogetherOrOneByOneAsTheServerGivesThem) {
  using sim::Several;
  for (const auto& [several, requests] : std::vector<std::pair<Several, std::uint32_t>>{
           {Several::parts, 2}, {Several::first, 5}, {Several::whole, 6}, {Several::backwards, 6}, {Several::merged, 6},
           {Several::fewer, 3}, {Several::another, 5}, {Several::broken, 5}}) {
    Ranged s;
    s.x.several = several;
    ASSERT_TRUE(s.fetch({{0, 100}, {1000, 100}, {2000, 100}, {3000, 100}, {4000, 100}}));
    s.run(30s);
    EXPECT_EQ(s.row(s.a).state, JobState::transferred) << static_cast<int>(several);
    EXPECT_EQ(s.x.requests, requests) << static_cast<int>(several);
    s.complete(s.a);
    s.run(1s);
    EXPECT_TRUE(s.has_file("x"));
  }
}

TEST(Ranges, WithTheirEndsHaveASizeBeforeAnybodyIsAsked) {
  Ranged s;
  s.world.set_network(false);
  ASSERT_TRUE(s.fetch({{4000, 500}, {0, 1000}}));
  EXPECT_EQ(s.progress().bytes_total, 1500U);
  EXPECT_EQ(s.row(s.a).files.bytes_known, 1500U);
}

TEST(Ranges, ThatCannotBeAreRefusedAndNothingIsMade) {
  Ranged s;
  EXPECT_FALSE(s.fetch({{0, 10}, {5, 10}}));
  EXPECT_EQ(s.refusal(), Code::BG_E_OVERLAPPING_RANGES);
  EXPECT_FALSE(s.fetch({{0, 0}}));
  EXPECT_EQ(s.refusal(), Code::BG_E_INVALID_RANGE);
}

TEST(Ranges, OfAFileAreAtMostFiveHundredButForRoot) {
  Ranged s;
  std::vector<core::WantedRange> ranges;
  for (std::uint64_t n = 0; n < 501; ++n) ranges.push_back({2 * n, 1});
  EXPECT_FALSE(s.fetch(ranges));
  EXPECT_EQ(s.refusal(), Code::BG_E_TOO_MANY_RANGES_IN_FILE);
  ports::command::Enqueue command;
  command.files = s.specs({"x"});
  command.files[0].ranges = ranges;
  s.call = s.world.submit("Enqueue", s.root.caller(), std::move(command)).id;
  s.run(0s);
  EXPECT_EQ(s.refusal(), Code::S_OK);
  ranges.pop_back();
  EXPECT_TRUE(s.fetch(ranges));
}

TEST(Ranges, GoOnWhereACrashLeftThem) {
  Ranged s;
  ASSERT_TRUE(s.fetch({{4000, 2000}, {8000, 2000}}));
  s.run(1s + 2s + 1s + 1500ms);  // one second for each head
  s.crash();
  const std::uint64_t stored = s.file(s.a, 0).stored.prefix();
  EXPECT_GT(stored, 2000U);
  EXPECT_LT(stored, 4000U);
  s.run(1s + 2s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferred);
  EXPECT_EQ(s.x.requests, 3U);
  EXPECT_EQ(s.file(s.a, 0).epoch, 0U);
}

TEST(Ranges, OfAnotherVersionAreAllFetchedAgain) {
  Ranged s;
  ASSERT_TRUE(s.fetch({{4000, 2000}, {8000, 2000}}));
  s.run(2500ms);
  s.world.origin.change("http://host/x", 10'500);
  s.run(20s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferred);
  EXPECT_EQ(s.file(s.a, 0).epoch, 1U);
  s.complete(s.a);
  s.run(1s);
  EXPECT_TRUE(s.has_file("x"));
}

// Nothing tells that it was changed, but the bytes.
TEST(Ranges, OfAVersionThatNobodyToldAreOfOneAllTheSame) {
  Ranged s;
  s.x.versions.back().last_modified.clear();
  s.x.versions.back().etag.clear();
  ASSERT_TRUE(s.fetch({{4000, 2000}, {8000, 2000}}));
  s.run(2500ms);
  s.world.origin.change("http://host/x", 10'000);
  s.run(20s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferred);
  EXPECT_EQ(s.file(s.a, 0).epoch, 1U);
  EXPECT_EQ(s.row(s.a).files.version_untold, 1U) << "behind the last one nothing is compared";
  s.complete(s.a);
  s.run(1s);
  EXPECT_TRUE(s.has_file("x"));
}

TEST(Ranges, OfAnUntoldVersionAreRemarkedAlsoOverACrash) {
  Ranged s;
  s.x.versions.back().last_modified.clear();
  s.x.uniform = true;
  ASSERT_TRUE(s.fetch({{4000, 2000}, {8000, 2000}}));
  for (int i = 0; i < 100 && !s.file(s.a, 0).remote_identity.version_untold; ++i) s.run(500ms);
  EXPECT_TRUE(s.file(s.a, 0).remote_identity.version_untold);
  EXPECT_EQ(s.row(s.a).files.version_untold, 0U) << "it is not here yet";
  s.crash();
  s.run(10s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferred);
  EXPECT_EQ(s.row(s.a).files.version_untold, 1U);
  Ranged one;
  one.x.versions.back().last_modified.clear();
  ASSERT_TRUE(one.fetch({{4000, 2000}}));
  one.run(10s);
  EXPECT_EQ(one.row(one.a).state, JobState::transferred);
  EXPECT_EQ(one.row(one.a).files.version_untold, 0U) << "one answer is of one version";
}

TEST(Ranges, OfAServerThatGivesNoneAreAnErrorUntilItDoes) {
  Ranged s;
  s.x.does_ranges = false;
  ASSERT_TRUE(s.fetch({{4000, 2000}}));
  s.run(2s);
  EXPECT_EQ(s.row(s.a).state, JobState::error);
  EXPECT_EQ(s.row(s.a).error->code, Code::BG_E_INSUFFICIENT_RANGE_SUPPORT);
  s.x.does_ranges = true;
  s.start(s.a);
  s.run(5s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferred);
}

TEST(Ranges, OutsideOfTheFileAreAnError) {
  Ranged s;
  ASSERT_TRUE(s.fetch({{0, 10}, {9'995, 10}}));
  s.run(2s);
  EXPECT_EQ(s.row(s.a).state, JobState::error);
  EXPECT_EQ(s.row(s.a).error->code, Code::BG_E_INVALID_RANGE);
}

// --- holes ---------------------------------------------------------------------------------------

struct Holed : Ranged {
  void punch(core::Extent hole) {
    world.kill_service();
    ASSERT_TRUE(sim::punch_hole(world, a, 0, hole));
    world.start_service();
    run(0s);
  }
};

TEST(Holes, OfAWholeFileAreFetchedAloneAndThenTheRest) {
  Holed s;
  ASSERT_TRUE(s.fetch({}));
  s.run(6s);
  const std::uint64_t stored = s.file(s.a, 0).stored.prefix();
  ASSERT_GT(stored, 3000U);
  const std::uint64_t before = s.x.requests;
  s.punch({1000, 2000});
  EXPECT_EQ(s.file(s.a, 0).stored.total(), stored - 1000);
  EXPECT_EQ(s.row(s.a).files.bytes_stored, stored - 1000);
  s.run(1s + 1s);
  s.crash();
  EXPECT_EQ(s.file(s.a, 0).epoch, 0U);
  s.run(12s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferred);
  EXPECT_LE(s.x.requests, before + 3);
  s.complete(s.a);
  s.run(1s);
  EXPECT_TRUE(s.has_file("x"));
}

TEST(Holes, OfRangesAreFetchedFromWhereTheyLieInTheRemoteFile) {
  Holed s;
  ASSERT_TRUE(s.fetch({{7000, 2000}, {1000, 4000}}));
  s.run(6s);
  ASSERT_GT(s.file(s.a, 0).stored.prefix(), 2500U);
  s.punch({1500, 2500});  // over the border of both
  s.run(15s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferred);
  s.complete(s.a);
  s.run(1s);
  EXPECT_TRUE(s.has_file("x"));
}

TEST(Holes, OfAServerWithoutRangesGiveWayToTheWholeFile) {
  for (const core::Extent hole : {core::Extent{0, 500}, core::Extent{1000, 2000}}) {
    Holed s;
    ASSERT_TRUE(s.fetch({}));
    s.run(6s);
    s.x.does_ranges = false;
    s.punch(hole);
    s.run(3s);
    EXPECT_EQ(s.file(s.a, 0).epoch, 0U) << "what is held stays until the whole is here";
    s.run(12s);
    EXPECT_EQ(s.row(s.a).state, JobState::transferred);
    EXPECT_EQ(s.file(s.a, 0).epoch, 1U);
  }
}

}  // namespace
}  // namespace backhaul::stories
