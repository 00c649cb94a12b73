// SPDX-License-Identifier: Apache-2.0
// What servers get to know of who asks, byte for byte (http-and-network.md §4, §6; jobs.md §16, §17).
#include "adapters/curl/identity.h"
#include "tests/component/curl/secrets.h"

namespace backhaul::test {
namespace {

using base::Code;
using core::AuthScheme;

const std::string user_and_password = "Basic dXNlcjpodW50ZXIy";  // user:hunter2

Behaviour challenge(const std::string& schemes, const std::string& body = "no") {
  return {.raw = "HTTP/1.1 401 Unauthorized\r\n" + schemes + "Content-Length: " + std::to_string(body.size()) +
                 "\r\nConnection: close\r\n\r\n" + body};
}
const std::string basic = "WWW-Authenticate: Basic realm=\"r\"\r\n";

class IdentityTest : public CurlTest {
 protected:
  const Download& get_with(const std::string& url, const Entrusted& entrusted) {
    return finish(start(request_with(sealer, url, entrusted)));
  }
  std::vector<std::string> shown(const std::string& path, const std::string& field = "authorization") {
    std::vector<std::string> values;
    for (const SeenRequest& request : server.requests(path)) values.push_back(request.field(field));
    return values;
  }
  static Entrusted by_basic() { return {.credentials = {login(AuthScheme::basic, "user", "hunter2")}}; }
  using Values = std::vector<std::string>;
};

TEST_F(IdentityTest, CredentialsAnswerAChallengeAndComeNeverBefore) {
  server.in_turn("/f", {challenge(basic), {.size = 5000, .seed = 1}});
  const Download& f = get_with(server.url("/f"), by_basic());
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, content(1, 5000));
  EXPECT_EQ(shown("/f"), (Values{"", user_and_password}));
  server.on("/open", {.size = 10});
  EXPECT_EQ(get_with(server.url("/open"), by_basic()).code(), Code::S_OK);
  EXPECT_EQ(shown("/open"), Values{""});
}

TEST_F(IdentityTest, RefusedOnesAreTheErrorOfTheServer) {
  server.on("/f", challenge(basic, std::string(300'000, 'x')));
  const Download& f = get_with(server.url("/f"), by_basic());
  EXPECT_EQ(f.code(), base::http_code(401));
  EXPECT_EQ(shown("/f"), (Values{"", user_and_password}));
  EXPECT_EQ(f.text().find("hunter2"), std::string::npos) << f.text();
}

TEST_F(IdentityTest, APasswordLeavesByNoOtherScheme) {
  for (const AuthScheme scheme : {AuthScheme::digest, AuthScheme::ntlm, AuthScheme::negotiate,
                                  AuthScheme::passport}) {
    server.in_turn("/f", {challenge(basic)});
    const Download& f = get_with(server.url("/f"), {.credentials = {login(scheme, "user", "hunter2")}});
    EXPECT_EQ(f.code(), base::http_code(401));
    EXPECT_EQ(shown("/f"), Values{""}) << to_word(scheme);
    server.forget_requests();
  }
}

// As with a libcurl that cannot speak it: the bit is refused, and nothing is sent in its place.
TEST_F(IdentityTest, OnlyOneSchemeIsEverHandedToLibcurl) {
  CURL* const handle = curl_easy_init();
  for (const AuthScheme scheme : {AuthScheme::basic, AuthScheme::digest, AuthScheme::ntlm, AuthScheme::negotiate}) {
    const unsigned long bit = curl::curl_scheme(scheme);
    EXPECT_EQ(bit & (bit - 1), 0U) << "exactly one";
    const bool taken = curl_easy_setopt(handle, CURLOPT_HTTPAUTH, bit) == CURLE_OK;
    EXPECT_TRUE(taken || !curl::able_schemes().has(scheme)) << to_word(scheme);
  }
  curl_easy_cleanup(handle);
}

TEST_F(IdentityTest, NtlmShowsAMessageAndNoPassword) {
  if (!curl::able_schemes().has(AuthScheme::ntlm)) GTEST_SKIP() << "SKIPPED: this libcurl has no NTLM";
  server.on("/f", challenge("WWW-Authenticate: NTLM\r\n" + basic));
  const Download& f = get_with(server.url("/f"), {.credentials = {login(AuthScheme::ntlm, "user", "hunter2")}});
  EXPECT_EQ(f.code(), base::http_code(401));
  for (const std::string& value : shown("/f")) EXPECT_FALSE(value.starts_with("Basic")) << value;
}

std::string digest(const std::string& more = {}, const std::string& nonce = "one") {
  return "WWW-Authenticate: Digest realm=\"r\", nonce=\"" + nonce + "\", qop=\"auth\"" + more + "\r\n";
}

class DigestTest : public IdentityTest {
 protected:
  static Entrusted by_digest() { return {.credentials = {login(AuthScheme::digest, "user", "hunter2")}}; }
  // What was shown, all of it by Digest.
  Values answers(const std::string& path = "/f") {
    Values all;
    for (const std::string& value : shown(path)) {
      if (value.empty()) continue;
      EXPECT_TRUE(value.starts_with("Digest ")) << value;
      EXPECT_EQ(value.find("hunter2"), std::string::npos) << value;
      all.push_back(value);
    }
    return all;
  }
  static bool has(const std::string& value, const std::string& part) { return value.find(part) != std::string::npos; }
};

TEST_F(DigestTest, AnswersTheFirstOfSeveralChallenges) {
  server.in_turn("/f", {challenge(digest(", algorithm=SHA-256") + digest(", algorithm=MD5", "two") + basic), {.size = 10, .seed = 1}});
  const Download& f = get_with(server.url("/f"), by_digest());
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, content(1, 10));
  ASSERT_EQ(answers().size(), 1U);
  EXPECT_TRUE(has(answers()[0], "nonce=\"one\"") && has(answers()[0], "algorithm=SHA-256")) << answers()[0];
}

// The first time it may take the nonce that it has.
TEST_F(DigestTest, ANonceThatIsStaleIsReplaced) {
  const Behaviour stale = challenge(digest(", stale=true", "two"));
  server.in_turn("/f", {challenge(digest()), stale, stale, {.size = 10, .seed = 1}});
  const Download& f = get_with(server.url("/f"), by_digest());
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  ASSERT_GE(answers().size(), 2U);
  EXPECT_TRUE(has(answers().front(), "nonce=\"one\"")) << answers().front();
  EXPECT_TRUE(has(answers().back(), "nonce=\"two\"")) << answers().back();
}

TEST_F(DigestTest, AServerThatSaysStaleForEverIsNotAskedForEver) {
  server.on("/f", challenge(digest(", stale=true")));
  const Download& f = get_with(server.url("/f"), by_digest());
  EXPECT_EQ(f.code(), base::http_code(401));
  EXPECT_EQ(f.text(), "HTTP 401 from 127.0.0.1: the server refused the credentials (Digest)");
  EXPECT_LE(answers().size(), 11U);
}

TEST_F(DigestTest, AServerThatThenWantsBasicGetsNothing) {
  server.in_turn("/f", {challenge(digest() + basic), challenge(basic)});
  const Download& f = get_with(server.url("/f"), by_digest());
  EXPECT_EQ(f.code(), base::http_code(401));
  EXPECT_FALSE(answers().empty());
}

// libcurl would answer it by MD5.
TEST_F(DigestTest, AnAlgorithmThatIsNotSpokenIsNotAnswered) {
  const std::string several = digest(", algorithm=SHA-512-256") + digest(", algorithm=MD5", "two") + basic;
  for (const std::string& offered : {digest(", algorithm=SHA3"), several}) {
    server.on("/f", challenge(offered));
    const Download& f = get_with(server.url("/f"), by_digest());
    EXPECT_EQ(f.code(), base::http_code(401));
    EXPECT_EQ(f.text(), "HTTP 401 from 127.0.0.1: the server wants Digest with an algorithm that is not spoken here");
    EXPECT_EQ(shown("/f"), Values{""}) << offered;
    server.forget_requests();
  }
}

TEST_F(DigestTest, AUserIsHashedForAServerThatWantsThat) {
  server.in_turn("/f", {challenge(digest(", algorithm=SHA-256, userhash=true")), {.size = 10}});
  EXPECT_EQ(get_with(server.url("/f"), by_digest()).code(), Code::S_OK);
  ASSERT_EQ(answers().size(), 1U);
  EXPECT_TRUE(has(answers()[0], "userhash=true") && !has(answers()[0], "\"user\"")) << answers()[0];
}

TEST_F(DigestTest, ARedirectToAnotherServerTakesNothingAlong) {
  BadServer other;
  other.on("/g", challenge(digest() + basic));
  server.in_turn("/f", {challenge(digest()), {.status = 302, .location = other.url("/g")}});
  EXPECT_EQ(get_with(server.url("/f"), by_digest()).code(), base::http_code(401));
  ASSERT_EQ(answers().size(), 1U);
  ASSERT_EQ(other.requests("/g").size(), 1U);
  EXPECT_EQ(other.requests("/g")[0].field("authorization"), "");
}

TEST_F(IdentityTest, ARedirectToAnotherServerTakesNothingAlong) {
  BadServer other;
  other.on("/g", challenge(basic));
  server.in_turn("/f", {challenge(basic), {.status = 302, .location = other.url("/g")}});
  const Download& f = get_with(server.url("/f"), by_basic());
  EXPECT_EQ(f.code(), base::http_code(401));
  ASSERT_EQ(other.requests("/g").size(), 1U);
  EXPECT_EQ(other.requests("/g")[0].field("authorization"), "");
  EXPECT_EQ(shown("/f"), (Values{"", user_and_password}));
}

TEST_F(IdentityTest, ARedirectWithinTheServerDoes) {
  server.in_turn("/f", {challenge(basic), {.status = 302, .location = "/g"}});
  server.on("/g", {.size = 10});
  EXPECT_EQ(get_with(server.url("/f"), by_basic()).code(), Code::S_OK);
  EXPECT_EQ(shown("/g"), Values{user_and_password});
}

TEST_F(IdentityTest, WhatIsSetComesBeforeWhatStandsInTheAddress) {
  server.in_turn("/f", {challenge(basic), {.size = 10}});
  const std::string url = server.url("/f", "older:word@127.0.0.1");
  EXPECT_EQ(get_with(url, by_basic()).code(), Code::S_OK);
  EXPECT_EQ(shown("/f"), (Values{"Basic b2xkZXI6d29yZA==", user_and_password}));
}

TEST_F(IdentityTest, CustomHeadersGoWithEveryRequest) {
  server.in_turn("/f", {challenge(basic), {.size = 100'000, .seed = 1, .range_max = 60'000}});
  Entrusted all = by_basic();
  all.headers = "X-One: 1\r\nAccept: text/plain\nX-Empty:\nUser-Agent: mine\nAccept-Encoding: br\n";
  ports::TransferRequest request = request_with(sealer, server.url("/f"), all);
  EXPECT_EQ(finish(start(std::move(request))).code(), Code::S_OK);
  const auto requests = server.requests("/f");
  ASSERT_GE(requests.size(), 2U);
  for (const SeenRequest& one : requests) {
    EXPECT_EQ(one.field("x-one"), "1");
    EXPECT_EQ(one.field("accept"), "text/plain");
    EXPECT_EQ(one.field("user-agent"), "mine");
    EXPECT_EQ(one.field("accept-encoding"), "br");
    EXPECT_TRUE(one.fields.contains("x-empty"));
  }
}

TEST_F(IdentityTest, HeadersThatMayTellWhoAsksStayWithTheirServer) {
  BadServer other;
  other.on("/g", {.size = 10});
  server.on("/f", {.status = 302, .location = other.url("/g")});
  Entrusted headers{.headers = "Authorization: Bearer token\r\nX-Api-Key: key\r\nX-Plain: p\r\n"};
  EXPECT_EQ(get_with(server.url("/f"), headers).code(), Code::S_OK);
  EXPECT_EQ(shown("/f"), Values{"Bearer token"});
  EXPECT_EQ(shown("/f", "x-api-key"), Values{"key"});
  ASSERT_EQ(other.requests("/g").size(), 1U);
  EXPECT_EQ(other.requests("/g")[0].field("authorization"), "");
  EXPECT_EQ(other.requests("/g")[0].field("x-api-key"), "");
  EXPECT_EQ(other.requests("/g")[0].field("x-plain"), "p");
  // Nobody may know what is write-only.
  headers.write_only = true;
  other.forget_requests();
  EXPECT_EQ(get_with(server.url("/f"), headers).code(), Code::S_OK);
  EXPECT_EQ(other.requests("/g")[0].field("x-plain"), "");
}

TEST_F(IdentityTest, NothingIsAskedWithoutWhatWasMeantToGoAlong) {
  server.on("/f", {.size = 10});
  ports::TransferRequest request = request_with(sealer, server.url("/f"), by_basic());
  request.secrets->sealed.clear();  // as after a damage
  EXPECT_EQ(finish(start(std::move(request))).code(), Code::BG_E_DATABASE_CORRUPT);
  EXPECT_TRUE(server.requests().empty());
}

}  // namespace
}  // namespace backhaul::test
