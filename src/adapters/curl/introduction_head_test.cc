// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/introduction_head.h"

#include <gtest/gtest.h>

#include <vector>

namespace backhaul::curl {
namespace {

const std::string nonce(32, '1');
const std::string proof(64, '2');

std::optional<IntroductionAnswer> introduction_in(const std::vector<std::string>& lines) {
  IntroductionHead head;
  for (const std::string& line : lines)
    if (!head.line(line + "\r\n")) return std::nullopt;
  return head.answer();
}

TEST(IntroductionAnswers, AreANonceAndAProof) {
  const IntroductionAnswer expected{nonce, proof};
  EXPECT_EQ(introduction_in({"HTTP/1.1 200 OK", "Backhaul-Nonce: " + nonce, "backhaul-proof:" + proof, ""}), expected);
  EXPECT_EQ(introduction_in({"HTTP/1.1 100 Continue", "Backhaul-Nonce: x", "", "HTTP/1.1 200",
                             "Backhaul-Nonce: " + nonce, "Backhaul-Proof: " + proof}),
            expected);
}

TEST(IntroductionAnswers, AreNoneWhereOneWouldBeSomethingElse) {
  const std::string told_nonce = "Backhaul-Nonce: " + nonce, told_proof = "Backhaul-Proof: " + proof;
  EXPECT_FALSE(introduction_in({}));
  EXPECT_FALSE(introduction_in({told_nonce, told_proof})) << "no status";
  EXPECT_FALSE(introduction_in({"HTTP/1.1 403 Forbidden", told_nonce, told_proof}));
  EXPECT_FALSE(introduction_in({"HTTP/1.1 2000 OK", told_nonce, told_proof}));
  EXPECT_FALSE(introduction_in({"HTTP/1.1 200 OK", told_nonce}));
  EXPECT_FALSE(introduction_in({"HTTP/1.1 200 OK", told_proof, told_proof, told_nonce})) << "which of them";
  EXPECT_FALSE(introduction_in({"HTTP/1.1 200 OK", told_nonce + "1", told_proof}));
  EXPECT_FALSE(introduction_in({"HTTP/1.1 200 OK", told_nonce, told_proof, "X-Long: " + std::string(17'000, 'x')}));
}

}  // namespace
}  // namespace backhaul::curl
