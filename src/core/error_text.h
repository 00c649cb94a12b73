// SPDX-License-Identifier: Apache-2.0
// The sentence for an error context: BITS keeps it as the text of a message of its own
// (errors.md §1, BG_E_ERROR_CONTEXT_*), so it stands in codes.def like every other.
#pragma once

#include <string_view>

#include "base/vocabulary.h"
#include "core/job.h"

namespace backhaul::core {

// Never empty; a number without a meaning is told as the unknown context.
std::string_view context_text(base::ErrorContext context);
// The protocol by which the file was fetched as it failed: "http" or "file"; empty where the failure has to do with neither (errors.md
// §3).
std::string_view protocol_text(const ErrorInfo& error);

}  // namespace backhaul::core
