// SPDX-License-Identifier: Apache-2.0
// Another spelling of shlwapi.h, for sources written where file names ignore case.
#include "shlwapi.h"
