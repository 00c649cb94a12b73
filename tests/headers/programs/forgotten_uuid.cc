// SPDX-License-Identifier: Apache-2.0
// expect-error: BACKHAUL_UUID
// Must not compile, and the message must say what to write.
#include <bits.h>

class Forgotten final {};
GUID ask() { return __uuidof(Forgotten); }
