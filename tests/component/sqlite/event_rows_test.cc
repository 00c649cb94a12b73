// SPDX-License-Identifier: Apache-2.0
// The event log on the disk: as many lines, and the same, as the running service shows.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/event_log.h"
#include "tests/component/sqlite/damaged_queue.h"

namespace backhaul::sqlite {
namespace {

class EventRows : public DamagedQueue {
 protected:
  void write(std::uint32_t uid, std::uint64_t lines) {
    ports::Batch batch;
    for (; lines > 0; --lines) {
      ++number_;
      batch.events.push_back({.sequence = number_,
                              .kind = core::NotifyKind::job_error,
                              .code = base::http_code(404),
                              .owner_uid = uid,
                              .time = base::from_epoch_us(number_)});
      memory_.append({number_, uid});
    }
    batch.next_sequence = number_ + 1;
    commit(std::move(batch));
  }
  std::vector<std::uint64_t> in_memory() const {
    std::vector<std::uint64_t> numbers;
    memory_.after(0, [&](const core::LoggedLine& line) {
      numbers.push_back(line.sequence);
      return true;
    });
    return numbers;
  }
  static std::vector<std::uint64_t> numbers_of(const std::vector<core::EventRecord>& events) {
    std::vector<std::uint64_t> numbers;
    for (const core::EventRecord& event : events) numbers.push_back(event.sequence);
    return numbers;
  }
  std::int64_t rows() {
    store_.reset();
    auto database = Database::open(path());
    return database ? database->number("SELECT count(*) FROM event").value() : -1;
  }

  std::uint64_t number_ = 0;
  core::EventLog<core::LoggedLine> memory_;
};

TEST_F(EventRows, AreBoundedAndSurviveARestartLineByLine) {
  start();
  constexpr std::uint64_t count = core::event_log_max + 2500;
  while (number_ < count) write(1000, 500);
  const auto events = start().events;
  ASSERT_EQ(events.size(), core::event_log_max) << "as many as the running service shows";
  EXPECT_EQ(events.front().sequence, count - core::event_log_max + 1);
  EXPECT_EQ(events.back().sequence, count);
  EXPECT_EQ(events.back().code, base::http_code(404));
  EXPECT_EQ(base::to_epoch_us(events.back().time), count);
}

TEST_F(EventRows, OfOneOwnerStayWhateverAnotherWrites) {
  start();
  write(1000, 5);
  for (int i = 0; i < 23; ++i) write(1001, 500);
  const auto events = start().events;
  EXPECT_EQ(std::ranges::count(events, 1000U, &core::EventRecord::owner_uid), 5);
  EXPECT_EQ(numbers_of(events), in_memory());
}

// Memory cuts at every line, the store now and then.
TEST_F(EventRows, AreThoseThatMemoryKeepsAtEveryRestart) {
  start();
  for (const std::uint32_t uid : {1000U, 1001U, 1002U}) write(uid, 3500);
  for (std::uint32_t i = 0; i < 12; ++i) {
    write(1000 + i * i % 3, 700);
    ASSERT_EQ(numbers_of(start().events), in_memory()) << i;
  }
  EXPECT_LT(rows(), static_cast<std::int64_t>(core::event_log_max + 1000));
}

TEST_F(EventRows, AreCutAlsoWhereNoLifeWritesMuch) {
  start();
  write(0, core::event_log_max);
  for (int life = 0; life < 6; ++life) {
    start();
    write(0, 600);
  }
  EXPECT_LT(rows(), static_cast<std::int64_t>(core::event_log_max + 1000));
}

}  // namespace
}  // namespace backhaul::sqlite
