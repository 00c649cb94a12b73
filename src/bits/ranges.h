// SPDX-License-Identifier: Apache-2.0
// BG_FILE_RANGE and ranges of the client library, whose ends of a file are the same number.
#ifndef SRC_BITS_RANGES_H
#define SRC_BITS_RANGES_H

#include <vector>

#include "backhaul/types.h"
#include "bits/object.h"

namespace backhaul::bits {

std::vector<FileRange> ranges_of(DWORD count, const BG_FILE_RANGE* ranges);
// A copy in memory of the caller, who frees it with CoTaskMemFree; NULL where there is none.
// E_OUTOFMEMORY: nothing is given.
HRESULT give_ranges(const std::vector<FileRange>& ranges, DWORD* count, BG_FILE_RANGE** out);
// The same for a callback, which borrows them.
std::vector<BG_FILE_RANGE> borrowed(const std::vector<FileRange>& ranges);

}  // namespace backhaul::bits

#endif
