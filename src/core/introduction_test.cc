// SPDX-License-Identifier: Apache-2.0
#include "core/introduction.h"

#include <gtest/gtest.h>

#include <set>

namespace backhaul::core {
namespace {

TEST(Introductions, EveryPartOfOneIsProven) {
  const Introduction said{.binding = "aa", .asker = "bb", .asked = "cc", .asker_nonce = "dd", .asked_nonce = "ee"};
  std::set<std::string> words{words_of_asker(said), words_of_asked(said)};
  for (std::string Introduction::*part :
       {&Introduction::binding, &Introduction::asker, &Introduction::asked, &Introduction::asker_nonce}) {
    Introduction other = said;
    other.*part = "00";
    words.insert(words_of_asker(other));
    words.insert(words_of_asked(other));
  }
  Introduction other = said;
  other.asked_nonce = "00";
  words.insert(words_of_asked(other));
  EXPECT_EQ(words.size(), 11U);
}

TEST(Introductions, AreOfHexDigitsAlone) {
  EXPECT_TRUE(is_nonce(std::string(32, 'a')));
  EXPECT_TRUE(is_proof(std::string(64, '0')));
  EXPECT_TRUE(is_group(std::string(16, '9')));
  for (const std::string& wrong :
       {std::string(), std::string(31, 'a'), std::string(32, 'A'), std::string(31, 'a') + '\n'})
    EXPECT_FALSE(is_nonce(wrong));
  EXPECT_FALSE(is_proof(std::string(63, 'a') + 'g'));
}

}  // namespace
}  // namespace backhaul::core
