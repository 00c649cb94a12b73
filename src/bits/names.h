// SPDX-License-Identifier: Apache-2.0
// Which names of a file BITS takes (files.md §2): none that is too long, and no wildcards. The service takes what the
// file system and HTTP take; a program that was written for BITS may rely on what it is told.
#ifndef SRC_BITS_NAMES_H
#define SRC_BITS_NAMES_H

#include <bits.h>

namespace backhaul::bits {

// At most 2,200 UTF-16 units, and 260 in each part of the path, in which no '*' stands. Behind a '?' it is a character
// like others, since signed links carry it; a path of this machine has no '?' either.
bool is_remote_of_bits(LPCWSTR url);
// At most 260 (MAX_PATH), without '*' and '?'.
bool is_local_of_bits(LPCWSTR path);

}  // namespace backhaul::bits

#endif
