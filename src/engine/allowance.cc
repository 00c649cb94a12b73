// SPDX-License-Identifier: Apache-2.0
#include "engine/allowance.h"

#include <string>

#include "core/size_text.h"
#include "engine/draft.h"

namespace backhaul::engine {

base::Result<void> check_octets(const Draft& draft, const base::JobId& id, std::uint64_t more) {
  if (more == 0) return {};  // never refused: a lowered limit leaves what is there
  const core::Limits& limits = draft.conditions.policy->limits;
  const core::Rule<std::uint64_t>& most = limits.octets_per_user;
  const core::Account account = core::account_of(core::owner_of(*draft.job(id)));
  if (limits.exempts(account) || draft.octets(account) + more <= most.value) return {};
  return {base::Code::E_OUTOFMEMORY, "the jobs of a user may take " + core::size_text(most.value) +
                                         " in the queue, and have " + core::size_text(draft.octets(account)) + " " +
                                         core::by_rule("MaxMiBPerUser", most.where)};
}

base::Result<void> take_octets(Draft& draft, const base::JobId& id, std::uint64_t more) {
  BH_CHECK(check_octets(draft, id, more));
  draft.grow(core::account_of(core::owner_of(*draft.job(id))), more);
  return {};
}

}  // namespace backhaul::engine
