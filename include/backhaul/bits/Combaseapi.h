// SPDX-License-Identifier: Apache-2.0
// Another spelling of combaseapi.h, for sources written where file names ignore case.
#include "combaseapi.h"
