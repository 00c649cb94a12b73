// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/machine_key.h"

#include <gtest/gtest.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <filesystem>

#include "adapters/neighbours/certificate.h"
#include "tests/support/process.h"
#include "tests/support/recording_log.h"
#include "tests/support/temp_dir.h"

namespace backhaul::neighbours {
namespace {

class MachineKeyTest : public testing::Test {
 protected:
  base::Result<MachineKey> have() { return have_machine_key(folder_.path(), log_); }
  static mode_t mode(const std::string& path) {
    struct stat info {};
    return stat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
  }
  // A certificate of the key that is there, for so many days.
  void sign(const std::string& days) {
    ASSERT_EQ(test::run_program({"openssl", "req", "-x509", "-new", "-key", key_, "-out", certificate_, "-days", days,
                                 "-subj", "/CN=other"},
                                folder_ / "log"),
              0);
  }

  test::TempDir folder_;
  test::RecordingLog log_;
  const std::string key_ = folder_ / "peer.key";
  const std::string certificate_ = folder_ / "peer.crt";
};

TEST_F(MachineKeyTest, IsMadeAtFirstUseAndStays) {
  const auto first = have();
  ASSERT_TRUE(first) << first.error().text;
  EXPECT_EQ(first->key.size(), 64U);
  EXPECT_EQ(mode(key_), 0600U);
  EXPECT_EQ(mode(certificate_), 0644U);
  EXPECT_NE(log_.text().find(first->key), std::string::npos);
  const auto second = have();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->key, first->key);
  EXPECT_EQ(second->certificates, first->certificates);
  const auto certificate = certificate_of_pem(first->certificates);
  ASSERT_TRUE(certificate);
  EXPECT_EQ(in_force(*certificate), InForce::yes);
  EXPECT_EQ(X509_get_extended_key_usage(certificate.get()), static_cast<unsigned>(XKU_SSL_SERVER | XKU_SSL_CLIENT));
}

TEST_F(MachineKeyTest, TheKeyIsTheDigestOfThePublicKeyAsOthersComputeIt) {
  const auto made = have();
  ASSERT_TRUE(made);
  const std::string script = "openssl x509 -in " + certificate_ +
                             " -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -r | cut -c-64";
  ASSERT_EQ(test::run_program({"sh", "-c", script}, folder_ / "digest"), 0);
  EXPECT_EQ(test::read_file(folder_ / "digest"), made->key + "\n");
}

TEST_F(MachineKeyTest, ACertificateThatEndsSoonIsRenewedWithTheSameKey) {
  const auto first = have();
  ASSERT_TRUE(first);
  sign("20");
  const auto renewed = have();
  ASSERT_TRUE(renewed);
  EXPECT_EQ(renewed->key, first->key);
  EXPECT_EQ(test::read_file(certificate_), renewed->certificates);
  sign("300");
  const std::string kept = test::read_file(certificate_);
  ASSERT_TRUE(have());
  EXPECT_EQ(test::read_file(certificate_), kept);
}

TEST_F(MachineKeyTest, WhatIsBrokenOrForeignIsSaidAndLeftAsItIs) {
  ASSERT_TRUE(have());
  const std::string good = test::read_file(key_);
  test::write_file(key_, "nothing");
  EXPECT_NE(have().error().text.find("peer.key"), std::string::npos);
  EXPECT_EQ(test::read_file(key_), "nothing");
  test::write_file(key_, good);
  ASSERT_EQ(chmod(key_.c_str(), 0644), 0);
  EXPECT_FALSE(have()) << "others could read it";
  ASSERT_EQ(chmod(key_.c_str(), 0600), 0);
  ASSERT_TRUE(have());
  ASSERT_EQ(test::run_program({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                               "-nodes", "-keyout", folder_ / "other.key", "-out", certificate_, "-days", "300", "-subj",
                               "/CN=other"},
                              folder_ / "log"),
            0);
  EXPECT_NE(have().error().text.find("is not of the key"), std::string::npos);
  std::filesystem::remove(key_);
  EXPECT_FALSE(have()) << "a certificate whose key is gone is no reason to be somebody else";
}

}  // namespace
}  // namespace backhaul::neighbours
