// SPDX-License-Identifier: Apache-2.0
// Opt-in, with windows.h: as much of the registry as a class server needs to register itself.
//
// Setting the default value of CLSID\{...}\LocalServer32 under HKEY_CLASSES_ROOT or
// Software\Classes of HKEY_CURRENT_USER or HKEY_LOCAL_MACHINE makes the bus start that program for
// the class, for this user, as `backhaul class add` does; deleting the key takes it back
// (source-compat.md 10). Everything else that programs write there for a class (AppID, ProgIDs,
// Interface, TypeLib, other values below CLSID\{...}) is accepted and forgotten. What is no CLSID
// below CLSID, and all other keys, are ERROR_NOT_SUPPORTED, those of HKEY_LOCAL_MACHINE
// ERROR_ACCESS_DENIED.
#ifndef BACKHAUL_BITS_WINREG_H
#define BACKHAUL_BITS_WINREG_H

#include "winbase.h"

typedef struct HKEY__* HKEY;
typedef HKEY* PHKEY;
typedef DWORD REGSAM;

#define HKEY_CLASSES_ROOT (reinterpret_cast<::HKEY>(static_cast<::ULONG_PTR>(0x80000000U)))
#define HKEY_CURRENT_USER (reinterpret_cast<::HKEY>(static_cast<::ULONG_PTR>(0x80000001U)))
#define HKEY_LOCAL_MACHINE (reinterpret_cast<::HKEY>(static_cast<::ULONG_PTR>(0x80000002U)))

#define KEY_QUERY_VALUE 0x0001
#define KEY_SET_VALUE 0x0002
#define KEY_CREATE_SUB_KEY 0x0004
#define KEY_READ 0x20019
#define KEY_WRITE 0x20006
#define KEY_ALL_ACCESS 0xF003F
#define REG_OPTION_NON_VOLATILE 0
#define REG_CREATED_NEW_KEY 1
#define REG_OPENED_EXISTING_KEY 2
#define REG_NONE 0
#define REG_SZ 1
#define REG_EXPAND_SZ 2
#define REG_DWORD 4

// All answer a system error number, ERROR_SUCCESS among them.

/// *disposition may be NULL; it is always REG_CREATED_NEW_KEY.
BACKHAUL_WINDOWS_API(LSTATUS, RegCreateKeyExW,
                     (HKEY key, LPCWSTR subKey, DWORD reserved, LPWSTR keyClass, DWORD options,
                      REGSAM access, const SECURITY_ATTRIBUTES* attributes, PHKEY result,
                      LPDWORD disposition));
/// `size` in bytes, the terminator included. The command is quoted as on Windows; the program is an
/// absolute path of this system.
BACKHAUL_WINDOWS_API(LSTATUS, RegSetValueExW,
                     (HKEY key, LPCWSTR name, DWORD reserved, DWORD type, const BYTE* data,
                      DWORD size));
BACKHAUL_WINDOWS_API(LSTATUS, RegSetKeyValueW,
                     (HKEY key, LPCWSTR subKey, LPCWSTR name, DWORD type, LPCVOID data,
                      DWORD size));
/// ERROR_FILE_NOT_FOUND if the class is not registered. `subKey` NULL: the key itself.
BACKHAUL_WINDOWS_API(LSTATUS, RegDeleteTreeW, (HKEY key, LPCWSTR subKey));
/// One key, the command of a class before the class; the class itself may be gone by then.
BACKHAUL_WINDOWS_API(LSTATUS, RegDeleteKeyW, (HKEY key, LPCWSTR subKey));
/// Any key that RegCreateKeyEx takes; nothing tells whether it has been written.
BACKHAUL_WINDOWS_API(LSTATUS, RegOpenKeyExW,
                     (HKEY key, LPCWSTR subKey, DWORD options, REGSAM access, PHKEY result));
BACKHAUL_WINDOWS_API(LSTATUS, RegCloseKey, (HKEY key));

inline LSTATUS RegCreateKeyEx(HKEY key, LPCWSTR subKey, DWORD reserved, LPWSTR keyClass,
                              DWORD options, REGSAM access, const SECURITY_ATTRIBUTES* attributes,
                              PHKEY result, LPDWORD disposition) {
  return RegCreateKeyExW(key, subKey, reserved, keyClass, options, access, attributes, result,
                         disposition);
}
inline LSTATUS RegSetValueEx(HKEY key, LPCWSTR name, DWORD reserved, DWORD type, const BYTE* data,
                             DWORD size) {
  return RegSetValueExW(key, name, reserved, type, data, size);
}
inline LSTATUS RegSetKeyValue(HKEY key, LPCWSTR subKey, LPCWSTR name, DWORD type, LPCVOID data,
                              DWORD size) {
  return RegSetKeyValueW(key, subKey, name, type, data, size);
}
inline LSTATUS RegDeleteKey(HKEY key, LPCWSTR subKey) { return RegDeleteKeyW(key, subKey); }
inline LSTATUS RegOpenKeyEx(HKEY key, LPCWSTR subKey, DWORD options, REGSAM access, PHKEY result) {
  return RegOpenKeyExW(key, subKey, options, access, result);
}
inline LSTATUS RegDeleteTree(HKEY key, LPCWSTR subKey) { return RegDeleteTreeW(key, subKey); }

#endif  // BACKHAUL_BITS_WINREG_H
