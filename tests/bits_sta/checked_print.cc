// SPDX-License-Identifier: Apache-2.0
// Built with _FORTIFY_SOURCE, under which the C library's headers turn printing functions into
// others: everything must come out as without. Ends with 0 if it does.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <windows.h>

#include <string>

#if __USE_FORTIFY_LEVEL < 1
#error "this is about _FORTIFY_SOURCE"
#endif

static void listed(FILE* file, const wchar_t* format, const char* narrow, ...) {
  WCHAR text[40];
  va_list list;
  va_start(list, narrow);
  vfwprintf(file, format, list);
  va_end(list);
  va_start(list, narrow);
  vfprintf(file, narrow, list);
  va_end(list);
  va_start(list, narrow);
  vswprintf(text, 40, format, list);
  va_end(list);
  fputws(text, file);
}

int main() {
  FILE* file = tmpfile();
  if (file == NULL) return 2;
  fwprintf(file, L"\u20ac ");
  std::fwprintf(file, L"%s %S ", L"w", "n");
  fprintf(file, "%lu %" PRIu64 " %lu ", 5000000000UL, static_cast<uint64_t>(5000000000U), DWORD(7));
  listed(file, L"<%s %I64u>", "<%S %I64u>", L"l", UINT64(5000000000U));
  fputws(std::to_wstring(2.5).c_str(), file);
  rewind(file);
  char text[200] = {};
  const size_t size = fread(text, 1, sizeof(text) - 1, file);
  const char expected[] =
      "\xe2\x82\xac w n 5000000000 5000000000 7 <l 5000000000><l 5000000000><l 5000000000>2.500000";
  if (size == strlen(expected) && strcmp(text, expected) == 0) return 0;
  printf("%s\n%s\n", text, expected);
  return 1;
}
