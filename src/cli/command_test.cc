// SPDX-License-Identifier: Apache-2.0
// Whoever copies a command out of a sentence reaches the service that the sentence is about.
#include "cli/command.h"

#include <backhaul/codes.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/app.h"
#include "cli/hint.h"
#include "cli/input.h"
#include "cli/progress.h"
#include "cli/sample_jobs.h"

namespace backhaul::cli {
namespace {

using namespace sample;

Arguments parsed(const std::vector<std::string>& words) { return parse_arguments(words).value_or(Arguments()); }

std::string typed(const std::vector<std::string>& words, const DefaultInstance& usual = {}) {
  return Command(parsed(words), usual)("start 8c1b7e52");
}

TEST(CommandTest, TheWordsThatNameTheServiceAreTypedAgain) {
  EXPECT_EQ(typed({"list"}), "backhaul start 8c1b7e52");
  EXPECT_EQ(typed({"list", "--json", "-q"}), "backhaul start 8c1b7e52") << "that is no matter of the service";
  EXPECT_EQ(typed({"list", "--system"}), "backhaul --system start 8c1b7e52");
  EXPECT_EQ(typed({"--user", "list"}), "backhaul --user start 8c1b7e52");
  EXPECT_EQ(typed({"--user-of", "ana", "list"}), "backhaul --user-of=ana start 8c1b7e52");
  EXPECT_EQ(typed({"--bus", "unix:path=/a", "--system", "list"}), "backhaul --system --bus=unix:path=/a start 8c1b7e52");
}

TEST(CommandTest, AValueIsOneWordOfAShell) {
  EXPECT_EQ(typed({"--bus=unix:path=/a;tcp:host=b", "list"}), "backhaul --bus='unix:path=/a;tcp:host=b' start 8c1b7e52");
  EXPECT_EQ(typed({"--bus=unix:path=/it's", "list"}), "backhaul --bus='unix:path=/it'\\''s' start 8c1b7e52");
  EXPECT_EQ(typed({"--user-of=list", "list"}), "backhaul --user-of=list start 8c1b7e52") << "and not the verb of that name";
}

TEST(CommandTest, AServiceThatNobodyNamedIsNamedWhereAnotherOneMayBeReachedByTheSameWords) {
  EXPECT_EQ(typed({"list"}, {.system = true, .reason = {}}), "backhaul --system start 8c1b7e52");
  EXPECT_EQ(typed({"list"}, {.system = false, .reason = "the own queue has unfinished jobs"}),
            "backhaul --user start 8c1b7e52");
  EXPECT_EQ(typed({"--user", "list"}, {.system = true, .reason = {}}), "backhaul --user start 8c1b7e52") << "it was named";
}

// Every sentence with a command in it.
std::vector<std::string> sentences(const Command& command) {
  std::vector<std::string> all{ways_to_end(failed(http(404)), command), way_to_complete(transferred(), command),
                               same_path_line(job(), "/d/a", command), end_line(transferred(), command, {}),
                               hint_for_call(code::bg_e_empty, {}, command, job().id),
                               hint_for_new_files(code::rpc_e_disconnected, {}, command, 0)};
  JobView nothing = failed(http(404));
  nothing.files_done = 0;
  all.push_back(ways_to_end(nothing, command));
  for (const std::uint32_t code : {code::rpc_e_disconnected, code::bg_e_not_found})
    all.push_back(hint_for_call(code, {}, command));
  for (const std::uint32_t code :
       {http(401), http(407), http(416), http(503), std::uint32_t{code::bg_e_validation_failed},
        std::uint32_t{code::winhttp_redirect_failed}, std::uint32_t{code::bg_e_blocked_by_cost_transfer_policy},
        std::uint32_t{code::bad_file_type}, std::uint32_t{code::file_not_found}, std::uint32_t{code::disk_full},
        std::uint32_t{code::winhttp_invalid_server_response}})
    all.push_back(hint_for_job(failed(code), command));
  all.push_back(hint_for_job(retrying(), command));
  JobView untold = transferred();
  untold.end_untold = untold.version_untold = 2;
  all.push_back(untold_note(untold, command));
  all.push_back(render_status(failed(http(401)), command, {100, true, false}, noon));
  all.push_back(render_status(transferred(), command, {100, true, false}, noon));
  return all;
}

TEST(CommandTest, NoSentenceForgetsIt) {
  const Command command(parsed({"list", "--system"}));
  for (const std::string& text : sentences(command)) {
    std::size_t told = 0;
    for (std::size_t at = text.find("backhaul "); at != std::string::npos; at = text.find("backhaul ", at + 1), ++told)
      EXPECT_EQ(text.compare(at, 18, "backhaul --system "), 0) << text;
    EXPECT_GT(told, 0U) << text;
    EXPECT_EQ(text.find("\"% "), std::string::npos) << text;
  }
}

TEST(CommandTest, SoDoesWhatIsWrongWithTheWords) {
  const auto wrong = parse_arguments({"--system", "http://x/a"});
  ASSERT_FALSE(wrong);
  EXPECT_TRUE(wrong.error().text.ends_with("backhaul --system get URL")) << wrong.error().text;
  const auto targets = read_targets(parsed({"--system", "get", "@last"}), {"@last"});
  ASSERT_FALSE(targets);
  EXPECT_TRUE(targets.error().ends_with("backhaul --system wait @last")) << targets.error();
}

TEST(CommandTest, AProgramReadsTheSameHint) {
  const std::string hint = hint_for_job(failed(http(401)), Command(parsed({"list", "--system"})));
  EXPECT_NE(failure_json("get", {}, hint).text().find("backhaul --system credential set 8c1b7e52"), std::string::npos);
}

}  // namespace
}  // namespace backhaul::cli
