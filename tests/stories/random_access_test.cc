// SPDX-License-Identifier: Apache-2.0
// Files that are read at random: on-demand jobs, ranges ahead of the rest, and who is told of what
// arrived (files.md §7, §8; notifications.md §13).
#include "tests/stories/notified_story.h"

namespace backhaul::stories {
namespace {


struct AtRandom : NotifiedStory {
  sim::RemoteFile& x = serve("x", 10'000);
  JobId a{};

  void make(bool on_demand, std::uint32_t flags = 3) {
    JobChange change;
    change.on_demand_mode = on_demand;
    change.notify_flags = flags;
    change.minimum_retry_delay = 5;
    a = create("a", {"x"}, change);
  }
  std::string reply_of(ports::CommandBody body) {
    const auto id = world.submit("call", alice.caller(), std::move(body)).id;
    run(0s);
    const auto& reply = *world.clients.call(id).reply;
    return reply ? "S_OK" : base::symbol(reply.error().code);
  }
  std::string request(std::vector<core::WantedRange> ranges, std::uint32_t index = 0) {
    return reply_of(ports::command::RequestRanges{a, index, std::move(ranges)});
  }
  std::string set_position(std::uint64_t position) {
    return reply_of(ports::command::SetPosition{a, 0, position});
  }
  void set_object_3() {
    core::ObjectRegistration object;
    object.bus_id = world.bus.id();
    object.unique_name = alice.unique_name;
    object.path = "/o";
    object.level = 3;
    object.uid = alice.uid;
    world.submit("SetObject", alice.caller(), ports::command::SetObject{a, object});
    run(0s);
  }
  core::Extents stored() { return file(a, 0).stored; }
  static core::Extents holding(std::initializer_list<core::Extent> extents) {
    core::Extents all;
    for (const core::Extent& extent : extents) all.add(extent);
    return all;
  }
  JobState state() { return row(a).state; }
};

TEST(OnDemand, NothingIsFetchedUntilItIsAskedFor) {
  AtRandom s;
  s.make(true);
  s.start(s.a);
  s.run(10s);
  EXPECT_EQ(s.state(), JobState::suspended);
  EXPECT_EQ(s.x.requests, 0U);
}

TEST(OnDemand, N126_WhatWasAskedForCameAndTheJobIsSuspended) {
  AtRandom s;
  s.make(true);
  EXPECT_EQ(s.request({{4000, 1000}, {0, 500}}), "S_OK");
  EXPECT_EQ(s.state(), JobState::suspended) << "it needs Resume";
  EXPECT_EQ(s.waiting(s.a), "suspended; waiting to be started");
  s.start(s.a);
  s.run(10s);
  EXPECT_EQ(s.state(), JobState::suspended);
  EXPECT_EQ(s.stored(), s.holding({{0, 500}, {4000, 5000}}));
  EXPECT_EQ(s.x.requests, 2U);
  EXPECT_TRUE(s.waiting(s.a).starts_with("everything that was asked for is here; waiting for a program to ask"))
      << s.waiting(s.a);
  EXPECT_EQ(s.told_of("JobTransferred"), "\n");
  EXPECT_EQ(s.row(s.a).pending->kind, core::NotifyKind::none);
}

TEST(OnDemand, TheWholeFileIsTransferred) {
  AtRandom s;
  s.make(true);
  s.request({{4000, eof}});
  s.start(s.a);
  s.run(10s);
  EXPECT_EQ(s.state(), JobState::suspended);
  EXPECT_EQ(s.request({{0, 5000}}), "S_OK");
  s.start(s.a);
  s.run(10s);
  EXPECT_EQ(s.state(), JobState::transferred);
  s.complete(s.a);
  s.run(1s);
  EXPECT_TRUE(s.has_file("x"));
}

TEST(OnDemand, MoreThatIsAskedForMeanwhileIsFetchedWithoutAnotherResume) {
  AtRandom s;
  s.make(true);
  s.request({{4000, 1000}});
  s.start(s.a);
  s.run(1500ms);
  EXPECT_EQ(s.request({{100, 100}}), "S_OK");
  s.run(10s);
  EXPECT_EQ(s.state(), JobState::suspended);
  EXPECT_EQ(s.stored(), s.holding({{100, 200}, {4000, 5000}}));
}

TEST(OnDemand, WhatWasAskedForOutlivesACrash) {
  AtRandom s;
  s.make(true);
  s.request({{4000, 3000}, {0, 500}});
  s.start(s.a);
  s.run(3500ms);
  s.crash();
  s.run(20s);
  EXPECT_EQ(s.state(), JobState::suspended);
  EXPECT_EQ(s.stored(), s.holding({{0, 500}, {4000, 7000}}));
  EXPECT_EQ(s.file(s.a, 0).epoch, 0U);
}

TEST(OnDemand, ARangeBehindTheEndOfAKnownFileIsRefused) {
  AtRandom s;
  s.make(true);
  s.request({{0, 100}});
  s.start(s.a);
  s.run(5s);
  EXPECT_EQ(s.request({{9'990, 11}}), "BG_E_INVALID_RANGE");
  EXPECT_EQ(s.request({{10'000, eof}}), "BG_E_INVALID_RANGE");
  EXPECT_EQ(s.request({{5, 0}}), "BG_E_INVALID_RANGE");
  EXPECT_EQ(s.request({}), "E_INVALIDARG");
  EXPECT_EQ(s.request({{0, 1}}, 1), "BG_E_FILE_NOT_FOUND");
  EXPECT_TRUE(s.file(s.a, 0).rare->demand->asked.empty());
}

TEST(OnDemand, ARangeThatTurnsOutToLieOutsideFailsTheJobOnce) {
  AtRandom s;
  s.make(true);
  EXPECT_EQ(s.request({{20'000, 10}}), "S_OK") << "nobody knows the size";
  s.start(s.a);
  s.run(5s);
  EXPECT_EQ(s.state(), JobState::error);
  EXPECT_EQ(s.row(s.a).error->code, Code::BG_E_INVALID_RANGE);
  s.request({{0, 10}});
  s.start(s.a);
  s.run(5s);
  EXPECT_EQ(s.state(), JobState::suspended);
  EXPECT_EQ(s.stored(), s.holding({{0, 10}}));
}

TEST(OnDemand, AServerWithoutRangesIsAnError) {
  AtRandom s;
  s.x.does_ranges = false;
  s.make(true);
  s.request({{4000, 10}});
  s.start(s.a);
  s.run(5s);
  EXPECT_EQ(s.state(), JobState::error);
  EXPECT_EQ(s.row(s.a).error->code, Code::BG_E_RANDOM_ACCESS_NOT_SUPPORTED);
}

// files.md §6: a silent restart is not allowed where data was handed out.
TEST(OnDemand, AFileThatChangedIsAnErrorUntilResume) {
  AtRandom s;
  s.make(true);
  s.request({{4000, 1000}});
  s.start(s.a);
  s.run(5s);
  s.world.origin.change("http://host/x", 9'000);
  s.request({{3900, 1200}});
  s.start(s.a);
  s.run(5s);
  EXPECT_EQ(s.state(), JobState::error);
  EXPECT_EQ(s.row(s.a).error->code, Code::BG_E_REMOTE_FILE_CHANGED);
  EXPECT_EQ(s.stored(), s.holding({{4000, 5000}}));
  s.start(s.a);
  s.run(10s);
  EXPECT_EQ(s.state(), JobState::suspended);
  EXPECT_EQ(s.stored(), s.holding({{3900, 5100}})) << "all that was asked for, also what was here of the other version";
}

TEST(OnDemand, SwitchedOffTheRestFollows) {
  AtRandom s;
  s.make(true);
  s.request({{4000, 1000}});
  s.start(s.a);
  s.run(5s);
  JobChange off;
  off.on_demand_mode = false;
  s.change(s.a, off);
  EXPECT_EQ(s.state(), JobState::suspended);
  s.start(s.a);
  s.run(20s);
  EXPECT_EQ(s.state(), JobState::transferred);
}

TEST(OnDemand, SwitchedOnInMidTransferItStops) {
  AtRandom s;
  s.make(false);
  s.start(s.a);
  s.run(3500ms);
  JobChange on;
  on.on_demand_mode = true;
  s.change(s.a, on);
  s.run(3s);
  EXPECT_EQ(s.state(), JobState::suspended);
  EXPECT_GT(s.stored().total(), 1000U);
  EXPECT_LT(s.stored().total(), 5000U);
}

TEST(OnDemand, TheSizeCapCountsWhatCame) {
  AtRandom s;
  JobChange change;
  change.on_demand_mode = true;
  change.maximum_download_size = 1500;
  s.a = s.create("a", {"x"}, change);
  s.request({{4000, 1000}});
  s.start(s.a);
  s.run(5s);
  EXPECT_EQ(s.state(), JobState::suspended);
  s.request({{0, 1000}});
  s.start(s.a);
  s.run(5s);
  EXPECT_EQ(s.state(), JobState::error);
  EXPECT_EQ(s.row(s.a).error->code, Code::BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED);
}

// --- without on-demand mode ----------------------------------------------------------------------

TEST(RandomAccess, WhatIsAskedForComesAheadOfTheRest) {
  AtRandom s;
  s.make(false);
  s.request({{8000, 1000}});
  s.start(s.a);
  s.run(2500ms);
  EXPECT_TRUE(s.stored().covers({8000, 9000}));
  EXPECT_EQ(s.stored().prefix(), 0U);
  s.run(20s);
  EXPECT_EQ(s.state(), JobState::transferred);
  s.complete(s.a);
  s.run(1s);
  EXPECT_TRUE(s.has_file("x"));
}

TEST(RandomAccess, InMidTransferTheRestMakesWay) {
  AtRandom s;
  s.make(false);
  s.start(s.a);
  s.run(2500ms);
  s.request({{8000, 1000}});
  EXPECT_EQ(s.state(), JobState::transferring) << "it keeps its turn";
  s.run(3s);
  EXPECT_TRUE(s.stored().covers({8000, 9000}));
  EXPECT_LT(s.stored().prefix(), 6000U);
  s.run(20s);
  EXPECT_EQ(s.state(), JobState::transferred);
  EXPECT_EQ(s.file(s.a, 0).epoch, 0U);
}

TEST(RandomAccess, TheRestComesFromThePositionOnAndThenWhatLiesBeforeIt) {
  AtRandom s;
  s.make(false);
  EXPECT_EQ(s.set_position(6000), "S_OK");
  s.start(s.a);
  s.run(3500ms);
  EXPECT_EQ(s.stored().prefix(), 0U);
  EXPECT_TRUE(s.stored().contains(6000));
  EXPECT_EQ(s.set_position(2000), "S_OK");
  s.run(2500ms);
  EXPECT_TRUE(s.stored().contains(2000));
  EXPECT_EQ(s.set_position(10'001), "BG_E_INVALID_RANGE");
  s.run(30s);
  EXPECT_EQ(s.state(), JobState::transferred);
  s.complete(s.a);
  s.run(1s);
  EXPECT_TRUE(s.has_file("x"));
}

TEST(RandomAccess, WhereThePositionIsRefusedTheFileComesAsAWhole) {
  AtRandom s;
  s.x.fault({FaultKind::refuses, 400});
  s.make(false);
  s.set_position(6000);
  s.start(s.a);
  s.run(20s);
  EXPECT_EQ(s.state(), JobState::transferred);
  EXPECT_EQ(s.file(s.a, 0).epoch, 0U);
  s.complete(s.a);
  s.run(1s);
  EXPECT_TRUE(s.has_file("x"));
}

TEST(RandomAccess, OfAServerWithoutRangesTheFileComesAsAWholeAndTheMethodsAreRefused) {
  AtRandom s;
  s.x.does_ranges = false;
  s.make(false);
  s.request({{8000, 1000}});
  s.start(s.a);
  s.run(3s);
  EXPECT_EQ(s.request({{0, 10}}), "BG_E_RANDOM_ACCESS_NOT_SUPPORTED");
  EXPECT_EQ(s.set_position(5), "BG_E_RANDOM_ACCESS_NOT_SUPPORTED");
  s.run(20s);
  EXPECT_EQ(s.state(), JobState::transferred);
}

TEST(RandomAccess, OfAFileWithRangesIsRefused) {
  AtRandom s;
  ports::command::Enqueue command;
  command.files = s.specs({"x"});
  command.files[0].ranges = {{0, 10}};
  const auto id = s.world.submit("Enqueue", s.alice.caller(), std::move(command)).id;
  s.run(0s);
  s.a = std::get<JobId>(**s.world.clients.call(id).reply);
  EXPECT_EQ(s.request({{0, 10}}), "BG_E_RANDOM_ACCESS_NOT_SUPPORTED");
}

// --- who is told ---------------------------------------------------------------------------------

TEST(RangesTold, N125_CoverWhatIsFilledWithoutRepetition) {
  AtRandom s;
  s.make(true, ranges);
  s.set_object_3();
  core::Extents told;
  s.world.notifier.on_notify = [&, check = s.world.notifier.on_notify](
                                   const ports::Notification& event) {
    check(event);
    ASSERT_EQ(event.kind, core::NotifyKind::file_ranges_transferred);
    for (const core::Extent& extent : event.ranges) {
      EXPECT_EQ(told.first_gap(extent), extent) << "told twice";
      told.add(extent);
    }
  };
  s.request({{4000, 2000}, {0, 500}});
  s.start(s.a);
  s.run(10s);
  s.request({{3000, 4000}});
  s.start(s.a);
  s.run(10s);
  EXPECT_EQ(told, s.holding({{0, 500}, {3000, 7000}}));
  EXPECT_EQ(told, s.stored());
}

TEST(RangesTold, N73_NoCloserThanTheInterval) {
  AtRandom s;
  s.make(true, ranges);
  s.set_interval(s.a, 3000);
  s.set_object_3();
  std::vector<base::Microseconds> times;
  s.world.notifier.on_notify = [&, check = s.world.notifier.on_notify](
                                   const ports::Notification& event) {
    check(event);
    times.push_back(s.world.stage.timeline.now());
  };
  s.request({{0, eof}});
  s.start(s.a);
  s.run(20s);
  ASSERT_GE(times.size(), 3U);
  EXPECT_LE(times.size(), 6U);
  for (std::size_t i = 1; i < times.size(); ++i) EXPECT_GE(times[i] - times[i - 1], 3s);
}

TEST(RangesTold, ToAnObjectThatAnswersThem) {
  AtRandom s;
  s.make(true, ranges);
  s.set_object_2(s.a, s.alice);
  s.request({{0, 500}});
  s.start(s.a);
  s.run(10s);
  EXPECT_EQ(s.told_of("FileRangesTransferred"), "\n");
  s.set_object_3();
  s.run(1s);
  EXPECT_NE(s.told_of("FileRangesTransferred").find("0-500"), std::string::npos)
      << "what came before is told to whoever listens at last";
}

TEST(RangesTold, OfAnOrdinaryJobNever) {
  AtRandom s;
  s.make(false, ranges | transferred);
  s.set_object_3();
  s.start(s.a);
  s.run(20s);
  EXPECT_EQ(s.state(), JobState::transferred);
  EXPECT_EQ(s.told_of("FileRangesTransferred"), "\n");
}

// --- dynamic content -----------------------------------------------------------------------------

struct Dynamic : AtRandom {
  std::string set(std::optional<bool> dynamic, std::optional<std::uint32_t> priority = {},
                  std::optional<bool> on_demand = {}) {
    JobChange change;
    change.dynamic_content = dynamic;
    change.priority = priority;
    change.on_demand_mode = on_demand;
    return reply_of(ports::command::Change{a, change});
  }
};

TEST(DynamicContent, RunsInTheForegroundAlone) {
  Dynamic s;
  s.make(false);
  EXPECT_EQ(s.set(true, 1), "BG_E_UNSUPPORTED_JOB_CONFIGURATION");
  EXPECT_EQ(s.set(true), "S_OK");
  EXPECT_EQ(s.row(s.a).priority, base::Priority::foreground);
  EXPECT_EQ(s.set({}, 2), "BG_E_UNSUPPORTED_JOB_CONFIGURATION");
  EXPECT_EQ(s.set({}, {}, true), "BG_E_UNSUPPORTED_JOB_CONFIGURATION");
  EXPECT_EQ(s.request({{0, 1}}), "BG_E_RANDOM_ACCESS_NOT_SUPPORTED");
  s.start(s.a);
  EXPECT_EQ(s.set(false), "BG_E_READ_ONLY_PROPERTY_AFTER_RESUME");
}

TEST(DynamicContent, DoesNotGoWithRanges) {
  Dynamic s;
  s.make(false);
  EXPECT_EQ(s.set(true), "S_OK");
  std::vector<ports::FileSpec> files = s.specs({"x"});
  files[0].ranges = {{0, 10}};
  EXPECT_EQ(s.reply_of(ports::command::AddFiles{s.a, files}), "BG_E_UNSUPPORTED_JOB_CONFIGURATION");
  EXPECT_EQ(s.set(false), "S_OK");
  EXPECT_EQ(s.reply_of(ports::command::AddFiles{s.a, files}), "S_OK");
  EXPECT_EQ(s.set(true), "BG_E_UNSUPPORTED_JOB_CONFIGURATION");
}

TEST(DynamicContent, BeginsAnewAtEveryInterruption) {
  Dynamic s;
  s.make(false);
  s.set(true);
  s.x.fault({FaultKind::cut, 4000});
  s.start(s.a);
  s.run(6s);
  EXPECT_EQ(s.state(), JobState::transient_error);
  s.world.origin.change("http://host/x", 3000);
  s.run(5s + 2s);
  EXPECT_LE(s.stored().total(), 3000U);
  s.run(10s);
  EXPECT_EQ(s.state(), JobState::transferred);
  EXPECT_EQ(s.stored(), core::Extents::until(3000));
  s.complete(s.a);
  s.run(1s);
  EXPECT_TRUE(s.has_file("x"));
}

TEST(DynamicContent, HasASizeAtItsEndAndACapBeforeIt) {
  Dynamic s;
  s.x.tells_size = false;
  JobChange change;
  change.dynamic_content = true;
  change.maximum_download_size = 5000;
  s.a = s.create("a", {"x"}, change);
  s.start(s.a);
  s.run(3s);
  EXPECT_EQ(s.world.service().progress(s.row(s.a)).bytes_total, base::size_unknown);
  s.run(10s);
  EXPECT_EQ(s.state(), JobState::error);
  EXPECT_EQ(s.row(s.a).error->code, Code::BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED);
}

}  // namespace
}  // namespace backhaul::stories
