// SPDX-License-Identifier: Apache-2.0
// The rim between COM and the client: WCHAR (UTF-32) and UTF-8, GUIDs and their text, times, codes.
// Out strings come from the task allocator, as every caller expects to free them there.
#ifndef SRC_BITS_TEXT_H
#define SRC_BITS_TEXT_H

#include <bits.h>

#include <cstdint>
#include <optional>
#include <string>

#include "backhaul/result.h"
#include "backhaul/types.h"

namespace backhaul::bits {

// None for a text that is not Unicode (a surrogate or a number beyond U+10FFFF).
std::optional<std::string> utf8_of(LPCWSTR text);

// A copy in task memory; S_OK or E_OUTOFMEMORY. `text` is UTF-8 from the bus, hence valid.
HRESULT give_text(const std::string& text, LPWSTR* out);

// "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", lower case.
std::string text_of(REFGUID guid);
// Any form: with or without braces and hyphens, either case.
std::optional<GUID> guid_of(const std::string& text);

FILETIME filetime_of(Time time);

inline HRESULT hresult_of(std::uint32_t code) { return static_cast<HRESULT>(code); }
template <class T>
HRESULT hresult_of(const Result<T>& result) {
  return hresult_of(result.code());
}

// The body of a method: nothing it throws may leave an interface.
template <class Body>
HRESULT protect(Body&& body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return E_OUTOFMEMORY;
  } catch (...) {
    return E_UNEXPECTED;
  }
}

}  // namespace backhaul::bits

#endif
