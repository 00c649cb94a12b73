// SPDX-License-Identifier: Apache-2.0
// What several lines together lay down of the world; single ones are in settings_test.cc.
#include "daemon/policy_settings.h"

#include <gtest/gtest.h>

#include <string>

#include "daemon/settings.h"
#include "tests/support/temp_dir.h"

namespace backhaul::daemon {
namespace {

// Whatever stands first, and also where the other one is built in or stands in another file.
TEST(PolicySettings, ADayOnWhichNoSuchPeriodBeginsIsSaid) {
  const test::TempDir folder;
  const std::string file = folder / "machine.conf";
  const auto warned = [&](const std::string& text, const std::string& warning) {
    test::write_file(file, text);
    const auto loaded = load_settings({file, {}, folder / "user.conf"});
    ASSERT_TRUE(loaded) << loaded.error().text;
    ASSERT_EQ(loaded->warnings.size(), warning.empty() ? 0U : 1U) << text;
    if (!warning.empty()) {
      EXPECT_EQ(loaded->warnings[0], file + warning);
    }
  };
  warned("[Budget]\nStartDay = Sun\n", ":2: StartDay = Sun does not fit Period = month: using 1");
  warned("[Budget]\nStartDay = 15\nPeriod = week\n", ":2: StartDay = 15 does not fit Period = week: using Mon");
  warned("[Budget.x]\nPeriod = day\nStartDay = 3\n", ":3: StartDay = 3 does not fit Period = day: a day begins at midnight");
  warned("[Budget]\nStartDay = Sun\nStartDay =\n", "");
  warned("[Budget]\nStartDay = Sun\nPeriod = week\n[Budget.x]\nStartDay = 3\n", "");
  test::write_file(folder / "user.conf", "[Budget]\nStartDay = 3\n");
  warned("[Budget]\nPeriod = week\nStartDay = Sun\n", "");
}

TEST(PolicySettings, TheMachineAloneSaysWhetherOtherProgramsAreGivenLeave) {
  const test::TempDir folder;
  const SettingsPlaces places{folder / "machine.conf", {}, folder / "user.conf"};
  test::write_file(folder / "user.conf", "[Scheduler]\nMogwai = yes\n");
  const auto of_user = load_settings(places);
  ASSERT_TRUE(of_user) << of_user.error().text;
  EXPECT_FALSE(of_user->settings.mogwai);
  EXPECT_EQ(of_user->warnings.size(), 1U);
  test::write_file(folder / "user.conf", "");
  test::write_file(folder / "machine.conf", "[Scheduler]\nMogwai = yes\n");
  const auto of_machine = load_settings(places);
  ASSERT_TRUE(of_machine) << of_machine.error().text;
  EXPECT_TRUE(of_machine->settings.mogwai);
}

// Whoever wants BITS's rule may have it; the machine's is a bound.
TEST(PolicySettings, AUserMayHaveJobsWaitForALogonAndNotTakeThatBack) {
  const test::TempDir folder;
  const SettingsPlaces places{folder / "machine.conf", {}, folder / "user.conf"};
  const auto waits = [&](const std::string& machine, const std::string& user) {
    test::write_file(folder / "machine.conf", "[Jobs]\nOnlyWhileLoggedOn = " + machine + "\n");
    test::write_file(folder / "user.conf", "[Jobs]\nOnlyWhileLoggedOn = " + user + "\n");
    const auto loaded = load_settings(places);
    return loaded && loaded->settings.policy.only_while_logged_on.value;
  };
  EXPECT_FALSE(waits("no", "no"));
  EXPECT_TRUE(waits("no", "yes"));
  EXPECT_TRUE(waits("yes", "no"));
}

}  // namespace
}  // namespace backhaul::daemon
