// SPDX-License-Identifier: Apache-2.0
// Another spelling of userenv.h, for sources written where file names ignore case.
#include "userenv.h"
