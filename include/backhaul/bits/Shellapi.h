// SPDX-License-Identifier: Apache-2.0
// Another spelling of shellapi.h, for sources written where file names ignore case.
#include "shellapi.h"
