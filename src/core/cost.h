// SPDX-License-Identifier: Apache-2.0
// What a network costs, and which of its states a job may use: BITS's bits (jobs.md §12) and the
// words that people type for its masks (policies.md §4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace backhaul::core::cost {

inline constexpr std::uint32_t unrestricted = 0x01;  // unmetered, or nobody knows
inline constexpr std::uint32_t capped_usage_unknown = 0x02;
inline constexpr std::uint32_t below_cap = 0x04;
inline constexpr std::uint32_t near_cap = 0x08;
inline constexpr std::uint32_t overcap_charged = 0x10;
inline constexpr std::uint32_t overcap_throttled = 0x20;
inline constexpr std::uint32_t usage_based = 0x40;
inline constexpr std::uint32_t roaming = 0x80;
inline constexpr std::uint32_t states = 0xFF;
inline constexpr std::uint32_t reserved = 0x40000000U;
inline constexpr std::uint32_t ignore_congestion = 0x80000000U;
inline constexpr std::uint32_t defined = states | reserved | ignore_congestion;

inline constexpr std::uint32_t always = 0x800000FFU;
inline constexpr std::uint32_t not_roaming = 0x8000007FU;
inline constexpr std::uint32_t no_surcharge = 0x8000006FU;
inline constexpr std::uint32_t standard = 0x80000067U;
inline constexpr std::uint32_t only_unrestricted = 0x80000021U;

// Every state that the network has is among those that the mask names.
constexpr bool allows(std::uint32_t mask, std::uint32_t state) {
  return (state & states & ~mask) == 0;
}
// One with a bit that means nothing, or that no network could satisfy, is none.
constexpr bool is_mask(std::uint32_t mask) {
  return (mask & ~defined) == 0 && (mask & states & ~roaming) != 0;
}

// "always", "not-roaming", "no-surcharge", "standard", "unrestricted", or the mask as 0x….
std::string to_word(std::uint32_t mask);
// One of these words, or a number.
std::optional<std::uint32_t> from_word(std::string_view word);
// For people: "metered, roaming".
std::string describe(std::uint32_t state);

}  // namespace backhaul::core::cost
