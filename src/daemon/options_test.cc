// SPDX-License-Identifier: Apache-2.0
#include "daemon/options.h"

#include <gtest/gtest.h>

#include <vector>

namespace backhaul::daemon {
namespace {

std::expected<Options, std::string> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "backhauld");
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

TEST(Options, WithoutArgumentsItGuards) {
  auto options = parse({});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->mode, Options::Mode::guardian);
  EXPECT_TRUE(options->state_dir.empty());
}

TEST(Options, TakesTheStateFolderInBothForms) {
  EXPECT_EQ(parse({"--state-dir", "/var/x"})->state_dir, "/var/x");
  auto options = parse({"--service", "--state-dir=/var/y"});
  EXPECT_EQ(options->state_dir, "/var/y");
  EXPECT_EQ(options->mode, Options::Mode::service);
}

TEST(Options, KnowsWhoActsForOwners) {
  const auto launcher = parse({"--launcher", "--for=backhaul", "--launcher-socket=/run/backhaul/launcher"});
  ASSERT_TRUE(launcher);
  EXPECT_EQ(launcher->mode, Options::Mode::launcher);
  EXPECT_EQ(launcher->account, "backhaul");
  EXPECT_EQ(launcher->socket, "/run/backhaul/launcher");
  const auto helper = parse({"--file-helper", "--beneath=/var/a", "--beneath=/var/b"});
  ASSERT_TRUE(helper);
  EXPECT_EQ(helper->mode, Options::Mode::file_helper);
  EXPECT_EQ(helper->roots, (std::vector<std::string>{"/var/a", "/var/b"}));
  EXPECT_FALSE(helper->remains);
  EXPECT_TRUE(parse({"--file-helper", "--remains"})->remains);
  EXPECT_EQ(parse({"--messenger"})->mode, Options::Mode::messenger);
  EXPECT_EQ(parse({"--service", "--launcher-socket=/run/x"})->mode, Options::Mode::service);
  EXPECT_NE(parse({"--launcher"}).error().find("--for"), std::string::npos);
  EXPECT_NE(parse({"--launcher-socket=x"}).error().find("absolute"), std::string::npos);
}

TEST(Options, KnowsTheInstanceOfTheMachine) {
  EXPECT_FALSE(parse({})->system);
  EXPECT_TRUE(parse({"--system"})->system);
  EXPECT_EQ(parse({"--system"})->mode, Options::Mode::guardian);
  EXPECT_EQ(parse({"--system", "--service"})->mode, Options::Mode::service);
  EXPECT_FALSE(parse({"--system", "--user"})->system);
  const char* const not_understood[] = {"backhauld", "--frobnicate", "--system"};
  EXPECT_TRUE(asks_for_system(3, not_understood));
  EXPECT_FALSE(asks_for_system(2, not_understood));
  EXPECT_NE(parse({"--at-login", "--system"}).error().find("unit"), std::string::npos);
}

TEST(Options, SavesFromOneFileIntoAnother) {
  auto options = parse({"--salvage", "/a", "/b"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->mode, Options::Mode::salvage);
  EXPECT_EQ(options->source, "/a");
  EXPECT_EQ(options->target, "/b");
  EXPECT_FALSE(parse({"--salvage", "/a"}));
}

TEST(Options, RefusesWhatItDoesNotKnowAndSaysWhat) {
  EXPECT_NE(parse({"--frobnicate"}).error().find("--frobnicate"), std::string::npos);
  EXPECT_FALSE(parse({"--state-dir"}));
  EXPECT_FALSE(parse({"--state-dir", "relative"}));
  EXPECT_FALSE(parse({"--state-directory=/x"}));
}

}  // namespace
}  // namespace backhaul::daemon
