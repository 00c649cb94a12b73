// SPDX-License-Identifier: Apache-2.0
// Another spelling of strsafe.h, for sources written where file names ignore case.
#include "strsafe.h"
