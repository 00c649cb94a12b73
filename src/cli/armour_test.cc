// SPDX-License-Identifier: Apache-2.0
#include "cli/armour.h"

#include <gtest/gtest.h>

namespace backhaul::cli {
namespace {

// As gpg --enarmor writes these bytes, but for its comment.
TEST(ArmourTest, BytesBecomeText) {
  EXPECT_EQ(in_armour("\x88\x01\x02\x03", "SIGNATURE"),
            "-----BEGIN PGP SIGNATURE-----\n\niAECAw==\n=7i5v\n-----END PGP SIGNATURE-----\n");
  EXPECT_EQ(in_armour("untrusted comment: x\n", "SIGNATURE"), "untrusted comment: x\n");
  const std::string text = in_armour(std::string(100, '\xff'), "PUBLIC KEY BLOCK");
  EXPECT_NE(text.find("\n" + std::string(64, '/') + "\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace backhaul::cli
