// SPDX-License-Identifier: Apache-2.0
// Another spelling of lm.h, for sources written where file names ignore case.
#include "lm.h"
