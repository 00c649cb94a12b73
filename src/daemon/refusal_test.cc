// SPDX-License-Identifier: Apache-2.0
#include "daemon/refusal.h"

#include <gtest/gtest.h>
#include <sysexits.h>

#include <optional>

#include "tests/support/temp_dir.h"

namespace backhaul::daemon {
namespace {

TEST(Refusal, CallersAreToldWhereTheBusDoesNotHearOfTheEndOrMayNotSayWhy) {
  EXPECT_TRUE(nobody_else_tells(false, {.systemd = true})) << "dbus-daemon waits for the name";
  EXPECT_TRUE(nobody_else_tells(true, {.systemd = true}));
  EXPECT_TRUE(nobody_else_tells(true, {.bus = true})) << "the bus has the exit code, and nobody may read the reason";
  EXPECT_FALSE(nobody_else_tells(false, {.bus = true})) << "the bus has the exit code, and its user the reason";
  EXPECT_FALSE(nobody_else_tells(true, {})) << "somebody typed it, and reads it there";
}

TEST(Refusal, WhatKeptItFromStartingIsWhatItLeftSaidOrThatThereIsNoFolder) {
  const test::TempDir folder;
  const bus::StartFailureWatch told(folder.path());
  EXPECT_EQ(failure_of_start(told, EX_OK), std::nullopt);
  EXPECT_EQ(failure_of_start(told, EX_IOERR), std::nullopt) << "of a service that had begun to serve";
  EXPECT_EQ(failure_of_start(told, EX_TEMPFAIL), std::nullopt) << "another one serves";
  EXPECT_EQ(failure_of_start(told, EX_CANTCREAT), (bus::StartFailure{EX_CANTCREAT, {}}));
  bus::write_start_failure(folder.path(), {EX_TEMPFAIL, "it holds the queue and does not answer"});
  EXPECT_EQ(failure_of_start(told, EX_TEMPFAIL), std::nullopt) << "it may only be slow";
  bus::write_start_failure(folder.path(), {EX_CONFIG, "backhauld.conf:2: no number"});
  EXPECT_EQ(failure_of_start(told, EX_CONFIG), (bus::StartFailure{EX_CONFIG, "backhauld.conf:2: no number"}));
}

}  // namespace
}  // namespace backhaul::daemon
