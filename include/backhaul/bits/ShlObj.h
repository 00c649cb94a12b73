// SPDX-License-Identifier: Apache-2.0
// Another spelling of shlobj.h, for sources written where file names ignore case.
#include "shlobj.h"
