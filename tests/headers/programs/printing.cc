// SPDX-License-Identifier: Apache-2.0
// Printing in every form, with names of the program's own beside it, and under _FORTIFY_SOURCE,
// which turns functions of the C library into others.
#ifndef _FORTIFY_SOURCE
#ifdef __OPTIMIZE__
#define _FORTIFY_SOURCE 2
#endif
#endif
#include <string>
#include <windows.h>
#include <bits.h>
#include <strsafe.h>
#include <tchar.h>

#include <cinttypes>
#include <cstdio>
#include <cwchar>
#include <iostream>

class Logger {
 public:
  void printf(const char* format, ...) {
    va_list list;
    va_start(list, format);
    ::vfprintf(stderr, format, list);
    std::vprintf(format, list);
    va_end(list);
  }
  int wprintf(const wchar_t* format) { return ::wprintf(L"%s", format); }
  int vwprintf = 0;
  struct fputws {};
  virtual int fprintf(FILE*, const wchar_t*) { return 0; }
  virtual int swprintf() { return vwprintf; }
  virtual ~Logger() {}
};

namespace mine {
void printf(int) {}
void snprintf() {}
}  // namespace mine

void Log(const wchar_t* format, ...) {
  WCHAR text[100];
  va_list list;
  va_start(list, format);
  vwprintf(format, list);
  va_end(list);
  va_start(list, format);
  vfwprintf(stderr, format, list);
  va_end(list);
  va_start(list, format);
  vswprintf(text, 100, format, list);
  StringCchVPrintfW(text, 100, format, list);
  va_end(list);
  fputws(text, stdout);
  _putws(text);
}

struct Flags {
  unsigned first : 3;
  static const DWORD known = 7;
};

int (*plain)(const char*, ...) = printf;

int main() {
  Logger log;
  log.printf("%d", 1);
  log.wprintf(L"x");
  mine::printf(1);
  mine::snprintf();
  Flags flags = {};
  WCHAR wide[40];
  char narrow[40];
  const std::wstring text = std::to_wstring(2.5);
  wprintf(L"text alone\n");
  std::wprintf(L"text alone\n");
  fwprintf(stderr, L"text alone\n");
  printf("text alone\n");
  _tprintf(_T("%s %lu %d %I64u %%\n"), text.c_str(), Flags::known, flags.first, UINT64(1));
  printf("%lu %lu %u %llu %" PRIu64 " %" PRId64 "\n", DWORD(1), 5000000000ul, 1u, 1ull, uint64_t(1),
         int64_t(1));
  printf("%s %S %ws %ls %hs %c %C %p %p\n", "a", L"b", L"c", L"d", "e", 'f', L'g', &log, nullptr);
  std::printf("%d %x %f %Lf %s\n", BG_JOB_STATE_ERROR, E_FAIL, 1.5f, 1.5L, narrow);
  std::snprintf(narrow, sizeof(narrow), "%d", 1);
  snprintf(narrow, sizeof(narrow), "%lu", 1ul);
  sprintf(narrow, "%d", 1);
  sprintf_s(narrow, "%d", 1);
  _snprintf(narrow, sizeof(narrow), "%d", 1);
  swprintf(wide, 40, L"%s", L"x");
  swprintf(wide, 40, L"x");
  swprintf_s(wide, L"%s", L"x");
  swprintf_s(wide, 40, L"%s", L"x");
  _snwprintf(wide, 40, L"%s", L"x");
  _stprintf_s(wide, 40, _T("%s"), _T("x"));
  StringCchPrintf(wide, 40, L"%s", L"x");
  StringCchPrintfA(narrow, 40, "%s", "x");
  Log(L"%s", L"x");
  return plain("x");
}
