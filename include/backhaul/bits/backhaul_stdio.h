// SPDX-License-Identifier: Apache-2.0
// Printing with the meaning that formats have for Microsoft's library (com-surface.md §6):
//
//   %s %c        in the wide functions a wide text or character, in the narrow ones a narrow one
//   %S %C        the other one
//   %ls %ws %lc  wide in both;  %hs %hc  narrow in both
//   %d %lu %I64u …  an integer, whatever the size in the format says: its own size counts, so "%lu"
//                fits a DWORD and an unsigned long, and PRIu64 a uint64_t. Only h and hh cut off
//
// Output is UTF-8, and a stream never becomes wide: wprintf and printf can take turns on stdout.
// Texts that are narrow are taken for UTF-8. %n writes nothing.
//
// printf, fprintf, sprintf, snprintf and the wide ones are typed templates beside the functions of
// the C library, which win for a call that has arguments. There are no macros: a method called
// printf keeps its name. An argument that does not fit its conversion (a number for %s, too few of
// them) is shown in place, as in "%s{integer}", and the call answers -1 with EINVAL. The forms with
// a va_list know no types: there "%lu" is a DWORD. Behind a pointer to it wprintf takes a text
// alone.
//
// Define BACKHAUL_NO_PRINT_FUNCTIONS to leave the names to the C library (BACKHAUL_NO_PRINT_MACROS,
// an older name, does the same). What compilers warn about: docs/bits-programs.md.
// Internal: pulled in by windows.h, tchar.h and strsafe.h.
#ifndef BACKHAUL_BITS_STDIO_H
#define BACKHAUL_BITS_STDIO_H

#include <stdarg.h>
#include <stdio.h>
#include <wchar.h>

#include <cstdio>
#include <cwchar>

#include "backhaul_print.h"

// The number of characters printed; negative on failure. The form with `capacity` (in characters,
// the terminator included) writes a text that is always terminated, and answers -1 if it was cut
// off.
// wprintf and fwprintf of a text alone: arguments are not looked at.
BACKHAUL_BITS_API int backhaul_wprintf(const wchar_t* format, ...);
BACKHAUL_BITS_API int backhaul_vwprintf(const wchar_t* format, va_list arguments);
BACKHAUL_BITS_API int backhaul_fwprintf(FILE* stream, const wchar_t* format, ...);
BACKHAUL_BITS_API int backhaul_vfwprintf(FILE* stream, const wchar_t* format, va_list arguments);
BACKHAUL_BITS_API int backhaul_vswprintf(wchar_t* text, size_t capacity, const wchar_t* format,
                                         va_list arguments);
BACKHAUL_BITS_API int backhaul_vprintf(const char* format, va_list arguments);
BACKHAUL_BITS_API int backhaul_vfprintf(FILE* stream, const char* format, va_list arguments);
BACKHAUL_BITS_API int backhaul_vsnprintf(char* text, size_t capacity, const char* format,
                                         va_list arguments);
/// The text and a line end; like fputws without.
BACKHAUL_BITS_API int backhaul_putws(const wchar_t* text);
BACKHAUL_BITS_API int backhaul_fputws(const wchar_t* text, FILE* stream);

inline int _putws(const wchar_t* text) { return backhaul_putws(text); }

/// The typed ones under names that nothing else has, with BACKHAUL_NO_PRINT_FUNCTIONS too.
template <class... T>
int backhaul_printf(const char* format, T... arguments) {
  return ::backhaul::bits::print(stdout, format, arguments...);
}
template <class... T>
int backhaul_fprintf(FILE* stream, const char* format, T... arguments) {
  return ::backhaul::bits::print(stream, format, arguments...);
}
template <class... T>
int backhaul_wprintf(const wchar_t* format, T... arguments) {
  return ::backhaul::bits::print(stdout, format, arguments...);
}
template <class... T>
int backhaul_fwprintf(FILE* stream, const wchar_t* format, T... arguments) {
  return ::backhaul::bits::print(stream, format, arguments...);
}
template <class... T>
int backhaul_snprintf(char* text, size_t capacity, const char* format, T... arguments) {
  return ::backhaul::bits::fitted(
      ::backhaul::bits::print_text(text, capacity, format, arguments...), capacity);
}
template <class... T>
int backhaul_swprintf(wchar_t* text, size_t capacity, const wchar_t* format, T... arguments) {
  return ::backhaul::bits::fitted(
      ::backhaul::bits::print_text(text, capacity, format, arguments...), capacity);
}

