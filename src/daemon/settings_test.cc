// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "daemon/policy_listing.h"
#include "daemon/settings_keys.h"
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
  Settings defaults;
  defaults.policy.list = loaded->settings.policy.list;  // a value that is shared, and not made of the files alone
  EXPECT_EQ(loaded->settings, defaults);
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

// What is built in is nobody's word: a service of one user is that user's own.
TEST_F(SettingsFiles, AUserIsFreeWhereNoFileOfTheMachineSaysAnything) {
  const std::string of_user = "[Jobs]\nMaxFilesPerJob=500000\nInactivityTimeoutDays=2000\n[Scheduler]\nMaxForegroundJobs=64\n"
                              "MaxConnectionsPerHost=20\n";
  test::write_file(folder_ / "user.conf", of_user);
  for (const char* of_machine : {"", "[Scheduler]\nTimeSliceSec=9\n", "[Scheduler]\nMaxForegroundJobs=4\nMaxForegroundJobs=\n"}) {
    test::write_file(folder_ / "machine.conf", of_machine);
    auto loaded = load();
    ASSERT_TRUE(loaded) << loaded.error().text;
    EXPECT_EQ(loaded->settings.max_files_per_job, 500'000U);
    EXPECT_EQ(loaded->settings.inactivity_timeout_days, 999U);
    EXPECT_EQ(loaded->settings.max_foreground_jobs, 64U) << of_machine;
    EXPECT_EQ(loaded->settings.max_connections_per_host, 20U);
    ASSERT_EQ(loaded->warnings.size(), 1U) << of_machine;
    EXPECT_NE(loaded->warnings[0].find("InactivityTimeoutDays = 2000 is outside 1 to 999: using 999"), std::string::npos)
        << loaded->warnings[0];
  }
  test::write_file(folder_ / "machine.conf", "[Scheduler]\nMaxForegroundJobs=32\n");
  auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->settings.max_foreground_jobs, 32U) << "the same number, but said";
  ASSERT_EQ(loaded->warnings.size(), 2U);
  EXPECT_NE(loaded->warnings[1].find("user.conf:5: MaxForegroundJobs = 64 is looser than what the machine says at " +
                                     (folder_ / "machine.conf") + ":2: using 32"), std::string::npos) << loaded->warnings[1];
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

TEST_F(SettingsFiles, BackgroundTransfersYieldWhereTheMachineDoesNotSayOtherwise) {
  EXPECT_TRUE(load()->settings.yield_to_others);
  EXPECT_EQ(load()->settings.queue_delay_ms, 5U);
  test::write_file(folder_ / "user.conf", "[Network]\nYieldToOthers = no\nQueueDelayMs = 50\n");
  EXPECT_TRUE(load()->settings.yield_to_others);
  EXPECT_EQ(load()->settings.queue_delay_ms, 5U);
  EXPECT_EQ(load()->warnings.size(), 2U);
  test::write_file(folder_ / "machine.conf", "[Network]\nYieldToOthers = no\nQueueDelayMs = 20\n");
  EXPECT_FALSE(load()->settings.yield_to_others);
  EXPECT_EQ(load()->settings.queue_delay_ms, 20U);
  test::write_file(folder_ / "user.conf", "[Network]\nYieldToOthers = yes\nQueueDelayMs = 2\n");
  EXPECT_TRUE(load()->settings.yield_to_others);
  EXPECT_EQ(load()->settings.queue_delay_ms, 2U);
}

TEST_F(SettingsFiles, WhoeverSaysNoKeepsTheKeyOutOfTheKeyring) {
  EXPECT_TRUE(load()->settings.keyring);
  test::write_file(folder_ / "user.conf", "[Secrets]\nKeyring = no\n");
  EXPECT_FALSE(load()->settings.keyring);
  test::write_file(folder_ / "machine.conf", "[Secrets]\nKeyring = no\n");
  test::write_file(folder_ / "user.conf", "[Secrets]\nKeyring = yes\n");
  EXPECT_FALSE(load()->settings.keyring);
}

TEST_F(SettingsFiles, WhoeverSaysNoHasTheKeyNotSealedBySystemd) {
  EXPECT_TRUE(load()->settings.systemd_creds);
  test::write_file(folder_ / "machine.conf", "[Secrets]\nSystemdCreds = no\n");
  test::write_file(folder_ / "user.conf", "[Secrets]\nSystemdCreds = yes\n");
  EXPECT_FALSE(load()->settings.systemd_creds);
  EXPECT_TRUE(load()->settings.keyring);
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

TEST_F(SettingsFiles, TheDownloadTimeOfNewJobsMayBeShorterForAUserAndNotLonger) {
  EXPECT_EQ(load()->settings.max_download_time_s, 7'776'000U);
  test::write_file(folder_ / "machine.conf", "[Jobs]\nMaxDownloadTimeSec = 7200\n");
  test::write_file(folder_ / "user.conf", "[Jobs]\nMaxDownloadTimeSec = 3600\n");
  EXPECT_EQ(load()->settings.max_download_time_s, 3600U);
  test::write_file(folder_ / "user.conf", "[Jobs]\nMaxDownloadTimeSec = 9000\n");
  EXPECT_EQ(load()->settings.max_download_time_s, 7200U);
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

TEST_F(SettingsFiles, ANumberMayBeOutsideByItsSignOrByItsDigits) {
  for (const auto& [value, taken] : {std::pair{"-5", 1U}, {"99999999999999999999", 999U}, {"-99999999999999999999", 1U}}) {
    test::write_file(folder_ / "machine.conf", "[Jobs]\nInactivityTimeoutDays = " + std::string(value) + "\n");
    auto loaded = load();
    ASSERT_TRUE(loaded) << loaded.error().text;
    EXPECT_EQ(loaded->settings.inactivity_timeout_days, taken);
    ASSERT_EQ(loaded->warnings.size(), 1U) << value;
    EXPECT_NE(loaded->warnings[0].find(value), std::string::npos) << loaded->warnings[0];
  }
  test::write_file(folder_ / "machine.conf", "[Jobs]\nInactivityTimeoutDays = +10\n");
  auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->settings.inactivity_timeout_days, 10U);
  EXPECT_TRUE(loaded->warnings.empty());
}

// Also those that have a unit, or a neighbour, or words that they may be instead.
TEST_F(SettingsFiles, EveryNumberThatIsOutsideIsTheNearestOne) {
  struct Line {
    const char* text;
    const char* used;
    bool (*taken)(const core::Policy&);
  };
  using core::Policy;
  const std::array lines{
      Line{"[Bandwidth]\nFrom = 25", "0 to 24: using 24", [](const Policy& p) { return p.bandwidth[0].hours.from == 0; }},
      Line{"[Bandwidth]\nTo = -1", "using 0", [](const Policy& p) { return p.bandwidth[0].hours.to == 0; }},
      Line{"[Bandwidth]\nTo = 99999999999999999999", "using 24", [](const Policy& p) { return p.bandwidth[0].hours.to == 0; }},
      Line{"[Bandwidth]\nLimitKbps = 4294967296", "0 to 4294967295: using 4294967295",
           [](const Policy& p) { return p.bandwidth[0].limit == UINT32_MAX; }},
      Line{"[Bandwidth]\nLimitOutsideKbps = -5", "using 0", [](const Policy& p) { return p.bandwidth[0].outside == 0U; }},
      Line{"[Bandwidth.NonWork]\nLowKbps = 99999999999999999999", "using 4294967295",
           [](const Policy& p) { return p.bandwidth[0].off_work.kilobits[2] == UINT32_MAX; }},
      Line{"[Bandwidth.Work]\nHours = -3..25", "using 0..24",
           [](const Policy& p) { return p.bandwidth[0].work->from == 0 && p.bandwidth[0].work->to == 0; }},
      Line{"[Bandwidth.Maintenance]\nHours = 22..99", "using 22..24",
           [](const Policy& p) { return p.bandwidth[0].maintenance->from == 22; }},
      Line{"[Budget]\nStartDay = 31", "1 to 28: using 28", [](const Policy& p) { return p.budgets[0].at("").first_of_month == 28; }},
      Line{"[Budget]\nStartDay = 0", "using 1", [](const Policy& p) { return p.budgets[0].at("").first_of_month == 1; }},
      Line{"[Budget]\nLimit = 9999999999 TiB", "using 4611686018427387904",
           [](const Policy& p) { return p.budgets[0].at("").limit == 1ULL << 62; }},
      Line{"[Budget]\nLimitPerOwner = -1 GB", "using 0", [](const Policy& p) { return p.budgets[0].at("").owner_limit == 0U; }},
      Line{"[Budget.x]\nLimit = 99999999999999999999", "using 4611686018427387904",
           [](const Policy& p) { return p.budgets[0].at("x").limit == 1ULL << 62; }}};
  for (const Line& line : lines) {
    test::write_file(folder_ / "machine.conf", std::string(line.text) + "\n");
    auto loaded = load();
    ASSERT_TRUE(loaded) << loaded.error().text;
    ASSERT_EQ(loaded->warnings.size(), 1U) << line.text;
    const std::string& warning = loaded->warnings[0];
    const std::string value = std::string(line.text).substr(std::string(line.text).find('\n') + 1);
    EXPECT_NE(warning.find("machine.conf:2: " + value + " is outside "), std::string::npos) << warning;
    EXPECT_NE(warning.find(line.used), std::string::npos) << warning;
    EXPECT_TRUE(line.taken(loaded->settings.policy)) << line.text;
    const std::string used = warning.substr(warning.find("using ") + 6);
    EXPECT_TRUE(std::ranges::any_of(loaded->list, [&](const auto& entry) { return entry.value == used && !entry.where.empty(); }))
        << "what is shown is what is in force: " << used;
  }
}

// Each by the line of the mistake, and not by one that makes no sense because of it.
TEST_F(SettingsFiles, ALineThatIsNoneStopsWithItsOwnNumber) {
  const std::string zeros(3, '\0');
  for (const std::string& text :
       {std::string("[]\n"), std::string("[Jobs\nMaxFilesPerJob = 5\n"), std::string("[Jobs] x\nMaxFilesPerJob = 5\n"),
        std::string("= 5\n"), zeros + "\n", "[Jobs]" + zeros + "\n", std::string("[Jobs]") + std::string(5000, ' ') + "\n"}) {
    test::write_file(folder_ / "machine.conf", text);
    auto loaded = load();
    ASSERT_FALSE(loaded) << text;
    EXPECT_NE(loaded.error().text.find("machine.conf:1: "), std::string::npos) << loaded.error().text;
  }
  test::write_file(folder_ / "machine.conf", "# [ none\n; =\n\n[Jobs] ; of one machine\nMaxFilesPerJob = 5");
  auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->settings.max_files_per_job, 5U);
}

TEST_F(SettingsFiles, ARuleRemembersTheLineThatSaysIt) {
  test::write_file(folder_ / "machine.conf", "[Cost]\nLow = unrestricted\nHigh = 0x80000067\n"
                                             "[Power]\nOnBattery = pause\n"
                                             "[Network]\nWaitForLogin = no\n"
                                             "[Scheduler]\nTimeSliceSec = 9\n");
  auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_TRUE(loaded->warnings.empty());
  const core::Policy& policy = loaded->settings.policy;
  const std::string file = folder_ / "machine.conf";
  EXPECT_EQ(policy.cost[3], (core::Rule<std::uint32_t>{core::cost::only_unrestricted, file + ":2"}));
  EXPECT_EQ(policy.cost[1], (core::Rule<std::uint32_t>{core::cost::standard, file + ":3"}));
  EXPECT_EQ(policy.cost[2], core::Policy().cost[2]);
  EXPECT_EQ(policy.on_battery, (core::Rule<core::PowerRule>{core::PowerRule::pause, file + ":5"}));
  EXPECT_EQ(policy.wait_for_login, (core::Rule<bool>{false, file + ":7"}));
  EXPECT_EQ(policy_of(loaded->settings, loaded->list).limits.slice, (core::Rule<base::Microseconds>{std::chrono::seconds(9), file + ":9"}));
}

TEST_F(SettingsFiles, AUserIsStricterThanTheMachineOrFreeWhereItSaysNothing) {
  test::write_file(folder_ / "machine.conf", "[Cost]\nLow = standard\nHigh = standard\n"
                                             "[Power]\nOnBattery = foreground-only\n");
  test::write_file(folder_ / "user.conf", "[Cost]\nLow = unrestricted\nHigh = always\nNormal = always\n"
                                          "[Power]\nOnBattery = run\nOnPowerSaver = run\n");
  auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error().text;
  const core::Policy& policy = loaded->settings.policy;
  EXPECT_EQ(policy.cost[3].value, core::cost::only_unrestricted);
  EXPECT_EQ(policy.cost[1].value, core::cost::standard);
  EXPECT_EQ(policy.cost[2].value, core::cost::always);
  EXPECT_EQ(policy.on_battery.value, core::PowerRule::foreground_only);
  EXPECT_EQ(policy.on_power_saver.value, core::PowerRule::run);
  ASSERT_EQ(loaded->warnings.size(), 2U);
  EXPECT_NE(loaded->warnings[0].find("user.conf:3: High = always is looser than what the machine says at"),
            std::string::npos) << loaded->warnings[0];
}

TEST_F(SettingsFiles, BandwidthHasHoursAndALimitForEachPriority) {
  test::write_file(folder_ / "machine.conf",
                   "[Bandwidth]\nLimitKbps = 800\nFrom = 9\nLimitOutsideKbps = unlimited\n"
                   "[Bandwidth.Work]\nDays = Tue..Thu\nHours = 7..24\nLowKbps = 0\n"
                   "[Bandwidth.NonWork]\nNormalKbps = 5\n[Bandwidth]\nIgnoreLimitsOnLan = yes\n"
                   "[Bandwidth.Maintenance]\nHighKbps = unlimited\n");
  test::write_file(folder_ / "user.conf", "[Bandwidth]\nLimitKbps = 0\n");
  auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_TRUE(loaded->warnings.empty());
  const core::Bandwidth& machine = loaded->settings.policy.bandwidth[0];
  EXPECT_TRUE(machine.ignore_on_lan);
  EXPECT_EQ(machine.limit, 800U);
  EXPECT_EQ(machine.hours, (core::WeeklyHours{.first_day = 0, .last_day = 6, .from = 9, .to = 17}));
  EXPECT_EQ(machine.work, (core::WeeklyHours{.first_day = 2, .last_day = 4, .from = 7, .to = 0}));
  EXPECT_EQ(machine.at_work.kilobits[2], 0U);
  EXPECT_EQ(machine.at_work.where[2], folder_ / "machine.conf" + ":8");
  EXPECT_EQ(machine.off_work.kilobits[1], 5U);
  EXPECT_EQ(machine.maintenance, (core::WeeklyHours{.first_day = 1, .last_day = 5, .from = 8, .to = 17}));
  EXPECT_EQ(loaded->settings.policy.bandwidth[1].limit, 0U);
}

TEST_F(SettingsFiles, ANetworkHasABudgetOfItsOwnOrThatOfAll) {
  test::write_file(folder_ / "machine.conf",
                   "[Budget]\nLimit = 20 GiB\nStartDay = 15\n"
                   "[Budget.My phone]\nPeriod = week\nStartDay = Sun\nLimitPerOwner = 500MB\nHoldForeground = yes\n"
                   "[Budget.Home]\nLimit = unlimited\n");
  test::write_file(folder_ / "user.conf", "[Budget]\nLimit = 0\nPeriod = day\n");
  auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_TRUE(loaded->warnings.empty());
  const core::Budgets& machine = loaded->settings.policy.budgets[0];
  const std::string file = folder_ / "machine.conf";
  EXPECT_EQ(machine.at(""), (core::Budget{.limit = 20ULL << 30, .first_of_month = 15, .where = file + ":2"}));
  EXPECT_EQ(machine.at("My phone"), (core::Budget{.owner_limit = 500'000'000U, .period = core::Period::week,
                                                  .first_weekday = 0, .holds_foreground = true, .where = file + ":7"}));
  EXPECT_TRUE(machine.at("Home").none());
  const core::Budgets& user = loaded->settings.policy.budgets[1];
  EXPECT_EQ(user.at("").limit, 0U);
  EXPECT_EQ(user.at("").period, core::Period::day);
}

TEST_F(SettingsFiles, ARuleThatCannotBeUnderstoodStopsWithFileAndLine) {
  for (const char* text : {"[Cost]\nLow = cheap\n", "[Cost]\nLow = 0x100\n", "[Power]\nOnBattery = no\n",
                           "[Network]\nWaitForLogin = maybe\n", "[Bandwidth]\nLimitKbps = 1M\n",
                           "[Bandwidth]\nFrom = noon\n", "[Bandwidth]\nFrom = 9am\n", "[Bandwidth]\nIgnoreLimitsOnLan = perhaps\n",
                           "[Bandwidth.Work]\nDays = Mon-Fri\n",
                           "[Bandwidth.Work]\nHours = 8\n", "[Budget]\nLimit = much\n", "[Budget]\nLimit = 5 EiB\n",
                           "[Budget]\nLimit = GiB\n", "[Budget.x]\nStartDay = 1st\n", "[Bandwidth.Work]\nHours = 8..late\n",
                           "[Budget]\nPeriod = year\n", "[Budget]\nHoldForeground = 1\n"}) {
    test::write_file(folder_ / "machine.conf", text);
    auto loaded = load();
    ASSERT_FALSE(loaded) << text;
    EXPECT_NE(loaded.error().text.find("machine.conf:2: "), std::string::npos) << loaded.error().text;
  }
  for (const char* text : {"[Cost]\nAll = always\n", "[Bandwidth.Sunday]\nLowKbps = 1\n", "[Budget]\nMost = 1\n"}) {
    test::write_file(folder_ / "machine.conf", text);
    EXPECT_EQ(load()->warnings.size(), 1U) << text;
  }
}

TEST_F(SettingsFiles, ApplicationsHaveALimitAndSomeAreExempt) {
  test::write_file(folder_ / "user.conf", "[Jobs]\nMaxJobsPerApplication = 7\n"
                                          "ExemptApplications = backup.service , /bin/a b,\n");
  auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_TRUE(loaded->warnings.empty());
  EXPECT_EQ(loaded->settings.max_jobs_per_application, 7U);
  EXPECT_EQ(policy_of(loaded->settings, loaded->list).limits.jobs_per_application.where, folder_ / "user.conf" + ":2");
  EXPECT_EQ(loaded->settings.exempt_applications, (std::set<std::string, std::less<>>{"backup.service", "/bin/a b"}));
}

TEST_F(SettingsFiles, FilesOfRootLieWhereTheMachineSaysAndNoUser) {
  test::write_file(folder_ / "machine.conf", "[Files]\nAllowedRoots = /var/lib/updates/:/srv\n");
  test::write_file(folder_ / "user.conf", "[Files]\nAllowedRoots = /\n");
  const auto loaded = load();
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->settings.allowed_roots, (std::vector<std::string>{"/var/lib/updates", "/srv"}));
  EXPECT_EQ(loaded->warnings.size(), 1U);
  test::write_file(folder_ / "machine.conf", "[Files]\nAllowedRoots = /srv:updates\n");
  EXPECT_NE(load().error().text.find("'updates'"), std::string::npos);
}

