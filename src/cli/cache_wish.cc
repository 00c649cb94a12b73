// SPDX-License-Identifier: Apache-2.0
#include "cli/cache_wish.h"

#include <charconv>
#include <string_view>

#include "cli/setting_kind.h"
#include "cli/text.h"

namespace backhaul::cli {
namespace {

std::optional<std::uint32_t> parse_percent(std::string_view text) {
  if (text.ends_with('%')) text.remove_suffix(1);
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::uint32_t> parse_age(std::string_view text) {
  const auto time = parse_duration(text);
  return time ? std::optional(static_cast<std::uint32_t>(time->count())) : std::nullopt;
}

}  // namespace

std::expected<CacheWish, std::string> parse_cache_wish(std::span<const std::string> assignments) {
  CacheWish wish;
  for (const std::string& assignment : assignments) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos)
      return std::unexpected("\"" + assignment + "\" is not KEY=VALUE, such as limit=5%");
    const std::string key = assignment.substr(0, equals);
    const std::string value = assignment.substr(equals + 1);
    const char* wanted = nullptr;
    if (key == "limit") {
      wanted = (wish.limit = parse_percent(value)) ? nullptr : "a share of the disk like 5%";
    } else if (key == "max-age") {
      wanted = (wish.max_age = parse_age(value)) ? nullptr : "a time like 90d";
    } else if (key == "peer-caching") {
      constexpr setting_kind::peers kind;
      wanted = (wish.flags = parse(kind, value)) ? nullptr : words_of(kind).wanted;
    } else {
      return std::unexpected("there is no key \"" + key + "\": limit, max-age and peer-caching are known");
    }
    if (wanted != nullptr) return std::unexpected("\"" + value + "\" is not " + wanted + " (" + key + ")");
  }
  return wish;
}

}  // namespace backhaul::cli
