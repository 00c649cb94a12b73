// SPDX-License-Identifier: Apache-2.0
// The task allocator, which is malloc, and the text form of GUIDs.
#include <bits.h>
#include <sys/random.h>

#include <cstdlib>
#include <cwchar>

LPVOID CoTaskMemAlloc(SIZE_T size) { return std::malloc(size != 0 ? size : 1); }

LPVOID CoTaskMemRealloc(LPVOID memory, SIZE_T size) {
  if (size == 0) {
    std::free(memory);
    return nullptr;
  }
  return std::realloc(memory, size);
}

void CoTaskMemFree(LPVOID memory) { std::free(memory); }

HRESULT CoCreateGuid(GUID* guid) {
  if (guid == nullptr) return E_INVALIDARG;
  if (getrandom(guid, sizeof(*guid), 0) != static_cast<ssize_t>(sizeof(*guid))) {
    *guid = GUID_NULL;
    return E_FAIL;
  }
  guid->Data3 = static_cast<uint16_t>((guid->Data3 & 0x0fff) | 0x4000);   // version 4: random
  guid->Data4[0] = static_cast<uint8_t>((guid->Data4[0] & 0x3f) | 0x80);  // RFC 9562 variant
  return S_OK;
}

int StringFromGUID2(REFGUID guid, LPOLESTR text, int capacity) {
  constexpr int characters = 39;
  if (text == nullptr || capacity < characters) return 0;
  const auto* end = guid.Data4;
  std::swprintf(text, characters, L"{%08X-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X}", guid.Data1,
                guid.Data2, guid.Data3, end[0], end[1], end[2], end[3], end[4], end[5], end[6],
                end[7]);
  return characters;
}

HRESULT StringFromCLSID(REFCLSID clsid, LPOLESTR* text) {
  if (text == nullptr) return E_INVALIDARG;
  *text = static_cast<LPOLESTR>(CoTaskMemAlloc(39 * sizeof(OLECHAR)));
  if (*text == nullptr) return E_OUTOFMEMORY;
  StringFromGUID2(clsid, *text, 39);
  return S_OK;
}

HRESULT StringFromIID(REFIID iid, LPOLESTR* text) { return StringFromCLSID(iid, text); }

namespace {

HRESULT read_guid(LPCOLESTR text, GUID* guid, HRESULT malformed) {
  if (guid == nullptr) return E_INVALIDARG;
  *guid = GUID_NULL;
  if (text == nullptr) return S_OK;
  char narrow[39] = {};
  for (int i = 0; i < 38; ++i) {
    if (text[i] == L'\0' || text[i] > 0x7e) return malformed;
    narrow[i] = static_cast<char>(text[i]);
  }
  if (text[38] != L'\0' || !backhaul::bits::is_uuid_text(narrow)) return malformed;
  *guid = backhaul::bits::parse_uuid(narrow);
  return S_OK;
}

}  // namespace

HRESULT CLSIDFromString(LPCOLESTR text, LPCLSID clsid) {
  return read_guid(text, clsid, CO_E_CLASSSTRING);
}

HRESULT IIDFromString(LPCOLESTR text, LPIID iid) { return read_guid(text, iid, CO_E_IIDSTRING); }
