// SPDX-License-Identifier: Apache-2.0
#include "bits/format.h"

#include <string.h>
#include <wchar.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <type_traits>

#include "bits/text.h"

namespace backhaul::bits {

namespace {

// One conversion of a format, as written.
struct Spec {
  std::string flags;
  int width = 0;
  int precision = -1;  // none
  enum class Size { none, tiny, small, half, word, full, extended, wide } size = Size::none;
  char type = 0;
};

// Passed by reference, so that each conversion takes its argument from where the last one stopped.
struct Arguments {
  va_list list;
};

void append_character(std::wstring& out, std::uint32_t c) {
  const bool valid = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
  out.push_back(static_cast<wchar_t>(valid ? c : 0xfffd));
}

// At most `most` characters of UTF-8, read leniently: `limit` bytes or up to the terminator.
std::wstring wide_of(const char* text, std::size_t limit, std::size_t most) {
  std::wstring out;
  for (std::size_t at = 0; at < limit && text[at] != '\0' && out.size() < most;) {
    const auto first = static_cast<unsigned char>(text[at++]);
    const int more = first < 0x80   ? 0
                     : first < 0xc2 ? -1
                     : first < 0xe0 ? 1
                     : first < 0xf0 ? 2
                     : first < 0xf5 ? 3
                                    : -1;
    std::uint32_t c = more <= 0 ? first : first & (0x3fU >> more);
    int left = more;
    for (; left > 0 && at < limit; --left, ++at) {
      const auto next = static_cast<unsigned char>(text[at]);
      if ((next & 0xc0) != 0x80) break;
      c = (c << 6) | (next & 0x3f);
    }
    append_character(out, left == 0 ? c : 0xfffd);
  }
  return out;
}

void append_text(std::wstring& out, const std::wstring& text) { out += text; }
void append_text(std::string& out, const std::wstring& text) { out += utf8_always(text); }

template <class C>
struct Formatter {
  std::basic_string<C> out;
  Arguments& arguments;

  void pad(std::size_t length, const Spec& spec, bool before) {
    const bool left = spec.flags.find('-') != std::string::npos;
    if (left == before || length >= static_cast<std::size_t>(spec.width)) return;
    out.append(static_cast<std::size_t>(spec.width) - length, C(' '));
  }

  // Widths and precisions count characters.
  void text(const std::wstring& text, const Spec& spec) {
    pad(text.size(), spec, true);
    append_text(out, text);
    pad(text.size(), spec, false);
  }

  // Bytes stay as they are where the output is bytes.
  void narrow(const char* from, std::size_t limit, const Spec& spec) {
    if constexpr (std::is_same_v<C, char>) {
      const std::size_t length = strnlen(from, limit);
      pad(length, spec, true);
      out.append(from, length);
      pad(length, spec, false);
    } else {
      text(wide_of(from, SIZE_MAX, limit), spec);
    }
  }

  bool takes_wide(const Spec& spec) const {
    if (spec.size == Spec::Size::small) return false;
    if (spec.size == Spec::Size::word || spec.size == Spec::Size::wide) return true;
    const bool natural = spec.type == 's' || spec.type == 'c';
    return natural == std::is_same_v<C, wchar_t>;
  }

  void string(const Spec& spec) {
    const std::size_t most =
        spec.precision < 0 ? SIZE_MAX : static_cast<std::size_t>(spec.precision);
    if (takes_wide(spec)) {
      const auto* from = va_arg(arguments.list, const wchar_t*);
      if (from == nullptr) from = L"(null)";
      text(most == SIZE_MAX ? std::wstring(from) : std::wstring(from, wcsnlen(from, most)), spec);
    } else {
      const auto* from = va_arg(arguments.list, const char*);
      narrow(from != nullptr ? from : "(null)", most, spec);
    }
  }

  void character(const Spec& spec) {
    if (takes_wide(spec)) {
      std::wstring one;
      append_character(one, static_cast<std::uint32_t>(va_arg(arguments.list, wint_t)));
      text(one, spec);
    } else {
      const char one[2] = {static_cast<char>(va_arg(arguments.list, int)), '\0'};
      narrow(one, 1, spec);
    }
  }

  long long integer(const Spec& spec, bool is_signed) {
    if (spec.size == Spec::Size::full) return va_arg(arguments.list, long long);
    const int value = va_arg(arguments.list, int);
    switch (spec.size) {
      case Spec::Size::tiny:
        return is_signed ? static_cast<long long>(static_cast<signed char>(value))
                         : static_cast<long long>(static_cast<unsigned char>(value));
      case Spec::Size::small:
        return is_signed ? static_cast<long long>(static_cast<short>(value))
                         : static_cast<long long>(static_cast<unsigned short>(value));
      default:
        return is_signed ? static_cast<long long>(value)
                         : static_cast<long long>(static_cast<unsigned>(value));
    }
  }

