// SPDX-License-Identifier: Apache-2.0
#include "engine/entrusting.h"

#include <utility>

#include "core/admission.h"
#include "core/custom_headers.h"
#include "engine/changing.h"

namespace backhaul::engine {
namespace {

base::Result<void> judge(const core::Job& job, const ports::SecretsChange& change,
                         const ports::Caller& caller) {
  BH_CHECK(core::may_touch_secrets(core::owner_of(job), caller.owner()));
  for (const core::Credentials& one : change.credentials) {
    BH_CHECK(core::check(one));
    if (one.implicit()) BH_CHECK(core::may_use_implicit_credentials(caller.application));
  }
  if (change.custom_headers) return core::check_custom_headers(change.custom_headers->reveal());
  return {};
}

core::SecretsSet set_of(const core::Job& job) { 
  return job.rare->secrets ? *job.rare->secrets : core::SecretsSet();
 }

void store(Draft& draft, const base::JobId& id, core::SecretsSet set) {
  draft.edit(id, Weight::hard)
      .rare.set(&core::RareOfJob::secrets,
                set.empty() ? core::Rare<core::SecretsSet>() : core::Rare(std::move(set)));
}

void clear(Draft& draft, const base::JobId& id, core::SecretSlot slot) {
  core::Shelf* shelf = draft.shelves.edit(id);
  if (shelf == nullptr || shelf->erase(slot) == 0 || !shelf->empty()) return;
  draft.shelves.erase(id);
}

}  // namespace

base::Result<void> entrust(Draft& draft, const base::JobId& id, const ports::SecretsChange& change,
                           const ports::Caller& caller) {
  if (change.empty()) return {};
  BH_CHECK(judge(*draft.job(id), change, caller));
  // Sealed before anything changes: a key that cannot be had refuses the whole.
  core::SecretsSet set = set_of(*draft.job(id));
  std::map<core::SecretSlot, base::Text> sealed;
  const auto seal = [&](core::SecretSlot slot, const base::Secret& value) -> base::Result<void> {
    BH_TRY(sealed[slot], draft.context().sealer.seal({id, slot}, value));
    return {};
  };
  for (const core::Credentials& one : change.credentials) {
    const core::SecretSlot slot = core::slot_of(one.target, one.scheme);
    sealed[slot] = {};
    if (!one.implicit()) BH_CHECK(seal(slot, core::joined(one)));
    set.put({slot, one.implicit(), author(draft, caller)});
  }
  if (const auto& headers = change.custom_headers) {
    sealed[core::SecretSlot::headers] = {};
    set.remove(core::SecretSlot::headers);
    if (!headers->empty()) {
      BH_CHECK(seal(core::SecretSlot::headers, *headers));
      set.put({core::SecretSlot::headers, false, author(draft, caller)});
    }
  }
  if (change.headers_write_only) set.make_headers_write_only();
  store(draft, id, std::move(set));
  for (auto& [slot, value] : sealed) {
    if (value.empty())
      clear(draft, id, slot);
    else
      draft.shelves.make(id)[slot] = std::move(value);
  }
  return {};
}

base::Result<bool> remove_credentials(Draft& draft, const base::JobId& id, core::AuthTarget target,
                                      core::AuthScheme scheme, const ports::Caller& caller) {
  const core::Job& job = *draft.job(id);
  BH_CHECK(core::may_touch_secrets(core::owner_of(job), caller.owner()));
  const core::SecretSlot slot = core::slot_of(target, scheme);
  core::SecretsSet set = set_of(job);
  if (!set.remove(slot)) return false;
  store(draft, id, std::move(set));
  clear(draft, id, slot);
  return true;
}

}  // namespace backhaul::engine
