// SPDX-License-Identifier: Apache-2.0
// Addresses that change: SetRemoteName, ReplaceRemotePrefix (files.md §5), and links that expire.
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

const std::string other = "http://other/x";

TEST(Address, AJobThatMovesGoesOnAtTheNewAddressWithWhatItHolds) {
  Story s;
  s.serve("x", 5000);
  sim::RemoteFile& there = s.world.origin.mirror(other, "http://host/x");
  const JobId a = s.enqueue("a", {"x"});
  s.run(3500ms);
  s.set_remote_name(a, 0, other);
  EXPECT_EQ(s.reply_to_last(), "S_OK");
  EXPECT_EQ(s.file(a, 0).remote, other);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
3.5 a is queued
3.5 SetRemoteName a: S_OK
3.5 a is connecting
6.5 a is transferring
9.5 a is transferred
)") << "the 2,000 bytes that are held are the end that is compared";
  EXPECT_EQ(s.file(a, 0).epoch, 0U);
  EXPECT_EQ(there.requests, 1U);
}

TEST(Address, TagsOfAnotherServerAreNoReasonToBeginAnew) {
  Story s;
  s.serve("x", 5000).versions.back().etag = "\"here\"";
  s.world.origin.mirror(other, "http://host/x").versions.back().etag = "\"there\"";
  const JobId a = s.enqueue("a", {"x"});
  s.run(3500ms);
  s.set_remote_name(a, 0, other);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.file(a, 0).epoch, 0U);
  EXPECT_EQ(s.file(a, 0).remote_identity.etag, "\"there\"");
}

TEST(Address, AnotherFileAtTheNewAddressBeginsAnewWithoutAnError) {
  for (const std::uint64_t size : {5000U, 4000U}) {
    Story s;
    s.serve("x", 5000);
    s.world.origin.serve(other, size);
    const JobId a = s.enqueue("a", {"x"});
    s.run(3500ms);
    s.set_remote_name(a, 0, other);
    s.run(20s);
    EXPECT_EQ(s.row(a).state, JobState::transferred) << size;
    EXPECT_EQ(s.row(a).error_count, 0U);
    EXPECT_EQ(s.file(a, 0).size(), size);
    EXPECT_TRUE(s.has_file("x") || s.file(a, 0).epoch > 0);
  }
}

TEST(Address, WhereTheNewServerTellsNothingTheBytesDecide) {
  for (const bool same : {true, false}) {
    Story s;
    s.serve("x", 5000);
    sim::RemoteFile& there = same ? s.world.origin.mirror(other, "http://host/x")
                                  : s.world.origin.serve(other, 5000);
    there.versions.back().last_modified.clear();
    const JobId a = s.enqueue("a", {"x"});
    s.run(3500ms);
    s.set_remote_name(a, 0, other);
    s.run(20s);
    EXPECT_EQ(s.row(a).state, JobState::transferred) << (s.row(a).error ? s.row(a).error->text : "");
    EXPECT_EQ(s.file(a, 0).epoch == 0, same);
  }
}

