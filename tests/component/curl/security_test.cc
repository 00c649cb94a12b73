// SPDX-License-Identifier: Apache-2.0
// Security flags against real servers: each passes its own complaint and no other (http-and-network.md §5),
// and redirects are followed as the flags have it (§4).
#include "core/request_options.h"
#include "tests/component/curl/fixture.h"
#include "tests/support/nginx.h"
#include "tests/support/process.h"

namespace backhaul::test {
namespace {

using base::Code;
namespace security = core::security;

constexpr std::uint32_t all_ignored = security::ignore_name | security::ignore_date |
                                      security::ignore_authority | security::ignore_usage;

class Security : public CurlTest {
 protected:
  void SetUp() override {
    if (!Nginx::available()) GTEST_SKIP() << "SKIPPED: nginx is not installed";
    open({.ca_file = ca.ca_file()});
  }
  static std::unique_ptr<Nginx> serve(const Certificate& certificate, std::string extra = {}) {
    auto nginx = std::make_unique<Nginx>(NginxOptions{.tls = certificate, .extra = std::move(extra)});
    nginx->put("/f", "hello");
    return nginx;
  }
  Code get_with(const std::string& url, std::uint32_t flags) {
    ports::TransferRequest request{.source = {.address = url}};
    request.options.security = flags;
    last = &finish(start(std::move(request)));
    return last->code();
  }
  // Refused without the flag and with every other one; passed with it.
  void expect_only(const std::string& url, std::uint32_t flag, Code complaint) {
    EXPECT_EQ(get_with(url, 0), complaint);
    EXPECT_EQ(get_with(url, all_ignored & ~flag), complaint);
    EXPECT_EQ(get_with(url, flag), Code::S_OK) << last->text();
    EXPECT_EQ(last->sink.data, "hello");
  }

  TestCa ca;
  const Download* last = nullptr;
};

TEST_F(Security, TheNameAlone) {
  const auto nginx = serve(ca.issue({.names = "DNS:other.example"}));
  expect_only(nginx->url("/f"), security::ignore_name, Code::WINHTTP_SECURE_CERT_CN_INVALID);
}

TEST_F(Security, TheDateAlone) {
  const auto nginx = serve(ca.issue({.expired = true}));
  expect_only(nginx->url("/f"), security::ignore_date, Code::WINHTTP_SECURE_CERT_DATE_INVALID);
}

TEST_F(Security, TheUsageAlone) {
  const auto nginx = serve(ca.issue({.usage = "clientAuth"}));
  expect_only(nginx->url("/f"), security::ignore_usage, Code::WINHTTP_SECURE_CERT_WRONG_USAGE);
}

TEST_F(Security, TheAuthorityAlone) {
  TestCa stranger;
  const auto nginx = serve(stranger.issue());
  expect_only(nginx->url("/f"), security::ignore_authority, Code::WINHTTP_SECURE_INVALID_CA);
}

TEST_F(Security, OneFaultThatMayPassHidesNoOther) {
  TestCa stranger;
  const auto nginx = serve(stranger.issue({.names = "DNS:other.example", .usage = "clientAuth", .expired = true}));
  const std::string url = nginx->url("/f");
  EXPECT_EQ(get_with(url, all_ignored & ~security::ignore_date), Code::WINHTTP_SECURE_CERT_DATE_INVALID);
  EXPECT_EQ(get_with(url, all_ignored & ~security::ignore_usage), Code::WINHTTP_SECURE_CERT_WRONG_USAGE);
  EXPECT_EQ(get_with(url, all_ignored & ~security::ignore_authority), Code::WINHTTP_SECURE_INVALID_CA);
  EXPECT_EQ(get_with(url, all_ignored & ~security::ignore_name), Code::WINHTTP_SECURE_CERT_CN_INVALID);
  EXPECT_EQ(get_with(url, all_ignored), Code::S_OK) << last->text();
}

// What one job lets pass, another must not meet on a connection that is there already.
TEST_F(Security, AConnectionIsUsedAgainAmongEqualFlagsAlone) {
  const auto nginx = serve(ca.issue({.expired = true}));
  EXPECT_EQ(get_with(nginx->url("/f"), security::ignore_date), Code::S_OK);
  EXPECT_EQ(get_with(nginx->url("/f"), 0), Code::WINHTTP_SECURE_CERT_DATE_INVALID);
  EXPECT_EQ(get_with(nginx->url("/f"), security::ignore_date), Code::S_OK);
  nginx->stop();
  const auto requests = nginx->requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].connection, requests[1].connection);
}

// --- revocation ----------------------------------------------------------------------------------

class Revocation : public Security {
 protected:
  void SetUp() override {
    Security::SetUp();
    if (Nginx::available()) shelf = std::make_unique<Nginx>();
  }
  std::string lists() const { return shelf->url("/list"); }

  std::unique_ptr<Nginx> shelf;  // where the list is
};

