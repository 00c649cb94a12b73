// SPDX-License-Identifier: Apache-2.0
// How long BITS lets the names of a file be (files.md §2). The service takes longer ones; a program
// that was written for BITS may rely on what it is told.
#ifndef SRC_BITS_NAMES_H
#define SRC_BITS_NAMES_H

#include <bits.h>

namespace backhaul::bits {

// At most 2,200 UTF-16 units, and 260 in each part of the path.
bool is_short_enough_remote(LPCWSTR url);
// At most 260 (MAX_PATH).
bool is_short_enough_local(LPCWSTR path);

}  // namespace backhaul::bits

#endif
