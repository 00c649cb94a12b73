// SPDX-License-Identifier: Apache-2.0
// std::wcout, which makes a stream of the C library a wide one, and the printing functions in turns on one stream.
// Ends with 0 if everything comes out, in order.
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <windows.h>

#include <iostream>

int main() {
  FILE* file = tmpfile();
  if (file == NULL || dup2(fileno(file), STDOUT_FILENO) < 0) return 2;
  std::wcout << L"a job" << std::endl;
  int written = wprintf(L"0x%08X \u20ac\n", 0x80200001);
  written += printf("%llu bytes\n", 5ULL);
  std::wcout << L"ends" << std::endl;
  written += fwprintf(stdout, L"%s\n", L"well");
  if (fflush(stdout) != 0 || lseek(fileno(file), 0, SEEK_SET) != 0) return 2;
  char text[200] = {};
  const size_t size = fread(text, 1, sizeof(text) - 1, file);
  const char expected[] = "a job\n0x80200001 \xe2\x82\xac\n5 bytes\nends\nwell\n";
  if (written == 26 && size == strlen(expected) && strcmp(text, expected) == 0) return 0;
  fprintf(stderr, "%d\n%s\n%s\n", written, text, expected);
  return 1;
}
