// SPDX-License-Identifier: Apache-2.0
#include "core/source.h"

namespace backhaul::core {

bool keeps_copies(const Source& source) { return source.kind != SourceKind::origin; }

bool is_of_site(const Source& source) { return keeps_copies(source) && source.kind != SourceKind::duplicate; }

}  // namespace backhaul::core
