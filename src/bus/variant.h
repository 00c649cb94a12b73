// SPDX-License-Identifier: Apache-2.0
// A variant of any type that our interfaces use, for code that handles properties by name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/sum.h"
#include "bus/property_set.h"
#include "bus/wire.h"

namespace backhaul::bus {

// monostate: a type that none of our interfaces uses; it was skipped.
struct VariantKinds {
  using Variant = std::variant<std::monostate, bool, std::uint32_t, std::int32_t, std::uint64_t,
                               std::string, ObjectPath, std::vector<std::string>,
                               std::vector<std::uint32_t>, ErrorTuple, WaitingTuple, CommandTuple,
                               AddressTuple, ObjectTuple, AuthorTuple, ProxyTuple,
                               std::vector<UnheardTuple>, std::vector<CredentialsSetTuple>,
                               std::vector<RangeTuple>, CertificateValue>;
};
struct Variant {
  using Value = base::Sum<VariantKinds>;
  Value value;

  template <class T>
  const T* get() const {
    return std::get_if<T>(&value);
  }
  bool operator==(const Variant&) const = default;
};

// In the order of the message.
using PropertyMap = std::vector<std::pair<std::string, Variant>>;

const Variant* find(const PropertyMap& map, std::string_view key);

template <>
struct Codec<Variant> {
  static constexpr Signature signature{"v"};
  static void put(Writer& out, const Variant& variant);
  static void get(Reader& in, Variant& variant);
};

// The entry `key` of a property set; monostate when there is none or it is unset.
template <PropertySet T>
Variant entry(const T& set, std::string_view key) {
  Variant result;
  T::visit(set, [&](const char* name, const auto& value) {
    if (key != name) return;
    if constexpr (requires { value.has_value(); }) {
      if (value) result.value = *value;
    } else {
      result.value = value;
    }
  });
  return result;
}

// Whether there is an entry `key`, set or not.
template <PropertySet T>
bool has_entry(const T& set, std::string_view key) {
  bool there = false;
  T::visit(set, [&](const char* name, const auto&) { there = there || key == name; });
  return there;
}

}  // namespace backhaul::bus

extern template class backhaul::base::Sum<backhaul::bus::VariantKinds>;
