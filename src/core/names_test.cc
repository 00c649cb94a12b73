// SPDX-License-Identifier: Apache-2.0
#include "core/names.h"

#include <gtest/gtest.h>

namespace backhaul::core {
namespace {

using base::Code;

Code code(const base::Result<void>& result) { return result ? Code::S_OK : result.error().code; }
std::string many(std::size_t n, const std::string& what = "a") {
  std::string text;
  for (std::size_t i = 0; i < n; ++i) text += what;
  return text;
}

TEST(Utf16Units, CountsWhatWindowsWouldCount) {
  EXPECT_EQ(*utf16_units(""), 0U);
  EXPECT_EQ(*utf16_units("abc"), 3U);
  EXPECT_EQ(*utf16_units("h\u00e9\u20ac"), 3U);
  EXPECT_EQ(*utf16_units("\U0001F600"), 2U);
}

TEST(Utf16Units, WhatIsNoTextIsRefused) {
  const std::string_view bad[] = {
      {"\0", 1},      "\x80",         "\xC3",             "\xC0\x80",         "\xE2\x82",
      "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xFF",
      "a\xC3(",       "\xF8\x88\x80\x80\x80"};
  for (auto text : bad) {
    const auto units = utf16_units(text);
    ASSERT_FALSE(units);
    EXPECT_EQ(units.error().code, Code::E_INVALIDARG);
  }
}

TEST(CheckRemote, OrdinaryAddressesPass) {
  for (const char* url :
       {"http://example.org", "https://example.org/", "HTTP://user:pw@example.org:8080/a%20b/c.iso",
        "http://[::1]:8000/x", "https://cdn.example.org/f?sig=a*b&exp=~acl=/*!x[]=1", "http://h?*",
        "http://xn--bcher-kva.example/x", "http://example.org/a#part", "http://h//double", "http://h/*.iso",
        "http://h/a/*/b?x", "http://u%20x:p%3A%C3%BC@h/%3A%0A"})
    EXPECT_EQ(code(check_remote(url)), Code::S_OK) << url;
}

TEST(CheckRemote, EverythingElseIsAnInvalidArgument) {
  for (const char* url :
       {"", "example.org/x", "ftp://example.org/x", "http:",
        "http://", "http:///x", "http:/x", "http://a b/x", "http://h/a b", "http://h/\t",
        "http://h/\n", "http://h/b\u00fccher", "http://b\u00fccher.example/x",
        "http://*.example.org/", "http://h/a\\b", "http://h/<x>", "http://h/a|b", "http://h/\"x\"",
        "http://a@b@c/", "\\\\server\\share\\x", "http://h/\x7f"})
    EXPECT_EQ(code(check_remote(url)), Code::E_INVALIDARG) << url;
}

TEST(CheckRemote, AUserThatCannotBeSentIsNone) {
  for (const char* user : {"us%3Aer:pw", "us%3aer", "u%0D%0A:p", "u:%00", "u:p%1f", "u:%7F"}) {
    const auto refused = check_remote("https://" + std::string(user) + "@h/x");
    ASSERT_EQ(code(refused), Code::E_INVALIDARG) << user;
    EXPECT_EQ(refused.error().text, "the URL https://h/x has a user with a colon (%3A) in the name, or with a control character: "
                                    "such a one cannot be sent");
  }
}

TEST(CheckRemote, Limits) {
  const std::string base = "http://h/";
  EXPECT_EQ(code(check_remote(base + many(5'000))), Code::S_OK);
  EXPECT_EQ(code(check_remote(base + "x?" + many(65'536 - base.size() - 2))), Code::S_OK);
  EXPECT_EQ(code(check_remote(base + "x?" + many(65'537 - base.size() - 2))), Code::E_INVALIDARG);
}

TEST(CheckLocal, AbsolutePathsPass) {
  for (const char* path : {"/x", "/a/b c/d.iso", "/a/.hidden", "/a/...", "/a//b", "/a/b\u00fccher", "/a/*.iso", "/a/b?"})
    EXPECT_EQ(code(check_local(path)), Code::S_OK) << path;
}

TEST(CheckLocal, EverythingElseIsAnInvalidArgument) {
  for (std::string_view path :
       {std::string_view(""), std::string_view("x"), std::string_view("./x"), std::string_view("/"),
        std::string_view("/a/"), std::string_view("/a/../b"), std::string_view("/./b"),
        std::string_view("/a/."), std::string_view("/a/.."), std::string_view("/a\0b", 4), std::string_view("/a/\xFF"),
        std::string_view("~/x"), std::string_view("C:\\x")})
    EXPECT_EQ(code(check_local(path)), Code::E_INVALIDARG) << path;
}

TEST(CheckLocal, NamesAsLongAsTheKernelTakesThem) {
  EXPECT_EQ(code(check_local("/" + many(255))), Code::S_OK);
  EXPECT_EQ(code(check_local("/" + many(256))), Code::E_INVALIDARG);
  const std::string text = check_local("/d/" + many(256)).error().text;
  for (const char* part : {"the file name \"", "has 256 bytes", "at most 255 (NAME_MAX)"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
  const std::string directory = many(255, "/aaaaaaaaaaaaaaa");
  EXPECT_EQ(code(check_local(directory + "/" + many(4'095 - 255 * 16 - 1))), Code::S_OK);
  EXPECT_EQ(code(check_local(directory + "/" + many(4'096 - 255 * 16 - 1))), Code::E_INVALIDARG);
}

TEST(CheckName, CountsUtf16AndMayBeEmpty) {
  EXPECT_EQ(code(check_name("")), Code::S_OK);
  EXPECT_EQ(code(check_name(many(256))), Code::S_OK);
  EXPECT_EQ(code(check_name(many(257))), Code::BG_E_STRING_TOO_LONG);
  EXPECT_EQ(code(check_name(many(128, "\U0001F600"))), Code::S_OK);
  EXPECT_EQ(code(check_name(many(129, "\U0001F600"))), Code::BG_E_STRING_TOO_LONG);
  EXPECT_EQ(code(check_name("\xFF")), Code::E_INVALIDARG);
  EXPECT_EQ(code(check_description(many(1'024))), Code::S_OK);
  EXPECT_EQ(code(check_description(many(1'025))), Code::BG_E_STRING_TOO_LONG);
}

TEST(CheckCommand, N111_BothEmptyIsNone) { EXPECT_EQ(code(check_command("", "")), Code::S_OK); }

TEST(CheckCommand, N112_ParametersNeedAProgram) {
  EXPECT_EQ(code(check_command("", "x")), Code::E_INVALIDARG);
}

TEST(CheckCommand, N113_Limits) {
  EXPECT_EQ(code(check_command("/" + many(259), many(4'000))), Code::S_OK);
  EXPECT_EQ(code(check_command("/" + many(260), "")), Code::BG_E_STRING_TOO_LONG);
  EXPECT_EQ(code(check_command("/bin/true", many(4'001))), Code::BG_E_STRING_TOO_LONG);
}

TEST(CheckCommand, TheProgramIsAFullPathAndNothingIsExpanded) {
  EXPECT_EQ(code(check_command("true", "")), Code::E_INVALIDARG);
  EXPECT_EQ(code(check_command("/opt/$HOME/*", "~ %PATH% `x`")), Code::S_OK);
}

TEST(CheckBusName, WellKnownNamesOnly) {
  for (const char* name : {"org.example", "org.example.App1", "a-b.c_d", "_1.x"})
    EXPECT_EQ(code(check_bus_name(name)), Code::S_OK) << name;
  for (const char* name : {"", "org", ":1.5", ".org.x", "org.x.", "org..x", "org.1x", "org.x y",
                           "org.\u00fc", "org/x.y"})
    EXPECT_EQ(code(check_bus_name(name)), Code::E_INVALIDARG) << name;
  EXPECT_EQ(code(check_bus_name("a." + many(253))), Code::S_OK);
  EXPECT_EQ(code(check_bus_name("a." + many(254))), Code::E_INVALIDARG);
}

TEST(CheckObjectPath, TheGrammarOfTheBus) {
  for (const char* path : {"/", "/a", "/org/backhaul/clsid", "/a_1/B2"})
    EXPECT_EQ(code(check_object_path(path)), Code::S_OK) << path;
  for (const char* path : {"", "a", "//", "/a/", "/a//b", "/a-b", "/a.b", "/\u00fc"})
    EXPECT_EQ(code(check_object_path(path)), Code::E_INVALIDARG) << path;
}

TEST(Clsid, HasADerivedBusName) {
  const std::string name = "org.backhaul.clsid.g8c1b7e526a0d4c3f9e7751d2a4b0c6f9";
  EXPECT_EQ(clsid_bus_name("{8C1B7E52-6A0D-4C3F-9E77-51D2A4B0C6F9}"), name);
  EXPECT_EQ(clsid_bus_name("8c1b7e526a0d4c3f9e7751d2a4b0c6f9"), name);
  EXPECT_EQ(clsid_bus_name("org.example"), std::nullopt);
  EXPECT_EQ(code(check_bus_name(name)), Code::S_OK);
  EXPECT_TRUE(is_clsid_name(name));
  for (const char* other : {"", "org.backhaul.clsid.g", "org.example.x",
                            "org.backhaul.clsid.g8C1B7E526A0D4C3F9E7751D2A4B0C6F9",
                            "org.backhaul.clsid.g8c1b7e526a0d4c3f9e7751d2a4b0c6f",
                            "org.backhaul.clsid.g8c1b7e526a0d4c3f9e7751d2a4b0c6f9a",
                            "org.backhaul.clsid.g8c1b7e526a0d4c3f9e7751d2a4b0c6fg"})
    EXPECT_FALSE(is_clsid_name(other)) << other;
}

TEST(Glob, Matches) {
  constexpr std::pair<const char*, const char*> yes[] = {
      {"", ""},           {"*", ""},           {"*", "abc"},          {"a*c", "ac"},
      {"a*c", "abbbc"},   {"a?c", "abc"},      {"?", "\u00fc"},       {"[a-r]x", "rx"},
      {"[!a-r]x", "sx"},  {"[]]", "]"},        {"[a-]", "-"},         {"[*]", "*"},
      {"[?]x", "?x"},     {"[", "["},          {"a[b", "a[b"},        {"*a*b*c*", "xxaxxbxxcxx"},
      {"*.iso", "a.iso"}, {"a**b", "ab"},      {"*ab", "aab"},        {"[\u00fc-\u00ff]", "\u00fd"},
      {"update *", "update 12"}, {"[abc][!abc]", "cd"}, {"*[0-9]", "x7"},
  };
  for (auto [pattern, text] : yes) EXPECT_TRUE(glob_match(pattern, text)) << pattern << " " << text;
  constexpr std::pair<const char*, const char*> no[] = {
      {"", "a"},         {"a", ""},       {"?", ""},       {"a?c", "ac"},       {"*.iso", "a.is"},
      {"[a-r]", "s"},    {"[!a-r]", "b"}, {"a*c", "abd"},  {"abc", "abcd"},     {"abcd", "abc"},
      {"*a*b", "bbbba"}, {"[a-r]", ""},   {"?", "ab"},     {"[!a]", ""},        {"A", "a"},
  };
  for (auto [pattern, text] : no) EXPECT_FALSE(glob_match(pattern, text)) << pattern << " " << text;
}

TEST(Glob, AHostilePatternEndsSoon) {
  const std::string text = many(2'000);
  EXPECT_FALSE(glob_match(many(200, "a*") + "b", text));
}

}  // namespace
}  // namespace backhaul::core
