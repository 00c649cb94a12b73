// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/tls_end.h"

#include <openssl/ssl.h>

#include <memory>
#include <utility>

#include "adapters/curl/certificate.h"

namespace backhaul::curl {

namespace {

using Note = std::shared_ptr<bool>;

void free_note(void*, void* note, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<Note*>(note); }

// Where a session notes that its peer said so. Its own state forgets it: libcurl resets that when it
// closes the connection.
int mark() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, &free_note);
  return index;
}

void on_event(const SSL* session, int where, int alert) {
  const bool close_notify = (alert & 0xFF) == SSL_AD_CLOSE_NOTIFY;
  if ((where & SSL_CB_READ_ALERT) != SSL_CB_READ_ALERT || !close_notify) return;
  if (auto* note = static_cast<Note*>(SSL_get_ex_data(session, mark()))) **note = true;
}

}  // namespace

void TlsEnd::watch(CURL* handle) {
  forget();
  SSL* session = tls_of(handle);
  if (session == nullptr) return;
  auto confirmed = std::make_shared<bool>(false);
  // A connection that is used again has the note of the request before.
  if (auto* note = static_cast<Note*>(SSL_get_ex_data(session, mark()))) {
    *note = confirmed;
  } else {
    auto made = std::make_unique<Note>(confirmed);
    if (SSL_set_ex_data(session, mark(), made.get()) != 1) return;
    made.release();
    SSL_set_info_callback(session, &on_event);
  }
  confirmed_ = std::move(confirmed);
}

}  // namespace backhaul::curl