TEST(Address, AJobInErrorIsRepairedByAnAddressAndStart) {
  Story s;
  s.serve("x", 5000).fault({FaultKind::status, 404, {}});
  s.world.origin.mirror(other, "http://host/x");
  const JobId a = s.enqueue("a", {"x"});
  s.run(2s);
  s.set_remote_name(a, 0, other);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::error) << "only Start leaves it";
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(Address, AFileThatIsHereIsNotFetchedAgain) {
  Story s;
  s.serve("x", 1000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(5s);
  s.set_remote_name(a, 0, "http://nowhere/y");
  s.run(60s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  s.start(a);
  s.complete(a);
  EXPECT_TRUE(s.has_file("x"));
}

TEST(Address, WhatIsNoAddressChangesNothing) {
  Story s;
  s.serve("x", 1000);
  const JobId a = s.create("a", {"x"});
  s.set_remote_name(a, 0, "ftp://host/x");
  EXPECT_EQ(s.reply_to_last(), "E_INVALIDARG");
  s.set_remote_name(a, 0, "");
  EXPECT_EQ(s.reply_to_last(), "E_INVALIDARG");
  s.set_remote_name(a, 1, other);
  EXPECT_EQ(s.reply_to_last(), "BG_E_FILE_NOT_FOUND");
  EXPECT_EQ(s.file(a, 0).remote, "http://host/x");
  s.cancel(a);
  s.set_remote_name(a, 0, other);
  EXPECT_EQ(s.reply_to_last(), "BG_E_INVALID_STATE");
}

TEST(Prefix, EveryAddressThatBeginsSoBeginsOtherwise) {
  Story s;
  const JobId a = s.create("a", {"x", "y", "z"});
  s.set_remote_name(a, 1, "http://HOST/y");
  s.replace_remote_prefix(a, "http://host/", "https://new/dir/");
  EXPECT_EQ(s.count_replied(), 2U);
  EXPECT_EQ(s.file(a, 0).remote, "https://new/dir/x");
  EXPECT_EQ(s.file(a, 1).remote, "http://HOST/y") << "case counts";
  EXPECT_EQ(s.file(a, 2).remote, "https://new/dir/z");
  s.replace_remote_prefix(a, "ttp", "x");
  EXPECT_EQ(s.count_replied(), 0U) << "from the first character on";
}

TEST(Prefix, AllOrNothing) {
  Story s;
  const JobId a = s.create("a", {"x", "y"});
  s.replace_remote_prefix(a, "http://host/x", "host/x");
  EXPECT_EQ(s.reply_to_last(), "E_INVALIDARG");
  s.replace_remote_prefix(a, "", "http://new/");
  EXPECT_EQ(s.reply_to_last(), "E_INVALIDARG");
  s.replace_remote_prefix(a, "http://host/", "");
  EXPECT_EQ(s.reply_to_last(), "E_INVALIDARG");
  EXPECT_EQ(s.file(a, 0).remote, "http://host/x");
  EXPECT_EQ(s.file(a, 1).remote, "http://host/y");
}

// --- links that expire ---------------------------------------------------------------------------

class Expiry : public testing::Test {
 protected:
  JobId half_of(std::uint64_t status, std::uint32_t timeout) {
    s.serve("x", 5000).fault({FaultKind::cut, 2000}).always = sim::Fault{FaultKind::status, status, {}};
    s.world.origin.mirror(other, "http://host/x");
    const JobId a = s.enqueue("a", {"x"}, {.minimum_retry_delay = 60, .address_timeout = timeout});
    s.run(100s);
    EXPECT_EQ(s.file(a, 0).stored.prefix(), 2000U);
    return a;
  }
  Story s;
};

TEST_F(Expiry, WithoutATimeItIsAnErrorAtOnceAsInBits) {
  const JobId a = half_of(403, 0);
  EXPECT_EQ(s.row(a).state, JobState::error);
}

class ExpiryByStatus : public Expiry, public testing::WithParamInterface<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Statuses, ExpiryByStatus, testing::Values(401, 403, 410));

TEST_P(ExpiryByStatus, TheOwnerIsAskedForANewAddressAndItGoesOnAtOnceWithTheBytes) {
  const JobId a = half_of(GetParam(), 3600);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  EXPECT_EQ(s.row(a).error->code, base::http_code(static_cast<unsigned>(GetParam())));
  EXPECT_EQ(s.row(a).error->file, 0U);
  EXPECT_TRUE(s.waiting(a).starts_with("waiting for a new address after HTTP")) << s.waiting(a);
  const auto causes = s.world.service().explain(s.row(a), s.alice.caller());
  ASSERT_GE(causes.size(), 2U);
  EXPECT_EQ(causes[1].sentence, "for a new address it waits 3600 s in all, and then it is in error; move gives it one");
  EXPECT_EQ(causes[1].where, "the job");
  EXPECT_NE(causes[0].until, base::WallTime{});
  s.set_remote_name(a, 0, other);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.file(a, 0).epoch, 0U) << "the bytes were kept";
}

TEST_F(Expiry, NobodyAnswersAndTheJobIsInErrorWithItsBytes) {
  const JobId a = half_of(403, 3600);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  s.run(3700s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.row(a).error->code, base::http_code(403));
  EXPECT_EQ(s.file(a, 0).stored.prefix(), 2000U);
}

TEST_F(Expiry, TheTimeGoesOnOverARestartAndANetworkThatComesUpDoesNotEndIt) {
  const JobId a = half_of(410, 3600);
  s.crash();
  EXPECT_EQ(s.row(a).address_file, 0U);
  s.world.set_network(false);
  s.world.set_network(true);
  s.run(60s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  s.run(3600s);
  EXPECT_EQ(s.row(a).state, JobState::error);
}

TEST_F(Expiry, OtherFailuresAndJobsWithoutBytesAreAsEver) {
  EXPECT_EQ(s.row(half_of(404, 3600)).state, JobState::error);
  s.serve("y", 1000).always = sim::Fault{FaultKind::status, 403, {}};
  const JobId b = s.enqueue("b", {"y"}, {.address_timeout = 3600});
  s.run(10s);
  EXPECT_EQ(s.row(b).state, JobState::error);
}

}  // namespace
}  // namespace backhaul::stories
