// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <strsafe.h>
#include <tchar.h>
#include <windows.h>

#include "bits/command_line.h"

namespace backhaul::bits {
namespace {

std::wstring made(const wchar_t* format, ...) {
  wchar_t text[200];
  va_list list;
  va_start(list, format);
  EXPECT_GE(vswprintf(text, 200, format, list), 0);
  va_end(list);
  return text;
}

std::string narrow(const char* format, ...) {
  char text[200];
  va_list list;
  va_start(list, format);
  EXPECT_GE(backhaul_vsnprintf(text, 200, format, list), 0);
  va_end(list);
  return text;
}

TEST(Print, InWideFormatsPlainTextsAreWide) {
  EXPECT_EQ(made(L"<%s|%ls|%ws|%S|%hs>", L"a\u00e9", L"b", L"c", "d\xc3\xa9", "e"),
            L"<a\u00e9|b|c|d\u00e9|e>");
  EXPECT_EQ(made(L"%c%C%hc%lc", L'\u20ac', 'b', 'c', L'd'), L"\u20acbcd");
}

TEST(Print, InNarrowFormatsPlainTextsAreNarrow) {
  EXPECT_EQ(narrow("<%s|%hs|%S|%ws|%ls>", "a\xc3\xa9", "b", L"\u00e9", L"d", L"e"),
            "<a\xc3\xa9|b|\xc3\xa9|d|e>");
  EXPECT_EQ(narrow("%c%C%lc", 'a', L'\u20ac', L'c'),
            "a\xe2\x82\xac"
            "c");
}

TEST(Print, WidthsAndPrecisionsCountCharacters) {
  EXPECT_EQ(made(L"<%5s|%-5s|%.2s|%*s|%-*s>", L"\u00e9", L"b", L"cde", 3, L"f", 3, L"g"),
            L"<    \u00e9|b    |cd|  f|g  >");
  EXPECT_EQ(narrow("<%4S|%.1S>", L"\u00e9", L"\u00e9x"), "<   \xc3\xa9|\xc3\xa9>");
  EXPECT_EQ(made(L"%.*s", 1, L"xy"), L"x");
}

TEST(Print, NumbersHaveTheWidthOfMicrosoftsTypes) {
  const UINT64 big = 0xFFFFFFFFFFFFFFFFULL;
  const DWORD word = 0xFFFFFFFFU;
  EXPECT_EQ(made(L"%I64u %llu %I64x", big, big, big),
            L"18446744073709551615 18446744073709551615 ffffffffffffffff");
  EXPECT_EQ(made(L"%lu %ld 0x%08lX %d", word, static_cast<LONG>(-5), 0x80200001U, -1),
            L"4294967295 -5 0x80200001 -1");
  EXPECT_EQ(made(L"%hd %hhu %+d %05.1f %e", 70000, 300, 5, 1.25, 1.0),
            L"4464 44 +5 001.2 1.000000e+00");
  EXPECT_EQ(made(L"%Iu %zu", static_cast<SIZE_T>(1) << 40, static_cast<SIZE_T>(7)),
            L"1099511627776 7");
  EXPECT_EQ(made(L"%p", reinterpret_cast<void*>(0xabcULL)), L"0000000000000ABC");
}

TEST(Print, WhatIsNoConversionIsShownAsItIs) {
  EXPECT_EQ(made(L"100%% %y %"), L"100% %y %");
  EXPECT_EQ(made(L"%s", static_cast<const wchar_t*>(nullptr)), L"(null)");
  EXPECT_EQ(made(L"%S", "\xff\xc3"), L"\ufffd\ufffd");
}

TEST(Print, OutputIsUtf8AndTheStreamStaysOneOfBytes) {
  FILE* file = tmpfile();
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(fwprintf(file, L"%s %u\n", L"\u00fc\u20ac", 5U), 5);
  EXPECT_EQ(fprintf(file, "%s\n", "plain"), 6);
  EXPECT_EQ(std::fputs("std\n", file), 1);
  EXPECT_LE(fwide(file, 0), 0);
  rewind(file);
  char text[64] = {};
  const std::size_t size = fread(text, 1, sizeof(text), file);
  EXPECT_EQ(std::string(text, size), "\xc3\xbc\xe2\x82\xac 5\nplain\nstd\n");
  fclose(file);
}

TEST(Print, CountedStringsAreCutOffAndSaySo) {
  WCHAR text[6];
  EXPECT_EQ(StringCchPrintfW(text, ARRAYSIZE(text), L"%s", L"12345"), S_OK);
  EXPECT_STREQ(text, L"12345");
  EXPECT_EQ(StringCchPrintf(text, 6, L"%d", 1234567), STRSAFE_E_INSUFFICIENT_BUFFER);
  EXPECT_STREQ(text, L"12345");
  EXPECT_EQ(StringCchPrintfW(text, 0, L"x"), STRSAFE_E_INVALID_PARAMETER);
  EXPECT_EQ(StringCchCopyW(text, 6, L"abc"), S_OK);
  EXPECT_EQ(StringCchCat(text, 6, L"def"), STRSAFE_E_INSUFFICIENT_BUFFER);
  EXPECT_STREQ(text, L"abcde");
  size_t length = 0;
  EXPECT_EQ(StringCchLengthW(text, 6, &length), S_OK);
  EXPECT_EQ(length, 5U);
  EXPECT_EQ(StringCchLengthW(text, 5, &length), STRSAFE_E_INVALID_PARAMETER);
}

TEST(Print, TcharNamesAreWide) {
  EXPECT_EQ(_tcsicmp(_T("AbC"), TEXT("aBc")), 0);
  EXPECT_NE(_wcsnicmp(L"abX", L"aby", 3), 0);
  EXPECT_EQ(_ttoi(_T("42")), 42);
}

TEST(CommandLine, IsSplitAsOnWindows) {
  using List = std::vector<std::string>;
  EXPECT_EQ(split_command("/bin/a -x  y"), (List{"/bin/a", "-x", "y"}));
  EXPECT_EQ(split_command(R"("/my dir/a" "b c")"), (List{"/my dir/a", "b c"}));
  EXPECT_EQ(split_command(R"(a \"b\" "c\\" d\e "")"), (List{"a", "\"b\"", "c\\", "d\\e", ""}));
  EXPECT_EQ(split_command("/bin/sh"), (List{"/bin/sh"}));
  EXPECT_TRUE(split_command("  ").empty());
}

}  // namespace
}  // namespace backhaul::bits
