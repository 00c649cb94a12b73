// SPDX-License-Identifier: Apache-2.0
// Programs include it; what they use of it is in winuser.h.
#ifndef BACKHAUL_BITS_WINDEF_H
#define BACKHAUL_BITS_WINDEF_H
#include "winuser.h"
#endif  // BACKHAUL_BITS_WINDEF_H
