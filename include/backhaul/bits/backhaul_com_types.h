// SPDX-License-Identifier: Apache-2.0
// The Windows base types and syntax that the BITS headers need, and nothing else of Windows.
//
// Rules, and where they come from (com-surface.md §2, §4, §6; source-compat.md 3, 4):
//  * LONG, ULONG, DWORD, BOOL and HRESULT are 32 bits wide. `long` has 64 on this platform, and
//    a comparison of an HRESULT with a 64-bit code would always be false.
//  * UINT64 is `unsigned long long`, so that "%llu" keeps fitting.
//  * WCHAR is wchar_t: UTF-32 here. L"..." literals work unchanged; data received from a Windows
//    machine is UTF-16 and must be converted, never cast.
//  * No global `byte` (std::byte and `using namespace std`), no `interface` (breaks sd-bus.h; see
//    objbase.h), never `__in` or `__out` (libstdc++ uses these as names).
//
// The header is internal: programs include bits.h, or the header of the SDK that has the name.
#ifndef BACKHAUL_BITS_COM_TYPES_H
#define BACKHAUL_BITS_COM_TYPES_H

#ifndef __cplusplus
#error "The BITS headers of backhaul are for C++14 and later."
#endif

#include <stddef.h>
#include <stdint.h>

// ---- Syntax ------------------------------------------------------------------------------------

// Calling conventions: there is one on this platform. g++ does not know the words, clang warns
// about some of them; a macro wins over a keyword.
#ifndef __stdcall
#define __stdcall
#endif
#ifndef __cdecl
#define __cdecl
#endif
#ifndef __fastcall
#define __fastcall
#endif
#ifndef STDMETHODCALLTYPE
#define STDMETHODCALLTYPE
#endif
#ifndef STDMETHODVCALLTYPE
#define STDMETHODVCALLTYPE
#endif
#ifndef STDAPICALLTYPE
#define STDAPICALLTYPE
#endif
#ifndef WINAPI
#define WINAPI
#endif
#ifndef APIENTRY
#define APIENTRY
#endif
#ifndef CALLBACK
#define CALLBACK
#endif

// BACKHAUL_NATIVE_UUIDOF is 1 where the compiler itself understands `__uuidof` and
// `__declspec(uuid("..."))`: clang with -fms-extensions. `__has_declspec_attribute(uuid)` would be
// the wrong test, it says yes under -fdeclspec, where the attribute is then ignored. Define
// BACKHAUL_NO_NATIVE_UUIDOF to have the portable form everywhere.
#define BACKHAUL_NATIVE_UUIDOF 0
#ifdef __clang__
#if __is_identifier(_cdecl) && !defined(_cdecl)
#define _cdecl
#endif
#elif !defined(_cdecl)
#define _cdecl
#endif
#if defined(__clang__) && !defined(BACKHAUL_NO_NATIVE_UUIDOF)
#if !__is_identifier(__uuidof)
#undef BACKHAUL_NATIVE_UUIDOF
#define BACKHAUL_NATIVE_UUIDOF 1
#endif
#endif

// `class __declspec(uuid("...")) X` parses everywhere; only native compilers keep the GUID, for
// the others one line after the class states it: BACKHAUL_UUID(X, "...") in guiddef.h.
#if !BACKHAUL_NATIVE_UUIDOF
#ifndef __declspec
#define __declspec(x)
#endif
#endif
#ifndef __int64
#define __int64 long long
#endif
#ifndef __forceinline
#define __forceinline inline __attribute__((__always_inline__))
#endif

#ifndef __RPC_FAR
#define __RPC_FAR
#endif
#ifndef DECLSPEC_UUID
#define DECLSPEC_UUID(text) __declspec(uuid(text))
#endif
#ifndef DECLSPEC_NOVTABLE
#define DECLSPEC_NOVTABLE
#endif
#ifndef MIDL_INTERFACE
#define MIDL_INTERFACE(text) struct DECLSPEC_UUID(text) DECLSPEC_NOVTABLE
#endif
#ifndef EXTERN_C
#define EXTERN_C extern "C"
#endif

