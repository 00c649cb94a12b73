// SPDX-License-Identifier: Apache-2.0
// Neighbours before the origin (peer-caching.md §5 and §9).
#include "core/neighbours.h"

#include <algorithm>

#include "core/peer_cache.h"
#include "tests/stories/notified_story.h"

namespace backhaul::stories {
namespace {

constexpr std::uint32_t from_neighbours = core::peer_caching::client;
constexpr std::uint32_t both_ways = core::peer_caching::client | core::peer_caching::server;

engine::Settings with_neighbours() {
  engine::Settings settings;
  settings.policy.neighbours.client.value = true;
  settings.policy.cache.enabled.value = true;
  return settings;
}

class Neighbours : public testing::Test {
 protected:
  Neighbours() { s.run(1s); }

  // Its origin tells a digest of it, so that anybody's bytes can be proven.
  sim::RemoteFile& serve(const std::string& name, std::uint64_t size = 10'000) {
    sim::RemoteFile& file = s.serve(name, size);
    file.tells_digest = true;
    return file;
  }
  static std::string url(const std::string& name) { return "http://host/" + name; }
  sim::SimNeighbour& neighbour(const std::string& name) {
    sim::SimNeighbour& one = site().add(name);
    site().tell();
    s.run(0s);
    return one;
  }
  sim::RemoteFile& keep(sim::SimNeighbour& by, const std::string& name) { return site().keep(by, url(name)); }
  JobId fetch(const std::string& name, JobChange change = {.peer_caching_flags = from_neighbours}) {
    return s.enqueue("job " + name, {name}, std::move(change));
  }
  void validate(const JobId& job, bool valid) {
    s.world.submit("SetValidationState", s.alice.caller(), ports::command::SetValidationState{job, 0, valid});
    s.run(0s);
  }
  void lay_down(core::NeighbourRules rules) {
    core::Policy policy = s.world.settings.policy;
    policy.neighbours = std::move(rules);
    s.world.settings.policy = policy;
    s.world.stage.post(ports::PolicyChanged{policy});
    s.run(0s);
  }
  JobState state(const JobId& job) { return s.row(job).state; }
  sim::SimNeighbourhood& site() { return s.world.neighbours; }

