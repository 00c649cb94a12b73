// SPDX-License-Identifier: Apache-2.0
// A site's cache, its proxy and swarms before the origin (peer-caching.md §8): in their order, for files that may come
// from anybody, and whatever they do is no error of the job.
#include "core/site_sources.h"

#include "core/peer_cache.h"
#include "tests/stories/notified_story.h"

namespace backhaul::stories {
namespace {

constexpr std::uint32_t shares = core::peer_caching::client;

engine::Settings with_cache() {
  engine::Settings settings;
  settings.policy.site.cache_host = {sim::SimSite::pattern, "backhauld.conf:3"};
  return settings;
}

engine::Settings with_all() {
  engine::Settings settings = with_cache();
  settings.policy.site.proxy = {sim::SimSite::proxy, "backhauld.conf:4"};
  settings.policy.site.swarm = {true, "backhauld.conf:5"};
  settings.policy.neighbours.client.value = true;
  return settings;
}

class SiteStory : public testing::Test {
 protected:
  explicit SiteStory(engine::Settings settings) : s(std::move(settings)) { s.run(1s); }

  sim::RemoteFile& serve(const std::string& name, std::uint64_t size = 10'000) {
    sim::RemoteFile& file = s.serve(name, size);
    file.tells_digest = true;
    return file;
  }
  static std::string url(const std::string& name) { return "http://host/" + name; }
  sim::SimSite& site() { return s.world.site; }
  JobId fetch(const std::string& name, JobChange change = {}) {
    return s.enqueue("job " + name, {name}, std::move(change));
  }
  void lay_down(const engine::Settings& settings) {
    s.world.settings.policy = settings.policy;
    s.world.stage.post(ports::PolicyChanged{settings.policy});
    s.run(0s);
  }
  JobState state(const JobId& job) { return s.row(job).state; }
  std::string givers(const JobId& job) {
    std::string all;
    for (const std::string& giver : core::givers(s.file(job, 0))) all += (all.empty() ? "" : " ") + giver;
    return all;
  }
  void expect_here(const JobId& job, const std::string& from) {
    EXPECT_EQ(state(job), JobState::transferred);
    EXPECT_EQ(s.row(job).error_count, 0U);
    EXPECT_EQ(givers(job), from);
    EXPECT_EQ(s.by_neighbours(job) + s.by_origin(job), s.file(job, 0).size());
  }
  std::string explained(const JobId& job) {
    std::string text;
    for (const core::Cause& cause : s.world.service().explain(s.row(job), s.alice.caller()))
      text += cause.sentence + " (" + cause.where + ")\n";
    return text;
  }

