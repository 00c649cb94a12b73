// SPDX-License-Identifier: Apache-2.0
// Another spelling of initguid.h, for sources written where file names ignore case.
#include "initguid.h"
