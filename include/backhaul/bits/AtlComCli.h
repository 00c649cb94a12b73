// SPDX-License-Identifier: Apache-2.0
// Another spelling of atlcomcli.h, for sources written where file names ignore case.
#include "atlcomcli.h"
