// SPDX-License-Identifier: Apache-2.0
#include "core/custom_headers.h"

#include <gtest/gtest.h>

namespace backhaul::core {
namespace {

using base::Code;

Code judged(std::string_view text) {
  const auto result = check_custom_headers(text);
  return result ? Code::S_OK : result.error().code;
}

TEST(CustomHeaders, AreLinesWithOrWithoutACarriageReturn) {
  const auto headers = custom_headers("A: 1\r\nB:2\n\r\nC:  three words \r\nEmpty:");
  ASSERT_EQ(headers.size(), 4U);
  EXPECT_EQ(headers[0].name, "A");
  EXPECT_EQ(headers[1].value, "2");
  EXPECT_EQ(headers[2].value, "three words");
  EXPECT_EQ(headers[3].name, "Empty");
  EXPECT_EQ(headers[3].value, "");
  EXPECT_TRUE(custom_headers("").empty());
  EXPECT_TRUE(custom_headers("\r\n\n").empty());
}

TEST(CustomHeaders, WhatIsNoHeaderIsRefused) {
  for (const char* good : {"", "A: 1", "X-A_b.c: \xc3\xbc\t!\r\n", "Authorization: Bearer a:b=\r\nCookie: c=d\r\n"})
    EXPECT_EQ(judged(good), Code::S_OK) << good;
  for (const char* bad : {"A", ": 1", "A b: 1", " A: 1", "A: 1\r\n folded", "A: \x01", "A: 1\rB: 2", "A : 1", "\xc3\xbc: 1"})
    EXPECT_EQ(judged(bad), Code::E_INVALIDARG) << bad;
  const auto refused = check_custom_headers("A: 1\nAuthorization Bearer hunter2\n");
  EXPECT_EQ(refused.error().text.find("hunter2"), std::string::npos);
  EXPECT_NE(refused.error().text.find("line 2"), std::string::npos);
}

TEST(CustomHeaders, HaveRoomFor16384CharactersWithTheNul) {
  const std::string begin = "A: ";
  EXPECT_EQ(judged(begin + std::string(16'383 - begin.size(), 'x')), Code::S_OK);
  EXPECT_EQ(judged(begin + std::string(16'384 - begin.size(), 'x')), Code::BG_E_STRING_TOO_LONG);
}

TEST(CustomHeaders, TheServiceKeepsItsOwn) {
  for (const char* own : {"Range: bytes=0-1", "RANGE: x", "If-Range: x", "If-Modified-Since: x", "Host: other",
                          "Content-Length: 1", "Transfer-Encoding: chunked", "Connection: close", "Upgrade: h2c",
                          "Proxy-Authorization: Basic x"})
    EXPECT_EQ(judged(own), Code::E_INVALIDARG) << own;
}

TEST(CustomHeaders, ThoseThatMayTellWhoAsksStayWithTheirServer) {
  for (const char* telling : {"Authorization", "cookie", "X-Api-Key", "PRIVATE-TOKEN", "X-Auth-Token", "X-Session-Id",
                              "X-Amz-Security-Token", "X-Goog-Signature", "X-User", "JWT"})
    EXPECT_TRUE(may_carry_credentials({telling, "v"})) << telling;
  for (const char* harmless : {"Accept", "Accept-Language", "User-Agent", "Referer", "X-Requested-With", "Cache-Control"})
    EXPECT_FALSE(may_carry_credentials({harmless, "v"})) << harmless;
}

}  // namespace
}  // namespace backhaul::core
