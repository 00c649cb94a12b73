// SPDX-License-Identifier: Apache-2.0
#include "bits/names.h"

#include <cstddef>

namespace backhaul::bits {
namespace {

constexpr std::size_t remote_max = 2'200;
constexpr std::size_t segment_max = 260;

// WCHAR is UTF-32 here; the limits count UTF-16.
std::size_t units_of(WCHAR character) {
  return static_cast<unsigned long>(character) > 0xFFFF ? 2 : 1;
}

bool has_wildcard(LPCWSTR path) {
  for (; *path != 0; ++path)
    if (*path == L'*' || *path == L'?') return true;
  return false;
}

}  // namespace

bool is_remote_of_bits(LPCWSTR url) {
  if (*url == L'/' && has_wildcard(url)) return false;
  std::size_t whole = 0;
  std::size_t segment = 0;
  bool in_path = true;
  for (; *url != 0; ++url) {
    whole += units_of(*url);
    segment = *url == L'/' ? 0 : segment + units_of(*url);
    if (*url == L'?' || *url == L'#') in_path = false;
    if (whole > remote_max || (in_path && (segment > segment_max || *url == L'*'))) return false;
  }
  return true;
}

bool is_local_of_bits(LPCWSTR path) {
  if (has_wildcard(path)) return false;
  std::size_t whole = 0;
  for (; *path != 0; ++path)
    if ((whole += units_of(*path)) > MAX_PATH) return false;
  return true;
}

}  // namespace backhaul::bits