TEST_F(SettingsFiles, AHostGetsSoManyConnectionsAndTheLineIsKnown) {
  EXPECT_EQ(load()->settings.max_connections_per_host, 16U);
  test::write_file(folder_ / "machine.conf", "[Scheduler]\nMaxForegroundJobs = 4\nMaxConnectionsPerHost = 6\n");
  test::write_file(folder_ / "user.conf", "[Scheduler]\nMaxConnectionsPerHost = 20\n");
  auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->settings.max_connections_per_host, 6U) << "a user makes it tighter, not looser";
  EXPECT_EQ(policy_of(loaded->settings, loaded->list).limits.foreground_jobs.where, folder_ / "machine.conf" + ":2");
  EXPECT_EQ(loaded->warnings.size(), 1U);
}

TEST_F(SettingsFiles, AUserExemptsNobodyFromALimitOfTheMachine) {
  test::write_file(folder_ / "machine.conf", "[Jobs]\nMaxJobsPerApplication = 7\nExemptApplications = one\n");
  test::write_file(folder_ / "user.conf", "[Jobs]\nMaxJobsPerApplication = 8\nExemptApplications = two\n");
  auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->settings.max_jobs_per_application, 7U);
  EXPECT_EQ(loaded->settings.exempt_applications, (std::set<std::string, std::less<>>{"one"}));
  EXPECT_EQ(loaded->warnings.size(), 2U);
}

