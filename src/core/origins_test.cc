// SPDX-License-Identifier: Apache-2.0
#include "core/origins.h"

#include <gtest/gtest.h>

namespace backhaul::core {
namespace {

AllowedOrigins machine_says(const char* list) {
  auto patterns = parse_origins(list);
  EXPECT_TRUE(patterns) << list;
  AllowedOrigins allowed;
  if (patterns) allowed.rules[0] = {*std::move(patterns), "/etc/x.conf:7"};
  return allowed;
}

bool may(const AllowedOrigins& allowed, const char* url) { return !refusal(allowed, url); }

TEST(Origins, WhereNothingIsLaidDownEverythingIsAllowed) {
  EXPECT_TRUE(AllowedOrigins().all());
  EXPECT_TRUE(may({}, "http://example.org/a"));
}

TEST(Origins, AHostIsMeantWithEverySchemeAndPortThatIsNotSaid) {
  const AllowedOrigins allowed = machine_says("example.org, https://b.org https://c.org:8443");
  EXPECT_TRUE(may(allowed, "http://example.org/a"));
  EXPECT_TRUE(may(allowed, "https://EXAMPLE.org.:81/a"));
  EXPECT_FALSE(may(allowed, "http://www.example.org/"));
  EXPECT_FALSE(may(allowed, "http://badexample.org/"));
  EXPECT_TRUE(may(allowed, "https://b.org/"));
  EXPECT_TRUE(may(allowed, "https://b.org:444/"));
  EXPECT_FALSE(may(allowed, "http://b.org/"));
  EXPECT_TRUE(may(allowed, "https://c.org:08443/"));
  EXPECT_FALSE(may(allowed, "https://c.org/"));
}

TEST(Origins, AStarStandsForEveryNameBelowADomainAndNotForTheDomain) {
  const AllowedOrigins allowed = machine_says("*.example.org");
  EXPECT_TRUE(may(allowed, "http://a.b.example.org/"));
  EXPECT_FALSE(may(allowed, "http://example.org/"));
  EXPECT_FALSE(may(allowed, "http://badexample.org/"));
  EXPECT_TRUE(may(machine_says("https://*"), "https://anything/"));
  EXPECT_FALSE(may(machine_says("https://*"), "http://anything/"));
  EXPECT_TRUE(may(machine_says("*:8080"), "http://anything:8080/"));
  EXPECT_FALSE(may(machine_says("*:8080"), "http://anything/"));
}

// Who is in front of the @ is no host, and what two programs could read differently is nobody.
TEST(Origins, AnAddressIsJudgedByTheHostThatItReallyNames) {
  const AllowedOrigins allowed = machine_says("good.org [::1]");
  EXPECT_FALSE(may(allowed, "http://good.org@bad.org/"));
  EXPECT_TRUE(may(allowed, "http://user:pw@good.org/"));
  EXPECT_FALSE(may(allowed, "http://good.org\\@bad.org/"));
  EXPECT_TRUE(may(allowed, "http://[::1]:80/"));
  EXPECT_FALSE(may(allowed, "http://[::2]/"));
  EXPECT_TRUE(may(allowed, "/srv/file")) << "it comes from no server";
  EXPECT_TRUE(may(allowed, "file:///srv/file"));
}

TEST(Origins, WhatTheMachineSaysAndWhatTheUserSaysHoldBoth) {
  AllowedOrigins allowed = machine_says("*.example.org");
  allowed.rules[1] = {*parse_origins("a.example.org b.net"), "/home/x.conf:2"};
  EXPECT_TRUE(may(allowed, "http://a.example.org/"));
  EXPECT_EQ(refusal(allowed, "http://b.net/")->where, "/etc/x.conf:7");
  EXPECT_EQ(refusal(allowed, "http://c.example.org/")->where, "/home/x.conf:2");
}

TEST(Origins, NoneAllowsNoServerAndTheRefusalNamesTheLine) {
  const AllowedOrigins allowed = machine_says("none");
  const auto refused = may_fetch_from(allowed, "http://user:secret@a.org/x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::BG_E_BLOCKED_BY_POLICY);
  EXPECT_EQ(refused.error().text,
            "a.org is not among the servers that jobs may fetch from (AllowedOrigins, /etc/x.conf:7)");
}

TEST(Origins, WhatIsNoPatternIsNamed) {
  for (const char* text : {"ftp://a.org", "a.org/path", "https://", "a b:0", "*a.org", "user@a.org", "http://a.org?x"}) {
    const auto patterns = parse_origins(text);
    ASSERT_FALSE(patterns) << text;
    EXPECT_NE(patterns.error().text.find('"'), std::string::npos) << patterns.error().text;
  }
  EXPECT_TRUE(parse_origins("https://a.org/"));
}

}  // namespace
}  // namespace backhaul::core
