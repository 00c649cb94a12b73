// SPDX-License-Identifier: Apache-2.0
#include "core/proxy.h"

#include <gtest/gtest.h>

#include "core/shown_url.h"

namespace backhaul::core {
namespace {

using base::Code;
using Way = ProxyRoute::Way;

ProxySettings listed(const std::string& list, const std::string& bypass = {}) {
  return {.usage = ProxyUsage::listed, .list = list, .bypass = bypass};
}

// "direct", "desktop", "detected", "unusable", or the proxies with blanks between them.
std::string way(const std::string& url, const ProxySettings& settings, const ProxyEnvironment& environment = {}) {
  const auto route = route_to(url, settings, environment);
  if (!route) return base::symbol(route.error().code);
  switch (route->way) {
    case Way::direct: return "direct";
    case Way::desktop: return "desktop";
    case Way::detected: return "detected";
    case Way::proxies: break;
  }
  std::string text;
  for (const std::string& proxy : route->proxies) text += (text.empty() ? "" : " ") + proxy;
  return text;
}

// --- what may be set (jobs.md §19) ----------------------------------------------------------------

TEST(JudgeProxy, ListsGoWithTheirUsageAlone) {
  for (const std::uint32_t usage : {0U, 1U, 3U}) {
    EXPECT_TRUE(judge_proxy(usage, "", ""));
    EXPECT_EQ(judge_proxy(usage, "host", "").error().code, Code::E_INVALIDARG);
    EXPECT_EQ(judge_proxy(usage, "", "host").error().code, Code::E_INVALIDARG);
  }
  EXPECT_TRUE(judge_proxy(2, "host", ""));
  EXPECT_EQ(judge_proxy(2, "", "host").error().code, Code::E_INVALIDARG);
  EXPECT_EQ(judge_proxy(4, "", "").error().code, Code::E_NOTIMPL);
}

TEST(JudgeProxy, ListsHaveTheirLimit) {
  const std::string longest(32'000, 'a');
  EXPECT_TRUE(judge_proxy(2, longest, longest));
  EXPECT_EQ(judge_proxy(2, longest + "a", "").error().code, Code::BG_E_PROXY_LIST_TOO_LARGE);
  EXPECT_EQ(judge_proxy(2, "a", longest + "a").error().code, Code::BG_E_PROXY_BYPASS_LIST_TOO_LARGE);
  EXPECT_EQ(judge_proxy(2, "\xff", "").error().code, Code::E_INVALIDARG);
}

// --- by which way ---------------------------------------------------------------------------------

TEST(Route, NoneIsDirectAndDetectionIsSomebodyElses) {
  EXPECT_EQ(way("http://a/", {.usage = ProxyUsage::none}), "direct");
  EXPECT_EQ(way("http://a/", {.usage = ProxyUsage::detected}), "detected");
  EXPECT_EQ(way("http://a/", {}), "desktop");
}

TEST(Route, AListNamesProxiesForAProtocolAndForTheRest) {
  EXPECT_EQ(way("http://a/", listed("p1 p2:8080")), "http://p1:80 http://p2:8080");
  EXPECT_EQ(way("https://a/", listed("http=p1;https=https://p2;p3:1")), "https://p2:443");
  EXPECT_EQ(way("http://a/", listed("https=p1 p2:1")), "http://p2:1");
  EXPECT_EQ(way("http://a/", listed("https=p1")), "direct");
  EXPECT_EQ(way("http://a/", listed("HTTP=p1:1 ftp=p2")), "http://p1:1");
  EXPECT_EQ(way("http://a/", listed("socks5h://p1 [::1] [::1]:99")), "socks5h://p1:1080 http://[::1]:80 http://[::1]:99");
  EXPECT_EQ(way("http://a/", listed("u:p@p1:1")), "http://u:p@p1:1");
}

TEST(Route, WhatIsNoProxyIsFoundWhenItIsUsed) {
  for (const char* list : {"ldap://p", "p:0", "p:x", "p/path", "gopher=p", "http=", "@"})
    EXPECT_EQ(way("http://a/", listed(list)), "BG_E_INVALID_PROXY_INFO") << list;
  EXPECT_EQ(way("http://a/", listed("p", "a*.b")), "BG_E_INVALID_PROXY_INFO");
  EXPECT_EQ(way("http://a/", listed("p", "*.b <remote>")), "BG_E_INVALID_PROXY_INFO");
}

// What a script comes from would have to be among the servers that jobs may fetch from. That of a network is (the
// transport asks); no job, environment or line of the settings can name another.
TEST(Route, NobodyNamesAScript) {
  for (const char* script : {"pac+http://a/proxy.pac", "pac+https://a/proxy.pac", "pac+file:///proxy.pac", "wpad://",
                             "http://a/proxy.pac"}) {
    EXPECT_EQ(way("http://b/", listed(script)), "BG_E_INVALID_PROXY_INFO") << script;
    EXPECT_EQ(way("http://b/", {}, {.http = script, .https = {}, .all = {}, .bypass = {}}), "BG_E_INVALID_PROXY_INFO")
        << script;
    EXPECT_FALSE(route_to("http://b/", {}, {}, listed(script))) << script;
  }
}

TEST(Route, AProxyWhoseUserCannotBeSentIsNone) {
  for (const char* list : {"us%3Aer:pw@p:1", "http://u:p%0a@p", "https=socks5://a%3ab@p"})
    EXPECT_EQ(way("https://a/", listed(list)), "BG_E_INVALID_PROXY_INFO") << list;
  EXPECT_EQ(way("http://a/", listed("us%20er:p%3Aw@p:1")), "http://us%20er:p%3Aw@p:1");
  const auto bad = route_to("http://a/", listed("us%3Aer:secret@p"), {});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().text.find("secret"), std::string::npos) << bad.error().text;
}

TEST(Route, ServersAreBypassed) {
  const auto passed = [](const std::string& url, const std::string& bypass) {
    return way(url, listed("p", bypass)) == "direct";
  };
  EXPECT_TRUE(passed("http://a.example.org/", "*.example.org"));
  EXPECT_TRUE(passed("http://A.Example.org/", "*.example.ORG"));
  EXPECT_FALSE(passed("http://example.org/", "*.example.org"));
  EXPECT_TRUE(passed("http://example.org/", "x example.org y"));
  EXPECT_FALSE(passed("http://a.example.org/", "example.org"));
  EXPECT_TRUE(passed("http://intranet/", "<local>"));
  EXPECT_FALSE(passed("http://127.0.0.1/", "<local>"));
  EXPECT_FALSE(passed("http://[::1]/", "<local>"));
  EXPECT_TRUE(passed("http://[::1]/", "[::1]"));
  EXPECT_TRUE(passed("http://a/", "*"));
  EXPECT_TRUE(passed("https://a/", "a:443"));
  EXPECT_FALSE(passed("https://a/", "a:80"));
}

TEST(Route, TheEnvironmentNamesOneForEachProtocol) {
  const ProxyEnvironment environment{.http = "p1:3128", .https = "http://p2", .all = {}, .bypass = "x"};
  EXPECT_EQ(way("http://a/", {}, environment), "http://p1:3128");
  EXPECT_EQ(way("https://a/", {}, environment), "http://p2:80");
  EXPECT_EQ(route_to("http://a/", {}, environment)->bypass, "x");
  EXPECT_EQ(way("https://a/", {}, {.http = "p1", .https = {}, .all = {}, .bypass = {}}), "direct");
  EXPECT_EQ(way("https://a/", {}, {.http = "p1", .https = {}, .all = "p3", .bypass = {}}), "http://p3:80");
  EXPECT_EQ(way("http://a/", {}, {.http = {}, .https = {}, .all = {}, .bypass = "x"}), "desktop");
  EXPECT_EQ(way("http://a/", {}, {.http = "::", .https = {}, .all = {}, .bypass = {}}), "BG_E_INVALID_PROXY_INFO");
  EXPECT_EQ(way("http://a/", {.usage = ProxyUsage::none}, environment), "direct");
}

TEST(Route, NoPasswordIsShown) {
  EXPECT_EQ(shown_proxies("u:secret@p1:1;http=http://u:secret@p2 p3"), "p1:1;http=http://p2 p3");
  for (const char* proxy : {"ldap://u:secret@p", "ht!tp://u:secret@p", "http://u:pass@p/secret?secret", "http://u:x/secret@p/y"}) {
    const auto bad = route_to("http://a/", listed(proxy), {});
    ASSERT_FALSE(bad) << proxy;
    EXPECT_EQ(bad.error().text.find("secret"), std::string::npos) << bad.error().text;
    EXPECT_NE(bad.error().text.find("p\" is no address"), std::string::npos) << bad.error().text;
  }
}

}  // namespace
}  // namespace backhaul::core
