// SPDX-License-Identifier: Apache-2.0
// Another spelling of bits1_5.h, for sources written where file names ignore case.
#include "bits1_5.h"
