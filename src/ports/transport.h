// SPDX-License-Identifier: Apache-2.0
// Transport: what is missing of one file, asked of one source. Loop thread only.
//
// What is asked, and what the answers are, core::Conversation says: the adapter makes its requests
// ("Accept-Encoding: identity", at most 10 redirects; credentials in the URL and headers that may hold
// some (core/custom_headers.h) are not carried to another server; credentials of the job are sent as its
// ask says, and never by another scheme; cookies and whatever else a server gave only within the transfer;
// by the proxies that the options name and no others; connections only among transfers of one owner and
// equal TLS settings, and none of those that credentials were bound to), asks it in the header callback of
// each final response, before the first body byte, and does what it says with the body: into the open
// part, into a new one (sink.restart(next_epoch)), or nowhere. What it asks to be compared is compared
// with sink.held(). Where its server told a digest of the content of a body (core::Conversation::content_digest), it
// takes one of the bytes as they come; what is denied by it counts nothing (TransferEnded::denied). It remembers the
// habits of origins (core::OriginMemory) as long as it lives, for each owner.
//
// Where `accepted` is set, every https server that the request comes to, redirects included, is held
// against it, on a connection that is used again as well: after the TLS library's own check and before
// the request is sent. One that is not in it ends the transfer with unknown_server; nothing was sent to
// it. A source of kind peer is asked over TLS 1.3 with the certificate of this machine, and only if its key is the one
// that the source names, or its authority vouches for it; nothing of the job goes along (options, secrets, accepted),
// no proxy is between, nothing of it counts for limits and budgets, and two seconds without a byte end it.
//
// Nor does anything of the job go along to a site's cache, a site's proxy or a swarm. The cache is asked directly, and
// its certificate may be of the authority that the source names; the proxy is asked for the address of the file; a swarm
// is asked over a socket of this machine, and nothing of it counts. Where the source has a patience, a transfer that has
// nothing by then is over, and one that comes to a stop ten seconds later.
//
// Several transfers may fill one sink, each with a share of the file (RemoteRecord::share); none of them ends its data.
//
// Of a transfer that asks for the identity alone (RemoteRecord::identity_only) the sink is not touched: HeadReceived, in
// which nothing is told where the server takes no HEAD, and TransferEnded with asked_only. Else it posts HeadReceived when a body is used, fills the sink, pauses when the sink is full, and posts
// TransferEnded exactly once unless it was stopped. No progress for 5 minutes is WINHTTP_TIMEOUT.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "base/ids.h"
#include "core/certificate.h"
#include "core/conversation.h"
#include "core/owner.h"
#include "core/pieces.h"
#include "core/rare.h"
#include "core/rate_limiter.h"
#include "core/reading.h"
#include "core/request_options.h"
#include "core/secrets.h"
#include "core/source.h"
#include "core/standing.h"
#include "ports/files.h"

namespace backhaul::ports {

struct TransferRequest {
  base::TransferId transfer{};
  base::JobId job{};
  core::Source source;
  core::RemoteRecord record;     // what is held, and what is wanted
  std::uint32_t epoch = 0;       // of the part that is open
  std::uint32_t next_epoch = 1;  // of a new one
  core::Standing standing{};
  core::RequestOptions options{};
  std::optional<core::AcceptedServers> accepted;  // unset: nobody wants to be asked
  core::Owner owner{};  // nothing of a connection is shared with another account
  core::Rare<core::SecretsOfJob> secrets{};  // opened when they are sent, and wiped behind that
  // peer: what its pieces have to be. One that comes whole and is another ends the transfer, with TransferEnded::denied.
  std::optional<core::Pieces> pieces{};
};

class Transport {
 public:
  virtual ~Transport() = default;
  virtual void start(TransferRequest request, Sink& sink) = 0;
  // Aborts; the sink is not touched any more when this returns, and nothing is posted for this
  // transfer afterwards. Unknown numbers are ignored.
  virtual void stop(base::TransferId transfer) = 0;
  // From now on no redirect of this transfer leads to these origins, in the place of those in its record.
  // Unknown numbers are ignored.
  virtual void hold_off(base::TransferId transfer, std::set<std::string> origins) = 0;
  // What background transfers are kept to from now on, those that are under way included. What is copied
  // on this machine uses no bandwidth.
  virtual void limit(const core::RateLimits& limits) = 0;
  // Its job stands otherwise now. Unknown numbers are ignored.
  virtual void set_standing(base::TransferId transfer, core::Standing standing) = 0;
  // What is measured of its transfers together, over the last seconds.
  virtual core::Reading reading(const base::JobId& job) const = 0;
  // Of files, that came from neighbours and were of use, since it began.
  virtual std::uint64_t octets_of_neighbours() const { return 0; }
};

}  // namespace backhaul::ports
