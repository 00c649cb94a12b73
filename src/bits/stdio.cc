// SPDX-License-Identifier: Apache-2.0
// The printing functions of backhaul_stdio.h. They write bytes, whatever the format was.
#define BACKHAUL_NO_PRINT_FUNCTIONS
#include <unistd.h>
#include <windows.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cwchar>
#include <string>
#include <string_view>

#include "bits/format.h"
#include "bits/wide.h"

namespace {

using backhaul::bits::Arguments;
using backhaul::bits::Formatted;
using backhaul::bits::TypedArguments;
using backhaul::bits::UntypedArguments;
using backhaul::bits::utf8_always;

// -1 for what runs out of memory, as everything else that goes wrong with output.
template <class Body>
int print(Body body) noexcept {
  try {
    return body();
  } catch (...) {
    return -1;
  }
}

const std::string& bytes_of(const std::string& text) { return text; }
std::string bytes_of(const std::wstring& text) { return utf8_always(text); }

Formatted<wchar_t> formatted(const wchar_t* format, Arguments& arguments) {
  return backhaul::bits::format_wide(format, arguments);
}
Formatted<char> formatted(const char* format, Arguments& arguments) {
  return backhaul::bits::format_narrow(format, arguments);
}

int answer(bool fits, std::size_t characters) {
  if (!fits) errno = EINVAL;
  if (fits && characters > INT_MAX) errno = EOVERFLOW;
  return fits && characters <= INT_MAX ? static_cast<int>(characters) : -1;
}

// Of a stream that std::wcout or std::wcerr made a wide one: it takes no bytes any more, but the file behind it does.
int write_behind(FILE* stream, std::string_view text) {
  if (std::fflush(stream) != 0) return -1;
  while (!text.empty()) {
    const ssize_t written = ::write(fileno(stream), text.data(), text.size());
    if (written < 0 && errno != EINTR) return -1;
    text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
  return 0;
}

int write(FILE* stream, const std::string& text) {
  if (std::fwide(stream, 0) > 0) return write_behind(stream, text);
  return std::fwrite(text.data(), 1, text.size(), stream) == text.size() ? 0 : -1;
}

template <class C>
int to_stream(FILE* stream, const C* format, Arguments& arguments) {
  const Formatted<C> made = formatted(format, arguments);
  if (write(stream, bytes_of(made.text)) < 0) return -1;
  return answer(made.fits, made.text.size());
}

// Cut off where it does not fit; the answer is what the whole would need.
template <class C>
int to_text(C* text, std::size_t capacity, const C* format, Arguments& arguments) {
  const Formatted<C> made = formatted(format, arguments);
  if (capacity != 0) {
    if (text == nullptr) return -1;
    const std::size_t copied = std::min(made.text.size(), capacity - 1);
    made.text.copy(text, copied);
    text[copied] = 0;
  }
  return answer(made.fits, made.text.size());
}

}  // namespace

int backhaul_print_wide(FILE* stream, const wchar_t* format,
                        const backhaul_print_argument* arguments, size_t count) {
  return print([&] {
    TypedArguments typed(arguments, count);
    return to_stream(stream, format, typed);
  });
}
int backhaul_print_narrow(FILE* stream, const char* format,
                          const backhaul_print_argument* arguments, size_t count) {
  return print([&] {
    TypedArguments typed(arguments, count);
    return to_stream(stream, format, typed);
  });
}
int backhaul_print_wide_text(wchar_t* text, size_t capacity, const wchar_t* format,
                             const backhaul_print_argument* arguments, size_t count) {
  return print([&] {
    TypedArguments typed(arguments, count);
    return to_text(text, capacity, format, typed);
  });
}
int backhaul_print_narrow_text(char* text, size_t capacity, const char* format,
                               const backhaul_print_argument* arguments, size_t count) {
  return print([&] {
    TypedArguments typed(arguments, count);
    return to_text(text, capacity, format, typed);
  });
}

int backhaul_vfwprintf(FILE* stream, const wchar_t* format, va_list arguments) {
  return print([&] {
    UntypedArguments untyped(arguments);
    return to_stream(stream, format, untyped);
  });
}
int backhaul_vwprintf(const wchar_t* format, va_list arguments) {
  return backhaul_vfwprintf(stdout, format, arguments);
}
// A call that has arguments went to a template, so there are none here: a conversion finds nothing.
int backhaul_wprintf(const wchar_t* format, ...) {
  return backhaul_print_wide(stdout, format, nullptr, 0);
}
int backhaul_fwprintf(FILE* stream, const wchar_t* format, ...) {
  return backhaul_print_wide(stream, format, nullptr, 0);
}

int backhaul_vfprintf(FILE* stream, const char* format, va_list arguments) {
  return print([&] {
    UntypedArguments untyped(arguments);
    return to_stream(stream, format, untyped);
  });
}
int backhaul_vprintf(const char* format, va_list arguments) {
  return backhaul_vfprintf(stdout, format, arguments);
}

int backhaul_vswprintf(wchar_t* text, size_t capacity, const wchar_t* format, va_list arguments) {
  return print([&] {
    UntypedArguments untyped(arguments);
    return backhaul::bits::fitted(to_text(text, capacity, format, untyped), capacity);
  });
}
int backhaul_vsnprintf(char* text, size_t capacity, const char* format, va_list arguments) {
  return print([&] {
    UntypedArguments untyped(arguments);
    return backhaul::bits::fitted(to_text(text, capacity, format, untyped), capacity);
  });
}

int backhaul_fputws(const wchar_t* text, FILE* stream) {
  return print([&] {
    const std::wstring copy(text);
    return write(stream, utf8_always(copy)) < 0 ? -1 : static_cast<int>(copy.size());
  });
}
int backhaul_putws(const wchar_t* text) {
  const int written = backhaul_fputws(text, stdout);
  return written < 0 || std::fputc('\n', stdout) == EOF ? -1 : written + 1;
}

// What the C library's headers make of these functions under _FORTIFY_SOURCE
// (backhaul_stdio_names.h). The first number asks for checks that are always made here.
BACKHAUL_BITS_API int backhaul_wprintf_chk(int, const wchar_t* format, ...) {
  return backhaul_print_wide(stdout, format, nullptr, 0);
}
BACKHAUL_BITS_API int backhaul_fwprintf_chk(FILE* stream, int, const wchar_t* format, ...) {
  return backhaul_print_wide(stream, format, nullptr, 0);
}
BACKHAUL_BITS_API int backhaul_vwprintf_chk(int, const wchar_t* format, va_list arguments) {
  return backhaul_vfwprintf(stdout, format, arguments);
}
BACKHAUL_BITS_API int backhaul_vfwprintf_chk(FILE* stream, int, const wchar_t* format,
                                             va_list arguments) {
  return backhaul_vfwprintf(stream, format, arguments);
}
BACKHAUL_BITS_API int backhaul_vswprintf_chk(wchar_t* text, size_t capacity, int, size_t size,
                                             const wchar_t* format, va_list arguments) {
  return backhaul_vswprintf(text, std::min(capacity, size), format, arguments);
}
BACKHAUL_BITS_API int backhaul_vprintf_chk(int, const char* format, va_list arguments) {
  return backhaul_vfprintf(stdout, format, arguments);
}
BACKHAUL_BITS_API int backhaul_vfprintf_chk(FILE* stream, int, const char* format,
                                            va_list arguments) {
  return backhaul_vfprintf(stream, format, arguments);
}
