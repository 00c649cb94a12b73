// SPDX-License-Identifier: Apache-2.0
// A file that several neighbours send at once, because digests of its pieces say who lied (peer-caching.md §5.2, §9).
#include "core/neighbours.h"
#include "core/peer_cache.h"
#include "tests/stories/notified_story.h"

namespace backhaul::stories {
namespace {

constexpr std::uint64_t whole_file = 30'000;
constexpr std::uint64_t one_piece = 1000;

engine::Settings with_peers() {
  engine::Settings settings;
  settings.policy.neighbours.client.value = true;
  return settings;
}

sim::Options in_small_chunks() {
  sim::Options options;
  options.chunk = 500;
  return options;
}

class SeveralNeighbours : public testing::Test {
 protected:
  SeveralNeighbours() {
    s.run(1s);
    origin().tells_digest = false;
    for (const char* name : {"a", "b", "c"}) keep(name);
    s.world.neighbours.tell();
    s.run(0s);
  }
  sim::RemoteFile& origin() {
    sim::RemoteFile* file = s.world.origin.find(url);
    return file == nullptr ? s.serve("x", whole_file) : *file;
  }
  sim::RemoteFile& keep(const std::string& name) {
    sim::RemoteFile& copy = s.world.neighbours.keep(s.world.neighbours.add(name), url);
    copy.rate = 2000;
    return copy;
  }
  sim::RemoteFile& copy(const std::string& name) { return s.world.neighbours.all().at("key-" + name).copies.at(url); }
  JobId fetch() {
    const ports::FileSpec spec{.remote = url,
                               .local = "/d/x",
                               .size = whole_file,
                               .piece_length = one_piece,
                               .piece_digests = sim::piece_digests_of(origin().current(), one_piece)};
    return s.enqueue_files("a", {spec}, {.peer_caching_flags = core::peer_caching::client});
  }
  void expect_all_of_it(const JobId& job) {
    EXPECT_EQ(s.row(job).state, JobState::transferred);
    EXPECT_EQ(s.row(job).error_count, 0U);
    EXPECT_EQ(s.by_neighbours(job) + s.by_origin(job), whole_file) << "P15";
  }
  // Those who may be asked, by name.
  // By jobs of the owner whose program fetches; or by those of somebody else.
  std::string trusted() { return trusted_by(s.alice); }
  std::string trusted_by(const sim::Program& program) {
    std::string names;
    const auto known = s.world.service().neighbours(program.caller());
    for (const ports::KnownNeighbour& one : *known)
      if (one.available) names += one.who.name;
    return names;
  }

