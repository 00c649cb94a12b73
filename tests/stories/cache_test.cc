// SPDX-License-Identifier: Apache-2.0
// What is kept of finished files for neighbours (peer-caching.md §3 and §9).
#include "core/peer_cache.h"
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

constexpr std::uint32_t for_neighbours = core::peer_caching::server;

engine::Settings with_a_cache() {
  engine::Settings settings;
  settings.policy.cache.enabled.value = true;
  return settings;
}

class PeerCache : public testing::Test {
 protected:
  JobId fetch(const std::string& name, const std::string& job = "a", JobChange change = {.peer_caching_flags = for_neighbours}) {
    const JobId id = s.enqueue(job, {name}, std::move(change));
    s.run(20s);
    return id;
  }
  void validate(const JobId& job, bool valid, std::uint32_t file = 0) {
    s.world.submit("SetValidationState", s.alice.caller(), ports::command::SetValidationState{job, file, valid});
    s.run(0s);
  }
  void lay_down(core::CacheRules rules) {
    core::Policy policy = s.world.settings.policy;
    policy.cache = std::move(rules);
    s.world.settings.policy = policy;
    s.world.stage.post(ports::PolicyChanged{policy});
    s.run(0s);
  }
  // The addresses of what is on record, those that may be given away with a "+".
  std::string kept() {
    std::string text;
    for (const auto& [number, record] : s.world.store.cached())
      text += (text.empty() ? "" : " ") + std::string(record.url).substr(12) + (record.validated ? "+" : "");
    return text;
  }
  std::size_t copies() {
    std::size_t count = 0;
    for (const auto& [path, inode] : s.world.disk.names()) count += path.starts_with("/cache/") ? 1 : 0;
    return count;
  }

  Story s{with_a_cache()};
};

TEST_F(PeerCache, P2_AFileIsKeptWhenItIsHereAndOfferedWhenItsOwnerFindsItValid) {
  s.serve("x", 1000);
  const JobId a = fetch("x");
  EXPECT_EQ(kept(), "x");
  EXPECT_EQ(copies(), 1U);
  validate(a, true);
  EXPECT_EQ(kept(), "x+");
  const core::CacheRecord& record = s.world.store.cached().begin()->second;
  EXPECT_EQ(record.size, 1000U);
  EXPECT_EQ(record.remote_size, 1000U);
  EXPECT_EQ(record.last_modified, s.world.origin.find("http://host/x")->current().last_modified);
}

TEST_F(PeerCache, P2_CompleteOffersWhatNobodyHasDecided) {
  s.serve("x", 1000);
  const JobId a = fetch("x");
  s.complete(a);
  s.run(1s);
  EXPECT_EQ(kept(), "x+") << "the job is gone, and what was kept stays";
  s.crash();
  s.run(1s);
  EXPECT_EQ(kept(), "x+");
  EXPECT_EQ(copies(), 1U);
}

TEST_F(PeerCache, P2_CancelAndFalseRemoveIt) {
  s.serve("x", 1000);
  s.serve("y", 1000);
  const JobId a = fetch("x");
  const JobId b = fetch("y", "b");
  EXPECT_EQ(kept(), "x y");
  s.cancel(a);
  s.run(1s);
  EXPECT_EQ(kept(), "y");
  validate(b, false);
  EXPECT_EQ(kept(), "");
  EXPECT_EQ(copies(), 0U);
}

TEST_F(PeerCache, P2_AWordThatIsTakenBackRemovesItToo) {
  s.serve("x", 1000);
  const JobId a = fetch("x");
  validate(a, true);
  validate(a, false);
  EXPECT_EQ(kept(), "");
  s.start(a);
  s.run(20s);
  EXPECT_EQ(kept(), "x") << "fetched again, kept again";
}

TEST_F(PeerCache, WhatWasFoundValidStaysWhereItsJobIsCancelled) {
  s.serve("x", 1000);
  const JobId a = fetch("x");
  validate(a, true);
  s.cancel(a);
  s.run(1s);
  EXPECT_EQ(kept(), "x+");
}

TEST_F(PeerCache, P1_WithoutTheFlagOnEitherLevelNothingIsKept) {
  s.serve("x", 1000);
  s.serve("y", 1000);
  fetch("x", "a", {});
  fetch("x", "b", {.peer_caching_flags = 1});
  EXPECT_EQ(kept(), "");
  lay_down({});
  fetch("y", "c");
  EXPECT_EQ(kept(), "");
  EXPECT_EQ(s.world.cache.made, 0U);
}

TEST_F(PeerCache, SwitchedOffWhatIsNotValidatedGoesAndTheRestStays) {
  s.serve("x", 1000);
  s.serve("y", 1000);
  s.serve("z", 1000);
  validate(fetch("x"), true);
  fetch("y", "b");
  const JobId c = fetch("z", "c");
  EXPECT_EQ(kept(), "x+ y z");
  s.change(c, {.peer_caching_flags = 0});
  EXPECT_EQ(kept(), "x+ y");
  lay_down({});
  EXPECT_EQ(kept(), "x+");
}

