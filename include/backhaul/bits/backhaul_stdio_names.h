// SPDX-License-Identifier: Apache-2.0
// The functions of the C library that a template cannot stand in for: those with a va_list, fputws,
// and wprintf and fwprintf of a text alone, where the C library's own would make the stream wide.
// In files that include this they lead to functions of ours. The names stay as they are for the
// program; what the linker sees is another one. Where the C library is asked to check its callers
// (_FORTIFY_SOURCE) its headers turn these into others, so those are led here too.
// Internal: pulled in by backhaul_stdio.h.
#ifndef BACKHAUL_BITS_STDIO_NAMES_H
#define BACKHAUL_BITS_STDIO_NAMES_H

#include <stdarg.h>
#include <stdio.h>
#include <wchar.h>

#include "backhaul_com_types.h"

#if defined(__clang__)
// An __asm__ label may not follow the first use, and <string> uses some of them; this may.
#pragma redefine_extname wprintf backhaul_wprintf
#pragma redefine_extname fwprintf backhaul_fwprintf
#pragma redefine_extname vwprintf backhaul_vwprintf
#pragma redefine_extname vfwprintf backhaul_vfwprintf
#pragma redefine_extname vswprintf backhaul_vswprintf
#pragma redefine_extname vprintf backhaul_vprintf
#pragma redefine_extname vfprintf backhaul_vfprintf
#pragma redefine_extname fputws backhaul_fputws
#if __USE_FORTIFY_LEVEL > 0
#pragma redefine_extname __wprintf_chk backhaul_wprintf_chk
#pragma redefine_extname __fwprintf_chk backhaul_fwprintf_chk
#pragma redefine_extname __vwprintf_chk backhaul_vwprintf_chk
#pragma redefine_extname __vfwprintf_chk backhaul_vfwprintf_chk
#pragma redefine_extname __vswprintf_chk backhaul_vswprintf_chk
#pragma redefine_extname __vprintf_chk backhaul_vprintf_chk
#pragma redefine_extname __vfprintf_chk backhaul_vfprintf_chk
#endif
#else
extern "C" {
int wprintf(const wchar_t* __restrict, ...) __asm__("backhaul_wprintf");
int fwprintf(FILE* __restrict, const wchar_t* __restrict, ...) __asm__("backhaul_fwprintf");
int vwprintf(const wchar_t* __restrict, va_list) __asm__("backhaul_vwprintf");
int vfwprintf(FILE* __restrict, const wchar_t* __restrict, va_list) __asm__("backhaul_vfwprintf");
int vswprintf(wchar_t* __restrict, size_t, const wchar_t* __restrict, va_list) noexcept
    __asm__("backhaul_vswprintf");
int vprintf(const char* __restrict, va_list) __asm__("backhaul_vprintf");
int vfprintf(FILE* __restrict, const char* __restrict, va_list) __asm__("backhaul_vfprintf");
int fputws(const wchar_t* __restrict, FILE* __restrict) __asm__("backhaul_fputws");
#if __USE_FORTIFY_LEVEL > 0
int __wprintf_chk(int, const wchar_t* __restrict, ...) __asm__("backhaul_wprintf_chk");
int __fwprintf_chk(FILE* __restrict, int, const wchar_t* __restrict,
                   ...) __asm__("backhaul_fwprintf_chk");
int __vwprintf_chk(int, const wchar_t* __restrict, va_list) __asm__("backhaul_vwprintf_chk");
int __vfwprintf_chk(FILE* __restrict, int, const wchar_t* __restrict,
                    va_list) __asm__("backhaul_vfwprintf_chk");
int __vswprintf_chk(wchar_t* __restrict, size_t, int, size_t, const wchar_t* __restrict,
                    va_list) noexcept __asm__("backhaul_vswprintf_chk");
int __vprintf_chk(int, const char* __restrict, va_list) __asm__("backhaul_vprintf_chk");
int __vfprintf_chk(FILE* __restrict, int, const char* __restrict,
                   va_list) __asm__("backhaul_vfprintf_chk");
#endif
}
#endif

#endif  // BACKHAUL_BITS_STDIO_NAMES_H
