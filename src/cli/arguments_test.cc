// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.h"

#include <gtest/gtest.h>

#include "cli/help.h"

namespace backhaul::cli {
namespace {

Arguments good(const std::vector<std::string>& words) {
  auto arguments = parse_arguments(words);
  EXPECT_TRUE(arguments.has_value()) << arguments.error().text;
  return arguments.value_or(Arguments());
}

std::string wrong(const std::vector<std::string>& words) {
  auto arguments = parse_arguments(words);
  return arguments ? "" : arguments.error().text;
}

TEST(ArgumentsTest, OptionsStandAnywhereAndInAllTheirForms) {
  const Arguments a = good({"--json", "get", "-qO", "http://x/a", "-ofile", "--name=a b", "-d", "dir",
                            "--priority", "high"});
  EXPECT_EQ(a.verb, Verb::get);
  EXPECT_TRUE(a.has(Opt::json) && a.has(Opt::quiet) && a.has(Opt::remote_name));
  EXPECT_EQ(*a.find(Opt::output), "file");
  EXPECT_EQ(*a.find(Opt::name), "a b");
  EXPECT_EQ(*a.find(Opt::directory), "dir");
  EXPECT_EQ(*a.find(Opt::priority), "high");
  EXPECT_EQ(a.operands, std::vector<std::string>{"http://x/a"});
}

TEST(ArgumentsTest, TwoHyphensEndTheOptionsAndAHyphenIsAnOperand) {
  EXPECT_EQ(good({"cancel", "--", "-q"}).operands, std::vector<std::string>{"-q"});
  EXPECT_EQ(good({"get", "-i", "-"}).all(Opt::input), std::vector<std::string>{"-"});
}

TEST(ArgumentsTest, VerbsOfTwoWordsAndTheWordsOfAProgram) {
  const Arguments a = good({"class", "add", "org.example.X", "--exec", "/bin/prog", "--json", "-x"});
  EXPECT_EQ(a.verb, Verb::class_add);
  EXPECT_EQ(a.exec, (std::vector<std::string>{"/bin/prog", "--json", "-x"}));
  EXPECT_FALSE(a.has(Opt::json));
  EXPECT_NE(wrong({"class"}).find("add, remove, list"), std::string::npos);
  EXPECT_NE(wrong({"class", "ad"}), "");
}

TEST(ArgumentsTest, NothingIsHelpAndHelpExcusesMissingOperands) {
  EXPECT_EQ(good({}).verb, Verb::help);
  EXPECT_EQ(good({"-V"}).verb, Verb::version);
  EXPECT_TRUE(good({"show", "--help"}).has(Opt::help));
}

TEST(ArgumentsTest, MistakesAreNamed) {
  EXPECT_EQ(wrong({"gte"}), "unknown verb \"gte\"; did you mean \"get\"?");
  EXPECT_EQ(wrong({"list", "--sate=x"}), "unknown option --sate; did you mean --state?");
  EXPECT_EQ(wrong({"list", "--stat"}), "unknown option --stat; did you mean --state?");
  EXPECT_EQ(wrong({"list", "-Z"}), "unknown option -Z");
  EXPECT_EQ(wrong({"list", "--json=1"}), "option --json takes no value");
  EXPECT_EQ(wrong({"get", "-o"}), "option -o needs a value: FILE");
  EXPECT_EQ(wrong({"list", "--background"}), "option --background does not go with \"list\"");
  EXPECT_EQ(wrong({"show"}), "\"show\" needs JOB");
  EXPECT_EQ(wrong({"show", "a", "b"}), "\"show\" does not take \"b\"");
  EXPECT_EQ(wrong({"version", "x"}), "\"version\" does not take \"x\"");
}

TEST(ArgumentsTest, ListsAreSplit) {
  EXPECT_EQ(split_list("a, b,,c "), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(split_list("").empty());
}

TEST(HelpTest, EveryVerbAndOptionIsThereAndNoLineIsTooLong) {
  std::string all = help_overview(80);
  for (const VerbRow& verb : verb_rows()) {
    if (verb.hidden) continue;
    EXPECT_NE(all.find("\n  " + std::string(verb.name)), std::string::npos) << verb.name;
    const std::string text = help_verb(verb, 80);
    for (Opt option : verb.options)
      EXPECT_NE(text.find("--" + std::string(row(option).name)), std::string::npos) << verb.name;
    all += text;
  }
  std::size_t begin = 0;
  while (begin < all.size()) {
    const std::size_t end = std::min(all.find('\n', begin), all.size());
    EXPECT_LE(end - begin, 90U) << all.substr(begin, end - begin);
    begin = end + 1;
  }
}

TEST(HelpTest, CompletionKnowsTheTable) {
  for (const std::string& script : {bash_completion(), zsh_completion()}) {
    for (const VerbRow& verb : verb_rows()) {
      if (verb.hidden) continue;
      EXPECT_NE(script.find("'" + std::string(verb.name) + "')"), std::string::npos) << verb.name;
      for (Opt option : verb.options)
        EXPECT_NE(script.find("--" + std::string(row(option).name)), std::string::npos);
    }
    EXPECT_NE(script.find("complete-jobs"), std::string::npos);
    EXPECT_NE(script.find("retry-delay="), std::string::npos);
  }
}

TEST(ArgumentsTest, VerbsOfOtherToolsAreUnderstood) {
  for (const auto& [word, verb] : std::vector<std::pair<std::string, std::string>>{
           {"resume", "start"}, {"pause", "suspend"}, {"rm", "cancel"}, {"ls", "list"},
           {"info", "status"}, {"stop", "suspend"}, {"download", "get"}, {"top", "monitor"}})
    EXPECT_EQ(parse_arguments({word, "x"}).error().text,
              "unknown verb \"" + word + "\"; did you mean \"" + verb + "\"?");
}

TEST(ArgumentsTest, WordsOfOtherToolsLeadToVerbsThatExistAndAreNone) {
  for (const VerbRow& row : verb_rows()) EXPECT_EQ(verb_meant_by(row.name), "");
  EXPECT_EQ(verb_meant_by("resume"), row(Verb::start).name);
}

}  // namespace
}  // namespace backhaul::cli
