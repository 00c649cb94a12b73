// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/errors.h"

#include <errno.h>

#include <cstring>

#include "core/shown_url.h"

namespace backhaul::curl {
namespace {

using base::Code;

// X509_V_ERR_…: numbers of OpenSSL's stable interface, which libcurl hands through.
Code code_of_certificate(long verify_result) {
  switch (verify_result) {
    case 0:   // the chain is good, so it is the name: libcurl compares names itself
    case 1:   // … and does so before it asks for the result, when this is what it began with
    case 62:  // HOSTNAME_MISMATCH
    case 64:  // IP_ADDRESS_MISMATCH
      return Code::WINHTTP_SECURE_CERT_CN_INVALID;
    case 9:   // CERT_NOT_YET_VALID
    case 10:  // CERT_HAS_EXPIRED
    case 13:  // ERROR_IN_CERT_NOT_BEFORE_FIELD
    case 14:  // ERROR_IN_CERT_NOT_AFTER_FIELD
      return Code::WINHTTP_SECURE_CERT_DATE_INVALID;
    case 2:   // UNABLE_TO_GET_ISSUER_CERT
    case 18:  // DEPTH_ZERO_SELF_SIGNED_CERT
    case 19:  // SELF_SIGNED_CERT_IN_CHAIN
    case 20:  // UNABLE_TO_GET_ISSUER_CERT_LOCALLY
    case 21:  // UNABLE_TO_VERIFY_LEAF_SIGNATURE
    case 24:  // INVALID_CA
    case 27:  // CERT_UNTRUSTED
    case 28:  // CERT_REJECTED
      return Code::WINHTTP_SECURE_INVALID_CA;
    case 3:   // UNABLE_TO_GET_CRL
    case 4:   // UNABLE_TO_DECRYPT_CRL_SIGNATURE
    case 8:   // CRL_SIGNATURE_FAILURE
    case 11:  // CRL_NOT_YET_VALID
    case 12:  // CRL_HAS_EXPIRED
    case 15:  // ERROR_IN_CRL_LAST_UPDATE_FIELD
    case 16:  // ERROR_IN_CRL_NEXT_UPDATE_FIELD
    case 33:  // UNABLE_TO_GET_CRL_ISSUER
    case 35:  // KEYUSAGE_NO_CRL_SIGN
    case 36:  // UNHANDLED_CRITICAL_CRL_EXTENSION
    case 44:  // DIFFERENT_CRL_SCOPE
      return Code::WINHTTP_SECURE_CERT_REV_FAILED;
    case 23:  // CERT_REVOKED
      return Code::WINHTTP_SECURE_CERT_REVOKED;
    case 26:  // INVALID_PURPOSE
      return Code::WINHTTP_SECURE_CERT_WRONG_USAGE;
    default:
      return Code::WINHTTP_SECURE_FAILURE;
  }
}

// With TLS 1.3 the server's refusal arrives as an alert on the first read.
bool wants_client_certificate(std::string_view detail) {
  return detail.find("certificate required") != std::string_view::npos;
}

// What OpenSSL says of a first record that is none: http on the port of https.
bool is_no_tls(const Failure& failure) {
  return failure.result == CURLE_SSL_CONNECT_ERROR &&
         (failure.detail.find("wrong version number") != std::string_view::npos ||
          failure.detail.find("packet length too long") != std::string_view::npos);
}

// The connection went in mid-handshake: of such a server nothing is known but that.
bool is_cut_off(const Failure& failure) {
  return failure.result == CURLE_SSL_CONNECT_ERROR &&
         (failure.detail.find("SSL_ERROR_SYSCALL") != std::string_view::npos ||
          failure.detail.find("Connection reset") != std::string_view::npos ||
          failure.detail.find("unexpected eof") != std::string_view::npos);
}

// libcurl gives up a line beyond its limit as if there were no memory for it (newer ones have a code, or
// a text, of their own). Before anything was asked it is the answer of a proxy.
bool is_head_too_long(const Failure& failure) {
  constexpr int too_large = 100;  // CURLE_TOO_LARGE, since 8.6
  return failure.asked && (failure.result == CURLE_OUT_OF_MEMORY || failure.result == too_large ||
                           failure.detail.find("Too large response header") != std::string_view::npos);
}

// Newer libcurls (8.14) refuse a transfer coding that nobody asked for before its head has ended. Of an answer with the
// file, or of a page that says no, this is what core::Conversation says. Where it would have led on (a redirect, a login,
// Retry-After) the older ones do, and these end here.
base::Error of_coded_answer(const Failure& failure, std::string_view cause) {
  if (failure.status >= 400)
    return {base::http_code(static_cast<unsigned>(failure.status)), base::ErrorContext::remote_file,
            "HTTP " + std::to_string(failure.status) + " from " + std::string(failure.host)};
  return {Code::BG_E_INVALID_SERVER_RESPONSE, base::ErrorContext::remote_file,
          with_host(core::shown_text(cause), failure.host)};
}

Code code_of_connect(long os_error) {
  const bool no_route = os_error == ENETUNREACH || os_error == EHOSTUNREACH;
  return no_route ? Code::CAN_NOT_COMPLETE : Code::WINHTTP_CANNOT_CONNECT;
}

Code code_of(const Failure& failure) {
  switch (failure.result) {
    case CURLE_OPERATION_TIMEDOUT: return Code::WINHTTP_TIMEOUT;
    case CURLE_URL_MALFORMAT: return Code::WINHTTP_INVALID_URL;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: return Code::WINHTTP_NAME_NOT_RESOLVED;
    case CURLE_COULDNT_CONNECT:
    case CURLE_INTERFACE_FAILED: return code_of_connect(failure.os_error);
    case CURLE_PROXY: return Code::WINHTTP_CANNOT_CONNECT;
    // The scheme is checked before: this is an answer without a status line (HTTP/0.9).
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_RANGE_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return Code::WINHTTP_INVALID_SERVER_RESPONSE;
    case CURLE_TOO_MANY_REDIRECTS: return Code::WINHTTP_REDIRECT_FAILED;
    case CURLE_PEER_FAILED_VERIFICATION: return code_of_certificate(failure.verify_result);
    case CURLE_SSL_ISSUER_ERROR: return Code::WINHTTP_SECURE_INVALID_CA;
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_INVALIDCERTSTATUS: return Code::WINHTTP_SECURE_CERT_REV_FAILED;
    case CURLE_SSL_CLIENTCERT: return Code::WINHTTP_CLIENT_AUTH_CERT_NEEDED;
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_CERTPROBLEM: return Code::WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY;
    case CURLE_SSL_CONNECT_ERROR:
      if (is_cut_off(failure)) return Code::WINHTTP_CONNECTION_ERROR;
      return wants_client_certificate(failure.detail) ? Code::WINHTTP_CLIENT_AUTH_CERT_NEEDED
                                                      : Code::WINHTTP_SECURE_FAILURE;
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_USE_SSL_FAILED: return Code::WINHTTP_SECURE_FAILURE;
    case CURLE_OUT_OF_MEMORY: return Code::WINHTTP_INVALID_SERVER_RESPONSE;  // see is_head_too_long()
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return wants_client_certificate(failure.detail) ? Code::WINHTTP_CLIENT_AUTH_CERT_NEEDED
                                                      : Code::WINHTTP_CONNECTION_ERROR;
    // GOT_NOTHING, PARTIAL_FILE, and what else ends a connection.
    default: return Code::WINHTTP_CONNECTION_ERROR;
  }
}

std::string by_proxy(std::string text, std::string_view proxy) {
  if (proxy.empty()) return text;
  return text.append(", by the proxy ").append(proxy);
}

}  // namespace

std::string with_host(std::string_view cause, std::string_view host) {
  std::string text(cause);
  if (!host.empty() && cause.find(host) == std::string_view::npos) {
    text.append(" (").append(host).append(")");
  }
  return text;
}

base::Error to_error(const Failure& failure) {
  if (failure.shortage != 0)
    return {base::code_from_errno(failure.shortage), base::ErrorContext::general_transport,
            std::strerror(failure.shortage)};
  if (is_head_too_long(failure))
    return {Code::BG_E_INVALID_SERVER_RESPONSE, base::ErrorContext::remote_file,
            with_host("the head of the answer is too long", failure.host)};
  if (failure.tunnel_status >= 300)
    return {base::http_code(static_cast<unsigned>(failure.tunnel_status)), base::ErrorContext::remote_file,
            "HTTP " + std::to_string(failure.tunnel_status) + " from the proxy " +
                std::string(failure.proxy)};
  if (!failure.asked && !failure.proxy.empty() && failure.result == CURLE_COULDNT_RESOLVE_PROXY)
    return {Code::WINHTTP_NAME_NOT_RESOLVED, base::ErrorContext::general_transport,
            "Could not resolve the proxy " + std::string(failure.proxy)};
  std::string_view cause = failure.detail.empty() ? curl_easy_strerror(failure.result) : failure.detail;
  if (failure.asked && failure.result == CURLE_BAD_CONTENT_ENCODING) return of_coded_answer(failure, cause);
  if (failure.result == CURLE_OUT_OF_MEMORY) cause = "An answer on the way to the server is too long";
  if (is_no_tls(failure)) cause = "The server does not speak TLS at this port";
  return {code_of(failure), base::ErrorContext::general_transport,
          by_proxy(with_host(core::shown_text(cause), failure.host), failure.proxy)};
}

}  // namespace backhaul::curl
