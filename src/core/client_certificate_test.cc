// SPDX-License-Identifier: Apache-2.0
#include "core/client_certificate.h"

#include <gtest/gtest.h>

#include "core/secrets.h"

namespace backhaul::core {
namespace {

using base::Code;

Code code_of(const CertificateWanted& wanted) {
  const auto checked = check_certificate(wanted);
  return checked ? Code::S_OK : checked.error().code;
}

CertificateWanted named(std::string certificate, std::string key = {}) {
  return {.certificate = std::move(certificate), .key = std::move(key), .pass_phrase = {}, .stored = {}};
}
CertificateWanted stored(StoredCertificate one) {
  return {.certificate = {}, .key = {}, .pass_phrase = {}, .stored = std::move(one)};
}
const std::string some_hash(40, 'a');

TEST(ClientCertificate, IsAFileOrAToken) {
  EXPECT_EQ(code_of(named("/home/ana/me.pem")), Code::S_OK);
  EXPECT_EQ(code_of(named("/home/ana/me.pem", "/home/ana/me.key")), Code::S_OK);
  EXPECT_EQ(code_of(named("pkcs11:token=t;object=me")), Code::S_OK);
  EXPECT_EQ(code_of(named("PKCS11:token=t;object=me", "/k")), Code::S_OK);
  for (const char* bad : {"", "me.pem", "/a\nb", "pkcs11:", "pkcs11:token", "pkcs11:a=b\n", "pkcs11:a;b=c"})
    EXPECT_EQ(code_of(named(bad)), Code::E_INVALIDARG) << bad;
  EXPECT_EQ(code_of(named("/c", "k")), Code::E_INVALIDARG);
}

// The library would be loaded into the service, and a PIN would stand in the row.
TEST(ClientCertificate, AUriHasNeitherPinNorModule) {
  for (const char* bad : {"pin-value=1", "pin-source=/etc/passwd", "module-path=/tmp/x.so", "module-name=x"})
    for (const char* mark : {"?", ";"})
      EXPECT_EQ(code_of(named("pkcs11:token=t" + std::string(mark) + bad)), Code::E_INVALIDARG) << bad;
  EXPECT_EQ(code_of(named("/c", "pkcs11:token=t?pin-value=1")), Code::E_INVALIDARG);
}

TEST(ClientCertificate, OneOfAStoreGoesByItsHashOrItsSubject) {
  EXPECT_EQ(code_of(stored({0, "MY", some_hash, ""})), Code::S_OK);
  EXPECT_EQ(code_of(stored({1, "MY", "", "Ana"})), Code::S_OK);
  EXPECT_EQ(code_of(stored({0, "MY", "", ""})), Code::E_INVALIDARG);
  EXPECT_EQ(code_of(stored({0, "MY", some_hash, "Ana"})), Code::E_INVALIDARG);
  EXPECT_EQ(code_of(stored({0, "MY", "abc", ""})), Code::E_INVALIDARG);
  EXPECT_EQ(code_of(stored({8, "MY", some_hash, ""})), Code::E_NOTIMPL);
  EXPECT_EQ(code_of(stored({2, "MY", some_hash, ""})), Code::FILE_NOT_FOUND);
  for (const char* name : {"", "..", "a/b", ".hidden"})
    EXPECT_EQ(code_of(stored({0, name, some_hash, ""})), Code::FILE_NOT_FOUND) << name;
  EXPECT_EQ(code_of(stored({0, std::string(255, 's'), "", std::string(255, 's')})), Code::S_OK);
  EXPECT_EQ(code_of(stored({0, std::string(256, 's'), some_hash, ""})), Code::BG_E_STRING_TOO_LONG);
  EXPECT_EQ(code_of(stored({0, "MY", "", std::string(256, 's')})), Code::BG_E_STRING_TOO_LONG);
  CertificateWanted both = stored({0, "MY", some_hash, ""});
  both.certificate = "/c";
  EXPECT_EQ(code_of(both), Code::E_INVALIDARG);
}

TEST(ClientCertificate, AKeyGoesByTheNameOfItsCertificate) {
  EXPECT_EQ(token_object("pkcs11:token=t;object=me;type=cert"), "pkcs11:token=t;object=me");
  EXPECT_EQ(token_object("pkcs11:type=cert;token=t?x=y"), "pkcs11:token=t?x=y");
}

TEST(ClientCertificate, ARowKeepsItWithoutItsPassPhrase) {
  SecretsSet set;
  const ClientCertificate one{"/c d", "/k", 1, "MY", some_hash, "Ana, Unit"};
  set.put_certificate(one, {SecretSlot::certificate, false, {7, "p", base::WallTime(base::Microseconds(5))}});
  const auto again = SecretsSet::parse(set.text());
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, set);
  EXPECT_EQ(*again->certificate(), one);
  EXPECT_TRUE(set.remove_certificate());
  EXPECT_FALSE(set.remove_certificate());
  EXPECT_TRUE(set.empty());
  // One without its record, and a record without one.
  EXPECT_FALSE(SecretsSet::parse("certificate /c\n"));
  EXPECT_FALSE(SecretsSet::parse("11 1 0 0 p\n"));
  EXPECT_FALSE(SecretsSet::parse("location 9\n11 1 0 0 p\n"));
}

}  // namespace
}  // namespace backhaul::core
