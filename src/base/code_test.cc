// SPDX-License-Identifier: Apache-2.0
#include "base/code.h"

#include <cerrno>
#include <set>

#include <gtest/gtest.h>

namespace backhaul::base {
namespace {

constexpr Code all[] = {
#define X(symbol, value, text) Code::symbol,
#include "base/codes.def"
#undef X
};

TEST(Code, NumbersAndSymbolsAreUnique) {
  std::set<std::uint32_t> numbers;
  std::set<std::string> symbols;
  for (Code code : all) {
    EXPECT_TRUE(numbers.insert(to_number(code)).second) << symbol(code);
    EXPECT_TRUE(symbols.insert(symbol(code)).second) << symbol(code);
  }
}

TEST(Code, EverySymbolLeadsBackToItsCode) {
  for (Code code : all) EXPECT_EQ(code_from_symbol(symbol(code)), code) << symbol(code);
}

TEST(Code, ACodeWithoutSymbolIsWrittenInHexAndReadBack) {
  for (Code code : {Code{0x801901C2U}, Code{0x8007FFFFU}, Code{0x00000002U}, Code{0xFFFFFFFFU}}) {
    const std::string text = symbol(code);
    EXPECT_EQ(text.size(), 9U);
    EXPECT_EQ(text.front(), 'x');
    EXPECT_EQ(code_from_symbol(text), code);
  }
}

TEST(Code, HttpStatusesOfTheSdkHaveSymbols) {
  EXPECT_EQ(symbol(http_code(404)), "BG_E_HTTP_ERROR_404");
  int named = 0;
  for (unsigned status = 0; status < 1000; ++status) {
    const std::string text = symbol(http_code(status));
    named += text.starts_with("BG_E_") ? 1 : 0;
    EXPECT_EQ(code_from_symbol(text), http_code(status)) << text;
  }
  EXPECT_EQ(named, 41);
  EXPECT_EQ(symbol(http_code(418)), "x801901a2");
}

TEST(Code, WhatIsNoSymbolIsRefused) {
  for (const char* text : {"", "x", "x8019019", "x801901944", "x8019019g", "80190194x", "BG_E_NONE",
                           "bg_e_empty", "x+8019019", "x-8019019", "x 8019019",
                           "BG_E_HTTP_ERROR_", "BG_E_HTTP_ERROR_418", "BG_E_HTTP_ERROR_4040"})
    EXPECT_FALSE(code_from_symbol(text)) << text;
}

TEST(Code, SuccessCodesSucceed) {
  EXPECT_TRUE(succeeded(Code::S_OK));
  EXPECT_TRUE(succeeded(Code::S_FALSE));
  EXPECT_TRUE(succeeded(Code::BG_S_PARTIAL_COMPLETE));
  EXPECT_TRUE(failed(Code::BG_E_EMPTY));
  EXPECT_TRUE(failed(http_code(500)));
}

TEST(Code, HttpCodesCarryTheirStatus) {
  for (unsigned status : {100U, 200U, 404U, 416U, 503U, 999U}) {
    EXPECT_TRUE(is_http_code(http_code(status)));
    EXPECT_EQ(http_status(http_code(status)), status);
  }
  EXPECT_FALSE(is_http_code(Code::BG_E_EMPTY));
}

TEST(Code, EveryCodeIsDescribedByASentence) {
  for (Code code : all) {
    const std::string text = describe(code);
    EXPECT_GT(text.size(), 10U) << symbol(code);
    EXPECT_EQ(text.back(), '.') << symbol(code);
  }
  EXPECT_EQ(describe(http_code(404)), "The server answered HTTP 404 (not found).");
  EXPECT_EQ(describe(http_code(499)), "The server answered HTTP 499.");
  EXPECT_EQ(describe(Code{0x80070001U}), "System error 1.");
  EXPECT_EQ(describe(Code{0x81234567U}), "Error 0x81234567.");
}

TEST(Code, FailedSystemCallsGetTheirWindowsNumbers) {
  EXPECT_EQ(code_from_errno(0), Code::S_OK);
  EXPECT_EQ(code_from_errno(ENOENT), Code::FILE_NOT_FOUND);
  EXPECT_EQ(code_from_errno(ENOTDIR), Code::PATH_NOT_FOUND);
  EXPECT_EQ(code_from_errno(EACCES), Code::E_ACCESSDENIED);
  EXPECT_EQ(code_from_errno(EROFS), Code::WRITE_PROTECT);
  EXPECT_EQ(code_from_errno(ENOSPC), Code::DISK_FULL);
  EXPECT_EQ(code_from_errno(EDQUOT), Code::DISK_FULL);
  EXPECT_EQ(code_from_errno(EFBIG), Code::FILE_TOO_LARGE);
  EXPECT_EQ(code_from_errno(EIO), Code::WRITE_FAULT);
  EXPECT_EQ(code_from_errno(EXDEV), Code::BG_E_VOLUME_CHANGED);
  for (int error : {EMFILE, ENFILE}) EXPECT_EQ(code_from_errno(error), Code::TOO_MANY_OPEN_FILES);
  for (int error : {ENOMEM, ENOBUFS}) EXPECT_EQ(code_from_errno(error), Code::E_OUTOFMEMORY);
  EXPECT_EQ(code_from_errno(ENOTTY), Code::E_FAIL);
  for (int error = 1; error < 200; ++error) EXPECT_TRUE(failed(code_from_errno(error))) << error;
}

}  // namespace
}  // namespace backhaul::base
