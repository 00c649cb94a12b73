// SPDX-License-Identifier: Apache-2.0
// How the parameters of a command line become an argument vector.
#include "core/command_line.h"

#include <gtest/gtest.h>

namespace backhaul::core {
namespace {

using Arguments = std::vector<std::string>;

Arguments split(std::string_view parameters) { return argument_vector("/bin/x", parameters); }

TEST(CommandLine, N101_WhiteSpaceSeparatesAndTheFirstWordIsTheNameOfTheProgram) {
  EXPECT_EQ(split("x -a b"), (Arguments{"x", "-a", "b"}));
  EXPECT_EQ(split("x \t -a\n b\r\n"), (Arguments{"x", "-a", "b"}));
  EXPECT_EQ(split("another-name"), Arguments{"another-name"});
}

TEST(CommandLine, EmptyParametersGiveTheProgramAlone) {
  EXPECT_EQ(split(""), Arguments{"/bin/x"});
}

TEST(CommandLine, WhiteSpaceAtTheFrontIsAnEmptyNameOfTheProgram) {
  EXPECT_EQ(split(" -a b"), (Arguments{"", "-a", "b"}));
  EXPECT_EQ(split("\t \n\"x y\""), (Arguments{"", "x y"}));
  EXPECT_EQ(split(" \t "), Arguments{""});
}

TEST(CommandLine, DoubleQuotesGroup) {
  EXPECT_EQ(split(R"("/opt/my program/x" "a b" c)"), (Arguments{"/opt/my program/x", "a b", "c"}));
  EXPECT_EQ(split(R"(x a" b "c)"), (Arguments{"x", "a b c"}));
  EXPECT_EQ(split(R"(x "" end)"), (Arguments{"x", "", "end"}));
  EXPECT_EQ(split(R"("")"), Arguments{""});
}

TEST(CommandLine, AQuoteThatIsNotClosedReachesToTheEnd) {
  EXPECT_EQ(split(R"(x "a b )"), (Arguments{"x", "a b "}));
  EXPECT_EQ(split(R"(x ")"), (Arguments{"x", ""}));
}

TEST(CommandLine, ABackslashBeforeAQuoteMakesItLiteralEverywhere) {
  EXPECT_EQ(split(R"(x \"a b\")"), (Arguments{"x", "\"a", "b\""}));
  EXPECT_EQ(split(R"(x "say \"yes\" now")"), (Arguments{"x", "say \"yes\" now"}));
}

TEST(CommandLine, EveryOtherBackslashIsItself) {
  EXPECT_EQ(split(R"(x C:\new\ "a\b" \)"), (Arguments{"x", R"(C:\new\)", R"(a\b)", "\\"}));
  EXPECT_EQ(split(R"(x \\"a)"), (Arguments{"x", R"(\"a)"}));  // a backslash, then \"
}

TEST(CommandLine, N114_NothingIsExpanded) {
  EXPECT_EQ(split(R"(x $HOME %PATH% ~ *.txt `id` $(id) 'a b' a;b | > < & #c {a,b} ?)"),
            (Arguments{"x", "$HOME", "%PATH%", "~", "*.txt", "`id`", "$(id)", "'a", "b'", "a;b",
                       "|", ">", "<", "&", "#c", "{a,b}", "?"}));
}

TEST(CommandLine, OtherCharactersPassAsTheyAre) {
  EXPECT_EQ(split("x \u00e4\u00f6 \u65e5\u672c \u00a0"),  // a no-break space is no separator
            (Arguments{"x", "\u00e4\u00f6", "\u65e5\u672c", "\u00a0"}));
}

}  // namespace
}  // namespace backhaul::core
