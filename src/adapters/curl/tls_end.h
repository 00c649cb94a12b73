// SPDX-License-Identifier: Apache-2.0
// How the TLS of a connection ended. A body that has neither a length nor chunks ends with its
// connection, and only TLS can tell that from a connection which somebody cut; libcurl takes both for
// the end.
#pragma once

#include <curl/curl.h>

#include <memory>

namespace backhaul::curl {

class TlsEnd {
 public:
  // The connection of a request that begins; inside a callback of libcurl.
  void watch(CURL* handle);
  void forget() { confirmed_.reset(); }
  // The peer said that it sends no more; true where there is no TLS.
  bool confirmed() const { return confirmed_ == nullptr || *confirmed_; }

 private:
  // Shared with the session, which libcurl ends before it tells us that the request has ended. The
  // session itself cannot be kept: what it reads from belongs to libcurl.
  std::shared_ptr<const bool> confirmed_;
};

}  // namespace backhaul::curl
