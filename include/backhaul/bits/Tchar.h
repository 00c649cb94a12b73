// SPDX-License-Identifier: Apache-2.0
// Another spelling of tchar.h, for sources written where file names ignore case.
#include "tchar.h"
