// SPDX-License-Identifier: Apache-2.0
// FNV-1a with 64 bits: a digest that tells accidents apart and keeps nobody from deceiving. What it
// says is written down and compared by later runs, so it is the same on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace backhaul::base {

inline constexpr std::uint64_t fnv_basis = 0xCBF2'9CE4'8422'2325U;
inline constexpr std::uint64_t fnv_prime = 0x100'0000'01B3U;

class Fnv1a {
 public:
  constexpr void add(std::uint64_t value) { value_ = (value_ ^ value) * fnv_prime; }
  constexpr void add(std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) add(std::to_integer<std::uint64_t>(byte));
  }
  constexpr void add(std::string_view text) {
    for (const char c : text) add(std::uint64_t{static_cast<unsigned char>(c)});
  }
  constexpr std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = fnv_basis;
};

}  // namespace backhaul::base
