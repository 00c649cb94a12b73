// SPDX-License-Identifier: Apache-2.0
// Apache wants to know who asks (http-and-network.md §6).
#include "adapters/curl/identity.h"
#include "tests/component/curl/secrets.h"
#include "tests/component/identity/peers.h"

namespace backhaul::test {
namespace {

using base::Code;
using core::AuthScheme;

class Servers : public CurlTest {
 protected:
  void SetUp() override {
    if (!Apache::available()) GTEST_SKIP() << "SKIPPED: apache2 is not installed";
  }
  const Download& get_with(const std::string& url, std::vector<core::Credentials> credentials) {
    return finish(start(request_with(sealer, url, {.credentials = std::move(credentials)})));
  }
  // Apache writes the line when it has answered.
  bool is_logged(const Apache& apache, const std::string& line) {
    return until([&] { return apache.log().find(line) != std::string::npos; });
  }
};

TEST_F(Servers, BasicAndDigestOpenTheirFiles) {
  const Apache apache;
  for (const auto& [path, scheme] : {std::pair{"/basic/f", AuthScheme::basic}, {"/digest/f", AuthScheme::digest}}) {
    const Download& f = get_with(apache.url(path), {login(scheme, user, password)});
    EXPECT_EQ(f.code(), Code::S_OK) << path << " " << f.text();
    EXPECT_EQ(f.sink.data, "content");
    EXPECT_TRUE(is_logged(apache, std::string(path) + " user")) << apache.log();
    const Download& wrong = get_with(apache.url(path), {login(scheme, user, "wrong")});
    EXPECT_EQ(wrong.code(), base::http_code(401)) << path;
    EXPECT_TRUE(wrong.sink.data.empty());
    EXPECT_EQ(get_with(apache.url(path), {}).code(), base::http_code(401)) << path;
  }
}

TEST_F(Servers, TheRestOfAFileIsFetchedByDigestToo) {
  const Apache apache;
  const auto credentials = std::vector{login(AuthScheme::digest, user, password)};
  const Download& whole = get_with(apache.url("/digest/f"), credentials);
  ASSERT_EQ(whole.code(), Code::S_OK) << whole.text();
  ports::TransferRequest request =
      request_with(sealer, apache.url("/digest/f"), {.credentials = credentials});
  request.record.held = core::Extents::until(3);
  request.record.identity = whole.heads.at(0).identity;
  const Download& rest = finish(start(std::move(request), "con"));
  EXPECT_EQ(rest.code(), Code::S_OK) << rest.text();
  EXPECT_EQ(rest.sink.data, "content");
  EXPECT_TRUE(rest.sink.epochs.empty()) << "only the rest came";
}

TEST_F(Servers, ATicketOpensWhatANameWithoutOneDoesNot) {
  if (!Kdc::available() || !curl::able_schemes().has(AuthScheme::negotiate))
    GTEST_SKIP() << "SKIPPED: there is no KDC, or this libcurl has no Negotiate";
  Kdc kdc;
  const Apache apache(kdc.keytab());
  const std::string url = apache.url("/negotiate/f");
  EXPECT_EQ(get_with(url, {ticket(AuthScheme::negotiate)}).code(), base::http_code(401)) << "nobody is logged in";
  kdc.log_in();
  // BITS's pages differ about the name that they have.
  for (const AuthScheme scheme : {AuthScheme::negotiate, AuthScheme::ntlm}) {
    const Download& f = get_with(url, {ticket(scheme)});
    EXPECT_EQ(f.code(), Code::S_OK) << f.text() << "\n" << apache.errors();
    EXPECT_EQ(f.sink.data, "content");
  }
  EXPECT_TRUE(is_logged(apache, "/negotiate/f user@TEST")) << apache.log();
  EXPECT_EQ(get_with(url, {}).code(), base::http_code(401)) << "not unless it was said so";
  EXPECT_EQ(get_with(url, {login(AuthScheme::negotiate, "other", "x")}).code(), base::http_code(401))
      << "the ticket is not this name's";
}

// A connection whose server knows the user is the user's.
TEST_F(Servers, AConnectionWithATicketIsNobodyElses) {
  if (!Kdc::available() || !curl::able_schemes().has(AuthScheme::negotiate))
    GTEST_SKIP() << "SKIPPED: there is no KDC, or this libcurl has no Negotiate";
  Kdc kdc;
  const Apache apache(kdc.keytab());
  kdc.log_in();
  const std::string url = apache.url("/negotiate/f");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(get_with(url, {ticket(AuthScheme::negotiate)}).code(), Code::S_OK);
    EXPECT_EQ(get_with(url, {}).code(), base::http_code(401));
  }
}

}  // namespace
}  // namespace backhaul::test
