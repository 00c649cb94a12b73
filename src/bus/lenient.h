// SPDX-License-Identifier: Apache-2.0
// Reading a variant of an a{sv} as the type that its key has, whatever integer type a language sends
// its numbers in: any integer is taken that is in range, a string for an object path and the other way
// round, also within arrays and structures. Whether a signature is taken is decided before anything is
// read, so what is refused can be skipped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "bus/codec.h"

namespace backhaul::bus::lenient {

template <class T>
inline constexpr bool is_integer = std::is_integral_v<T> && !std::is_same_v<T, bool>;
template <class T>
inline constexpr bool is_text = std::is_same_v<T, std::string> || std::is_same_v<T, ObjectPath>;

inline bool is_integer_type(char type) { return std::string_view("ynqiuxt").contains(type); }
inline bool is_text_type(char type) { return type == 's' || type == 'o'; }

// An integer of the bus; exactly one of the two has it.
struct Number {
  bool negative = false;
  std::uint64_t value = 0;          // not negative
  std::int64_t negative_value = 0;  // negative

  std::string text() const {
    return negative ? std::to_string(negative_value) : std::to_string(value);
  }
};
Number read_number(Reader& in, char type);
bool is_object_path(const std::string& text);

// Why a value was refused; empty: it was not.
using Refusal = std::string;

template <class T>
struct Take;

template <class T>
struct TakeFields;

template <class T>
  requires is_integer<T>
struct Take<T> {
  static bool fits(std::string_view& type) {
    if (type.empty() || !is_integer_type(type[0])) return false;
    type.remove_prefix(1);
    return true;
  }
  static void get(Reader& in, std::string_view& type, T& value, Refusal& refusal) {
    const Number number = read_number(in, type[0]);
    type.remove_prefix(1);
    using Limits = std::numeric_limits<T>;
    const bool in_range =
        number.negative ? std::in_range<T>(number.negative_value) : std::in_range<T>(number.value);
    if (in_range)
      value = number.negative ? static_cast<T>(number.negative_value)
                              : static_cast<T>(number.value);
    else if (refusal.empty())
      refusal = number.text() + " is out of range: " + std::to_string(Limits::min()) + " to " +
                std::to_string(Limits::max());
  }
};

template <class T>
  requires is_text<T>
struct Take<T> {
  static bool fits(std::string_view& type) {
    if (type.empty() || !is_text_type(type[0])) return false;
    type.remove_prefix(1);
    return true;
  }
  static void get(Reader& in, std::string_view& type, T& value, Refusal& refusal) {
    std::string text = in.string(type[0]);
    type.remove_prefix(1);
    if constexpr (std::is_same_v<T, ObjectPath>) {
      if (!is_object_path(text)) {
        if (refusal.empty()) refusal = "'" + text + "' is not an object path";
        return;
      }
      value.value = std::move(text);
    } else {
      value = std::move(text);
    }
  }
};

// Anything else has its own type and no other.
template <class T>
struct Take {
  static constexpr std::string_view own{Codec<T>::signature.text};
  static bool fits(std::string_view& type) {
    if (!type.starts_with(own)) return false;
    type.remove_prefix(own.size());
    return true;
  }
  static void get(Reader& in, std::string_view& type, T& value, Refusal&) {
    type.remove_prefix(own.size());
    Codec<T>::get(in, value);
  }
};

template <class T>
struct Take<std::vector<T>> {
  static bool fits(std::string_view& type) {
    if (!type.starts_with('a')) return false;
    type.remove_prefix(1);
    return Take<T>::fits(type);
  }
  static void get(Reader& in, std::string_view& type, std::vector<T>& values, Refusal& refusal) {
    values.clear();
    type.remove_prefix(1);
    std::string_view behind = type;
    if (!Take<T>::fits(behind)) return in.fail(-ENXIO);
    const std::string element(type.substr(0, type.size() - behind.size()));
    in.enter('a', element.c_str());
    while (!in.at_end()) {
      std::string_view left = element;
      Take<T>::get(in, left, values.emplace_back(), refusal);
    }
    in.leave();
    type = behind;
  }
};

template <class... T>
struct TakeFields<std::tuple<T...>> {
  static bool fits(std::string_view& type) {
    if (!type.starts_with('(')) return false;
    type.remove_prefix(1);
    if (!(Take<std::remove_cvref_t<T>>::fits(type) && ...) || !type.starts_with(')')) return false;
    type.remove_prefix(1);
    return true;
  }
  static void get(Reader& in, std::string_view& type, std::tuple<T...> values, Refusal& refusal) {
    std::string_view behind = type;
    if (!fits(behind)) return in.fail(-ENXIO);
    const std::string fields(type.substr(1, type.size() - behind.size() - 2));
    in.enter('r', fields.c_str());
    std::string_view left = fields;
    std::apply(
        [&](auto&... value) {
          (Take<std::remove_cvref_t<decltype(value)>>::get(in, left, value, refusal), ...);
        },
        values);
    in.leave();
    type = behind;
  }
};

template <Structure T>
struct Take<T> {
  using Fields = TakeFields<decltype(T::fields(std::declval<T&>()))>;
  static bool fits(std::string_view& type) { return Fields::fits(type); }
  static void get(Reader& in, std::string_view& type, T& value, Refusal& refusal) {
    Fields::get(in, type, T::fields(value), refusal);
  }
};

// The variant at the cursor as a T. What is refused has been read or skipped.
template <class T>
Refusal read_variant(Reader& in, T& value) {
  const std::string held = in.variant_signature();
  std::string_view type = held;
  if (!Take<T>::fits(type) || !type.empty()) {
    in.skip("v");
    return "it has the type " + std::string(Codec<T>::signature.text) + ", not " + held;
  }
  Refusal refusal;
  in.enter('v', held.c_str());
  type = held;
  Take<T>::get(in, type, value, refusal);
  in.leave();
  return refusal;
}

}  // namespace backhaul::bus::lenient
