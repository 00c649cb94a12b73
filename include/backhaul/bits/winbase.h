// SPDX-License-Identifier: Apache-2.0
// Opt-in, with windows.h: events and waiting, time, the calling thread's error number. What BITS
// programs use of the system besides COM (com-surface.md §2.6), and no more.
//
//  * Handles are of this process only. A handle that is none answers ERROR_INVALID_HANDLE.
//  * None of these functions runs callbacks; those that do are in winuser.h, and
//    CoWaitForMultipleHandles in combaseapi.h.
//  * After fork the child has copies of the events of its parent.
#ifndef BACKHAUL_BITS_WINBASE_H
#define BACKHAUL_BITS_WINBASE_H

#include <stdarg.h>
#include <string.h>

#include "combaseapi.h"

// What a function of windows.h is called inside the library: its plain name is left to programs
// that bring a function of their own.
#define BACKHAUL_WINDOWS_API(result, name, parameters) \
  BACKHAUL_BITS_API result WINAPI name parameters __asm__("backhaul_" #name)

// What callback classes name that declare the methods of IDispatch beside those of IBackgroundCopyCallback and answer them by
// E_NOTIMPL, as published ones do. There is nothing behind these names.
struct ITypeInfo;
typedef LONG DISPID;
typedef struct tagDISPPARAMS DISPPARAMS;
typedef struct tagEXCEPINFO EXCEPINFO;
typedef struct tagVARIANT VARIANT;

// Annotations for a Windows tool. Never __in or __out: libstdc++ has these as names.
#ifndef _In_
#define _In_
#define _In_z_
#define _In_opt_
#define _In_opt_z_
#define _In_reads_(count)
#define _In_reads_opt_(count)
#define _In_reads_bytes_(size)
#define _Inout_
#define _Inout_opt_
#define _Out_
#define _Out_opt_
#define _Out_writes_(count)
#define _Out_writes_z_(count)
#define _Out_writes_opt_(count)
#define _Out_writes_bytes_(size)
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_result_maybenull_
#define _COM_Outptr_
#define _COM_Outptr_opt_
#define _Ret_maybenull_
#define _Printf_format_string_
#define _Check_return_
#define _Must_inspect_result_
#define _Use_decl_annotations_
#define _Success_(condition)
#define _When_(condition, annotation)
#define _Reserved_
#define _Field_size_(count)
#endif

#ifndef UNREFERENCED_PARAMETER
#define UNREFERENCED_PARAMETER(parameter) (static_cast<void>(parameter))
#endif
#ifndef ARRAYSIZE
#define ARRAYSIZE(array) (sizeof(::backhaul::bits::count_of(array)))
#endif
#ifndef _countof
#define _countof(array) ARRAYSIZE(array)
#endif
#ifndef ZeroMemory
#define ZeroMemory(memory, size) (static_cast<void>(memset((memory), 0, (size))))
#define FillMemory(memory, size, value) (static_cast<void>(memset((memory), (value), (size))))
#define CopyMemory(to, from, size) (static_cast<void>(memcpy((to), (from), (size))))
#define MoveMemory(to, from, size) (static_cast<void>(memmove((to), (from), (size))))
#endif

namespace backhaul {
namespace bits {
template <class T, size_t count>
char (&count_of(T (&)[count]))[count];
}  // namespace bits
}  // namespace backhaul

inline PVOID SecureZeroMemory(PVOID memory, SIZE_T size) {
  volatile char* at = static_cast<volatile char*>(memory);
  while (size-- != 0) *at++ = 0;
  return memory;
}

typedef struct _SECURITY_ATTRIBUTES {
  DWORD nLength;
  LPVOID lpSecurityDescriptor;
  BOOL bInheritHandle;
} SECURITY_ATTRIBUTES, *PSECURITY_ATTRIBUTES, *LPSECURITY_ATTRIBUTES;

// The halves have no name of their own here, and `u` beside it, as on Windows.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
typedef union _LARGE_INTEGER {
  struct {
    DWORD LowPart;
    LONG HighPart;
  };
  struct {
    DWORD LowPart;
    LONG HighPart;
  } u;
  LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef union _ULARGE_INTEGER {
  struct {
    DWORD LowPart;
    DWORD HighPart;
  };
  struct {
    DWORD LowPart;
    DWORD HighPart;
  } u;
  ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;
#pragma GCC diagnostic pop

typedef HANDLE* PHANDLE;
typedef HANDLE* LPHANDLE;
typedef void* HINSTANCE;
typedef HINSTANCE HMODULE;
typedef LONG LSTATUS;

#ifndef INVALID_HANDLE_VALUE
#define INVALID_HANDLE_VALUE (reinterpret_cast<::HANDLE>(static_cast<::LONG_PTR>(-1)))
#endif
#define INFINITE 0xFFFFFFFFU
#define WAIT_OBJECT_0 0U
#define WAIT_ABANDONED_0 0x80U
#define WAIT_IO_COMPLETION 0xC0U
#define WAIT_TIMEOUT 258U
#define WAIT_FAILED 0xFFFFFFFFU
#define MAXIMUM_WAIT_OBJECTS 64

#define ERROR_NOACCESS 998
#define ERROR_TOO_MANY_POSTS 298
#define ERROR_INVALID_WINDOW_HANDLE 1400
#define ERROR_INVALID_THREAD_ID 1444

/// The error number of the calling thread. Only the functions of windows.h that fail set it.
BACKHAUL_WINDOWS_API(DWORD, GetLastError, (void));
BACKHAUL_WINDOWS_API(void, SetLastError, (DWORD error));

// ---- Events ------------------------------------------------------------------------------------

/// An event: `manualReset` TRUE stays set until ResetEvent, FALSE lets one wait through. NULL on
/// failure. A name is known in this process only: a second call with it gives another handle to the
/// same event and sets ERROR_ALREADY_EXISTS; ERROR_INVALID_HANDLE if a timer has it. The name goes
/// with the last handle.
BACKHAUL_WINDOWS_API(HANDLE, CreateEventW,
                     (LPSECURITY_ATTRIBUTES attributes, BOOL manualReset, BOOL initialState,
                      LPCWSTR name));
BACKHAUL_WINDOWS_API(BOOL, SetEvent, (HANDLE event));
BACKHAUL_WINDOWS_API(BOOL, ResetEvent, (HANDLE event));
BACKHAUL_WINDOWS_API(BOOL, CloseHandle, (HANDLE handle));

inline HANDLE CreateEvent(LPSECURITY_ATTRIBUTES attributes, BOOL manualReset, BOOL initialState,
                          LPCWSTR name) {
  return CreateEventW(attributes, manualReset, initialState, name);
}

// ---- Timers that can be waited for -------------------------------------------------------------

typedef void(APIENTRY* PTIMERAPCROUTINE)(LPVOID argument, DWORD lowTime, DWORD highTime);

/// Names as for events.
BACKHAUL_WINDOWS_API(HANDLE, CreateWaitableTimerW,
                     (LPSECURITY_ATTRIBUTES attributes, BOOL manualReset, LPCWSTR name));
/// `dueTime` in units of 100 ns: negative from now, else a FILETIME. `period` in milliseconds, 0:
/// once. ERROR_NOT_SUPPORTED for a completion routine.
BACKHAUL_WINDOWS_API(BOOL, SetWaitableTimer,
                     (HANDLE timer, const LARGE_INTEGER* dueTime, LONG period,
                      PTIMERAPCROUTINE completion, LPVOID argument, BOOL resume));
BACKHAUL_WINDOWS_API(BOOL, CancelWaitableTimer, (HANDLE timer));

inline HANDLE CreateWaitableTimer(LPSECURITY_ATTRIBUTES attributes, BOOL manualReset,
                                  LPCWSTR name) {
  return CreateWaitableTimerW(attributes, manualReset, name);
}

// ---- Waiting -----------------------------------------------------------------------------------

/// WAIT_OBJECT_0, WAIT_TIMEOUT or WAIT_FAILED. The thread sleeps: callbacks of a single-threaded
/// apartment wait for it to pump again.
BACKHAUL_WINDOWS_API(DWORD, WaitForSingleObject, (HANDLE handle, DWORD milliseconds));
/// WAIT_OBJECT_0 plus the index of the handle; with `waitAll`, once all are set at one moment.
BACKHAUL_WINDOWS_API(DWORD, WaitForMultipleObjects,
                     (DWORD count, const HANDLE* handles, BOOL waitAll, DWORD milliseconds));
BACKHAUL_WINDOWS_API(void, Sleep, (DWORD milliseconds));

// ---- Threads and time --------------------------------------------------------------------------

BACKHAUL_WINDOWS_API(DWORD, GetCurrentThreadId, (void));
BACKHAUL_WINDOWS_API(DWORD, GetCurrentProcessId, (void));
/// Milliseconds since the system started, sleep included.
BACKHAUL_WINDOWS_API(DWORD, GetTickCount, (void));
BACKHAUL_WINDOWS_API(ULONGLONG, GetTickCount64, (void));

typedef struct _SYSTEMTIME {
  WORD wYear;
  WORD wMonth;      ///< 1 to 12
  WORD wDayOfWeek;  ///< 0: Sunday
  WORD wDay;
  WORD wHour;
  WORD wMinute;
  WORD wSecond;
  WORD wMilliseconds;
} SYSTEMTIME, *PSYSTEMTIME, *LPSYSTEMTIME;

BACKHAUL_WINDOWS_API(BOOL, FileTimeToSystemTime, (const FILETIME* time, LPSYSTEMTIME result));
BACKHAUL_WINDOWS_API(BOOL, SystemTimeToFileTime, (const SYSTEMTIME* time, LPFILETIME result));
BACKHAUL_WINDOWS_API(BOOL, FileTimeToLocalFileTime, (const FILETIME* time, LPFILETIME result));
BACKHAUL_WINDOWS_API(LONG, CompareFileTime, (const FILETIME* a, const FILETIME* b));
BACKHAUL_WINDOWS_API(void, GetSystemTimeAsFileTime, (LPFILETIME result));
BACKHAUL_WINDOWS_API(void, GetSystemTime, (LPSYSTEMTIME result));
BACKHAUL_WINDOWS_API(void, GetLocalTime, (LPSYSTEMTIME result));

// ---- The program -------------------------------------------------------------------------------

/// The path of this program; `module` must be NULL. The number of characters without terminator;
/// `capacity` and ERROR_INSUFFICIENT_BUFFER if the path was cut off; 0 on failure.
BACKHAUL_WINDOWS_API(DWORD, GetModuleFileNameW, (HMODULE module, LPWSTR path, DWORD capacity));
inline DWORD GetModuleFileName(HMODULE module, LPWSTR path, DWORD capacity) {
  return GetModuleFileNameW(module, path, capacity);
}
/// This program, for `name` NULL; else NULL and ERROR_MOD_NOT_FOUND.
BACKHAUL_WINDOWS_API(HMODULE, GetModuleHandleW, (LPCWSTR name));
inline HMODULE GetModuleHandle(LPCWSTR name) { return GetModuleHandleW(name); }

// ---- A lock that its owner may take again ------------------------------------------------------

typedef struct _RTL_CRITICAL_SECTION {
  ULONG_PTR Opaque[8];  ///< between Initialize and Delete it must stay where it is
} CRITICAL_SECTION, *PCRITICAL_SECTION, *LPCRITICAL_SECTION;

BACKHAUL_WINDOWS_API(void, InitializeCriticalSection, (LPCRITICAL_SECTION section));
BACKHAUL_WINDOWS_API(void, EnterCriticalSection, (LPCRITICAL_SECTION section));
BACKHAUL_WINDOWS_API(void, LeaveCriticalSection, (LPCRITICAL_SECTION section));
BACKHAUL_WINDOWS_API(void, DeleteCriticalSection, (LPCRITICAL_SECTION section));

// ---- Texts of codes ----------------------------------------------------------------------------

typedef HANDLE HLOCAL;

#define FORMAT_MESSAGE_ALLOCATE_BUFFER 0x00000100
#define FORMAT_MESSAGE_IGNORE_INSERTS 0x00000200
#define FORMAT_MESSAGE_FROM_STRING 0x00000400
#define FORMAT_MESSAGE_FROM_HMODULE 0x00000800
#define FORMAT_MESSAGE_FROM_SYSTEM 0x00001000
#define FORMAT_MESSAGE_ARGUMENT_ARRAY 0x00002000
#define FORMAT_MESSAGE_MAX_WIDTH_MASK 0x000000FF

/// The sentence about an HRESULT or a system error number, and a line end, with
/// FORMAT_MESSAGE_FROM_SYSTEM or FROM_HMODULE, where `source` is not looked at. With
/// ALLOCATE_BUFFER `text` is the address of an LPWSTR, to be freed with LocalFree. The number of
/// characters; 0 on failure, ERROR_NOT_SUPPORTED for FORMAT_MESSAGE_FROM_STRING.
BACKHAUL_WINDOWS_API(DWORD, FormatMessageW,
                     (DWORD flags, LPCVOID source, DWORD code, DWORD language, LPWSTR text,
                      DWORD capacity, va_list* arguments));
/// NULL.
BACKHAUL_WINDOWS_API(HLOCAL, LocalFree, (HLOCAL memory));

inline DWORD FormatMessage(DWORD flags, LPCVOID source, DWORD code, DWORD language, LPWSTR text,
                           DWORD capacity, va_list* arguments) {
  return FormatMessageW(flags, source, code, language, text, capacity, arguments);
}

#endif  // BACKHAUL_BITS_WINBASE_H
