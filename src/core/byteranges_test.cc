// SPDX-License-Identifier: Apache-2.0
#include "core/byteranges.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace backhaul::core {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

// What comes of a body that arrives in pieces of at most so many bytes: "[4-6/10]efg[end]".
std::string read(std::string_view body, std::size_t piece = 1000) {
  ByteRanges parts("b x");
  std::string told;
  while (!body.empty()) {
    std::string_view offered = body.substr(0, piece);
    body.remove_prefix(offered.size());
    while (!offered.empty()) {
      const auto step = parts.next(bytes_of(offered));
      EXPECT_LE(step.used, offered.size());
      switch (step.what) {
        case ByteRanges::What::more: break;
        case ByteRanges::What::part:
          told += "[" + std::to_string(*step.range.first) + "-" + std::to_string(*step.range.last) + "/" +
                  (step.range.total ? std::to_string(*step.range.total) : "*") + "]";
          break;
        case ByteRanges::What::bytes:
          EXPECT_GT(step.used, 0U);
          told += offered.substr(0, step.used);
          parts.took(step.used);
          break;
        case ByteRanges::What::end:
          if (!told.ends_with("[end]")) told += "[end]";
          break;
        case ByteRanges::What::broken: return told + "[broken]";
      }
      offered.remove_prefix(step.used);
    }
  }
  return told;
}

const std::string two =
    "\r\n--b x\r\nContent-Type: text/plain\r\nContent-Range: bytes 4-6/10\r\n\r\nefg\r\n"
    "--b x \r\ncontent-range:bytes 8-9/10\r\n\r\n\r\n\r\n--b x--\r\nwhatever";

TEST(ByteRanges, ArePartsWithTheBytesOfTheFile) {
  for (std::size_t piece = 1; piece < 80; ++piece)
    EXPECT_EQ(read(two, piece), "[4-6/10]efg[8-9/10]\r\n[end]") << piece;
}

TEST(ByteRanges, ABoundaryInTheFileIsOfTheFile) {
  EXPECT_EQ(read("--b x\r\nContent-Range: bytes 0-6/7\r\n\r\n--b x--\r\n--b x--"), "[0-6/7]--b x--");
  EXPECT_EQ(read("--b x\r\nContent-Range: bytes 0-6/7\r\n\r\n--b x--\r\n--b x--\r\n"), "[0-6/7]--b x--[end]");
}

TEST(ByteRanges, WhatIsNoSuchBodyIsBroken) {
  for (const char* body : {"--other\r\n", "text\r\n", "\r\n\r\n\r\n--b x\r\n", "--b x\r\n\r\n",
                           "--b x\r\nContent-Type: a/b\r\n\r\n", "--b x\r\nContent-Range: bytes 9-4/10\r\n",
                           "--b x\r\nContent-Range: bytes */10\r\n\r\n", "--b x\r\nContent-Range: bytes 4-6/5\r\n",
                           "--b x\r\nContent-Range: bytes 0-1/5\r\nContent-Range: bytes 2-3/5\r\n"})
    EXPECT_EQ(read(body), "[broken]") << body;
  EXPECT_EQ(read("--b x\r\nContent-Range: bytes 0-0/7\r\n\r\nab"), "[0-0/7]a") << "it may be a blank line still";
  EXPECT_EQ(read("--b x\r\nContent-Range: bytes 0-0/7\r\n\r\nab\r\n"), "[0-0/7]a[broken]");
}

TEST(ByteRanges, KeepNoMoreThanAHeadMayHave) {
  const std::string fields = "--b x\r\nA: ";
  EXPECT_EQ(read(fields + std::string(part_head_max, 'x')), "[broken]");
  std::string many = "--b x\r\n";
  while (many.size() <= part_head_max) many += "A: b\r\n";
  EXPECT_EQ(read(many), "[broken]");
}

TEST(ByteRanges, WhatLiesBehindTheEndIsBounded) {
  const std::string end = "--b x--\r\n";
  EXPECT_EQ(read(end + std::string(part_head_max - end.size(), 'x')), "[end]");
  for (const std::size_t piece : {std::size_t{1}, std::size_t{100}, std::size_t{10'000}})
    EXPECT_EQ(read(end + std::string(part_head_max, 'x'), piece), "[end][broken]") << piece;
}

TEST(ByteRangesProperty, AnythingEndsAndGivesNoByteTwice) {
  const std::vector<std::string> words = {"--b x", "\r\n", "--b x--", "Content-Range: bytes 0-3/9", "Content-Range: bytes 5-8/9",
                                          "\n", "a", ": ", "--", "\r", std::string(1, '\0'), "Content-Range: bytes 0-18446744073709551614/*"};
  base::Prng random(7);
  for (int round = 0; round < 3'000; ++round) {
    std::string body = random.chance(500) ? two : "";
    for (int i = 0; i < 12; ++i) body.insert(random.below(body.size() + 1), words[random.below(words.size())]);
    const std::string told = read(body, 1000);
    EXPECT_LE(told.size(), body.size() + 200 * words.size());
    EXPECT_EQ(read(body, 1 + random.below(9)), told) << body;
  }
}

}  // namespace
}  // namespace backhaul::core
