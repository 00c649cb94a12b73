// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/pins.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "os/sha256.h"

namespace backhaul::neighbours {
namespace {

const std::string my_group(16, 'a');
std::string pin(int number) { return os::sha256(std::to_string(number)); }

TEST(PinsTest, WhoWasNotMetForLongestMakesRoom) {
  Pins pins;
  pins.begin(my_group, {});
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(pins.add(pin(i)));
  EXPECT_TRUE(pins.knows(pin(0)));
  EXPECT_FALSE(pins.add(pin(1))) << "it is there, and was met just now";
  EXPECT_TRUE(pins.add(pin(100)));
  EXPECT_TRUE(pins.knows(pin(0)));
  EXPECT_TRUE(pins.knows(pin(1)));
  EXPECT_FALSE(pins.knows(pin(2)));
  EXPECT_EQ(pins.key_of(pin(100).substr(0, 32)), pin(100));
  EXPECT_EQ(pins.key_of(pin(2).substr(0, 32)), "");
}

TEST(PinsTest, AreReadAgainInTheirOrderAndOnlyByTheirGroup) {
  Pins pins;
  pins.begin(my_group, {});
  for (int i = 0; i < 100; ++i) pins.add(pin(i));
  pins.knows(pin(0));
  Pins again;
  again.begin(my_group, pins.text());
  EXPECT_EQ(again.text(), pins.text());
  again.add(pin(100));
  EXPECT_TRUE(again.knows(pin(0)));
  EXPECT_FALSE(again.knows(pin(1)));
  Pins other;
  other.begin(std::string(16, 'b'), pins.text());
  EXPECT_FALSE(other.knows(pin(5))) << "whoever had the old secret has to prove the new one";
}

TEST(PinsTest, AFileThatSomebodyElseWroteMakesNobodyKnown) {
  Pins pins;
  const std::string begin = "group " + my_group + "\n";
  for (const std::string& rest :
       {pin(1) + "\n" + pin(2).substr(1) + "\n", pin(1) + "\n\n", std::string(64, 'A') + "\n"}) {
    pins.begin(my_group, begin + rest);
    EXPECT_FALSE(pins.knows(pin(1))) << rest;
  }
  pins.begin(my_group, begin + pin(1));
  EXPECT_TRUE(pins.knows(pin(1)));
  pins.end();
  EXPECT_FALSE(pins.knows(pin(1)));
}

}  // namespace
}  // namespace backhaul::neighbours
