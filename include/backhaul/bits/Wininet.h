// SPDX-License-Identifier: Apache-2.0
// Another spelling of wininet.h, for sources written where file names ignore case.
#include "wininet.h"
