// SPDX-License-Identifier: Apache-2.0
// Another spelling of winbase.h, for sources written where file names ignore case.
#include "winbase.h"
