// SPDX-License-Identifier: Apache-2.0
// Another spelling of winnls.h, for sources written where file names ignore case.
#include "winnls.h"
