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

}  // namespace

bool is_short_enough_remote(LPCWSTR url) {
  std::size_t whole = 0;
  std::size_t segment = 0;
  bool in_path = true;
  for (; *url != 0; ++url) {
    whole += units_of(*url);
    segment = *url == L'/' ? 0 : segment + units_of(*url);
    if (*url == L'?' || *url == L'#') in_path = false;
    if (whole > remote_max || (in_path && segment > segment_max)) return false;
  }
  return true;
}

bool is_short_enough_local(LPCWSTR path) {
  std::size_t whole = 0;
  for (; *path != 0; ++path)
    if ((whole += units_of(*path)) > MAX_PATH) return false;
  return true;
}

}  // namespace backhaul::bits
