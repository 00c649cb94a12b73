// SPDX-License-Identifier: Apache-2.0
// What the owner of a job lets pass of the certificates of its servers, and what has to be checked beside
// the usual (http-and-network.md §5). Each bit passes its own complaint of OpenSSL and no other: nothing is
// ever switched off as a whole.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace backhaul::curl {

class ClientCertificate;
class RevocationLists;

class TlsCheck {
 public:
  // core::security bits. `lists`: where those of certificates come from; it outlives this.
  TlsCheck(std::uint32_t flags, const RevocationLists& lists);
  // For every connection that the handle makes from now on; the handle is cleaned up before this is gone.
  void apply(CURL* handle);
  // … with this certificate, which outlives them; null: none.
  void show(CURL* handle, const ClientCertificate* certificate);
  // The certificates of this file as well, beside those that the system knows; empty: those alone. Before show().
  void also_trust(CURL* handle, const std::string& authority);

  // Of the request that has ended: where the lists are that were missing to check a certificate.
  std::vector<std::string> take_missing_lists();
  void forget();

  struct Notes;  // shared with the sessions, which may outlast the transfer

 private:
  static CURLcode on_context(CURL*, void* context, void* self) noexcept;

  const std::uint32_t flags_;
  const RevocationLists& lists_;
  std::shared_ptr<Notes> notes_;
  const ClientCertificate* certificate_ = nullptr;
  std::string authority_;
};

}  // namespace backhaul::curl
