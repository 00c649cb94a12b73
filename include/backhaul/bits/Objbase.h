// SPDX-License-Identifier: Apache-2.0
// Another spelling of objbase.h, for sources written where file names ignore case.
#include "objbase.h"
