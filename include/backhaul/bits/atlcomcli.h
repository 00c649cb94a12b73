// SPDX-License-Identifier: Apache-2.0
// Programs include it; what they use of it is in atlbase.h.
#ifndef BACKHAUL_BITS_ATLCOMCLI_H
#define BACKHAUL_BITS_ATLCOMCLI_H
#include "atlbase.h"
#endif  // BACKHAUL_BITS_ATLCOMCLI_H
