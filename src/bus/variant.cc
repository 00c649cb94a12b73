// SPDX-License-Identifier: Apache-2.0
#include "bus/variant.h"

#include <type_traits>

namespace backhaul::bus {
namespace {

// Reads the variant as the alternative whose signature it has.
template <std::size_t I = 1>
bool read_alternative(Reader& in, const std::string& signature, Variant::Value& value) {
  if constexpr (I < std::variant_size_v<Variant::Value::Variant>) {
    using T = std::variant_alternative_t<I, Variant::Value::Variant>;
    if (signature != Codec<T>::signature.text)
      return read_alternative<I + 1>(in, signature, value);
    VariantOf<T> holder;
    Codec<VariantOf<T>>::get(in, holder);
    value.emplace<I>(std::move(holder.value));
    return true;
  } else {
    return false;
  }
}

}  // namespace

const Variant* find(const PropertyMap& map, std::string_view key) {
  for (const auto& [name, value] : map)
    if (name == key) return &value;
  return nullptr;
}

void Codec<Variant>::put(Writer& out, const Variant& variant) {
  std::visit(
      [&](const auto& value) {
        using T = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::monostate>) {
          Codec<VariantOf<std::string>>::put(out, {});
        } else {
          out.open('v', Codec<T>::signature.text);
          Codec<T>::put(out, value);
          out.close();
        }
      },
      variant.value);
}

void Codec<Variant>::get(Reader& in, Variant& variant) {
  variant = {};
  const std::string signature = in.variant_signature();
  if (!read_alternative(in, signature, variant.value)) in.skip("v");
}

}  // namespace backhaul::bus

template class backhaul::base::Sum<backhaul::bus::VariantKinds>;
