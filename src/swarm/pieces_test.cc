// SPDX-License-Identifier: Apache-2.0
#include "swarm/pieces.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace backhaul::swarmd {
namespace {

using namespace std::chrono_literals;

constexpr auto long_time = std::chrono::minutes(5);  // against what hangs

Pieces::Octets octets(const char* text) { return std::make_shared<const std::string>(text); }

TEST(PiecesTest, WhoAsksIsHandedThePieceWhenItComes) {
  std::vector<std::uint32_t> asked;
  Pieces* own = nullptr;
  Pieces pieces(
      [&](std::uint32_t piece) {
        asked.push_back(piece);
        own->arrived(piece + 1, octets("another"));  // nobody waits for that
        own->arrived(piece, octets("this"));
      },
      long_time);
  own = &pieces;
  const auto got = pieces.take(7);
  ASSERT_NE(got, nullptr);
  EXPECT_EQ(*got, "this");
  EXPECT_EQ(asked, std::vector<std::uint32_t>{7});
}

TEST(PiecesTest, OneThatCannotBeHadIsNotWaitedFor) {
  Pieces* own = nullptr;
  Pieces pieces([&](std::uint32_t piece) { own->arrived(piece, nullptr); }, long_time);
  own = &pieces;
  EXPECT_EQ(pieces.take(1), nullptr);
}

TEST(PiecesTest, OneThatDoesNotComeInTimeIsGivenUp) {
  Pieces pieces([](std::uint32_t) {}, 1ms);
  EXPECT_EQ(pieces.take(1), nullptr);
}

TEST(PiecesTest, EveryoneWhoWaitsGetsThePieceAndTheEndFreesAll) {
  std::atomic<int> asked = 0;
  Pieces pieces([&](std::uint32_t) { ++asked; }, long_time);
  std::vector<Pieces::Octets> got(3);
  std::vector<std::thread> readers;
  for (std::size_t i = 0; i < got.size(); ++i)
    readers.emplace_back([&, i] { got[i] = pieces.take(i == 2 ? 5 : 4); });
  while (asked < 3) std::this_thread::yield();
  pieces.arrived(4, octets("four"));
  readers[0].join();
  readers[1].join();
  pieces.close();
  readers[2].join();
  ASSERT_TRUE(got[0] && got[1]);
  EXPECT_EQ(*got[0] + *got[1], "fourfour");
  EXPECT_EQ(got[2], nullptr);
  EXPECT_EQ(pieces.take(4), nullptr);
}

}  // namespace
}  // namespace backhaul::swarmd
