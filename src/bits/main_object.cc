// SPDX-License-Identifier: Apache-2.0
// backhaul-bits-main: the entry point of programs that have a wmain (_tmain). Its arguments are the
// program's, as wide texts. It takes any of the forms that the Microsoft linker would take.
#define BACKHAUL_NO_PRINT_FUNCTIONS
#include <backhaul_stdio.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

// The result of `void wmain` is whatever it left behind, as on Windows: the mangled name says
// nothing about it. So these stand for both.
__attribute__((__weak__)) int wmain(int count, wchar_t** arguments);
__attribute__((__weak__)) int wmain(int count, const wchar_t** arguments);
__attribute__((__weak__)) int wmain();
extern "C" __attribute__((__weak__)) int backhaul_c_wmain(int count,
                                                          wchar_t** arguments) __asm__("wmain");

namespace {

// Not by the locale, which a program has not set yet.
std::wstring wide(const char* text) {
  std::wstring out(std::strlen(text), L'\0');
  const int length = backhaul::bits::printing::swprintf(out.data(), out.size() + 1, L"%S", text);
  out.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::wstring> texts;
  for (int i = 0; i < argc; ++i) texts.push_back(wide(argv[i]));
  std::vector<wchar_t*> arguments;
  for (std::wstring& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  using Variable = int (*)(int, wchar_t**);
  using Constant = int (*)(int, const wchar_t**);
  using None = int (*)();
  if (const Variable entry = &wmain) return entry(argc, arguments.data());
  if (const Constant entry = &wmain)
    return entry(argc, const_cast<const wchar_t**>(arguments.data()));
  if (const None entry = &wmain) return entry();
  if (const Variable entry = &backhaul_c_wmain) return entry(argc, arguments.data());
  std::fputs("this program was linked without its wmain\n", stderr);
  return 127;
}
