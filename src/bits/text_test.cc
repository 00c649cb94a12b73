// SPDX-License-Identifier: Apache-2.0
#include "bits/text.h"

#include <gtest/gtest.h>

namespace backhaul::bits {
namespace {

std::wstring given(const std::string& text) {
  LPWSTR out = nullptr;
  EXPECT_EQ(give_text(text, &out), S_OK);
  std::wstring copy = out;
  CoTaskMemFree(out);
  return copy;
}

TEST(BitsText, EveryLengthOfUtf8GoesThereAndBack) {
  const std::wstring wide = L"a\u00e9\u20ac\U0001f600\U0010ffff\u07ff\u0800\uffff";
  const auto narrow = utf8_of(wide.c_str());
  ASSERT_TRUE(narrow);
  EXPECT_EQ(*narrow, "a\u00e9\u20ac\U0001f600\U0010ffff\u07ff\u0800\uffff");
  EXPECT_EQ(given(*narrow), wide);
  EXPECT_EQ(given(""), L"");
}

TEST(BitsText, WhatIsNotUnicodeIsRefused) {
  const WCHAR surrogate[] = {static_cast<WCHAR>(0xd800), 0};
  const WCHAR beyond[] = {static_cast<WCHAR>(0x110000), 0};
  const WCHAR negative[] = {static_cast<WCHAR>(-1), 0};
  EXPECT_FALSE(utf8_of(surrogate));
  EXPECT_FALSE(utf8_of(beyond));
  EXPECT_FALSE(utf8_of(negative));
}

TEST(BitsText, GuidsAreReadInEveryForm) {
  const GUID guid = __uuidof(IBackgroundCopyJob);
  EXPECT_EQ(text_of(guid), "37668d37-507e-4160-9316-26306d150b12");
  EXPECT_EQ(guid_of("37668d37-507e-4160-9316-26306d150b12"), guid);
  EXPECT_EQ(guid_of("{37668D37-507E-4160-9316-26306D150B12}"), guid);
  EXPECT_EQ(guid_of("37668d37507e4160931626306d150b12"), guid);
  EXPECT_FALSE(guid_of("37668d37507e4160931626306d150b1"));
  EXPECT_FALSE(guid_of("37668d37507e4160931626306d150b1x"));
}

TEST(BitsText, TimesAreTicksSince1601AndZeroIfUnknown) {
  const FILETIME none = filetime_of(Time{});
  EXPECT_EQ(none.dwLowDateTime, 0U);
  EXPECT_EQ(none.dwHighDateTime, 0U);
  const FILETIME second = filetime_of(Time{std::chrono::seconds(1)});
  EXPECT_EQ((std::uint64_t{second.dwHighDateTime} << 32) | second.dwLowDateTime,
            116444736010000000U);
}

TEST(ComMemory, GuidsHaveTheTextOfWindows) {
  WCHAR text[39];
  EXPECT_EQ(StringFromGUID2(IID_IUnknown, text, 38), 0);
  EXPECT_EQ(StringFromGUID2(IID_IUnknown, text, 39), 39);
  EXPECT_STREQ(text, L"{00000000-0000-0000-C000-000000000046}");
  GUID read = __uuidof(IUnknown);
  EXPECT_EQ(CLSIDFromString(L"{37668d37-507E-4160-9316-26306d150b12}", &read), S_OK);
  EXPECT_EQ(read, __uuidof(IBackgroundCopyJob));
  EXPECT_EQ(CLSIDFromString(nullptr, &read), S_OK);
  EXPECT_EQ(read, GUID_NULL);
  EXPECT_EQ(CLSIDFromString(L"37668d37-507e-4160-9316-26306d150b12", &read), CO_E_CLASSSTRING);
  EXPECT_EQ(IIDFromString(L"{37668d37-507e-4160-9316-26306d150b12", &read), CO_E_IIDSTRING);
  EXPECT_EQ(IIDFromString(L"{37668d37-507e-4160-9316-26306d150b12}x", &read), CO_E_IIDSTRING);
  EXPECT_EQ(CLSIDFromString(text, nullptr), E_INVALIDARG);
  LPOLESTR made = nullptr;
  EXPECT_EQ(StringFromCLSID(IID_IUnknown, &made), S_OK);
  EXPECT_STREQ(made, text);
  CoTaskMemFree(made);
}

TEST(ComMemory, CreatedGuidsAreRandomVersion4) {
  GUID one = GUID_NULL, two = GUID_NULL;
  ASSERT_EQ(CoCreateGuid(&one), S_OK);
  ASSERT_EQ(CoCreateGuid(&two), S_OK);
  EXPECT_NE(one, two);
  EXPECT_EQ(one.Data3 >> 12, 4);
  EXPECT_EQ(one.Data4[0] >> 6, 2);
  EXPECT_EQ(CoCreateGuid(nullptr), E_INVALIDARG);
}

TEST(ComMemory, AllocatesGrowsAndFrees) {
  auto* bytes = static_cast<BYTE*>(CoTaskMemAlloc(0));
  ASSERT_NE(bytes, nullptr);
  bytes = static_cast<BYTE*>(CoTaskMemRealloc(bytes, 100));
  ASSERT_NE(bytes, nullptr);
  bytes[99] = 1;
  EXPECT_EQ(CoTaskMemRealloc(bytes, 0), nullptr);
  CoTaskMemFree(nullptr);
}

}  // namespace
}  // namespace backhaul::bits
