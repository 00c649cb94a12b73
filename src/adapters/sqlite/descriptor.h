// SPDX-License-Identifier: Apache-2.0
// The one of src/state, by the word of this room.
#pragma once

#include "state/descriptor.h"

namespace backhaul::sqlite {

using state::Descriptor;

}  // namespace backhaul::sqlite