namespace backhaul {
namespace bits {
/// The typed functions under their names, for those who do not have them everywhere.
namespace printing {

template <class... T>
int wprintf(const wchar_t* format, T... arguments) {
  return print(stdout, format, arguments...);
}
template <class... T>
int fwprintf(FILE* stream, const wchar_t* format, T... arguments) {
  return print(stream, format, arguments...);
}
template <class... T>
int swprintf(wchar_t* text, size_t capacity, const wchar_t* format, T... arguments) {
  return fitted(print_text(text, capacity, format, arguments...), capacity);
}
template <class... T>
int printf(const char* format, T... arguments) {
  return print(stdout, format, arguments...);
}
template <class... T>
int fprintf(FILE* stream, const char* format, T... arguments) {
  return print(stream, format, arguments...);
}
/// As in C: what the whole text needs, also if it was cut off.
template <class... T>
int snprintf(char* text, size_t capacity, const char* format, T... arguments) {
  return print_text(text, capacity, format, arguments...);
}
template <class... T>
int sprintf(char* text, const char* format, T... arguments) {
  return print_text(text, static_cast<size_t>(-1), format, arguments...);
}

template <class... T>
int swprintf_s(wchar_t* text, size_t capacity, const wchar_t* format, T... arguments) {
  return fitted(print_text(text, capacity, format, arguments...), capacity);
}
template <size_t capacity, class... T>
int swprintf_s(wchar_t (&text)[capacity], const wchar_t* format, T... arguments) {
  return fitted(print_text(text, capacity, format, arguments...), capacity);
}
template <class... T>
int sprintf_s(char* text, size_t capacity, const char* format, T... arguments) {
  return fitted(print_text(text, capacity, format, arguments...), capacity);
}
template <size_t capacity, class... T>
int sprintf_s(char (&text)[capacity], const char* format, T... arguments) {
  return fitted(print_text(text, capacity, format, arguments...), capacity);
}
template <class... T>
int _snwprintf(wchar_t* text, size_t capacity, const wchar_t* format, T... arguments) {
  return fitted(print_text(text, capacity, format, arguments...), capacity);
}
template <class... T>
int _snprintf(char* text, size_t capacity, const char* format, T... arguments) {
  return fitted(print_text(text, capacity, format, arguments...), capacity);
}

}  // namespace printing
}  // namespace bits
}  // namespace backhaul

#if !defined(BACKHAUL_NO_PRINT_FUNCTIONS) && !defined(BACKHAUL_NO_PRINT_MACROS)
#include "backhaul_stdio_names.h"

using ::backhaul::bits::printing::_snprintf;
using ::backhaul::bits::printing::_snwprintf;
using ::backhaul::bits::printing::fprintf;
using ::backhaul::bits::printing::fwprintf;
using ::backhaul::bits::printing::printf;
using ::backhaul::bits::printing::snprintf;
using ::backhaul::bits::printing::sprintf;
using ::backhaul::bits::printing::sprintf_s;
using ::backhaul::bits::printing::swprintf;
using ::backhaul::bits::printing::swprintf_s;
using ::backhaul::bits::printing::wprintf;
// So that std::wprintf(...) means the same.
namespace std {
using ::backhaul::bits::printing::fprintf;
using ::backhaul::bits::printing::fwprintf;
using ::backhaul::bits::printing::printf;
using ::backhaul::bits::printing::snprintf;
using ::backhaul::bits::printing::sprintf;
using ::backhaul::bits::printing::swprintf;
using ::backhaul::bits::printing::wprintf;
}  // namespace std
#endif

#endif  // BACKHAUL_BITS_STDIO_H