  NotifiedStory s{with_neighbours()};
};

TEST_F(Neighbours, P1_AFileComesFromANeighbourWhereBothLevelsAllowIt) {
  sim::RemoteFile& origin = serve("x");
  keep(neighbour("a"), "x");
  const JobId job = fetch("x");
  s.run(4s);
  EXPECT_EQ(state(job), JobState::transferred);
  EXPECT_EQ(s.by_neighbours(job), 10'000U);
  EXPECT_EQ(s.by_origin(job), 0U);
  EXPECT_EQ(origin.requests, 1U) << "what it is, the origin says";
}

TEST_F(Neighbours, P1_WithoutTheFlagOnEitherLevelNobodyIsAsked) {
  sim::RemoteFile& origin = serve("x", 1000);
  serve("y", 1000);
  sim::SimNeighbour& a = neighbour("a");
  keep(a, "x");
  keep(a, "y");
  fetch("x", {});
  s.run(10s);
  EXPECT_EQ(origin.requests, 1U);
  lay_down({});
  const JobId y = fetch("y");
  s.run(10s);
  EXPECT_EQ(s.by_origin(y), 1000U);
  EXPECT_EQ(site().searches, 0U);
}

TEST_F(Neighbours, WhereNobodyIsKnownTheOriginIsNotAskedTwice) {
  sim::RemoteFile& origin = serve("x", 1000);
  const JobId job = fetch("x");
  s.run(10s);
  EXPECT_EQ(state(job), JobState::transferred);
  EXPECT_EQ(origin.requests, 1U);
}

TEST_F(Neighbours, WhereNobodyHasItItComesFromTheOrigin) {
  serve("x", 1000);
  neighbour("a");
  neighbour("b").answers = false;
  const JobId job = fetch("x");
  s.run(10s);
  EXPECT_EQ(state(job), JobState::transferred);
  EXPECT_EQ(s.by_origin(job), 1000U);
  EXPECT_EQ(site().searches, 1U);
}

TEST_F(Neighbours, P7_AnotherVersionIsNobodysOffer) {
  serve("x", 1000);
  sim::SimNeighbour& a = neighbour("a");
  keep(a, "x");
  s.world.origin.change(url("x"), 1000);
  const JobId job = fetch("x");
  s.run(10s);
  EXPECT_EQ(s.by_origin(job), 1000U);
}

TEST_F(Neighbours, P5_WithoutADigestNobodyIsAskedUnlessColleaguesAreBelieved) {
  s.serve("x", 1000);
  s.serve("y", 1000);
  sim::SimNeighbour& a = neighbour("a");
  keep(a, "x");
  keep(a, "y");
  const JobId x = fetch("x");
  s.run(10s);
  EXPECT_EQ(s.by_origin(x), 1000U);
  EXPECT_EQ(site().searches, 0U);
  core::NeighbourRules rules = with_neighbours().policy.neighbours;
  rules.content_trust.value = core::ContentTrust::colleagues;
  lay_down(rules);
  const JobId y = fetch("y");
  s.run(10s);
  EXPECT_EQ(s.by_neighbours(y), 1000U);
}

TEST_F(Neighbours, P5_WhatADigestRefutesIsAskedOfTheOthersAndCostsItsOriginNothing) {
  sim::RemoteFile& origin = serve("x");
  sim::RemoteFile& lie = keep(neighbour("a"), "x");
  lie.corrupts = true;
  lie.rate = 1000;
  sim::SimNeighbour& b = neighbour("b");
  keep(b, "x");
  b.answers = false;  // until the liar was believed
  const JobId job = fetch("x");
  s.run(6s);
  EXPECT_EQ(s.by_origin(job), 0U);
  b.answers = true;
  s.run(30s);
  EXPECT_EQ(state(job), JobState::transferred);
  EXPECT_EQ(s.row(job).error_count, 0U);
  EXPECT_EQ(lie.sent, 10'000U);
  EXPECT_EQ(s.by_neighbours(job), 10'000U);
  EXPECT_EQ(origin.sent, 0U);
  EXPECT_FALSE(s.file(job, 0).rare->neighbours->origin_only);
}

TEST_F(Neighbours, P5_OfAFileThatThreeLiedAboutNobodyElseIsAsked) {
  serve("x");
  for (const char* name : {"a", "b", "c", "d", "e"}) keep(neighbour(name), "x").corrupts = true;
  const JobId job = fetch("x");
  s.run(60s);
  EXPECT_EQ(state(job), JobState::transferred);
  EXPECT_EQ(s.row(job).error_count, 0U);
  EXPECT_EQ(s.by_origin(job), 10'000U);
  EXPECT_TRUE(s.file(job, 0).rare->neighbours->origin_only);
  EXPECT_EQ(std::ranges::count_if(
                site().all(), [&](const auto& one) { return one.second.copies.at(url("x")).sent != 0; }),
            3);
}

TEST_F(Neighbours, P5_ALiarIsBannedForADayAndTheFileComesFromTheOriginWithoutAnError) {
  serve("x");
  serve("y", 1000);
  serve("z", 1000);
  sim::SimNeighbour& a = neighbour("a");
  keep(a, "x").corrupts = true;
  keep(a, "y");
  keep(a, "z");
  s.world.log.show(base::LogLevel::warning);
  s.forget();
  const JobId x = fetch("x");
  s.run(20s);
  EXPECT_EQ(state(x), JobState::transferred);
  EXPECT_EQ(s.row(x).error_count, 0U);
  EXPECT_EQ(s.by_origin(x), 10'000U);
  const std::string told = s.told();
  EXPECT_EQ(told.find("ERROR"), std::string::npos) << told;
  EXPECT_NE(told.find("neighbour a (key-a) sent bytes that are not valid"), std::string::npos) << told;
  const JobId y = fetch("y");
  s.run(20s);
  EXPECT_EQ(s.by_origin(y), 1000U);
  EXPECT_EQ(site().searches, 1U);
  s.run(24h);
  const JobId z = fetch("z");
  s.run(20s);
  EXPECT_EQ(s.by_neighbours(z), 1000U) << "the day is over";
}

TEST_F(Neighbours, P5_WhoNamesAWrongDigestLeavesNeighboursOutForHisOwnJobsAlone) {
  s.serve("other", 10'000);
  sim::SimNeighbour& a = neighbour("a");
  for (const char* name : {"x", "y"}) {
    sim::RemoteFile& file = serve(name);
    file.tells_digest = *name == 'y';
    keep(a, name);
    ports::FileSpec spec{.remote = url(name), .local = std::string("/d/") + name};
    spec.digests = {sim::digest_of(s.world.origin.find(url("other"))->current())};
    const JobId wrong = s.enqueue_files(name, {spec}, {.peer_caching_flags = from_neighbours});
    s.run(60s);
    EXPECT_NE(state(wrong), JobState::transferred);
    EXPECT_EQ(a.copies.at(url(name)).sent > 0, *name == 'x') << "his other jobs ask it for nothing for a day";
    const auto of_all = s.world.service().neighbours(s.root.caller());
    EXPECT_TRUE(of_all->front().available) << "whether its origin tells that the bytes are right, or nothing";
  }
}

// Wherever the service dies, a liar that was caught stays out; and no clock on the wall ends that, or keeps it for ever.
TEST_F(Neighbours, P5_ABanOutlivesTheServiceAndLastsADayWhateverTheClockOnTheWallSays) {
  serve("x");
  serve("y", 1000);
  serve("z", 1000);
  sim::SimNeighbour& a = neighbour("a");
  keep(a, "x").corrupts = true;
  keep(a, "y");
  keep(a, "z");
  fetch("x");
  s.run(20s);
  s.crash();
  s.world.clock.set_wall(std::chrono::hours(24 * 400));
  s.run(1s);
  const auto known = s.world.service().neighbours(s.root.caller());
  ASSERT_EQ(known->size(), 1U);
  EXPECT_FALSE(known->front().available);
  EXPECT_NE(known->front().until, base::WallTime{});
  const JobId y = fetch("y");
  s.run(20s);
  EXPECT_EQ(s.by_origin(y), 1000U);
  s.world.clock.set_wall(-std::chrono::hours(24 * 900));
  s.crash();
  s.run(24h);
  const JobId z = fetch("z");
  s.run(20s);
  EXPECT_EQ(s.by_neighbours(z), 1000U) << "the day is over";
}

TEST_F(Neighbours, P5_OfPiecesWithDigestsOnlyTheWrongOneIsFetchedAgain) {
  sim::RemoteFile& origin = s.serve("x", 10'000);
  keep(neighbour("a"), "x").bad.add({2500, 2600});
  const ports::FileSpec spec{.remote = url("x"),
                             .local = "/d/x",
                             .size = 10'000,
                             .piece_length = 1000,
                             .piece_digests = sim::piece_digests_of(origin.current(), 1000)};
  const JobId job = s.enqueue_files("a", {spec}, {.peer_caching_flags = from_neighbours});
  s.run(10s);
  EXPECT_EQ(state(job), JobState::transferred);
  EXPECT_EQ(s.by_neighbours(job), 9000U);
  EXPECT_EQ(s.by_origin(job), 1000U);
  EXPECT_EQ(s.row(job).error_count, 0U);
}

TEST_F(Neighbours, P6_WhereOneDiesItGoesOnFromTheLastOctetElsewhereWithinTwoSeconds) {
  serve("x");
  keep(neighbour("a"), "x").fault({FaultKind::cut, 4000, {}});
  const JobId job = fetch("x");
  s.run(3s);
  EXPECT_EQ(s.by_neighbours(job), 4000U);
  s.run(10s);
  EXPECT_EQ(state(job), JobState::transferred);
  EXPECT_EQ(s.by_neighbours(job), 4000U);
  EXPECT_EQ(s.by_origin(job), 6000U) << "P15";
  EXPECT_EQ(s.row(job).error_count, 0U);
}

TEST_F(Neighbours, P6_OneThatSaysNothingForTwoSecondsIsLeftForTheNextOffer) {
  serve("x");
  keep(neighbour("a"), "x").always = sim::Fault{FaultKind::stall, 4000, {}};
  keep(neighbour("b"), "x").always = sim::Fault{FaultKind::stall, 4000, {}};
  keep(neighbour("c"), "x");
  keep(neighbour("d"), "x");
  const JobId job = fetch("x");
  s.run(9s);
  EXPECT_EQ(state(job), JobState::transferred);
  EXPECT_EQ(s.by_neighbours(job), 10'000U);
  EXPECT_EQ(site().searches, 1U);
}

TEST_F(Neighbours, ThreeThatFailAreEnough) {
  serve("x");
  for (const char* name : {"a", "b", "c", "d", "e"}) keep(neighbour(name), "x").always = sim::Fault{FaultKind::refuse};
  const JobId job = fetch("x");
  s.run(25s);
  EXPECT_EQ(state(job), JobState::transferred);
  EXPECT_EQ(s.by_origin(job), 10'000U);
  std::uint32_t asked = 0;
  for (auto& [key, one] : site().all()) asked += one.copies.at(url("x")).requests;
  EXPECT_EQ(asked, 3U);
  EXPECT_EQ(s.row(job).error_count, 0U);
}

TEST_F(Neighbours, P3_WhatItsOwnerFindsNotValidComesAgainFromTheOriginAlone) {
  serve("x");
  sim::SimNeighbour& a = neighbour("a");
  sim::SimNeighbour& b = neighbour("b");
  keep(a, "x");
  keep(b, "x");
  const JobId job = fetch("x");
  s.run(4s);
  EXPECT_EQ(s.by_neighbours(job), 10'000U);
  validate(job, false);
  EXPECT_EQ(s.row(job).error_count, 0U);
  EXPECT_EQ(s.by_neighbours(job), 0U);
  s.run(20s);
  EXPECT_EQ(state(job), JobState::transferred);
  EXPECT_EQ(s.by_origin(job), 10'000U) << "P15";
  EXPECT_EQ(site().searches, 1U);
  validate(job, false);
  EXPECT_EQ(state(job), JobState::error) << "that was its origin's";
}

TEST_F(Neighbours, N121_OfANeighboursFileThatIsNotValidNoErrorIsToldAndItsOriginsIsToldAgain) {
  serve("x");
  keep(neighbour("a"), "x");
  JobChange change = NotifiedStory::with_flags(transferred | error | files);
  change.peer_caching_flags = from_neighbours;
  const JobId job = fetch("x", std::move(change));
  s.set_object_2(job, s.alice);
  s.run(4s);
  EXPECT_EQ(s.by_neighbours(job), 10'000U);
  validate(job, false);
  s.run(20s);
  EXPECT_EQ(s.by_origin(job), 10'000U);
  const std::string heard = s.heard();
  const std::size_t first = heard.find("FileTransferred of file 0");
  ASSERT_NE(first, std::string::npos) << heard;
  EXPECT_NE(heard.find("FileTransferred of file 0", first + 1), std::string::npos) << heard;
  EXPECT_EQ(heard.find("JobError"), std::string::npos) << heard;
}

TEST_F(Neighbours, P3_ThatIsRememberedOverARestart) {
  serve("x");
  keep(neighbour("a"), "x");
  const JobId job = fetch("x");
  s.run(4s);
  validate(job, false);
  s.crash();
  s.run(30s);
  EXPECT_EQ(s.by_origin(job), 10'000U);
}

TEST_F(Neighbours, P16_SwitchingTheFlagChangesTheSourceWithoutLosingOctets) {
  sim::RemoteFile& origin = serve("x");
  keep(neighbour("a"), "x").rate = 1000;
  const JobId job = fetch("x");
  s.run(6s);
  s.change(job, {.peer_caching_flags = 0U});
  s.run(1s);
  const std::uint64_t sent = s.by_neighbours(job);
  EXPECT_GT(sent, 3000U);
  s.run(3s);
  EXPECT_EQ(s.by_neighbours(job), sent);
  EXPECT_GT(s.by_origin(job), 0U);
  s.change(job, {.peer_caching_flags = from_neighbours});
  s.run(10s);
  EXPECT_EQ(state(job), JobState::transferred);
  EXPECT_GT(s.by_neighbours(job), sent);
  EXPECT_EQ(s.by_neighbours(job) + s.by_origin(job), 10'000U);
  EXPECT_GE(origin.requests, 3U);
}

TEST_F(Neighbours, P16_SoDoTheSettings) {
  serve("x");
  keep(neighbour("a"), "x").rate = 1000;
  const JobId job = fetch("x");
  s.run(6s);
  lay_down({});
  s.run(15s);
  EXPECT_EQ(state(job), JobState::transferred);
  EXPECT_GT(s.by_neighbours(job), 3000U);
  EXPECT_EQ(s.by_neighbours(job) + s.by_origin(job), 10'000U);
}

TEST_F(Neighbours, P12_WhoComesFirstIsWaitedForAndAskedThen) {
  sim::RemoteFile& origin = serve("x");
  sim::SimNeighbour& a = neighbour("a");
  a.coming[url("x")] = 100;
  const JobId job = fetch("x", {.peer_caching_flags = both_ways});
  for (std::uint64_t offset = 200; offset < 2000; offset += 100) {
    s.run(1s);
    a.coming[url("x")] = offset;
  }
  EXPECT_EQ(origin.requests, 1U);
  EXPECT_EQ(s.waiting(job), "waiting for a, which fetches the same file");
  ASSERT_EQ(site().told().size(), 1U);
  EXPECT_FALSE(site().told().begin()->second.offset) << "it waits";
  a.coming.clear();
  keep(a, "x");
  s.run(3s);
  EXPECT_EQ(s.by_neighbours(job), 10'000U);
  EXPECT_EQ(origin.requests, 1U);
}

TEST_F(Neighbours, P12_WhereTheLeaderIsKilledTheNextOneGoes) {
  serve("x", 1000);
  sim::SimNeighbour& a = neighbour("a");
  a.coming[url("x")] = 100;
  const JobId job = fetch("x", {.peer_caching_flags = both_ways});
  s.run(5s);
  a.answers = false;
  s.run(6s);
  EXPECT_EQ(state(job), JobState::transferred);
  EXPECT_EQ(s.by_origin(job), 1000U);
}

TEST_F(Neighbours, P12_WhereTheLeaderStandsStillTheNextOneGoesAfterTenSeconds) {
  serve("x", 1000);
  neighbour("a").coming[url("x")] = 100;
  const JobId job = fetch("x", {.peer_caching_flags = both_ways});
  s.run(11s);
  EXPECT_EQ(s.by_origin(job), 0U);
  s.run(6s);
  EXPECT_EQ(s.by_origin(job), 1000U);
}

TEST_F(Neighbours, P12_ALeaderThatIsSlowerThanHalfOfWhatTheOriginGaveBeforeIsLeft) {
  serve("w", 20'000);
  serve("x", 20'000);
  const JobId before = fetch("w");
  s.run(30s);
  EXPECT_EQ(state(before), JobState::transferred);
  sim::SimNeighbour& a = neighbour("a");
  a.coming[url("x")] = 100;
  const JobId job = fetch("x", {.peer_caching_flags = both_ways});
  const auto waits = [&](std::uint64_t rate, int seconds) {
    for (int i = 0; i < seconds; ++i) {
      s.run(1s);
      *a.coming[url("x")] += rate;
    }
    return s.by_origin(job) == 0;
  };
  EXPECT_TRUE(waits(600, 14));
  EXPECT_FALSE(waits(300, 26));
}

TEST_F(Neighbours, P12_TheLeaderGoesAtOnceAndTellsHowFarItIsUntilItsCopyIsThere) {
  serve("x", 4000);
  neighbour("z").coming[url("x")] = std::nullopt;
  const JobId job = fetch("x", {.peer_caching_flags = both_ways});
  s.run(5s);
  ASSERT_EQ(site().told().size(), 1U);
  EXPECT_TRUE(site().told().begin()->second.offset);
  EXPECT_EQ(site().told().begin()->second.sought.url, url("x"));
  s.run(5s);
  EXPECT_EQ(state(job), JobState::transferred);
  EXPECT_TRUE(site().told().empty());
  EXPECT_EQ(s.world.cache.made, 1U);
}

TEST_F(Neighbours, WhoseCopyNobodyWouldGetTellsNobodyThatItComes) {
  serve("x", 4000);
  neighbour("a");
  fetch("x");
  s.run(4s);
  EXPECT_TRUE(site().told().empty());
}

TEST_F(Neighbours, AForegroundJobWaitsForNobody) {
  sim::RemoteFile& origin = serve("x", 1000);
  sim::SimNeighbour& a = neighbour("a");
  a.coming[url("x")] = 100;
  const JobId job = fetch("x", {.priority = 0U, .peer_caching_flags = from_neighbours});
  s.run(3s);
  EXPECT_EQ(state(job), JobState::transferred);
  EXPECT_EQ(site().searches, 0U);
  EXPECT_EQ(origin.requests, 1U);
}

TEST_F(Neighbours, AJobThatWaitsAndComesToTheForegroundWaitsNoMore) {
  serve("x", 1000);
  neighbour("a").coming[url("x")] = 100;
  const JobId job = fetch("x");
  s.run(4s);
  EXPECT_EQ(s.by_origin(job), 0U);
  s.change(job, {.priority = 0U});
  s.run(3s);
  EXPECT_EQ(state(job), JobState::transferred);
}

TEST_F(Neighbours, WhoWaitsForANeighbourLeavesTheLinkToOthers) {
  serve("x", 1000);
  s.serve("y", 1000);
  neighbour("a").coming[url("x")] = 100;
  const JobId x = fetch("x");
  const JobId y = s.enqueue("other", {"y"});
  s.run(6s);
  EXPECT_EQ(state(y), JobState::transferred);
  EXPECT_NE(state(x), JobState::transferred);
}

TEST_F(Neighbours, NothingIsGivenAwayOnANetworkThatCostsOrOnBattery) {
  EXPECT_TRUE(site().serves());
  core::Surroundings around = s.world.machine.now();
  around.cost = core::cost::usage_based;
  s.world.machine.set(around);
  s.run(1s);
  EXPECT_FALSE(site().serves());
  around.cost = core::cost::unrestricted;
  around.on_battery = true;
  s.world.machine.set(around);
  s.run(1s);
  EXPECT_FALSE(site().serves());
  around.on_battery = false;
  s.world.machine.set(around);
  s.run(1s);
  EXPECT_TRUE(site().serves());
}

TEST_F(Neighbours, ACrashInTheMiddleOfItCostsNothingThatIsHere) {
  serve("x");
  keep(neighbour("a"), "x").rate = 1000;
  const JobId job = fetch("x");
  s.run(6s);
  s.crash();
  s.run(20s);
  EXPECT_EQ(state(job), JobState::transferred);
  EXPECT_EQ(s.by_neighbours(job) + s.by_origin(job), 10'000U);
  EXPECT_GT(s.by_neighbours(job), 9000U);
}

TEST_F(Neighbours, ExplainSaysWhyTheyAreNotAsked) {
  s.serve("x", 5000);
  keep(neighbour("a"), "x");
  const JobId job = fetch("x");
  s.run(4s);
  std::string text;
  for (const core::Cause& cause : s.world.service().explain(s.row(job), s.alice.caller())) text += cause.sentence + "\n";
  EXPECT_NE(text.find("neighbours are not asked for it: there is no digest of it"), std::string::npos) << text;
}

}  // namespace
}  // namespace backhaul::stories
