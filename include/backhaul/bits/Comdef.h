// SPDX-License-Identifier: Apache-2.0
// Another spelling of comdef.h, for sources written where file names ignore case.
#include "comdef.h"
