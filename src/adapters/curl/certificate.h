// SPDX-License-Identifier: Apache-2.0
// The certificates that the server at the other end of a connection showed, once TLS stands. Asked
// of OpenSSL, the TLS library of our libcurl, because libcurl tells them only to the request that
// made the connection, and a connection that is used again matters as much.
#pragma once

#include <curl/curl.h>

#include <optional>
#include <string>
#include <vector>

namespace backhaul::curl {

struct PeerCertificates {
  std::string sha256;              // of the server's own, 64 lower-case hex digits
  std::vector<std::string> chain;  // DER; the server's own first, then up to the root as verified
};

// Only inside a callback of libcurl. Unset: there is no TLS, or none that could be asked.
std::optional<PeerCertificates> peer_certificates(CURL* handle);

// For a context of OpenSSL that libcurl made (SSL_CTX*): the end of a connection that TLS does not
// confirm is an error. libcurl takes it for the end of a body that has neither length nor chunks.
void insist_on_tls_end(void* context);

}  // namespace backhaul::curl
