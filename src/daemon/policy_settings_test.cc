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

}  // namespace
}  // namespace backhaul::daemon
