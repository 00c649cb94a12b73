// SPDX-License-Identifier: Apache-2.0
// Files that a job gets: where they may go, and what is said of them beside their names. Judged as a whole
// before any of them is added.
#pragma once

#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "core/client_certificate.h"
#include "core/owner.h"
#include "engine/draft.h"
#include "engine/lines.h"
#include "ports/queue.h"

namespace backhaul::engine {

// What the world said for a command, and what it has to be asked before the command can be judged.
struct Knowledge {
  const Clearance* clearance;
  std::optional<ports::Destinations> missing{};

  base::Result<void> check(const ports::Destinations& destinations);
  // Of what check() let pass.
  const core::ClientCertificate* certificate() const {
    return clearance == nullptr || !clearance->certificate ? nullptr : &*clearance->certificate;
  }
};

// Where they are to go. The rules are those of the job's own application, whoever adds the files: it is the
// one that reads what comes.
base::Result<ports::Destinations> places_of(const Context& context, core::Owner owner,
                                            const std::vector<ports::FileSpec>& files);
// Whether this owner could put the files of the job where they go: BG_E_NEW_OWNER_NO_FILE_ACCESS, and why not.
base::Result<void> check_new_owner(const Draft& draft, const base::JobId& id, core::Owner owner, Knowledge& known);
// A running job takes the new files up by itself. `certificate`: what is to be known beside them.
base::Result<void> add_files(Draft& draft, const base::JobId& id, std::vector<ports::FileSpec> files,
                             const std::optional<core::CertificateWanted>& certificate, Knowledge& known,
                             const ports::Caller& caller);

}  // namespace backhaul::engine
