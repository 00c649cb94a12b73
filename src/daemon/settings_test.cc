// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings.h"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace backhaul::daemon {
namespace {

class SettingsFiles : public ::testing::Test {
 protected:
  base::Result<LoadedSettings> load() {
    return load_settings({folder_ / "machine.conf", folder_ / "machine.conf.d", folder_ / "user.conf"});
  }
  test::TempDir folder_;
};

TEST_F(SettingsFiles, WithoutAnyFileTheDefaultsHold) {
  auto loaded = load();
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->settings, Settings{});
  EXPECT_TRUE(loaded->warnings.empty());
}

TEST_F(SettingsFiles, DropInsAreReadInOrderAndTheLastOneWins) {
  test::write_file(folder_ / "machine.conf", "[Jobs]\nMaxJobsPerUser = 60\nMaxFilesPerJob = 200\n");
  std::filesystem::create_directory(folder_ / "machine.conf.d");
  test::write_file(folder_ / "machine.conf.d/10-a.conf", "[Jobs]\nMaxJobsPerUser = 70\n");
  test::write_file(folder_ / "machine.conf.d/20-b.conf", "[Jobs]\nMaxJobsPerUser = 80\nMaxFilesPerJob =\n");
  test::write_file(folder_ / "machine.conf.d/30-not-read", "[Jobs]\nMaxJobsPerUser = 1\n");
  auto loaded = load();
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->settings.max_jobs_per_user, 80U);
  EXPECT_EQ(loaded->settings.max_files_per_job, Settings{}.max_files_per_job) << "empty: default";
}

TEST_F(SettingsFiles, AUserCanTightenButNotLoosen) {
  test::write_file(folder_ / "machine.conf",
                "[Jobs]\nMaxFilesPerJob=200\nMaxJobsPerUser=50\n[Scheduler]\nMaxForegroundJobs=4\n");
  test::write_file(folder_ / "user.conf",
                "[Jobs]\nMaxFilesPerJob=500\nMaxJobsPerUser=10\n[Scheduler]\nMaxForegroundJobs=5\n"
                "[Service]\nLogLevel=debug\n");
  auto loaded = load();
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->settings.max_files_per_job, 200U);
  EXPECT_EQ(loaded->settings.max_jobs_per_user, 10U);
  EXPECT_EQ(loaded->settings.max_foreground_jobs, 4U);
  EXPECT_EQ(loaded->settings.log_level, base::LogLevel::debug);
  ASSERT_EQ(loaded->warnings.size(), 2U);
  EXPECT_NE(loaded->warnings[0].find("user.conf:2: "), std::string::npos) << loaded->warnings[0];
  EXPECT_NE(loaded->warnings[1].find("user.conf:5: "), std::string::npos) << loaded->warnings[1];
}

TEST_F(SettingsFiles, CommandsThatTheMachineForbidsNoUserCanAllow) {
  test::write_file(folder_ / "machine.conf", "[Notifications]\nRunCommands = no\n");
  EXPECT_FALSE(load()->settings.run_commands);
  for (const char* value : {"yes", ""}) {
    test::write_file(folder_ / "user.conf",
                     std::string("[Notifications]\nRunCommands = ") + value + "\n");
    auto loaded = load();
    ASSERT_TRUE(loaded);
    EXPECT_FALSE(loaded->settings.run_commands) << value;
    EXPECT_EQ(loaded->warnings.size(), *value == '\0' ? 0U : 1U);
  }
}

TEST_F(SettingsFiles, AUserCanForbidCommandsForThemselves) {
  test::write_file(folder_ / "user.conf", "[Notifications]\nRunCommands = no\n");
  EXPECT_FALSE(load()->settings.run_commands);
  test::write_file(folder_ / "user.conf", "[Notifications]\nRunCommands = maybe\n");
  EXPECT_NE(load().error().text.find("user.conf:2: RunCommands = maybe"), std::string::npos);
}

TEST_F(SettingsFiles, AnUnknownKeyAndAValueOutOfRangeWarnWithFileAndLine) {
  test::write_file(folder_ / "machine.conf", "# comment\n\n[Jobs]\nInactivityTimeoutDays = 5000\nColour = red\n");
  auto loaded = load();
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->settings.inactivity_timeout_days, 999U);
  ASSERT_EQ(loaded->warnings.size(), 2U);
  EXPECT_NE(loaded->warnings[0].find("machine.conf:4: "), std::string::npos) << loaded->warnings[0];
  EXPECT_NE(loaded->warnings[1].find("machine.conf:5: unknown setting [Jobs] Colour"),
            std::string::npos) << loaded->warnings[1];
}

TEST_F(SettingsFiles, WhatCannotBeUnderstoodStopsWithFileAndLine) {
  test::write_file(folder_ / "machine.conf", "[Jobs]\nMaxFilesPerJob = many\n");
  EXPECT_NE(load().error().text.find("machine.conf:2: MaxFilesPerJob = many"), std::string::npos);
  test::write_file(folder_ / "machine.conf", "[Service]\n\nLogLevel = loud\n");
  EXPECT_NE(load().error().text.find("machine.conf:3: "), std::string::npos);
  test::write_file(folder_ / "machine.conf", "\nRunCommands = no\n[Notifications]\n");
  EXPECT_NE(load().error().text.find("machine.conf:2: RunCommands stands before any section: write "
                                     "[Notifications] above it"), std::string::npos) << load().error().text;
  test::write_file(folder_ / "machine.conf", "[Service]\nnonsense\n");
  EXPECT_NE(load().error().text.find("machine.conf:2: "), std::string::npos);
}

TEST_F(SettingsFiles, MoreJobsForAUserThanForTheMachineIsClampedWithAWarning) {
  test::write_file(folder_ / "machine.conf", "[Jobs]\nMaxJobsPerMachine=300\nMaxJobsPerUser=400\n");
  auto loaded = load();
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->settings.max_jobs_per_user, 300U);
  EXPECT_EQ(loaded->warnings.size(), 1U);
}

}  // namespace
}  // namespace backhaul::daemon
