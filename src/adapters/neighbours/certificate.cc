// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/certificate.h"

#include <openssl/bio.h>
#include <openssl/pem.h>

#include "os/sha256.h"

namespace backhaul::neighbours {

Openssl<X509> certificate_of_der(std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  return Openssl<X509>(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

Openssl<X509> certificate_of_pem(std::string_view pem) {
  const Openssl<BIO> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  // Nobody is there to be asked for a password.
  return Openssl<X509>(PEM_read_bio_X509(text.get(), nullptr, [](char*, int, int, void*) { return -1; }, nullptr));
}

std::string key_of(const X509& certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(&certificate), &der);
  if (size <= 0) return {};
  std::string key = os::sha256({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return key;
}

InForce in_force(const X509& certificate) {
  if (X509_cmp_current_time(X509_get0_notBefore(&certificate)) >= 0) return InForce::not_yet;
  return X509_cmp_current_time(X509_get0_notAfter(&certificate)) <= 0 ? InForce::no_longer : InForce::yes;
}

}  // namespace backhaul::neighbours
