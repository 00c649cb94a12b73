// SPDX-License-Identifier: Apache-2.0
// What clients set: properties of a job, whom it tells, and their verdict on a file.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "base/result.h"
#include "engine/draft.h"
#include "ports/queue.h"

namespace backhaul::engine {

core::Author author(const Draft& draft, const ports::Caller& caller);

base::Result<void> change(Draft& draft, const base::JobId& id, const ports::JobChange& change,
                          const ports::Caller& caller);
base::Result<void> may_register(const Draft& draft, const std::string& unique_name);
void set_object(Draft& draft, const base::JobId& id, core::ObjectRegistration object,
                const ports::Caller& caller);
void clear_object(Draft& draft, const base::JobId& id, const ports::Caller& caller);
// The application's verdict on one file (files.md §9). A file of the origin that is not valid puts the
// job into ERROR and is fetched again, into a new part, after a Resume.
base::Result<void> set_validation_state(Draft& draft, const base::JobId& id, std::uint32_t file,
                                  bool valid);

}  // namespace backhaul::engine
