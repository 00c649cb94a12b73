// SPDX-License-Identifier: Apache-2.0
// Of winbase.h and winnls.h: the program, locks, the texts of codes, and texts in UTF-8.
#include <windows.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <new>
#include <string>

#include "backhaul/codes.h"
#include "bits/wide.h"

namespace {

using backhaul::bits::wide_always;
using backhaul::bits::wide_of;

DWORD fail(DWORD error) {
  SetLastError(error);
  return 0;
}

// Where there are no modules, one address stands for the program.
char this_program;

using Lock = std::recursive_mutex;
static_assert(sizeof(Lock) <= sizeof(CRITICAL_SECTION) &&
                  alignof(Lock) <= alignof(CRITICAL_SECTION),
              "a lock has room in its structure");

Lock& lock_of(LPCRITICAL_SECTION section) {
  return *std::launder(reinterpret_cast<Lock*>(section->Opaque));
}

// Runs `body`; nothing it throws leaves.
template <class Body>
DWORD guarded(Body body) noexcept {
  try {
    return body();
  } catch (...) {
    return fail(ERROR_NOT_ENOUGH_MEMORY);
  }
}

bool is_known_language(DWORD language) {
  switch (language) {
    case LANG_NEUTRAL:
    case MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US):
    case LANG_ENGLISH:
    case LANG_USER_DEFAULT:
    case LANG_SYSTEM_DEFAULT:
      return true;
    default:
      return false;
  }
}

// A system error number is below 0x10000, an HRESULT that has a text is not.
HRESULT as_hresult(DWORD code) {
  return code < 0x10000 ? HRESULT_FROM_WIN32(code) : static_cast<HRESULT>(code);
}

// The text and its terminator in new memory of at least `least` characters.
DWORD give_new(const std::wstring& text, std::size_t least, LPWSTR* out) {
  const std::size_t size = std::max(text.size() + 1, least);
  auto* copy = static_cast<LPWSTR>(std::calloc(size, sizeof(WCHAR)));
  *out = copy;
  if (copy == nullptr) return fail(ERROR_NOT_ENOUGH_MEMORY);
  text.copy(copy, text.size());
  return static_cast<DWORD>(text.size());
}

DWORD give(const std::wstring& text, LPWSTR out, DWORD capacity) {
  if (text.size() >= capacity) return fail(ERROR_INSUFFICIENT_BUFFER);
  text.copy(out, text.size());
  out[text.size()] = L'\0';
  return static_cast<DWORD>(text.size());
}

}  // namespace

DWORD GetModuleFileNameW(HMODULE module, LPWSTR path, DWORD capacity) {
  if ((module != nullptr && module != &this_program) || path == nullptr || capacity == 0) {
    return fail(ERROR_INVALID_PARAMETER);
  }
  return guarded([&]() -> DWORD {
    std::error_code error;
    const std::wstring name = wide_always(std::filesystem::read_symlink("/proc/self/exe", error));
    if (error) return fail(ERROR_FILE_NOT_FOUND);
    const auto copied = std::min<std::size_t>(name.size(), capacity - 1);
    name.copy(path, copied);
    path[copied] = L'\0';
    if (copied == name.size()) return static_cast<DWORD>(copied);
    fail(ERROR_INSUFFICIENT_BUFFER);
    return capacity;
  });
}

HMODULE GetModuleHandleW(LPCWSTR name) {
  if (name == nullptr) return &this_program;
  fail(ERROR_MOD_NOT_FOUND);
  return nullptr;
}

void InitializeCriticalSection(LPCRITICAL_SECTION section) { new (section->Opaque) Lock; }
void EnterCriticalSection(LPCRITICAL_SECTION section) { lock_of(section).lock(); }
void LeaveCriticalSection(LPCRITICAL_SECTION section) { lock_of(section).unlock(); }
void DeleteCriticalSection(LPCRITICAL_SECTION section) { lock_of(section).~Lock(); }

DWORD FormatMessageW(DWORD flags, LPCVOID, DWORD code, DWORD language, LPWSTR text, DWORD capacity,
                     va_list*) {
  const bool from_string = (flags & FORMAT_MESSAGE_FROM_STRING) != 0;
  const bool known =
      (flags & (FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_FROM_HMODULE)) != 0 && !from_string;
  if (text == nullptr) return fail(ERROR_INVALID_PARAMETER);
  if (!known) return fail(from_string ? ERROR_NOT_SUPPORTED : ERROR_INVALID_PARAMETER);
  if (!is_known_language(language)) return fail(ERROR_RESOURCE_LANG_NOT_FOUND);
  return guarded([&] {
    const auto number = static_cast<std::uint32_t>(as_hresult(code));
    const std::wstring sentence = wide_always(backhaul::code_text(number)) + L"\r\n";
    if ((flags & FORMAT_MESSAGE_ALLOCATE_BUFFER) == 0) return give(sentence, text, capacity);
    LPWSTR made = nullptr;
    const DWORD length = give_new(sentence, capacity, &made);
    std::memcpy(text, &made, sizeof(made));
    return length;
  });
}

HLOCAL LocalFree(HLOCAL memory) {
  std::free(memory);
  return nullptr;
}

int MultiByteToWideChar(UINT, DWORD flags, LPCSTR text, int size, LPWSTR wide, int capacity) {
  const bool good = text != nullptr && (size > 0 || size == -1) && capacity >= 0 &&
                    (wide != nullptr || capacity == 0);
  if (!good) return static_cast<int>(fail(ERROR_INVALID_PARAMETER));
  return static_cast<int>(guarded([&]() -> DWORD {
    const std::string octets = size == -1 ? std::string(text, std::strlen(text) + 1)
                                          : std::string(text, static_cast<std::size_t>(size));
    // A NUL ends a text for wide_of, but not for this function.
    std::wstring made;
    bool valid = true;
    for (std::size_t at = 0; at < octets.size();) {
      const std::size_t end = std::min(octets.find('\0', at), octets.size());
      made += wide_of(octets.data() + at, end - at, SIZE_MAX, &valid);
      if (end < octets.size()) made.push_back(L'\0');
      at = end + 1;
    }
    if (!valid && (flags & MB_ERR_INVALID_CHARS) != 0) return fail(ERROR_NO_UNICODE_TRANSLATION);
    if (capacity != 0) {
      if (made.size() > static_cast<std::size_t>(capacity)) return fail(ERROR_INSUFFICIENT_BUFFER);
      made.copy(wide, made.size());
    }
    return static_cast<DWORD>(made.size());
  }));
}
