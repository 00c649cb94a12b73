// SPDX-License-Identifier: Apache-2.0
// How the TLS of a connection ended. A body that has neither a length nor chunks ends with its
// connection, and only TLS can tell that from a connection which somebody cut; libcurl takes both for
// the end.
#pragma once

#include <curl/curl.h>

struct ssl_st;

namespace backhaul::curl {

class TlsEnd {
 public:
  TlsEnd() = default;
  ~TlsEnd() { forget(); }
  TlsEnd(const TlsEnd&) = delete;
  TlsEnd& operator=(const TlsEnd&) = delete;

  // The connection of a request that begins; inside a callback of libcurl.
  void watch(CURL* handle);
  void forget();
  // The peer said that it sends no more; true where there is no TLS.
  bool confirmed() const;

 private:
  ssl_st* session_ = nullptr;  // ours as well: libcurl is done with it before the request has ended
};

}  // namespace backhaul::curl
