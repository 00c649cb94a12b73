// SPDX-License-Identifier: Apache-2.0
#include "core/request_rules.h"

#include <algorithm>
#include <vector>

#include "core/secrets.h"

namespace backhaul::core {

SharedRequestRules no_request_rules() {
  static const auto none = std::make_shared<const RequestRules>();
  return none;
}

namespace {

bool is_ticket(const SecretRecord& record) { return record.implicit && is_credentials(record.slot); }

}  // namespace

bool needs_ticket(const SecretsSet& set) { return std::ranges::any_of(set.all(), is_ticket); }

void apply(ImplicitLogin rule, SecretsSet& set) {
  if (rule == ImplicitLogin::if_set) return;
  if (rule == ImplicitLogin::never) {
    std::vector<SecretSlot> gone;
    for (const SecretRecord& record : set.all())
      if (is_ticket(record)) gone.push_back(record.slot);
    for (const SecretSlot slot : gone) set.remove(slot);
    return;
  }
  for (const AuthTarget target : {AuthTarget::server, AuthTarget::proxy}) {
    const SecretSlot slot = slot_of(target, AuthScheme::negotiate);
    if (set.find(slot) == nullptr) set.put({.slot = slot, .implicit = true, .set_by = {}});
  }
}

}  // namespace backhaul::core
