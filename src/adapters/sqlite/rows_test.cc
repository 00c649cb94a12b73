// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/rows.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/sqlite/random_rows_for_test.h"
#include "adapters/sqlite/schema.h"
#include "adapters/sqlite/sums_for_test.h"

namespace backhaul::sqlite {
namespace {

class Rows : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = Database::open(":memory:");
    ASSERT_TRUE(opened);
    database_.emplace(std::move(*opened));
    ASSERT_TRUE(migrate(*database_));
  }
  Statement prepare(const std::string& sql) {
    auto statement = database_->prepare(sql);
    EXPECT_TRUE(statement) << statement.error().text;
    return std::move(*statement);
  }
  void put(std::int64_t row, const core::Job& job) {
    Statement statement = prepare(put_job());
    bind_job(statement, row, job);
    ASSERT_TRUE(statement.run());
  }
  base::Result<Trust> read_only_job() {
    RowSource rows = job_rows(*database_).value();
    EXPECT_TRUE(rows.step().value());
    std::int64_t row = 0;
    core::Job job;
    return read_job(rows, row, job);
  }
  // But for ids: of a row with another id nobody knows whose it is.
  std::vector<std::string> columns_of(const std::string& table) {
    std::vector<std::string> columns;
    Statement names = prepare("SELECT name FROM pragma_table_info('" + table + "') WHERE type <> 'BLOB'");
    for (std::string name; names.step().value() && names.read(0, name);) columns.push_back(name);
    return columns;
  }

  std::optional<Database> database_;
};

TEST_F(Rows, AnyJobComesBackFieldByField) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    base::Prng prng(seed);
    const core::Job job = testing::any_job(prng);
    put(1, job);  // replaces the one before: no field may shine through
    RowSource rows = job_rows(*database_).value();
    ASSERT_TRUE(rows.step().value());
    std::int64_t row = 0;
    core::Job read;
    const auto result = read_job(rows, row, read);
    ASSERT_TRUE(result) << "seed " << seed << ": " << result.error().text;
    ASSERT_EQ(*result, Trust::sound) << "seed " << seed;
    ASSERT_EQ(row, 1);
    ASSERT_TRUE(read == job) << "seed " << seed;
  }
}

TEST_F(Rows, AnyFileComesBackFieldByField) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    base::Prng prng(seed);
    core::File file = testing::any_file(prng, {}, 7);
    Statement put = prepare(put_file());
    bind_file(put, 1, file);
    ASSERT_TRUE(put.run());
    RowSource rows = file_rows(*database_).value();
    ASSERT_TRUE(rows.step().value());
    std::int64_t row = 0;
    core::File read;
    const auto result = read_file(rows, row, read);
    ASSERT_TRUE(result) << "seed " << seed << ": " << result.error().text;
    ASSERT_EQ(*result, Trust::sound) << "seed " << seed;
    ASSERT_EQ(row, 1);
    ASSERT_TRUE(read == file) << "seed " << seed;
    ASSERT_FALSE(rows.step().value());
  }
}

TEST_F(Rows, ADefaultJobComesBack) {
  put(3, core::Job{});
  EXPECT_EQ(read_only_job().value(), Trust::sound);
}

TEST_F(Rows, AValueThatCannotBeOursIsDamageAndNamed) {
  for (const char* change : {"state = 9", "type = -1", "started = 2", "owner_uid = 4294967296",
                             "error_context = 99", "error_text = NULL", "active = -1",
                             "active = 9223372036854775807"}) {
    core::Job job;
    job.error = core::ErrorInfo{};
    put(1, job);
    ASSERT_TRUE(database_->run(std::string("UPDATE job SET ") + change));
    EXPECT_EQ(read_only_job().value(), Trust::doubtful) << change << ": its sum is wrong as well";
    ASSERT_TRUE(testing::sum_anew(*database_));
    const auto result = read_only_job();
    ASSERT_FALSE(result) << change;
    EXPECT_TRUE(is_damage(result.error())) << change;
  }
}

TEST_F(Rows, AChangedValueIsNoticedInWhateverColumn) {
  const auto trust = [this](const std::string& table) -> base::Result<Trust> {
    std::int64_t key = 0;
    core::Job job;
    core::File file;
    core::EventRecord event;
    if (table == "event") {
      Statement row = prepare(select_events());
      EXPECT_TRUE(row.step().value());
      return read_event(row, event);
    }
    RowSource rows = (table == "job" ? job_rows(*database_) : file_rows(*database_)).value();
    EXPECT_TRUE(rows.step().value());
    return table == "job" ? read_job(rows, key, job) : read_file(rows, key, file);
  };
  const std::string tables[] = {"job", "file", "event"};
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 24; ++seed) {  // few rows have all optional values
    base::Prng prng(seed);
    put(1, testing::any_job(prng));
    Statement file = prepare(put_file());
    const core::File any = testing::any_file(prng, {}, 7);  // until it is run: texts are not copied
    bind_file(file, 1, any);
    ASSERT_TRUE(file.run());
    core::EventRecord end{.sequence = 5};
    end.application = std::string("program");
    end.account = "ann";
    Statement event = prepare(put_event());
    bind_event(event, end);
    ASSERT_TRUE(event.run());
    for (const std::string& table : tables) {
      for (const std::string& column : columns_of(table)) {
        if (database_->number("SELECT count(" + column + ") FROM " + table).value() == 0) continue;
        seen.insert(table + "." + column);
        ASSERT_TRUE(database_->run("SAVEPOINT one; UPDATE " + table + " SET " + column + " = CASE typeof(" +
                                   column + ") WHEN 'text' THEN " + column + " || 'x' ELSE ~" + column + " END"))
            << table << "." << column;
        const auto told = trust(table);
        ASSERT_TRUE(database_->run("ROLLBACK TO one; RELEASE one"));
        ASSERT_TRUE(told) << table << "." << column << ": " << told.error().text;
        EXPECT_EQ(*told, Trust::doubtful) << table << "." << column;
      }
    }
  }
  for (const std::string& table : tables)
    for (const std::string& column : columns_of(table)) EXPECT_TRUE(seen.contains(table + "." + column)) << column;
}

TEST_F(Rows, TheNumbersOfTheQueueAreSoundFromTheBeginningUntilTheyChange) {
  EXPECT_EQ(read_numbers(*database_).value(), QueueNumbers{});
  const QueueNumbers numbers{42, 7, base::ServiceTime(base::Microseconds(9))};
  Statement put = prepare(put_numbers());
  bind_numbers(put, numbers);
  ASSERT_TRUE(put.run());
  EXPECT_EQ(read_numbers(*database_).value(), numbers);
  ASSERT_TRUE(database_->run("UPDATE queue SET service_time = service_time + 17592186044416"));
  EXPECT_EQ(read_numbers(*database_).value(), std::nullopt);
  ASSERT_TRUE(database_->run("DELETE FROM queue"));
  EXPECT_EQ(read_numbers(*database_).value(), std::nullopt);
}

}  // namespace
}  // namespace backhaul::sqlite