TEST_F(SettingsFiles, MoreJobsForAUserThanForTheMachineIsClampedWithAWarning) {
  test::write_file(folder_ / "machine.conf", "[Jobs]\nMaxJobsPerMachine=300\nMaxJobsPerUser=400\n");
  auto loaded = load();
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->settings.max_jobs_per_user, 300U);
  EXPECT_EQ(loaded->warnings.size(), 1U);
}

TEST_F(SettingsFiles, ALineIsALineHoweverFarItIsIndented) {
  test::write_file(folder_ / "machine.conf",
                   "  [Jobs]\n  MaxFilesPerJob = 5\n\n\tMaxRangesPerFile = 7\n"
                   "[Network]\nUserAgent = foo\n  AllowedOrigins = example.org\n \t# nothing\n");
  const auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->settings.max_files_per_job, 5U);
  EXPECT_EQ(loaded->settings.max_ranges_per_file, 7U);
  const auto value_of = [&](const char* key) {
    const auto found = std::ranges::find(loaded->list, key, &core::PolicyEntry::key);
    return found == loaded->list.end() ? std::string() : found->value;
  };
  EXPECT_EQ(value_of("UserAgent"), "foo");
  EXPECT_EQ(value_of("AllowedOrigins"), "example.org");
  test::write_file(folder_ / "machine.conf", "[Jobs]\n  = 5\n");
  EXPECT_FALSE(load());
}

