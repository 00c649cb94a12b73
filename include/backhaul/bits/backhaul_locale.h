// SPDX-License-Identifier: Apache-2.0
// Language ids: the argument of GetErrorDescription and GetErrorContextDescription.
//
// The texts are English. Accepted are English, its United States form and the neutral and default
// ids; others answer HRESULT_FROM_WIN32(ERROR_RESOURCE_LANG_NOT_FOUND) (errors.md §4). The
// functions below give an id that is accepted. Internal: pulled in by combaseapi.h.
#ifndef BACKHAUL_BITS_LOCALE_H
#define BACKHAUL_BITS_LOCALE_H

#include "backhaul_com_types.h"

#define LANG_NEUTRAL 0x00
#define LANG_INVARIANT 0x7f
#define LANG_ENGLISH 0x09
#define SUBLANG_NEUTRAL 0x00
#define SUBLANG_DEFAULT 0x01
#define SUBLANG_SYS_DEFAULT 0x02
#define SUBLANG_ENGLISH_US 0x01
#define SUBLANG_ENGLISH_UK 0x02
#define SORT_DEFAULT 0x0

#define MAKELANGID(primary, sub) \
  (static_cast<::WORD>((static_cast<::WORD>(sub) << 10) | static_cast<::WORD>(primary)))
#define PRIMARYLANGID(language) (static_cast<::WORD>((language) & 0x3ff))
#define SUBLANGID(language) (static_cast<::WORD>(static_cast<::WORD>(language) >> 10))
#define MAKELCID(language, sort) \
  ((static_cast<::DWORD>(sort) << 16) | static_cast<::DWORD>(static_cast<::WORD>(language)))
#define LANGIDFROMLCID(locale) (static_cast<::WORD>((locale) & 0xffff))

#define LANG_SYSTEM_DEFAULT (MAKELANGID(LANG_NEUTRAL, SUBLANG_SYS_DEFAULT))
#define LANG_USER_DEFAULT (MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT))
#define LOCALE_SYSTEM_DEFAULT (MAKELCID(LANG_SYSTEM_DEFAULT, SORT_DEFAULT))
#define LOCALE_USER_DEFAULT (MAKELCID(LANG_USER_DEFAULT, SORT_DEFAULT))
#define LOCALE_NEUTRAL (MAKELCID(MAKELANGID(LANG_NEUTRAL, SUBLANG_NEUTRAL), SORT_DEFAULT))

inline LCID GetThreadLocale() { return MAKELCID(MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US), 0); }
inline LCID GetUserDefaultLCID() { return GetThreadLocale(); }
inline LCID GetSystemDefaultLCID() { return GetThreadLocale(); }
inline LANGID GetUserDefaultLangID() { return LANGIDFROMLCID(GetThreadLocale()); }
inline LANGID GetSystemDefaultLangID() { return LANGIDFROMLCID(GetThreadLocale()); }
inline LANGID GetUserDefaultUILanguage() { return LANGIDFROMLCID(GetThreadLocale()); }
inline LANGID GetSystemDefaultUILanguage() { return LANGIDFROMLCID(GetThreadLocale()); }

#endif  // BACKHAUL_BITS_LOCALE_H
