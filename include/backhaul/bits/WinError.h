// SPDX-License-Identifier: Apache-2.0
// Another spelling of winerror.h, for sources written where file names ignore case.
#include "winerror.h"