TEST_F(SettingsFiles, AUserHasNoMoreJobsThanAllTogether) {
  test::write_file(folder_ / "user.conf", "[Jobs]\nMaxJobsPerUser=200000\n");
  auto loaded = load();
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->settings.max_jobs_per_user, 100'000U);
  ASSERT_EQ(loaded->warnings.size(), 1U);
  EXPECT_NE(loaded->warnings[0].find("user.conf:2: MaxJobsPerUser = 200000 is above MaxJobsPerMachine: using 100000"),
            std::string::npos) << loaded->warnings[0];
  test::write_file(folder_ / "user.conf", "[Jobs]\nMaxJobsPerUser=200000\nMaxJobsPerMachine=300000\n");
  EXPECT_EQ(load()->settings.max_jobs_per_user, 200'000U);
  EXPECT_TRUE(load()->warnings.empty());
  test::write_file(folder_ / "user.conf", "[Jobs]\nMaxJobsPerMachine=5\n");
  EXPECT_EQ(load()->settings.max_jobs_per_user, 5U);
  EXPECT_TRUE(load()->warnings.empty()) << "nobody said how many of one user";
  test::write_file(folder_ / "machine.conf", "[Jobs]\nMaxJobsPerUser=50\n");
  const auto lowered = load();
  EXPECT_EQ(lowered->settings.max_jobs_per_user, 5U);
  EXPECT_TRUE(lowered->warnings.empty()) << "the line of the machine is in order: " << lowered->warnings.front();
  const auto shown = std::ranges::find(lowered->list, "MaxJobsPerUser", &core::PolicyEntry::key);
  ASSERT_NE(shown, lowered->list.end());
  EXPECT_EQ(shown->value, "5");
  EXPECT_TRUE(shown->where.ends_with("user.conf:2")) << shown->where;
}

const core::PolicyEntry* entry(const LoadedSettings& loaded, const std::string& key, core::SaidBy by) {
  for (const core::PolicyEntry& one : loaded.list)
    if (one.key == key && one.said_by == by) return &one;
  return nullptr;
}

TEST_F(SettingsFiles, WhatTheTableCallsBuiltInIsBuiltIn) {
  const Settings defaults;
  for (const SettingsKey& key : settings_keys()) {
    if (key.kind == KeyKind::number) {
      EXPECT_EQ(std::to_string(defaults.*key.number), key.built_in) << key.name;
    }
    if (key.kind == KeyKind::yes_or_no) {
      EXPECT_EQ(defaults.*key.yes_or_no ? "yes" : "no", key.built_in) << key.name;
    }
    if (key.built_in.empty()) continue;
    test::write_file(folder_ / "machine.conf",
                     "[" + std::string(key.section) + "]\n" + std::string(key.name) + " = " + std::string(key.built_in) + "\n");
    const auto loaded = load();
    ASSERT_TRUE(loaded) << loaded.error().text;
    EXPECT_TRUE(loaded->warnings.empty()) << key.name;
    const core::Policy policy = policy_of(loaded->settings, loaded->list);
    for (std::size_t i = 0; i < policy.cost.size(); ++i) EXPECT_EQ(policy.cost[i].value, core::Policy().cost[i].value);
    EXPECT_EQ(policy.on_battery.value, core::PowerRule::run);
    EXPECT_EQ(policy.on_power_saver.value, core::PowerRule::foreground_only);
    EXPECT_TRUE(key.section == "Budget" || !policy.goes_by_hours()) << key.name;
  }
}

TEST_F(SettingsFiles, TheListSaysWhoSaysWhatAndWhere) {
  test::write_file(folder_ / "machine.conf", "[Jobs]\nMaxJobsPerUser = 60\nMaxFilesPerJob = 200\n[Network]\nUserAgent = A\n"
                                             "AllowedOrigins = *.org\n");
  test::write_file(folder_ / "user.conf", "[Jobs]\nMaxJobsPerUser = 10\nMaxFilesPerJob = 500\n[Network]\nUserAgent = B\n"
                                          "AllowedOrigins = a.org\n[Budget.Home]\nLimit = 5\n");
  const auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error().text;
  const std::string machine = folder_ / "machine.conf", user = folder_ / "user.conf";
  using core::SaidBy;
  EXPECT_EQ(entry(*loaded, "MaxJobsPerUser", SaidBy::user)->value, "10");
  EXPECT_EQ(entry(*loaded, "MaxJobsPerUser", SaidBy::user)->where, user + ":2");
  EXPECT_EQ(entry(*loaded, "MaxJobsPerUser", SaidBy::machine), nullptr);
  EXPECT_EQ(entry(*loaded, "MaxFilesPerJob", SaidBy::user), nullptr) << "it is looser, and does not hold";
  EXPECT_EQ(core::role_of(*entry(*loaded, "MaxFilesPerJob", SaidBy::machine)), "bound");
  EXPECT_EQ(entry(*loaded, "UserAgent", SaidBy::user)->value, "B");
  EXPECT_EQ(entry(*loaded, "AllowedOrigins", SaidBy::machine)->where, machine + ":6") << "both hold";
  EXPECT_EQ(entry(*loaded, "AllowedOrigins", SaidBy::user)->where, user + ":6");
  EXPECT_EQ(entry(*loaded, "Limit", SaidBy::user)->section, "Budget.Home");
  EXPECT_EQ(core::role_of(*entry(*loaded, "TimeSliceSec", SaidBy::nobody)), "default");
  const core::Policy policy = policy_of(loaded->settings, loaded->list);
  EXPECT_EQ(policy.limits.jobs_per_user, (core::Rule<std::uint32_t>{10, user + ":2"}));
  EXPECT_EQ(policy.limits.octets_per_user, (core::Rule<std::uint64_t>{std::uint64_t{256} << 20, ""}));
  EXPECT_EQ(policy.requests->user_agent.value, "B");
  EXPECT_FALSE(core::may_fetch_from(policy.requests->origins, "http://b.org/"));
  EXPECT_TRUE(core::may_fetch_from(policy.requests->origins, "http://a.org/"));
}

TEST_F(SettingsFiles, AnEmptyValueOfAUserBringsTheMachinesBack) {
  test::write_file(folder_ / "machine.conf", "[Network]\nUserAgent = A\n");
  test::write_file(folder_ / "user.conf", "[Network]\nUserAgent = B\nUserAgent =\n");
  const auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->settings.requests.user_agent.value, "A");
  EXPECT_EQ(entry(*loaded, "UserAgent", core::SaidBy::machine)->value, "A");
}

