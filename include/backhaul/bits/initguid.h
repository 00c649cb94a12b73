// SPDX-License-Identifier: Apache-2.0
// Nothing to switch on: DEFINE_GUID always defines here. For sources that include it.
#ifndef BACKHAUL_BITS_INITGUID_H
#define BACKHAUL_BITS_INITGUID_H
#include "guiddef.h"
#endif  // BACKHAUL_BITS_INITGUID_H
