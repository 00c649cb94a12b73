// SPDX-License-Identifier: Apache-2.0
// GUIDs: the type, comparison, and `__uuidof` on every compiler.
//
// A GUID is stated for a type in one of three ways; the first is what to write in new code:
//
//   class __declspec(uuid("5ee5a7ab-6d4e-4bd3-8c5f-c1a0b3a4c0de")) Notifier final : ... { ... };
//   BACKHAUL_UUID(Notifier, "5ee5a7ab-6d4e-4bd3-8c5f-c1a0b3a4c0de")
//
//   1. BACKHAUL_UUID(Type, "...") after the class, in the same namespace (or in that of the
//      outermost class for a nested one): works with every compiler. g++ cannot keep what
//      __declspec(uuid) says, with any switch, so this line is needed there.
//   2. __CRT_UUID_DECL(Type, 0x..., ...): the same with the arguments that mingw's headers use.
//   3. __declspec(uuid("...")) alone: only clang with -fms-extensions keeps it.
//
// `__uuidof(x)` takes a type or an expression, looks through a reference and one pointer, and is a
// constant expression and an lvalue of type `const GUID`. A class does not inherit the GUID of its
// base. Rules: com-surface.md §4, source-compat.md 2 and 8.
#ifndef BACKHAUL_BITS_GUIDDEF_H
#define BACKHAUL_BITS_GUIDDEF_H

#include <type_traits>

#include "backhaul_com_types.h"

/// In front of a definition in a header: the linker keeps one of many.
#ifndef DECLSPEC_SELECTANY
#define DECLSPEC_SELECTANY __attribute__((weak))
#endif

/// A globally unique id. The widths are those of the native __uuidof, which needs them exactly.
typedef struct _GUID {
  uint32_t Data1;
  uint16_t Data2;
  uint16_t Data3;
  uint8_t Data4[8];
} GUID, *LPGUID;
typedef const GUID* LPCGUID;

typedef GUID IID;
typedef GUID CLSID;
typedef GUID UUID;
typedef IID* LPIID;
typedef CLSID* LPCLSID;

static_assert(sizeof(GUID) == 16, "a GUID has 16 octets");

#ifndef REFGUID
#define REFGUID const GUID&
#endif
#ifndef REFIID
#define REFIID const IID&
#endif
#ifndef REFCLSID
#define REFCLSID const CLSID&
#endif

constexpr bool operator==(const GUID& a, const GUID& b) {
  if (a.Data1 != b.Data1 || a.Data2 != b.Data2 || a.Data3 != b.Data3) return false;
  for (int i = 0; i < 8; ++i) {
    if (a.Data4[i] != b.Data4[i]) return false;
  }
  return true;
}
constexpr bool operator!=(const GUID& a, const GUID& b) { return !(a == b); }

constexpr BOOL IsEqualGUID(REFGUID a, REFGUID b) { return a == b ? TRUE : FALSE; }
constexpr BOOL IsEqualIID(REFIID a, REFIID b) { return a == b ? TRUE : FALSE; }
constexpr BOOL IsEqualCLSID(REFCLSID a, REFCLSID b) { return a == b ? TRUE : FALSE; }

// A constant of a header: one object in the program from C++17 on, one in each file before.
#if __cplusplus >= 201703L
#define BACKHAUL_GUID_CONSTANT inline constexpr GUID
#else
#define BACKHAUL_GUID_CONSTANT __attribute__((__unused__)) constexpr GUID
#endif

