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

#ifndef _tmain
#define _tmain wmain
#endif
#ifndef _tprintf
#define _tprintf ::backhaul::bits::printing::wprintf
#endif
#ifndef _ftprintf
#define _ftprintf ::backhaul::bits::printing::fwprintf
#endif
#ifndef _stprintf_s
#define _stprintf_s ::backhaul::bits::printing::swprintf_s
#endif
#ifndef _putts
#define _putts backhaul_putws
#endif
#ifndef _tcslen
#define _tcslen wcslen
#endif
#ifndef _tcscmp
#define _tcscmp wcscmp
#endif
#ifndef _tcsncmp
#define _tcsncmp wcsncmp
#endif
#ifndef _tcsicmp
#define _tcsicmp _wcsicmp
#endif
#ifndef _tcsnicmp
#define _tcsnicmp _wcsnicmp
#endif
#ifndef _tcschr
#define _tcschr wcschr
#endif
#ifndef _tcsrchr
#define _tcsrchr wcsrchr
#endif
#ifndef _tcsstr
#define _tcsstr wcsstr
#endif
#ifndef _tcstol
#define _tcstol wcstol
#endif
#ifndef _tcstoul
#define _tcstoul wcstoul
#endif
#ifndef _ttoi
#define _ttoi(text) (static_cast<int>(wcstol((text), nullptr, 10)))
#endif

#endif  // BACKHAUL_BITS_TCHAR_H
