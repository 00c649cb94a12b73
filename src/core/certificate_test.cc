// SPDX-License-Identifier: Apache-2.0
#include "core/certificate.h"

#include <gtest/gtest.h>

#include "core/http.h"
#include "core/rare.h"

namespace backhaul::core {
namespace {

const std::string digest_1(64, 'a');
const std::string digest_2(64, '0');

TEST(Certificate, OnlyTheSameServerWithTheSameCertificateIsAccepted) {
  AcceptedServers accepted;
  accepted.add({"host:443", digest_1});
  EXPECT_TRUE(accepted.contains({"host:443", digest_1}));
  EXPECT_FALSE(accepted.contains({"host:443", digest_2})) << "another certificate";
  EXPECT_FALSE(accepted.contains({"host:444", digest_1})) << "another port";
  EXPECT_FALSE(accepted.contains({"other:443", digest_1})) << "another name";
  EXPECT_FALSE(accepted.contains({"host:44", digest_1})) << "the begin of one";
}

TEST(Certificate, AcceptingTwiceIsRememberedOnce) {
  AcceptedServers accepted;
  accepted.add({"host:443", digest_1});
  const std::string once = accepted.text();
  accepted.add({"host:443", digest_1});
  EXPECT_EQ(accepted.text(), once);
}

TEST(Certificate, TheListIsBoundedAndTheOldestGoes) {
  AcceptedServers accepted;
  for (std::size_t i = 0; i <= AcceptedServers::max; ++i)
    accepted.add({"host:" + std::to_string(i + 1), digest_1});
  EXPECT_FALSE(accepted.contains({"host:1", digest_1}));
  EXPECT_TRUE(accepted.contains({"host:2", digest_1}));
  EXPECT_TRUE(accepted.contains({"host:65", digest_1}));
}

TEST(Certificate, WhatIsStoredIsReadBack) {
  AcceptedServers accepted;
  EXPECT_EQ(AcceptedServers::parse(accepted.text()), accepted);
  accepted.add({"host:443", digest_1});
  accepted.add({"[2001:db8::1]:8443", digest_2});
  EXPECT_EQ(AcceptedServers::parse(accepted.text()), accepted);
}

TEST(Certificate, ADamagedTextIsNoList) {
  AcceptedServers accepted;
  accepted.add({"host:443", digest_1});
  const std::string& good = accepted.text();
  for (std::size_t length = 1; length < good.size(); ++length)
    EXPECT_FALSE(AcceptedServers::parse(good.substr(0, length))) << length;
  EXPECT_FALSE(AcceptedServers::parse(std::string(64, 'A') + " host:443\n"));
  EXPECT_FALSE(AcceptedServers::parse(std::string(64, 'a') + "_host:443\n"));
  EXPECT_FALSE(AcceptedServers::parse(std::string(64, 'a') + " \n"));
}

TEST(Certificate, TheServerOfAUrlHasItsPort) {
  EXPECT_EQ(url_server("https://Example.ORG/f"), "example.org:443");
  EXPECT_EQ(url_server("https://example.org:/f"), "example.org:443");
  EXPECT_EQ(url_server("https://u:p@example.org:8443?q"), "example.org:8443");
  EXPECT_EQ(url_server("https://[2001:DB8::1]/f"), "[2001:db8::1]:443");
  EXPECT_EQ(url_server("https://[2001:db8::1]:8443"), "[2001:db8::1]:8443");
  EXPECT_EQ(url_server("http://example.org"), "example.org:80");
  EXPECT_EQ(url_server("https://example.org:0443/"), "example.org:443");
  EXPECT_EQ(url_server("https://a@b@c/"), "") << "two programs could read it differently";
  EXPECT_EQ(url_server("ftp://example.org"), "");
}

}  // namespace
}  // namespace backhaul::core
