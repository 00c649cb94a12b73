// SPDX-License-Identifier: Apache-2.0
// Another spelling of bits2_5.h, for sources written where file names ignore case.
#include "bits2_5.h"