TEST_F(Revocation, AListThatIsFetchedTellsTheRevokedFromTheOthers) {
  const Certificate good = ca.issue({.lists = lists()});
  const Certificate bad = ca.issue({.lists = lists()});
  ca.revoke(bad);
  shelf->put("/list", ca.list());
  const auto honest = serve(good);
  const auto revoked = serve(bad);
  EXPECT_EQ(get_with(honest->url("/f"), security::check_revocation), Code::S_OK) << last->text();
  EXPECT_EQ(last->sink.data, "hello");
  EXPECT_EQ(get_with(revoked->url("/f"), security::check_revocation), Code::WINHTTP_SECURE_CERT_REVOKED);
  EXPECT_EQ(get_with(revoked->url("/f"), security::check_revocation | all_ignored),
            Code::WINHTTP_SECURE_CERT_REVOKED);
  EXPECT_EQ(get_with(revoked->url("/f"), 0), Code::S_OK) << "nobody asked for the check";
  shelf->stop();
  EXPECT_EQ(shelf->requests().size(), 1U) << "it is kept";
}

TEST_F(Revocation, WhatCannotBeCheckedFails) {
  const auto check = [this](const Certificate& certificate) {
    const auto nginx = serve(certificate);
    return get_with(nginx->url("/f"), security::check_revocation);
  };
  EXPECT_EQ(check(ca.issue()), Code::WINHTTP_SECURE_CERT_REV_FAILED) << "it names no list";
  EXPECT_EQ(check(ca.issue({.lists = lists()})), Code::WINHTTP_SECURE_CERT_REV_FAILED) << "there is none";
  shelf->put("/list", "no list");
  EXPECT_EQ(check(ca.issue({.lists = lists()})), Code::WINHTTP_SECURE_CERT_REV_FAILED);
  shelf->put("/list", ca.list(true));
  EXPECT_EQ(check(ca.issue({.lists = lists()})), Code::WINHTTP_SECURE_CERT_REV_FAILED) << "it ran out";
  TestCa stranger;
  shelf->put("/list", stranger.list());
  EXPECT_EQ(check(ca.issue({.lists = lists()})), Code::WINHTTP_SECURE_CERT_REV_FAILED)
      << "it is not of its authority; " << last->text();
}

// --- redirects -----------------------------------------------------------------------------------

TEST_F(Security, RedirectsAreFollowedReportedOrForbidden) {
  server.on("/moved", {.status = 302, .location = "/f"});
  server.on("/f", {.size = 100, .seed = 1});
  EXPECT_EQ(get_with(server.url("/moved"), 0), Code::S_OK);
  EXPECT_EQ(last->heads.at(0).remote, "") << "silently";
  EXPECT_EQ(get_with(server.url("/moved"), security::redirect_report), Code::S_OK);
  EXPECT_EQ(last->heads.at(0).remote, server.url("/f"));
  EXPECT_EQ(get_with(server.url("/moved"), security::redirect_disallow), base::http_code(302));
  EXPECT_EQ(last->end->remote, server.url("/f"));
}

TEST_F(Security, FromHttpsToHttpOnlyWhereItIsAllowed) {
  server.on("/f", {.size = 100, .seed = 1});
  const auto nginx = serve(ca.issue(), "location /moved { return 302 " + server.url("/f") + "; }");
  EXPECT_EQ(get_with(nginx->url("/moved"), 0), Code::WINHTTP_REDIRECT_FAILED);
  EXPECT_EQ(get_with(nginx->url("/moved"), security::redirect_downgrade), Code::S_OK) << last->text();
  EXPECT_EQ(get_with(nginx->url("/moved"), security::redirect_downgrade | security::redirect_report), Code::S_OK);
  EXPECT_EQ(last->heads.at(0).remote, server.url("/f"));
}

// --- the method, and what the server told ---------------------------------------------------------

TEST_F(Security, AnotherMethodIsSentAndBeginsAtTheBegin) {
  const auto nginx = serve(ca.issue(), "location /post { if ($request_method != POST) { return 405; } return 200 'made'; }");
  for (const char* method : {"POST", "HEAD"}) {
    ports::TransferRequest request{.source = {.address = nginx->url(*method == 'P' ? "/post" : "/f")}};
    request.options.method = base::Method(method);
    request.record.held = core::Extents::until(2);
    request.record.identity = identity_of(4);
    const Download& f = finish(start(std::move(request), "ma"));
    EXPECT_EQ(f.code(), Code::S_OK) << method << f.text();
    EXPECT_EQ(f.sink.data, *method == 'P' ? "made" : "");
    EXPECT_EQ(f.sink.epochs.size(), 1U) << "what was held is void";
  }
  nginx->stop();
  const auto requests = nginx->requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].method, "POST");
  EXPECT_EQ(requests[0].range.find("bytes"), std::string::npos);
  EXPECT_EQ(requests[1].method, "HEAD");
}

TEST_F(Security, TheHeadOfTheLastAnswerIsToldWithoutCookies) {
  server.on("/f", {.size = 100, .seed = 1, .etag = "\"v1\"", .set_cookie = "secret=1"});
  server.on("/none", {.status = 404});
  const Download& f = get(server.url("/f"));
  const std::string& headers = f.heads.at(0).headers;
  EXPECT_TRUE(headers.starts_with("HTTP/1.1 200 ")) << headers;
  EXPECT_NE(headers.find("ETag: \"v1\"\r\n"), std::string::npos) << headers;
  EXPECT_EQ(headers.find("secret"), std::string::npos) << headers;
  EXPECT_TRUE(get(server.url("/none")).end->headers.starts_with("HTTP/1.1 404 "));
}

}  // namespace
}  // namespace backhaul::test
