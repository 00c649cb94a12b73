// SPDX-License-Identifier: Apache-2.0
// Property sets: an a{sv} whose keys are members of a C++ type. Their values are read leniently
// (lenient.h) and always written as the type that the contract names.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bus/codec.h"
#include "bus/lenient.h"

namespace backhaul::bus {

// An a{sv} with known keys: `template <class Self, class Visit> static void visit(Self& s, Visit&&
// v)` calls v("Key", s.member) once per key; an std::optional member is left out while unset. A
// member `std::string rejected` makes the set strict: it receives why the first key that is unknown or
// whose value cannot be taken was not. Without it such keys are ignored (the other side may be newer).
struct IgnoreEntry {
  template <class Value>
  void operator()(const char*, Value&) {}
};
template <class T>
concept PropertySet = requires(T& value, IgnoreEntry& visit) { T::visit(value, visit); };

// How a change of a property is told: org.freedesktop.DBus.Property.EmitsChangedSignal.
enum class Emits : std::uint8_t {
  value,     // "true": PropertiesChanged has the new value
  name,      // "invalidates": PropertiesChanged has its name alone
  constant,  // "const": it never changes
  beside,    // "false": its value goes beside those of others, but it changes by itself as well
  nothing,   // "false": whoever wants it asks
};

namespace detail {
template <class T>
struct ValueOf {
  using type = T;
};
template <class T>
struct ValueOf<std::optional<T>> {
  using type = T;
};

// Writes every entry that is set.
struct PutEntry {
  Writer& out;
  template <class Value>
  void operator()(const char* key, const Value& value) {
    out.open('e', "sv");
    out.basic('s', key);
    out.open('v', Codec<Value>::signature.text);
    Codec<Value>::put(out, value);
    out.close();
    out.close();
  }
  template <class Value>
  void operator()(const char* key, const std::optional<Value>& value) {
    if (value) (*this)(key, *value);
  }
};

// Reads the variant at the cursor into the entry named `key`.
struct GetEntry {
  Reader& in;
  const std::string& key;
  bool found = false;
  lenient::Refusal refusal{};
  template <class Value>
  void operator()(const char* name, Value& value) {
    if (found || key != name) return;
    found = true;
    typename ValueOf<Value>::type inner{};
    refusal = lenient::read_variant(in, inner);
    if (refusal.empty()) value = std::move(inner);
  }
};
}  // namespace detail

// The variant at the cursor becomes the entry `key`. Why it did not, in words that name the key;
// empty: it did. Whatever happened, the variant has been read.
template <PropertySet T>
lenient::Refusal read_entry(Reader& in, const std::string& key, T& set) {
  detail::GetEntry entry{in, key};
  T::visit(set, entry);
  if (!entry.found) {
    in.skip("v");
    return "there is no key " + key;
  }
  return entry.refusal.empty() ? lenient::Refusal() : key + ": " + entry.refusal;
}

template <PropertySet T>
struct Codec<T> {
  static constexpr Signature signature{"a{sv}"};
  static void put(Writer& out, const T& value) {
    out.open('a', "{sv}");
    T::visit(value, detail::PutEntry{out});
    out.close();
  }
  static void get(Reader& in, T& value) {
    value = T{};
    in.enter('a', "{sv}");
    while (!in.at_end()) {
      in.enter('e', "sv");
      const std::string key = in.string('s');
      lenient::Refusal refusal = read_entry(in, key, value);
      if constexpr (requires { value.rejected; })
        if (value.rejected.empty()) value.rejected = std::move(refusal);
      in.leave();
    }
    in.leave();
  }
};

// Those entries of a set that `names` has, in the order of the set. Written only.
template <PropertySet T>
struct PartOf {
  const T& set;
  const std::vector<std::string>& names;
};

template <PropertySet T>
struct Codec<PartOf<T>> {
  static constexpr Signature signature{"a{sv}"};
  static void put(Writer& out, const PartOf<T>& part) {
    out.open('a', "{sv}");
    T::visit(part.set, [&](const char* name, const auto& value) {
      if (std::ranges::find(part.names, name) != part.names.end())
        detail::PutEntry{out}(name, value);
    });
    out.close();
  }
};

}  // namespace backhaul::bus
