// SPDX-License-Identifier: Apache-2.0
#include "os/hash.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "os/sha256.h"

namespace backhaul::os {
namespace {

std::string hash_of(std::string_view algorithm, std::string_view text) {
  Hash hash(algorithm);
  for (const char& c : text) hash.add(std::as_bytes(std::span(&c, 1)));
  return hash.end();
}

TEST(Hash, IsOfAllThatCame) {
  EXPECT_EQ(base::to_hex(hash_of("sha256", "abc")), sha256("abc"));
  EXPECT_EQ(base::to_hex(hash_of("sha1", "abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(base::to_hex(hash_of("blake2s-256", "abc")), "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982");
}

TEST(Hash, OfAnAlgorithmThatIsNotThereNothingComes) {
  EXPECT_EQ(hash_of("no such thing", "abc"), "");
}

TEST(Hash, GivesItsDigestOnce) {
  Hash hash("sha256");
  EXPECT_EQ(hash.end().size(), 32U);
  EXPECT_EQ(hash.end(), "");
}

TEST(Base64, HasItsPadding) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

}  // namespace
}  // namespace backhaul::os
