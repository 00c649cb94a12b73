// SPDX-License-Identifier: Apache-2.0
#include "core/secrets.h"

#include <gtest/gtest.h>

#include <string>

#include "core/admission.h"

namespace backhaul::core {
namespace {

using base::Code;
using base::Secret;

Code code_of(const base::Result<void>& result) { return result ? Code::S_OK : result.error().code; }

Code judged(AuthScheme scheme, std::optional<std::string> user, std::optional<std::string> password) {
  Credentials credentials{.target = AuthTarget::server, .scheme = scheme, .user = {}, .password = {}};
  if (user) credentials.user = Secret(*user);
  if (password) credentials.password = Secret(*password);
  return code_of(check(credentials));
}

TEST(CredentialsTest, OnlyNtlmAndNegotiateHaveImplicitOnes) {
  for (const auto& [scheme, code] :
       {std::pair{AuthScheme::basic, Code::E_INVALIDARG}, {AuthScheme::digest, Code::E_INVALIDARG},
        {AuthScheme::ntlm, Code::S_OK}, {AuthScheme::negotiate, Code::S_OK},
        {AuthScheme::passport, Code::E_INVALIDARG}}) {
    EXPECT_EQ(judged(scheme, {}, {}), code) << to_word(scheme);
    EXPECT_EQ(judged(scheme, "u", {}), Code::E_INVALIDARG) << to_word(scheme);
    EXPECT_EQ(judged(scheme, {}, "p"), Code::E_INVALIDARG) << to_word(scheme);
    EXPECT_EQ(judged(scheme, "u", "p"), Code::S_OK) << to_word(scheme);
    EXPECT_EQ(judged(scheme, "", ""), Code::S_OK) << to_word(scheme);
  }
}

TEST(CredentialsTest, TheirLengthsAreThoseOfBits) {
  EXPECT_EQ(judged(AuthScheme::basic, std::string(300, 'u'), "p"), Code::S_OK);
  EXPECT_EQ(judged(AuthScheme::basic, std::string(301, 'u'), "p"), Code::BG_E_USERNAME_TOO_LARGE);
  EXPECT_EQ(judged(AuthScheme::basic, "u", std::string(65'536, 'p')), Code::S_OK);
  EXPECT_EQ(judged(AuthScheme::basic, "u", std::string(65'537, 'p')), Code::BG_E_PASSWORD_TOO_LARGE);
  std::string umlauts;
  for (int i = 0; i < 300; ++i) umlauts += "\u00fc";
  EXPECT_EQ(judged(AuthScheme::basic, umlauts, "p"), Code::S_OK);
}

TEST(CredentialsTest, WhatIsNoTextIsRefusedAndNotRepeated) {
  EXPECT_EQ(judged(AuthScheme::basic, "u", std::string("p\0q", 3)), Code::E_INVALIDARG);
  const auto refused = check({.target = AuthTarget::server, .scheme = AuthScheme::basic,
                              .user = Secret("u"), .password = Secret("hunter2\xff")});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text.find("hunter2"), std::string::npos);
}

TEST(CredentialsTest, BasicHasNoColonInAName) {
  EXPECT_EQ(judged(AuthScheme::basic, "us:er", "p"), Code::E_INVALIDARG);
  EXPECT_EQ(judged(AuthScheme::basic, ":", ""), Code::E_INVALIDARG);
  EXPECT_EQ(judged(AuthScheme::basic, "user", "p:q:"), Code::S_OK) << "the first one ends the name";
  for (const AuthScheme scheme : {AuthScheme::digest, AuthScheme::ntlm, AuthScheme::negotiate, AuthScheme::passport})
    EXPECT_EQ(judged(scheme, "us:er", "p"), Code::S_OK) << to_word(scheme);
  const auto refused = check({.target = AuthTarget::proxy, .scheme = AuthScheme::basic,
                              .user = Secret("hun:ter"), .password = Secret("p")});
  ASSERT_FALSE(refused) << "for a proxy as well";
  EXPECT_EQ(refused.error().text.find("hun"), std::string::npos) << refused.error().text;
  EXPECT_NE(refused.error().text.find("colon"), std::string::npos) << refused.error().text;
}

TEST(CredentialsTest, NeitherHoldsAControlCharacter) {
  for (const AuthScheme scheme : {AuthScheme::basic, AuthScheme::digest, AuthScheme::ntlm, AuthScheme::negotiate})
    for (const std::string text : {"a\r\nX: y", "\t", "a\n", "\x1b[m", "\x7f"}) {
      EXPECT_EQ(judged(scheme, text, "p"), Code::E_INVALIDARG) << to_word(scheme);
      EXPECT_EQ(judged(scheme, "u", text), Code::E_INVALIDARG) << to_word(scheme);
    }
  EXPECT_EQ(judged(AuthScheme::basic, "\u00fc \u0085", "\"\\, p"), Code::S_OK) << "beyond ASCII a server knows best";
}

TEST(CredentialsTest, NumbersThatAreNoneHaveTheirCodes) {
  for (const std::uint32_t number : {0U, 3U, 99U})
    EXPECT_EQ(auth_target(number).error().code, Code::BG_E_INVALID_AUTH_TARGET);
  for (const std::uint32_t number : {0U, 6U, 99U})
    EXPECT_EQ(auth_scheme(number).error().code, Code::BG_E_INVALID_AUTH_SCHEME);
}

TEST(CredentialsTest, AreOneSecretAndTwoAgain) {
  const Credentials credentials{.target = AuthTarget::server, .scheme = AuthScheme::basic,
                                .user = Secret("user:name"), .password = Secret("pass word")};
  const NameAndPassword both = parted(joined(credentials));
  EXPECT_EQ(both.user.reveal(), "user:name");
  EXPECT_EQ(both.password.reveal(), "pass word");
}

TEST(SecretsSetTest, ASlotNamesItsTargetAndScheme) {
  for (const AuthTarget target : {AuthTarget::server, AuthTarget::proxy})
    for (const AuthScheme scheme : {AuthScheme::basic, AuthScheme::digest, AuthScheme::ntlm,
                                    AuthScheme::negotiate, AuthScheme::passport}) {
      const SecretSlot slot = slot_of(target, scheme);
      EXPECT_EQ(target_of(slot), target);
      EXPECT_EQ(scheme_of(slot), scheme);
      EXPECT_LE(slot, SecretSlot::last_credentials);
    }
}

TEST(SecretsSetTest, TheSamePairReplaces) {
  SecretsSet set;
  const SecretSlot slot = slot_of(AuthTarget::server, AuthScheme::basic);
  set.put({slot, false, {.uid = 1, .program = "one", .time = {}}});
  set.put({slot, false, {.uid = 2, .program = "two", .time = {}}});
  ASSERT_EQ(set.all().size(), 1U);
  EXPECT_EQ(set.find(slot)->set_by.uid, 2U);
  EXPECT_TRUE(set.remove(slot));
  EXPECT_FALSE(set.remove(slot));
  EXPECT_TRUE(set.empty());
}

TEST(SecretsSetTest, IsReadAsItWasWritten) {
  SecretsSet set;
  EXPECT_EQ(SecretsSet::parse(set.text()), set);
  set.put({slot_of(AuthTarget::proxy, AuthScheme::negotiate), true,
           {.uid = 4'000'000'000U, .program = " a program\nof two lines ", .time = base::WallTime(base::Microseconds(-7))}});
  set.put({SecretSlot::headers, false, {.uid = 0, .program = "", .time = {}}});
  set.make_headers_write_only();
  EXPECT_EQ(SecretsSet::parse(set.text()), set);
  for (const char* bad : {"x", "1 0 0 0", "99 0 0 0 \n", "1 2 0 0 \n", "1 0 x 0 \n", "\n", "write-onl\n"})
    EXPECT_FALSE(SecretsSet::parse(bad)) << bad;
}

TEST(SecretsSetTest, AreForTheOwnerAndForNobodyElse) {
  const Owner job{.uid = 1000};
  EXPECT_EQ(code_of(may_touch_secrets(job, {.uid = 1000})), Code::S_OK);
  EXPECT_EQ(code_of(may_touch_secrets(job, {.uid = 0})), Code::E_ACCESSDENIED);
  EXPECT_EQ(code_of(may_touch_secrets(job, {.uid = 1001})), Code::E_ACCESSDENIED);
  EXPECT_EQ(code_of(may_touch_secrets(job, {.uid = 1000, .application = "flatpak/org.x.Y"})),
            Code::E_ACCESSDENIED);
  EXPECT_EQ(code_of(may_use_implicit_credentials("")), Code::S_OK);
  EXPECT_EQ(code_of(may_use_implicit_credentials("flatpak/org.x.Y")), Code::E_ACCESSDENIED);
}

}  // namespace
}  // namespace backhaul::core
