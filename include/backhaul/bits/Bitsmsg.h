// SPDX-License-Identifier: Apache-2.0
// Another spelling of bitsmsg.h, for sources written where file names ignore case.
#include "bitsmsg.h"
