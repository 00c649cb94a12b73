// SPDX-License-Identifier: Apache-2.0
// From which servers jobs may fetch at all, as patterns of an administrator or a user: addresses that are
// given, mirrors, and where a redirect leads. What is copied on this machine comes from no server. Pure.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/rule.h"

namespace backhaul::core {

// One of "[http://|https://]HOST[:PORT]": HOST is a name, an address, "*.DOMAIN" (every name below it, not the
// domain itself) or "*". What is not said is not looked at.
struct OriginPattern {
  std::string scheme;  // empty: either
  std::string host;    // in lower case, without brackets
  std::string port;    // empty: any

  bool operator==(const OriginPattern&) const = default;
};

using OriginPatterns = std::vector<OriginPattern>;

// The patterns of a list, with blanks or commas between them; "none" alone allows nothing. The error names the
// one that is none.
base::Result<OriginPatterns> parse_origins(std::string_view list);

// The machine's and the user's: both hold. Without a line everything is allowed.
struct AllowedOrigins {
  std::array<Rule<OriginPatterns>, 2> rules{};

  bool all() const { return rules[0].where.empty() && rules[1].where.empty(); }
  bool operator==(const AllowedOrigins&) const = default;
};

struct OriginRefusal {
  std::string host;   // empty: the address names none that two programs would read alike
  std::string where;  // the line that says so
};

std::optional<OriginRefusal> refusal(const AllowedOrigins& allowed, std::string_view url);
// "HOST is not among the servers that jobs may fetch from (AllowedOrigins, FILE:LINE)".
std::string describe(const OriginRefusal& refusal);
// BG_E_BLOCKED_BY_POLICY, in those words.
base::Result<void> may_fetch_from(const AllowedOrigins& allowed, std::string_view url);

}  // namespace backhaul::core
