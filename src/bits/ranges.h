// SPDX-License-Identifier: Apache-2.0
// BG_FILE_RANGE and ranges of the client library, whose ends of a file are the same number.
#ifndef SRC_BITS_RANGES_H
#define SRC_BITS_RANGES_H

#include <string>
#include <vector>

#include "backhaul/types.h"
#include "bits/object.h"

namespace backhaul::bits {

// BITS gives ranges of what comes by http and https alone (files.md §1, §8). The service would take them of
// files of this machine as well.
bool may_have_ranges(const std::string& remote);
std::vector<FileRange> ranges_of(DWORD count, const BG_FILE_RANGE* ranges);
// A copy in memory of the caller, who frees it with CoTaskMemFree; NULL where there is none.
// E_OUTOFMEMORY: nothing is given.
HRESULT give_ranges(const std::vector<FileRange>& ranges, DWORD* count, BG_FILE_RANGE** out);
// The same for a callback, which borrows them.
std::vector<BG_FILE_RANGE> borrowed(const std::vector<FileRange>& ranges);

}  // namespace backhaul::bits

#endif
