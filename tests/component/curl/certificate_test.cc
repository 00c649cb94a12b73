// SPDX-License-Identifier: Apache-2.0
// Servers that the job's program has not accepted: the transport stops in front of its request.
#include "tests/component/curl/fixture.h"
#include "tests/support/nginx.h"
#include "tests/support/process.h"

namespace backhaul::test {
namespace {

using base::Code;

class Certificates : public CurlTest {
 protected:
  void SetUp() override {
    if (!Nginx::available()) GTEST_SKIP() << "SKIPPED: nginx is not installed";
    open({.ca_file = ca.ca_file()});
  }
  std::unique_ptr<Nginx> serve(std::string extra = {}) {
    issued = ca.issue();
    auto nginx = std::make_unique<Nginx>(NginxOptions{.tls = issued, .extra = std::move(extra)});
    nginx->put("/f", "hello");
    return nginx;
  }
  Download& get_checked(const std::string& url, core::AcceptedServers accepted = {}) {
    ports::TransferRequest request{.source = {.address = url}};
    request.accepted = std::move(accepted);
    return finish(start(std::move(request)));
  }
  // The certificate that was issued last, as openssl(1) sees it.
  std::string der() {
    run_program({"openssl", "x509", "-in", issued.chain_file, "-outform", "DER", "-out",
                 dir / "der"}, dir / "log");
    return read_file(dir / "der");
  }
  std::string sha256() {
    der();
    run_program({"openssl", "dgst", "-sha256", "-r", "-out", dir / "digest", dir / "der"},
                dir / "log");
    return read_file(dir / "digest").substr(0, 64);
  }
  static std::string server_of(const Nginx& nginx) {
    return "127.0.0.1:" + std::to_string(nginx.port());
  }
  static core::AcceptedServers only(const core::ServerCertificate& certificate) {
    core::AcceptedServers accepted;
    accepted.add(certificate);
    return accepted;
  }

  TestCa ca;
  TempDir dir;
  Certificate issued;
};

TEST_F(Certificates, AnUnknownServerIsToldOfAndNothingIsSentToIt) {
  const auto nginx = serve();
  const Download& f = get_checked(nginx->url("/f"));
  ASSERT_TRUE(f.end->unknown_server);
  EXPECT_FALSE(f.end->error);
  EXPECT_EQ(f.end->unknown_server->certificate.server, server_of(*nginx));
  EXPECT_EQ(f.end->unknown_server->certificate.sha256, sha256());
  ASSERT_EQ(f.end->unknown_server->chain.size(), 2U) << "the server's own and its authority";
  EXPECT_EQ(f.end->unknown_server->chain[0], der());
  EXPECT_TRUE(f.heads.empty());
  EXPECT_FALSE(f.sink.ended);
  nginx->stop();
  EXPECT_TRUE(nginx->requests().empty());
}

TEST_F(Certificates, AnAcceptedServerIsFetchedFrom) {
  const auto nginx = serve();
  const Download& f = get_checked(nginx->url("/f"), only({server_of(*nginx), sha256()}));
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_FALSE(f.end->unknown_server);
  EXPECT_EQ(f.sink.data, "hello");
}

TEST_F(Certificates, TheNameOrTheCertificateAloneIsNotEnough) {
  const auto nginx = serve();
  EXPECT_TRUE(get_checked(nginx->url("/f"), only({server_of(*nginx), std::string(64, '0')}))
                  .end->unknown_server);
  EXPECT_TRUE(get_checked(nginx->url("/f"), only({"127.0.0.1:1", sha256()})).end->unknown_server);
  EXPECT_TRUE(get_checked(nginx->url("/f", "localhost"), only({server_of(*nginx), sha256()}))
                  .end->unknown_server);
}

TEST_F(Certificates, AConnectionOfAnotherJobIsUsedAgainOnlyIfItsServerIsAccepted) {
  const auto nginx = serve();
  EXPECT_EQ(get(nginx->url("/f")).code(), Code::S_OK);
  const Download& accepted = get_checked(nginx->url("/f"), only({server_of(*nginx), sha256()}));
  EXPECT_EQ(accepted.code(), Code::S_OK) << accepted.text();
  EXPECT_TRUE(get_checked(nginx->url("/f")).end->unknown_server);
  nginx->stop();
  const auto requests = nginx->requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].connection, requests[1].connection);
}

// The server's part of the handshake is left out then, and with it the check of the chain.
TEST_F(Certificates, AResumedSessionShowsTheSameChain) {
  const auto nginx = serve("keepalive_timeout 0; ssl_session_cache shared:s:1m;");
  EXPECT_EQ(get(nginx->url("/f")).code(), Code::S_OK);
  const Download& f = get_checked(nginx->url("/f"));
  ASSERT_TRUE(f.end->unknown_server) << f.text();
  EXPECT_EQ(f.end->unknown_server->certificate.sha256, sha256());
  ASSERT_EQ(f.end->unknown_server->chain.size(), 2U);
  EXPECT_EQ(f.end->unknown_server->chain[0], der());
}

TEST_F(Certificates, WhatTheTlsLibraryRefusesIsNotAskedAbout) {
  const auto nginx = serve();
  open({});
  const Download& f = get_checked(nginx->url("/f"));
  EXPECT_EQ(f.code(), Code::WINHTTP_SECURE_INVALID_CA) << f.text();
  EXPECT_FALSE(f.end->unknown_server);
}

TEST_F(Certificates, HttpIsNotAskedAbout) {
  server.on("/f", {.size = 100, .seed = 1});
  EXPECT_EQ(get_checked(server.url("/f")).code(), Code::S_OK);
}

TEST_F(Certificates, EveryServerOfARedirectIsHeldAgainstTheList) {
  const auto second = serve();
  const std::string second_digest = sha256();
  const auto first = serve("location /moved { return 302 " + second->url("/f") + "; }");
  const std::string first_digest = sha256();
  server.on("/plain", {.status = 301, .location = first->url("/moved")});

  const Download& one = get_checked(server.url("/plain"));
  ASSERT_TRUE(one.end->unknown_server) << one.text();
  EXPECT_EQ(one.end->unknown_server->certificate.server, server_of(*first));

  auto accepted = only({server_of(*first), first_digest});
  const Download& two = get_checked(server.url("/plain"), accepted);
  ASSERT_TRUE(two.end->unknown_server) << two.text();
  EXPECT_EQ(two.end->unknown_server->certificate.server, server_of(*second));
  EXPECT_TRUE(two.sink.data.empty());

  accepted.add({server_of(*second), second_digest});
  EXPECT_EQ(get_checked(server.url("/plain"), accepted).sink.data, "hello");
  second->stop();
  EXPECT_EQ(second->requests().size(), 1U);
}

}  // namespace
}  // namespace backhaul::test
