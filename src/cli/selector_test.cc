// SPDX-License-Identifier: Apache-2.0
#include "cli/selector.h"

#include <gtest/gtest.h>

namespace backhaul::cli {
namespace {

const std::vector<Candidate> jobs{
    {"8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9", "nightly"},
    {"8c1b0000-6a0d-4c3f-9e77-51d2a4b0c6f9", "nightly logs"},
    {"d0e2417a-6a0d-4c3f-9e77-51d2a4b0c6f9", "cafe"},
    {"cafe0000-6a0d-4c3f-9e77-51d2a4b0c6f9", "other"},
};

std::vector<std::size_t> found(const std::vector<std::string>& words) {
  auto result = select_jobs(words, jobs);
  EXPECT_TRUE(result.has_value()) << result.error().text;
  return result.value_or(std::vector<std::size_t>{99});
}

SelectError refused(const std::string& word) {
  auto result = select_jobs({word}, jobs);
  EXPECT_FALSE(result.has_value());
  return result ? SelectError{Exit::done, ""} : result.error();
}

using Positions = std::vector<std::size_t>;

TEST(SelectorTest, AnIdInAnyFormOrAUniqueBeginning) {
  EXPECT_EQ(found({"8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9"}), Positions{0});
  EXPECT_EQ(found({"{8C1B7E52-6A0D-4C3F-9E77-51D2A4B0C6F9}"}), Positions{0});
  EXPECT_EQ(found({"8c1b7"}), Positions{0});
  EXPECT_EQ(found({"8c1b7e526a0d"}), Positions{0});
  EXPECT_EQ(found({"{8c1b7"}), Positions{0});
}

TEST(SelectorTest, AnIdGoesBeforeAName) { EXPECT_EQ(found({"cafe"}), Positions{3}); }

TEST(SelectorTest, ExactNamesAndPatterns) {
  EXPECT_EQ(found({"nightly"}), Positions{0});
  EXPECT_EQ(found({"name:nightly*"}), (Positions{0, 1}));
  EXPECT_EQ(found({"name:cafe"}), Positions{2});
}

TEST(SelectorTest, TheOrderOfTheWordsAndNobodyTwice) {
  EXPECT_EQ(found({"other", "nightly logs", "name:*"}), (Positions{3, 1, 0, 2}));
}

TEST(SelectorTest, AmbiguityListsTheCandidates) {
  const SelectError error = refused("8c1b");
  EXPECT_EQ(error.exit, Exit::usage);
  EXPECT_NE(error.text.find("8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9  nightly\n"), std::string::npos);
  EXPECT_NE(error.text.find("nightly logs"), std::string::npos);
}

TEST(SelectorTest, APatternThatMatchesNothingListsTheJobsThereAre) {
  EXPECT_NE(refused("name:zzz").text.find(jobs[0].id + "  nightly"), std::string::npos);
  EXPECT_EQ(select_jobs({"name:zzz"}, {}).error().text, "no job has a name like \"zzz\"; there are no jobs");
  const std::vector<Candidate> many(12, jobs[0]);
  EXPECT_TRUE(several_named("name:n*", many).ends_with("\n  and 2 more")) << "enough to choose among";
}

TEST(SelectorTest, WhatIsNotThereIsNotFoundAndWhatIsNoNameIsMisuse) {
  EXPECT_EQ(refused("8c1").exit, Exit::not_found);  // three characters are a name, and nobody has it
  EXPECT_EQ(refused("0123456789").exit, Exit::not_found);
  EXPECT_EQ(refused("name:zzz").exit, Exit::not_found);
  EXPECT_EQ(refused("{nonsense}").exit, Exit::usage);
  EXPECT_EQ(refused("").exit, Exit::usage);
  EXPECT_EQ(refused("@last").exit, Exit::not_found);  // the service is asked before
}

TEST(SelectorTest, ANameOfOthersReachesNoTerminalRaw) {
  const std::vector<Candidate> two{{jobs[0].id, "a\x1b[2J"}, {jobs[1].id, "a\x1b[2J"}};
  const auto error = select_jobs({"a\x1b[2J"}, two).error();
  EXPECT_EQ(error.text.substr(error.text.find('\n')).find('\x1b'), std::string::npos);
}

TEST(SelectorTest, AWordMayNameAJobThatHasEnded) {
  EXPECT_TRUE(could_be_id("8c1b7e52"));
  EXPECT_FALSE(could_be_id("nightly"));
  EXPECT_TRUE(names_id("{8C1B7E52}", jobs[0].id));
  EXPECT_FALSE(names_id("8c1b7e53", jobs[0].id));
}

TEST(SelectorTest, WholeIdsAreRecognised) {
  EXPECT_TRUE(is_whole_id("{8C1B7E52-6A0D-4C3F-9E77-51D2A4B0C6F9}"));
  EXPECT_FALSE(is_whole_id("8c1b7e52"));
  EXPECT_FALSE(is_whole_id("8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9f"));
}

TEST(ExitCodeTest, EveryStateAndFailureHasItsNumber) {
  EXPECT_EQ(exit_for_state(JobState::transferred), Exit::done);
  EXPECT_EQ(exit_for_state(JobState::acknowledged), Exit::done);
  EXPECT_EQ(exit_for_state(JobState::error), Exit::job_error);
  EXPECT_EQ(exit_for_state(JobState::cancelled), Exit::job_cancelled);
  EXPECT_EQ(exit_for_code(0x80200001), Exit::not_found);
  EXPECT_EQ(exit_for_code(0x80070005), Exit::not_permitted);
  EXPECT_EQ(exit_for_code(0x800706BA), Exit::no_service);
  EXPECT_EQ(exit_for_code(0x80070070), Exit::failed);
  EXPECT_EQ(static_cast<int>(Exit::interrupted), 130);
}

TEST(ExitCodeTest, OutcomesThatDifferArePartly) {
  EXPECT_EQ(combine({}), Exit::done);
  EXPECT_EQ(combine({Exit::job_error, Exit::job_error}), Exit::job_error);
  EXPECT_EQ(combine({Exit::done, Exit::job_error}), Exit::partly);
}

}  // namespace
}  // namespace backhaul::cli
