// SPDX-License-Identifier: Apache-2.0
#include "core/limits.h"

#include <gtest/gtest.h>

namespace backhaul::core {
namespace {

TEST(Limits, RootAndThoseThatAreNamedAreExemptAndNoServiceAccountByItself) {
  Limits limits;
  EXPECT_TRUE(limits.exempts({0, {}}));
  EXPECT_FALSE(limits.exempts({1, "daemon"})) << "daemon is an account like others";
  EXPECT_FALSE(limits.exempts({1000, "alice"}));
  limits.exempt_users = {1000};
  EXPECT_TRUE(limits.exempts({1000, "alice"}));
  EXPECT_FALSE(limits.exempts({1001, "bob"}));
  limits.exempt_names = {"bob"};
  EXPECT_TRUE(limits.exempts({1001, "bob"}));
  EXPECT_TRUE(limits.exempts({1002, "bob"})) << "whoever has the name";
  EXPECT_FALSE(limits.exempts({1001, "carol"}));
  EXPECT_FALSE(limits.exempts({1001, {}}));
}

TEST(Limits, ARefusalNamesTheKeyAndTheLine) {
  EXPECT_EQ(by_rule("MaxJobsPerUser", "/etc/x.conf:3"), "(MaxJobsPerUser, /etc/x.conf:3)");
  EXPECT_EQ(by_rule("MaxJobsPerUser", ""), "(MaxJobsPerUser)");
}

TEST(CommandRules, EveryProgramRunsWhereNothingIsLaidDown) {
  EXPECT_TRUE(may_run({}, "/bin/true"));
  EXPECT_FALSE(may_run({.run = {.value = false}}, "/bin/true"));
}

TEST(CommandRules, AListAllowsWhatStandsInItAndTwoWhatStandsInBoth) {
  CommandRules rules;
  rules.listed[0] = {{"/bin/a", "/bin/b"}, "machine:1"};
  EXPECT_TRUE(may_run(rules, "/bin/a"));
  EXPECT_FALSE(may_run(rules, "/bin/c"));
  EXPECT_FALSE(may_run(rules, "/bin/../bin/a")) << "what is compared is the name as it was set";
  rules.listed[1] = {{"/bin/b", "/bin/c"}, "user:1"};
  EXPECT_TRUE(may_run(rules, "/bin/b"));
  EXPECT_FALSE(may_run(rules, "/bin/a"));
  EXPECT_FALSE(may_run(rules, "/bin/c"));
}

TEST(CommandRules, AnEmptyListThatIsLaidDownAllowsNothing) {
  CommandRules rules;
  rules.listed[0].where = "machine:1";
  EXPECT_FALSE(may_run(rules, "/bin/a"));
}

}  // namespace
}  // namespace backhaul::core
