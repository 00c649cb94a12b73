// SPDX-License-Identifier: Apache-2.0
#include "bits/ranges.h"

#include <algorithm>

namespace backhaul::bits {

static_assert(to_end_of_file == BG_LENGTH_TO_EOF);

bool may_have_ranges(const std::string& remote) {
  std::string scheme = remote.substr(0, remote.find(':'));
  std::ranges::transform(scheme, scheme.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  return scheme == "http" || scheme == "https";
}

std::vector<FileRange> ranges_of(DWORD count, const BG_FILE_RANGE* ranges) {
  std::vector<FileRange> result;
  result.reserve(count);
  for (DWORD i = 0; i < count; ++i)
    result.push_back({ranges[i].InitialOffset, ranges[i].Length});
  return result;
}

HRESULT give_ranges(const std::vector<FileRange>& ranges, DWORD* count, BG_FILE_RANGE** out) {
  *count = 0;
  *out = nullptr;
  if (ranges.empty()) return S_OK;
  auto* const given =
      static_cast<BG_FILE_RANGE*>(CoTaskMemAlloc(ranges.size() * sizeof(BG_FILE_RANGE)));
  if (given == nullptr) return E_OUTOFMEMORY;
  std::ranges::copy(borrowed(ranges), given);
  *count = static_cast<DWORD>(ranges.size());
  *out = given;
  return S_OK;
}

std::vector<BG_FILE_RANGE> borrowed(const std::vector<FileRange>& ranges) {
  std::vector<BG_FILE_RANGE> result;
  result.reserve(ranges.size());
  for (const FileRange& range : ranges) result.push_back({range.offset, range.length});
  return result;
}

}  // namespace backhaul::bits
