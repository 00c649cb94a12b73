// SPDX-License-Identifier: Apache-2.0
#include "client/environment.h"

#include <cstdlib>
#include <string_view>

#include "bus/utf8.h"

namespace backhaul::client {
namespace {

struct Variable {
  const char* name;
  const char* other_name;
};

constexpr Variable variables[] = {{"http_proxy", nullptr},
                                  {"https_proxy", "HTTPS_PROXY"},
                                  {"all_proxy", "ALL_PROXY"},
                                  {"no_proxy", "NO_PROXY"}};

// What cannot go over the bus is no address, and no reason to refuse the job.
bool is_sendable(std::string_view value) { return value.size() <= 32'000 && bus::is_valid_utf8(value); }

}  // namespace

std::optional<bus::Variables> proxy_variables() {
  bus::Variables found;
  for (const auto& [name, other_name] : variables) {
    const char* value = std::getenv(name);
    if (value == nullptr && other_name != nullptr) value = std::getenv(other_name);
    if (value != nullptr && *value != '\0' && is_sendable(value)) found.emplace_back(name, value);
  }
  return found.empty() ? std::nullopt : std::optional(std::move(found));
}

}  // namespace backhaul::client
