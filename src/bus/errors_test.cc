// SPDX-License-Identifier: Apache-2.0
#include "bus/errors.h"

#include <cerrno>

#include <gtest/gtest.h>

#include "bus/utf8.h"

namespace backhaul::bus {
namespace {

using base::Code;

TEST(ErrorNames, EveryCodeIsReadBack) {
#define X(symbol, value, text) EXPECT_EQ(code_from_error_name(error_name(Code::symbol)), Code::symbol);
#include "base/codes.def"
#undef X
  EXPECT_EQ(error_name(Code::BG_E_NOT_FOUND), "org.backhaul.Error.BG_E_NOT_FOUND");
  EXPECT_EQ(error_name(base::http_code(503)), "org.backhaul.Error.BG_E_HTTP_ERROR_503");
  EXPECT_EQ(code_from_error_name("org.backhaul.Error.BG_E_HTTP_ERROR_503"), base::http_code(503));
}

TEST(ErrorNames, ErrorsOfTheBusHaveCodes) {
  const auto code = [](const char* word) {
    return code_from_error_name(std::string("org.freedesktop.DBus.Error.") + word);
  };
  EXPECT_EQ(code("ServiceUnknown"), Code::RPC_SERVER_UNAVAILABLE);
  EXPECT_EQ(code("NameHasNoOwner"), Code::RPC_SERVER_UNAVAILABLE);
  EXPECT_EQ(code("Spawn.ExecFailed"), Code::RPC_SERVER_UNAVAILABLE);
  EXPECT_EQ(code("NoReply"), Code::RPC_E_DISCONNECTED);
  EXPECT_EQ(code("Disconnected"), Code::RPC_E_DISCONNECTED);
  EXPECT_EQ(code("AccessDenied"), Code::E_ACCESSDENIED);
  EXPECT_EQ(code("InvalidArgs"), Code::E_INVALIDARG);
  EXPECT_EQ(code("SomethingNew"), Code::E_FAIL);
  EXPECT_EQ(code_from_error_name("com.example.Oops"), Code::E_FAIL);
  EXPECT_EQ(code_from_error_name("org.backhaul.Error.BG_E_FROM_THE_FUTURE"), Code::E_FAIL);
}

TEST(ErrorNames, ALostConnectionIsDisconnected) {
  EXPECT_EQ(failure_from_errno(-ENOTCONN).code(), Code::RPC_E_DISCONNECTED);
  EXPECT_EQ(failure_from_errno(-ECONNRESET).code(), Code::RPC_E_DISCONNECTED);
  EXPECT_EQ(failure_from_errno(-EBADMSG).code(), Code::RPC_X_BAD_STUB_DATA);
}

TEST(Utf8, ValidTextIsLeftAlone) {
  for (const char* text : {"", "plain", "grün", "€", "😀"}) {
    EXPECT_TRUE(is_valid_utf8(text)) << text;
    EXPECT_EQ(to_valid_utf8(text), text);
  }
}

TEST(Utf8, WhatTheBusWouldRefuseIsReplaced) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(to_valid_utf8("a\xFFz"), "a" + mark + "z");
  EXPECT_EQ(to_valid_utf8("\xC3"), mark);                            // cut off
  EXPECT_EQ(to_valid_utf8("\xC0\xAF"), mark + mark);                 // overlong
  EXPECT_EQ(to_valid_utf8("\xED\xA0\x80"), mark + mark + mark);      // surrogate
  EXPECT_EQ(to_valid_utf8("\xF4\x90\x80\x80"), mark + mark + mark + mark);
  EXPECT_EQ(to_valid_utf8(std::string("a\0b", 3)), "a" + mark + "b");
}

}  // namespace
}  // namespace backhaul::bus
