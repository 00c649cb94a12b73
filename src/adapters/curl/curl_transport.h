// SPDX-License-Identifier: Apache-2.0
// Transport over libcurl's multi socket interface in the loop of the service. libcurl does HTTP;
// what an answer means for the file, and which request follows it, is decided in core::Conversation.
// A transfer has an easy handle of its own, so that nothing that a server gave it (cookies, TLS
// sessions, answers to credentials) outlives it. Connections live in the multi handle of their owner and of
// what was let pass of their certificates, of which libcurl knows nothing, and of the kind of source; of these it uses
// one again only where its own TLS settings and the proxy are equal.
//
// By which way a request goes is looked up for each, redirects included, before libcurl has it: the desktop
// and the network are asked in a process of their own (proxy_finder.h).
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/curl/easy.h"
#include "adapters/curl/multi.h"
#include "adapters/curl/proxy_finder.h"
#include "adapters/curl/revocation_lists.h"
#include "adapters/curl/settings.h"
#include "adapters/curl/sockets.h"
#include "adapters/curl/throttle.h"
#include "adapters/curl/transfer.h"
#include "adapters/curl/windows.h"
#include "base/log.h"
#include "loop/loop.h"
#include "ports/events.h"
#include "ports/owners_files.h"
#include "ports/sealer.h"
#include "ports/transport.h"

namespace backhaul::curl {

class CurlTransport final : public ports::Transport {
 public:
  CurlTransport(loop::Loop& loop, ports::Inbox& inbox, base::Log& log, ports::Sealer& sealer,
                ports::OwnersFiles& owners_files, CurlSettings settings = {});
  ~CurlTransport() override;

  void start(ports::TransferRequest request, ports::Sink& sink) override;
  void stop(base::TransferId transfer) override;
  void hold_off(base::TransferId transfer, std::set<std::string> origins) override;
  void limit(const core::RateLimits& limits) override;
  void set_standing(base::TransferId transfer, core::Standing standing) override;
  core::Reading reading(const base::JobId& job) const override {
    return {.rate = throttle_.rate(job), .impact = windows_.impact(job)};
  }
  std::uint64_t octets_of_neighbours() const override { return charges_.of_neighbours(); }

 private:
  struct Running;

  struct Pool {
    std::uint32_t owner = 0;
    std::uint32_t tls = 0;  // core::security bits
    core::SourceKind kind = core::SourceKind::origin;
    std::string authority{};  // which vouched for the cache of a site
    std::string place{};      // where that was found
    auto operator<=>(const Pool&) const = default;
  };

  Multi& connections_of(const Pool& pool);
  base::Result<void> admit(ports::TransferRequest& request) const;
  std::unique_ptr<Easy> handle_for(const ports::TransferRequest& request);
  using CertificateRead = base::Result<std::shared_ptr<const ClientCertificate>>;
  void read_certificate(Running& running);
  static loop::Callback certificate_told(std::weak_ptr<CurlTransport*> transport, base::TransferId id,
                                         CertificateRead certificate);
  void send(Running& running);
  void go_by(base::TransferId transfer, base::Result<std::vector<std::string>> proxies);
  void ask(Running& running);
  void take_back(Running& running);
  bool tries_otherwise(Running& running, CURLcode result);
  void request_ended(Running& running, const RequestEnd& end);
  void request_done(CURL* handle, CURLcode result);
  void end(ports::TransferEnded ended);
  void rest();
  void resume();
  void use_socket(CURL* handle, curl_socket_t fd);
  void read_on(Running& running);
  base::Microseconds silence_limit(const Transfer& transfer) const;
  void check_silence();
  void watch_silence(const Running& running);

  loop::Loop& loop_;
  ports::Inbox& inbox_;
  base::Log& log_;
  ports::Sealer& sealer_;
  ports::OwnersFiles& owners_files_;
  const CurlSettings settings_;
  std::map<std::uint32_t, core::OriginMemory> memories_;  // of each owner: by his proxy others may answer
  RevocationLists lists_;
  Sockets sockets_;
  ProxyFinder finder_;
  loop::Worker own_reader_;  // of the certificate of this machine
  Throttle throttle_;
  Charges charges_;
  Windows windows_;
  std::map<Pool, Multi> connections_;
  std::unordered_map<base::TransferId, std::unique_ptr<Running>> running_;
  // Sinks call back later than their transfer, or we, may live.
  std::shared_ptr<CurlTransport*> self_;
  std::vector<base::TransferId> with_room_;
  loop::Deferred resume_;  // never inside a callback of libcurl
  loop::Timer silence_;
  base::BootTime silence_due_ = base::never;  // when it is armed for
  loop::Timer spare_;  // until its end memory stays for the next transfers
};

}  // namespace backhaul::curl
