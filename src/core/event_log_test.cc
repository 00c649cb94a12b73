// SPDX-License-Identifier: Apache-2.0
#include "core/event_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace backhaul::core {
namespace {

using LineNumbers = std::vector<std::uint64_t>;

struct BoundedLog : ::testing::Test {
  EventLog<LoggedLine> log{6};
  std::vector<LoggedLine> all;

  // Returns what went for them.
  LineNumbers add(std::uint32_t uid, std::size_t lines) {
    LineNumbers gone;
    for (; lines > 0; --lines) {
      const LoggedLine line{all.size() + 1, uid};
      all.push_back(line);
      if (const auto out = log.append(line)) gone.push_back(out->sequence);
    }
    return gone;
  }
  LineNumbers kept(std::uint64_t since = 0, std::size_t most = 100) const {
    LineNumbers numbers;
    log.after(since, [&](const LoggedLine& line) {
      numbers.push_back(line.sequence);
      return numbers.size() < most;
    });
    return numbers;
  }
  std::size_t kept_of(std::uint32_t uid) const {
    std::size_t count = 0;
    log.after(0, [&](const LoggedLine& line) {
      count += line.owner_uid == uid ? 1 : 0;
      return true;
    });
    return count;
  }
};

TEST_F(BoundedLog, OneOwnerHasAllOfIt) {
  EXPECT_EQ(log.last_sequence(), 0U);
  EXPECT_EQ(add(1, 8), (LineNumbers{1, 2}));
  EXPECT_EQ(kept(), (LineNumbers{3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(log.last_sequence(), 8U);
}

TEST_F(BoundedLog, WhoeverHasMostLosesHisOldest) {
  add(1, 2);
  EXPECT_EQ(add(2, 6), (LineNumbers{3, 4})) << "not 1 and 2, which are older";
  EXPECT_EQ(kept(), (LineNumbers{1, 2, 5, 6, 7, 8}));
  EXPECT_EQ(add(1, 1), (LineNumbers{5}));
  EXPECT_EQ(add(1, 1), (LineNumbers{1})) << "four of his by now, against three";
  EXPECT_EQ(kept(), (LineNumbers{2, 6, 7, 8, 9, 10}));
}

TEST_F(BoundedLog, OfThoseWithAsManyTheOldestLineGoes) {
  add(1, 3);
  add(2, 3);
  EXPECT_EQ(add(3, 1), (LineNumbers{1}));
  EXPECT_EQ(add(3, 1), (LineNumbers{4}));
}

TEST_F(BoundedLog, EachOwnerKeepsHisShareWhateverTheOthersDo) {
  for (std::uint32_t uid = 1; uid <= 3; ++uid) add(uid, 2);
  for (std::uint32_t uid = 1; uid <= 3; ++uid) {
    add(uid, 1000);
    for (std::uint32_t owner = 1; owner <= 3; ++owner) EXPECT_GE(kept_of(owner), 2U) << uid << " " << owner;
  }
}

TEST_F(BoundedLog, MoreOwnersThanLinesLeaveTheNewest) {
  for (std::uint32_t uid = 1; uid <= 9; ++uid) add(uid, 1);
  EXPECT_EQ(kept(), (LineNumbers{4, 5, 6, 7, 8, 9}));
}

TEST_F(BoundedLog, LinesOfAllOwnersComeInTheOrderOfTheirNumbersPageByPage) {
  for (int i = 0; i < 2; ++i)
    for (std::uint32_t uid = 3; uid >= 1; --uid) add(uid, 1);
  EXPECT_EQ(kept(0, 4), (LineNumbers{1, 2, 3, 4}));
  EXPECT_EQ(kept(4, 4), (LineNumbers{5, 6}));
  EXPECT_TRUE(kept(6).empty());
}

// The store cuts now and then, memory at every line, and a restart appends what is left in the store.
TEST_F(BoundedLog, CutNowAndThenItIsTheSame) {
  std::vector<LoggedLine> stored;
  std::uint32_t random = 1;
  for (int round = 0; round < 200; ++round) {
    random = random * 1'664'525 + 1'013'904'223;
    const std::size_t from = all.size();
    add(random >> 29, 1 + (random >> 10) % 4);
    stored.insert(stored.end(), all.begin() + static_cast<std::ptrdiff_t>(from), all.end());
    const LineNumbers gone = excess(stored, 6);
    LineNumbers left;
    for (const LoggedLine& line : stored)
      if (!std::ranges::binary_search(gone, line.sequence)) left.push_back(line.sequence);
    ASSERT_EQ(left, kept()) << round;
    if (random >> 31 == 0) continue;
    std::erase_if(stored, [&](const LoggedLine& line) { return std::ranges::binary_search(gone, line.sequence); });
  }
}

}  // namespace
}  // namespace backhaul::core
