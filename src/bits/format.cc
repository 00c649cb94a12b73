// SPDX-License-Identifier: Apache-2.0
#include "bits/format.h"

#include <string.h>
#include <wchar.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <type_traits>

#include "bits/wide.h"

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

const char* name_of(Given::Kind kind) {
  switch (kind) {
    case Given::Kind::nothing:
      return "nothing";
    case Given::Kind::integer:
      return "integer";
    case Given::Kind::character:
      return "character";
    case Given::Kind::number:
      return "number";
    case Given::Kind::pointer:
      return "pointer";
    case Given::Kind::narrow:
    case Given::Kind::wide:
      break;
  }
  return "text";
}

// An integer for a conversion: in its own size, but never in less than an int, which is what C
// makes of smaller ones. h and hh cut off.
long long integer_for(const Given& given, const Spec& spec, bool is_signed) {
  std::size_t size = given.size < sizeof(int) ? sizeof(int) : given.size;
  if (spec.size == Spec::Size::tiny) size = 1;
  if (spec.size == Spec::Size::small) size = 2;
  if (given.kind == Given::Kind::pointer) return reinterpret_cast<long long>(given.pointer);
  if (size >= sizeof(long long)) return given.integer;
  const auto unused = static_cast<unsigned>(8 * (sizeof(long long) - size));
  const auto bits = static_cast<unsigned long long>(given.integer) << unused;
  return is_signed ? static_cast<long long>(bits) >> unused
                   : static_cast<long long>(bits >> unused);
}

void append_text(std::wstring& out, const std::wstring& text) { out += text; }
void append_text(std::string& out, const std::wstring& text) { out += utf8_always(text); }

template <class C>
struct Formatter {
  std::basic_string<C> out;
  Arguments& arguments;
  bool fits = true;

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

  // What a conversion found, if that does not fit it.
  using Misfit = std::optional<Given::Kind>;

  // A text is printed as what it is, whichever of the two the conversion is for.
  Misfit string(const Spec& spec) {
    const std::size_t most =
        spec.precision < 0 ? SIZE_MAX : static_cast<std::size_t>(spec.precision);
    const Given given = arguments.next(takes_wide(spec) ? Wanted::wide : Wanted::narrow);
    const bool null =
        given.kind == Given::Kind::integer ? given.integer == 0 : given.pointer == nullptr;
    switch (given.kind) {
      case Given::Kind::narrow:
      case Given::Kind::wide:
      case Given::Kind::pointer:
      case Given::Kind::integer:
        if (null) return narrow("(null)", most, spec), std::nullopt;
        break;
      default:
        return given.kind;
    }
    if (given.kind == Given::Kind::narrow) {
      narrow(static_cast<const char*>(given.pointer), most, spec);
    } else if (given.kind == Given::Kind::wide) {
      const auto* from = static_cast<const wchar_t*>(given.pointer);
      text(most == SIZE_MAX ? std::wstring(from) : std::wstring(from, wcsnlen(from, most)), spec);
    } else {
      return given.kind;
    }
    return {};
  }

