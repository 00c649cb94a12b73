// SPDX-License-Identifier: Apache-2.0
#include "core/neighbours.h"

#include <gtest/gtest.h>

#include <set>

#include "core/peer_cache.h"
#include "core/pieces.h"

namespace backhaul::core {
namespace {

using namespace std::chrono_literals;

const std::string sha(64, 'a');

NeighbourRules asking() {
  NeighbourRules rules;
  rules.client.value = true;
  return rules;
}

Job willing() {
  Job job;
  job.rare.edit().peer_caching_flags = peer_caching::client;
  return job;
}

File asked_file(const std::string& url = "https://host/x") {
  File file;
  file.remote = url;
  file.remote_identity = {.size = 100, .etag = "\"a\"", .digest = "sha256:" + sha};
  return file;
}

NotAsked why(const NeighbourRules& rules, const Job& job, const File& file) {
  const NotAsked first = why_not_asked(rules, job, file);
  EXPECT_EQ(may_ask_neighbours(rules, job, file), first == NotAsked::none && why_not_taken(rules, file) == NotAsked::none);
  return first == NotAsked::none ? why_not_taken(rules, file) : first;
}

TEST(Neighbours, P1_WithoutTheFlagOnEitherLevelNobodyIsAsked) {
  EXPECT_EQ(why(asking(), willing(), asked_file()), NotAsked::none);
  EXPECT_EQ(why({}, willing(), asked_file()), NotAsked::off);
  EXPECT_EQ(why(asking(), {}, asked_file()), NotAsked::job);
  Job serving;
  serving.rare.edit().peer_caching_flags = peer_caching::server;
  EXPECT_EQ(why(asking(), serving, asked_file()), NotAsked::job);
}

TEST(Neighbours, WhoIsWaitedForBySomebodyWaitsForNobody) {
  Job job = willing();
  job.priority = base::Priority::foreground;
  EXPECT_EQ(why(asking(), job, asked_file()), NotAsked::foreground);
  job.priority = base::Priority::low;
  job.rare.edit().urgency = Urgency::beside;
  EXPECT_EQ(why(asking(), job, asked_file()), NotAsked::foreground);
}

TEST(Neighbours, P14_WhatIsAskedForInAWayOfItsOwnIsNotAskedOfThem) {
  const auto with = [](const auto& change) {
    Job job = willing();
    change(job);
    return why(asking(), job, asked_file());
  };
  EXPECT_EQ(with([](Job& job) { job.rare.edit().security_flags = 1; }), NotAsked::own_way);
  EXPECT_EQ(with([](Job& job) { job.rare.edit().secrets = SecretsSet(); }), NotAsked::own_way);
  EXPECT_EQ(with([](Job& job) { job.certificate_check = CertificateCheck(); }), NotAsked::own_way);
  EXPECT_EQ(with([](Job& job) { job.rare.edit().dynamic_content = true; }), NotAsked::pieces);
  EXPECT_EQ(with([](Job& job) { job.rare.edit().on_demand_mode = true; }), NotAsked::pieces);
  File one = asked_file();
  one.remote_identity.for_one = true;
  EXPECT_EQ(why(asking(), willing(), one), NotAsked::for_one);
}

TEST(Neighbours, AnAddressThatNamesSomebodyOrIsNotTheOnlyOneIsNotAskedOfThem) {
  EXPECT_EQ(why(asking(), willing(), asked_file("https://{7}@host/x")), NotAsked::address);
  EXPECT_EQ(why(asking(), willing(), asked_file("/a/file")), NotAsked::address);
  File moved = asked_file();
  moved.moved = true;
  EXPECT_EQ(why(asking(), willing(), moved), NotAsked::addresses);
  File mirrored = asked_file();
  mirrored.rare.edit().mirrors = Mirrors{.addresses = "https://other/x"};
  EXPECT_EQ(why(asking(), willing(), mirrored), NotAsked::addresses);
}

TEST(Neighbours, AnAddressWithAQueryIsAskedForWhereTheSettingsNameItsServer) {
  const File file = asked_file("https://host/x?v=1");
  EXPECT_EQ(why(asking(), willing(), file), NotAsked::query);
  NeighbourRules rules = asking();
  rules.query_origins.value = {"http://host", "*.example.org"};
  EXPECT_EQ(why(rules, willing(), file), NotAsked::query);
  EXPECT_EQ(why(rules, willing(), asked_file("https://a.example.org/x?v=1")), NotAsked::none);
  rules.query_origins.value = {"host"};
  EXPECT_EQ(why(rules, willing(), file), NotAsked::none);
}

TEST(Neighbours, P7_WhatNobodyCanTellFromAnotherVersionIsNotAskedOfThem) {
  File file = asked_file();
  file.remote_identity.etag = "W/\"a\"";
  EXPECT_EQ(why(asking(), willing(), file), NotAsked::version);
  file.remote_identity.last_modified = "yesterday";
  EXPECT_EQ(why(asking(), willing(), file), NotAsked::none);
  EXPECT_EQ(sought_of(file).etag, "");
  EXPECT_EQ(sought_of(file).last_modified, "yesterday");
  file.remote_identity.size = base::size_unknown;
  EXPECT_EQ(why(asking(), willing(), file), NotAsked::version);
  file = asked_file();
  file.rare.edit().expected = Expected{.size = 99};
  EXPECT_EQ(why(asking(), willing(), file), NotAsked::version) << "nobody wants that one";
}

TEST(Neighbours, P5_WithoutADigestOnlyColleaguesAreBelievedWhateverTheScheme) {
  NeighbourRules colleagues = asking();
  colleagues.content_trust.value = ContentTrust::colleagues;
  for (const char* url : {"https://host/x", "http://host/x"}) {
    File file = asked_file(url);
    file.remote_identity.digest = {};
    EXPECT_EQ(why(asking(), willing(), file), NotAsked::digest);
    EXPECT_EQ(why(colleagues, willing(), file), NotAsked::none);
    file.rare.edit().digests = "blake2b-512:" + sha + sha;
    EXPECT_EQ(why(asking(), willing(), file), NotAsked::none);
  }
}

TEST(Neighbours, P5_PiecesCountAsADigestIfTheirAlgorithmDeceivesNobody) {
  File file = asked_file();
  file.rare.edit().expected = Expected{.pieces = base::Text(*pieces_text(50, {"sha256:" + sha, "sha256:" + sha}, 100))};
  EXPECT_TRUE(is_held_against_digest(file));
  const std::string sha1 = "sha1:" + std::string(40, 'a');
  file.rare.edit().expected = Expected{.pieces = base::Text(*pieces_text(50, {sha1, sha1}, 100))};
  EXPECT_FALSE(is_held_against_digest(file)) << "and what its server told is not looked at then";
}

TEST(Neighbours, P13_TheDigestOfTheWholeSaysNothingOfRanges) {
  File file = asked_file();
  file.wanted = *Wanted::of_ranges({{10, 20}});
  EXPECT_EQ(why(asking(), willing(), file), NotAsked::digest);
  EXPECT_EQ(sought_of(file).wanted, file.wanted);
}

TEST(Neighbours, P3_WhatOneOfThemSentWrongComesFromTheOriginAlone) {
  File file = asked_file();
  distrust_neighbours(file);
  EXPECT_EQ(why(asking(), willing(), file), NotAsked::origin_only);
}

TEST(Neighbours, P5_WhatADigestRefutedIsAskedOfOthersAndAnOwnersVerdictIsNot) {
  File file = asked_file();
  EXPECT_FALSE(is_for_origin_alone(file, 1));
  EXPECT_FALSE(is_for_origin_alone(file, liars_that_may_follow - 1));
  EXPECT_TRUE(is_for_origin_alone(file, liars_that_may_follow)) << "P3: a site may be full of them";
  file.state = FileState::transferred;
  EXPECT_TRUE(is_for_origin_alone(file, 1));
}

class Asking : public ::testing::Test {
 protected:
  Asking() {
    for (int i = 0; i < 300; ++i) all.push_back({.key = std::to_string(i)});
  }
  std::vector<std::string> ask(const IsOut& is_out = [](const std::string&) { return false; }) {
    std::vector<std::string> keys;
    for (const Neighbour& one :
         whom_to_ask(all, is_out, wait, [&] { return drawn = drawn * 6364136223846793005U + 1442695040888963407U; }))
      keys.push_back(one.key);
    return keys;
  }
  NextSource::Kind next(const std::vector<NeighbourAnswer>& answers) {
    return next_source(answers, "m", wait, base::BootTime(100s), 30s, 100, [] { return 0U; }).kind;
  }
  std::vector<Neighbour> all;
  NeighbourWait wait;
  std::uint64_t drawn = 7;
};

TEST_F(Asking, TenAreAskedAtRandomOfThoseThatAreNotOut) {
  const auto is_out = [](const std::string& key) { return key.size() < 3; };
  const auto some = ask(is_out);
  EXPECT_EQ(std::set<std::string>(some.begin(), some.end()).size(), 10U);
  for (const std::string& key : some) EXPECT_EQ(key.size(), 3U);
  wait = {};
  EXPECT_NE(some, ask(is_out));
  EXPECT_TRUE(ask([](const std::string&) { return true; }).empty());
}

TEST_F(Asking, P12_InALargeSiteTheOthersAreAskedBeforeTheOrigin) {
  std::set<std::string> asked;
  std::size_t count = 0;
  for (const std::size_t expected : {10U, 30U, 30U, 30U, 30U, 30U, 30U, 30U, 30U}) {
    const auto some = ask();
    ASSERT_EQ(some.size(), expected);
    asked.insert(some.begin(), some.end());
    EXPECT_EQ(asked.size(), count += expected) << "nobody is asked twice";
    EXPECT_EQ(next({}), count < asked_before_origin ? NextSource::Kind::search : NextSource::Kind::origin);
  }
}

TEST_F(Asking, P12_OfASiteInWhichAllWereAskedTheOriginIsNext) {
  all.resize(11);
  EXPECT_EQ(ask().size(), 10U);
  EXPECT_EQ(next({}), NextSource::Kind::search);
  EXPECT_EQ(ask().size(), 1U);
  EXPECT_EQ(next({}), NextSource::Kind::origin);
  all.resize(10);
  wait = {};
  EXPECT_EQ(ask().size(), 10U);
  EXPECT_EQ(next({}), NextSource::Kind::origin);
}

TEST_F(Asking, ASearchThatWasGivenUpIsMadeAnew) {
  all.resize(5);
  EXPECT_EQ(ask().size(), 5U);
  EXPECT_EQ(ask().size(), 5U);
}

TEST_F(Asking, P12_WhoIsWaitedForIsAskedEachTime) {
  const std::string leader = ask().front();
  const NeighbourAnswer fetches{
      .key = leader, .has = NeighbourHas::coming, .address = {}, .rank = "z", .offset = 5U};
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(next({fetches}), NextSource::Kind::wait);
    const auto some = ask();
    EXPECT_EQ(some.size(), 10U);
    EXPECT_EQ(some.front(), leader);
  }
}

TEST(Neighbours, TheMoreThereAreTheLessOftenEachOfThemAsksAgain) {
  EXPECT_EQ(ask_again_after(7), 1s);
  EXPECT_EQ(ask_again_after(50), 1s);
  EXPECT_EQ(ask_again_after(250), 5s);
}

class Pending : public ::testing::Test {
 protected:
  using Kind = NextSource::Kind;
  static NeighbourAnswer has(const std::string& key) {
    return {.key = key, .has = NeighbourHas::all, .address = "https://" + key + "/v1/record/1", .rank = {}, .offset = {}};
  }
  static NeighbourAnswer busy(const std::string& key) {
    return {.key = key, .has = NeighbourHas::busy, .address = {}, .rank = {}, .offset = {}};
  }
  static NeighbourAnswer comes(const std::string& rank, std::optional<std::uint64_t> offset = {}) {
    return {.key = "key-" + rank, .has = NeighbourHas::coming, .address = {}, .rank = rank, .offset = offset};
  }
  NextSource ask(const std::vector<NeighbourAnswer>& answers, base::Microseconds later = 0s, const std::string& own = "m") {
    now += later;
    return next_source(answers, own, wait, now, pending_wait, size, [] { return 0U; }, origin_rate);
  }
  std::uint64_t origin_rate = 0;
  base::BootTime now{100s};
  base::Microseconds pending_wait = 30s;
  std::uint64_t size = 100;
  NeighbourWait wait;
};

TEST_F(Pending, P12_ALeaderThatIsSlowerThanHalfOfTheOriginIsLeftAfterTenSeconds) {
  size = 1'000'000;
  origin_rate = 1000;
  std::uint64_t offset = 0;
  const auto waits = [&](std::uint64_t rate, int seconds) {
    for (int i = 0; i < seconds; ++i)
      if (ask({comes("a", offset += rate)}, 1s).kind != Kind::wait) return i + 1;
    return 0;
  };
  EXPECT_EQ(waits(5000, 1), 0) << "from here on it is measured";
  EXPECT_EQ(waits(500, 30), 0) << "half is enough";
  EXPECT_EQ(waits(499, 30), 10);
  EXPECT_EQ(ask({comes("a", offset + 90'000)}, 1s).kind, Kind::origin) << "who was left is not waited for again";
}

TEST_F(Pending, P12_HowFastItHasToBeNobodyKnowsWhoseOriginGaveNothingBefore) {
  size = 1'000'000;
  for (std::uint64_t offset = 4000; offset < 90'000; offset += 4000) EXPECT_EQ(ask({comes("a", offset)}, 1s).kind, Kind::wait);
}

TEST_F(Pending, WhoHasItIsAskedForIt) {
  const NextSource next = ask({comes("a", 5), has("x"), busy("b"), has("y")});
  EXPECT_EQ(next.kind, Kind::neighbour);
  EXPECT_EQ(next.offers.size(), 2U);
}

TEST_F(Pending, WhereNobodyKnowsOfItTheOriginIsAsked) {
  EXPECT_EQ(ask({}).kind, Kind::origin);
  EXPECT_EQ(ask({{.key = "x", .has = NeighbourHas::nothing, .address = {}, .rank = {}, .offset = {}}}).kind, Kind::origin);
}

TEST_F(Pending, P12_OfThoseThatWantItTheLowestRankGoesToTheOrigin) {
  EXPECT_EQ(ask({comes("n"), comes("p")}).kind, Kind::origin) << "it is this machine's";
  EXPECT_EQ(ask({comes("n"), comes("b"), comes("c")}).kind, Kind::wait);
  EXPECT_EQ(wait.key, "key-b");
}

TEST_F(Pending, P12_WhoFetchesItAlreadyIsWaitedForWhateverTheRanks) {
  EXPECT_EQ(ask({comes("z", 10), comes("n")}).kind, Kind::wait);
  EXPECT_EQ(wait.key, "key-z");
  EXPECT_EQ(ask({comes("z", 20), comes("y", 1)}).kind, Kind::wait);
  EXPECT_EQ(wait.key, "key-y");
}

TEST_F(Pending, AMachineThatKeepsNothingGoesBehindAllThatDo) {
  EXPECT_EQ(ask({comes("z")}, 0s, "").kind, Kind::wait);
  EXPECT_EQ(ask({}, 0s, "").kind, Kind::origin);
}

TEST_F(Pending, P12_ALeaderThatStandsStillIsPassedBy) {
  EXPECT_EQ(ask({comes("a", 10)}).kind, Kind::wait);
  EXPECT_EQ(ask({comes("a", 11)}, 9s).kind, Kind::wait);
  EXPECT_EQ(ask({comes("a", 11)}, 9s).kind, Kind::wait) << "it got further nine seconds ago";
  EXPECT_EQ(ask({comes("a", 11)}, 1s).kind, Kind::origin);
  EXPECT_EQ(ask({comes("a", 12), comes("b", 3)}, 1s).kind, Kind::wait);
  EXPECT_EQ(wait.key, "key-b") << "the other one is waited for no more";
}

TEST_F(Pending, P12_ALeaderThatCreepsGoesBackOrIsBeyondTheEndStandsStill) {
  size = 256 * 1000;  // a step is 1,000
  EXPECT_EQ(ask({comes("a", 10)}).kind, Kind::wait);
  EXPECT_EQ(ask({comes("a", 1009)}, 9s).kind, Kind::wait);
  EXPECT_EQ(ask({comes("a", 1009)}, 1s).kind, Kind::origin) << "one octet less than a step";
  EXPECT_EQ(ask({comes("b", 5000)}).kind, Kind::wait);
  EXPECT_EQ(ask({comes("b", 10)}, 5s).kind, Kind::wait);
  EXPECT_EQ(ask({comes("b", 4000)}, 5s).kind, Kind::origin) << "it was there before";
  EXPECT_EQ(ask({comes("c", 10)}).kind, Kind::wait);
  EXPECT_EQ(ask({comes("c", size + 1)}, 10s).kind, Kind::origin);
}

TEST_F(Pending, P12_ALeaderThatIsGoneIsPassedBy) {
  EXPECT_EQ(ask({comes("a", 10), comes("b")}).kind, Kind::wait);
  EXPECT_EQ(ask({comes("b")}, 1s).kind, Kind::wait);
  EXPECT_EQ(wait.key, "key-b");
  EXPECT_EQ(ask({}, 1s).kind, Kind::origin);
}

TEST_F(Pending, ALeaderThatTellsNoOffsetIsPassedByAfterTheTimeThatIsLaidDown) {
  EXPECT_EQ(ask({comes("a")}).kind, Kind::wait);
  EXPECT_EQ(ask({comes("a")}, 29s).kind, Kind::wait);
  EXPECT_EQ(ask({comes("a")}, 1s).kind, Kind::origin);
  pending_wait = 0s;
  EXPECT_EQ(ask({comes("b", 3)}).kind, Kind::origin) << "nobody waits for anybody";
}

TEST_F(Pending, P10_WhoIsBusyIsAskedAgainForAsLong) {
  EXPECT_EQ(ask({busy("x"), comes("a", 5)}).kind, Kind::wait);
  EXPECT_EQ(wait.key, "x");
  EXPECT_EQ(ask({busy("x")}, 30s).kind, Kind::origin);
}

TEST(Neighbours, ABanIsOverAfterADayOfService) {
  const base::ServiceTime begin{5s};
  const Bans bans{{"x", begin + neighbour_ban}};
  EXPECT_TRUE(banned_until(bans, "x", 1000, begin + 23h));
  EXPECT_FALSE(banned_until(bans, "x", 1000, begin + 24h));
  EXPECT_FALSE(banned_until(bans, "y", 1000, begin));
}

TEST(Neighbours, P5_WhatTheWordOfAnOwnerProvesHoldsForHisJobsAlone) {
  const base::ServiceTime now{5s};
  Bans bans;
  ban(bans, {banned_for("x", 1000)}, now);
  EXPECT_EQ(banned_until(bans, "x", 1000, now), now + neighbour_ban);
  EXPECT_FALSE(banned_until(bans, "x", 1001, now));
  EXPECT_FALSE(banned_until(bans, "x", 100, now)) << "nor for another number that begins like it";
  ban(bans, {"x"}, now + 1h);
  EXPECT_EQ(banned_until(bans, "x", 1000, now + 2h), now + 1h + neighbour_ban) << "the longer of both";
  EXPECT_EQ(banned_until(bans, "x", 1001, now + 2h), now + 1h + neighbour_ban);
}

TEST(Neighbours, P5_ABanLastsADayOfTheServiceClockWhateverARowSays) {
  const base::ServiceTime now(100h);
  Bans bans{{"over", now}, {"old", now + 1h}};
  ban(bans, {"x"}, now);
  EXPECT_EQ(bans, (Bans{{"old", now + 1h}, {"x", now + 24h}}));
  ban(bans, {"old"}, now + 30min);
  EXPECT_EQ(bans.at("old"), now + 30min + 24h);
  const Bans kept = stored_bans({{"x", now + 24h}, {"y", now + 9000h}, {"z", now}, {"", now + 1h}}, now);
  EXPECT_EQ(kept, (Bans{{"x", now + 24h}, {"y", now + 24h}}));
}

TEST(Neighbours, OfTooManyBansThoseThatEndFirstAreForgotten) {
  Bans bans;
  for (std::size_t i = 0; i < bans_max + 2; ++i)
    ban(bans, {std::to_string(i)}, base::ServiceTime(base::Microseconds(static_cast<std::int64_t>(i))));
  EXPECT_EQ(bans.size(), bans_max);
  EXPECT_FALSE(bans.contains("0"));
  EXPECT_FALSE(bans.contains("1"));
  EXPECT_TRUE(bans.contains("2"));
}

TEST(Neighbours, P15_WhatCameFromThemAndFromTheOriginIsAllOfIt) {
  File file = asked_file();
  const auto comes = [&](Extent bytes, const std::string& key) {
    Extents stored = file.stored;
    stored.add(bytes);
    note_sender(file, stored.without(file.stored), key);
    file.stored = stored;
  };
  comes({0, 30}, "");
  EXPECT_EQ(octets_from_origin(file), 30U);
  EXPECT_FALSE(file.rare) << "what nobody gave costs nothing";
  comes({30, 60}, "x");
  comes({60, 100}, "y");
  EXPECT_EQ(octets_from_neighbours(file), 70U);
  EXPECT_EQ(givers(file), (std::vector<std::string>{"x", "y"}));
  EXPECT_FALSE(gave(file, Extents::until(30)));
  EXPECT_TRUE(gave(file, Extents::until(31)));
  file.stored.remove({50, 70});
  EXPECT_EQ(octets_from_neighbours(file), 50U);
  EXPECT_EQ(octets_from_origin(file), 30U);
  comes({50, 70}, "");
  EXPECT_EQ(octets_from_neighbours(file), 50U);
  EXPECT_EQ(octets_from_origin(file), 50U);
}

TEST(Neighbours, P5_OfEachByteItIsKnownWhoSentItLast) {
  using Keys = std::vector<std::string>;
  File file = asked_file();
  file.stored = Extents::until(100);
  Extents middle;
  middle.add({40, 60});
  note_sender(file, Extents::until(50), "x");
  note_sender(file, Extents::until(100).without(Extents::until(50)), "y");
  EXPECT_EQ(givers(file, Extents::until(50)), Keys{"x"});
  EXPECT_EQ(givers(file, middle), (Keys{"x", "y"}));
  note_sender(file, middle, "z");
  EXPECT_EQ(givers(file, middle), Keys{"z"});
  EXPECT_EQ(givers(file), (Keys{"x", "y", "z"}));
  EXPECT_EQ(octets_from_neighbours(file), 100U);
  note_sender(file, Extents::until(50), "");
  EXPECT_EQ(givers(file), (Keys{"y", "z"})) << "nothing of x is left";
  note_sender(file, Extents::until(100), "");
  EXPECT_EQ(octets_from_neighbours(file), 0U);
  EXPECT_TRUE(givers(file).empty());
}

TEST(Neighbours, WhatARowSaysInAnotherWayIsAnybodys) {
  File file = asked_file();
  file.stored = Extents::until(100);
  FileNeighbours known;
  known.octets = Extents::until(100);
  known.givers = "x y:9-1";
  file.rare.set(&RareOfFile::neighbours, Seldom<FileNeighbours>(known));
  EXPECT_EQ(givers(file, Extents::until(1)), (std::vector<std::string>{"x", "y"}));
}

}  // namespace
}  // namespace backhaul::core
