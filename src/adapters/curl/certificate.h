// SPDX-License-Identifier: Apache-2.0
// The certificates that the server at the other end of a connection showed, once TLS stands. Asked
// of OpenSSL, the TLS library of our libcurl, because libcurl tells them only to the request that
// made the connection, and a connection that is used again matters as much.
#pragma once

#include <curl/curl.h>

#include <optional>
#include <string>
#include <vector>

struct ssl_st;

namespace backhaul::curl {

struct PeerCertificates {
  std::string sha256;              // of the server's own, 64 lower-case hex digits
  std::vector<std::string> chain;  // DER; the server's own first, then up to the root as verified
};

// Only inside a callback of libcurl. Unset: there is no TLS, or none that could be asked.
std::optional<PeerCertificates> peer_certificates(CURL* handle);

// The session of the connection that a request uses, likewise; null without TLS.
ssl_st* tls_of(CURL* handle);

}  // namespace backhaul::curl
