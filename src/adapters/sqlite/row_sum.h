// SPDX-License-Identifier: Apache-2.0
// A checksum over the values of a row, in the order of its columns. SQLite notices a page that cannot be
// read, not a byte that changed within a record. FNV-1a, a word at a time: each step is one-to-one, so
// a change of one value always shows.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/fnv.h"

namespace backhaul::sqlite {

class RowSum {
 public:
  constexpr void null() { add(0x6E75'6C6CU); }
  constexpr void number(std::int64_t value) { add(static_cast<std::uint64_t>(value)); }
  void bytes(std::string_view value) {
    add(value.size());  // so that no two texts side by side are taken for two others
    for (; value.size() >= sizeof(std::uint64_t); value.remove_prefix(sizeof(std::uint64_t)))
      add(word(value, sizeof(std::uint64_t)));
    if (!value.empty()) add(word(value, value.size()));
  }
  constexpr std::int64_t value() const { return static_cast<std::int64_t>(sum_); }

 private:
  constexpr void add(std::uint64_t word) {
    sum_ = (sum_ ^ word) * base::fnv_prime;
    sum_ ^= sum_ >> 32;  // a product moves upwards only
  }
  // The same on every machine: a queue may be copied.
  static std::uint64_t word(std::string_view text, std::size_t size) {
    std::uint64_t value = 0;
    std::memcpy(&value, text.data(), size);
    return std::endian::native == std::endian::little ? value : std::byteswap(value);
  }
  std::uint64_t sum_ = base::fnv_basis;
};

}  // namespace backhaul::sqlite
