// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/errors.h"

#include <errno.h>
#include <gtest/gtest.h>

namespace backhaul::curl {
namespace {

using base::Code;

Code code_of(CURLcode result, long verify_result = 0, long os_error = 0,
             std::string_view detail = {}) {
  return to_error({result, verify_result, os_error, detail, "example.org"}).code;
}

TEST(CurlErrors, ResultsBecomeTheCodesThatProgramsCompare) {
  EXPECT_EQ(code_of(CURLE_OPERATION_TIMEDOUT), Code::WINHTTP_TIMEOUT);
  EXPECT_EQ(code_of(CURLE_URL_MALFORMAT), Code::WINHTTP_INVALID_URL);
  EXPECT_EQ(code_of(CURLE_COULDNT_RESOLVE_HOST), Code::WINHTTP_NAME_NOT_RESOLVED);
  EXPECT_EQ(code_of(CURLE_COULDNT_RESOLVE_PROXY), Code::WINHTTP_NAME_NOT_RESOLVED);
  EXPECT_EQ(code_of(CURLE_COULDNT_CONNECT), Code::WINHTTP_CANNOT_CONNECT);
  EXPECT_EQ(code_of(CURLE_COULDNT_CONNECT, 0, ENETUNREACH), Code::CAN_NOT_COMPLETE);
  EXPECT_EQ(code_of(CURLE_SEND_ERROR), Code::WINHTTP_CONNECTION_ERROR);
  EXPECT_EQ(code_of(CURLE_RECV_ERROR), Code::WINHTTP_CONNECTION_ERROR);
  EXPECT_EQ(code_of(CURLE_GOT_NOTHING), Code::WINHTTP_CONNECTION_ERROR);
  EXPECT_EQ(code_of(CURLE_PARTIAL_FILE), Code::WINHTTP_CONNECTION_ERROR);
  EXPECT_EQ(code_of(CURLE_WEIRD_SERVER_REPLY), Code::WINHTTP_INVALID_SERVER_RESPONSE);
  EXPECT_EQ(code_of(CURLE_TOO_MANY_REDIRECTS), Code::WINHTTP_REDIRECT_FAILED);
  EXPECT_EQ(code_of(CURLE_SSL_CONNECT_ERROR), Code::WINHTTP_SECURE_FAILURE);
  for (const char* cut : {"OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to h:443 ",
                          "Recv failure: Connection reset by peer", "OpenSSL SSL_connect: Connection reset by peer",
                          "TLS connect error: error:0A000126:SSL routines::unexpected eof while reading"})
    EXPECT_EQ(code_of(CURLE_SSL_CONNECT_ERROR, 0, 0, cut), Code::WINHTTP_CONNECTION_ERROR) << cut;
  EXPECT_EQ(code_of(CURLE_SSL_CERTPROBLEM), Code::WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY);
}

TEST(CurlErrors, ALineThatLibcurlHasNoRoomForIsNoShortageOfOurs) {
  Failure failure{.result = CURLE_OUT_OF_MEMORY, .detail = "Out of memory", .host = "example.org"};
  failure.asked = true;
  EXPECT_EQ(to_error(failure).code, Code::BG_E_INVALID_SERVER_RESPONSE);
  EXPECT_EQ(to_error(failure).text, "the head of the answer is too long (example.org)");
  failure.asked = false;
  EXPECT_EQ(to_error(failure).code, Code::WINHTTP_INVALID_SERVER_RESPONSE);
  EXPECT_EQ(to_error(failure).text, "An answer on the way to the server is too long (example.org)");
  failure.shortage = ENOMEM;
  EXPECT_EQ(to_error(failure).code, Code::E_OUTOFMEMORY);
}

TEST(CurlErrors, ACodingThatNobodyAskedForIsNoFileAndNoMatterWhereAPageSaysNo) {
  Failure failure{.result = CURLE_BAD_CONTENT_ENCODING, .detail = "Unsolicited Transfer-Encoding (gzip) found", .host = "example.org"};
  EXPECT_EQ(to_error(failure).code, Code::WINHTTP_INVALID_SERVER_RESPONSE) << "of a proxy, in front of the request";
  failure.asked = true;
  for (const long status : {200L, 206L, 302L}) {
    failure.status = status;
    EXPECT_EQ(to_error(failure).code, Code::BG_E_INVALID_SERVER_RESPONSE);
    EXPECT_EQ(to_error(failure).text, "Unsolicited Transfer-Encoding (gzip) found (example.org)");
  }
  failure.status = 503;
  EXPECT_EQ(to_error(failure).code, base::http_code(503));
  EXPECT_EQ(to_error(failure).text, "HTTP 503 from example.org");
}

TEST(CurlErrors, EachComplaintAboutACertificateHasItsCode) {
  const auto complaint = [](long verify) {
    return code_of(CURLE_PEER_FAILED_VERIFICATION, verify);
  };
  EXPECT_EQ(complaint(0), Code::WINHTTP_SECURE_CERT_CN_INVALID);
  EXPECT_EQ(complaint(1), Code::WINHTTP_SECURE_CERT_CN_INVALID);
  EXPECT_EQ(complaint(9), Code::WINHTTP_SECURE_CERT_DATE_INVALID);
  EXPECT_EQ(complaint(10), Code::WINHTTP_SECURE_CERT_DATE_INVALID);
  EXPECT_EQ(complaint(18), Code::WINHTTP_SECURE_INVALID_CA);
  EXPECT_EQ(complaint(20), Code::WINHTTP_SECURE_INVALID_CA);
  EXPECT_EQ(complaint(23), Code::WINHTTP_SECURE_CERT_REVOKED);
  EXPECT_EQ(complaint(3), Code::WINHTTP_SECURE_CERT_REV_FAILED);
  EXPECT_EQ(complaint(26), Code::WINHTTP_SECURE_CERT_WRONG_USAGE);
  EXPECT_EQ(complaint(7), Code::WINHTTP_SECURE_FAILURE);
}

TEST(CurlErrors, AServerThatWantsACertificateIsRecognisedByItsAlert) {
  constexpr std::string_view alert = "tlsv13 alert certificate required, errno 0";
  EXPECT_EQ(code_of(CURLE_RECV_ERROR, 0, 0, alert), Code::WINHTTP_CLIENT_AUTH_CERT_NEEDED);
  EXPECT_EQ(code_of(CURLE_SSL_CONNECT_ERROR, 0, 0, alert), Code::WINHTTP_CLIENT_AUTH_CERT_NEEDED);
}

TEST(CurlErrors, TextsNameCauseAndHostOnce) {
  EXPECT_EQ(to_error({CURLE_SSL_CONNECT_ERROR, 0, 0, "OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version number",
                      "example.org"}).text,
            "The server does not speak TLS at this port (example.org)");
  EXPECT_EQ(to_error({CURLE_RECV_ERROR, 0, 0, "Connection reset by peer", "example.org"}).text,
            "Connection reset by peer (example.org)");
  EXPECT_EQ(to_error({CURLE_COULDNT_RESOLVE_HOST, 0, 0, "Could not resolve host: example.org",
                      "example.org"})
                .text,
            "Could not resolve host: example.org");
  EXPECT_EQ(to_error({CURLE_GOT_NOTHING, 0, 0, {}, "example.org"}).text,
            std::string(curl_easy_strerror(CURLE_GOT_NOTHING)) + " (example.org)");
}

}  // namespace
}  // namespace backhaul::curl
