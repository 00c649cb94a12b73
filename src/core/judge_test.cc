// SPDX-License-Identifier: Apache-2.0
#include "core/judge.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace backhaul::core {
namespace {

using base::Code;
using enum Relation;

constexpr std::uint64_t untold = base::size_unknown;
constexpr const char* monday = "Mon, 07 Nov 1994 08:49:37 GMT";
constexpr const char* monday_850 = "Monday, 07-Nov-94 08:49:37 GMT";
constexpr const char* tuesday = "Tue, 08 Nov 1994 08:49:37 GMT";
constexpr const char* v1 = "\"v1\"";
constexpr const char* v2 = "\"v2\"";

RemoteIdentity version(std::uint64_t size, std::string modified, std::string etag = {},
                       std::string encoding = {}) {
  return {.size = size,
          .last_modified = std::move(modified),
          .etag = std::move(etag),
          .encoding = std::move(encoding)};
}

struct Case {
  RemoteIdentity held;
  RemoteIdentity told;
  Relation whole;
  Relation part;
};

void check(const std::vector<Case>& cases) {
  int number = 0;
  for (const Case& c : cases) {
    SCOPED_TRACE(++number);
    EXPECT_EQ(static_cast<int>(relate(c.held, c.told, false)), static_cast<int>(c.whole));
    EXPECT_EQ(static_cast<int>(relate(c.held, c.told, true)), static_cast<int>(c.part));
  }
}

TEST(Relate, AValidatorThatAgreesAndNothingThatDiffersIsTheSameFile) {
  check({
      {version(100, monday), version(100, monday), same, same},
      {version(100, monday), version(100, monday_850), same, same},
      {version(100, monday, v1), version(untold, monday), same, same},
      {version(untold, {}, v1), version(100, tuesday, v1), same, same},
      {version(100, monday, "W/\"a\""), version(100, monday, "W/\"b\""), same, same},
      {version(100, monday, v1), version(100, monday, "W/\"v2\""), same, same},
      {version(100, "yesterday"), version(100, "yesterday"), same, same},
  });
}

TEST(Relate, OneThatDiffersWhileTheOtherAgreesLeavesItToTheBytes) {
  check({
      {version(100, monday, v1), version(100, monday, v2), doubtful, doubtful},
      {version(100, monday, v1), version(untold, tuesday, v1), doubtful, doubtful},
  });
}

TEST(Relate, AnotherVersionIsProvenByItsValidators) {
  check({
      {version(100, monday), version(100, tuesday), other, other},
      {version(100, monday, v1), version(100, tuesday, v2), other, other},
      {version(100, monday, v1), version(100, tuesday), other, other},
      {version(100, {}, v1), version(100, monday, v2), other, other},
      {version(100, monday), version(80, tuesday), other, other},
      {version(100, monday, v1), version(80, monday, v2), other, other},
      {version(100, monday, {}, "gzip"), version(100, tuesday), other, other},
  });
}

TEST(Relate, TheSameValidatorsAndAnotherLengthContradict) {
  check({
      {version(100, monday, v1), version(80, monday, v1), contradiction, contradiction},
      {version(100, monday, v1), version(0, monday), contradiction, contradiction},
      {version(100, {}, v1), version(80, {}, v1), contradiction, contradiction},
  });
}

TEST(Relate, WithoutTheValidatorThatIsHeldNothingIsProven) {
  check({
      {version(100, monday), version(100, {}), unproven, unproven},
      {version(100, monday), version(780, {}), unproven, unproven},
      {version(100, {}, v1), version(0, {}), unproven, unproven},
      {version(100, {}, v1), version(100, monday), unproven, unproven},
      {version(100, monday), version(100, {}, v1), unproven, unproven},
      {version(untold, monday), version(untold, {}, "W/\"a\""), unproven, unproven},
  });
}

TEST(Relate, WhereNoneWasEverToldTheBytesDecideOrTheTotal) {
  check({
      {version(100, {}), version(100, {}), doubtful, doubtful},
      {version(untold, {}), version(100, {}), doubtful, doubtful},
      {version(100, {}), version(untold, monday), doubtful, doubtful},
      {version(100, {}, "W/\"a\""), version(100, {}, "W/\"a\""), doubtful, doubtful},
      {version(100, {}), version(120, {}), contradiction, other},
  });
}

TEST(Relate, AnotherCodingIsAnotherFileOfTheSameVersion) {
  check({
      {version(100, monday, {}, "gzip"), version(100, monday, {}, "gzip"), same, same},
      {version(100, monday), version(100, monday, {}, "gzip"), contradiction, contradiction},
      {version(100, monday, {}, "gzip"), version(100, monday, {}, "br"), contradiction,
       contradiction},
      // A 206 may leave it out; a 200 that does is not encoded.
      {version(100, monday, {}, "gzip"), version(100, monday), contradiction, same},
  });
}

TEST(ToldBy, AContentLengthTellsTheSizeOnlyWhereItFramesTheWholeFile) {
  const auto told = [](std::initializer_list<std::string> lines) {
    HeadParser parser;
    for (const auto& line : lines) parser.line(line);
    return told_by(parser.head());
  };
  EXPECT_EQ(told({"HTTP/1.1 200 OK", "Content-Length: 5"}).size, 5U);
  EXPECT_EQ(told({"HTTP/1.1 200 OK", "Content-Length: 5", "Transfer-Encoding: chunked"}).size, untold);
  EXPECT_EQ(told({"HTTP/1.1 206 x", "Content-Length: 5", "Content-Range: bytes 3-7/9"}).size, 9U);
  EXPECT_EQ(told({"HTTP/1.1 206 x", "Content-Length: 5", "Content-Range: bytes 3-7/*"}).size, untold);
  EXPECT_EQ(told({"HTTP/1.1 200 OK", "Content-Encoding: gzip"}).encoding, "gzip");
}

TEST(ToldBy, OnlyTheEndOfTheConnectionEndsWhatHasNeitherLengthNorChunks) {
  const auto told = [](std::initializer_list<std::string> lines) {
    HeadParser parser;
    for (const auto& line : lines) parser.line(line);
    return told_by(parser.head()).end_untold;
  };
  EXPECT_TRUE(told({"HTTP/1.1 200 OK"}));
  EXPECT_FALSE(told({"HTTP/1.1 200 OK", "Content-Length: 5"}));
  EXPECT_FALSE(told({"HTTP/1.1 200 OK", "Transfer-Encoding: chunked"}));
}

// --- classes -----------------------------------------------------------------------------------

TEST(Classify, HttpByTheRuleOfTheApplication) {
  for (unsigned status = 100; status < 1000; ++status) {
    bool fatal = status >= 200 && status < 300;  // not the file, and no reason to wait for it
    if (status >= 300 && status < 400) fatal = status <= 305 || status == 307 || status == 308;
    if (status >= 400 && status < 500) fatal = status != 408 && status != 409 && status != 425 && status != 429;
    if (status == 501 || status == 505) fatal = true;
    EXPECT_EQ(classify(base::http_code(status)) == ErrorClass::fatal, fatal) << status;
    EXPECT_NE(classify(base::http_code(status)), ErrorClass::waits_for_event) << status;
  }
}

TEST(Classify, EveryNamedJobError) {
  using enum Code;
  for (Code code : {BG_E_DESTINATION_LOCKED, BG_E_NETWORK_DISCONNECTED, BG_E_BLOCKED_BY_POLICY,
                    BG_E_BLOCKED_BY_COST_TRANSFER_POLICY, BG_E_STANDBY_MODE,
                    BG_E_BLOCKED_BY_BATTERY_POLICY, BG_E_BLOCKED_BY_BATTERY_SAVER,
                    BG_E_BLOCKED_BY_BACKGROUND_ACCESS_POLICY, BG_E_BLOCKED_BY_GAME_MODE,
                    BG_E_BLOCKED_BY_SYSTEM_POLICY})
    EXPECT_EQ(classify(code), ErrorClass::waits_for_event) << base::symbol(code);
  for (Code code : {BG_E_SESSION_NOT_FOUND, BG_E_NO_PROGRESS, BG_E_CONNECT_FAILURE,
                    BG_E_CONNECTION_CLOSED, BG_E_WATCHDOG_TIMEOUT, SHARING_VIOLATION, NOT_LOGGED_ON,
                    WINHTTP_TIMEOUT, WINHTTP_NAME_NOT_RESOLVED, WINHTTP_CANNOT_CONNECT,
                    WINHTTP_CONNECTION_ERROR, WINHTTP_INVALID_SERVER_RESPONSE, CAN_NOT_COMPLETE})
    EXPECT_EQ(classify(code), ErrorClass::transient) << base::symbol(code);
  for (Code code : {E_OUTOFMEMORY, TOO_MANY_OPEN_FILES})
    EXPECT_EQ(classify(code), ErrorClass::shortage) << base::symbol(code);
  for (Code code :
       {BG_E_VOLUME_CHANGED, BG_E_MISSING_FILE_SIZE, BG_E_INSUFFICIENT_HTTP_SUPPORT,
        BG_E_INSUFFICIENT_RANGE_SUPPORT, BG_E_INVALID_SERVER_RESPONSE, BG_E_LOCAL_FILE_CHANGED,
        BG_E_TOO_LARGE, BG_E_CLIENT_SERVER_PROTOCOL_MISMATCH, BG_E_SERVER_EXECUTE_ENABLE,
        BG_E_INVALID_RANGE, BG_E_INVALID_PROXY_INFO, BG_E_VALIDATION_FAILED,
        BG_E_MAXDOWNLOAD_TIMEOUT, BG_E_TOKEN_REQUIRED, BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED,
        BG_E_REMOTE_FILE_CHANGED, BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED, FILE_NOT_FOUND,
        PATH_NOT_FOUND, DISK_FULL, WRITE_FAULT, E_ACCESSDENIED, E_INVALIDARG, E_FAIL, E_UNEXPECTED,
        WINHTTP_INVALID_URL, WINHTTP_UNRECOGNIZED_SCHEME, WINHTTP_REDIRECT_FAILED,
        WINHTTP_SECURE_CERT_DATE_INVALID, WINHTTP_SECURE_CERT_CN_INVALID,
        WINHTTP_CLIENT_AUTH_CERT_NEEDED, WINHTTP_SECURE_INVALID_CA, WINHTTP_SECURE_CERT_REV_FAILED,
        WINHTTP_SECURE_CERT_REVOKED, WINHTTP_SECURE_FAILURE, WINHTTP_SECURE_CERT_WRONG_USAGE,
        WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY})
    EXPECT_EQ(classify(code), ErrorClass::fatal) << base::symbol(code);
}

TEST(Classify, UnnamedConnectionTroubleIsTransientUnnamedLocalTroubleIsNot) {
  EXPECT_EQ(classify(Code{0x80072EE0U}), ErrorClass::transient);  // 12000, the first of WinHTTP's
  EXPECT_EQ(classify(Code{0x800732C7U}), ErrorClass::transient);  // 12999, the last
  EXPECT_EQ(classify(Code{0x80072EDFU}), ErrorClass::fatal);
  EXPECT_EQ(classify(Code{0x800732C8U}), ErrorClass::fatal);
  EXPECT_EQ(classify(Code{0x80070001U}), ErrorClass::fatal);
  EXPECT_EQ(classify(Code{0x81234567U}), ErrorClass::fatal);
}

}  // namespace
}  // namespace backhaul::core
