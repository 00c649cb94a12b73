// SPDX-License-Identifier: Apache-2.0
// Programs include it; what they use of it is in windows.h.
#ifndef BACKHAUL_BITS_WININET_H
#define BACKHAUL_BITS_WININET_H
#include "windows.h"
#endif  // BACKHAUL_BITS_WININET_H
