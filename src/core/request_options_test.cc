// SPDX-License-Identifier: Apache-2.0
// What the options of a job make of a conversation (http-and-network.md §4, jobs.md §17).
#include "core/request_options.h"

#include "core/secrets.h"

#include <gtest/gtest.h>

#include "core/conversation_for_test.h"
#include "core/job_change.h"
#include "core/random_access.h"

namespace backhaul::core {
namespace {

using namespace testing;
using base::Code;

TEST(SecurityFlags, UnknownBitsAreRefused) {
  for (const std::uint32_t good : {0U, 0x1FU, 0x100U, 0x200U, 0x800U, 0x91FU})
    EXPECT_TRUE(judge_security_flags(good)) << good;
  for (const std::uint32_t bad : {0x20U, 0x300U, 0x400U, 0x1000U, 0x80000000U})
    EXPECT_EQ(judge_security_flags(bad).error().code, Code::E_NOTIMPL) << bad;
}

TEST(SpeaksForAll, WhatEverybodyWouldBeAnswered) {
  Job job;
  EXPECT_TRUE(speaks_for_all(job));
  job.rare.edit().proxy.edit().usage = ProxyUsage::none;
  EXPECT_TRUE(speaks_for_all(job));
  job.rare.edit().security_flags =
      security::check_revocation | security::redirect_report | security::redirect_downgrade;
  EXPECT_TRUE(speaks_for_all(job)) << "nothing is let pass";
}

TEST(SpeaksForAll, NotByAProxyOfItsOwner) {
  for (const ProxyUsage usage : {ProxyUsage::listed, ProxyUsage::detected}) {
    Job job;
    job.rare.edit().proxy.edit().usage = usage;
    EXPECT_FALSE(speaks_for_all(job));
  }
  Job job;
  ProxyEnvironment environment;
  environment.https = "http://mine:1";
  job.rare.set(&RareOfJob::proxy_environment, environment);
  EXPECT_FALSE(speaks_for_all(job));
}

TEST(SpeaksForAll, NotWhereCertificatesAreLetPassNorWhatIsAskedInItsOwnWay) {
  for (const std::uint32_t lax : {security::ignore_name, security::ignore_date, security::ignore_authority,
                                  security::ignore_usage}) {
    Job job;
    job.rare.edit().security_flags = lax;
    EXPECT_FALSE(speaks_for_all(job)) << lax;
  }
  Job post;
  post.rare.edit().http_method = base::Method("POST");
  EXPECT_FALSE(speaks_for_all(post));
  for (const SecretSlot slot : {SecretSlot::headers, SecretSlot::first_credentials, SecretSlot::certificate,
                                SecretSlot::addresses}) {
    Job job;
    SecretsSet set;
    set.put({.slot = slot, .implicit = false, .set_by = {}});
    job.rare.set(&RareOfJob::secrets, set);
    EXPECT_FALSE(speaks_for_all(job)) << static_cast<int>(slot);
  }
}

TEST(Method, IsATokenOfHttp) {
  for (const char* good : {"GET", "POST", "HEAD", "M-SEARCH", "get"}) EXPECT_TRUE(judge_method(good)) << good;
  for (const std::string& bad : {std::string(), std::string("A B"), std::string("G\r\n"), std::string(65, 'A'),
                                 std::string("CONNECT")})
    EXPECT_EQ(judge_method(bad).error().code, Code::E_INVALIDARG) << bad;
}

TEST(Method, AnotherOneHoldsTheJobInTheForeground) {
  JobChange post;
  post.http_method = "POST";
  const Job job = *change_settings({}, post);
  EXPECT_EQ(job.priority, base::Priority::foreground);
  JobChange low;
  low.priority = 3;
  EXPECT_EQ(change_settings(job, low).error().code, Code::BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD);
  post.priority = 2;
  EXPECT_EQ(change_settings({}, post).error().code, Code::BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD);
  JobChange get;
  get.http_method = "GET";
  EXPECT_EQ(change_settings({}, get)->priority, base::Priority::normal) << "no effect at all";
  Job started;
  started.started = true;
  EXPECT_EQ(change_settings(started, get).error().code, Code::BG_E_READ_ONLY_PROPERTY_AFTER_RESUME);
}

TEST(Method, AnotherOneGoesWithNeitherDynamicContentNorRandomAccess) {
  JobChange post;
  post.http_method = "POST";
  JobChange dynamic;
  dynamic.dynamic_content = true;
  JobChange demand;
  demand.on_demand_mode = true;
  for (const JobChange& other : {dynamic, demand}) {
    EXPECT_EQ(change_settings(*change_settings({}, post), other).error().code,
              Code::BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD);
    EXPECT_EQ(change_settings(*change_settings({}, other), post).error().code,
              Code::BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD);
  }
  File file;
  file.remote = base::Text("http://h/f");
  EXPECT_TRUE(may_access_at_random({}, file));
  EXPECT_EQ(may_access_at_random(*change_settings({}, post), file).error().code,
            Code::BG_E_RANDOM_ACCESS_NOT_SUPPORTED);
}

// --- redirects -------------------------------------------------------------------------------------

std::vector<std::string> moved(unsigned status = 302, const std::string& to = "http://other/f") {
  return {"HTTP/1.1 " + std::to_string(status) + " x", "Location: " + to};
}

TEST(RedirectPolicy, SilentlyFollowedTheNameStays) {
  Talk talk;
  ASSERT_TRUE(talk.dropped(moved()));
  EXPECT_USE(talk.answer({ok, all}), append);
  EXPECT_EQ(talk.remote(), "");
}

TEST(RedirectPolicy, ReportedTheNameIsWhereItEnded) {
  Talk talk({}, {.security = security::redirect_report});
  ASSERT_TRUE(talk.dropped(moved()));
  ASSERT_TRUE(talk.dropped(moved(301, "http://third/f")));
  EXPECT_EQ(talk.remote(), "") << "nothing came from there yet";
  EXPECT_USE(talk.answer({ok, all}), append);
  EXPECT_EQ(talk.remote(), "http://third/f");
  Talk straight({}, {.security = security::redirect_report});
  EXPECT_USE(straight.answer({ok, all}), append);
  EXPECT_EQ(straight.remote(), "");
}

TEST(RedirectPolicy, ForbiddenItIsItsStatusAndTheNameIsTheTarget) {
  for (const unsigned status : {300U, 301U, 302U, 303U, 307U, 308U}) {
    Talk talk({}, {.security = security::redirect_disallow});
    EXPECT_FALSE(talk.dropped(moved(status)));
    EXPECT_EQ(talk.code(), base::http_code(status));
    EXPECT_EQ(classify(talk.code()), ErrorClass::fatal) << status;
    EXPECT_EQ(talk.remote(), "http://other/f");
  }
}

TEST(RedirectPolicy, FromHttpsToHttpOnlyWithItsBit) {
  for (const std::uint32_t flags : {0U, security::redirect_report, security::redirect_downgrade,
                                    security::redirect_downgrade | security::redirect_report}) {
    Talk talk({}, {.security = flags});
    ASSERT_TRUE(talk.dropped(moved(302, "https://other/f")));
    const bool allowed = (flags & security::redirect_downgrade) != 0;
    EXPECT_EQ(talk.dropped(moved()), allowed);
    EXPECT_EQ(talk.code(), allowed ? Code::S_OK : Code::WINHTTP_REDIRECT_FAILED);
  }
}

TEST(RedirectPolicy, ToAServerThatIsOffLimitsIsAnErrorThatNamesTheLine) {
  RequestRules rules;
  rules.origins.rules[0] = {*parse_origins("host h *.good"), "/etc/x.conf:7"};
  const auto shared = std::make_shared<const RequestRules>(rules);
  Talk talk({}, {.rules = shared});
  ASSERT_TRUE(talk.dropped(moved(302, "http://a.good/f")));
  EXPECT_FALSE(talk.dropped(moved(302, "http://bad/f")));
  EXPECT_EQ(talk.code(), Code::WINHTTP_REDIRECT_FAILED);
  EXPECT_EQ(classify(talk.code()), ErrorClass::fatal);
}

TEST(RequestRules, ImplicitCredentialsAreThoseThatTheRuleLeaves) {
  SecretsSet set;
  set.put({.slot = slot_of(AuthTarget::server, AuthScheme::ntlm), .implicit = true, .set_by = {}});
  set.put({.slot = slot_of(AuthTarget::server, AuthScheme::basic), .implicit = false, .set_by = {}});
  SecretsSet as_set = set;
  apply(ImplicitLogin::if_set, as_set);
  EXPECT_EQ(as_set, set);
  SecretsSet never = set;
  apply(ImplicitLogin::never, never);
  EXPECT_EQ(never.all().size(), 1U);
  EXPECT_FALSE(never.all()[0].implicit);
  SecretsSet always = set;
  apply(ImplicitLogin::always, always);
  EXPECT_TRUE(always.find(slot_of(AuthTarget::proxy, AuthScheme::negotiate))->implicit);
  EXPECT_EQ(always.all().size(), 4U);
}

TEST(RequestRules, TheProxyThatIsLaidDownIsForWhoNamesNone) {
  const ProxySettings otherwise{.usage = ProxyUsage::listed, .list = "proxy:81", .bypass = "*.local"};
  EXPECT_EQ(route_to("http://a/", {}, {}, otherwise)->proxies, (std::vector<std::string>{"http://proxy:81"}));
  EXPECT_EQ(route_to("http://a.local/", {}, {}, otherwise)->way, ProxyRoute::Way::direct);
  EXPECT_EQ(route_to("http://a/", {}, {.http = "http://own:1"}, otherwise)->proxies,
            (std::vector<std::string>{"http://own:1"}));
  EXPECT_EQ(route_to("http://a/", {.usage = ProxyUsage::none}, {}, otherwise)->way, ProxyRoute::Way::direct);
  EXPECT_EQ(route_to("http://a/", {}, {})->way, ProxyRoute::Way::desktop);
}

// --- the method --------------------------------------------------------------------------------------

TEST(Method, NothingIsContinued) {
  Talk talk(held(), {.security = 0, .method = base::Method("POST")});
  EXPECT_EQ(talk.asked(), "whole");
  EXPECT_EQ(talk.ask().method.view(), "POST");
  EXPECT_USE(talk.answer({ok, "Content-Length: 5"}), anew);
  EXPECT_FALSE(talk.end(5));
  EXPECT_TRUE(talk.done());
}

TEST(Method, ARedirectKeepsItOrMakesItGet) {
  const auto behind = [](const char* method, unsigned status) {
    Talk talk({}, {.security = 0, .method = base::Method(method)});
    EXPECT_TRUE(talk.dropped(moved(status)));
    return std::string(talk.ask().method);
  };
  EXPECT_EQ(behind("POST", 301), "GET");
  EXPECT_EQ(behind("POST", 302), "GET");
  EXPECT_EQ(behind("POST", 303), "GET");
  EXPECT_EQ(behind("POST", 307), "POST");
  EXPECT_EQ(behind("POST", 308), "POST");
  EXPECT_EQ(behind("PUT", 302), "PUT");
  EXPECT_EQ(behind("HEAD", 303), "HEAD");
}

TEST(Method, TheAnswerToHeadHasNoBodyWhateverItSays) {
  Talk talk({}, {.security = 0, .method = base::Method("HEAD")});
  EXPECT_USE(talk.answer({ok, all}), append);
  EXPECT_FALSE(talk.end(0));
  EXPECT_TRUE(talk.done());
}

// --- what the server told ------------------------------------------------------------------------------

TEST(HeadLines, AreKeptAsTheyCameWithoutSecrets) {
  const ResponseHead answer = head({"HTTP/1.1 301 Moved\r\n", "X-Old: 1\r\n", "\r\n", "HTTP/1.1 200 OK\r\n",
                                    "X-Name:  Value \r\n", "Set-Cookie: id=secret\r\n", "set-cookie2: secret",
                                    "Authentication-Info: secret", "X-Odd: a\xff" "b"});
  EXPECT_EQ(answer.lines, "HTTP/1.1 200 OK\r\nX-Name:  Value \r\nX-Odd: a?b\r\n");
}

TEST(HeadLines, HaveTheirLimit) {
  std::vector<std::string> lines = {"HTTP/1.1 200 OK"};
  for (int i = 0; i < 100; ++i) lines.push_back("X: " + std::string(1000, 'a'));
  EXPECT_LE(head(lines).lines.size(), head_lines_max);
  EXPECT_GT(head(lines).lines.size(), head_lines_max - 1100);
}

}  // namespace
}  // namespace backhaul::core
