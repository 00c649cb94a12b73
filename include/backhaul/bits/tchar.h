// SPDX-License-Identifier: Apache-2.0
// Opt-in: programs are Unicode ones here, so a TCHAR is a wchar_t and _tmain is wmain, which the
// library backhaul-bits-main calls with the program's arguments.
#ifndef BACKHAUL_BITS_TCHAR_H
#define BACKHAUL_BITS_TCHAR_H

#include <wchar.h>

#include "windows.h"

typedef wchar_t _TCHAR;

#ifndef _T
#define _T(literal) L##literal
#endif
#ifndef _TEXT
#define _TEXT(literal) L##literal
#endif

#define _tmain wmain
#define _tprintf ::backhaul::bits::printing::wprintf
#define _ftprintf ::backhaul::bits::printing::fwprintf
#define _stprintf_s ::backhaul::bits::printing::swprintf_s
#define _putts backhaul_putws
#define _tcslen wcslen
#define _tcscmp wcscmp
#define _tcsncmp wcsncmp
#define _tcsicmp _wcsicmp
#define _tcsnicmp _wcsnicmp
#define _tcschr wcschr
#define _tcsrchr wcsrchr
#define _tcsstr wcsstr
#define _tcstol wcstol
#define _tcstoul wcstoul
#define _ttoi(text) (static_cast<int>(wcstol((text), nullptr, 10)))

#endif  // BACKHAUL_BITS_TCHAR_H
