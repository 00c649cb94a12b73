// SPDX-License-Identifier: Apache-2.0
#include "bus/start_failure.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace backhaul::bus {
namespace {

class StartFailures : public ::testing::Test {
 protected:
  StartFailures() { std::filesystem::create_directory(folder_); }
  ~StartFailures() override { std::filesystem::remove_all(folder_); }
  const std::string folder_ =
      std::filesystem::temp_directory_path() / ("start-failure-" + std::to_string(getpid()));
};

TEST_F(StartFailures, OnlyWhatWasWrittenSinceIsNews) {
  write_start_failure(folder_, {78, "an old story"});
  const StartFailureWatch watch(folder_);
  EXPECT_EQ(watch.news(), std::nullopt);
  write_start_failure(folder_, {78, "backhauld.conf:2: no number"});
  EXPECT_EQ(watch.news(), (StartFailure{78, "backhauld.conf:2: no number"}));
  clear_start_failure(folder_);
  EXPECT_EQ(watch.news(), std::nullopt) << "it did start";
}

TEST_F(StartFailures, TheSentenceOfTheServiceIsToldBeforeTheNumberOfTheBus) {
  const StartFailureWatch watch(folder_);
  const std::string words = "Process org.backhaul.Backhaul1 exited with status 78";
  EXPECT_EQ(why_not_started(watch, words),
            "the service did not start: its settings are wrong (exit code 78)");
  write_start_failure(folder_, {78, "backhauld.conf:2: no number"});
  EXPECT_EQ(why_not_started(watch, words),
            "the service did not start: backhauld.conf:2: no number (exit code 78)");
}

TEST_F(StartFailures, APipeInItsPlaceKeepsNobodyWaitingAndAFolderHidesNoReason) {
  const std::string path = folder_ + "/start.failure";
  const StartFailureWatch watch(folder_);
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(watch.news(), std::nullopt);
  unlink(path.c_str());
  ASSERT_EQ(mkdir(path.c_str(), 0700), 0);
  write_start_failure(folder_, {74, "the disk is full"});
  EXPECT_EQ(watch.news(), (StartFailure{74, "the disk is full"}));
}

TEST_F(StartFailures, WithoutAReasonTheWordsOfTheBusStand) {
  const StartFailureWatch watch(folder_ + "/none");
  write_start_failure(folder_ + "/none", {78, "nowhere to put it"});
  EXPECT_EQ(why_not_started(watch, "it did not answer in time"), "it did not answer in time");
  EXPECT_EQ(why_not_started(watch, "exited with status 1"), "exited with status 1");
  for (const int code : {64, 73, 74, 75, 76, 77, 78})
    EXPECT_NE(why_not_started(watch, "exited with status " + std::to_string(code)).find("exit code"),
              std::string::npos) << code;
}

}  // namespace
}  // namespace backhaul::bus
