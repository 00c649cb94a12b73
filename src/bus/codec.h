// SPDX-License-Identifier: Apache-2.0
// What a C++ type looks like on the bus. Signatures are computed at compile time; the same codec
// serves arguments, replies, signals and properties.
//
//   bool b · uint8 y · uint16 q · int32 i · uint32 u · int64 x · uint64 t · double d · string s
//   Secret s, in a message that is wiped when it goes · FileDescriptor h · ObjectPath o · vector a · tuple () · pair/map entry {} · Structure ()
//   VariantOf<T> v, holding a T · PropertySet a{sv} (property_set.h)
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "bus/errors.h"
#include "bus/message.h"
#include "bus/process.h"

namespace backhaul::bus {

struct ObjectPath {
  std::string value;
  bool operator==(const ObjectPath&) const = default;
};

// A variant that has to hold a T.
template <class T>
struct VariantOf {
  T value{};
  bool operator==(const VariantOf&) const = default;
};

template <std::size_t N>
struct Signature {
  char text[N + 1] = {};
  constexpr Signature() = default;
  constexpr Signature(const char (&literal)[N + 1]) {
    for (std::size_t i = 0; i <= N; ++i) text[i] = literal[i];
  }
};
template <std::size_t N>
Signature(const char (&)[N]) -> Signature<N - 1>;

template <std::size_t A, std::size_t B>
constexpr Signature<A + B> operator+(const Signature<A>& a, const Signature<B>& b) {
  Signature<A + B> result;
  for (std::size_t i = 0; i < A; ++i) result.text[i] = a.text[i];
  for (std::size_t i = 0; i < B; ++i) result.text[A + i] = b.text[i];
  return result;
}

// A D-Bus struct: `template <class Self> static auto fields(Self& s) { return std::tie(…); }`.
template <class T>
concept Structure = requires(T& value) { T::fields(value); };

template <class T>
struct Codec;

// ---- basic types --------------------------------------------------------------------------------
namespace detail {
template <class T, char Type>
struct Basic {
  static constexpr Signature<1> signature{{Type, '\0'}};
  static void put(Writer& out, const T& value) { out.basic(Type, &value); }
  static void get(Reader& in, T& value) { in.basic(Type, &value); }
};
}  // namespace detail

template <> struct Codec<std::uint8_t> : detail::Basic<std::uint8_t, 'y'> {};
template <> struct Codec<std::uint16_t> : detail::Basic<std::uint16_t, 'q'> {};
template <> struct Codec<std::int32_t> : detail::Basic<std::int32_t, 'i'> {};
template <> struct Codec<std::uint32_t> : detail::Basic<std::uint32_t, 'u'> {};
template <> struct Codec<std::int64_t> : detail::Basic<std::int64_t, 'x'> {};
template <> struct Codec<std::uint64_t> : detail::Basic<std::uint64_t, 't'> {};
template <> struct Codec<double> : detail::Basic<double, 'd'> {};

template <>
struct Codec<bool> {
  static constexpr Signature signature{"b"};
  static void put(Writer& out, bool value) {
    const int number = value ? 1 : 0;
    out.basic('b', &number);
  }
  static void get(Reader& in, bool& value) {
    int number = 0;
    in.basic('b', &number);
    value = number != 0;
  }
};

template <>
struct Codec<std::string> {
  static constexpr Signature signature{"s"};
  static void put(Writer& out, const std::string& value) { out.string('s', value); }
  static void get(Reader& in, std::string& value) { value = in.string('s'); }
};

template <>
struct Codec<base::Secret> {
  static constexpr Signature signature{"s"};
  static void put(Writer& out, const base::Secret& value) { out.secret(value); }
  static void get(Reader& in, base::Secret& value) { value = in.secret(); }
};

// The one that is read is the reader's own; the one that is written stays the writer's.
template <>
struct Codec<FileDescriptor> {
  static constexpr Signature signature{"h"};
  static void put(Writer& out, const FileDescriptor& descriptor) {
    const int number = descriptor.get();
    out.basic('h', &number);
  }
  static void get(Reader& in, FileDescriptor& descriptor) { descriptor = in.descriptor(); }
};

template <>
struct Codec<ObjectPath> {
  static constexpr Signature signature{"o"};
  static void put(Writer& out, const ObjectPath& path) { out.string('o', path.value); }
  static void get(Reader& in, ObjectPath& path) { path.value = in.string('o'); }
};

// ---- containers ---------------------------------------------------------------------------------
template <class T>
struct Codec<std::vector<T>> {
  static constexpr auto signature = Signature{"a"} + Codec<T>::signature;
  static void put(Writer& out, const std::vector<T>& values) {
    out.open('a', Codec<T>::signature.text);
    for (const T& value : values) Codec<T>::put(out, value);
    out.close();
  }
  static void get(Reader& in, std::vector<T>& values) {
    values.clear();
    in.enter('a', Codec<T>::signature.text);
    while (!in.at_end()) Codec<T>::get(in, values.emplace_back());
    in.leave();
  }
};

namespace detail {
template <class... T>
struct Fields {
  static constexpr auto signature = (Signature{""} + ... + Codec<T>::signature);
  template <class Tuple>
  static void put(Writer& out, const Tuple& values) {
    std::apply([&](const auto&... v) { (Codec<std::remove_cvref_t<decltype(v)>>::put(out, v), ...); },
               values);
  }
  template <class Tuple>
  static void get(Reader& in, Tuple&& values) {
    std::apply([&](auto&... v) { (Codec<std::remove_cvref_t<decltype(v)>>::get(in, v), ...); },
               values);
  }
};
template <class Tuple>
struct FieldsOf;
template <class... T>
struct FieldsOf<std::tuple<T...>> : Fields<std::remove_cvref_t<T>...> {};

template <class F, char Open, char Close, char Container>
struct Bracketed {
  static constexpr auto signature =
      Signature<1>{{Open, '\0'}} + F::signature + Signature<1>{{Close, '\0'}};
  template <class Tuple>
  static void put(Writer& out, const Tuple& values) {
    out.open(Container, F::signature.text);
    F::put(out, values);
    out.close();
  }
  template <class Tuple>
  static void get(Reader& in, Tuple&& values) {
    in.enter(Container, F::signature.text);
    F::get(in, values);
    in.leave();
  }
};
}  // namespace detail

template <class... T>
struct Codec<std::tuple<T...>> : detail::Bracketed<detail::Fields<T...>, '(', ')', 'r'> {};

// Only inside a vector: a dictionary.
template <class K, class V>
struct Codec<std::pair<K, V>> : detail::Bracketed<detail::Fields<K, V>, '{', '}', 'e'> {};

template <Structure T>
struct Codec<T> {
  using Inner = detail::Bracketed<
      detail::FieldsOf<decltype(T::fields(std::declval<T&>()))>, '(', ')', 'r'>;
  static constexpr auto signature = Inner::signature;
  static void put(Writer& out, const T& value) { Inner::put(out, T::fields(value)); }
  static void get(Reader& in, T& value) { Inner::get(in, T::fields(value)); }
};

template <class T>
struct Codec<VariantOf<T>> {
  static constexpr Signature signature{"v"};
  static void put(Writer& out, const VariantOf<T>& variant) {
    out.open('v', Codec<T>::signature.text);
    Codec<T>::put(out, variant.value);
    out.close();
  }
  static void get(Reader& in, VariantOf<T>& variant) {
    in.enter('v', Codec<T>::signature.text);
    Codec<T>::get(in, variant.value);
    in.leave();
  }
};

// ---- whole bodies -------------------------------------------------------------------------------
template <class... T>
inline constexpr auto signature_of = detail::Fields<T...>::signature;

struct Written {
  int status = 0;          // 0, or a negative errno
  std::size_t octets = 0;  // about as many as go over the bus
};

template <class... T>
Written write_counted(sd_bus_message* message, const T&... values) {
  Writer out(message);
  (Codec<T>::put(out, values), ...);
  return {out.status(), out.octets()};
}

template <class... T>
int write_body(sd_bus_message* message, const T&... values) {
  return write_counted(message, values...).status;
}

// Reads what follows the cursor; a fresh message is at its beginning.
template <class... T>
base::Result<std::tuple<T...>> read_body(const Message& message) {
  std::tuple<T...> values;
  Reader in(message.native());
  detail::Fields<T...>::get(in, values);
  if (in.status() < 0) return error_from_errno(in.status(), "reading a message");
  return values;
}

}  // namespace backhaul::bus
