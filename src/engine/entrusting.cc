// SPDX-License-Identifier: Apache-2.0
#include "engine/entrusting.h"

#include <utility>

#include "core/admission.h"
#include "core/custom_headers.h"
#include "core/http.h"
#include "core/weight.h"
#include "engine/allowance.h"
#include "engine/changing.h"
#include "engine/conditions.h"
#include "engine/draft.h"

namespace backhaul::engine {
namespace {

core::SecretsSet set_of(const core::Job& job) {
  return job.rare->secrets ? *job.rare->secrets : core::SecretsSet();
}

void store(Draft& draft, const base::JobId& id, core::SecretsSet set) {
  draft.edit(id, Weight::hard)
      .rare.set(&core::RareOfJob::secrets,
                set.empty() ? core::Rare<core::SecretsSet>() : core::Rare(std::move(set)));
  judge_anew(draft, id);  // it may have waited for another login
}

void clear(Draft& draft, const base::JobId& id, core::SecretSlot slot) {
  core::Shelf* shelf = draft.shelves.edit(id);
  if (shelf == nullptr || shelf->erase(slot) == 0 || !shelf->empty()) return;
  draft.shelves.erase(id);
}

}  // namespace

base::Result<void> may_entrust(const core::Job& job, const ports::SecretsChange& change,
                               const ports::Caller& caller) {
  if (change.empty()) return {};
  BH_CHECK(core::may_touch_secrets(core::owner_of(job), caller.owner()));
  for (const core::Credentials& one : change.credentials) {
    BH_CHECK(core::check(one));
    if (one.implicit()) BH_CHECK(core::may_use_implicit_credentials(caller.application));
  }
  if (change.certificate) {
    BH_CHECK(core::may_use_certificates(caller.application));
    BH_CHECK(core::check_certificate(*change.certificate));
  }
  if (change.custom_headers) return core::check_custom_headers(change.custom_headers->reveal());
  return {};
}

base::Result<void> entrust(Draft& draft, const base::JobId& id, const ports::SecretsChange& change,
                           const core::ClientCertificate* certificate, const ports::Caller& caller) {
  if (change.empty()) return {};
  // Sealed before anything changes: a key that cannot be had refuses the whole.
  core::SecretsSet set = set_of(*draft.job(id));
  core::Shelf sealed;
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
  if (change.certificate) {
    BH_ASSERT(certificate != nullptr);
    const base::Secret& pass_phrase = change.certificate->pass_phrase;
    sealed[core::SecretSlot::certificate] = {};
    if (!pass_phrase.empty()) BH_CHECK(seal(core::SecretSlot::certificate, pass_phrase));
    set.put_certificate(*certificate,
                        {core::SecretSlot::certificate, pass_phrase.empty(), author(draft, caller)});
  }
  BH_CHECK(take_octets(draft, id, core::weigh(sealed)));
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

core::HiddenUsers hidden_users(const Draft& draft, const base::JobId& id) {
  constexpr core::SecretSlot slot = core::SecretSlot::addresses;
  const core::Shelf* shelf = draft.shelves.find(id);
  if (shelf == nullptr || !shelf->contains(slot)) return {};
  const auto list = draft.context().sealer.open({id, slot}, shelf->at(slot));
  return list ? core::HiddenUsers(*list) : core::HiddenUsers();
}

std::string AddressHider::hide(std::string_view address) {
  const std::string scheme = core::url_scheme(address);
  if ((scheme != "http" && scheme != "https") || !core::names_user(address)) return std::string(address);
  if (!users_) users_ = hidden_users(draft_, id_);
  return users_->hide(address, [this] { return draft_.numbers.next_sequence++; });
}

base::Text AddressHider::hide_list(const base::Text& proxies) {
  if (proxies.view().find('@') == std::string_view::npos) return proxies;
  if (!users_) users_ = hidden_users(draft_, id_);
  return base::Text(users_->hide_list(proxies.view(), [this] { return draft_.numbers.next_sequence++; }));
}

base::Result<void> AddressHider::keep() {
  if (!users_) return {};
  constexpr core::SecretSlot slot = core::SecretSlot::addresses;
  BH_TRY(base::Text sealed, draft_.context().sealer.seal({id_, slot}, users_->list()));
  core::SecretsSet set = set_of(*draft_.job(id_));
  set.put({slot, false, author(draft_, caller_)});
  store(draft_, id_, std::move(set));
  draft_.shelves.make(id_)[slot] = std::move(sealed);
  return {};
}

bool remove_certificate(Draft& draft, const base::JobId& id) {
  core::SecretsSet set = set_of(*draft.job(id));
  if (!set.remove_certificate()) return false;
  store(draft, id, std::move(set));
  clear(draft, id, core::SecretSlot::certificate);
  return true;
}

}  // namespace backhaul::engine
