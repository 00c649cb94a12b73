// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/neighbour.h"

#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <string_view>

#include "adapters/curl/certificate.h"
#include "adapters/curl/client_certificate.h"
#include "adapters/curl/option.h"
#include "base/hex.h"
#include "os/sha256.h"

namespace backhaul::curl {
namespace {

constexpr std::size_t key_digits = 64;

CURLcode add_certificate(CURL*, void* context, void* certificate) noexcept {
  return static_cast<const ClientCertificate*>(certificate)->add_to(static_cast<SSL_CTX*>(context))
             ? CURLE_OK
             : CURLE_SSL_CERTPROBLEM;
}

curl_socket_t open_closing(void*, curlsocktype, curl_sockaddr* address) noexcept {
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// One that is sent all the same is nobody's.
std::size_t drop_body(char*, std::size_t, std::size_t, void*) noexcept { return 0; }

}  // namespace

bool NeighbourProof::tells() const {
  if (!authority.empty() || introduces) return true;
  return key.size() == key_digits && base::is_lower_hex(key);
}

std::string key_shown(CURL* handle) {
  ssl_st* tls = tls_of(handle);
  const X509* shown = tls == nullptr ? nullptr : SSL_get0_peer_certificate(tls);
  if (shown == nullptr || X509_cmp_current_time(X509_get0_notBefore(shown)) >= 0 ||
      X509_cmp_current_time(X509_get0_notAfter(shown)) <= 0)
    return {};
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(shown), &der);
  if (size <= 0) return {};
  std::string key = os::sha256({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return key;
}

bool is_meant(CURL* handle, const NeighbourProof& proof) {
  return !proof.key.empty() && key_shown(handle).starts_with(proof.key);
}

// Those of the system do not, of which libcurl would otherwise read a folder beside the file.
void trust_alone(CURL* handle, const std::string& authority) {
  constexpr const char* nothing = nullptr;
  const std::string revoked = authority + ".crl";
  const bool has_list = !authority.empty() && access(revoked.c_str(), F_OK) == 0;
  set(handle, CURLOPT_CAPATH, nothing);
  set(handle, CURLOPT_CAINFO, authority.empty() ? nothing : authority.c_str());
  set(handle, CURLOPT_CRLFILE, has_list ? revoked.c_str() : nothing);
  set(handle, CURLOPT_CA_CACHE_TIMEOUT, 0L);  // both files are read for every connection
}

// Whose name stands in the certificate counts for nothing: neighbours are found by their addresses.
void be_strict(CURL* handle, const NeighbourProof& proof) {
  BH_ASSERT(proof.tells());
  constexpr const char* nothing = nullptr;
  const bool vouched = !proof.authority.empty();
  set(handle, CURLOPT_PROTOCOLS_STR, "https");
  set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_3));
  trust_alone(handle, proof.authority);
  set(handle, CURLOPT_SSL_VERIFYPEER, vouched ? 1L : 0L);
  set(handle, CURLOPT_SSL_VERIFYHOST, 0L);
  set(handle, CURLOPT_PROXY, "");
  set(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(handle, CURLOPT_FOLLOWLOCATION, 0L);
  set(handle, CURLOPT_COOKIEFILE, nothing);
  set(handle, CURLOPT_FRESH_CONNECT, 1L);
  set(handle, CURLOPT_FORBID_REUSE, 1L);
}

void prepare_question(CURL* handle, const std::string& url, const NeighbourProof& proof,
                      const ClientCertificate& certificate, curl_slist* fields) {
  be_strict(handle, proof);
  show_machine(handle, certificate);
  set(handle, CURLOPT_URL, url.c_str());
  set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(handle, CURLOPT_HTTPHEADER, fields);
  set(handle, CURLOPT_USERAGENT, "backhaul/" BH_VERSION);
  set(handle, CURLOPT_WRITEFUNCTION, &drop_body);
  set(handle, CURLOPT_OPENSOCKETFUNCTION, &open_closing);
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_QUICK_EXIT, 1L);
}

void show_machine(CURL* handle, const ClientCertificate& certificate) {
  ClientCertificate::choose(handle, &certificate);
  set(handle, CURLOPT_SSL_CTX_FUNCTION, &add_certificate);
  set(handle, CURLOPT_SSL_CTX_DATA, const_cast<ClientCertificate*>(&certificate));
}

}  // namespace backhaul::curl
