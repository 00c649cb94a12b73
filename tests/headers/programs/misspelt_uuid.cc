// SPDX-License-Identifier: Apache-2.0
// expect-error: a GUID is written
#include <bits.h>

class Misspelt;
BACKHAUL_UUID(Misspelt, "01020304-0506-0708-090a-0b0c0d0e0f1g")
