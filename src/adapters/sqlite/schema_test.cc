// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/schema.h"

#include <gtest/gtest.h>

#include <vector>

#include "adapters/sqlite/memory_for_test.h"

namespace backhaul::sqlite {
namespace {

TEST(Schema, AnEmptyDatabaseGetsTheNewestVersion) {
  Database database = memory();
  ASSERT_TRUE(migrate(database));
  EXPECT_EQ(database.number("PRAGMA user_version").value(),
            static_cast<std::int64_t>(migrations().size()));
  EXPECT_EQ(database.number("SELECT next_sequence FROM queue").value(), 1);
  EXPECT_TRUE(migrate(database)) << "a second time changes nothing";
}

TEST(Schema, AnOlderVersionIsLedForwardWithItsRows) {
  Database database = memory();
  ASSERT_TRUE(migrate(database));
  ASSERT_TRUE(database.run("UPDATE queue SET next_sequence = 42"));
  std::vector<std::string> steps(migrations().begin(), migrations().end());
  steps.push_back("ALTER TABLE queue ADD COLUMN more INTEGER NOT NULL DEFAULT 7");
  ASSERT_TRUE(migrate(database, steps));
  EXPECT_EQ(database.number("SELECT next_sequence + more FROM queue").value(), 49);
  EXPECT_EQ(database.number("PRAGMA user_version").value(),
            static_cast<std::int64_t>(steps.size()));
}

TEST(Schema, AFailedStepLeavesTheOldVersion) {
  Database database = memory();
  ASSERT_TRUE(migrate(database));
  std::vector<std::string> steps(migrations().begin(), migrations().end());
  steps.push_back("ALTER TABLE queue ADD COLUMN more INTEGER; SELECT * FROM nowhere");
  EXPECT_FALSE(migrate(database, steps));
  EXPECT_EQ(database.number("PRAGMA user_version").value(),
            static_cast<std::int64_t>(migrations().size()));
  EXPECT_FALSE(database.number("SELECT more FROM queue"));
}

TEST(Schema, ANewerVersionIsRefusedAndNotTouched) {
  Database database = memory();
  ASSERT_TRUE(migrate(database));
  ASSERT_TRUE(database.run("PRAGMA user_version = 99"));
  const auto result = migrate(database);
  ASSERT_FALSE(result);
  EXPECT_FALSE(is_damage(result.error())) << "it must not be set aside";
  EXPECT_NE(result.error().text.find("version 99"), std::string::npos) << result.error().text;
  EXPECT_EQ(database.number("PRAGMA user_version").value(), 99);
}

TEST(Schema, ADatabaseOfAnotherProgramIsDamage) {
  Database database = memory();
  ASSERT_TRUE(database.run("CREATE TABLE theirs (n)"));
  const auto result = migrate(database);
  ASSERT_FALSE(result);
  EXPECT_TRUE(is_damage(result.error()));
}

}  // namespace
}  // namespace backhaul::sqlite
