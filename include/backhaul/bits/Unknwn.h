// SPDX-License-Identifier: Apache-2.0
// Another spelling of unknwn.h, for sources written where file names ignore case.
#include "unknwn.h"
