// SPDX-License-Identifier: Apache-2.0
// One file on its way: makes the requests of a core::Conversation and moves the bytes of their answers
// where it says. From outside they are one transfer. Knows nothing of handles and loops.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "adapters/curl/certificate.h"
#include "adapters/curl/charges.h"
#include "adapters/curl/identity.h"
#include "adapters/curl/neighbour.h"
#include "adapters/curl/piece_check.h"
#include "adapters/curl/throttle.h"
#include "base/time.h"
#include "core/byteranges.h"
#include "core/http.h"
#include "core/conversation.h"
#include "os/hash.h"
#include "ports/events.h"
#include "ports/transport.h"

namespace backhaul::curl {

// Outcome of a request as the library tells it; the error is asked for only if needed.
struct RequestEnd {
  bool ok = false;
  std::function<base::Error()> error;
  bool confirmed = true;  // the connection ended in good order, if it did
  // A proxy made no tunnel before it knows who asks: what it would take.
  std::optional<core::Schemes> proxy_offers{};
};

class Transfer {
 public:
  // `room` is handed to the sink when it is full.
  Transfer(ports::TransferRequest request, ports::Sink& sink, ports::Inbox& inbox,
           core::OriginMemory& memory, ports::Sealer& sealer, Throttle& throttle, Charges& charges,
           std::function<void()> room);
  ~Transfer() { throttle_.ended(id()); }

  // --- the request that is to be made or runs
  const core::Ask& ask() const { return conversation_.ask(); }
  const Identity& identity() const { return identity_; }
  std::string host() const { return core::url_host(ask().url); }
  const base::JobId& job() const { return request_.job; }
  base::TransferId id() const { return request_.transfer; }
  const core::Owner& owner() const { return request_.owner; }
  const core::RequestOptions& options() const { return request_.options; }
  // By whose bandwidth it goes.
  base::Priority paced_as() const {
    return is_neighbours() || (near_ && throttle_.spares_near()) ? base::Priority::foreground : standing_.priority;
  }
  // Of the own site: nothing of its job goes there, and no limit of the network's uplink is for it.
  bool is_neighbours() const { return request_.source.kind == core::SourceKind::peer; }
  const core::Source& source() const { return request_.source; }
  // Of the request that runs.
  bool brings_bytes() const { return received_ > 0; }
  NeighbourProof proof() const { return {.key = request_.source.neighbour, .authority = request_.source.authority}; }
  bool is_background() const { return standing_.served_as != base::Priority::foreground; }
  void set_standing(core::Standing standing);

  // --- when the connection stands, in front of the request: false breaks it
  bool wants_certificates() const;
  bool connected(std::optional<PeerCertificates> peer);
  bool stranger_answers();  // instead of the neighbour that is meant

  // --- what arrives: false and `stop` break the connection
  bool header(std::string_view line);
  enum class Take : std::uint8_t { all, pause, stop };
  Take body(std::span<const std::byte> data);
  // Whether its server showed since the last call that it works on the answer: by the end of a head, or by bytes of a
  // body that is used. Interim answers (1xx), lines of a head that does not end, a page that nobody wants and trailers
  // show nothing: whoever sends those alone has not answered, however long.
  bool gave_sign_of_life() { return std::exchange(alive_, false); }
  // Of the request: what came is not the whole head of an answer.
  bool has_begun_head() const { return head_bytes_ > 0 && !head_ended_; }

  // The sink is full, or there is no bandwidth.
  bool paused() const { return full_ || held_; }
  void has_room() { full_ = false; }
  void has_bandwidth() { held_ = false; }

  void hold_off(std::set<std::string> origins) { conversation_.hold_off(std::move(origins)); }

  // --- the end of a request: either another one, or the end of the transfer
  std::optional<ports::TransferEnded> request_ended(const RequestEnd& end);

 private:
  void begin_request();
  bool begins_another_round(std::string_view line) const;
  bool decide();
  bool keep_reading() const;
  void begin_body();
  void collect(std::span<const std::byte> data);
  bool settle();
  void keep_end(std::span<const std::byte> data);
  void came(std::size_t size);  // without having been asked for
  void charge(std::size_t size);
  Take drop(std::size_t size);
  std::size_t granted(std::size_t size);  // of a piece, with what was used of it before
  void kept(std::size_t size);
  void hash(std::span<const std::byte> data);
  void put_back(std::size_t size);
  void give_back(std::size_t left, std::size_t end);  // what is left of what was granted
  Take used(std::size_t end, std::size_t size);
  Take take(std::span<const std::byte> data);
  Take take_parts(std::span<const std::byte> data);
  std::optional<std::size_t> next_of_parts(std::span<const std::byte> data);
  bool write(std::span<const std::byte> data);
  void announce();
  bool fail(base::Error error);
  base::Error broken(std::string text) const;
  ports::TransferEnded ended(core::Ending ending);

  const ports::TransferRequest request_;
  ports::Sink& sink_;
  ports::Inbox& inbox_;
  Throttle& throttle_;
  Charges& charges_;
  const std::function<void()> room_;
  const Identity identity_;
  core::Conversation conversation_;

  // Of the transfer.
  std::uint32_t epoch_;
  std::uint32_t next_epoch_;
  bool announced_ = false;
  // As a file for whoever asked, of no version that was told, and as one that may still be denied.
  std::tuple<bool, bool, bool> announced_remarks_;
  bool full_ = false;
  bool held_ = false;
  core::Standing standing_;
  std::optional<PieceCheck> pieces_;  // of a neighbour's bytes
  std::optional<core::Extent> denied_;
  std::string anchor_;               // the bytes that were at hand first, where others follow
  std::optional<std::string> tail_;  // the last bytes of the body before, where its end was to be kept
  std::uint64_t tail_from_ = 0;      // their place in the part

  // Of the request.
  core::HeadParser parser_;
  bool near_ = false;  // its server is one of the own network: not counted
  bool head_ended_ = false;
  bool alive_ = false;
  int rounds_ = 0;  // of a scheme that takes several
  std::size_t head_bytes_ = 0;
  std::optional<base::Error> failure_;  // what the conversation does not know of
  std::optional<ports::UnknownServer> unknown_server_;
  core::Body body_;
  std::uint64_t received_ = 0;  // of the body
  std::uint64_t place_ = 0;     // in the part, of the next byte that is used
  bool settled_ = true;         // what was to be compared has been
  std::string sample_;          // of the body, for that
  std::string first_;           // taken from the body, and not by the sink yet
  std::optional<core::ByteRanges> parts_;  // a body in parts
  std::optional<os::Hash> content_;  // of all its bytes, where its server told a digest of them
  std::size_t taken_ahead_ = 0;  // bytes of a piece that will be offered again, and were used
};

}  // namespace backhaul::curl
