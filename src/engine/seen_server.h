// SPDX-License-Identifier: Apache-2.0
// A server as all jobs see it, or as those of one owner do: by a proxy of his own, or with certificates that he
// accepts, somebody else may answer in its name (core::speaks_for_all).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace backhaul::engine {

struct SeenServer {
  std::string origin;  // core::url_origin
  std::optional<std::uint32_t> owner{};  // unset: all

  auto operator<=>(const SeenServer&) const = default;
};

}  // namespace backhaul::engine
