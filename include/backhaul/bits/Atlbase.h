// SPDX-License-Identifier: Apache-2.0
// Another spelling of atlbase.h, for sources written where file names ignore case.
#include "atlbase.h"
