// SPDX-License-Identifier: Apache-2.0
#include "engine/administration.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "core/admission.h"
#include "engine/asking.h"
#include "engine/caching.h"

namespace backhaul::engine {
namespace {

using base::Code;
using Answer = base::Result<ports::ReplyValue>;

base::Error is_busy() {
  return {Code::BG_E_BUSYCACHERECORD, "the copy is being made, or a neighbour is being given it"};
}

// As this turn sees it; a new one is on no list yet, and nobody knows its id.
struct PeerOrders {
  Draft& draft;

  bool busy(const base::RecordId& id) const { return is_busy_record(*draft.cache.find(id)); }

  Answer operator()(const ports::command::DeleteRecord& order) const {
    if (draft.cache.find(order.id) == nullptr) return base::Error(Code::BG_E_NOT_FOUND, "there is no such record");
    if (busy(order.id)) return is_busy();
    Caching::remove(draft, order.id);
    return ports::ReplyValue{};
  }
  Answer operator()(const ports::command::DeleteRecordsOf& order) const {
    std::vector<base::RecordId> found;
    for (const base::RecordId& id : draft.view().cache.of_url(base::Text(order.url)))
      if (draft.cache.find(id) != nullptr) found.push_back(id);
    if (std::ranges::any_of(found, [this](const base::RecordId& id) { return busy(id); })) return is_busy();
    for (const base::RecordId& id : found) Caching::remove(draft, id);
    return ports::ReplyValue{found.empty() ? Code::S_FALSE : Code::S_OK};
  }
  Answer operator()(const ports::command::ClearRecords&) const {
    for (const auto& [id, entry] : draft.view().cache.all())
      if (draft.cache.find(id) != nullptr) Caching::remove(draft, id);
    return ports::ReplyValue{};
  }
  Answer operator()(const ports::command::LookForPeers& order) const {
    draft.effect(effect::LookForNeighbours{order.anew});
    return ports::ReplyValue{};
  }
  // The rest of the turn goes by it already: a cache that is smaller now makes room in the same commit.
  Answer operator()(const ports::command::Prefer& order) const {
    BH_CHECK(core::check(order.wanted));
    Conditions& conditions = draft.conditions;
    core::add(conditions.preferences, order.wanted);
    core::Policy policy = *conditions.policy;
    core::prefer(policy.cache, policy.neighbours, conditions.preferences);
    const Code told = core::outcome(
        order.wanted, core::in_force(policy.cache, policy.neighbours, conditions.preferences));
    // Who compares them is not troubled for nothing.
    if (policy.cache != conditions.policy->cache || policy.neighbours != conditions.policy->neighbours) {
      const auto before = std::exchange(conditions.policy, std::make_shared<const core::Policy>(std::move(policy)));
      change_sources(draft, *before);
    }
    return ports::ReplyValue{told};
  }
};

}  // namespace

Answer administer(Draft& draft, const ports::command::Administer& command, const ports::Caller& caller) {
  BH_CHECK(core::may_manage_peers(caller.owner(), caller.right, draft.context().settings.machine_wide));
  return std::visit(PeerOrders{draft}, command.what);
}

}  // namespace backhaul::engine