/// Defines (never merely declares) a GUID object, with or without initguid.h. An id that these
/// headers have already, such as CLSID_BackgroundCopyManager, may be stated once more, before or
/// after bits.h: then the value is checked and nothing is defined (backhaul_ids.h).
#ifndef DEFINE_GUID
#define DEFINE_GUID(name, ...)                                                           \
  BACKHAUL_GUID_CHOICE((BACKHAUL_KNOWN_##name BACKHAUL_CHECK_GUID, BACKHAUL_NEW_GUID, ), \
                       (name, __VA_ARGS__))
#endif

// BACKHAUL_KNOWN_<name> is a comma for an id of these headers, and nothing that exists for others.
#define BACKHAUL_SECOND(first, second, ...) second
#define BACKHAUL_GUID_CHOICE(choices, arguments) BACKHAUL_SECOND choices arguments
#define BACKHAUL_NEW_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8) \
  BACKHAUL_GUID_CONSTANT name = {l, w1, w2, {b1, b2, b3, b4, b5, b6, b7, b8}}
#define BACKHAUL_CHECK_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8)   \
  static_assert(name == (::GUID{l, w1, w2, {b1, b2, b3, b4, b5, b6, b7, b8}}), \
                #name " is an id of these headers, and its value is another one")

BACKHAUL_GUID_CONSTANT GUID_NULL = {0, 0, 0, {0, 0, 0, 0, 0, 0, 0, 0}};
#ifndef IID_NULL
#define IID_NULL GUID_NULL
#endif
#ifndef CLSID_NULL
#define CLSID_NULL GUID_NULL
#endif

namespace backhaul {
namespace bits {

/// Names a type to argument-dependent lookup without needing an object of it. Keyed on the exact
/// type, so a derived class does not answer to the id of its base.
template <class T>
struct uuid_tag {};

constexpr int hex_value(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

/// Whether `text` is "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", with or without braces.
template <size_t N>
constexpr bool is_uuid_text(const char (&text)[N]) {
  if (N != 37 && N != 39) return false;
  const size_t first = N == 39 ? 1 : 0;
  if (first == 1 && (text[0] != '{' || text[N - 2] != '}')) return false;
  for (size_t i = 0; i < 36; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[first + i] != '-' : hex_value(text[first + i]) < 0) return false;
  }
  return true;
}

constexpr uint32_t hex_number(const char* digits, int count) {
  uint32_t value = 0;
  for (int i = 0; i < count; ++i) value = value * 16 + static_cast<uint32_t>(hex_value(digits[i]));
  return value;
}

/// The GUID of a text that is_uuid_text accepts.
template <size_t N>
constexpr GUID parse_uuid(const char (&text)[N]) {
  const char* digits = text + (N == 39 ? 1 : 0);
  GUID guid{};
  guid.Data1 = hex_number(digits, 8);
  guid.Data2 = static_cast<uint16_t>(hex_number(digits + 9, 4));
  guid.Data3 = static_cast<uint16_t>(hex_number(digits + 14, 4));
  for (int i = 0; i < 8; ++i) {
    guid.Data4[i] = static_cast<uint8_t>(hex_number(digits + (i < 2 ? 19 + 2 * i : 20 + 2 * i), 2));
  }
  return guid;
}

template <class T, class = void>
struct has_uuid_line : std::false_type {};
template <class T>
struct has_uuid_line<T, decltype(static_cast<void>(backhaul_uuid_of(uuid_tag<T>{})))>
    : std::true_type {};

template <class T, bool stated = has_uuid_line<T>::value>
struct uuid_source {
  static constexpr GUID get() { return backhaul_uuid_of(uuid_tag<T>{}); }
};
template <class T>
struct uuid_source<T, false> {
#if BACKHAUL_NATIVE_UUIDOF
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wlanguage-extension-token"
  static constexpr GUID get() { return __uuidof(T); }
#pragma clang diagnostic pop
#else
  static_assert(has_uuid_line<T>::value,
                "This type has no GUID. This compiler ignores __declspec(uuid(...)): add "
                "BACKHAUL_UUID(Type, \"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx\") after the class.");
  static constexpr GUID get() { return GUID{}; }
#endif
};

template <class T>
struct uuid_of_type {
  static constexpr GUID value = uuid_source<T>::get();
};
#if __cplusplus < 201703L
template <class T>
constexpr GUID uuid_of_type<T>::value;
#endif

template <class T>
using plain_type = typename std::remove_cv<
    typename std::remove_pointer<typename std::remove_reference<T>::type>::type>::type;

/// What __uuidof(x) stands for: T is the type named, or the type of the expression.
template <class T>
struct uuid_of : uuid_of_type<plain_type<T>> {};

}  // namespace bits
}  // namespace backhaul

#define BACKHAUL_UUID_FUNCTION(type) \
  __attribute__((__unused__)) constexpr ::GUID backhaul_uuid_of(::backhaul::bits::uuid_tag<type>)

#define BACKHAUL_UUID(type, text)                                                                \
  BACKHAUL_UUID_FUNCTION(type) {                                                                 \
    static_assert(::backhaul::bits::is_uuid_text(text),                                          \
                  "a GUID is written \"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx\", in hexadecimal"); \
    return ::backhaul::bits::parse_uuid(text);                                                   \
  }

#ifndef __CRT_UUID_DECL
#define __CRT_UUID_DECL(type, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8) \
  BACKHAUL_UUID_FUNCTION(type) { return ::GUID{l, w1, w2, {b1, b2, b3, b4, b5, b6, b7, b8}}; }
#endif

// On native compilers too: the keyword alone would not see the lines above. The macro asks them
// first and then the keyword, so both ways of stating a GUID work there.
#ifdef __uuidof
#undef __uuidof
#endif
#define __uuidof(...) (::backhaul::bits::uuid_of<__typeof__(__VA_ARGS__)>::value)

#include "backhaul_ids.h"

#endif  // BACKHAUL_BITS_GUIDDEF_H