  Misfit character(const Spec& spec) {
    const Given given = arguments.next(Wanted::integer);
    const bool wide = given.kind == Given::Kind::character;
    if (!wide && given.kind != Given::Kind::integer) return given.kind;
    if (wide || takes_wide(spec)) {
      std::wstring one;
      append_character(one, static_cast<std::uint32_t>(given.integer));
      text(one, spec);
    } else {
      const char one[2] = {static_cast<char>(given.integer), '\0'};
      narrow(one, 1, spec);
    }
    return {};
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

  Misfit integer(const Spec& spec, bool is_signed) {
    const bool wide = spec.size == Spec::Size::full;
    const Given given = arguments.next(wide ? Wanted::wide_integer : Wanted::integer);
    if (given.kind != Given::Kind::integer && given.kind != Given::Kind::character &&
        given.kind != Given::Kind::pointer)
      return given.kind;
    number(spec, "ll", integer_for(given, spec, is_signed));
    return {};
  }

  Misfit floating(const Spec& spec) {
    const bool extended = spec.size == Spec::Size::extended;
    const Given given = arguments.next(extended ? Wanted::long_number : Wanted::number);
    if (given.kind != Given::Kind::number) return given.kind;
    if (given.size > sizeof(double)) {
      number(spec, "L", given.number);
    } else {
      number(spec, "", static_cast<double>(given.number));
    }
    return {};
  }

  Misfit pointer(Spec spec) {
    const Given given = arguments.next(Wanted::pointer);
    if (given.kind == Given::Kind::nothing || given.kind == Given::Kind::number) return given.kind;
    spec.type = 'X';
    spec.precision = 2 * static_cast<int>(sizeof(void*));
    const bool value = given.kind == Given::Kind::integer || given.kind == Given::Kind::character;
    number(spec, "ll", value ? given.integer : reinterpret_cast<long long>(given.pointer));
    return {};
  }

  Misfit skipped() {
    const Given given = arguments.next(Wanted::pointer);
    return given.kind == Given::Kind::pointer ? Misfit() : given.kind;
  }

  // False: no conversion that is known.
  bool convert(const Spec& spec, Misfit& misfit) {
    switch (spec.type) {
      case 's':
      case 'S':
        return misfit = string(spec), true;
      case 'c':
      case 'C':
        return misfit = character(spec), true;
      case 'd':
      case 'i':
        return misfit = integer(spec, true), true;
      case 'u':
      case 'o':
      case 'x':
      case 'X':
        return misfit = integer(spec, false), true;
      case 'p':
        return misfit = pointer(spec), true;
      case 'a':
      case 'A':
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G':
        return misfit = floating(spec), true;
      case 'n':
        return misfit = skipped(), true;  // nothing is written there
      default:
        return false;
    }
  }

  // A number of the format, or the argument that a star stands for.
  int amount(const C*& at, Misfit& misfit) {
    if (*at == C('*')) {
      ++at;
      const Given given = arguments.next(Wanted::integer);
      if (given.kind == Given::Kind::integer) return static_cast<int>(given.integer);
      misfit = given.kind;
      return 0;
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
    Misfit star, misfit;
    for (; *at > 0 && *at < 0x7f && strchr("-+ #0'", static_cast<char>(*at)) != nullptr; ++at)
      spec.flags.push_back(static_cast<char>(*at));
    spec.width = amount(at, star);
    if (spec.width < 0) {
      spec.flags.push_back('-');
      spec.width = -spec.width;
    }
    if (*at == C('.')) spec.precision = amount(++at, star);
    spec.size = size(at);
    spec.type = *at > 0 && *at < 0x7f ? static_cast<char>(*at) : '\0';
    if (!star && !convert(spec, misfit)) {  // shown as it was written
      out.push_back(C('%'));
      at = start;
      return;
    }
    if (*at != 0) ++at;
    if (star || misfit) show(start, at, star ? *star : *misfit);
  }

  // A conversion that does not fit what it found, and what that is.
  void show(const C* start, const C* end, Given::Kind found) {
    fits = false;
    out.push_back(C('%'));
    out.append(start, end);
    out.push_back(C('{'));
    for (const char* c = name_of(found); *c != '\0'; ++c) out.push_back(static_cast<C>(*c));
    out.push_back(C('}'));
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
Formatted<C> format(const C* text, Arguments& arguments) {
  Formatter<C> formatter{{}, arguments};
  formatter.run(text);
  return {std::move(formatter.out), formatter.fits};
}

}  // namespace

Formatted<wchar_t> format_wide(const wchar_t* text, Arguments& arguments) {
  return format(text, arguments);
}
Formatted<char> format_narrow(const char* text, Arguments& arguments) {
  return format(text, arguments);
}

}  // namespace backhaul::bits
