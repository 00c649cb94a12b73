// SPDX-License-Identifier: Apache-2.0
// Digests of pieces: only the bytes that are wrong are fetched again. And the size that is expected.
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

class Pieces : public testing::Test {
 protected:
  ports::FileSpec spec(const std::vector<std::string>& mirrors = {}) {
    return {.remote = "http://host/x",
            .local = "/d/x",
            .mirrors = mirrors,
            .piece_length = 1000,
            .piece_digests = sim::piece_digests_of(x.current(), 1000)};
  }
  JobId fetch(const std::vector<std::string>& mirrors = {}) { return s.enqueue_files("a", {spec(mirrors)}); }
  void bad(sim::RemoteFile& file, std::uint64_t begin, std::uint64_t end) { file.bad.add({begin, end}); }

  Story s;
  sim::RemoteFile& x = s.serve("x", 5500);
  sim::RemoteFile& mirror = s.world.origin.mirror("http://b/x", "http://host/x");
};

TEST_F(Pieces, TheRightOnesBecomeAFile) {
  const JobId a = fetch();
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(x.requests, 1U);
  s.complete(a);
  EXPECT_TRUE(s.has_file("x"));
}

TEST_F(Pieces, OnlyTheWrongOnesAreFetchedAgainFromTheMirror) {
  bad(x, 2300, 2400);
  bad(x, 5400, 5500);  // in the last one, which is shorter
  mirror.versions.back().last_modified.clear();
  const JobId a = fetch({"http://b/x"});
  ASSERT_TRUE(s.world.run_until([&] { return s.file(a, 0).rare->mirrors->current == 1; }, 20s));
  EXPECT_EQ(s.file(a, 0).stored.total(), 4000U) << "what is right is kept";
  EXPECT_EQ(s.file(a, 0).epoch, 0U);
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.row(a).error_count, 0U);
  EXPECT_EQ(mirror.requests, 2U) << "one for each of them";
  EXPECT_EQ(s.file(a, 0).epoch, 0U);
  s.complete(a);
  EXPECT_TRUE(s.has_file("x"));
}

TEST_F(Pieces, NothingHasToBeComparableInFrontOfTheFirst) {
  bad(x, 0, 1);
  mirror.versions.back().etag = "\"of b\"";
  mirror.versions.back().last_modified = sim::http_date(1'600'000'000);
  const JobId a = fetch({"http://b/x"});
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transferred) << (s.row(a).error ? s.row(a).error->text : "");
  EXPECT_EQ(s.file(a, 0).epoch, 0U);
}

TEST_F(Pieces, AnotherSizeAtTheMirrorIsItsFailure) {
  bad(x, 0, 1);
  mirror.versions.back().size = 6000;
  mirror.versions.back().last_modified.clear();
  const JobId a = fetch({"http://b/x"});
  s.run(30s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.file(a, 0).stored.total(), 4500U);
}

TEST_F(Pieces, TheOnlyAddressIsAskedOnceMoreAndThenItIsAnErrorThatKeepsTheRest) {
  bad(x, 1000, 1001);
  const JobId a = fetch();
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.row(a).error->code, Code::BG_E_VALIDATION_FAILED);
  EXPECT_NE(s.row(a).error->text.find("1 of 6 pieces"), std::string::npos) << s.row(a).error->text;
  EXPECT_EQ(x.requests, 2U);
  EXPECT_EQ(s.file(a, 0).stored.total(), 4500U);
  x.bad = {};
  s.start(a);
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(x.requests, 3U);
}

TEST_F(Pieces, AsLongAsTheyBecomeFewerItGoesOn) {
  bad(x, 1000, 3001);
  const JobId a = fetch();
  ASSERT_TRUE(s.world.run_until([&] { return x.requests == 2; }, 20s));
  x.bad = {};
  bad(x, 3000, 3001);
  ASSERT_TRUE(s.world.run_until([&] { return x.requests == 3; }, 20s));
  x.bad = {};
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(x.requests, 3U);
}

// What failed waits for the files before it, and one of those is looked at again.
TEST_F(Pieces, AFileIsRepairedInFrontOfOneThatHasFailed) {
  bad(x, 1000, 1001);
  s.serve("y", 100).always = sim::Fault{FaultKind::status, 404, {}};
  s.world.stage.options.disk = {3s, 3s};
  const JobId a = s.enqueue_files("a", {spec(), {.remote = "http://host/y", .local = "/d/y"}});
  ASSERT_TRUE(s.world.run_until([&] { return s.file(a, 0).rare->expected->bad == 1; }, 60s));
  x.bad = {};
  s.run(100s);
  EXPECT_EQ(s.file(a, 0).state, core::FileState::transferred);
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.row(a).error->file, 1U);
}

TEST_F(Pieces, WhereNoneIsRightItIsAnotherFile) {
  x.corrupts = true;
  const JobId a = fetch({"http://b/x"});
  s.run(30s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.file(a, 0).epoch, 1U);
}

TEST_F(Pieces, ACrashBetweenVerdictAndRepairLosesNothing) {
  bad(x, 2300, 2400);
  const JobId a = fetch();
  ASSERT_TRUE(s.world.run_until([&] { return s.file(a, 0).rare->expected->bad == 1; }, 20s));
  x.bad = {};
  s.crash();
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(x.requests, 2U);
  s.complete(a);
  EXPECT_TRUE(s.has_file("x"));
}

