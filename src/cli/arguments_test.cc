// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

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

TEST(ArgumentsTest, AnAddressThatIsTooMuchIsShownWithoutItsSecrets) {
  EXPECT_EQ(wrong({"show", "a", "http://me:secret@x/b"}), "\"show\" does not take \"http://x/b\"");
}

TEST(ArgumentsTest, AForgottenValueSwallowsNothing) {
  EXPECT_EQ(wrong({"--user-of", "list"}),
            "option --user-of needs a value: NAME; \"list\" is a verb (as the value: --user-of=list)");
  EXPECT_NE(wrong({"--user-of", "class", "list"}).find("\"class\" is a verb"), std::string::npos);
  EXPECT_EQ(wrong({"list", "--user-of"}), "option --user-of needs a value: NAME");
  EXPECT_EQ(wrong({"list", "--user-of="}), "option --user-of needs a value: NAME");
  EXPECT_NE(wrong({"get", "http://x/a", "-o", "--json"}).find("needs a value: FILE"), std::string::npos);
  EXPECT_EQ(good({"--user-of=list", "list"}).verb, Verb::list);
  EXPECT_EQ(*good({"get", "http://x/a", "-o", "list"}).find(Opt::output), "list");
  EXPECT_EQ(*good({"create", "x", "--description="}).find(Opt::description), "");
}

TEST(ArgumentsTest, AnOptionWithFixedValuesTakesNoOther) {
  EXPECT_EQ(wrong({"list", "--color=foo"}), "\"foo\" is no value of --color: auto, always or never");
  EXPECT_NE(wrong({"list", "--state=error,eror"}).find("did you mean \"error\"?"), std::string::npos);
  EXPECT_EQ(good({"list", "--state=error, queued"}).verb, Verb::list);
  for (const OptionRow& option : option_rows()) {
    if (values_of(option).empty()) continue;
    const std::string text = wrong({"help", "--" + std::string(option.name) + "=x"});
    for (const std::string_view value : values_of(option))
      EXPECT_NE(text.find(value), std::string::npos) << option.name << ": " << text;
  }
}

TEST(ArgumentsTest, TheVersionIsAllThatIsLookedAt) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"-V", "list"}, {"list", "-V"}, {"--version", "nonsense", "--nonsense"},
        {"show", "--version"}, {"-V", "--help"}})
    EXPECT_EQ(good(words).verb, Verb::version) << words.front();
}

TEST(ArgumentsTest, TwoLettersThatChangedPlacesAreOneSlip) {
  const std::string_view verbs[] = {"list", "wait", "start", "status"};
  EXPECT_EQ(closest("wiat", verbs), "wait");
  EXPECT_EQ(closest("lsit", verbs), "list");
  EXPECT_EQ(closest("statsu", verbs), "status");
  EXPECT_EQ(closest("zzzzz", verbs), "");
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

TEST(HelpTest, AGroupShowsAllItsVerbs) {
  const std::string text = help_group("class", 80);
  for (const char* verb : {"class add", "class remove", "class list"})
    EXPECT_NE(text.find(std::string("Usage: backhaul ") + verb), std::string::npos) << verb;
  EXPECT_EQ(help_group("list", 80), "");
  EXPECT_EQ(good({"class", "--help"}).operands, std::vector<std::string>{"class"});
  EXPECT_EQ(parse_arguments({"class"}).error().help, "class");
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

// zsh shows the summaries, which have apostrophes.
TEST(HelpTest, EveryLineOfCompletionClosesItsQuotes) {
  std::istringstream script(zsh_completion());
  for (std::string line; std::getline(script, line);) {
    const bool is_ours = line.contains("# ") || line.contains("sed ");  // a comment, and another program's words
    EXPECT_TRUE(is_ours || (std::ranges::count(line, '\'') - std::ranges::count(line, '\\')) % 2 == 0) << line;
  }
}

}  // namespace
}  // namespace backhaul::cli
