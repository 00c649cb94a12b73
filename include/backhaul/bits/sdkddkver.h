// SPDX-License-Identifier: Apache-2.0
// Programs include it and use nothing of it.
#ifndef BACKHAUL_BITS_SDKDDKVER_H
#define BACKHAUL_BITS_SDKDDKVER_H
#include "backhaul_com_types.h"
#endif  // BACKHAUL_BITS_SDKDDKVER_H
