// SPDX-License-Identifier: Apache-2.0
// Opt-in: what programs written for BITS expect of this header, so that console programs compile as
// they are. Only the functions that such programs use; bits.h needs none of it.
//
// Printing functions get Microsoft's meaning in the files that include it (backhaul_stdio.h;
// BACKHAUL_NO_PRINT_FUNCTIONS leaves them alone).
#ifndef BACKHAUL_BITS_WINDOWS_H
#define BACKHAUL_BITS_WINDOWS_H

#include "backhaul_stdio.h"
#include "winbase.h"
#include "winnls.h"
#include "winreg.h"
#include "winuser.h"

#ifndef TEXT
#define TEXT(literal) L##literal
#endif

typedef wchar_t TCHAR;
typedef TCHAR* LPTSTR;
typedef TCHAR* PTSTR;
typedef const TCHAR* LPCTSTR;
typedef const TCHAR* PCTSTR;

#endif  // BACKHAUL_BITS_WINDOWS_H
