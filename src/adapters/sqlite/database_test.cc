// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/database.h"

#include <gtest/gtest.h>

#include <array>

#include "adapters/sqlite/memory_for_test.h"

namespace backhaul::sqlite {
namespace {

TEST(Database, ValuesComeBackAsTheyWereBound) {
  Database database = memory();
  ASSERT_TRUE(database.run("CREATE TABLE t (n INTEGER, s TEXT, b BLOB, z TEXT) STRICT"));
  auto put = database.prepare("INSERT INTO t VALUES (?, ?, ?, ?)");
  ASSERT_TRUE(put);
  const std::string odd("a\0b\xFF", 4);
  const std::array<std::uint8_t, 3> bytes{1, 0, 255};
  put->bind(1, std::int64_t{-1});
  put->bind(2, std::string_view(odd));
  put->bind(3, std::span<const std::uint8_t>(bytes));
  put->bind_null(4);
  ASSERT_TRUE(put->run());

  auto get = database.prepare("SELECT n, s, b, z FROM t");
  ASSERT_TRUE(get);
  ASSERT_TRUE(get->step().value());
  std::int64_t number = 0;
  std::string text;
  std::array<std::uint8_t, 3> read{};
  EXPECT_TRUE(get->read(0, number));
  EXPECT_TRUE(get->read(1, text));
  EXPECT_TRUE(get->read(2, read));
  EXPECT_EQ(number, -1);
  EXPECT_EQ(text, odd);
  EXPECT_EQ(read, bytes);
  EXPECT_TRUE(get->is_null(3));
  EXPECT_FALSE(get->step().value());
}

TEST(Database, AColumnOfAnotherTypeIsNotConverted) {
  Database database = memory();
  auto get = database.prepare("SELECT 'text', 7, x'0102', NULL");
  ASSERT_TRUE(get && get->step().value());
  std::int64_t number = 5;
  std::string text = "before";
  std::array<std::uint8_t, 3> bytes{};
  EXPECT_FALSE(get->read(0, number));
  EXPECT_FALSE(get->read(1, text));
  EXPECT_FALSE(get->read(2, bytes)) << "another length";
  EXPECT_FALSE(get->read(3, text));
  EXPECT_EQ(number, 5);
  EXPECT_EQ(text, "before");
}

TEST(Database, AnEmptyTextIsNotNull) {
  Database database = memory();
  auto get = database.prepare("SELECT ? IS NULL, ?1");
  ASSERT_TRUE(get);
  get->bind(1, std::string_view());
  ASSERT_TRUE(get->step().value());
  std::int64_t null = 1;
  EXPECT_TRUE(get->read(0, null));
  EXPECT_EQ(null, 0);
}

TEST(Database, AnErrorNamesTheStatementButNotItsValues) {
  Database database = memory();
  ASSERT_TRUE(database.run("CREATE TABLE t (s TEXT NOT NULL CHECK (s <> 'hunter2')) STRICT"));
  auto put = database.prepare("INSERT INTO t VALUES (?)");
  ASSERT_TRUE(put);
  put->bind(1, std::string_view("hunter2"));
  const auto result = put->run();
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().text.find("INSERT INTO t VALUES (?)"), std::string::npos);
  put->bind(1, std::string_view("fine"));
  EXPECT_TRUE(put->run()) << "a failed step must not spoil the statement";
}

TEST(Database, ATransactionThatIsNotCommittedIsUndone) {
  Database database = memory();
  ASSERT_TRUE(database.run("CREATE TABLE t (n INTEGER)"));
  {
    auto transaction = Transaction::begin(database);
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(database.run("INSERT INTO t VALUES (1)"));
  }
  EXPECT_EQ(database.number("SELECT count(*) FROM t").value(), 0);
  {
    auto transaction = Transaction::begin(database);
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(database.run("INSERT INTO t VALUES (1)"));
    ASSERT_TRUE(transaction->commit());
  }
  EXPECT_EQ(database.number("SELECT count(*) FROM t").value(), 1);
}

TEST(Database, AFullDatabaseIsAFullDisk) {
  Database database = memory();
  ASSERT_TRUE(database.run("CREATE TABLE t (b BLOB); PRAGMA max_page_count = 10"));
  const auto result = database.run("INSERT INTO t VALUES (zeroblob(100000))");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::Code::DISK_FULL);
}

TEST(Database, OpeningDoesNotMakeAFile) {
  const auto database = Database::open("/proc/self/no-such-file");
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().code, base::Code::FILE_NOT_FOUND);
}

}  // namespace
}  // namespace backhaul::sqlite