  const std::string url = "http://host/x";
  NotifiedStory s{with_peers(), in_small_chunks()};
};

TEST_F(SeveralNeighbours, EachSendsAShareAndNobodySendsWhatAnotherDoes) {
  const JobId job = fetch();
  s.run(9s);
  expect_all_of_it(job);
  EXPECT_EQ(s.by_neighbours(job), whole_file);
  for (const char* name : {"a", "b", "c"}) EXPECT_GT(copy(name).sent, 4000U) << name;
  EXPECT_EQ(copy("a").sent + copy("b").sent + copy("c").sent, whole_file);
  EXPECT_EQ(origin().requests, 1U) << "what it is, the origin says";
}

TEST_F(SeveralNeighbours, WithoutDigestsOfPiecesOneOfThemSendsAllOfIt) {
  origin().tells_digest = true;
  const JobId job = s.enqueue("a", {"x"}, {.peer_caching_flags = core::peer_caching::client});
  s.run(30s);
  expect_all_of_it(job);
  EXPECT_EQ(s.by_neighbours(job), whole_file);
  for (const char* name : {"a", "b", "c"}) EXPECT_TRUE(copy(name).sent == 0 || copy(name).sent == whole_file) << name;
}

// What its owner expects is his own word: it bans nobody from the files of others.
TEST_F(SeveralNeighbours, P5_ALiarAmongThreeWastesOnePieceAndIsBannedAndTheOthersSendTheRest) {
  copy("b").corrupts = true;
  const JobId job = fetch();
  s.run(25s);
  expect_all_of_it(job);
  EXPECT_EQ(s.by_neighbours(job), whole_file);
  EXPECT_EQ(copy("b").sent, one_piece);
  EXPECT_EQ(trusted(), "ac");
  EXPECT_EQ(trusted_by(s.root), "abc");
  EXPECT_FALSE(s.file(job, 0).rare->neighbours->origin_only);
}

TEST_F(SeveralNeighbours, P5_ALiarIsBannedForEverybodyWhenItsOriginVouchesForWhatIsHereInTheEnd) {
  origin().tells_digest = true;
  copy("b").corrupts = true;
  const JobId job = fetch();
  s.run(25s);
  expect_all_of_it(job);
  EXPECT_EQ(copy("b").sent, one_piece);
  EXPECT_EQ(trusted(), "ac");
  EXPECT_EQ(trusted_by(s.root), "ac");
}

TEST_F(SeveralNeighbours, WhoNamesWrongDigestsOfPiecesLeavesNobodyOutForOthers) {
  origin().tells_digest = true;
  s.serve("other", whole_file);
  ports::FileSpec spec{.remote = url, .local = "/d/x", .size = whole_file, .piece_length = one_piece};
  spec.piece_digests = sim::piece_digests_of(s.world.origin.find("http://host/other")->current(), one_piece);
  const JobId wrong = s.enqueue_files("wrong", {spec}, {.peer_caching_flags = core::peer_caching::client});
  s.run(90s);
  EXPECT_NE(s.row(wrong).state, JobState::transferred);
  EXPECT_EQ(trusted_by(s.root), "abc");
}

TEST_F(SeveralNeighbours, P5_WhereAllOfThemLieItComesFromTheOrigin) {
  for (const char* name : {"a", "b", "c"}) copy(name).corrupts = true;
  const JobId job = fetch();
  s.run(60s);
  expect_all_of_it(job);
  EXPECT_EQ(s.by_origin(job), whole_file);
  EXPECT_EQ(trusted(), "");
  EXPECT_EQ(trusted_by(s.root), "abc") << "nobody but its owner says so";
  for (const char* name : {"a", "b", "c"}) EXPECT_LE(copy(name).sent, 2 * one_piece) << name;
}

TEST_F(SeveralNeighbours, P6_WhereOneDiesTheOthersGoOnFromItsLastOctet) {
  copy("b").fault({FaultKind::cut, 1500, {}});
  const JobId job = fetch();
  s.run(14s);
  expect_all_of_it(job);
  EXPECT_EQ(s.by_neighbours(job), whole_file);
  EXPECT_EQ(copy("b").sent, 1500U);
  EXPECT_EQ(copy("a").sent + copy("b").sent + copy("c").sent, whole_file);
  EXPECT_EQ(trusted(), "abc");
}

TEST_F(SeveralNeighbours, P6_OneThatSaysNothingForTwoSecondsCostsNoMoreThanThat) {
  copy("b").always = sim::Fault{FaultKind::stall, 500, {}};
  const JobId job = fetch();
  s.run(16s);
  expect_all_of_it(job);
  EXPECT_EQ(s.by_neighbours(job), whole_file);
}

TEST_F(SeveralNeighbours, OneThatHasNoRoomLeavesItsShareToTheOthers) {
  copy("b").always = sim::Fault{FaultKind::status, 503, {}};
  const JobId job = fetch();
  s.run(13s);
  expect_all_of_it(job);
  EXPECT_EQ(s.by_neighbours(job), whole_file);
  EXPECT_EQ(copy("b").sent, 0U);
  EXPECT_LE(copy("b").requests, 2U);
}

TEST_F(SeveralNeighbours, P15_WhatIsFetchedAgainIsCountedByWhoSentItLast) {
  const JobId job = fetch();
  s.run(9s);
  EXPECT_EQ(s.by_neighbours(job), whole_file);
  s.world.submit("SetValidationState", s.alice.caller(), ports::command::SetValidationState{job, 0, false});
  s.run(60s);
  expect_all_of_it(job);
  EXPECT_EQ(s.by_origin(job), whole_file);
  EXPECT_EQ(trusted(), "") << "each of them sent some of it";
  EXPECT_EQ(trusted_by(s.root), "abc") << "its owner decides about his own jobs";
}

TEST_F(SeveralNeighbours, P16_SwitchingTheFlagChangesTheSourceWithoutLosingOctets) {
  const JobId job = fetch();
  s.run(4s);
  s.change(job, {.peer_caching_flags = 0U});
  s.run(1s);
  const std::uint64_t sent = s.by_neighbours(job);
  EXPECT_GT(sent, 4000U);
  s.run(60s);
  expect_all_of_it(job);
  EXPECT_EQ(s.by_neighbours(job), sent);
}

TEST_F(SeveralNeighbours, ACrashInTheMiddleOfItCostsNothingThatIsHere) {
  const JobId job = fetch();
  s.run(4s);
  s.crash();
  s.run(20s);
  expect_all_of_it(job);
  EXPECT_GT(s.by_neighbours(job), 9000U);
}

TEST_F(SeveralNeighbours, ExplainSaysHowManySendIt) {
  const JobId job = fetch();
  s.run(4s);
  std::string text;
  for (const core::Cause& cause : s.world.service().explain(s.row(job), s.alice.caller())) text += cause.sentence + "\n";
  EXPECT_NE(text.find("file 0 comes from 3 neighbours at once"), std::string::npos) << text;
}

TEST(SeveralNeighboursDying, AtWhicheverStepTheServiceDiesTheFileIsWhatItShouldBe) {
  for (std::uint64_t step = 1; step < 60; ++step) {
    NotifiedStory t{with_peers(), in_small_chunks()};
    t.serve("x", whole_file);
    for (const char* name : {"a", "b", "c"})
      t.world.neighbours.keep(t.world.neighbours.add(name), "http://host/x").corrupts = *name == 'b';
    t.run(1s);
    t.world.neighbours.tell();
    t.run(0s);
    const ports::FileSpec spec{
        .remote = "http://host/x",
        .local = "/d/x",
        .size = whole_file,
        .piece_length = one_piece,
        .piece_digests = sim::piece_digests_of(t.world.origin.find("http://host/x")->current(), one_piece)};
    const JobId job = t.enqueue_files("a", {spec}, {.peer_caching_flags = core::peer_caching::client});
    t.world.stage.die_at_port_call(step);
    t.run(60s);
    if (!t.world.running()) t.world.start_service();
    t.run(90s);
    EXPECT_EQ(t.row(job).state, JobState::transferred) << "at step " << step;
    EXPECT_EQ(t.by_neighbours(job) + t.by_origin(job), whole_file);
  }
}

}  // namespace
}  // namespace backhaul::stories
