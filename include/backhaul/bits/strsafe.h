// SPDX-License-Identifier: Apache-2.0
// Opt-in: the counted string functions. Capacities are in characters, terminators included; what
// does not fit is cut off, terminated, and answered with STRSAFE_E_INSUFFICIENT_BUFFER. Formats
// have Microsoft's meaning (backhaul_stdio.h).
#ifndef BACKHAUL_BITS_STRSAFE_H
#define BACKHAUL_BITS_STRSAFE_H

#include <stdarg.h>
#include <string.h>

#include "backhaul_stdio.h"
#include "winerror.h"

#define STRSAFE_MAX_CCH 2147483647
#define STRSAFE_E_INSUFFICIENT_BUFFER BACKHAUL_HRESULT(0x8007007A)
#define STRSAFE_E_INVALID_PARAMETER BACKHAUL_HRESULT(0x80070057)
#define STRSAFE_E_END_OF_FILE BACKHAUL_HRESULT(0x80070026)

namespace backhaul {
namespace bits {

inline bool good_capacity(size_t capacity) { return capacity != 0 && capacity <= STRSAFE_MAX_CCH; }

template <class C>
HRESULT text_length(const C* text, size_t capacity, size_t* length) {
  if (length != nullptr) *length = 0;
  if (text == nullptr || capacity > STRSAFE_MAX_CCH) return STRSAFE_E_INVALID_PARAMETER;
  size_t at = 0;
  while (at < capacity && text[at] != 0) ++at;
  if (at == capacity) return STRSAFE_E_INVALID_PARAMETER;
  if (length != nullptr) *length = at;
  return S_OK;
}

/// At most `most` characters of `from` at `to`.
template <class C>
HRESULT text_copy(C* to, size_t capacity, const C* from, size_t most) {
  if (to == nullptr || !good_capacity(capacity)) return STRSAFE_E_INVALID_PARAMETER;
  size_t at = 0;
  while (from != nullptr && at < most && at + 1 < capacity && from[at] != 0) {
    to[at] = from[at];
    ++at;
  }
  to[at] = 0;
  const bool all = from == nullptr || at == most || from[at] == 0;
  return all ? S_OK : STRSAFE_E_INSUFFICIENT_BUFFER;
}

template <class C>
HRESULT text_append(C* to, size_t capacity, const C* from, size_t most) {
  size_t length = 0;
  const HRESULT hr = text_length(to, capacity, &length);
  return FAILED(hr) ? hr : text_copy(to + length, capacity - length, from, most);
}

template <class C, class... T>
HRESULT text_print(C* to, size_t capacity, const C* format, const T&... arguments) {
  if (to == nullptr || format == nullptr || !good_capacity(capacity)) {
    return STRSAFE_E_INVALID_PARAMETER;
  }
  const int needed = print_text(to, capacity, format, arguments...);
  if (needed < 0) return STRSAFE_E_INVALID_PARAMETER;
  return static_cast<size_t>(needed) < capacity ? S_OK : STRSAFE_E_INSUFFICIENT_BUFFER;
}

}  // namespace bits
}  // namespace backhaul

inline HRESULT StringCchLengthW(LPCWSTR text, size_t capacity, size_t* length) {
  return backhaul::bits::text_length(text, capacity, length);
}
inline HRESULT StringCchLengthA(LPCSTR text, size_t capacity, size_t* length) {
  return backhaul::bits::text_length(text, capacity, length);
}
inline HRESULT StringCchCopyW(LPWSTR to, size_t capacity, LPCWSTR from) {
  return backhaul::bits::text_copy(to, capacity, from, STRSAFE_MAX_CCH);
}
inline HRESULT StringCchCopyA(LPSTR to, size_t capacity, LPCSTR from) {
  return backhaul::bits::text_copy(to, capacity, from, STRSAFE_MAX_CCH);
}
inline HRESULT StringCchCopyNW(LPWSTR to, size_t capacity, LPCWSTR from, size_t most) {
  return backhaul::bits::text_copy(to, capacity, from, most);
}
inline HRESULT StringCchCatW(LPWSTR to, size_t capacity, LPCWSTR from) {
  return backhaul::bits::text_append(to, capacity, from, STRSAFE_MAX_CCH);
}
inline HRESULT StringCchCatA(LPSTR to, size_t capacity, LPCSTR from) {
  return backhaul::bits::text_append(to, capacity, from, STRSAFE_MAX_CCH);
}

inline HRESULT StringCchVPrintfW(LPWSTR to, size_t capacity, LPCWSTR format, va_list arguments) {
  if (to == nullptr || format == nullptr || !backhaul::bits::good_capacity(capacity)) {
    return STRSAFE_E_INVALID_PARAMETER;
  }
  const int written = backhaul_vswprintf(to, capacity, format, arguments);
  return written < 0 ? STRSAFE_E_INSUFFICIENT_BUFFER : S_OK;
}
inline HRESULT StringCchVPrintfA(LPSTR to, size_t capacity, LPCSTR format, va_list arguments) {
  if (to == nullptr || format == nullptr || !backhaul::bits::good_capacity(capacity)) {
    return STRSAFE_E_INVALID_PARAMETER;
  }
  const int written = backhaul_vsnprintf(to, capacity, format, arguments);
  return written < 0 ? STRSAFE_E_INSUFFICIENT_BUFFER : S_OK;
}
/// STRSAFE_E_INVALID_PARAMETER also for an argument that does not fit its conversion; the text
/// shows which one.
template <class... T>
inline HRESULT StringCchPrintfW(LPWSTR to, size_t capacity, LPCWSTR format, T... arguments) {
  return backhaul::bits::text_print(to, capacity, format, arguments...);
}
template <class... T>
inline HRESULT StringCchPrintfA(LPSTR to, size_t capacity, LPCSTR format, T... arguments) {
  return backhaul::bits::text_print(to, capacity, format, arguments...);
}

#define StringCchLength StringCchLengthW
#define StringCchCopy StringCchCopyW
#define StringCchCopyN StringCchCopyNW
#define StringCchCat StringCchCatW
#define StringCchPrintf StringCchPrintfW
#define StringCchVPrintf StringCchVPrintfW

#endif  // BACKHAUL_BITS_STRSAFE_H
