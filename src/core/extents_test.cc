// SPDX-License-Identifier: Apache-2.0
// Held against a model that cannot be wrong: a bit for every byte.
#include "core/extents.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bitset>

#include "base/random.h"

namespace backhaul::core {

void PrintTo(const Extents& extents, std::ostream* out) {
  *out << extents.prefix() << ' ' << extents.behind_text();
}

namespace {

constexpr std::size_t places = 96;
using Bits = std::bitset<places>;

struct Both {
  Extents extents;
  Bits bits;
};

Extent any_extent(base::Prng& prng) {
  const std::uint64_t a = prng.below(places + 1);
  const std::uint64_t b = prng.below(places + 1);
  return prng.chance(200) ? Extent{0, a} : Extent{std::min(a, b), std::max(a, b)};
}

void change(Both& both, base::Prng& prng) {
  const Extent bytes = any_extent(prng);
  const bool add = prng.chance(550);
  add ? both.extents.add(bytes) : both.extents.remove(bytes);
  for (std::uint64_t i = bytes.begin; i < bytes.end; ++i) both.bits[i] = add;
}

Extents of(const Bits& bits) {
  Extents extents;
  for (std::uint64_t i = 0; i < places; ++i)
    if (bits[i]) extents.add({i, i + 1});
  return extents;
}

void expect_in_order(const Extents& extents) {
  const auto list = extents.list();
  for (std::size_t i = 0; i < list.size(); ++i) {
    EXPECT_LT(list[i].begin, list[i].end);
    if (i == 0) continue;
    EXPECT_LT(list[i - 1].end, list[i].begin) << "they would be one";
  }
  EXPECT_EQ(extents.last(), list.empty() ? Extent{} : list.back());
  EXPECT_EQ(extents.is_prefix(), list.empty() || (list.size() == 1 && list[0].begin == 0));
}

std::optional<Extent> first_gap(const Bits& bits, Extent wanted) {
  std::uint64_t begin = wanted.begin;
  while (begin < wanted.end && bits[begin]) ++begin;
  std::uint64_t end = begin;
  while (end < wanted.end && !bits[end]) ++end;
  if (begin >= end) return std::nullopt;
  return Extent{begin, end};
}

void expect_equal(const Both& both, base::Prng& prng) {
  const auto& [extents, bits] = both;
  expect_in_order(extents);
  EXPECT_EQ(extents, of(bits));
  EXPECT_EQ(extents.total(), bits.count());
  EXPECT_EQ(extents.empty(), bits.none());
  for (std::uint64_t i = 0; i < places; ++i) EXPECT_EQ(extents.contains(i), bits[i]);
  EXPECT_EQ(extents.prefix(), first_gap(bits, {0, places}).value_or(Extent{places, places}).begin);
  const Extent wanted = any_extent(prng);
  EXPECT_EQ(extents.first_gap(wanted), first_gap(bits, wanted));
  EXPECT_EQ(extents.covers(wanted), !first_gap(bits, wanted));
  std::uint64_t run = 0;
  while (run < wanted.end && bits[wanted.end - run - 1]) ++run;
  EXPECT_EQ(extents.run_before(wanted.end), run);
  EXPECT_EQ(Extents::parse(extents.prefix(), extents.behind_text()), extents);
}

TEST(Extents, AreASetOfBytes) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    base::Prng prng(seed);
    Both one, other;
    for (int step = 0; step < 60; ++step) {
      change(one, prng);
      change(other, prng);
      expect_equal(one, prng);
      EXPECT_EQ(one.extents.common(other.extents), of(one.bits & other.bits));
      EXPECT_EQ(one.extents.without(other.extents), of(one.bits & ~other.bits));
      Extents trimmed = one.extents;
      const std::uint64_t end = prng.below(places);
      trimmed.trim(end);
      EXPECT_EQ(trimmed, one.extents.common(Extents::until(end)));
      if (HasFailure()) FAIL() << "seed " << seed << ", step " << step;
    }
  }
}

TEST(Extents, OfTheFirstBytesNeedNoMemory) {
  Extents extents;
  for (std::uint64_t at = 0; at < 1000; at += 10) {
    extents.add({at, at + 10});
    EXPECT_TRUE(extents.is_prefix());
  }
  EXPECT_EQ(extents, Extents::until(1000));
  EXPECT_EQ(extents.behind_text(), "");
}

TEST(Extents, ABridgeMakesOneOfTwo) {
  Extents extents = Extents::until(100);
  extents.add({200, 300});
  EXPECT_EQ(extents.behind_text(), "200-300");
  EXPECT_EQ(extents.first_gap({0, 1000}), (Extent{100, 200}));
  extents.add({100, 200});
  EXPECT_EQ(extents, Extents::until(300));
}

TEST(Extents, WhatNobodyWroteIsNotRead) {
  for (const char* bad : {"-", "5", "5-", "-9", "9-5", "7-7", "20-30,25-40", "20-30,30-40", "50-60,20-30",
                          "20-30,", ",20-30", "020-30", "20-30 ", "+20-30", "20-9223372036854775808",
                          "20-99999999999999999999", "20-30-40", "a-b"})
    EXPECT_FALSE(Extents::parse(0, bad)) << bad;
  EXPECT_FALSE(Extents::parse(20, "20-30")) << "it would be one with what is in front of it";
  EXPECT_FALSE(Extents::parse(25, "20-30"));
  EXPECT_TRUE(Extents::parse(19, "20-9223372036854775807"));
}

TEST(Extents, ADamagedTextIsRefusedOrMeansWhatItSays) {
  Extents extents = Extents::until(10);
  for (std::uint64_t at : {20, 300, 4000, 50000}) extents.add({at, at + 100});
  const std::string sound = extents.behind_text();
  base::Prng prng(7);
  for (int i = 0; i < 5000; ++i) {
    std::string text = sound;
    for (auto n = 1 + prng.below(3); n > 0; --n)
      text[prng.below(text.size())] = "0123456789-,: \n"[prng.below(15)];
    if (const auto read = Extents::parse(10, text)) {
      EXPECT_EQ(read->behind_text(), text);
      expect_in_order(*read);
    }
  }
}

}  // namespace
}  // namespace backhaul::core
