// SPDX-License-Identifier: Apache-2.0
// Another spelling of bits10_3.h, for sources written where file names ignore case.
#include "bits10_3.h"
