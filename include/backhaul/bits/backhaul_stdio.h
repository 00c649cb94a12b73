// SPDX-License-Identifier: Apache-2.0
// Printing with the meaning that formats have for Microsoft's library (com-surface.md §6):
//
//   %s %c        in the wide functions a wide text or character, in the narrow ones a narrow one
//   %S %C        the other one
//   %ls %ws %lc  wide in both;  %hs %hc  narrow in both
//   %I64u %Iu    64 bits;  %lu  32 bits, as DWORD and LONG are
//
// Output is UTF-8, and a stream never becomes wide: wprintf and printf can take turns on stdout.
// Texts that are narrow are taken for UTF-8. %n writes nothing.
//
// The standard names are macros that need a parenthesis after the name, so `format(printf, 1, 2)`
// and `&wprintf` are left alone. Define BACKHAUL_NO_PRINT_MACROS to have none of them.
// Internal: pulled in by windows.h, tchar.h and strsafe.h.
#ifndef BACKHAUL_BITS_STDIO_H
#define BACKHAUL_BITS_STDIO_H

#include <stdarg.h>
#include <stdio.h>
#include <wchar.h>

#include <cstdio>
#include <cwchar>

#include "backhaul_com_types.h"

// The number of characters printed; negative on failure. The forms with `capacity` (in characters,
// the terminator included) write a text that is always terminated, and answer -1 if it was cut off.
BACKHAUL_BITS_API int backhaul_wprintf(const wchar_t* format, ...);
BACKHAUL_BITS_API int backhaul_vwprintf(const wchar_t* format, va_list arguments);
BACKHAUL_BITS_API int backhaul_fwprintf(FILE* stream, const wchar_t* format, ...);
BACKHAUL_BITS_API int backhaul_vfwprintf(FILE* stream, const wchar_t* format, va_list arguments);
BACKHAUL_BITS_API int backhaul_swprintf(wchar_t* text, size_t capacity, const wchar_t* format, ...);
BACKHAUL_BITS_API int backhaul_vswprintf(wchar_t* text, size_t capacity, const wchar_t* format,
                                         va_list arguments);
BACKHAUL_BITS_API int backhaul_printf(const char* format, ...);
BACKHAUL_BITS_API int backhaul_vprintf(const char* format, va_list arguments);
BACKHAUL_BITS_API int backhaul_fprintf(FILE* stream, const char* format, ...);
BACKHAUL_BITS_API int backhaul_vfprintf(FILE* stream, const char* format, va_list arguments);
BACKHAUL_BITS_API int backhaul_snprintf(char* text, size_t capacity, const char* format, ...);
BACKHAUL_BITS_API int backhaul_vsnprintf(char* text, size_t capacity, const char* format,
                                         va_list arguments);
/// The text and a line end; like fputws without.
BACKHAUL_BITS_API int backhaul_putws(const wchar_t* text);
BACKHAUL_BITS_API int backhaul_fputws(const wchar_t* text, FILE* stream);

inline int _putws(const wchar_t* text) { return backhaul_putws(text); }
inline int _wcsicmp(const wchar_t* a, const wchar_t* b) { return wcscasecmp(a, b); }
inline int _wcsnicmp(const wchar_t* a, const wchar_t* b, size_t count) {
  return wcsncasecmp(a, b, count);
}

#ifndef BACKHAUL_NO_PRINT_MACROS
// So that std::wprintf(...) stays valid.
namespace std {
using ::backhaul_fprintf;
using ::backhaul_fputws;
using ::backhaul_fwprintf;
using ::backhaul_printf;
using ::backhaul_swprintf;
using ::backhaul_vfprintf;
using ::backhaul_vfwprintf;
using ::backhaul_vprintf;
using ::backhaul_vswprintf;
using ::backhaul_vwprintf;
using ::backhaul_wprintf;
}  // namespace std
#undef wprintf
#undef vwprintf
#undef fwprintf
#undef vfwprintf
#undef swprintf
#undef vswprintf
#undef printf
#undef vprintf
#undef fprintf
#undef vfprintf
#undef fputws
#define wprintf(...) backhaul_wprintf(__VA_ARGS__)
#define vwprintf(...) backhaul_vwprintf(__VA_ARGS__)
#define fwprintf(...) backhaul_fwprintf(__VA_ARGS__)
#define vfwprintf(...) backhaul_vfwprintf(__VA_ARGS__)
#define swprintf(...) backhaul_swprintf(__VA_ARGS__)
#define vswprintf(...) backhaul_vswprintf(__VA_ARGS__)
#define swprintf_s(...) backhaul_swprintf(__VA_ARGS__)
#define _snwprintf(...) backhaul_swprintf(__VA_ARGS__)
#define _snprintf(...) backhaul_snprintf(__VA_ARGS__)
#define printf(...) backhaul_printf(__VA_ARGS__)
#define vprintf(...) backhaul_vprintf(__VA_ARGS__)
#define fprintf(...) backhaul_fprintf(__VA_ARGS__)
#define vfprintf(...) backhaul_vfprintf(__VA_ARGS__)
#define fputws(...) backhaul_fputws(__VA_ARGS__)
#endif

#endif  // BACKHAUL_BITS_STDIO_H
