// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/rows.h"

#include <gtest/gtest.h>

#include "adapters/sqlite/random_rows_for_test.h"
#include "adapters/sqlite/schema.h"

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
  base::Result<void> read_only_job() {
    Statement statement = prepare(select_jobs());
    EXPECT_TRUE(statement.step().value());
    std::int64_t row = 0;
    core::Job job;
    return read_job(statement, row, job);
  }

  std::optional<Database> database_;
};

TEST_F(Rows, AnyJobComesBackFieldByField) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    base::Prng prng(seed);
    const core::Job job = testing::any_job(prng);
    put(1, job);  // replaces the one before: no field may shine through
    Statement statement = prepare(select_jobs());
    ASSERT_TRUE(statement.step().value());
    std::int64_t row = 0;
    core::Job read;
    const auto result = read_job(statement, row, read);
    ASSERT_TRUE(result) << "seed " << seed << ": " << result.error().text;
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
    Statement statement = prepare(select_files());
    ASSERT_TRUE(statement.step().value());
    std::int64_t row = 0;
    core::File read;
    const auto result = read_file(statement, row, read);
    ASSERT_TRUE(result) << "seed " << seed << ": " << result.error().text;
    ASSERT_EQ(row, 1);
    ASSERT_TRUE(read == file) << "seed " << seed;
    ASSERT_FALSE(statement.step().value());
  }
}

TEST_F(Rows, ADefaultJobComesBack) {
  put(3, core::Job{});
  EXPECT_TRUE(read_only_job());
}

TEST_F(Rows, AValueThatCannotBeOursIsDamageAndNamed) {
  for (const char* change : {"state = 9", "type = -1", "started = 2", "owner_uid = 4294967296",
                             "error_context = 99", "error_text = NULL", "active = -1",
                             "active = 9223372036854775807"}) {
    core::Job job;
    job.error = core::ErrorInfo{};
    put(1, job);
    ASSERT_TRUE(database_->run(std::string("UPDATE job SET ") + change));
    const auto result = read_only_job();
    ASSERT_FALSE(result) << change;
    EXPECT_TRUE(is_damage(result.error())) << change;
  }
}

}  // namespace
}  // namespace backhaul::sqlite
