// SPDX-License-Identifier: Apache-2.0
// Transport over libcurl's multi socket interface in the loop of the service. libcurl does HTTP;
// what an answer means for the file, and which request follows it, is decided in core::Conversation.
// A transfer has an easy handle of its own, so that nothing that a server gave it (cookies, TLS
// sessions, answers to credentials) outlives it. Connections live in the multi handle of their owner;
// libcurl uses one again only where the TLS and the proxy settings are equal.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "adapters/curl/easy.h"
#include "adapters/curl/multi.h"
#include "adapters/curl/settings.h"
#include "adapters/curl/transfer.h"
#include "base/log.h"
#include "loop/loop.h"
#include "ports/events.h"
#include "ports/sealer.h"
#include "ports/transport.h"

namespace backhaul::curl {

class CurlTransport final : public ports::Transport {
 public:
  CurlTransport(loop::Loop& loop, ports::Inbox& inbox, base::Log& log, ports::Sealer& sealer,
                CurlSettings settings = {});
  ~CurlTransport() override;

  void start(ports::TransferRequest request, ports::Sink& sink) override;
  void stop(base::TransferId transfer) override;

 private:
  struct Running;

  Multi& connections_of(std::uint32_t owner);
  void send(Running& running);
  void request_done(CURL* handle, CURLcode result);
  void end(ports::TransferEnded ended);
  void resume();
  void check_silence();
  void watch_silence(const Running& running);

  loop::Loop& loop_;
  ports::Inbox& inbox_;
  base::Log& log_;
  ports::Sealer& sealer_;
  const CurlSettings settings_;
  core::OriginMemory memory_;
  std::map<std::uint32_t, Multi> connections_;  // by owner
  std::unordered_map<base::TransferId, std::unique_ptr<Running>> running_;
  // Sinks call back later than their transfer, or we, may live.
  std::shared_ptr<CurlTransport*> self_;
  std::vector<base::TransferId> with_room_;
  loop::Deferred resume_;  // never inside a callback of libcurl
  loop::Timer silence_;
};

}  // namespace backhaul::curl
