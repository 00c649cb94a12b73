// SPDX-License-Identifier: Apache-2.0
// What a program's own small stand-in for windows.h declares: the same things once more.
#ifndef TESTS_HEADERS_PROGRAMS_WINDOWS_WORDS_H
#define TESTS_HEADERS_PROGRAMS_WINDOWS_WORDS_H

#include <stdint.h>

#ifndef TRUE
#define TRUE 1
#define FALSE 0
#endif
#define __stdcall
#define WINAPI
#ifndef EXTERN_C
#define EXTERN_C extern "C"
#endif
typedef int32_t BOOL;
typedef uint32_t DWORD;
typedef int32_t LONG;
typedef uint16_t WORD;
typedef wchar_t WCHAR;
typedef WCHAR* LPWSTR;
typedef const WCHAR* LPCWSTR;
typedef void* LPVOID;
typedef void* HANDLE;
typedef int32_t HRESULT;

EXTERN_C DWORD WINAPI GetTickCount(void);

#endif  // TESTS_HEADERS_PROGRAMS_WINDOWS_WORDS_H
