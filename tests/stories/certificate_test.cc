// SPDX-License-Identifier: Apache-2.0
// The program's word on the certificates of servers (notifications.md §14).
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

constexpr char host[] = "host:443";

// A job with a file of this server and alice as the one to be asked; suspended.
JobId watched_job(Story& s, const std::string& name = "a",
                  const std::vector<std::string>& servers = {host}) {
  s.serve_over_tls(name, servers);
  const JobId job = s.create(name, {name});
  s.set_certificate_check(job, s.alice);
  s.forget();
  return job;
}

TEST(Certificate, SOkAcceptsAndNothingIsSentBefore) {
  Story s;
  const JobId a = watched_job(s);
  s.start(a);
  s.run(500ms);
  EXPECT_EQ(s.world.origin.find("http://host/a")->requests, 0U);
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Start a: S_OK
0 a is connecting
1 a is queued
1 asks alice/v about host:443 for file 0 of a: S_OK
1 a is connecting
2 a is transferring
3 a is transferred
)");
  EXPECT_EQ(s.world.origin.find("http://host/a")->requests, 1U);
}

TEST(Certificate, ARefusalIsATransientErrorWithTheCodeOfTheCallbackAndContext8) {
  Story s;
  const JobId a = watched_job(s);
  s.alice.verdicts = {Answer::e_fail};
  s.start(a);
  s.run(2s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  ASSERT_TRUE(s.row(a).error);
  EXPECT_EQ(s.row(a).error->code, Code::E_FAIL);
  EXPECT_EQ(s.row(a).error->context, base::ErrorContext::server_certificate_callback);
  EXPECT_EQ(s.row(a).error->file, 0U);
  EXPECT_EQ(s.row(a).error_count, 1U);
  EXPECT_EQ(s.waiting(a), "retry in 9 min 59 s after the program refused the certificate of host:443");
  EXPECT_EQ(s.world.origin.find("http://host/a")->requests, 0U);
}

TEST(Certificate, ARefusalIsNotRemembered) {
  Story s;
  const JobId a = watched_job(s);
  s.alice.verdicts = {Answer::e_fail, Answer::ok};
  s.start(a);
  s.run(700s);
  EXPECT_EQ(s.told_of("asks"), R"(
1 asks alice/v about host:443 for file 0 of a: E_FAIL
602 asks alice/v about host:443 for file 0 of a: S_OK
)");
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(Certificate, AnythingButSOkRefusesAndABusErrorIsAFailure) {
  Story s;
  const JobId a = watched_job(s);
  s.alice.verdicts = {Answer::s_false, Answer::bus_error};
  s.start(a);
  s.run(2s);
  EXPECT_EQ(s.row(a).error->code, Code::S_FALSE);
  s.run(601s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  EXPECT_EQ(s.row(a).error->code, Code::E_FAIL);
  EXPECT_EQ(s.row(a).error->context, base::ErrorContext::server_certificate_callback);
}

TEST(Certificate, WithNoProgressTimeoutZeroARefusalIsAnErrorAtOnce) {
  Story s;
  const JobId a = watched_job(s);
  s.change(a, {.no_progress_timeout = 0});
  s.alice.verdicts = {Answer::e_fail};
  s.start(a);
  s.run(2s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.row(a).error->code, Code::E_FAIL);
}

TEST(Certificate, ASecondFileOfTheSameServerIsNotAskedAbout) {
  Story s;
  s.serve_over_tls("b", {host});
  const JobId a = watched_job(s);
  s.add_files(a, {"b"});
  s.start(a);
  s.run(20s);
  EXPECT_EQ(s.told_of("asks"), "\n1 asks alice/v about host:443 for file 0 of a: S_OK\n");
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(Certificate, AnotherCertificateOfTheServerIsAskedAbout) {
  Story s;
  s.serve_over_tls("b", {host}).servers = {Story::certificate(host, 'b')};
  const JobId a = watched_job(s);
  s.add_files(a, {"b"});
  s.start(a);
  s.run(20s);
  EXPECT_EQ(s.told_of("asks"), R"(
1 asks alice/v about host:443 for file 0 of a: S_OK
4 asks alice/v about host:443 for file 1 of a: S_OK
)");
}

TEST(Certificate, EveryServerOfARedirectIsAskedAboutOnce) {
  Story s;
  const JobId a = watched_job(s, "a", {"one:443", "two:8443", "one:443"});
  s.start(a);
  s.run(20s);
  EXPECT_EQ(s.told_of("asks"), R"(
1 asks alice/v about one:443 for file 0 of a: S_OK
2 asks alice/v about two:8443 for file 0 of a: S_OK
)");
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(Certificate, WhatOneJobAcceptedIsNothingToAnother) {
  Story s;
  const JobId a = watched_job(s, "a");
  const JobId b = watched_job(s, "b");
  s.alice.verdicts = {Answer::ok, Answer::e_fail};
  s.start(a);
  s.run(10s);
  s.start(b);
  s.run(5s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.row(b).state, JobState::transient_error);
}

TEST(Certificate, NobodyIsAskedWithoutAValidatorNorOverHttp) {
  Story s;
  s.serve_over_tls("a", {host});
  const JobId a = s.enqueue("a", {"a"});
  s.serve("b", 1000);
  const JobId b = s.create("b", {"b"});
  s.set_certificate_check(b, s.alice);
  s.start(b);
  s.run(20s);
  EXPECT_EQ(s.told_of("asks"), "\n");
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.row(b).state, JobState::transferred);
}

TEST(Certificate, ItCanBeSetOnlyWhileTheJobIsPaused) {
  Story s;
  s.serve("a", 100'000);
  const JobId a = s.enqueue("a", {"a"});
  s.set_certificate_check(a, s.alice);
  EXPECT_EQ(s.reply_to_last(), "BG_E_READ_ONLY_WHEN_JOB_ACTIVE");
  s.run(5s);  // TRANSFERRING
  s.clear_certificate_check(a);
  EXPECT_EQ(s.reply_to_last(), "BG_E_READ_ONLY_WHEN_JOB_ACTIVE");
  s.suspend(a);
  s.set_certificate_check(a, s.alice);
  EXPECT_EQ(s.reply_to_last(), "S_OK");
  s.start(a);
  s.run(200s);
  ASSERT_EQ(s.row(a).state, JobState::transferred);
  s.clear_certificate_check(a);
  EXPECT_EQ(s.reply_to_last(), "S_OK");
  s.set_certificate_check(a, s.carol);
  EXPECT_EQ(s.reply_to_last(), "E_ACCESSDENIED");
  s.complete(a);
  s.set_certificate_check(a, s.alice);
  EXPECT_EQ(s.reply_to_last(), "BG_E_INVALID_STATE");

  s.serve("b", 1000).fault({FaultKind::status, 503});
  const JobId b = s.enqueue("b", {"b"});
  s.run(5s);
  ASSERT_EQ(s.row(b).state, JobState::transient_error);
  s.set_certificate_check(b, s.alice);
  EXPECT_EQ(s.reply_to_last(), "BG_E_READ_ONLY_WHEN_JOB_ACTIVE");
  s.serve("c", 1000).fault({FaultKind::status, 404});
  const JobId c = s.enqueue("c", {"c"});
  s.run(5s);
  ASSERT_EQ(s.row(c).state, JobState::error);
  s.set_certificate_check(c, s.alice);
  EXPECT_EQ(s.reply_to_last(), "S_OK");
}

TEST(Certificate, SettingItAgainForgetsWhatWasAcceptedAndTheLastOneWins) {
  Story s;
  s.serve_over_tls("b", {host});
  const JobId a = watched_job(s);
  s.start(a);
  s.run(10s);
  s.add_files(a, {"b"});
  s.set_certificate_check(a, s.bob);
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.told_of("/v"), R"(
1 asks alice/v about host:443 for file 0 of a: S_OK
10 released the validator alice/v
11 asks bob/v about host:443 for file 1 of a: S_OK
)");
}

TEST(Certificate, ClearingItEndsTheQuestions) {
  Story s;
  const JobId a = watched_job(s);
  s.clear_certificate_check(a);
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.told_of("alice/v"), "\n0 released the validator alice/v\n");
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(Certificate, AProgramThatIsGoneBlocksTheJobUntilItIsSetAgain) {
  Story s;
  const JobId a = watched_job(s);
  s.set_certificate_check(a, s.bob);
  s.world.bus.kill(s.bob);
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.row(a).error->code, Code::BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED);
  EXPECT_EQ(s.row(a).error->context, base::ErrorContext::server_certificate_callback);
  EXPECT_EQ(s.world.origin.find("http://host/a")->requests, 0U);
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::error) << "it is not enough to try again";
  s.set_certificate_check(a, s.alice);
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(Certificate, AProgramThatDiesInsideTheCallIsGone) {
  Story s;
  const JobId a = watched_job(s);
  s.alice.verdicts = {Answer::die};
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.row(a).error->code, Code::BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED);
}

TEST(Certificate, WhatWasAcceptedHoldsWhenTheProgramIsGone) {
  Story s;
  s.serve_over_tls("b", {host});
  const JobId a = watched_job(s);
  s.start(a);
  s.run(10s);
  s.add_files(a, {"b"});
  s.world.bus.kill(s.alice);
  s.start(a, s.bob);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.row(a).files.transferred, 2U);
}

TEST(Certificate, ARestartOfTheServiceKeepsTheDemandAndWhatWasAccepted) {
  Story s;
  s.serve_over_tls("b", {"other:443"});
  const JobId a = watched_job(s);
  s.add_files(a, {"b"});
  s.crash();
  s.start(a);
  s.run(2500ms);  // the first file is on its way
  s.crash();
  s.run(20s);
  EXPECT_EQ(s.told_of("asks"), R"(
1 asks alice/v about host:443 for file 0 of a: S_OK
5.5 asks alice/v about other:443 for file 1 of a: S_OK
)");
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(Certificate, ARestartDuringTheQuestionAsksAgain) {
  Story s;
  const JobId a = watched_job(s);
  s.alice.verdicts = {Answer::hang};
  s.start(a);
  s.run(5s);
  s.crash();
  s.run(10s);
  EXPECT_EQ(s.told_of("asks"), R"(
1 asks alice/v about host:443 for file 0 of a: hangs
6 asks alice/v about host:443 for file 0 of a: S_OK
)");
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(Certificate, APowerLossBlocksTheJobBecauseNobodyIsLeftToAsk) {
  Story s;
  const JobId a = watched_job(s);
  s.lose_power();
  s.start(a, s.another_program("dave"));
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.row(a).error->code, Code::BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED);
}

TEST(Certificate, AProgramThatDiedWhileTheServiceWasAwayIsGone) {
  Story s;
  const JobId a = watched_job(s);
  s.world.kill_service();
  s.world.bus.kill(s.alice);
  s.world.start_service();
  s.start(a, s.bob);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::error);
}

TEST(Certificate, AnAnswerThatTakesForEverDelaysNobodyElse) {
  Story s;
  const JobId a = watched_job(s);
  s.serve("b", 1000);
  s.alice.verdicts = {Answer::hang};
  s.start(a);
  const JobId b = s.enqueue("b", {"b"});
  s.run(10s);
  EXPECT_EQ(s.row(b).state, JobState::transferred) << "the link was free for it";
  EXPECT_EQ(s.row(a).state, JobState::queued);
  EXPECT_EQ(s.waiting(a), "waiting for the program's word on the certificate of host:443 for 9 s");
  s.run(48h);  // no limit of time
  EXPECT_EQ(s.row(a).state, JobState::queued);
  s.world.notifier.answer_hanging(s.alice, Code::S_OK);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(Certificate, ItTakesNoneOfTheFourSlotsOfNotifications) {
  Story s;
  std::vector<JobId> asking;
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
    asking.push_back(watched_job(s, name));
    s.start(asking.back());
  }
  s.alice.verdicts.assign(6, Answer::hang);
  s.run(60s);
  // Four at once for each program: the others are in line.
  EXPECT_EQ(s.world.notifier.under_way(), 4U);
  s.serve("z", 1000);
  const JobId z = s.enqueue("z", {"z"});
  s.set_object(z, s.bob);
  s.forget();
  s.run(10s);
  EXPECT_EQ(s.told_of("JobTransferred"), "\n62 JobTransferred of z to bob/o: S_OK\n");
  s.world.notifier.answer_hanging(s.alice, Code::S_OK);
  s.run(10s);
  EXPECT_EQ(s.world.notifier.under_way(), 4U);
}

TEST(Certificate, AnAnswerAfterSuspendIsRememberedOrDropped) {
  for (const Code answer : {Code::S_OK, Code::E_FAIL}) {
    Story s;
    const JobId a = watched_job(s);
    s.alice.verdicts = {Answer::hang};
    s.start(a);
    s.run(5s);
    s.suspend(a);
    s.world.notifier.answer_hanging(s.alice, answer);
    s.run(0s);
    EXPECT_EQ(s.row(a).state, JobState::suspended);
    EXPECT_EQ(s.row(a).error_count, 0U);
    s.forget();
    s.start(a);
    s.run(10s);
    EXPECT_EQ(s.told_of("asks"), answer == Code::S_OK ? "\n" : R"(
6 asks alice/v about host:443 for file 0 of a: S_OK
)");
    EXPECT_EQ(s.row(a).state, JobState::transferred);
  }
}

TEST(Certificate, AnEarlierObjectIsNotWaitedForAndItsAnswerCountsNoMore) {
  Story s;
  const JobId a = watched_job(s);
  s.alice.verdicts = {Answer::hang};
  s.bob.verdicts = {Answer::e_fail, Answer::e_fail};
  s.start(a);
  s.run(5s);
  s.suspend(a);
  s.set_certificate_check(a, s.bob);
  s.start(a);
  s.run(5s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error) << "bob was asked";
  s.world.notifier.answer_hanging(s.alice, Code::S_OK);
  s.run(605s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error) << "bob was asked again";
  EXPECT_EQ(s.row(a).error_count, 2U);
}

TEST(Certificate, CancelEndsTheQuestionAndReleasesTheObject) {
  Story s;
  const JobId a = watched_job(s);
  s.alice.verdicts = {Answer::hang};
  s.start(a);
  s.run(5s);
  s.forget();
  s.cancel(a);
  s.world.notifier.answer_hanging(s.alice, Code::S_OK);
  s.run(1s);
  EXPECT_EQ(s.told(), R"(
5 a is cancelled
5 a is removed
5 Cancel a: S_OK
5 released the validator alice/v
)");
}

}  // namespace
}  // namespace backhaul::stories
