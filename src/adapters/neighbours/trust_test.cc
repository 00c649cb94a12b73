// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/trust.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/process.h"
#include "tests/support/test_ca.h"

namespace backhaul::neighbours {
namespace {

std::string der_of(const test::Certificate& certificate) {
  const auto pem = certificate_of_pem(test::read_file(certificate.chain_file));
  BH_ASSERT(pem != nullptr);
  unsigned char* der = nullptr;
  const int size = i2d_X509(pem.get(), &der);
  std::string octets(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return octets;
}

std::string key_of(const test::Certificate& certificate) {
  return neighbours::key_of(*certificate_of_pem(test::read_file(certificate.chain_file)));
}

class TrustTest : public testing::Test {
 protected:
  core::NeighbourRules listing(const std::vector<std::string>& keys) {
    core::NeighbourRules rules;
    for (const std::string& key : keys) rules.fixed.value.push_back({.key = key, .host = "host", .port = 1, .name = {}});
    return rules;
  }
  core::NeighbourRules by_authority() {
    core::NeighbourRules rules;
    rules.trust.value = core::NeighbourTrust::ca;
    rules.authority.value = folder_ / "site.pem";
    std::filesystem::copy_file(ca_.ca_file(), rules.authority.value, std::filesystem::copy_options::overwrite_existing);
    return rules;
  }
  static test::CertificateRequest of_machine() { return {.usage = "serverAuth,clientAuth", .lists = {}}; }
  // What was revoked until now, where it counts.
  void lay_down_list(bool expired = false) {
    test::write_file(folder_ / "list.der", ca_.list(expired));
    ASSERT_EQ(test::run_program({"openssl", "crl", "-inform", "DER", "-in", folder_ / "list.der", "-out", folder_ / "new"},
                                folder_ / "log"),
              0);
    std::filesystem::rename(folder_ / "new", folder_ / "site.pem.crl");
  }

  test::TempDir folder_;
  test::TestCa ca_;
};

TEST_F(TrustTest, P4_AListTrustsItsKeysAlone) {
  const auto one = ca_.issue(of_machine());
  const auto other = ca_.issue(of_machine());
  auto trust = Trust::of(listing({std::string(64, 'f'), key_of(one)}));
  ASSERT_TRUE(trust);
  const auto judged = trust->judge({der_of(one)});
  ASSERT_TRUE(judged) << judged.error().text;
  EXPECT_EQ(*judged, key_of(one));
  EXPECT_FALSE(trust->judge({der_of(other)}));
  EXPECT_FALSE(trust->judge({}));
  EXPECT_FALSE(trust->judge({"no certificate"}));
}

TEST_F(TrustTest, P4_AKeyOfTheListCountsOnlyWhileItsCertificateIsInForce) {
  auto expired = of_machine();
  expired.expired = true;
  const auto one = ca_.issue(expired);
  EXPECT_FALSE(Trust::of(listing({key_of(one)}))->judge({der_of(one)}));
}

TEST_F(TrustTest, P4_AnAuthorityTrustsTheMachinesItCertified) {
  auto trust = Trust::of(by_authority());
  ASSERT_TRUE(trust) << trust.error().text;
  const auto one = ca_.issue(of_machine());
  const auto judged = trust->judge({der_of(one)});
  ASSERT_TRUE(judged) << judged.error().text;
  EXPECT_EQ(*judged, key_of(one));
  EXPECT_FALSE(trust->judge({der_of(ca_.issue())})) << "a certificate of a web server";
  auto expired = of_machine();
  expired.expired = true;
  EXPECT_FALSE(trust->judge({der_of(ca_.issue(expired))}));
  test::TestCa other;
  EXPECT_FALSE(trust->judge({der_of(other.issue(of_machine()))}));
}

TEST_F(TrustTest, P4_WhoeverIsRevokedIsNobodyFromTheMomentTheListSaysSo) {
  auto trust = Trust::of(by_authority());
  ASSERT_TRUE(trust);
  const auto one = ca_.issue(of_machine());
  const auto other = ca_.issue(of_machine());
  lay_down_list();
  EXPECT_TRUE(trust->judge({der_of(one)}));
  ca_.revoke(one);
  lay_down_list();
  EXPECT_FALSE(trust->judge({der_of(one)}));
  EXPECT_TRUE(trust->judge({der_of(other)}));
  lay_down_list(true);
  EXPECT_FALSE(trust->judge({der_of(other)})) << "a list that ran out says nothing of anybody";
}

TEST_F(TrustTest, P4_OfAGroupEverybodyComesThroughTheHandshakeAndIsNobodyBeforeHeProvedIt) {
  const auto one = ca_.issue(of_machine());
  const auto other = ca_.issue(of_machine());
  auto expired = of_machine();
  expired.expired = true;
  core::NeighbourRules rules = listing({key_of(one)});
  rules.trust.value = core::NeighbourTrust::group;
  EXPECT_FALSE(Trust::of(rules)) << "it is of no group";
  const Group group(base::Secret(std::string(32, 's')));
  Pins pins;
  pins.begin(group.tag(), {});
  auto trust = Trust::of(rules, {.group = &group, .pins = &pins});
  ASSERT_TRUE(trust);
  EXPECT_TRUE(trust->judge({der_of(other)}));
  EXPECT_FALSE(trust->judge({der_of(ca_.issue(expired))}));
  EXPECT_TRUE(trust->knows(key_of(one))) << "the settings name it";
  EXPECT_FALSE(trust->knows(key_of(other)));
  pins.add(key_of(other));
  EXPECT_TRUE(trust->knows(key_of(other)));
}

TEST_F(TrustTest, WhatCannotBeReadTrustsNobody) {
  core::NeighbourRules rules;
  rules.trust.value = core::NeighbourTrust::ca;
  EXPECT_FALSE(Trust::of(rules));
  rules.authority.value = folder_ / "nothing";
  EXPECT_FALSE(Trust::of(rules));
  rules = by_authority();
  test::write_file(folder_ / "site.pem.crl", "nothing");
  EXPECT_FALSE(Trust::of(rules));
}

}  // namespace
}  // namespace backhaul::neighbours
