// SPDX-License-Identifier: Apache-2.0
// expect-error: printing functions cannot take an object of a class
#include <windows.h>

#include <string>

void show(const std::wstring& text) { wprintf(L"%s", text); }
