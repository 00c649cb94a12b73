// SPDX-License-Identifier: Apache-2.0
#include "core/shown_url.h"

#include <gtest/gtest.h>

#include "core/names.h"

namespace backhaul::core {
namespace {

TEST(ShownUrl, HasNoUserPasswordQueryOrFragment) {
  const std::pair<const char*, const char*> cases[] = {
      {"http://example.org/a/b.iso", "http://example.org/a/b.iso"},
      {"https://ann:s3cret@example.org:8443/a", "https://example.org:8443/a"},
      {"http://token@example.org/a", "http://example.org/a"},
      {"http://example.org/a?token=s3cret", "http://example.org/a"},
      {"http://example.org/a#s3cret", "http://example.org/a"},
      {"http://example.org?s3cret", "http://example.org"},
      {"http://[::1]:80/a?b", "http://[::1]:80/a"},
      {"http://ann:s3cret@[::1]/a", "http://[::1]/a"},
      {"http://example.org/@scope/pkg", "http://example.org/@scope/pkg"},
      {"http://example.org:8080/@scope/pkg", "http://example.org:8080/@scope/pkg"},
  };
  for (const auto& [url, shown] : cases) EXPECT_EQ(shown_url(url), shown) << url;
}

TEST(ShownUrl, TakesTextThatIsNoUrlWithTheSameCare) {
  const char* const refused[] = {
      "ann:s3cret@example.org/a",          "http://ann:s3cret",
      "http://ann:s3/cret@example.org/a",  "http://ann:s3?cret@example.org/a",
      "http://ann:s3#cret@example.org/a",  "http://ann:s3@cret@example.org/a",
      "http:/ann:s3cret@example.org/a",    "//ann:s3cret@example.org/a",
      "http:\\\\ann:s3cret@example.org/a", "ftp://ann:s3cret@example.org",
      "http://ann:s3\001cret@example.org/a", "ht!tp://ann:s3cret@example.org/a",
  };
  for (const char* url : refused) {
    EXPECT_EQ(shown_url(url).find("s3"), std::string::npos) << shown_url(url);
    EXPECT_EQ(shown_url(url).find("cret"), std::string::npos) << shown_url(url);
  }
  EXPECT_EQ(shown_url(""), "");
  EXPECT_EQ(shown_url("just a word"), "just a word");
}

TEST(ShownUrl, IsHarmlessOnATerminalAndOnTheBus) {
  EXPECT_EQ(shown_url("http://h/\x1b[31m\x9b" "a\xc2\x9b\n"), "http://h/?[31m?a??");
  EXPECT_EQ(shown_url("http://h/b\xc3\xbc" "cher"), "http://h/b\xc3\xbc" "cher");
  EXPECT_LT(shown_url("http://h/" + std::string(60'000, 'a')).size(), 300U);
}

TEST(ShownText, AddressesInsideAreShownWithTheSameCare) {
  EXPECT_EQ(shown_text("moved to http://u:s3cret@h/a?b (see \"https://h/?q\")"),
            "moved to http://h/a (see \"https://h/\")");
  EXPECT_EQ(shown_text("no address here"), "no address here");
  EXPECT_EQ(shown_text("://"), "://");
  EXPECT_EQ(shown_text("a\x1b"), "a?");
}

TEST(Quoted, ValuesAreCutAndCharactersAreNamed) {
  EXPECT_EQ(in_quotes("a\tb"), "\"a?b\"");
  EXPECT_LT(in_quotes(std::string(5'000, 'a')).size(), 300U);
  EXPECT_EQ(character_text('*'), "'*'");
  EXPECT_EQ(character_text(' '), "a blank");
  EXPECT_EQ(character_text('\x1b'), "a control character (0x1b)");
  EXPECT_EQ(character_text('\xc3'), "a byte beyond ASCII (0xc3)");
}

// Whoever reads the error has to see what was wrong with what.
TEST(Names, AnErrorNamesTheValueAndTheCharacter) {
  const auto remote = [](std::string_view url) { return check_remote(url).error().text; };
  EXPECT_EQ(remote("http://h/a b"), "the URL http://h/a b holds a blank at character 11, which must be escaped as %20");
  EXPECT_EQ(remote("http://u:s3cret@h/a|b?s3cret"),
            "the URL http://h/a|b holds '|' at character 20, which must be escaped as %7C");
  EXPECT_NE(remote("http://b\xC3\xBC" "cher.example/x").find("written in ASCII there (xn--"), std::string::npos);
  EXPECT_NE(remote("http://h/b\xC3\xBC" "cher").find("escaped as %C3"), std::string::npos);
  EXPECT_EQ(remote("ftp://h/a"), "the URL ftp://h/a is neither http, https nor file");
  EXPECT_EQ(remote("http:///a"), "the URL http:///a names no host");
  EXPECT_EQ(remote("http:/a"), "the URL http:/a has no // in front of its host");
  EXPECT_EQ(remote("http://:80/a"), "the URL http://:80/a names no host");
  EXPECT_EQ(remote("http://h:99999/a"), "the URL http://h:99999/a has a port that is no number from 1 to 65535");
  // What stands in the place of a port may be a password, and is not shown.
  EXPECT_EQ(remote("http://h:8o80/a"), "the URL http://h has a port that is no number from 1 to 65535");
  EXPECT_EQ(remote("http://a..b/"), "the URL http://a..b/ has a host that is neither a name nor an address");
  EXPECT_EQ(remote("http://[::1/"), "the URL http://[::1/ has a host that is neither a name nor an address");
  EXPECT_NE(remote("http://h/a?b=" + std::string(300, 'c') + " d").find("a blank at character 314"), std::string::npos);
  const auto local = [](std::string_view path) { return check_local(path).error().text; };
  EXPECT_EQ(local("a/b"), "the local name \"a/b\" is not an absolute path");
  EXPECT_EQ(local("/a/../b"), "the local name \"/a/../b\" holds the component \"..\"");
  EXPECT_EQ(check_bus_name("org.a!b").error().text, "the bus name \"org.a!b\" holds '!'");
  EXPECT_EQ(check_object_path("/a-b").error().text, "the object path \"/a-b\" holds '-'");
  EXPECT_EQ(check_command("echo", "echo a").error().text,
            "the program \"echo\" is not an absolute path");
}

}  // namespace
}  // namespace backhaul::core