TEST_F(SettingsFiles, CommandsOriginsAndImplicitCredentialsOfAUserOnlyNarrow) {
  test::write_file(folder_ / "machine.conf", "[Notifications]\nAllowedCommands = /bin/a:/bin/b\n"
                                             "[Network]\nSendImplicitCredentials = never\n");
  test::write_file(folder_ / "user.conf", "[Notifications]\nAllowedCommands = /bin/b:/bin/c\n"
                                          "[Network]\nSendImplicitCredentials = always\n");
  const auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error().text;
  const core::Policy policy = policy_of(loaded->settings, loaded->list);
  EXPECT_TRUE(core::may_run(policy.commands, "/bin/b"));
  EXPECT_FALSE(core::may_run(policy.commands, "/bin/a"));
  EXPECT_FALSE(core::may_run(policy.commands, "/bin/c"));
  EXPECT_EQ(policy.requests->implicit.value, core::ImplicitLogin::never);
  EXPECT_EQ(loaded->warnings.size(), 1U);
}

TEST_F(SettingsFiles, ExemptUsersAreAccountsAndForTheAdministratorToSay) {
  test::write_file(folder_ / "machine.conf", "[Jobs]\nExemptUsers = alice, 4711, -1\n");
  test::write_file(folder_ / "user.conf", "[Jobs]\nExemptUsers = 4712\n");
  const auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->settings.exempt_users, (std::set<std::uint32_t>{4711}));
  EXPECT_EQ(loaded->settings.exempt_names, (std::set<std::string, std::less<>>{"alice"}));
  ASSERT_EQ(loaded->warnings.size(), 2U);
  EXPECT_NE(loaded->warnings[0].find("-1 is not the number of an account"), std::string::npos);
  EXPECT_NE(loaded->warnings[1].find("user.conf:2: ExemptUsers is for the administrator"), std::string::npos);
}

