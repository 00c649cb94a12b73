// SPDX-License-Identifier: Apache-2.0
// Another spelling of sdkddkver.h, for sources written where file names ignore case.
#include "sdkddkver.h"
