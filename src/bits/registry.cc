// SPDX-License-Identifier: Apache-2.0
// The registry as class servers know it: where the command of a class stands. Keys are paths below
// Software\Classes, nothing is stored but through the service's registration of classes.
#include <windows.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "bits/command_line.h"
#include "bits/session.h"
#include "bits/text.h"

namespace backhaul::bits {

namespace {

using Path = std::vector<std::wstring>;  // lower case

struct Keys {
  std::mutex mutex;
  std::map<HKEY, Path> open;
  ULONG_PTR last = 0;
};

Keys& keys() {
  static auto* const all = new Keys;
  return *all;
}

void append(Path& path, LPCWSTR names) {
  std::wstring name;
  for (; names != nullptr; ++names) {
    if (*names != L'\\' && *names != L'\0') {
      name.push_back(*names >= L'A' && *names <= L'Z' ? *names + (L'a' - L'A') : *names);
      continue;
    }
    if (!name.empty()) path.push_back(std::move(name));
    name.clear();
    if (*names == L'\0') break;
  }
}

// The whole path of a sub key, beginning with its root.
LSTATUS path_of(HKEY key, LPCWSTR names, Path& path) {
  if (key == HKEY_CLASSES_ROOT) {
    path = {L"user", L"software", L"classes"};
  } else if (key == HKEY_CURRENT_USER) {
    path = {L"user"};
  } else if (key == HKEY_LOCAL_MACHINE) {
    path = {L"machine"};
  } else {
    const std::lock_guard lock(keys().mutex);
    const auto found = keys().open.find(key);
    if (found == keys().open.end()) return ERROR_INVALID_HANDLE;
    path = found->second;
  }
  append(path, names);
  // Of the machine's keys there are those on the way to the classes.
  const bool other = (path.size() > 1 && path[1] != L"software") ||
                     (path.size() > 2 && path[2] != L"classes");
  return path[0] == L"machine" && other ? ERROR_ACCESS_DENIED : ERROR_SUCCESS;
}

// What a path below Software\Classes means to us.
struct Place {
  enum class Kind { none, other, clsid, command } kind = Kind::none;
  std::string clsid;
};

Place place_of(const Path& path) {
  constexpr std::size_t below = 3;  // user\software\classes
  if (path.size() <= below || path[1] != L"software" || path[2] != L"classes") return {};
  if (path[below] != L"clsid") return {Place::Kind::other, {}};
  CLSID clsid;
  if (path.size() == below + 1) return {};
  if (FAILED(CLSIDFromString(path[below + 1].c_str(), &clsid))) return {};
  if (path.size() == below + 2) return {Place::Kind::clsid, text_of(clsid)};
  const bool command = path.size() == below + 3 && path[below + 2] == L"localserver32";
  return {command ? Place::Kind::command : Place::Kind::other, text_of(clsid)};
}

LSTATUS status_of(std::uint32_t code) {
  const HRESULT hr = hresult_of(code);
  if (SUCCEEDED(hr)) return ERROR_SUCCESS;
  if (HRESULT_FACILITY(hr) == FACILITY_WIN32) return HRESULT_CODE(hr);
  return hr == REGDB_E_CLASSNOTREG || hr == BG_E_NOT_FOUND ? ERROR_FILE_NOT_FOUND
                                                           : ERROR_CAN_NOT_COMPLETE;
}

// Runs `body`; nothing it throws leaves.
template <class Body>
LSTATUS guarded(Body body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return ERROR_NOT_ENOUGH_MEMORY;
  } catch (...) {
    return ERROR_CAN_NOT_COMPLETE;
  }
}

LSTATUS register_command(const std::string& clsid, const std::wstring& command) {
  const auto text = utf8_of(command.c_str());
  const auto exec = text ? split_command(*text) : std::vector<std::string>();
  if (exec.empty()) return ERROR_INVALID_PARAMETER;
  const Result<Client> client = connect();
  return status_of(client ? client->register_class(clsid, exec).code() : client.code());
}

LSTATUS set_value(const Path& path, LPCWSTR name, DWORD type, const void* data, DWORD size) {
  const Place place = place_of(path);
  if (place.kind == Place::Kind::none) return ERROR_NOT_SUPPORTED;
  const bool is_default = name == nullptr || *name == L'\0';
  if (place.kind != Place::Kind::command || !is_default) return ERROR_SUCCESS;
  if (data == nullptr || (type != REG_SZ && type != REG_EXPAND_SZ)) return ERROR_INVALID_PARAMETER;
  std::wstring command(size / sizeof(WCHAR), L'\0');
  std::copy_n(static_cast<const char*>(data), command.size() * sizeof(WCHAR),
              reinterpret_cast<char*>(command.data()));
  command.resize(std::min(command.size(), command.find(L'\0')));
  return register_command(place.clsid, command);
}

LSTATUS remove_tree(const Path& path) {
  const Place place = place_of(path);
  if (place.kind == Place::Kind::none) return ERROR_NOT_SUPPORTED;
  if (place.kind == Place::Kind::other) return ERROR_SUCCESS;
  const Result<Client> client = connect();
  return status_of(client ? client->unregister_class(place.clsid).code() : client.code());
}

}  // namespace

}  // namespace backhaul::bits

