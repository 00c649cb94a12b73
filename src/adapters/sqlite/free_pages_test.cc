// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/free_pages.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "adapters/sqlite/memory_for_test.h"
#include "adapters/sqlite/schema.h"

namespace backhaul::sqlite {
namespace {

constexpr std::int64_t rows = 3 * spare_pages;

// Each row is a page.
void fill(Database& database) {
  ASSERT_TRUE(database.run("CREATE TABLE t (n INTEGER PRIMARY KEY, b BLOB);"
                           "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < " +
                           std::to_string(rows) + ") INSERT INTO t SELECT n, zeroblob(3500) FROM number"));
}

int steps_until_all_is_given_back(Database& database) {
  int steps = 0;
  for (;; ++steps) {
    const auto more = give_back(database);
    EXPECT_TRUE(more) << more.error().text;
    if (!more.value_or(false)) return steps;
  }
}

std::int64_t pages(Database& database) { return database.number("PRAGMA page_count").value(); }

TEST(FreePages, MostOfThemGoWhereMostOfAFileIsFree) {
  Database database = memory();
  ASSERT_TRUE(lay_out(database));
  fill(database);
  ASSERT_TRUE(database.run("DELETE FROM t WHERE n % 100 > 0"));  // what stays lies everywhere
  EXPECT_GT(pages(database), rows);
  EXPECT_GT(steps_until_all_is_given_back(database), 2);
  EXPECT_LE(pages(database), spare_pages + rows / 50);
  EXPECT_EQ(database.number("SELECT count(*) FROM t").value(), rows / 100);
  EXPECT_EQ(database.text("PRAGMA integrity_check").value(), "ok");
}

TEST(FreePages, AFileThatIsHalfFullOrSmallIsLeftAsItIs) {
  Database database = memory();
  ASSERT_TRUE(lay_out(database));
  fill(database);
  ASSERT_TRUE(database.run("DELETE FROM t WHERE n % 2 > 0"));
  const std::int64_t before = pages(database);
  EXPECT_FALSE(give_back(database).value());
  EXPECT_EQ(pages(database), before);

  Database small = memory();
  ASSERT_TRUE(lay_out(small));
  ASSERT_TRUE(small.run("CREATE TABLE t (b BLOB); INSERT INTO t VALUES (zeroblob(1000000)); DELETE FROM t"));
  EXPECT_FALSE(give_back(small).value());
}

TEST(FreePages, ADatabaseThatWasNotLaidOutForItKeepsThem) {
  Database database = memory();
  fill(database);
  ASSERT_TRUE(database.run("DELETE FROM t"));
  EXPECT_FALSE(give_back(database).value()) << "nobody tries again and again";
  EXPECT_GT(pages(database), rows);
}

}  // namespace
}  // namespace backhaul::sqlite
