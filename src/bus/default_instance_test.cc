// SPDX-License-Identifier: Apache-2.0
#include "bus/default_instance.h"

#include <gtest/gtest.h>

namespace backhaul::bus {
namespace {

using enum InstanceChoice;

TEST(DefaultInstance, AUserWithASessionHasAServiceOfTheirOwn) {
  EXPECT_EQ(choose_instance({.asked = "", .session = true}), user);
  EXPECT_EQ(choose_instance({.asked = "", .session = true, .own_work = true}), user);
}

TEST(DefaultInstance, RootAndWhoHasNoSessionUseThatOfTheMachine) {
  EXPECT_EQ(choose_instance({.asked = "", .root = true, .session = true}), machine_if_installed);
  EXPECT_EQ(choose_instance({.asked = "", .root = true}), machine_if_installed);
  EXPECT_EQ(choose_instance({.asked = ""}), machine_if_installed);
}

TEST(DefaultInstance, WhatTheyHaveBegunIsFinishedWhereItIs) {
  EXPECT_EQ(choose_instance({.asked = "", .root = true, .own_work = true}), user_before_machine);
  EXPECT_EQ(choose_instance({.asked = "", .own_work = true}), user_before_machine);
}

TEST(DefaultInstance, WhoAsksForOneGetsIt) {
  EXPECT_EQ(choose_instance({.asked = "system", .session = true}), machine);
  EXPECT_EQ(choose_instance({.asked = "system", .own_work = true}), machine);
  EXPECT_EQ(choose_instance({.asked = "user", .root = true}), user);
  EXPECT_EQ(choose_instance({.asked = "System", .session = true}), user);  // no word that is known
}

}  // namespace
}  // namespace backhaul::bus
