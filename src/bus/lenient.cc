// SPDX-License-Identifier: Apache-2.0
#include "bus/lenient.h"

#include <systemd/sd-bus.h>

namespace backhaul::bus::lenient {
namespace {

template <class T>
Number read_as(Reader& in, char type) {
  T value{};
  in.basic(type, &value);
  if constexpr (std::is_signed_v<T>)
    if (value < 0) return {.negative = true, .value = 0, .negative_value = value};
  return {.negative = false, .value = static_cast<std::uint64_t>(value), .negative_value = 0};
}

}  // namespace

Number read_number(Reader& in, char type) {
  switch (type) {
    case 'y': return read_as<std::uint8_t>(in, type);
    case 'n': return read_as<std::int16_t>(in, type);
    case 'q': return read_as<std::uint16_t>(in, type);
    case 'i': return read_as<std::int32_t>(in, type);
    case 'u': return read_as<std::uint32_t>(in, type);
    case 'x': return read_as<std::int64_t>(in, type);
    case 't': return read_as<std::uint64_t>(in, type);
    default: in.fail(-EINVAL); return {};
  }
}

bool is_object_path(const std::string& text) {
  return sd_bus_object_path_is_valid(text.c_str()) > 0;
}

}  // namespace backhaul::bus::lenient
