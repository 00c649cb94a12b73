// SPDX-License-Identifier: Apache-2.0
// The arguments of a print call with their types: what printf loses on the way to "...", so that a
// format never reads more or less of an argument than there is, and a conversion that does not fit
// is found. Internal: pulled in by backhaul_stdio.h.
#ifndef BACKHAUL_BITS_PRINT_H
#define BACKHAUL_BITS_PRINT_H

#include <stdio.h>

#include <type_traits>

#include "backhaul_com_types.h"

/// One argument: what it is, its size in octets, and where it stands during the call.
struct backhaul_print_argument {
  uint32_t kind;
  uint32_t size;
  const void* value;
};

enum backhaul_print_kind : uint32_t {
  BACKHAUL_PRINT_NOTHING = 0,
  BACKHAUL_PRINT_SIGNED = 1,  ///< integers, `char` and enumerations
  BACKHAUL_PRINT_UNSIGNED = 2,
  BACKHAUL_PRINT_CHARACTER = 3,  ///< wchar_t, char16_t, char32_t
  BACKHAUL_PRINT_NUMBER = 4,     ///< float, double, long double
  BACKHAUL_PRINT_POINTER = 5,
  BACKHAUL_PRINT_NARROW = 6,  ///< a pointer to a text of char
  BACKHAUL_PRINT_WIDE = 7,    ///< … of wchar_t
};

// To a stream: the number of characters, or -1 with errno: EINVAL when an argument does not fit its
// conversion (what was printed shows where). To a text: the number of characters that it needs
// without terminator, of which as many as fit are there, terminated; -1 likewise.
BACKHAUL_BITS_API int backhaul_print_wide(FILE* stream, const wchar_t* format,
                                          const backhaul_print_argument* arguments, size_t count);
BACKHAUL_BITS_API int backhaul_print_narrow(FILE* stream, const char* format,
                                            const backhaul_print_argument* arguments, size_t count);
BACKHAUL_BITS_API int backhaul_print_wide_text(wchar_t* text, size_t capacity,
                                               const wchar_t* format,
                                               const backhaul_print_argument* arguments,
                                               size_t count);
BACKHAUL_BITS_API int backhaul_print_narrow_text(char* text, size_t capacity, const char* format,
                                                 const backhaul_print_argument* arguments,
                                                 size_t count);

namespace backhaul {
namespace bits {

template <class T>
struct print_integer {
  static constexpr backhaul_print_kind kind =
      std::is_signed<T>::value ? BACKHAUL_PRINT_SIGNED : BACKHAUL_PRINT_UNSIGNED;
};
template <>
struct print_integer<wchar_t> {
  static constexpr backhaul_print_kind kind = BACKHAUL_PRINT_CHARACTER;
};
template <>
struct print_integer<char16_t> : print_integer<wchar_t> {};
template <>
struct print_integer<char32_t> : print_integer<wchar_t> {};

template <class T>
struct print_pointer {
  static constexpr backhaul_print_kind kind = BACKHAUL_PRINT_POINTER;
};
template <>
struct print_pointer<char> {
  static constexpr backhaul_print_kind kind = BACKHAUL_PRINT_NARROW;
};
template <>
struct print_pointer<signed char> : print_pointer<char> {};
template <>
struct print_pointer<unsigned char> : print_pointer<char> {};
#ifdef __cpp_char8_t
template <>
struct print_pointer<char8_t> : print_pointer<char> {};
#endif
template <>
struct print_pointer<wchar_t> {
  static constexpr backhaul_print_kind kind = BACKHAUL_PRINT_WIDE;
};

/// The kind of a type without const; NOTHING for what cannot be printed.
template <class T, bool is_enumeration = std::is_enum<T>::value>
struct print_kind {
  static constexpr backhaul_print_kind kind = std::is_integral<T>::value ? print_integer<T>::kind
                                              : std::is_floating_point<T>::value
                                                  ? BACKHAUL_PRINT_NUMBER
                                                  : BACKHAUL_PRINT_NOTHING;
};
template <class T>
struct print_kind<T, true> : print_integer<typename std::underlying_type<T>::type> {};
template <class T>
struct print_kind<T*, false> : print_pointer<typename std::remove_cv<T>::type> {};

template <class T>
backhaul_print_argument print_argument(const T& value) {
  static_assert(print_kind<T>::kind != BACKHAUL_PRINT_NOTHING,
                "this argument is neither a number nor a pointer: printing functions cannot take "
                "an object of a class; give them a member of it, such as c_str()");
  return {print_kind<T>::kind, static_cast<uint32_t>(sizeof(T)), static_cast<const void*>(&value)};
}

/// A nullptr need not be anywhere.
inline backhaul_print_argument print_argument(decltype(nullptr)) {
  static const void* const null = nullptr;
  return {BACKHAUL_PRINT_POINTER, static_cast<uint32_t>(sizeof(null)), &null};
}

template <class... T>
int print(FILE* stream, const wchar_t* format, const T&... arguments) {
  const backhaul_print_argument list[] = {print_argument(arguments)..., {0, 0, nullptr}};
  return backhaul_print_wide(stream, format, list, sizeof...(T));
}
template <class... T>
int print(FILE* stream, const char* format, const T&... arguments) {
  const backhaul_print_argument list[] = {print_argument(arguments)..., {0, 0, nullptr}};
  return backhaul_print_narrow(stream, format, list, sizeof...(T));
}
template <class... T>
int print_text(wchar_t* text, size_t capacity, const wchar_t* format, const T&... arguments) {
  const backhaul_print_argument list[] = {print_argument(arguments)..., {0, 0, nullptr}};
  return backhaul_print_wide_text(text, capacity, format, list, sizeof...(T));
}
template <class... T>
int print_text(char* text, size_t capacity, const char* format, const T&... arguments) {
  const backhaul_print_argument list[] = {print_argument(arguments)..., {0, 0, nullptr}};
  return backhaul_print_narrow_text(text, capacity, format, list, sizeof...(T));
}

/// What a function answers that does not say how much was needed: -1 if the text was cut off.
inline int fitted(int needed, size_t capacity) {
  return needed >= 0 && static_cast<size_t>(needed) < capacity ? needed : -1;
}

}  // namespace bits
}  // namespace backhaul

#endif  // BACKHAUL_BITS_PRINT_H
