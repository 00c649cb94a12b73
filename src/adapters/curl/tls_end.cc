// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/tls_end.h"

#include <openssl/ssl.h>

#include "adapters/curl/certificate.h"

namespace backhaul::curl {

namespace {

// Where a session notes that its peer said so. Its own state forgets it: libcurl resets that when it
// closes the connection, which it does before it tells us that the request has ended.
int mark() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

void on_event(const SSL* session, int where, int alert) {
  const bool close_notify = (alert & 0xFF) == SSL_AD_CLOSE_NOTIFY;
  if ((where & SSL_CB_READ_ALERT) != SSL_CB_READ_ALERT || !close_notify) return;
  SSL* noted = const_cast<SSL*>(session);
  SSL_set_ex_data(noted, mark(), noted);  // anything but null
}

}  // namespace

void TlsEnd::watch(CURL* handle) {
  SSL* session = tls_of(handle);
  if (session != nullptr && SSL_up_ref(session) != 1) session = nullptr;
  forget();
  session_ = session;
  if (session == nullptr) return;
  SSL_set_ex_data(session, mark(), nullptr);
  SSL_set_info_callback(session, &on_event);
}

void TlsEnd::forget() {
  SSL_free(session_);
  session_ = nullptr;
}

bool TlsEnd::confirmed() const {
  return session_ == nullptr || SSL_get_ex_data(session_, mark()) != nullptr;
}

}  // namespace backhaul::curl
