// SPDX-License-Identifier: Apache-2.0
// Another spelling of bits3_0.h, for sources written where file names ignore case.
#include "bits3_0.h"
