// SPDX-License-Identifier: Apache-2.0
// What the settings lay down of every request, whoever's job it is for: servers that may be asked, who the
// service says it is, by which proxy where nobody names one, and whether the session of a user may log in.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/origins.h"
#include "core/proxy.h"
#include "core/rule.h"

namespace backhaul::core {

// Implicit credentials: those that the owner's session has anyway (http-and-network.md §6).
enum class ImplicitLogin : std::uint8_t { always, if_set, never };

struct RequestRules {
  AllowedOrigins origins{};
  Rule<std::string> user_agent{};  // empty: that of the service
  Rule<ImplicitLogin> implicit{.value = ImplicitLogin::if_set};
  // Where neither a job, its maker's environment nor the desktop is asked for one.
  Rule<std::string> default_proxy{};
  std::string proxy_bypass{};

  bool operator==(const RequestRules&) const = default;
};

class SecretsSet;
// What a job may show of the session of its owner: nothing, where its owner set it, or always.
void apply(ImplicitLogin rule, SecretsSet& set);
// Whether it logs in by what the session of its owner has and nobody else: a ticket.
bool needs_ticket(const SecretsSet& set);

// Never null: compared and handed on, and not copied.
using SharedRequestRules = std::shared_ptr<const RequestRules>;
SharedRequestRules no_request_rules();

}  // namespace backhaul::core