TEST_F(Pieces, WhatCannotBeOneRefusesTheJob) {
  const auto refused = [this](ports::FileSpec file) {
    s.enqueue_files("a", {std::move(file)});
    return s.reply_to_last();
  };
  ports::FileSpec file = spec();
  file.size = 9000;
  EXPECT_EQ(refused(file), "E_INVALIDARG") << "has nine pieces";
  file = spec();
  file.piece_length = 0;
  EXPECT_EQ(refused(file), "E_INVALIDARG");
  file = spec();
  file.piece_digests.clear();
  EXPECT_EQ(refused(file), "E_INVALIDARG");
  file = spec();
  file.piece_digests[3] = "md5:" + std::string(32, '0');
  EXPECT_EQ(refused(file), "BG_E_INVALID_HASH_ALGORITHM");
  file.piece_digests[3] = "sha1:" + std::string(40, '0');
  EXPECT_EQ(refused(file), "E_INVALIDARG") << "two algorithms";
}

// --- the size ------------------------------------------------------------------------------------

TEST_F(Pieces, TheSizeThatIsExpectedIsKnownBeforeAnybodyIsAsked) {
  ports::FileSpec file = spec();
  file.size = 5500;
  x.always = sim::Fault{FaultKind::refuse};
  const JobId a = s.enqueue_files("a", {file});
  s.run(5s);
  EXPECT_EQ(s.file(a, 0).size(), 5500U);
  EXPECT_EQ(s.row(a).files.bytes_known, 5500U);
}

TEST_F(Pieces, AnAddressWithAnotherSizeHasFailedAtOnce) {
  s.world.origin.change("http://host/x", 900'000);
  ports::FileSpec file = spec({"http://b/x"});
  file.piece_digests.clear();
  file.piece_length = 0;
  file.size = 5500;
  const JobId a = s.enqueue_files("a", {file});
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.file(a, 0).stored.total(), 5500U);
  file.mirrors.clear();
  const JobId b = s.enqueue_files("b", {file});
  s.run(20s);
  EXPECT_EQ(s.row(b).state, JobState::error);
  EXPECT_EQ(s.row(b).error->code, Code::BG_E_VALIDATION_FAILED);
  EXPECT_NE(s.row(b).error->text.find("5500 bytes are expected"), std::string::npos) << s.row(b).error->text;
}

TEST_F(Pieces, WhereTheServerTellsNoneTheEndHasToFit) {
  x.tells_size = false;
  ports::FileSpec file = spec();
  file.piece_digests.clear();
  file.piece_length = 0;
  for (const std::uint64_t size : {5500U, 5000U, 6000U}) {
    file.size = size;
    const JobId a = s.enqueue_files("a", {file});
    s.run(20s);
    EXPECT_EQ(s.row(a).state == JobState::transferred, size == 5500) << size;
    s.cancel(a);
  }
}

// --- signatures ----------------------------------------------------------------------------------

class Signed : public Pieces {
 protected:
  // One of this world names the digest of what was signed.
  JobId fetch_signed(const std::string& digest, const std::vector<std::string>& mirrors = {}) {
    return s.enqueue_files("a", {{.remote = "http://host/x",
                                  .local = "/d/x",
                                  .mirrors = mirrors,
                                  .signature = "-----BEGIN PGP SIGNATURE-----\nComment: " + digest +
                                               "\n\nAAAA\n-----END PGP SIGNATURE-----\n",
                                  .key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n"
                                         "-----END PGP PUBLIC KEY BLOCK-----\n"}});
  }
  std::string right() { return sim::digest_of(x.current()).substr(7); }
};

TEST_F(Signed, WhatWasSignedBecomesAFile) {
  const JobId a = fetch_signed(right());
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  s.complete(a);
  EXPECT_TRUE(s.has_file("x"));
}

TEST_F(Signed, AnythingElseIsTheFailureOfItsAddress) {
  x.corrupts = true;
  const JobId a = fetch_signed(right(), {"http://b/x"});
  s.run(30s);
  EXPECT_EQ(s.row(a).state, JobState::transferred) << "from the mirror";
  const JobId b = fetch_signed(right());
  s.run(30s);
  EXPECT_EQ(s.row(b).state, JobState::error);
  EXPECT_EQ(s.row(b).error->code, Code::BG_E_VALIDATION_FAILED);
  EXPECT_NE(s.row(b).error->text.find("is not what was signed"), std::string::npos) << s.row(b).error->text;
  EXPECT_TRUE(s.file(b, 0).stored.empty());
}

TEST_F(Signed, ACrashInFrontOfTheVerdictRepeatsTheCheck) {
  s.world.stage.options.disk = {10s, 10s};
  const JobId a = fetch_signed(std::string(64, '0'));
  ASSERT_TRUE(s.world.run_until([&] { return s.file(a, 0).stored.prefix() == 5500; }, 100s));
  EXPECT_EQ(s.file(a, 0).state, core::FileState::waiting);
  s.crash();
  s.run(100s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(x.requests, 1U) << "nothing was fetched again for it";
}

TEST_F(Signed, WhatIsNoSignatureRefusesTheJob) {
  s.enqueue_files("a", {{.remote = "http://host/x", .local = "/d/x", .signature = "nonsense", .key = "nonsense"}});
  EXPECT_EQ(s.reply_to_last(), "E_INVALIDARG");
  s.enqueue_files("a", {{.remote = "http://host/x", .local = "/d/x", .key = "nonsense"}});
  EXPECT_EQ(s.reply_to_last(), "E_INVALIDARG");
}

}  // namespace
}  // namespace backhaul::stories
