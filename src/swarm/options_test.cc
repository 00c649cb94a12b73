// SPDX-License-Identifier: Apache-2.0
#include "swarm/options.h"

#include <gtest/gtest.h>

namespace backhaul::swarmd {
namespace {

TEST(SwarmOptionsTest, WithoutWordsItServesItsUser) {
  const auto options = parse_options({});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->mode, Options::Mode::serve);
  EXPECT_FALSE(options->system);
  EXPECT_TRUE(parse_options({"--system"})->system);
}

TEST(SwarmOptionsTest, PublishTakesItsWordsInBothSpellings) {
  const auto options =
      parse_options({"--publish", "-odd", "--url=http://h/f", "--output", "t", "--tracker=http://t/a"});
  ASSERT_TRUE(options) << options.error();
  EXPECT_EQ(options->mode, Options::Mode::publish);
  EXPECT_EQ(options->file, "-odd");
  EXPECT_EQ(options->url, "http://h/f");
  EXPECT_EQ(options->output, "t");
  EXPECT_EQ(options->tracker, "http://t/a");
}

TEST(SwarmOptionsTest, WhatCannotBeMeantIsSaid) {
  const std::vector<std::string> wrong[]{
      {"--publish", "f"},
      {"--publish", "f", "--url", "ftp://h/f"},
      {"--publish", "f", "--url", "http://h/folder/"},
      {"--publish", "f", "--url", "http://h"},
      {"--publish", "f", "--url", "http://h/a b"},
      {"--publish", "f", "--url", "http://h/a\nX: y"},
      {"--publish", "f", "--url", "http://h/f", "--output", "-", "--json"},
      {"--publish"},
      {"--colour"},
      {"word"},
  };
  for (const auto& words : wrong) EXPECT_FALSE(parse_options(words)) << words.back();
}

}  // namespace
}  // namespace backhaul::swarmd
