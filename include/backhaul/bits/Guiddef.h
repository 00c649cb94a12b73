// SPDX-License-Identifier: Apache-2.0
// Another spelling of guiddef.h, for sources written where file names ignore case.
#include "guiddef.h"
