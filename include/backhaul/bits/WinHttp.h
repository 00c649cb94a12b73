// SPDX-License-Identifier: Apache-2.0
// Another spelling of winhttp.h, for sources written where file names ignore case.
#include "winhttp.h"