using namespace backhaul::bits;

LSTATUS RegCreateKeyExW(HKEY key, LPCWSTR sub_key, DWORD, LPWSTR, DWORD, REGSAM,
                        const SECURITY_ATTRIBUTES*, PHKEY result, LPDWORD disposition) {
  if (result == nullptr || sub_key == nullptr) return ERROR_INVALID_PARAMETER;
  *result = nullptr;
  return guarded([&]() -> LSTATUS {
    Path path;
    if (const LSTATUS status = path_of(key, sub_key, path)) return status;
    const std::lock_guard lock(keys().mutex);
    *result = reinterpret_cast<HKEY>(keys().last += 4);
    keys().open.emplace(*result, std::move(path));
    if (disposition != nullptr) *disposition = REG_CREATED_NEW_KEY;
    return ERROR_SUCCESS;
  });
}

LSTATUS RegSetValueExW(HKEY key, LPCWSTR name, DWORD, DWORD type, const BYTE* data, DWORD size) {
  return RegSetKeyValueW(key, nullptr, name, type, data, size);
}

LSTATUS RegSetKeyValueW(HKEY key, LPCWSTR sub_key, LPCWSTR name, DWORD type, LPCVOID data,
                        DWORD size) {
  return guarded([&]() -> LSTATUS {
    Path path;
    if (const LSTATUS status = path_of(key, sub_key, path)) return status;
    return set_value(path, name, type, data, size);
  });
}

LSTATUS RegDeleteTreeW(HKEY key, LPCWSTR sub_key) {
  return guarded([&]() -> LSTATUS {
    Path path;
    if (const LSTATUS status = path_of(key, sub_key, path)) return status;
    return remove_tree(path);
  });
}

LSTATUS RegOpenKeyExW(HKEY key, LPCWSTR sub_key, DWORD options, REGSAM access, PHKEY result) {
  return RegCreateKeyExW(key, sub_key != nullptr ? sub_key : L"", 0, nullptr, options, access,
                         nullptr, result, nullptr);
}

LSTATUS RegDeleteKeyW(HKEY key, LPCWSTR sub_key) {
  if (sub_key == nullptr) return ERROR_INVALID_PARAMETER;
  return guarded([&]() -> LSTATUS {
    Path path;
    if (const LSTATUS status = path_of(key, sub_key, path)) return status;
    const LSTATUS status = remove_tree(path);
    // A program takes the command away first and the class then.
    const bool gone_before = status == ERROR_FILE_NOT_FOUND;
    return gone_before && place_of(path).kind == Place::Kind::clsid ? ERROR_SUCCESS : status;
  });
}

LSTATUS RegCloseKey(HKEY key) {
  if (key == HKEY_CLASSES_ROOT || key == HKEY_CURRENT_USER || key == HKEY_LOCAL_MACHINE) {
    return ERROR_SUCCESS;
  }
  const std::lock_guard lock(keys().mutex);
  return keys().open.erase(key) != 0 ? ERROR_SUCCESS : ERROR_INVALID_HANDLE;
}