TEST_F(SettingsFiles, OfTheServiceOfOneUserTheNameOfThatUserIsTheNumber) {
  test::write_file(folder_ / "machine.conf", "[Jobs]\nExemptUsers = alice, bob\n");
  const auto exempt = [&](std::optional<core::Account> own) {
    SettingsPlaces places{folder_ / "machine.conf", {}, {}};
    places.own = std::move(own);
    return load_settings(places)->settings.exempt_users;
  };
  EXPECT_EQ(exempt(core::Account{1000, "alice"}), (std::set<std::uint32_t>{1000}));
  EXPECT_TRUE(exempt(core::Account{1000, "carol"}).empty());
  EXPECT_TRUE(exempt(core::Account{1000, {}}).empty());
  EXPECT_TRUE(exempt(std::nullopt).empty());
}

TEST_F(SettingsFiles, ValuesThatNobodyCouldObeyStop) {
  for (const char* text : {"[Network]\nAllowedOrigins = ftp://a\n", "[Network]\nDefaultProxy = http://me:pw@proxy\n",
                           "[Network]\nDefaultProxy = gopher://proxy\n", "[Network]\nSendImplicitCredentials = perhaps\n",
                           "[Notifications]\nAllowedCommands = ls\n", "[Network]\nUserAgent = a\x01\n"}) {
    test::write_file(folder_ / "machine.conf", text);
    auto loaded = load();
    ASSERT_FALSE(loaded) << text;
    EXPECT_NE(loaded.error().text.find("machine.conf:2: "), std::string::npos) << loaded.error().text;
    EXPECT_EQ(loaded.error().text.find("pw"), std::string::npos);
  }
}

