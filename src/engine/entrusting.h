// SPDX-License-Identifier: Apache-2.0
// What owners entrust to a job: credentials, headers, a client certificate. They are judged, sealed, and put
// on the shelf of the job; its row learns since when, and by whom.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "core/hidden_users.h"
#include "engine/draft.h"
#include "ports/queue.h"

namespace backhaul::engine {

base::Result<void> may_entrust(const core::Job& job, const ports::SecretsChange& change,
                               const ports::Caller& caller);
// What may_entrust() let pass. `certificate`: what the one that the change names was found to be.
base::Result<void> entrust(Draft& draft, const base::JobId& id, const ports::SecretsChange& change,
                           const core::ClientCertificate* certificate, const ports::Caller& caller);
// False: there were none.
base::Result<bool> remove_credentials(Draft& draft, const base::JobId& id, core::AuthTarget target,
                                      core::AuthScheme scheme, const ports::Caller& caller);
// Users and passwords that stand in addresses and proxies, out of the rows (core/hidden_users.h). What was
// hidden is on the shelf when keep() was called.
class AddressHider {
 public:
  AddressHider(Draft& draft, const base::JobId& id, const ports::Caller& caller)
      : draft_(draft), id_(id), caller_(caller) {}
  // Those of servers; a file of this machine has no user.
  std::string hide(std::string_view address);
  base::Text hide_list(const base::Text& proxies);
  base::Result<void> keep();

 private:
  Draft& draft_;
  const base::JobId& id_;
  const ports::Caller& caller_;
  std::optional<core::HiddenUsers> users_;  // as soon as there is one to be hidden
};
// Of the job; those that cannot be opened any more are not known.
core::HiddenUsers hidden_users(const Draft& draft, const base::JobId& id);

bool remove_certificate(Draft& draft, const base::JobId& id);

}  // namespace backhaul::engine