TEST_F(PeerCache, P14_WhatIsForWhoeverAsksIsNotKept) {
  s.serve("x", 1000).for_one = true;
  s.serve("y", 1000).password = "secret";
  fetch("x");
  fetch("y", "b");
  s.world.origin.serve("http://host/z?token=1", 1000);
  s.enqueue_files("c", {{"http://host/z?token=1", "/d/z"}}, {.peer_caching_flags = for_neighbours});
  s.run(20s);
  EXPECT_EQ(kept(), "");
  EXPECT_EQ(s.world.cache.made, 0U) << "not even on the disk";
}

TEST_F(PeerCache, P14_OneAnswerThatWasForWhoeverAskedIsEnough) {
  s.serve("x", 3000).for_one = true;
  const JobId a = s.enqueue("a", {"x"}, {.peer_caching_flags = for_neighbours});
  s.run(2500ms);
  s.suspend(a);
  s.run(1s);
  s.world.origin.find("http://host/x")->for_one = false;
  s.start(a);
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_TRUE(s.file(a, 0).remote_identity.for_one);
  EXPECT_EQ(kept(), "");
}

TEST_F(PeerCache, WhoeverWritesToThePartDoesNotPoisonIt) {
  s.serve("x", 3000);
  s.world.stage.options.disk = {1s, 1s};
  const JobId a = s.enqueue("a", {"x"}, {.peer_caching_flags = for_neighbours});
  ASSERT_TRUE(s.world.run_until([&] { return s.file(a, 0).state == core::FileState::transferred; }, 60s));
  for (const auto& [path, inode] : s.world.disk.names()) inode->cache.write(0, sim::garbage, 0, 10);
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(kept(), "");
  EXPECT_EQ(copies(), 0U);
}

// Of bytes that lay on the disk between two runs nobody but the origin can say what they were.
TEST_F(PeerCache, WhatCameInTwoRunsIsKeptByTheWordOfTheOriginAlone) {
  s.serve("x", 3000);
  s.serve("y", 3000).tells_digest = true;
  const JobId a = s.enqueue("a", {"x"}, {.peer_caching_flags = for_neighbours});
  const JobId b = s.enqueue("b", {"y"}, {.priority = 0U, .peer_caching_flags = for_neighbours});
  s.run(2500ms);
  s.suspend(a);
  s.suspend(b);
  s.run(1s);
  s.start(a);
  s.start(b);
  s.run(40s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.row(b).state, JobState::transferred);
  EXPECT_EQ(kept(), "y");
}

TEST_F(PeerCache, P8_WhatWasUsedLeastRecentlyGoesFirst) {
  s.world.cache.volume = 200'000;  // of which 1 % is 2,000
  s.crash();
  for (const char* name : {"x", "y", "z"}) {
    s.serve(name, 1000);
    validate(fetch(name, name), true);
  }
  EXPECT_EQ(kept(), "y+ z+");
  EXPECT_EQ(copies(), 2U);
}

TEST_F(PeerCache, P8_FetchedOnceMoreItIsUsedAndNotCopiedAgain) {
  s.world.cache.volume = 200'000;
  s.crash();
  for (const char* name : {"x", "y"}) {
    s.serve(name, 1000);
    validate(fetch(name, name), true);
  }
  fetch("x", "again");
  EXPECT_EQ(s.world.cache.made, 2U);
  s.serve("z", 1000);
  validate(fetch("z", "z"), true);
  EXPECT_EQ(kept(), "x+ z+");
}

