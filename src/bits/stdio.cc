// SPDX-License-Identifier: Apache-2.0
// The printing functions of backhaul_stdio.h. They write bytes, whatever the format was.
#define BACKHAUL_NO_PRINT_MACROS
#include <windows.h>

#include <algorithm>

#include "bits/format.h"

namespace {

using backhaul::bits::format_narrow;
using backhaul::bits::format_wide;
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

int write(FILE* stream, const std::string& text, std::size_t characters) {
  const bool done = std::fwrite(text.data(), 1, text.size(), stream) == text.size();
  return done ? static_cast<int>(characters) : -1;
}

template <class C>
int keep(const std::basic_string<C>& made, C* text, std::size_t capacity) {
  if (text == nullptr || capacity == 0) return -1;
  const std::size_t copied = std::min(made.size(), capacity - 1);
  made.copy(text, copied);
  text[copied] = 0;
  return copied == made.size() ? static_cast<int>(copied) : -1;
}

}  // namespace

// Runs `call`, which uses the argument list `list` that begins after `last`.
#define BACKHAUL_VARIADIC(last, call) \
  va_list list;                       \
  va_start(list, last);               \
  const int result = call;            \
  va_end(list);                       \
  return result

int backhaul_vfwprintf(FILE* stream, const wchar_t* format, va_list arguments) {
  return print([&] {
    const std::wstring text = format_wide(format, arguments);
    return write(stream, utf8_always(text), text.size());
  });
}
int backhaul_vwprintf(const wchar_t* format, va_list arguments) {
  return backhaul_vfwprintf(stdout, format, arguments);
}
int backhaul_wprintf(const wchar_t* format, ...) {
  BACKHAUL_VARIADIC(format, backhaul_vfwprintf(stdout, format, list));
}
int backhaul_fwprintf(FILE* stream, const wchar_t* format, ...) {
  BACKHAUL_VARIADIC(format, backhaul_vfwprintf(stream, format, list));
}

int backhaul_vfprintf(FILE* stream, const char* format, va_list arguments) {
  return print([&] {
    const std::string text = format_narrow(format, arguments);
    return write(stream, text, text.size());
  });
}
int backhaul_vprintf(const char* format, va_list arguments) {
  return backhaul_vfprintf(stdout, format, arguments);
}
int backhaul_printf(const char* format, ...) {
  BACKHAUL_VARIADIC(format, backhaul_vfprintf(stdout, format, list));
}
int backhaul_fprintf(FILE* stream, const char* format, ...) {
  BACKHAUL_VARIADIC(format, backhaul_vfprintf(stream, format, list));
}

int backhaul_vswprintf(wchar_t* text, size_t capacity, const wchar_t* format, va_list arguments) {
  return print([&] { return keep(format_wide(format, arguments), text, capacity); });
}
int backhaul_swprintf(wchar_t* text, size_t capacity, const wchar_t* format, ...) {
  BACKHAUL_VARIADIC(format, backhaul_vswprintf(text, capacity, format, list));
}
int backhaul_vsnprintf(char* text, size_t capacity, const char* format, va_list arguments) {
  return print([&] { return keep(format_narrow(format, arguments), text, capacity); });
}
int backhaul_snprintf(char* text, size_t capacity, const char* format, ...) {
  BACKHAUL_VARIADIC(format, backhaul_vsnprintf(text, capacity, format, list));
}

int backhaul_fputws(const wchar_t* text, FILE* stream) {
  return print([&] {
    const std::wstring copy(text);
    return write(stream, utf8_always(copy), copy.size());
  });
}
int backhaul_putws(const wchar_t* text) {
  const int written = backhaul_fputws(text, stdout);
  return written < 0 || std::fputc('\n', stdout) == EOF ? -1 : written + 1;
}
