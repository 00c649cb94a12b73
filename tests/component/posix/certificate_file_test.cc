// SPDX-License-Identifier: Apache-2.0
// Client certificates as files, and stores, which are folders of them (jobs.md §17).
#include "adapters/posix/certificate_file.h"

#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>

#include "adapters/posix/direct_access.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_ca.h"

namespace backhaul::posix {
namespace {

using base::Code;

class CertificateFiles : public testing::Test {
 protected:
  base::Result<core::ClientCertificate> find(core::CertificateWanted wanted) {
    DirectAccess access(022);
    return find_certificate(access, wanted, {.of_user = folder_ / "user", .of_machine = folder_ / "machine"});
  }
  base::Result<core::ClientCertificate> find(core::StoredCertificate stored) {
    return find(core::CertificateWanted{.certificate = {}, .key = {}, .pass_phrase = {}, .stored = std::move(stored)});
  }
  Code code_of(core::CertificateWanted wanted) {
    const auto found = find(std::move(wanted));
    return found ? Code::S_OK : found.error().code;
  }
  Code code_of(core::StoredCertificate stored) {
    const auto found = find(std::move(stored));
    return found ? Code::S_OK : found.error().code;
  }
  void keep(const test::Certificate& made, const std::string& store, const std::string& name) {
    std::filesystem::create_directories(store);
    std::filesystem::copy_file(made.chain_file, store + "/" + name + ".pem");
    std::filesystem::copy_file(made.key_file, store + "/" + name + ".key");
  }
  // As openssl(1) says it.
  std::string hash_of(const test::Certificate& made) {
    EXPECT_EQ(test::run_program({"openssl", "x509", "-in", made.chain_file, "-noout", "-fingerprint", "-sha1"},
                                folder_ / "hash"), 0);
    std::string text = test::read_file(folder_ / "hash");
    text.erase(0, text.rfind('=') + 1);  // the output of each run is put behind that of the last
    std::erase_if(text, [](char c) { return c == ':' || c == '\n'; });
    for (char& c : text) c = static_cast<char>(std::tolower(c));
    return text;
  }

  test::TestCa ca_;
  test::TempDir folder_;
};

TEST_F(CertificateFiles, AreToldByTheirHashAndSubject) {
  const test::Certificate made = ca_.issue({.usage = "clientAuth"});
  const auto found = find({.certificate = made.chain_file, .key = made.key_file, .pass_phrase = {}, .stored = {}});
  ASSERT_TRUE(found) << found.error().text;
  EXPECT_EQ(*found, (core::ClientCertificate{made.chain_file, made.key_file, 0, "", hash_of(made), "server1"}));
}

TEST_F(CertificateFiles, AreFoundInAStoreOfTheUserOrTheMachine) {
  const test::Certificate server = ca_.issue();
  const test::Certificate one = ca_.issue({.usage = "clientAuth"});
  const test::Certificate two = ca_.issue({.usage = "clientAuth"});
  keep(server, folder_ / "user/my", "a");
  keep(one, folder_ / "user/my", "b");
  keep(two, folder_ / "user/my", "c");
  test::write_file(folder_ / "user/my/noise.pem", "nothing");
  const auto by_hash = find({0, "My", hash_of(two), ""});
  ASSERT_TRUE(by_hash) << by_hash.error().text;
  EXPECT_EQ(*by_hash, (core::ClientCertificate{folder_ / "user/my/c.pem", folder_ / "user/my/c.key", 0, "My",
                                               hash_of(two), "server3"}));
  const auto by_name = find({0, "MY", "", "server"});
  ASSERT_TRUE(by_name) << by_name.error().text;
  EXPECT_EQ(by_name->subject, "server2") << "the first that is made for clients";
  EXPECT_EQ(code_of({0, "MY", std::string(40, '0'), ""}), Code::CRYPT_E_NOT_FOUND);
  EXPECT_EQ(code_of({0, "MY", "", "nobody"}), Code::CRYPT_E_NOT_FOUND);
  EXPECT_EQ(code_of({0, "ROOT", hash_of(two), ""}), Code::FILE_NOT_FOUND);
  EXPECT_EQ(code_of({1, "MY", hash_of(two), ""}), Code::FILE_NOT_FOUND);
  keep(two, folder_ / "machine/my", "c");
  EXPECT_EQ(code_of({1, "MY", hash_of(two), ""}), Code::S_OK);
  // Without its key it cannot be used.
  std::filesystem::remove(folder_ / "user/my/c.key");
  EXPECT_EQ(code_of({0, "MY", hash_of(two), ""}), Code::CRYPT_E_NOT_FOUND);
}

TEST_F(CertificateFiles, WhatCannotBeUsedHasItsCode) {
  const test::Certificate made = ca_.issue({.usage = "clientAuth"});
  const std::string sealed = folder_ / "sealed.key";
  ASSERT_EQ(test::run_program({"openssl", "pkey", "-aes256", "-in", made.key_file, "-out", sealed, "-passout",
                               "pass:hunter2"}, folder_ / "log"), 0);
  const auto with = [&](std::string key, const std::string& phrase) {
    return core::CertificateWanted{made.chain_file, std::move(key), base::Secret(phrase), {}};
  };
  EXPECT_EQ(code_of(with(sealed, "hunter2")), Code::S_OK);
  EXPECT_EQ(code_of(with(sealed, "hunter3")), Code::WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY);
  EXPECT_EQ(code_of(with(sealed, "")), Code::WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY);
  EXPECT_EQ(code_of(with("", "")), Code::WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY);
  EXPECT_EQ(code_of(with(ca_.issue().key_file, "")), Code::WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY);
  EXPECT_EQ(code_of(with(folder_ / "none.key", "")), Code::FILE_NOT_FOUND);
  EXPECT_EQ(code_of(core::CertificateWanted{folder_ / "none.pem", {}, {}, {}}), Code::FILE_NOT_FOUND);
  EXPECT_EQ(code_of(core::CertificateWanted{folder_.path().string(), {}, {}, {}}), Code::E_INVALIDARG);
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(code_of(core::CertificateWanted{folder_ / "pipe", {}, {}, {}}), Code::E_INVALIDARG);
  const auto token = find({.certificate = "pkcs11:token=t;object=o", .key = {}, .pass_phrase = {}, .stored = {}});
  ASSERT_TRUE(token) << "looked at when it is used";
  EXPECT_EQ(token->hash, "");
}

}  // namespace
}  // namespace backhaul::posix
