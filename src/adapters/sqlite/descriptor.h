// SPDX-License-Identifier: Apache-2.0
// The one of src/os, by the word of this room.
#pragma once

#include "os/descriptor.h"

namespace backhaul::sqlite {

using os::Descriptor;

}  // namespace backhaul::sqlite
