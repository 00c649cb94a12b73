// SPDX-License-Identifier: Apache-2.0
// Other addresses of a file that its origin names (RFC 6249): the last that are asked, for a file whose digest is known.
#include "core/site_sources.h"
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

engine::Settings without_duplicates() {
  engine::Settings settings;
  settings.policy.site.duplicates = {false, "backhauld.conf:3"};
  return settings;
}

class Duplicate : public testing::Test {
 protected:
  explicit Duplicate(engine::Settings settings = {}) : s(std::move(settings)) {}

  // At http://host/x, which names http://b/x and http://c/x. Its server is gone after 4,000 bytes of it.
  sim::RemoteFile& serve_and_die() {
    sim::RemoteFile& file = s.serve("x", 10'000);
    file.tells_digest = true;
    file.duplicates = {"http://b/x", "http://c/x"};
    file.fault({FaultKind::cut, 4000, {}}).always = sim::Fault{FaultKind::refuse, 0, {}};
    return file;
  }
  // Its tag is another one than that of the origin.
  sim::RemoteFile& duplicate(const std::string& host) {
    sim::RemoteFile& file = s.world.origin.mirror("http://" + host + "/x", "http://host/x");
    file.versions.back().etag = "\"of " + host + "\"";
    return file;
  }
  JobId fetch(std::vector<std::string> mirrors = {}, std::vector<std::string> digests = {}) {
    ports::FileSpec file{.remote = "http://host/x", .local = "/d/x"};
    file.mirrors = std::move(mirrors);
    file.digests = std::move(digests);
    return s.enqueue_files("a", {file}, {.minimum_retry_delay = 60});
  }
  // From whom what did not come from the origin is.
  std::vector<std::string> givers(const JobId& job) { return core::kinds_of_givers(s.file(job, 0)); }
  Story s;
};

TEST_F(Duplicate, FinishesWhatADeadOriginBegan) {
  const sim::RemoteFile& origin = serve_and_die();
  const sim::RemoteFile& b = duplicate("b");
  const sim::RemoteFile& c = duplicate("c");
  const JobId a = fetch();
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.row(a).error_count, 0U) << "the job was not told";
  EXPECT_EQ(s.by_origin(a), 4000U) << "nothing of it is fetched twice";
  EXPECT_EQ(b.sent, 6000U);
  EXPECT_EQ(givers(a), std::vector<std::string>{"duplicate"});
  EXPECT_EQ(origin.requests, 1U);
  EXPECT_EQ(c.requests, 0U) << "one after the other";
  EXPECT_EQ(s.file(a, 0).remote, "http://host/x");
  EXPECT_EQ(s.file(a, 0).remote_identity.etag, "") << "which version it is its origin alone says";
  EXPECT_FALSE(s.file(a, 0).rare->duplicates) << "nobody needs them any more";
  s.complete(a);
  s.run(1s);
  EXPECT_TRUE(s.has_file("x"));
}

TEST_F(Duplicate, ThatLiesCostsTheFileOnceAndTheOriginGivesItLater) {
  sim::RemoteFile& origin = serve_and_die();
  sim::RemoteFile& b = duplicate("b");
  b.corrupts = true;
  const sim::RemoteFile& c = duplicate("c");
  const JobId a = fetch();
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  EXPECT_EQ(s.row(a).error->code, Code::WINHTTP_CANNOT_CONNECT) << "what its origin did, and not what the liar did";
  EXPECT_TRUE(s.file(a, 0).stored.empty());
  EXPECT_EQ(s.world.service().parts().neighbourhood.site()->memory.banned.count("duplicate http://b:80"), 1U);
  origin.always.reset();
  s.run(80s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.by_neighbours(a), 0U);
  EXPECT_EQ(b.requests, 1U);
  EXPECT_EQ(c.requests, 0U) << "who would lie next costs as much";
}

