// SPDX-License-Identifier: Apache-2.0
// The client certificate of one transfer: read from its file by a worker, because a file may be on a
// server that does not answer, and given to OpenSSL, which then holds the only copy of the key; libcurl is told no
// path. One in a token stays there: libcurl names it to the engine "pkcs11", which asks p11-kit for it.
#pragma once

#include <curl/curl.h>
#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "core/client_certificate.h"
#include "ports/owners_files.h"

namespace backhaul::curl {

// The content of a file, with the rights of whoever named it.
using ReadFile = ports::OwnersFiles::Read;

class ClientCertificate {
 public:
  // Blocking; for a worker. Errors as of ports::Files::check, of general_transport.
  static base::Result<std::shared_ptr<const ClientCertificate>> read(const core::ClientCertificate& named,
                                                                     const base::Secret& pass_phrase,
                                                                     const ReadFile& read);
  // Likewise what this machine is known to its neighbours by, with the rights of the service.
  static base::Result<std::shared_ptr<const ClientCertificate>> read_of_machine(const std::string& certificate,
                                                                                const std::string& key);

  // For the requests that the handle makes from now on; null: none is shown.
  static void choose(CURL* handle, const ClientCertificate* certificate);
  // Into the context of a connection, where it is no token. False: OpenSSL does not take it.
  bool add_to(SSL_CTX* context) const;
  bool is_token() const { return !token_.empty(); }
  // SHA-256 of its public key (SubjectPublicKeyInfo), in lower-case hex; empty: it is in a token.
  std::string public_key() const;

 private:
  template <class T, void (*Free)(T*)>
  struct Freed {
    void operator()(T* value) const { Free(value); }
  };
  using CertificateRef = std::unique_ptr<X509, Freed<X509, &X509_free>>;
  using KeyRef = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, &EVP_PKEY_free>>;

  base::Result<void> read_files(const core::ClientCertificate& named, const base::Secret& pass_phrase,
                                const ReadFile& read);
  bool read_pkcs12(const base::Secret& content, const base::Secret& pass_phrase);
  void read_pem(const base::Secret& content);

  std::vector<CertificateRef> chain_;  // its own first
  KeyRef key_;
  std::string token_;      // URIs
  std::string token_key_;
  base::Secret pin_;
};

}  // namespace backhaul::curl
