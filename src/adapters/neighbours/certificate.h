// SPDX-License-Identifier: Apache-2.0
// Certificates of machines, and by what key one is known. The certificates of neighbours are judged here by OpenSSL, as
// those of servers are by the other side of a transfer; GnuTLS, which libmicrohttpd speaks TLS with, only carries them.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace backhaul::neighbours {

struct FreesOpenssl {
  void operator()(X509* one) const { X509_free(one); }
  void operator()(X509_STORE* one) const { X509_STORE_free(one); }
  void operator()(X509_STORE_CTX* one) const { X509_STORE_CTX_free(one); }
  void operator()(EVP_PKEY* one) const { EVP_PKEY_free(one); }
  void operator()(BIO* one) const { BIO_free_all(one); }
};
template <class T>
using Openssl = std::unique_ptr<T, FreesOpenssl>;

// Null: it is none.
Openssl<X509> certificate_of_der(std::string_view der);
Openssl<X509> certificate_of_pem(std::string_view pem);

// SHA-256 over the SubjectPublicKeyInfo, in lower-case hex: a machine is this key, whatever certificate it shows.
std::string key_of(const X509& certificate);

enum class InForce : std::uint8_t { yes, not_yet, no_longer };
InForce in_force(const X509& certificate);

}  // namespace backhaul::neighbours
