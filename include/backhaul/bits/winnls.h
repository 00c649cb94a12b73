// SPDX-License-Identifier: Apache-2.0
// Opt-in, with windows.h: texts. Narrow ones are UTF-8, whichever code page is named.
#ifndef BACKHAUL_BITS_WINNLS_H
#define BACKHAUL_BITS_WINNLS_H

#include <errno.h>
#include <wchar.h>

#include "winbase.h"

#define CP_ACP 0
#define CP_OEMCP 1
#define CP_UTF8 65001
#define MB_PRECOMPOSED 0x1
#define MB_ERR_INVALID_CHARS 0x8

/// `size` in octets, -1: up to and with the terminator. `capacity` in characters, 0: only tell how
/// many there would be. 0 on failure: ERROR_INVALID_PARAMETER, ERROR_INSUFFICIENT_BUFFER (nothing
/// was written), ERROR_NO_UNICODE_TRANSLATION with MB_ERR_INVALID_CHARS; without that flag U+FFFD
/// stands for what is no UTF-8.
BACKHAUL_WINDOWS_API(int, MultiByteToWideChar,
                     (UINT codePage, DWORD flags, LPCSTR text, int size, LPWSTR wide,
                      int capacity));

/// NULL is an empty text.
inline int lstrlenW(LPCWSTR text) { return text == nullptr ? 0 : static_cast<int>(wcslen(text)); }
inline int lstrlen(LPCWSTR text) { return lstrlenW(text); }

inline int _wcsicmp(const wchar_t* a, const wchar_t* b) { return wcscasecmp(a, b); }
inline int _wcsnicmp(const wchar_t* a, const wchar_t* b, size_t count) {
  return wcsncasecmp(a, b, count);
}
/// To be freed with free().
inline wchar_t* _wcsdup(const wchar_t* text) { return text == nullptr ? nullptr : wcsdup(text); }

typedef int errno_t;
#ifndef _TRUNCATE
#define _TRUNCATE (static_cast<size_t>(-1))
#endif
#ifndef STRUNCATE
#define STRUNCATE 80
#endif

/// At most `count` characters and a terminator; with _TRUNCATE as many as fit (STRUNCATE if that
/// was not all). EINVAL; ERANGE if it does not fit: the text is empty then.
inline errno_t wcsncpy_s(wchar_t* to, size_t capacity, const wchar_t* from, size_t count) {
  if (to == nullptr || capacity == 0) return EINVAL;
  to[0] = 0;
  if (from == nullptr) return count == 0 ? 0 : EINVAL;
  const size_t limit = count == _TRUNCATE ? capacity : count;
  size_t length = 0;
  while (length < limit && from[length] != 0) ++length;
  const bool fits = length < capacity;
  if (!fits && count != _TRUNCATE) return ERANGE;
  if (!fits) length = capacity - 1;
  wmemcpy(to, from, length);
  to[length] = 0;
  return fits ? 0 : STRUNCATE;
}
template <size_t capacity>
inline errno_t wcsncpy_s(wchar_t (&to)[capacity], const wchar_t* from, size_t count) {
  return wcsncpy_s(to, capacity, from, count);
}

#endif  // BACKHAUL_BITS_WINNLS_H
