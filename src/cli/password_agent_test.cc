// SPDX-License-Identifier: Apache-2.0
// Who is asked for a password on a terminal, and about what.
#include "cli/password_agent.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace backhaul::cli {
namespace {

constexpr Seat on_console{.of_machine = true, .terminal = true};
const std::string whole_id = "8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9";

bool asks(const std::vector<std::string>& words, const Seat& seat = on_console) {
  const auto arguments = parse_arguments(words);
  EXPECT_TRUE(arguments) << arguments.error().text;
  return arguments && needs_password_agent(*arguments, seat);
}

TEST(PasswordAgentTest, IsThereForWhatMayBelongToOthers) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"list", "--all-users"}, {"stats", "--all-users"}, {"monitor", "--all-users"}, {"status", whole_id},
           {"take", whole_id}, {"suspend", "@last", whole_id}, {"set", whole_id, "priority=low"}, {"files", whole_id},
           {"policy", "--reload"}, {"cache", "list"}, {"cache", "clear"}, {"peers"}})
    EXPECT_TRUE(asks(words)) << words.front();
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"list"}, {"get", "http://x/a"}, {"status", "8c1b7e52"}, {"status", "@last"}, {"cancel", "--all"},
           {"set", "nightly", "priority=low"}, {"policy"}, {"peers", "--own"}})
    EXPECT_FALSE(asks(words)) << words.front();
}

TEST(PasswordAgentTest, IsNotThereWhereNobodyIsAskedOrAProgramReads) {
  EXPECT_FALSE(asks({"list", "--all-users"}, {.of_machine = false, .terminal = true})) << "no polkit is asked";
  EXPECT_FALSE(asks({"list", "--all-users"}, {.of_machine = true, .root = true, .terminal = true}));
  EXPECT_FALSE(asks({"list", "--all-users"}, {.of_machine = true, .terminal = false})) << "a pipe";
  EXPECT_FALSE(asks({"list", "--all-users", "--json"}));
  EXPECT_FALSE(asks({"start", "--wait", "--progress=json", whole_id}));
  EXPECT_FALSE(asks({"list", "--all-users", "--no-ask-password"}));
}

}  // namespace
}  // namespace backhaul::cli
