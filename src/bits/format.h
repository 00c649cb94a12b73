// SPDX-License-Identifier: Apache-2.0
// Formats with the meaning they have for Microsoft's library; the table is in backhaul_stdio.h.
#ifndef SRC_BITS_FORMAT_H
#define SRC_BITS_FORMAT_H

#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <string>

struct backhaul_print_argument;

namespace backhaul::bits {

// One argument of a format, as it is.
struct Given {
  enum class Kind { nothing, integer, character, number, pointer, narrow, wide };
  Kind kind = Kind::nothing;
  std::size_t size = 0;           // octets of an integer, or of a number
  std::int64_t integer = 0;       // also a character; extended by its own sign
  long double number = 0;
  const void* pointer = nullptr;  // also to a text
};

// What a conversion takes by itself.
enum class Wanted { integer, wide_integer, number, long_number, pointer, narrow, wide };

class Arguments {
 public:
  // The next one. Who does not know its type takes what is wanted.
  virtual Given next(Wanted wanted) = 0;

 protected:
  ~Arguments() = default;
};

class TypedArguments final : public Arguments {
 public:
  TypedArguments(const backhaul_print_argument* first, std::size_t count)
      : at_(first), left_(count) {}
  Given next(Wanted wanted) override;

 private:
  const backhaul_print_argument* at_;
  std::size_t left_;
};

class UntypedArguments final : public Arguments {
 public:
  explicit UntypedArguments(va_list list) { va_copy(list_, list); }
  UntypedArguments(const UntypedArguments&) = delete;
  UntypedArguments& operator=(const UntypedArguments&) = delete;
  ~UntypedArguments() { va_end(list_); }
  Given next(Wanted wanted) override;

 private:
  va_list list_;
};

template <class C>
struct Formatted {
  std::basic_string<C> text;
  bool fits = true;  // every argument its conversion
};

Formatted<wchar_t> format_wide(const wchar_t* format, Arguments& arguments);
Formatted<char> format_narrow(const char* format, Arguments& arguments);

}  // namespace backhaul::bits

#endif
