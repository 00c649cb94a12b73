// SPDX-License-Identifier: Apache-2.0
// expect-error: BACKHAUL_UUID
// A class must not silently answer to the id of its base.
#include <bits.h>

struct Derived : IBackgroundCopyJob {};
GUID ask() { return __uuidof(Derived); }
