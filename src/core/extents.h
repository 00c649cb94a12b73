// SPDX-License-Identifier: Apache-2.0
// Which bytes of a part are there: ranges that are sorted, disjoint and never touch each other. Nearly
// every set is the first n bytes of a file, and that one costs a number and a pointer that leads nowhere.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/rare.h"

namespace backhaul::core {

// No file is longer than this; numbers of places are compared and added up.
inline constexpr std::uint64_t bytes_max = UINT64_MAX / 2;

struct Extent {  // [begin, end)
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  std::uint64_t length() const { return end - begin; }
  bool operator==(const Extent&) const = default;
};

class Extents {
 public:
  Extents() = default;
  static Extents until(std::uint64_t end);  // [0, end)

  bool empty() const { return prefix_ == 0 && !behind_; }
  // Where the first gap begins: what is in front of it is there without one.
  std::uint64_t prefix() const { return prefix_; }
  bool is_prefix() const { return !behind_; }
  Extent last() const;  // the one that ends highest; [0, 0) of an empty set
  std::uint64_t end() const { return last().end; }
  std::uint64_t total() const;
  bool contains(std::uint64_t place) const { return covers({place, place + 1}); }
  bool covers(Extent bytes) const;
  // The first bytes of `wanted` that are not there.
  std::optional<Extent> first_gap(Extent wanted) const;
  // How many bytes directly before `place` are there.
  std::uint64_t run_before(std::uint64_t place) const;
  std::vector<Extent> list() const;

  void add(Extent bytes);
  void add(const Extents& other);
  void remove(Extent bytes);
  // Nothing from `end` on.
  void trim(std::uint64_t end);
  Extents common(const Extents& other) const;   // what both have
  Extents without(const Extents& other) const;  // what only this one has

  // In a row: prefix() as a number, and what lies behind its gap as text, "200-300,500-600" (the ends
  // are not in it); empty: nothing.
  std::string behind_text() const;
  // Unset: not what those two give, or a text beyond bytes_max.
  static std::optional<Extents> parse(std::uint64_t prefix, std::string_view behind);

  bool operator==(const Extents&) const = default;

 private:
  static Extents of(std::vector<Extent> sorted);

  std::uint64_t prefix_ = 0;
  Rare<std::vector<Extent>> behind_;  // never empty, and never [0, …)
};

static_assert(sizeof(Extents) <= sizeof(std::uint64_t) + sizeof(void*));

// What a row holds as text is read as strictly as it is written: digits without a leading zero.
std::optional<std::uint64_t> parse_place(std::string_view digits);

}  // namespace backhaul::core
