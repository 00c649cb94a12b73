// SPDX-License-Identifier: Apache-2.0
// Another spelling of sddl.h, for sources written where file names ignore case.
#include "sddl.h"
