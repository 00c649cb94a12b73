// SPDX-License-Identifier: Apache-2.0
// Digests: what is not what was expected never becomes a file.
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

class Digest : public testing::Test {
 protected:
  std::string right(const std::string& name) {
    return sim::digest_of(s.world.origin.find("http://host/" + name)->current());
  }
  JobId fetch(const std::vector<std::string>& digests, const std::vector<std::string>& mirrors = {}) {
    return s.enqueue_files("a", {{.remote = "http://host/x", .local = "/d/x", .mirrors = mirrors,
                                  .digests = digests}},
                           {.notify_flags = base::notify::all});
  }
  Story s;
  const std::string wrong = "sha256:" + std::string(64, '0');
};

TEST_F(Digest, TheRightBytesBecomeAFile) {
  s.serve("x", 3000);
  const JobId a = fetch({right("x")});
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  s.complete(a);
  EXPECT_TRUE(s.has_file("x"));
}

TEST_F(Digest, OthersPutTheJobIntoErrorAreGivenUpAndNobodyIsToldOfAFile) {
  s.serve("x", 3000);
  const JobId a = fetch({right("x"), wrong});
  s.set_object(a, s.bob);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.row(a).error->code, Code::BG_E_VALIDATION_FAILED);
  EXPECT_NE(s.row(a).error->text.find(right("x").substr(7)), std::string::npos) << s.row(a).error->text;
  EXPECT_NE(s.row(a).error->text.find(wrong.substr(7)), std::string::npos);
  EXPECT_EQ(s.row(a).files.transferred, 0U);
  EXPECT_TRUE(s.file(a, 0).stored.empty());
  EXPECT_EQ(s.file(a, 0).event, 0U);
  s.complete(a);
  EXPECT_FALSE(s.has_file("x"));
}

TEST_F(Digest, OtherMirrorsAreTriedBefore) {
  s.serve("x", 3000).corrupts = true;
  s.world.origin.mirror("http://b/x", "http://host/x").corrupts = true;
  s.world.origin.mirror("http://c/x", "http://host/x");
  const JobId a = fetch({right("x")}, {"http://b/x", "http://c/x"});
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.row(a).error_count, 0U);
  s.complete(a);
  EXPECT_TRUE(s.has_file("x"));
}

TEST_F(Digest, ACrashInFrontOfTheVerdictRepeatsTheCheck) {
  s.serve("x", 3000);
  s.world.stage.options.disk = {10s, 10s};
  const JobId a = fetch({wrong});
  ASSERT_TRUE(s.world.run_until([&] { return s.file(a, 0).stored.prefix() == 3000; }, 100s));
  EXPECT_EQ(s.file(a, 0).state, core::FileState::waiting);
  s.crash();
  s.run(100s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.row(a).error->code, Code::BG_E_VALIDATION_FAILED);
  EXPECT_EQ(s.world.origin.find("http://host/x")->requests, 1U) << "nothing was fetched again for it";
}

TEST_F(Digest, StartFetchesAnewWhatWasWrong) {
  s.serve("x", 3000).corrupts = true;
  const JobId a = fetch({right("x")});
  s.run(10s);
  ASSERT_EQ(s.row(a).state, JobState::error);
  s.world.origin.find("http://host/x")->corrupts = false;
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST_F(Digest, WhatTheServerTellsIsHeldAgainstItWhereTheOwnerExpectsNothing) {
  sim::RemoteFile& x = s.serve("x", 3000);
  x.tells_digest = true;
  const JobId a = fetch({});
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  x.corrupts = true;
  const JobId b = fetch({});
  s.run(10s);
  EXPECT_EQ(s.row(b).state, JobState::error);
  EXPECT_EQ(s.row(b).error->code, Code::BG_E_VALIDATION_FAILED);
}

TEST_F(Digest, AnotherDigestInMidFileIsAnotherVersion) {
  sim::RemoteFile& x = s.serve("x", 5000);
  x.tells_digest = true;
  x.versions.back().last_modified.clear();
  x.fault({FaultKind::cut, 3000});
  const JobId a = fetch({});
  s.run(10s);
  s.world.origin.change("http://host/x", 5000);
  s.run(700s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  s.complete(a);
  EXPECT_EQ(s.world.disk.find("/d/x")->cache.version(), x.current().number);
}

TEST_F(Digest, WhatIsNoDigestRefusesTheJob) {
  s.serve("x", 1000);
  fetch({"md5:" + std::string(32, '0')});
  EXPECT_EQ(s.reply_to_last(), "BG_E_INVALID_HASH_ALGORITHM");
  fetch({"sha256:12"});
  EXPECT_EQ(s.reply_to_last(), "E_INVALIDARG");
  fetch({"sha256:" + std::string(64, 'g')});
  EXPECT_EQ(s.reply_to_last(), "E_INVALIDARG");
}

}  // namespace
}  // namespace backhaul::stories
