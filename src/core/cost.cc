// SPDX-License-Identifier: Apache-2.0
#include "core/cost.h"

#include <array>
#include <charconv>
#include <utility>

namespace backhaul::core::cost {
namespace {

using Word = std::pair<std::uint32_t, std::string_view>;

constexpr std::array mask_words{Word{always, "always"}, Word{not_roaming, "not-roaming"},
                                Word{no_surcharge, "no-surcharge"}, Word{standard, "standard"},
                                Word{only_unrestricted, "unrestricted"}};

constexpr std::array state_words{Word{unrestricted, "unmetered"},
                                 Word{capped_usage_unknown, "metered"},
                                 Word{below_cap, "below its cap"},
                                 Word{near_cap, "near its cap"},
                                 Word{overcap_charged, "over its cap and charged for"},
                                 Word{overcap_throttled, "over its cap and throttled"},
                                 Word{usage_based, "paid by the byte"},
                                 Word{roaming, "roaming"}};

}  // namespace

std::string to_word(std::uint32_t mask) {
  for (const auto& [known, word] : mask_words)
    if (known == mask) return std::string(word);
  std::array<char, 8> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), mask, 16).ptr;
  return "0x" + std::string(digits.data(), end);
}

std::optional<std::uint32_t> from_word(std::string_view word) {
  for (const auto& [mask, known] : mask_words)
    if (known == word) return mask;
  const bool hex = word.starts_with("0x") || word.starts_with("0X");
  if (hex) word.remove_prefix(2);
  std::uint32_t mask = 0;
  const auto [end, problem] =
      std::from_chars(word.data(), word.data() + word.size(), mask, hex ? 16 : 10);
  if (problem != std::errc() || end != word.data() + word.size() || word.empty()) return std::nullopt;
  return mask;
}

std::string describe(std::uint32_t state) {
  std::string text;
  for (const auto& [bit, word] : state_words)
    if ((state & bit) != 0) text.append(text.empty() ? "" : ", ").append(word);
  return text.empty() ? "of unknown cost" : text;
}

}  // namespace backhaul::core::cost
