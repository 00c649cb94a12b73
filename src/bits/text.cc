// SPDX-License-Identifier: Apache-2.0
#include "bits/text.h"

#include <algorithm>

namespace backhaul::bits {

namespace {

bool append_utf8(std::string& out, std::uint32_t c) {
  if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return false;
  const auto byte = [&out](std::uint32_t bits) { out.push_back(static_cast<char>(bits)); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xc0 | (c >> 6));
    byte(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    byte(0xe0 | (c >> 12));
    byte(0x80 | ((c >> 6) & 0x3f));
    byte(0x80 | (c & 0x3f));
  } else {
    byte(0xf0 | (c >> 18));
    byte(0x80 | ((c >> 12) & 0x3f));
    byte(0x80 | ((c >> 6) & 0x3f));
    byte(0x80 | (c & 0x3f));
  }
  return true;
}

std::size_t utf8_length(std::uint32_t c) { return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4; }

// One character of a text that is known to be UTF-8; `at` moves behind it.
wchar_t next_character(const std::string& text, std::size_t& at) {
  const auto byte = [&] { return static_cast<unsigned char>(text[at++]); };
  const std::uint32_t first = byte();
  const int more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
  std::uint32_t c = more == 0 ? first : first & (0x3f >> more);
  for (int i = 0; i < more && at < text.size(); ++i) c = (c << 6) | (byte() & 0x3f);
  return static_cast<wchar_t>(c);
}

}  // namespace

// In one piece of memory: a text that grows leaves its begin in those that it had before, and it may be a password.
std::optional<std::string> utf8_of(LPCWSTR text) {
  std::string out;
  std::size_t length = 0;
  for (LPCWSTR at = text; *at != L'\0'; ++at) length += utf8_length(static_cast<std::uint32_t>(*at));
  out.reserve(length);
  for (; *text != L'\0'; ++text) {
    if (!append_utf8(out, static_cast<std::uint32_t>(*text))) return std::nullopt;
  }
  return out;
}

HRESULT give_text(const std::string& text, LPWSTR* out) {
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; };
  const auto characters =
      text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues));
  auto* copy = static_cast<LPWSTR>(CoTaskMemAlloc((characters + 1) * sizeof(WCHAR)));
  *out = copy;
  if (copy == nullptr) return E_OUTOFMEMORY;
  for (std::size_t at = 0; at < text.size();) *copy++ = next_character(text, at);
  *copy = L'\0';
  return S_OK;
}

std::string text_of(REFGUID guid) {
  WCHAR wide[39];
  StringFromGUID2(guid, wide, 39);
  std::string text;
  for (const WCHAR* c = wide + 1; *c != L'}'; ++c) {
    text.push_back(static_cast<char>(*c >= L'A' && *c <= L'F' ? *c + (L'a' - L'A') : *c));
  }
  return text;
}

std::optional<GUID> guid_of(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (hex_value(c) >= 0)
      digits.push_back(c);
    else if (c != '{' && c != '}' && c != '-')
      return std::nullopt;
  }
  if (digits.size() != 32) return std::nullopt;
  GUID guid{};
  guid.Data1 = hex_number(digits.c_str(), 8);
  guid.Data2 = static_cast<uint16_t>(hex_number(digits.c_str() + 8, 4));
  guid.Data3 = static_cast<uint16_t>(hex_number(digits.c_str() + 12, 4));
  for (int i = 0; i < 8; ++i) {
    guid.Data4[i] = static_cast<uint8_t>(hex_number(digits.c_str() + 16 + 2 * i, 2));
  }
  return guid;
}

FILETIME filetime_of(Time time) {
  if (!is_known(time)) return FILETIME{0, 0};
  constexpr std::int64_t from_1601_to_1970 = 11'644'473'600'000'000;  // microseconds
  const auto ticks =
      static_cast<std::uint64_t>(time.time_since_epoch().count() + from_1601_to_1970) * 10;
  return FILETIME{static_cast<DWORD>(ticks), static_cast<DWORD>(ticks >> 32)};
}

}  // namespace backhaul::bits
