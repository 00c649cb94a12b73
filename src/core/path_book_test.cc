// SPDX-License-Identifier: Apache-2.0
#include "core/path_book.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace backhaul::core {
namespace {

using namespace std::chrono_literals;

const base::WallTime begin{std::chrono::hours(500'000)};
constexpr PathMemory line{.base_delay = 20ms, .capacity = 6e6};
const std::string path("\x0a\x00\x00\x02 \n\xff", 7);

TEST(PathBook, WhatIsKnownOfAPathFadesAndIsForgotten) {
  PathBook book;
  book.keep(path, line, begin);
  EXPECT_EQ(book.recall(path, begin), line);
  EXPECT_EQ(book.recall("other", begin), PathMemory{});
  EXPECT_EQ(book.recall(path, begin + 48h).base_delay, 20ms);
  EXPECT_NEAR(book.recall(path, begin + 48h).capacity, 3e6, 1);
  EXPECT_EQ(book.recall(path, begin + 24h * 8), PathMemory{});
}

TEST(PathBook, AClockThatWasSetBackMakesItOldAndNothingElse) {
  PathBook book;
  book.keep(path, line, begin);
  const PathMemory before = book.recall(path, begin - 24h * 365 * 50);
  EXPECT_EQ(before.base_delay, 20ms);
  EXPECT_LT(before.capacity, line.capacity);
  EXPECT_GT(before.capacity, line.capacity / 2);
}

TEST(PathBook, IsTheSameAfterItWasWritten) {
  PathBook book;
  book.keep(path, line, begin);
  book.keep("b", {.base_delay = 1us, .capacity = 0}, base::WallTime{} - 5us);
  book.keep("nothing", {}, begin);
  EXPECT_EQ(book.size(), 2U);
  EXPECT_EQ(PathBook::parse(book.text()), book);
  EXPECT_EQ(PathBook::parse(""), PathBook());
}

TEST(PathBook, WhatIsDamagedIsLeftOut) {
  PathBook book;
  book.keep("a", line, begin);
  book.keep("b", line, begin);
  const std::string text = book.text();
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string damaged = text;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    const PathBook read = PathBook::parse(damaged);
    for (const char* key : {"a", "b"}) {
      const PathMemory memory = read.recall(key, begin);
      EXPECT_TRUE(memory == line || memory == PathMemory{}) << i;
    }
    EXPECT_GE(read.size() + 2, 2U);
    EXPECT_LE(read.size(), 2U);
  }
  EXPECT_EQ(PathBook::parse("garbage\n\n \n0a 1\n").size(), 0U);
}

TEST(PathBook, KeepsThoseThatWereUsedLast) {
  PathBook book;
  for (int i = 0; i < 300; ++i) book.keep(std::to_string(i), line, begin + std::chrono::seconds(i));
  EXPECT_EQ(book.size(), PathBook::most);
  EXPECT_EQ(book.recall("0", begin + 300s), PathMemory{});
  EXPECT_NE(book.recall("299", begin + 300s), PathMemory{});
}

}  // namespace
}  // namespace backhaul::core