  // The C library prints numbers, with flags, width and precision as they were.
  template <class Value>
  void number(const Spec& spec, const char* size, Value value) {
    std::string format = "%" + spec.flags;
    if (spec.width > 0) format += std::to_string(spec.width);
    if (spec.precision >= 0) format += "." + std::to_string(spec.precision);
    format += size;
    format.push_back(spec.type);
    char* printed = nullptr;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    const int length = asprintf(&printed, format.c_str(), value);
#pragma GCC diagnostic pop
    if (length < 0) return;
    out.append(printed, printed + length);
    free(printed);
  }

  // False: no conversion that is known.
  bool convert(Spec spec) {
    switch (spec.type) {
      case 's':
      case 'S':
        string(spec);
        return true;
      case 'c':
      case 'C':
        character(spec);
        return true;
      case 'd':
      case 'i':
        number(spec, "ll", integer(spec, true));
        return true;
      case 'u':
      case 'o':
      case 'x':
      case 'X':
        number(spec, "ll", integer(spec, false));
        return true;
      case 'p':
        spec.type = 'X';
        spec.precision = 2 * static_cast<int>(sizeof(void*));
        number(spec, "ll", reinterpret_cast<long long>(va_arg(arguments.list, void*)));
        return true;
      case 'a':
      case 'A':
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G':
        if (spec.size == Spec::Size::extended) {
          number(spec, "L", va_arg(arguments.list, long double));
        } else {
          number(spec, "", va_arg(arguments.list, double));
        }
        return true;
      case 'n':
        static_cast<void>(va_arg(arguments.list, void*));
        return true;
      default:
        return false;
    }
  }

  // A number of the format, or the argument that a star stands for.
  int amount(const C*& at) {
    if (*at == C('*')) {
      ++at;
      return va_arg(arguments.list, int);
    }
    int value = 0;
    for (; *at >= C('0') && *at <= C('9'); ++at) {
      if (value < 100'000'000) value = value * 10 + static_cast<int>(*at - C('0'));
    }
    return value;
  }

  static bool skip(const C*& at, const char* word) {
    const C* end = at;
    for (; *word != '\0'; ++word, ++end) {
      if (*end != static_cast<C>(*word)) return false;
    }
    at = end;
    return true;
  }

  static Spec::Size size(const C*& at) {
    using Size = Spec::Size;
    static constexpr struct {
      const char* word;
      Size size;
    } known[] = {{"I64", Size::full},  {"I32", Size::half}, {"I", Size::full}, {"ll", Size::full},
                 {"hh", Size::tiny},   {"h", Size::small},  {"l", Size::word}, {"q", Size::full},
                 {"j", Size::full},    {"z", Size::full},   {"t", Size::full}, {"w", Size::wide},
                 {"L", Size::extended}};
    for (const auto& one : known) {
      if (skip(at, one.word)) return one.size;
    }
    return Size::none;
  }

  // `at` is behind the percent sign.
  void conversion(const C*& at) {
    const C* const start = at;
    Spec spec;
    for (; *at != 0 && std::string("-+ #0").find(static_cast<char>(*at)) != std::string::npos; ++at)
      spec.flags.push_back(static_cast<char>(*at));
    spec.width = amount(at);
    if (spec.width < 0) {
      spec.flags.push_back('-');
      spec.width = -spec.width;
    }
    if (*at == C('.')) spec.precision = amount(++at);
    spec.size = size(at);
    spec.type = *at > 0 && *at < 0x7f ? static_cast<char>(*at) : '\0';
    if (convert(spec)) {
      ++at;
    } else {  // shown as it was written
      out.push_back(C('%'));
      at = start;
    }
  }

  void run(const C* at) {
    while (*at != 0) {
      if (*at != C('%')) {
        out.push_back(*at++);
      } else if (*++at == C('%')) {
        out.push_back(*at++);
      } else {
        conversion(at);
      }
    }
  }
};

template <class C>
std::basic_string<C> format(const C* text, va_list list) {
  Arguments arguments;
  va_copy(arguments.list, list);
  Formatter<C> formatter{{}, arguments};
  formatter.run(text);
  va_end(arguments.list);
  return std::move(formatter.out);
}

}  // namespace

std::wstring format_wide(const wchar_t* text, va_list arguments) { return format(text, arguments); }
std::string format_narrow(const char* text, va_list arguments) { return format(text, arguments); }

std::string utf8_always(const std::wstring& text) {
  std::string out;
  for (const wchar_t c : text) {
    const wchar_t one[2] = {c, L'\0'};
    if (c == L'\0')
      out.push_back('\0');
    else
      out += utf8_of(one).value_or("\xef\xbf\xbd");
  }
  return out;
}

std::wstring wide_always(const std::string& text) {
  return wide_of(text.c_str(), text.size(), SIZE_MAX);
}

}  // namespace backhaul::bits
