// SPDX-License-Identifier: Apache-2.0
// Where the arguments of a format come from: a list with their types, or a va_list without.
#include <backhaul_print.h>
#include <wchar.h>

#include <cstring>

#include "bits/format.h"

namespace backhaul::bits {

namespace {

template <class T>
T read(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

std::int64_t integer_at(const void* from, std::size_t size, bool is_signed) {
  switch (size) {
    case 1:
      return is_signed ? std::int64_t{read<std::int8_t>(from)} : read<std::uint8_t>(from);
    case 2:
      return is_signed ? std::int64_t{read<std::int16_t>(from)} : read<std::uint16_t>(from);
    case 4:
      return is_signed ? std::int64_t{read<std::int32_t>(from)} : read<std::uint32_t>(from);
    default:
      return read<std::int64_t>(from);
  }
}

long double number_at(const void* from, std::size_t size) {
  if (size == sizeof(float)) return read<float>(from);
  return size == sizeof(double) ? read<double>(from) : read<long double>(from);
}

Given integer(std::size_t size, std::int64_t value) {
  return {.kind = Given::Kind::integer, .size = size, .integer = value};
}
Given number(std::size_t size, long double value) {
  return {.kind = Given::Kind::number, .size = size, .number = value};
}
Given pointer(Given::Kind kind, const void* value) { return {.kind = kind, .pointer = value}; }

}  // namespace

Given TypedArguments::next(Wanted) {
  if (left_ == 0) return {};
  --left_;
  const backhaul_print_argument& argument = *at_++;
  switch (argument.kind) {
    case BACKHAUL_PRINT_SIGNED:
    case BACKHAUL_PRINT_UNSIGNED:
      return integer(argument.size, integer_at(argument.value, argument.size,
                                               argument.kind == BACKHAUL_PRINT_SIGNED));
    case BACKHAUL_PRINT_CHARACTER:
      return {.kind = Given::Kind::character,
              .size = argument.size,
              .integer = integer_at(argument.value, argument.size, false)};
    case BACKHAUL_PRINT_NUMBER:
      return number(argument.size, number_at(argument.value, argument.size));
    case BACKHAUL_PRINT_NARROW:
      return pointer(Given::Kind::narrow, read<const void*>(argument.value));
    case BACKHAUL_PRINT_WIDE:
      return pointer(Given::Kind::wide, read<const void*>(argument.value));
    default:
      return pointer(Given::Kind::pointer, read<const void*>(argument.value));
  }
}

Given UntypedArguments::next(Wanted wanted) {
  switch (wanted) {
    case Wanted::integer:
      return integer(sizeof(int), va_arg(list_, int));
    case Wanted::wide_integer:
      return integer(sizeof(long long), va_arg(list_, long long));
    case Wanted::number:
      return number(sizeof(double), va_arg(list_, double));
    case Wanted::long_number:
      return number(sizeof(long double), va_arg(list_, long double));
    case Wanted::narrow:
      return pointer(Given::Kind::narrow, va_arg(list_, const char*));
    case Wanted::wide:
      return pointer(Given::Kind::wide, va_arg(list_, const wchar_t*));
    case Wanted::pointer:
      break;
  }
  return pointer(Given::Kind::pointer, va_arg(list_, const void*));
}

}  // namespace backhaul::bits
