// SPDX-License-Identifier: Apache-2.0
// One file on its way: which request comes next, what the head of its answer means, and where the
// bytes go. Redirects, a second request from byte 0 and the rest after a short range are further
// requests of the same transfer; from outside it is one. Knows nothing of handles and loops.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "adapters/curl/certificate.h"
#include "base/time.h"
#include "core/http.h"
#include "core/judge.h"
#include "ports/events.h"
#include "ports/transport.h"

namespace backhaul::curl {

// Outcome of a request as the library tells it; the error is asked for only if needed.
struct RequestEnd {
  bool ok = false;
  std::function<base::Error()> error;
};

class Transfer {
 public:
  // `room` is handed to the sink when it is full.
  Transfer(ports::TransferRequest request, ports::Sink& sink, ports::Inbox& inbox,
           std::function<void()> room);

  // --- the request that is to be made or runs
  const std::string& url() const { return url_; }
  std::string host() const { return core::url_host(url_); }
  std::uint64_t offset() const { return asked_.offset; }
  std::string if_range() const;
  base::TransferId id() const { return request_.transfer; }
  bool is_background() const { return request_.priority != base::Priority::foreground; }

  // --- when the connection stands, in front of the request: false breaks it
  bool wants_certificates() const;
  bool connected(std::optional<PeerCertificates> peer);

  // --- what arrives: false and `stop` break the connection
  bool header(std::string_view line);
  enum class Take : std::uint8_t { all, pause, stop };
  Take body(std::span<const std::byte> data);

  bool paused() const { return paused_; }
  void unpause() { paused_ = false; }

  // --- the end of a request: either another one, or the end of the transfer
  std::optional<ports::TransferEnded> request_ended(const RequestEnd& end);

 private:
  // What is to be done when the running request is over.
  enum class Plan : std::uint8_t { none, file, follow, refetch, finish, fail, ask };

  void begin_request(std::string url);
  bool decide();
  bool judge();
  bool keep_reading() const;
  void accept(const core::Verdict& verdict, bool restarted);
  void announce(const core::RemoteIdentity& identity, bool restarted);
  bool fail(base::Error error);
  base::Error broken(std::string text) const;
  std::optional<ports::TransferEnded> follow_redirect();
  std::optional<ports::TransferEnded> file_ended(const RequestEnd& end);
  ports::TransferEnded ended(std::optional<base::Error> error = {});

  const ports::TransferRequest request_;
  ports::Sink& sink_;
  ports::Inbox& inbox_;
  const std::function<void()> room_;

  // Of the transfer.
  core::RemoteRecord asked_;
  core::RemoteIdentity identity_;
  std::uint32_t epoch_;
  bool announced_ = false;
  bool refetching_ = false;  // the next bytes are the file from its begin, in a new epoch
  bool paused_ = false;

  // Of the request.
  std::string url_;
  int redirects_ = 0;
  Plan plan_ = Plan::none;
  core::HeadParser parser_;
  std::size_t head_bytes_ = 0;
  std::string location_;
  std::string retry_after_;
  std::optional<base::Error> failure_;
  std::optional<ports::UnknownServer> unknown_server_;
  std::uint64_t start_ = 0;                // where the body begins in the file
  std::uint64_t received_ = 0;             // of the body
  std::optional<std::uint64_t> expected_;  // of the body, as Content-Range tells
};

}  // namespace backhaul::curl