TEST_F(Duplicate, ThatFailsIsFollowedByTheNextAndInTheEndTheJobIsToldOfItsOrigin) {
  const sim::RemoteFile& origin = serve_and_die();
  sim::RemoteFile& b = duplicate("b");
  sim::RemoteFile& c = duplicate("c");
  b.always = c.always = sim::Fault{FaultKind::status, 404, {}};
  const JobId a = fetch();
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  EXPECT_EQ(s.row(a).error->code, Code::WINHTTP_CANNOT_CONNECT);
  EXPECT_EQ(s.row(a).error_count, 1U);
  EXPECT_EQ(b.requests, 1U);
  EXPECT_EQ(c.requests, 1U);
  EXPECT_EQ(origin.requests, 2U) << "it may be back";
  s.run(60s);
  EXPECT_EQ(s.row(a).error_count, 2U) << "each is asked once in a round";
  EXPECT_EQ(b.requests, 2U);
  EXPECT_EQ(s.file(a, 0).stored.prefix(), 4000U);
  c.always.reset();
  s.run(80s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST_F(Duplicate, ThatAreNamedAnewAreNoMoreThanAFewBeforeTheJobIsTold) {
  sim::RemoteFile& origin = s.serve("x", 10'000);
  origin.tells_digest = true;
  origin.always = sim::Fault{FaultKind::cut, 4000, {}};
  int number = 0;
  const auto name_others = [&] {
    origin.duplicates.clear();
    for (int i = 0; i < 8; ++i) origin.duplicates.push_back("http://d" + std::to_string(++number) + "/x");
  };
  name_others();
  const JobId a = fetch();
  for (int i = 0; i < 40 && s.row(a).state != JobState::transient_error; ++i) {
    s.run(1s);
    name_others();
  }
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  EXPECT_LE(origin.requests, 3U);
}

TEST_F(Duplicate, ThatFailsIsLeftAloneByTheJobsOfThatOwner) {
  serve_and_die();
  duplicate("b").always = sim::Fault{FaultKind::status, 500, {}};
  duplicate("c");
  const JobId a = fetch();
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  sim::RemoteFile& other = s.serve("y", 10'000);
  other.tells_digest = true;
  other.duplicates = {"http://b/y"};
  other.fault({FaultKind::cut, 4000, {}}).always = sim::Fault{FaultKind::refuse, 0, {}};
  s.world.origin.mirror("http://b/y", "http://host/y");
  const JobId hers = s.enqueue_by(s.carol, "hers", {{.remote = "http://host/y", .local = "/d/y"}});
  s.run(20s);
  EXPECT_EQ(s.row(hers).state, JobState::transferred);
}

TEST_F(Duplicate, IsAskedAfterTheMirrorsOfTheOwner) {
  serve_and_die();
  sim::RemoteFile& mirror = duplicate("m");
  mirror.always = sim::Fault{FaultKind::status, 404, {}};
  const sim::RemoteFile& b = duplicate("b");
  const JobId a = fetch({"http://m/x"});
  s.run(30s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.row(a).error_count, 0U);
  EXPECT_EQ(mirror.requests, 1U);
  EXPECT_EQ(b.requests, 1U);
}

TEST_F(Duplicate, OfMirrorsThatAllFailEndsARoundAsWell) {
  serve_and_die();
  sim::RemoteFile& mirror = duplicate("m");
  sim::RemoteFile& b = duplicate("b");
  sim::RemoteFile& c = duplicate("c");
  mirror.always = b.always = c.always = sim::Fault{FaultKind::status, 404, {}};
  const JobId a = fetch({"http://m/x"});
  s.run(40s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  EXPECT_EQ(s.row(a).error_count, 1U);
  EXPECT_EQ(b.requests, 1U);
  EXPECT_EQ(c.requests, 1U);
}

TEST_F(Duplicate, IsNotAskedWithoutADigest) {
  serve_and_die().tells_digest = false;
  const sim::RemoteFile& b = duplicate("b");
  const JobId a = fetch();
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  EXPECT_EQ(b.requests, 0U);
  EXPECT_FALSE(s.file(a, 0).rare->duplicates);
}

TEST_F(Duplicate, IsHeldAgainstTheDigestOfTheOwnerWhereTheOriginTellsNone) {
  sim::RemoteFile& origin = serve_and_die();
  origin.tells_digest = false;
  duplicate("b");
  const JobId a = fetch({}, {sim::digest_of(origin.current())});
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.by_neighbours(a), 6000U);
}

TEST_F(Duplicate, IsNotAskedWhereTheOriginGaveTheFileAndItIsNotWhatIsExpected) {
  sim::RemoteFile& origin = serve_and_die();
  origin.faults.clear();
  origin.always.reset();
  const sim::RemoteFile& b = duplicate("b");
  const JobId a = fetch({}, {"sha256:" + std::string(64, 'a')});
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.row(a).error->code, Code::BG_E_VALIDATION_FAILED);
  EXPECT_EQ(b.requests, 0U);
}

TEST_F(Duplicate, IsNotAskedWhileTheOriginAsksForTime) {
  sim::RemoteFile& origin = serve_and_die();
  origin.always = sim::Fault{FaultKind::status, 503, 500s};
  sim::RemoteFile& b = duplicate("b");
  sim::RemoteFile& c = duplicate("c");
  b.always = c.always = sim::Fault{FaultKind::status, 404, {}};
  const JobId a = fetch();
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  EXPECT_EQ(s.row(a).error->code, base::http_code(503));
  EXPECT_EQ(b.requests, 1U) << "the connection broke, and nobody asked for time";
  b.always.reset();
  s.run(600s);
  EXPECT_EQ(origin.requests, 3U);
  EXPECT_EQ(b.requests, 1U) << "a server that says when it gives more is waited for";
}

TEST_F(Duplicate, IsRememberedOverARestart) {
  serve_and_die();
  duplicate("b");
  const JobId a = fetch();
  s.run(8s);
  s.crash();
  ASSERT_TRUE(s.file(a, 0).rare->duplicates);
  s.run(30s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.by_origin(a), 4000U);
}

TEST_F(Duplicate, OfAFormerAddressIsForgottenWithIt) {
  serve_and_die();
  const sim::RemoteFile& b = duplicate("b");
  const JobId a = s.create("a", {"x"}, {.minimum_retry_delay = 60});
  s.start(a);
  s.run(3s);
  EXPECT_TRUE(s.file(a, 0).rare->duplicates);
  s.set_remote_name(a, 0, "http://gone/x");
  EXPECT_FALSE(s.file(a, 0).rare->duplicates);
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  EXPECT_EQ(b.requests, 0U);
}

TEST_F(Duplicate, ExplainSaysThatAFileComesFromOne) {
  serve_and_die();
  duplicate("b");
  const JobId a = fetch();
  s.run(8s);
  std::string text;
  for (const core::Cause& cause : s.world.service().explain(s.row(a), s.alice.caller()))
    text += cause.sentence + " (" + cause.where + ")\n";
  EXPECT_NE(text.find("file 0 comes from http://b/x, which its server names as a duplicate, since the server gave no more "
                      "of it (built in)"),
            std::string::npos)
      << text;
}

class NoDuplicate : public Duplicate {
 protected:
  NoDuplicate() : Duplicate(without_duplicates()) {}
};

TEST_F(NoDuplicate, IsAskedWhereTheSettingsSayNo) {
  serve_and_die();
  const sim::RemoteFile& b = duplicate("b");
  const JobId a = fetch();
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  EXPECT_EQ(b.requests, 0U);
}

}  // namespace
}  // namespace backhaul::stories
