// SPDX-License-Identifier: Apache-2.0
// Another spelling of windows.h, for sources written where file names ignore case.
#include "windows.h"
