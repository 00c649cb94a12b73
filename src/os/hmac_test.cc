// SPDX-License-Identifier: Apache-2.0
#include "os/hmac.h"

#include <gtest/gtest.h>

namespace backhaul::os {
namespace {

TEST(Hmac, IsWhatTheStandardSays) {  // RFC 4231, test cases 1 and 2
  EXPECT_EQ(hmac_sha256(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac_sha256("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Hmac, NoProofIsTheSameAsNone) {
  EXPECT_TRUE(is_same_proof("ab", "ab"));
  EXPECT_FALSE(is_same_proof("ab", "ac"));
  EXPECT_FALSE(is_same_proof("ab", "abc"));
  EXPECT_FALSE(is_same_proof("", ""));
}

TEST(Hmac, WhatIsDrawnIsAnotherEachTime) {
  EXPECT_EQ(random_hex(16).size(), 32U);
  EXPECT_NE(random_hex(16), random_hex(16));
}

}  // namespace
}  // namespace backhaul::os
