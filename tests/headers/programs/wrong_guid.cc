// SPDX-License-Identifier: Apache-2.0
// expect-error: CLSID_BackgroundCopyManager is an id of these headers
#include <bits.h>

DEFINE_GUID(CLSID_BackgroundCopyManager, 0x4991d34b, 0x80a1, 0x4291, 0x83, 0xb6, 0x33, 0x28, 0x36,
            0x6b, 0x90, 0x98);
