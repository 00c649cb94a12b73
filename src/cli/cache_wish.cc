// SPDX-License-Identifier: Apache-2.0
#include "cli/cache_wish.h"

#include <backhaul/types.h>

#include <string_view>
#include <utility>

#include "cli/arguments.h"
#include "cli/text.h"

namespace backhaul::cli {
namespace {

std::optional<std::uint32_t> parse_percent(std::string_view text) {
  if (text.ends_with('%')) text.remove_suffix(1);
  return whole_number<std::uint32_t>(text);
}

std::optional<std::uint32_t> parse_age(std::string_view text) {
  const auto time = parse_duration(text);
  return time ? std::optional(static_cast<std::uint32_t>(time->count())) : std::nullopt;
}

// The first word that cannot be meant, where there is one.
std::expected<std::uint32_t, std::string> parse_use(const std::string& text) {
  std::uint32_t flags = 0;
  for (const std::string& word : split_list(text)) {
    if (word == "client") flags |= peers::client;
    else if (word == "server") flags |= peers::server;
    else if (word != "none") return std::unexpected(word);
  }
  if (text.empty()) return std::unexpected(text);
  return flags;
}

}  // namespace

std::expected<CacheWish, std::string> parse_cache_wish(std::span<const std::string> assignments) {
  CacheWish wish;
  for (const std::string& assignment : assignments) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos)
      return std::unexpected("\"" + assignment + "\" is not KEY=VALUE, such as limit=5%");
    const std::string key = assignment.substr(0, equals);
    std::string value = assignment.substr(equals + 1);
    const char* wanted = nullptr;
    if (key == "limit") {
      wanted = (wish.limit = parse_percent(value)) ? nullptr : "a share of the disk like 5%";
    } else if (key == "max-age") {
      wanted = (wish.max_age = parse_age(value)) ? nullptr : "a time like 90d";
    } else if (key == "peer-caching") {
      if (auto flags = parse_use(value)) {
        wish.flags = *flags;
      } else {
        value = std::move(flags).error();
        wanted = "one of client, server and none";
      }
    } else {
      return std::unexpected("there is no key \"" + key + "\": limit, max-age and peer-caching are known");
    }
    if (wanted != nullptr) return std::unexpected("\"" + value + "\" is not " + wanted + " (" + key + ")");
  }
  return wish;
}

}  // namespace backhaul::cli
