// SPDX-License-Identifier: Apache-2.0
// What owners entrust to a job: credentials and headers. They are judged, sealed, and put on the shelf of
// the job; its row learns since when, and by whom.
#pragma once

#include "base/ids.h"
#include "base/result.h"
#include "engine/draft.h"
#include "ports/queue.h"

namespace backhaul::engine {

base::Result<void> entrust(Draft& draft, const base::JobId& id, const ports::SecretsChange& change,
                           const ports::Caller& caller);
// False: there were none.
base::Result<bool> remove_credentials(Draft& draft, const base::JobId& id, core::AuthTarget target,
                                      core::AuthScheme scheme, const ports::Caller& caller);

}  // namespace backhaul::engine