  NotifiedStory s;
};

class CacheHost : public SiteStory {
 protected:
  CacheHost() : SiteStory(with_cache()) {}
};

TEST_F(CacheHost, GivesAFileWhoseDigestIsKnownAndTheOriginSaysWhatItIs) {
  sim::RemoteFile& origin = serve("x");
  sim::RemoteFile& copy = site().cache(url("x"));
  EXPECT_EQ(copy.url, "https://cache.site/http/host/x");
  const JobId job = fetch("x");
  s.run(10s);
  expect_here(job, "cache-host");
  EXPECT_EQ(s.by_origin(job), 0U);
  EXPECT_EQ(origin.requests, 1U);
  EXPECT_EQ(copy.requests, 1U);
}

TEST_F(CacheHost, IsNotAskedWithoutADigestUnlessColleaguesAreBelieved) {
  s.serve("x", 1000);
  s.serve("y", 1000);
  site().cache(url("x"));
  site().cache(url("y"));
  const JobId x = fetch("x");
  s.run(10s);
  expect_here(x, "");
  engine::Settings settings = with_cache();
  settings.policy.neighbours.content_trust.value = core::ContentTrust::colleagues;
  lay_down(settings);
  const JobId y = fetch("y");
  s.run(10s);
  expect_here(y, "cache-host");
}

TEST_F(CacheHost, WhoseFirstByteIsNotHereInFiveSecondsIsLeftForTheOriginAndBannedForAQuarterOfAnHour) {
  serve("x", 1000);
  serve("y", 1000);
  serve("z", 1000);
  site().cache(url("x")).latency = 1h;
  sim::RemoteFile& other = site().cache(url("y"));
  sim::RemoteFile& later = site().cache(url("z"));
  const JobId x = fetch("x");
  s.run(5s);
  EXPECT_EQ(s.file(x, 0).stored.total(), 0U);
  s.run(6s);
  expect_here(x, "");
  const JobId y = fetch("y");
  s.run(10s);
  expect_here(y, "");
  EXPECT_EQ(other.requests, 0U);
  s.run(15min);
  const JobId z = fetch("z");
  s.run(10s);
  expect_here(z, "cache-host");
  EXPECT_EQ(later.requests, 1U);
}

TEST_F(CacheHost, ThatDiesInTheMiddleLosesNothingThatCame) {
  serve("x");
  site().cache(url("x")).fault({sim::FaultKind::cut, 4000, {}});
  const JobId job = fetch("x");
  s.run(30s);
  expect_here(job, "cache-host");
  EXPECT_EQ(s.by_origin(job), 6000U) << "P6, P15";
}

TEST_F(CacheHost, WhoseAnswerIsThatItHasNothingOfAServerIsNotAskedForThatServerForAnHour) {
  serve("x", 1000);
  sim::RemoteFile& other = serve("y", 1000);
  site().cache(url("x")).always = sim::Fault{sim::FaultKind::status, 404, {}};
  sim::RemoteFile& unasked = site().cache(url("y"));
  const JobId x = fetch("x");
  s.run(10s);
  expect_here(x, "");
  const JobId y = fetch("y");
  s.run(10s);
  expect_here(y, "");
  EXPECT_EQ(unasked.requests, 0U);
  EXPECT_EQ(other.requests, 1U) << "nobody else would be asked, so its server is not asked twice";
  sim::RemoteFile& elsewhere = s.world.origin.serve("http://another/z", 1000);
  elsewhere.tells_digest = true;
  site().cache("http://another/z");
  const ports::FileSpec spec{.remote = "http://another/z", .local = "/d/z"};
  const JobId z = s.enqueue_files("z", {spec});
  s.run(10s);
  expect_here(z, "cache-host");
}

TEST_F(CacheHost, P5_ThatLiesIsBannedAndTheFileComesFromTheOriginWithoutAnError) {
  serve("x");
  serve("y", 1000);
  site().cache(url("x")).corrupts = true;
  sim::RemoteFile& other = site().cache(url("y"));
  const JobId x = fetch("x");
  s.run(30s);
  expect_here(x, "");
  EXPECT_FALSE(s.file(x, 0).rare->neighbours->origin_only) << "others may still be asked";
  const JobId y = fetch("y");
  s.run(10s);
  expect_here(y, "");
  EXPECT_EQ(other.requests, 0U);
}

TEST_F(CacheHost, P5_OfPiecesWithDigestsOnlyTheWrongOneIsFetchedAgain) {
  sim::RemoteFile& origin = s.serve("x", 10'000);
  site().cache(url("x")).bad.add({2500, 2600});
  const ports::FileSpec spec{.remote = url("x"),
                             .local = "/d/x",
                             .size = 10'000,
                             .piece_length = 1000,
                             .piece_digests = sim::piece_digests_of(origin.current(), 1000)};
  const JobId job = s.enqueue_files("a", {spec});
  s.run(20s);
  expect_here(job, "cache-host");
  EXPECT_EQ(s.by_origin(job), 1000U);
}

TEST_F(CacheHost, P3_WhatItsOwnerFindsNotValidComesAgainFromTheOriginAlone) {
  serve("x");
  site().cache(url("x"));
  const JobId job = fetch("x");
  s.run(10s);
  expect_here(job, "cache-host");
  s.world.submit("SetValidationState", s.alice.caller(), ports::command::SetValidationState{job, 0, false});
  s.run(30s);
  expect_here(job, "");
  EXPECT_TRUE(s.file(job, 0).rare->neighbours->origin_only);
}

TEST_F(CacheHost, P7_OfAnotherVersionGivesNothingAndIsNotBanned) {
  serve("x", 1000);
  serve("y", 1000);
  site().cache(url("x"));
  site().cache(url("y"));
  s.world.origin.change(url("x"), 1000);
  const JobId x = fetch("x");
  s.run(10s);
  expect_here(x, "");
  const JobId y = fetch("y");
  s.run(10s);
  expect_here(y, "cache-host");
}

TEST_F(CacheHost, AForegroundJobAsksTheOriginAtOnceUnlessADelayIsSet) {
  sim::RemoteFile& origin = serve("x", 1000);
  serve("y", 1000);
  sim::RemoteFile& copy = site().cache(url("x"));
  site().cache(url("y"));
  const JobId x = fetch("x", {.priority = 0U});
  s.run(5s);
  expect_here(x, "");
  EXPECT_EQ(copy.requests, 0U);
  EXPECT_EQ(origin.requests, 1U);
  engine::Settings settings = with_cache();
  settings.policy.site.cache_host_wait_foreground.value = 1s;
  lay_down(settings);
  const JobId y = fetch("y", {.priority = 0U});
  s.run(5s);
  expect_here(y, "cache-host");
}

TEST_F(CacheHost, WhoseLineGoesGivesNothingMoreAndWhatCameStays) {
  serve("x");
  site().cache(url("x")).rate = 1000;
  const JobId job = fetch("x");
  s.run(5s);
  lay_down({});
  s.run(20s);
  expect_here(job, "cache-host");
  EXPECT_GT(s.by_origin(job), 1000U);
  EXPECT_LT(s.by_origin(job), 10'000U);
}

TEST_F(CacheHost, OfRangesGivesTheseOfTheRemoteFile) {
  serve("x", 10'000);
  site().cache(url("x"));
  engine::Settings settings = with_cache();
  settings.policy.neighbours.content_trust.value = core::ContentTrust::colleagues;
  lay_down(settings);
  const ports::FileSpec spec{.remote = url("x"), .local = "/d/x", .ranges = {{5000, 100}, {200, 300}}};
  const JobId job = s.enqueue_files("r", {spec});
  s.run(20s);
  expect_here(job, "cache-host");
  EXPECT_EQ(s.file(job, 0).stored.total(), 400U);
}

class AllOfASite : public SiteStory {
 protected:
  AllOfASite() : SiteStory(with_all()) {}
  sim::RemoteFile& serve_described(const std::string& name, std::uint64_t size = 10'000) {
    sim::RemoteFile& file = serve(name, size);
    file.torrent = url(name) + ".torrent";
    return file;
  }
  JobId share(const std::string& name) { return fetch(name, {.peer_caching_flags = shares}); }
  sim::SimNeighbour& neighbour_with(const std::string& name) {
    sim::SimNeighbour& one = s.world.neighbours.add("a");
    s.world.neighbours.tell();
    s.run(0s);
    s.world.neighbours.keep(one, url(name));
    return one;
  }
};

TEST_F(AllOfASite, AsksTheSwarmThenNeighboursThenTheCacheThenTheProxyThenTheOrigin) {
  serve_described("x");
  sim::SimNeighbour& neighbour = neighbour_with("x");
  const auto some = [](sim::RemoteFile& file, std::uint64_t bytes) {
    file.always = sim::Fault{sim::FaultKind::cut, bytes, {}};
  };
  some(site().seed(url("x")), 1000);
  some(neighbour.copies.at(url("x")), 2000);
  some(site().cache(url("x")), 3000);
  some(site().share(url("x")), 1000);
  const JobId job = share("x");
  s.run(60s);
  expect_here(job, "swarm key-a cache-host site-proxy");
  EXPECT_EQ(s.by_origin(job), 3000U);
  EXPECT_EQ(site().joins, 1U);
  EXPECT_TRUE(site().joined().empty());
}

TEST_F(AllOfASite, EachComesOnlyWithinFiveSecondsAndTheNextOneGoesOn) {
  serve_described("x", 1000);
  site().seed(url("x")).latency = 1h;
  site().cache(url("x")).latency = 1h;
  site().share(url("x"));
  const JobId job = share("x");
  s.run(20s);
  expect_here(job, "site-proxy");
}

TEST_F(AllOfASite, ASwarmIsLeftWhenTheFileIsHereAndWhenTheJobStops) {
  serve_described("x");
  serve_described("y");
  site().seed(url("x"));
  site().seed(url("y")).rate = 100;
  const JobId x = share("x");
  s.run(20s);
  expect_here(x, "swarm");
  EXPECT_TRUE(site().joined().empty());
  const JobId y = share("y");
  s.run(10s);
  EXPECT_EQ(site().joined().size(), 1U);
  s.world.submit("Suspend", s.alice.caller(), ports::command::Suspend{y});
  s.run(2s);
  EXPECT_TRUE(site().joined().empty());
}

TEST_F(AllOfASite, ASwarmThatIsNotThereCostsOneQuestionInASlice) {
  serve_described("x", 1000);
  site().cache(url("x"));
  const JobId job = share("x");
  s.run(10s);
  expect_here(job, "cache-host");
  EXPECT_EQ(site().joins, 1U);
}

TEST_F(AllOfASite, WithoutATorrentOrWithoutTheJobsLeaveNoSwarmIsAsked) {
  serve("x", 1000);
  serve_described("y", 1000);
  site().seed(url("x"));
  site().seed(url("y"));
  const JobId x = share("x");
  const JobId y = fetch("y");
  s.run(20s);
  expect_here(x, "");
  expect_here(y, "");
  EXPECT_EQ(site().joins, 0U);
}

TEST_F(AllOfASite, ATorrentThatTheJobNamesIsAskedForWhatItsOwnerKnowsADigestOf) {
  sim::RemoteFile& origin = s.serve("x", 1000);  // which tells neither a torrent nor a digest
  site().seed(url("x"));
  ports::FileSpec spec{.remote = url("x"), .local = "/d/x"};
  spec.digests = {sim::digest_of(origin.current())};
  spec.torrent = "http://elsewhere/x.torrent";
  const JobId job = s.enqueue_files("x", {spec}, {.peer_caching_flags = shares});
  s.run(20s);
  expect_here(job, "swarm");
  EXPECT_EQ(s.by_origin(job), 0U);
}

// An owner who seeds bytes of his own, by a torrent of his own, with the digest of those: it is his file, and nobody
// else's.
TEST_F(AllOfASite, WhatATorrentOfTheJobGaveIsKeptForNeighboursByTheWordOfTheOriginAlone) {
  engine::Settings settings = with_all();
  settings.policy.cache.enabled.value = true;
  lay_down(settings);
  const auto fetch_by_torrent = [&](const std::string& name, bool is_vouched) {
    sim::RemoteFile& origin = s.serve(name, 1000);
    origin.tells_digest = is_vouched;
    site().seed(url(name));
    ports::FileSpec spec{.remote = url(name), .local = "/d/" + name};
    spec.digests = {sim::digest_of(origin.current())};
    spec.torrent = "http://elsewhere/" + name;
    const JobId job = s.enqueue_files(name, {spec}, {.peer_caching_flags = shares | core::peer_caching::server});
    s.run(20s);
    expect_here(job, "swarm");
    s.complete(job);
    s.run(5s);
  };
  fetch_by_torrent("x", false);
  EXPECT_TRUE(s.world.store.cached().empty());
  fetch_by_torrent("y", true);
  ASSERT_EQ(s.world.store.cached().size(), 1U);
  EXPECT_EQ(std::string(s.world.store.cached().begin()->second.url), url("y"));
}

// As most Metalinks have it.
TEST_F(AllOfASite, ASwarmGivesAFileWithSeveralAddressesWhoeverOfThemSaysWhatItIs) {
  sim::RemoteFile& origin = s.serve("x", 1000);
  origin.always = sim::Fault{sim::FaultKind::status, 404, {}};
  sim::RemoteFile& mirror = s.world.origin.mirror("http://b/x", url("x"));
  site().seed("http://b/x");
  site().cache(url("x"));
  ports::FileSpec spec{.remote = url("x"), .local = "/d/x"};
  spec.mirrors = {"http://b/x"};
  spec.digests = {sim::digest_of(origin.current())};
  spec.torrent = "http://elsewhere/x.torrent";
  const JobId job = s.enqueue_files("x", {spec}, {.peer_caching_flags = shares});
  s.run(30s);
  expect_here(job, "swarm");
  EXPECT_EQ(s.row(job).error_count, 0U);
  EXPECT_EQ(mirror.sent, 0U) << "but for its head";
}

TEST_F(AllOfASite, ASwarmThatLiesIsLeftForThisFileAlone) {
  serve_described("x", 1000);
  serve_described("y", 1000);
  site().seed(url("x")).corrupts = true;
  site().seed(url("y"));
  site().cache(url("x"));
  const JobId x = share("x");
  s.run(30s);
  expect_here(x, "cache-host");
  const JobId y = share("y");
  s.run(20s);
  expect_here(y, "swarm");
}

TEST_F(AllOfASite, SwarmAndProxyAreNotBelievedWhereColleaguesAre) {
  sim::RemoteFile& file = s.serve("x", 1000);
  file.torrent = url("x") + ".torrent";
  site().seed(url("x"));
  site().share(url("x"));
  engine::Settings settings = with_all();
  settings.policy.neighbours.content_trust.value = core::ContentTrust::colleagues;
  lay_down(settings);
  const JobId job = share("x");
  s.run(20s);
  expect_here(job, "");
  EXPECT_EQ(site().joins, 0U);
}

TEST_F(AllOfASite, AForegroundJobWaitsForNoneOfThem) {
  sim::RemoteFile& origin = serve_described("x", 1000);
  site().seed(url("x"));
  site().cache(url("x"));
  site().share(url("x"));
  const JobId job = fetch("x", {.priority = 0U, .peer_caching_flags = shares});
  s.run(4s);
  expect_here(job, "");
  EXPECT_EQ(origin.requests, 1U);
}

TEST_F(AllOfASite, AJobThatWaitsForASwarmAndComesToTheForegroundWaitsNoMore) {
  serve_described("x", 1000);
  site().swarm_latency = 1h;
  const JobId job = share("x");
  s.run(5s);
  EXPECT_EQ(site().joined().size(), 1U);
  s.change(job, {.priority = 0U});
  s.run(4s);
  expect_here(job, "");
  EXPECT_TRUE(site().joined().empty());
}

TEST_F(AllOfASite, ExplainSaysWhyEachWasOrWasNotAsked) {
  s.serve("x", 100'000);
  const JobId job = share("x");
  s.run(5s);
  const std::string text = explained(job);
  EXPECT_NE(text.find("the swarm is not asked for it: "), std::string::npos) << text;
  EXPECT_NE(text.find("neighbours would be asked for it, and none is known"), std::string::npos) << text;
  EXPECT_NE(text.find("the site's cache is not asked for it: there is no digest of it"), std::string::npos) << text;
  EXPECT_NE(text.find("the site's proxy is not asked for it: there is no digest of it, and the settings take nothing "
                      "without one (backhauld.conf:4)"),
            std::string::npos)
      << text;
}

TEST_F(AllOfASite, ACrashInTheMiddleOfItCostsNothingThatIsHere) {
  serve_described("x");
  site().cache(url("x")).rate = 1000;
  const JobId job = share("x");
  s.run(6s);
  s.crash();
  s.run(30s);
  expect_here(job, "cache-host");
  EXPECT_EQ(s.by_origin(job), 0U);
}

}  // namespace
}  // namespace backhaul::stories
