// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <strsafe.h>
#include <tchar.h>
#include <windows.h>
#include <bits.h>
#include <inttypes.h>

#include <cerrno>
#include <string>
#include <thread>

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

// With their types, as printf has them.
template <class... T>
std::string typed(const char* format, T... arguments) {
  char text[200];
  EXPECT_GE(snprintf(text, sizeof(text), format, arguments...), 0) << format;
  return text;
}
template <class... T>
std::wstring typed(const wchar_t* format, T... arguments) {
  wchar_t text[200];
  EXPECT_GE(swprintf(text, 200, format, arguments...), 0);
  return text;
}

TEST(TypedPrint, AnIntegerHasItsOwnSizeWhateverTheFormatSays) {
  const DWORD word = 0xFFFFFFFFU;
  const unsigned long wide = 5'000'000'000UL;
  EXPECT_EQ(typed("%lu %lu %u %llu %d", word, wide, wide, wide, wide),
            "4294967295 5000000000 5000000000 5000000000 5000000000");
  EXPECT_EQ(typed("%" PRIu64 " %" PRIx64 " %" PRId64, std::uint64_t{wide}, std::uint64_t{wide},
                  std::int64_t{-5'000'000'000}),
            "5000000000 12a05f200 -5000000000");
  EXPECT_EQ(typed("%ld %ld %lld %I64d", LONG{-5}, -5'000'000'000L, -1, -1),
            "-5 -5000000000 -1 -1");
  EXPECT_EQ(typed("0x%08lX %x %u %d", E_FAIL, -1, -1, word), "0x80004005 ffffffff 4294967295 -1");
  EXPECT_EQ(typed(L"%lu %I64u %llu %zu", word, UINT64{1} << 40, UINT64{1} << 40, SIZE_T{7}),
            L"4294967295 1099511627776 1099511627776 7");
}

TEST(TypedPrint, SmallIntegersAreIntsAndHCutsOff) {
  EXPECT_EQ(typed("%d %u %x", static_cast<short>(-1), static_cast<short>(-1), static_cast<char>(-1)),
            "-1 4294967295 ffffffff");
  EXPECT_EQ(typed("%hd %hhu %d %u", 70000, 300, true, static_cast<BYTE>(200)), "4464 44 1 200");
}

TEST(TypedPrint, EnumerationsCharactersAndPointersAreTaken) {
  enum class Kind : UINT64 { big = 1ULL << 40 };
  EXPECT_EQ(typed("%d %llu", BG_JOB_STATE_ERROR, Kind::big), "4 1099511627776");
  EXPECT_EQ(typed("%c%c%C%lc", 'a', L'\u20ac', L'\u00e9', L'b'),
            "a\xe2\x82\xac\xc3\xa9"
            "b");
  EXPECT_EQ(typed("%p", nullptr), "0000000000000000");
  EXPECT_EQ(typed(L"%x", reinterpret_cast<HANDLE>(0x1234)), L"1234");
  EXPECT_EQ(typed("%.2f %.1Lf %g", 1.25F, 2.5L, 1e10), "1.25 2.5 1e+10");
}

TEST(TypedPrint, ATextIsPrintedAsWhatItIs) {
  EXPECT_EQ(typed("%s %S %s", L"\u00e9", "n", "m"), "\xc3\xa9 n m");
  EXPECT_EQ(typed(L"%s %S %hs", "\xc3\xa9", L"w", L"v"), L"\u00e9 w v");
  char mine[] = "mine";
  wchar_t wide[] = L"wide";
  EXPECT_EQ(typed("%s %ls", mine, wide), "mine wide");
  EXPECT_EQ(typed("%s %s", static_cast<const char*>(nullptr), NULL), "(null) (null)");
}

struct Constants {
  static const int declared_only = 5;
};

TEST(TypedPrint, AConstantNeedsNoDefinition) {
  EXPECT_EQ(typed("%d", Constants::declared_only), "5");
}

TEST(TypedPrint, WhatDoesNotFitIsShownAndTheCallFails) {
  char text[100];
  errno = 0;
  EXPECT_EQ(snprintf(text, sizeof(text), "<%s|%d|%-5f|%d>", 7, "x", 1, 2.5), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_STREQ(text, "<%s{integer}|%d{text}|%-5f{integer}|%d{number}>");
  EXPECT_EQ(snprintf(text, sizeof(text), "%d %*d.", 1, "w", 2), -1);
  EXPECT_STREQ(text, "1 %*d{text}.");
  WCHAR wide[100];
  EXPECT_EQ(StringCchPrintf(wide, 100, L"%d %s", 1), STRSAFE_E_INVALID_PARAMETER);
  EXPECT_STREQ(wide, L"1 %s{nothing}");
}

TEST(TypedPrint, SnprintfSaysWhatItNeedsAndTheOthersThatItWasTooMuch) {
  char text[4];
  EXPECT_EQ(snprintf(text, sizeof(text), "%d", 123456), 6);
  EXPECT_STREQ(text, "123");
  EXPECT_EQ(snprintf(nullptr, 0, "%d", 123456), 6);
  EXPECT_EQ(_snprintf(text, sizeof(text), "%d", 123456), -1);
  WCHAR wide[4];
  EXPECT_EQ(swprintf_s(wide, L"%d", 123), 3);
  EXPECT_EQ(swprintf_s(wide, 4, L"%d", 1234), -1);
  EXPECT_EQ(sprintf_s(text, "%s", "abc"), 3);
  char longer[20];
  EXPECT_EQ(sprintf(longer, "%lu", 5'000'000'000UL), 10);
}

// A logger as programs have them.
struct Log {
  int calls = 0;
  int printf(const char*, ...) { return ++calls; }
  int wprintf(const wchar_t*, ...) { return ++calls; }
  int fputws(int, int) { return ++calls; }
  int vprintf(const char*) { return ++calls; }
};

TEST(TypedPrint, AMethodKeepsItsName) {
  Log log;
  EXPECT_EQ(log.printf("%d", 1) + log.wprintf(L"x") + log.fputws(1, 2) + log.vprintf(""), 10);
  int (Log::*method)(const char*, ...) = &Log::printf;
  EXPECT_EQ((log.*method)(""), 5);
}

std::string printed(int (*call)(FILE*)) {
  FILE* file = tmpfile();
  if (file == nullptr) return "no file";
  EXPECT_GE(call(file), 0);
  EXPECT_LE(fwide(file, 0), 0);
  rewind(file);
  char text[100] = {};
  const std::size_t size = fread(text, 1, sizeof(text), file);
  fclose(file);
  return {text, size};
}

int list_of(FILE* file, const wchar_t* format, const char* narrow_format, ...) {
  va_list list, again;
  va_start(list, narrow_format);
  va_copy(again, list);
  const int wide = vfwprintf(file, format, list);
  const int other = vfprintf(file, narrow_format, again);
  va_end(again);
  va_end(list);
  return wide < 0 ? wide : other;
}

// In these calls no template can win, and the functions of the C library would go wrong.
TEST(TypedPrint, TextsAloneAndArgumentListsLeadHereToo) {
  EXPECT_EQ(printed([](FILE* file) { return fwprintf(file, L"\u20ac 100%%"); }),
            "\xe2\x82\xac 100%");
  EXPECT_EQ(printed([](FILE* file) { return fputws(L"\u20ac", file); }), "\xe2\x82\xac");
  EXPECT_EQ(printed([](FILE* file) { return std::fwprintf(file, L"%s", L"x"); }), "x");
  EXPECT_EQ(printed([](FILE* file) {
              return list_of(file, L"<%s %I64u>", "<%S %I64u>", L"w", UINT64{5'000'000'000});
            }),
            "<w 5000000000><w 5000000000>");
  EXPECT_EQ(printed([](FILE* file) { return 1 + fwprintf(file, L"50% sure %s"); }),
            "50% s{nothing}ure %s{nothing}");
  EXPECT_EQ(std::to_wstring(1.5), L"1.500000");  // the C++ library goes through one of them
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

TEST(Texts, AreMadeWide) {
  const auto wide = [](const char* text, int size, DWORD flags = 0) {
    WCHAR out[20] = L"untouched";
    const int made = MultiByteToWideChar(CP_ACP, flags, text, size, out, 20);
    return std::wstring(out, static_cast<std::size_t>(made));
  };
  EXPECT_EQ(wide("\xc3\xbcx", -1), std::wstring(L"\u00fcx\0", 3));
  EXPECT_EQ(wide("abc", 2), L"ab");
  EXPECT_EQ(wide("a\0b", 3), std::wstring(L"a\0b", 3));
  EXPECT_EQ(wide("a\xff", -1), std::wstring(L"a\ufffd\0", 3));
  EXPECT_EQ(MultiByteToWideChar(CP_UTF8, 0, "\xe2\x82\xac", -1, nullptr, 0), 2);
  WCHAR out[2];
  EXPECT_EQ(MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, "a\xff", -1, out, 2), 0);
  EXPECT_EQ(GetLastError(), DWORD{ERROR_NO_UNICODE_TRANSLATION});
  EXPECT_EQ(MultiByteToWideChar(CP_UTF8, 0, "abc", -1, out, 2), 0);
  EXPECT_EQ(GetLastError(), DWORD{ERROR_INSUFFICIENT_BUFFER});
  EXPECT_EQ(lstrlenW(L"ab") + lstrlen(nullptr), 2);
}

TEST(Texts, AreCopiedAsFarAsTheyFit) {
  WCHAR to[4];
  EXPECT_EQ(wcsncpy_s(to, L"abcdef", 2), 0);
  EXPECT_STREQ(to, L"ab");
  EXPECT_EQ(wcsncpy_s(to, L"abcdef", _TRUNCATE), STRUNCATE);
  EXPECT_STREQ(to, L"abc");
  EXPECT_EQ(wcsncpy_s(to, 4, L"abcdef", 5), ERANGE);
  EXPECT_STREQ(to, L"");
  EXPECT_EQ(wcsncpy_s(to, 4, L"abc", 9), 0);
  wchar_t* copy = _wcsdup(L"x");
  EXPECT_STREQ(copy, L"x");
  free(copy);
}

TEST(Texts, OfCodesComeWithALineEnd) {
  WCHAR text[200];
  EXPECT_GT(FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, nullptr,
                           ERROR_FILE_NOT_FOUND, 0, text, ARRAYSIZE(text), nullptr),
            2U);
  LPWSTR made = nullptr;
  const DWORD length = FormatMessage(
      FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM, nullptr,
      static_cast<DWORD>(HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)),
      MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT), reinterpret_cast<LPWSTR>(&made), 0, nullptr);
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(std::wstring(made), std::wstring(text));
  EXPECT_EQ(std::wstring(made, length).substr(length - 2), L"\r\n");
  EXPECT_EQ(LocalFree(made), nullptr);
  EXPECT_EQ(FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM, nullptr, 2, 0, text, 3, nullptr), 0U);
  EXPECT_EQ(GetLastError(), DWORD{ERROR_INSUFFICIENT_BUFFER});
  EXPECT_EQ(FormatMessageW(FORMAT_MESSAGE_FROM_STRING, L"%1", 0, 0, text, 200, nullptr), 0U);
}

TEST(Program, HasAHandleAndAPath) {
  WCHAR path[MAX_PATH];
  EXPECT_NE(GetModuleFileName(GetModuleHandle(nullptr), path, MAX_PATH), 0U);
  EXPECT_EQ(GetModuleHandleW(L"kernel32"), nullptr);
  EXPECT_EQ(GetLastError(), DWORD{ERROR_MOD_NOT_FOUND});
}

TEST(Program, ACriticalSectionIsTakenAgainByItsOwner) {
  CRITICAL_SECTION section;
  InitializeCriticalSection(&section);
  EnterCriticalSection(&section);
  EnterCriticalSection(&section);
  int inside = 2;
  std::thread other([&section, &inside] {
    EnterCriticalSection(&section);
    EXPECT_EQ(inside, 0);
    LeaveCriticalSection(&section);
  });
  --inside;
  LeaveCriticalSection(&section);
  --inside;
  LeaveCriticalSection(&section);
  other.join();
  DeleteCriticalSection(&section);
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
