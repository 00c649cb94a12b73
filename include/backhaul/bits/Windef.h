// SPDX-License-Identifier: Apache-2.0
// Another spelling of windef.h, for sources written where file names ignore case.
#include "windef.h"
