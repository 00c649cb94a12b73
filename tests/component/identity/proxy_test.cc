// SPDX-License-Identifier: Apache-2.0
// squid wants to know who asks: for http in its own answer, for https in front of the tunnel.
#include "tests/component/curl/secrets.h"
#include "tests/component/identity/peers.h"
#include "tests/support/nginx.h"

namespace backhaul::test {
namespace {

using base::Code;
using core::AuthScheme;
using core::AuthTarget;

class Proxies : public CurlTest, public testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    if (!Squid::available() || !Nginx::available()) GTEST_SKIP() << "SKIPPED: squid or nginx is not installed";
    begin({});
  }
  void begin(const std::string& keytab) {
    NginxOptions options;
    if (GetParam()) options.tls = ca.issue();
    nginx.emplace(std::move(options));
    nginx->put("/f", "content");
    squid.emplace(keytab);
    open({.ca_file = ca.ca_file()});
  }
  const Download& get_with(std::vector<core::Credentials> credentials) {
    ports::TransferRequest request =
        request_with(sealer, nginx->url("/f"), {.credentials = std::move(credentials)});
    request.options.proxy = {.usage = core::ProxyUsage::listed, .list = squid->url(), .bypass = {}};
    return finish(start(std::move(request)));
  }

  TestCa ca;
  std::optional<Nginx> nginx;
  std::optional<Squid> squid;
};

INSTANTIATE_TEST_SUITE_P(Identity, Proxies, testing::Values(false, true),
                         [](const auto& it) { return it.param ? "https" : "http"; });

TEST_P(Proxies, LetThroughWhoeverTheyKnow) {
  const Download& f = get_with({login(AuthScheme::basic, user, password, AuthTarget::proxy)});
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, "content");
}

TEST_P(Proxies, RefuseTheOthers) {
  EXPECT_EQ(get_with({}).code(), base::http_code(407));
  const Download& wrong = get_with({login(AuthScheme::basic, user, "wrong", AuthTarget::proxy)});
  EXPECT_EQ(wrong.code(), base::http_code(407)) << wrong.text();
  EXPECT_EQ(wrong.text().find("wrong"), std::string::npos);
  EXPECT_EQ(get_with({login(AuthScheme::basic, user, password, AuthTarget::server)}).code(),
            base::http_code(407))
      << "those are for the server";
  EXPECT_EQ(get_with({login(AuthScheme::digest, user, password, AuthTarget::proxy)}).code(),
            base::http_code(407));
  EXPECT_TRUE(nginx->requests().empty());
}

class NegotiatingProxies : public Proxies {
 protected:
  void SetUp() override {
    if (!Squid::negotiates() || !Nginx::available() || !Kdc::available())
      GTEST_SKIP() << "SKIPPED: squid with its Kerberos helper, nginx or a KDC is not installed";
    kdc.emplace();
    begin(kdc->keytab());
  }
  std::optional<Kdc> kdc;
};

INSTANTIATE_TEST_SUITE_P(Identity, NegotiatingProxies, testing::Values(false, true),
                         [](const auto& it) { return it.param ? "https" : "http"; });

TEST_P(NegotiatingProxies, LetThroughWhoeverHasATicket) {
  const core::Credentials implicit = ticket(AuthScheme::negotiate, AuthTarget::proxy);
  const Download& without = get_with({implicit});
  EXPECT_EQ(without.code(), base::http_code(407)) << without.text();
  kdc->log_in();
  const Download& f = get_with({implicit});
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, "content");
  EXPECT_TRUE(wait_until(loop, [&] { return squid->log().find("user@TEST") != std::string::npos; })) << squid->log();
  // The connection was the user's: a job without credentials does not get it.
  EXPECT_EQ(get_with({}).code(), base::http_code(407));
  EXPECT_EQ(get_with({login(AuthScheme::basic, user, password, AuthTarget::proxy)}).code(), base::http_code(407))
      << "a password leaves by its own scheme alone";
}

}  // namespace
}  // namespace backhaul::test
