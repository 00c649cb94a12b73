// SPDX-License-Identifier: Apache-2.0
// The easy handle of one transfer, with everything that is the same for its requests set once; what differs is set
// by prepare(). The callbacks lead to a Transfer, or stop the request when there is none.
#pragma once

#include <curl/curl.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "adapters/curl/client_certificate.h"
#include "adapters/curl/revocation_lists.h"
#include "adapters/curl/settings.h"
#include "adapters/curl/sockets.h"
#include "adapters/curl/tls_check.h"
#include "adapters/curl/tls_end.h"
#include "adapters/curl/transfer.h"
#include "base/result.h"
#include "base/time.h"
#include "loop/loop.h"

namespace backhaul::curl {

// Lower effort (RFC 8622) for sockets of background transfers, the default class for the rest.
void mark_socket(curl_socket_t fd, bool background);

class Easy {
 public:
  Easy(const loop::Loop& loop, const CurlSettings& settings, const core::RequestOptions& options,
       const RevocationLists& lists, Sockets& sockets);
  ~Easy();
  Easy(const Easy&) = delete;
  Easy& operator=(const Easy&) = delete;

  CURL* handle() const { return handle_; }
  static Easy& of(CURL* handle);

  // For the next request of `transfer`, or for the same one again, which must stay until release(), by this way. `certificate`: of its
  // job, null for none; it stays as long.
  void prepare(Transfer& transfer, const Via& via, const ClientCertificate* certificate);
  void release() {
    transfer_ = nullptr;
    tls_end_.forget();
  }
  Transfer* transfer() const { return transfer_; }

  // When its server gave a sign of life last, or the request was made: for the clock of silence.
  base::BootTime last_sign_of_life() const { return last_sign_of_life_; }
  void restart_clock() { last_sign_of_life_ = loop_.now(); }
  base::Error error(CURLcode result) const;
  // Of the request that has ended: it was not sent, because something lay on the connection that was kept for it. The same
  // one again, which prepare() gives a connection of its own.
  bool met_unread() const { return met_unread_; }
  // Of the request that has ended: its server was never reached, which another proxy might have done.
  bool failed_on_the_way(CURLcode result) const;
  // … where the lists are that its certificates have to be held against.
  std::vector<std::string> take_missing_lists() { return tls_check_.take_missing_lists(); }
  // Of the request that has ended: nobody cut its connection.
  bool end_confirmed() const { return tls_end_.confirmed(); }
  // Of the request that has ended: RequestEnd::proxy_offers.
  std::optional<core::Schemes> proxy_offers() const;

 private:
  int shortage(CURLcode result) const;
  void set_method(const base::Method& method);
  void show_to_neighbour(const Transfer& transfer, const ClientCertificate* certificate);
  void go_to_site(const core::Source& source);
  void show_identity(const Transfer& transfer, const ClientCertificate* certificate);
  bool may_ask_on(const Ends& connection);
  static int on_connected(void* self, char* peer, char* own, int peer_port, int own_port) noexcept;
  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) noexcept;
  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) noexcept;
  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address) noexcept;
  static int on_new_socket(void* self, curl_socket_t fd, curlsocktype) noexcept;

  const loop::Loop& loop_;
  Sockets& sockets_;
  CURL* handle_;
  Transfer* transfer_ = nullptr;
  // Of the request.
  bool met_unread_ = false;
  std::vector<curl_socket_t> made_;  // sockets; none: its connection was kept
  int socket_error_ = 0;  // errno of the last socket that could not be made
  unsigned refused_before_ = 0;  // allocations, when it began
  bool asked_ = false;           // it was sent, or is just being sent
  base::BootTime last_sign_of_life_{};
  TlsEnd tls_end_;
  TlsCheck tls_check_;
  std::string proxy_;  // as it may be shown
  HeaderList fields_;
  HeaderList proxy_fields_;
  HeaderList place_;  // where a cache was found
  std::array<char, CURL_ERROR_SIZE> detail_{};
};

}  // namespace backhaul::curl
