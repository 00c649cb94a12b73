// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/certificate.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <memory>
#include <span>

#include "base/hex.h"

namespace backhaul::curl {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
void free_chain(STACK_OF(X509) * chain) { sk_X509_pop_free(chain, &X509_free); }
using Chain = std::unique_ptr<STACK_OF(X509), decltype(&free_chain)>;

std::string sha256_of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &length) != 1) return {};
  return base::to_hex(std::span(digest.data(), length));
}

std::string der_of(const X509* certificate) {
  const int length = i2d_X509(certificate, nullptr);
  if (length <= 0) return {};
  std::string der(static_cast<std::size_t>(length), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  return i2d_X509(certificate, &out) == length ? der : std::string();
}

// What the check went through. A session that was resumed has had none: then it is built again,
// of what the server sent with the first one, and the same authorities.
Chain verified_chain(SSL* tls, X509* leaf) {
  if (STACK_OF(X509)* chain = SSL_get0_verified_chain(tls))
    return {X509_chain_up_ref(chain), &free_chain};
  return {X509_build_chain(leaf, SSL_get_peer_cert_chain(tls),
                           SSL_CTX_get_cert_store(SSL_get_SSL_CTX(tls)), 1, nullptr, nullptr),
          &free_chain};
}

}  // namespace

SSL* tls_of(CURL* handle) {
  curl_tlssessioninfo* info = nullptr;
  if (curl_easy_getinfo(handle, CURLINFO_TLS_SSL_PTR, &info) != CURLE_OK || info == nullptr)
    return nullptr;
  return info->backend == CURLSSLBACKEND_OPENSSL ? static_cast<SSL*>(info->internals) : nullptr;
}

std::optional<PeerCertificates> peer_certificates(CURL* handle) {
  SSL* const tls = tls_of(handle);
  if (tls == nullptr) return std::nullopt;
  const Certificate leaf(SSL_get1_peer_certificate(tls), &X509_free);
  if (!leaf) return std::nullopt;
  const Chain chain = verified_chain(tls, leaf.get());
  if (!chain) return std::nullopt;
  PeerCertificates peer{.sha256 = sha256_of(leaf.get()), .chain = {}};
  for (int i = 0; i < sk_X509_num(chain.get()); ++i)
    peer.chain.push_back(der_of(sk_X509_value(chain.get(), i)));
  if (peer.sha256.empty() || peer.chain.empty() || peer.chain.front().empty()) return std::nullopt;
  return peer;
}

}  // namespace backhaul::curl