#ifndef STDMETHOD
#define STDMETHOD(method) virtual HRESULT STDMETHODCALLTYPE method
#endif
#ifndef STDMETHOD_
#define STDMETHOD_(type, method) virtual type STDMETHODCALLTYPE method
#endif
#ifndef STDMETHODIMP
#define STDMETHODIMP HRESULT STDMETHODCALLTYPE
#endif
#ifndef STDMETHODIMP_
#define STDMETHODIMP_(type) type STDMETHODCALLTYPE
#endif
#ifndef STDAPI
#define STDAPI EXTERN_C HRESULT STDAPICALLTYPE
#endif
#ifndef STDAPI_
#define STDAPI_(type) EXTERN_C type STDAPICALLTYPE
#endif

// What libbackhaul-bits exports: plain C names, default visibility.
#define BACKHAUL_BITS_API extern "C" __attribute__((__visibility__("default")))

// Interfaces have no virtual destructor, by the rules of COM: a destructor would take a place in
// the documented table of methods. Objects end in Release, which knows the real class.
#define BACKHAUL_INTERFACES_BEGIN \
  _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wnon-virtual-dtor\"")
#define BACKHAUL_INTERFACES_END _Pragma("GCC diagnostic pop")

// ---- Scalars -----------------------------------------------------------------------------------

typedef void VOID;
typedef void* PVOID;
typedef void* LPVOID;
typedef const void* LPCVOID;

typedef char CHAR;
typedef uint8_t BYTE;
typedef uint8_t UCHAR;
typedef uint8_t BOOLEAN;
typedef int16_t SHORT;
typedef uint16_t USHORT;
typedef uint16_t WORD;
typedef int INT;
typedef unsigned int UINT;
typedef int32_t BOOL;  ///< TRUE or FALSE; `bool` converts both ways
typedef int32_t LONG;
typedef uint32_t ULONG;
typedef uint32_t DWORD;
typedef int32_t INT32;
typedef uint32_t UINT32;
typedef long long LONGLONG;
typedef long long LONG64;
typedef long long INT64;
typedef unsigned long long ULONGLONG;
typedef unsigned long long ULONG64;
typedef unsigned long long DWORD64;
typedef unsigned long long DWORDLONG;
typedef unsigned long long UINT64;
typedef intptr_t INT_PTR;
typedef intptr_t LONG_PTR;
typedef uintptr_t UINT_PTR;
typedef uintptr_t ULONG_PTR;
typedef uintptr_t DWORD_PTR;
typedef size_t SIZE_T;
typedef void* HANDLE;  ///< events and timers of winbase.h

typedef BYTE* PBYTE;
typedef BYTE* LPBYTE;
typedef BOOL* PBOOL;
typedef BOOL* LPBOOL;
typedef LONG* PLONG;
typedef LONG* LPLONG;
typedef ULONG* PULONG;
typedef WORD* LPWORD;
typedef DWORD* PDWORD;
typedef DWORD* LPDWORD;
typedef INT64* PINT64;
typedef UINT64* PUINT64;
typedef ULONGLONG* PULONGLONG;

typedef wchar_t WCHAR;
typedef wchar_t OLECHAR;
typedef char* LPSTR;
typedef char* PSTR;
typedef const char* LPCSTR;
typedef const char* PCSTR;
typedef wchar_t* LPWSTR;
typedef wchar_t* PWSTR;
typedef wchar_t* LPOLESTR;
typedef const wchar_t* LPCWSTR;
typedef const wchar_t* PCWSTR;
typedef const wchar_t* LPCOLESTR;

/// 0 and above: success; below 0: failure. Codes are in winerror.h and bitsmsg.h.
typedef int32_t HRESULT;
typedef int32_t SCODE;

typedef uint32_t LCID;
typedef uint16_t LANGID;

/// A moment: units of 100 nanoseconds since 1601-01-01 00:00 UTC, in two halves.
typedef struct _FILETIME {
  DWORD dwLowDateTime;
  DWORD dwHighDateTime;
} FILETIME, *PFILETIME, *LPFILETIME;

static_assert(sizeof(HRESULT) == 4 && sizeof(LONG) == 4 && sizeof(DWORD) == 4, "32-bit types");
static_assert(sizeof(WCHAR) == 4,
              "do not compile with -fshort-wchar: the C library's wide "
              "functions would not work either");

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif
#ifndef MAX_PATH
#define MAX_PATH 260
#endif
#ifndef LOWORD
#define LOWORD(value) (static_cast<WORD>((value) & 0xffff))
#endif
#ifndef HIWORD
#define HIWORD(value) (static_cast<WORD>(((value) >> 16) & 0xffff))
#endif

#endif  // BACKHAUL_BITS_COM_TYPES_H
