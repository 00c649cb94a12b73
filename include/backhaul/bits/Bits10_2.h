// SPDX-License-Identifier: Apache-2.0
// Another spelling of bits10_2.h, for sources written where file names ignore case.
#include "bits10_2.h"