TEST_F(SettingsFiles, ACheckTellsEveryFaultOfAFileAndOfNoOther) {
  test::write_file(folder_ / "machine.conf", "[Jobs]\nMaxFilesPerJob = 200\nColour = red\n");
  const std::string file = folder_ / "own.conf";
  test::write_file(file, "[Jobs]\nMaxFilesPerJob = 300\n[Cost]\nLow = cheap\n[Files]\nAllowedRoots = /x\n[Power]\nOnBattery = no\n");
  const SettingsPlaces machine{folder_ / "machine.conf", folder_ / "machine.conf.d", {}};
  const auto as_user = check_settings(file, machine, true);
  ASSERT_TRUE(as_user);
  ASSERT_EQ(as_user->size(), 4U);
  EXPECT_EQ((*as_user)[0].find("error\t" + file + ":4: Low = cheap"), 0U) << (*as_user)[0];
  EXPECT_EQ((*as_user)[1].find("error\t" + file + ":8: "), 0U) << (*as_user)[1];
  EXPECT_EQ((*as_user)[2].find("warning\t" + file + ":2: "), 0U) << (*as_user)[2];
  EXPECT_EQ((*as_user)[3].find("warning\t" + file + ":6: "), 0U) << (*as_user)[3];
  EXPECT_EQ(check_settings(file, machine, false)->size(), 2U);
  EXPECT_FALSE(check_settings(folder_ / "none.conf", machine, true));
}

TEST_F(SettingsFiles, AKeyOfTheStartIsToldAsItIsUntilThen) {
  test::write_file(folder_ / "machine.conf", "[Service]\nLogLevel = debug\n[Jobs]\nMaxJobsPerUser = 5\n");
  const auto before = load();
  test::write_file(folder_ / "machine.conf", "[Service]\nLogLevel = error\n[Jobs]\nMaxJobsPerUser = 6\n");
  const core::PolicyList now = after_reload(before->list, load()->list);
  for (const core::PolicyEntry& one : now) {
    if (one.key == "LogLevel") {
      EXPECT_EQ(one.value, "debug");
    }
    if (one.key == "MaxJobsPerUser") {
      EXPECT_EQ(one.value, "6");
    }
  }
}

}  // namespace
}  // namespace backhaul::daemon
