// SPDX-License-Identifier: Apache-2.0
// What `cache set` asks for.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>

namespace backhaul::cli {

struct CacheWish {
  std::optional<std::uint32_t> limit;  // per cent of the disk
  std::optional<std::uint32_t> max_age;  // seconds without use
  std::optional<std::uint32_t> flags;  // bits of backhaul::peers
};

// Of "limit=5%", "max-age=90d", "peer-caching=client,server"; else what is wrong, as a sentence. What is out of
// bounds the service says.
std::expected<CacheWish, std::string> parse_cache_wish(std::span<const std::string> assignments);

}  // namespace backhaul::cli
