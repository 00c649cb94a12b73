// SPDX-License-Identifier: Apache-2.0
// Another spelling of crtdbg.h, for sources written where file names ignore case.
#include "crtdbg.h"