TEST_F(PeerCache, P8_AFileLargerThanTheCacheIsNotKept) {
  s.serve("x", 10'001);
  s.serve("y", 10'000);
  fetch("x");
  fetch("y", "b");
  EXPECT_EQ(kept(), "y");
  EXPECT_EQ(s.world.cache.made, 1U);
}

TEST_F(PeerCache, P8_ALimitThatIsLoweredActsAtOnce) {
  core::CacheRules rules = s.world.settings.policy.cache;
  rules.percent.value = 2;
  lay_down(rules);
  s.serve("x", 12'000);
  validate(fetch("x"), true);
  EXPECT_EQ(kept(), "x+");
  rules.percent.value = 1;
  lay_down(rules);
  EXPECT_EQ(kept(), "");
  EXPECT_EQ(copies(), 0U);
}

TEST_F(PeerCache, P9_AgeCountsFromTheLastUseWhateverTheClockOnTheWallSays) {
  core::CacheRules rules = s.world.settings.policy.cache;
  rules.age.value = std::chrono::hours(24);
  lay_down(rules);
  s.serve("x", 1000);
  const JobId a = fetch("x");
  validate(a, true);
  s.world.clock.set_wall(std::chrono::hours(24 * 400));
  s.run(12h);
  EXPECT_EQ(kept(), "x+") << "the clock was set ahead";
  s.world.clock.set_wall(-std::chrono::hours(24 * 900));
  fetch("x", "again");  // it is used
  s.run(20h);
  EXPECT_EQ(kept(), "x+");
  s.run(5h);
  EXPECT_EQ(kept(), "") << "a clock that was set back keeps nothing for ever";
  EXPECT_EQ(copies(), 0U);
}

TEST_F(PeerCache, P7_AnotherVersionTakesThePlaceOfTheOneBefore) {
  s.serve("x", 1000);
  validate(fetch("x"), true);
  const std::string before(s.world.store.cached().begin()->second.last_modified);
  s.world.origin.change("http://host/x", 2000);
  const JobId b = fetch("x", "b");
  EXPECT_EQ(kept(), "x+ x") << "nobody has said that the new one is valid";
  validate(b, true);
  EXPECT_EQ(kept(), "x+");
  EXPECT_NE(s.world.store.cached().begin()->second.last_modified, before);
  EXPECT_EQ(copies(), 1U);
}

TEST_F(PeerCache, P13_OfAJobWithRangesTheRecordHoldsExactlyThese) {
  s.serve("x", 3000);
  s.enqueue_files("a", {{.remote = "http://host/x", .local = "/d/x", .ranges = {{100, 200}, {1000, 50}}}},
                  {.peer_caching_flags = for_neighbours});
  s.run(20s);
  ASSERT_EQ(kept(), "x");
  const core::CacheRecord& record = s.world.store.cached().begin()->second;
  EXPECT_EQ(record.wanted.text(), "100:200,1000:50");
  EXPECT_EQ(record.size, 250U);
  EXPECT_EQ(record.remote_size, 3000U);
}

// Wherever the service dies: nothing is offered that was not found valid, and no copy is left that no record knows.
TEST_F(PeerCache, ACrashBetweenVerdictAndRecordOffersNothing) {
  s.serve("x", 1000);
  s.world.stage.options.disk = s.world.stage.options.sync = {2s, 2s};
  const JobId a = s.enqueue("a", {"x"}, {.peer_caching_flags = for_neighbours});
  ASSERT_TRUE(s.world.run_until([&] { return s.file(a, 0).state == core::FileState::transferred; }, 60s));
  validate(a, true);
  EXPECT_EQ(kept(), "") << "the copy is still being made";
  s.crash();
  s.run(60s);
  EXPECT_EQ(kept(), "");
  EXPECT_EQ(copies(), 0U);
  EXPECT_TRUE(s.file(a, 0).validated);
}

TEST_F(PeerCache, P2_AFileThatIsHereBeforeTheFolderWasLookedAtIsKeptToo) {
  s.world.cache.looking = 60s;
  s.crash();
  s.serve("x", 1000);
  const JobId a = fetch("x");
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(kept(), "");
  s.run(60s);
  EXPECT_EQ(kept(), "x");
}

TEST_F(PeerCache, AtWhicheverStepTheServiceDiesWhatIsKeptFits) {
  for (std::uint64_t step = 1; step < 40; ++step) {
    Story t{with_a_cache()};
    t.serve("x", 1000);
    const JobId a = t.enqueue("a", {"x"}, {.peer_caching_flags = for_neighbours});
    t.world.stage.die_at_port_call(step);
    t.run(30s);
    if (!t.world.running()) t.world.start_service();
    t.run(30s);
    if (t.world.store.find(a) != nullptr) {
      t.complete(a);
      t.run(10s);
    }
    if (!t.world.running()) t.world.start_service();
    t.run(30s);
    std::size_t copies = 0;
    for (const auto& [path, inode] : t.world.disk.names()) copies += path.starts_with("/cache/") ? 1 : 0;
    EXPECT_EQ(copies, t.world.store.cached().size()) << "at step " << step;
  }
}

TEST_F(PeerCache, WhatIsBeingCopiedWhenTheServiceIsToldToStopIsGivenUp) {
  s.serve("x", 1000);
  s.world.stage.options.sync = {60s, 60s};
  s.enqueue("a", {"x"}, {.peer_caching_flags = for_neighbours});
  s.run(70s);
  s.world.stop_service();
  s.run(1s);
  EXPECT_FALSE(s.world.running());
  s.world.start_service();
  s.run(10s);
  EXPECT_EQ(kept(), "");
  EXPECT_EQ(copies(), 0U);
}

TEST_F(PeerCache, ACopyThatIsGoneIsForgotten) {
  s.serve("x", 1000);
  validate(fetch("x"), true);
  s.world.kill_service();
  s.world.disk.unlink(sim::SimCache::path_of(s.world.store.cached().begin()->second.id));
  s.world.start_service();
  s.run(1s);
  EXPECT_EQ(kept(), "");
}

}  // namespace
}  // namespace backhaul::stories
