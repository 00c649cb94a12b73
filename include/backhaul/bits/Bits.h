// SPDX-License-Identifier: Apache-2.0
// Another spelling of bits.h, for sources written where file names ignore case.
#include "bits.h"
