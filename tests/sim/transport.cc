// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/transport.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/shares.h"
#include "tests/sim/talks.h"

namespace backhaul::sim {
namespace {

using base::Code;
using base::ErrorContext;

constexpr Microseconds patience = std::chrono::minutes(5);
constexpr std::array<std::byte, 1U << 20> bytes{};  // content is described, not sent

Microseconds patience_with(const core::Source& source) {
  if (source.kind == core::SourceKind::peer) return std::chrono::seconds(2);
  return source.patience == Microseconds::zero() ? patience : source.patience;
}

// How many bytes from a place on are all as they should be, or all not.
std::uint64_t same_bytes(const RemoteFile& file, std::uint64_t place) {
  for (const core::Extent& bad : file.bad.list()) {
    if (place < bad.begin) return bad.begin - place;
    if (place < bad.end) return bad.end - place;
  }
  return core::bytes_max;
}

}  // namespace

SimTransport::SimTransport(Stage& stage, Origin& origin, SimNeighbourhood& neighbours, SimSite& site,
                           SimEnvironment& environment, SimSealer& sealer)
    : stage_(stage), origin_(origin), neighbours_(neighbours), site_(site), environment_(environment), sealer_(sealer) {}

RemoteFile* SimTransport::find(const core::Source& source) {
  if (!core::is_of_site(source)) return origin_.find(source.address);
  return source.kind == core::SourceKind::peer ? neighbours_.find(source.address) : site_.find(source);
}

void SimTransport::later(base::TransferId transfer, Microseconds delay, Step step) {
  stage_.timeline.in_service(delay, [this, transfer, step] {
    if (auto it = active_.find(transfer); it != active_.end()) (this->*step)(it->second);
  });
}

void SimTransport::start(ports::TransferRequest request, ports::Sink& sink) {
  stage_.port_call();
  const base::TransferId transfer = request.transfer;
  SimSink& sim_sink = static_cast<SimSink&>(sink);
  if (!ever_.insert(transfer).second) stage_.fail("a transfer number was used twice");
  check_place(request, sim_sink);
  stage_.trace("start #" + std::to_string(static_cast<std::uint64_t>(transfer)) + " from " +
               std::to_string(request.record.held.prefix()) + " " + request.source.address);
  meters_.begin(request.job, now());
  Active& active = active_[transfer];
  active.request = std::move(request);
  active.sink = &sim_sink;
  active.epoch = active.request.epoch;
  active.next_epoch = active.request.next_epoch;
  active.file = find(active.request.source);
  if (core::keeps_copies(active.request.source) && (active.request.source.entrusted || active.request.secrets))
    stage_.fail("somebody else than the origin may be told who asks");
  const auto resolve = [](const std::string&, const std::string& to) -> base::Result<std::string> {
    return to;
  };
  const auto& secrets = active.request.secrets;
  active.talk = std::make_unique<core::Conversation>(
      active.request.source, active.request.record, memory_, resolve, active.request.options,
      secrets ? core::logins_of(secrets->set, {core::AuthScheme::basic}) : core::Logins());
  connect(active);
}

// A file is fetched by one transfer, or by several that are asked for different bytes of it.
void SimTransport::check_place(const ports::TransferRequest& request, const SimSink& sink) {
  const bool share = request.record.share;
  if (share == (sink.transfer() == request.transfer)) stage_.fail("a transfer got the sink of another");
  const bool fits = share ? request.record.held.without(sink.have()).empty() : request.record.held == sink.have();
  if (request.epoch != sink.epoch() || !fits) stage_.fail("a transfer does not continue where its part ends");
  core::Extents asked;
  for (const core::Extent& bytes : request.record.demand.asked) asked.add(bytes);
  if (share && !asked.common(sink.have()).empty()) stage_.fail("a share is asked for that is here");
  std::size_t beside = 0;
  for (const auto& [id, other] : active_) {
    if (other.sink->key() != sink.key()) continue;
    ++beside;
    if (!share || !other.request.record.share) stage_.fail("two transfers of one file");
    if (other.request.source.neighbour == request.source.neighbour) stage_.fail("two shares of one neighbour");
    for (const core::Extent& bytes : other.request.record.demand.asked) {
      core::Extents others;
      others.add(bytes);
      if (!asked.common(others).empty()) stage_.fail("two transfers of the same bytes");
    }
  }
  if (beside > 0) stage_.met("several neighbours send a file");
}

void SimTransport::stop(base::TransferId transfer) {
  stage_.port_call();
  active_.erase(transfer);
  limiter_.ended(transfer, now());
}

void SimTransport::limit(const core::RateLimits& limits) {
  stage_.port_call();
  limiter_.set(limits, now());
  grant_later();
}

void SimTransport::set_standing(base::TransferId transfer, core::Standing standing) {
  stage_.port_call();
  const auto found = active_.find(transfer);
  if (found == active_.end()) return;
  core::Standing& known = found->second.request.standing;
  if (std::exchange(known, standing).priority == standing.priority) return;
  limiter_.ended(transfer, now());
  if (!std::exchange(found->second.held, false)) return;
  later(transfer, Microseconds::zero(), &SimTransport::deliver);
}

// How much of it may be taken now; of nothing it will be told.
std::uint64_t SimTransport::granted(Active& active, std::uint64_t piece) {
  const std::uint64_t some =
      limiter_.take(active.request.transfer, active.request.standing.priority, piece, now());
  active.held = some < piece;
  if (active.held) grant_later();
  return some;
}

void SimTransport::grant_later() {
  const base::BootTime next = std::max(limiter_.next(), now());
  if (limiter_.next() == base::never || next >= granting_) return;
  granting_ = next;
  stage_.timeline.in_service(next - now(), [this, next] {
    if (granting_ != next) return;  // another one comes sooner
    granting_ = base::never;
    grant();
  });
}

void SimTransport::grant() {
  for (const base::TransferId transfer : limiter_.due(now()))
    if (const auto found = active_.find(transfer); found != active_.end() && found->second.held) {
      found->second.held = false;
      deliver(found->second);
    }
  grant_later();
}

void SimTransport::hold_off(base::TransferId transfer, std::set<std::string> origins) {
  stage_.port_call();
  if (auto it = active_.find(transfer); it != active_.end()) it->second.talk->hold_off(std::move(origins));
}

Fault SimTransport::draw_fault(RemoteFile& file) {
  if (!file.faults.empty()) {
    const Fault fault = file.faults.front();
    file.faults.pop_front();
    return fault;
  }
  if (file.always && !stage_.healed) return *file.always;
  if (!stage_.chance(stage_.options.request_fails)) return {};
  static constexpr unsigned statuses[] = {503, 503, 500, 408, 429, 404, 403, 410, 501, 204};
  auto& prng = stage_.prng;
  const std::uint64_t somewhere = prng.below(file.current().size + 1);
  switch (prng.below(12)) {
    case 0: return {FaultKind::refuse};
    case 9: return {FaultKind::redirects};
    case 10: return {FaultKind::piece};
    case 1: {
      Fault fault{FaultKind::status, statuses[prng.below(std::size(statuses))]};
      if (prng.chance(300)) fault.retry_after = std::chrono::seconds(prng.below(900));
      return fault;
    }
    case 2:
    case 3:
    case 4:
    case 5: return {FaultKind::cut, somewhere};
    case 6: return {FaultKind::stall, somewhere};
    case 7: return {FaultKind::whole};
    case 8: {
      static constexpr FaultKind odd[] = {FaultKind::odd_range, FaultKind::encoded, FaultKind::bare,
                                          FaultKind::denies, FaultKind::refuses};
      static constexpr unsigned refusals[] = {304, 400, 403, 405, 416, 501};
      return {odd[prng.below(std::size(odd))], refusals[prng.below(std::size(refusals))]};
    }
    default: return {FaultKind::no_length};
  }
}

void SimTransport::connect(Active& active) {
  ++requests_;
  const base::TransferId transfer = active.request.transfer;
  const bool local = core::is_loopback_host(core::url_host(active.request.source.address));
  if (active.file == nullptr || (!environment_.network_up() && !local)) {
    active.fault = {FaultKind::refuse};
    later(transfer, std::chrono::seconds(1), &SimTransport::receive_head);
    return;
  }
  if (!active.file->servers.empty())
    return later(transfer, active.file->latency, &SimTransport::meet_servers);
  send(active);
  const Microseconds waits = active.request.source.patience;
  if (waits != Microseconds::zero() && active.file->latency > waits) return later(transfer, waits, &SimTransport::give_up);
  later(transfer, active.file->latency, &SimTransport::receive_head);
}

void SimTransport::send(Active& active) {
  ++active.file->requests;
  active.fault = draw_fault(*active.file);
  active.sent = 0;
  active.body = {};
  active.settled = true;
}

// Stops in front of the first server that the job has not accepted.
void SimTransport::meet_servers(Active& active) {
  for (const core::ServerCertificate& server : active.file->servers) {
    if (active.request.accepted && !active.request.accepted->contains(server)) {
      const base::TransferId transfer = active.request.transfer;
      active_.erase(transfer);
      return stage_.post(ports::TransferEnded{
          .transfer = transfer,
          .error = {},
          .retry_after = {},
          .unknown_server = ports::UnknownServer{server, {server.server, server.sha256}}});
    }
    if (on_request) on_request(active.sink->key().job, server);
  }
  send(active);
  receive_head(active);
}

void SimTransport::receive_head(Active& active) {
  if (active.fault.kind == FaultKind::refuse)
    return request_ended(active, base::Error(Code::WINHTTP_CANNOT_CONNECT,
                                             ErrorContext::general_transport, "refused"));
  active.version = active.file->current();
  // Who holds another version is told of this one for the first time: nothing is denied. Nor where the
  // tag is another one with every answer: with another length that is another version.
  if (active.fault.kind == FaultKind::denies &&
      (active.file->varies || !active.sink->holds_only(active.version.number)))
    active.fault = {};
  core::ResponseHead head = answer(*active.file, active.version, active.talk->ask(), active.fault);
  if (!is_let_in(active)) {
    head = {};
    head.status = 401;
    head.server_offers.schemes = {core::AuthScheme::basic};
  }
  active.until = head.content_range && head.status == 206 ? *head.content_range->last + 1 : active.version.size;
  const std::string way = way_of(active.talk->ask(), active.request.record);
  active.body = active.talk->head(head);
  const std::string met = way + ": " + use_of(active.body, active.talk->knows_all_is_here());
  stage_.met(met);
  stage_.trace("head of version " + std::to_string(active.version.number) + ", " + met);
  if (active.talk->knows_all_is_here()) announce(active);
  if (active.body.use == core::Use::drop) return request_ended(active, std::nullopt);
  if (!active.body.boundary.empty()) return begin_parts(active);
  // Nobody takes more than was announced or is expected.
  const std::uint64_t end = active.body.begins + active.body.length.value_or(active.until - active.body.begins);
  active.too_long = end < active.until;
  active.until = std::min(active.until, end);
  active.at = active.body.begins;
  active.settled = active.body.sample == 0;
  if (active.settled) begin_body(active);
  schedule_delivery(active);
}

void SimTransport::begin_parts(Active& active) {
  active.too_long = false;
  announce(active);
  const std::vector<core::ContentRange> parts = parts_of(*active.file, active.version, active.talk->ask());
  active.parts.assign(parts.rbegin(), parts.rend());
  next_part(active);
}

// The next of them, or the end of the body.
void SimTransport::next_part(Active& active) {
  if (active.parts.empty()) return request_ended(active, std::nullopt);
  const core::ContentRange range = active.parts.back();
  active.parts.pop_back();
  if (!range.last) active.talk->parts_broken();
  const auto gap = active.talk->part(range);
  if (!gap) return request_ended(active, base::Error(Code::WINHTTP_CONNECTION_ERROR, "nobody reads on"));
  active.at = *range.first;
  active.until = *range.last + 1;
  active.place = gap->place;
  schedule_delivery(active);
}

std::uint32_t SimTransport::sent_version(const Active& active, std::uint64_t at) {
  return active.file->corrupts || active.file->bad.contains(at) ? garbage : active.version.number;
}

// Opened for the request that shows it, as the real one does.
bool SimTransport::is_let_in(const Active& active) {
  if (!active.file->password) return true;
  const auto login = active.talk->ask().server_login;
  const auto& secrets = active.request.secrets;
  if (!login || !secrets) return false;
  const core::SecretSlot slot = core::slot_of(core::AuthTarget::server, *login);
  const auto sealed = secrets->sealed.find(slot);
  if (sealed == secrets->sealed.end()) {
    stage_.fail("a row names a secret that is not there");
    return false;
  }
  const auto opened = sealer_.open({secrets->job, slot}, sealed->second);
  return opened && core::parted(*opened).password.reveal() == *active.file->password;
}

void SimTransport::begin_body(Active& active) {
  if (active.body.use != core::Use::append) {
    active.epoch = active.next_epoch++;
    active.sink->restart(active.epoch, active.body.use == core::Use::beside);
    active.at = active.body.begins;  // what was only compared comes into the part now
  }
  active.place = active.body.place;
  announce(active);
}

void SimTransport::announce(Active& active) {
  stage_.post(ports::HeadReceived{.transfer = active.request.transfer,
                                  .identity = active.talk->identity(),
                                  .restarted = active.body.use == core::Use::anew ||
                                               active.body.use == core::Use::beside,
                                  .beside = active.body.use == core::Use::beside,
                                  .epoch = active.epoch,
                                  .headers = active.talk->headers(),
                                  .remote = active.talk->remote(),
                                  .torrent = active.talk->torrent(),
                                  .duplicates = active.talk->duplicates()});
}

// Two versions differ everywhere.
core::Sample SimTransport::compare(const Active& active) {
  const core::Body& body = active.body;
  const bool at_end = body.use == core::Use::append;
  const std::uint64_t place = at_end ? body.place - body.sample : 0;
  if (at_end && body.at_hand == 0) return core::Sample::worthless;
  for (std::uint64_t at = at_end ? body.sample - body.at_hand : 0; at < body.sample;) {
    const std::uint64_t sent = body.begins + at;
    const std::uint64_t end = at + std::min(body.sample - at, same_bytes(*active.file, sent));
    if (!active.sink->holds({place + at, place + end}, sent_version(active, sent), sent))
      return core::Sample::differs;
    at = end;
  }
  return active.file->uniform ? core::Sample::worthless : core::Sample::equal;
}

// False: the body is not used.
bool SimTransport::settle(Active& active) {
  active.settled = true;
  const core::Sample sample = compare(active);
  active.body = active.talk->compared(sample);
  stage_.met(result_of(sample, active.body));
  if (active.body.use == core::Use::drop) return false;
  begin_body(active);
  if (active.body.use == core::Use::append) return true;
  active.sink->describe(sent_version(active, 0), 0);
  if (!active.sink->write_at(0, std::span(bytes).first(active.sent)))
    stage_.fail("a new part has no room for a sample");
  active.at = active.place = active.sent;
  return true;
}

// The next request, or the end.
void SimTransport::request_ended(Active& active, const std::optional<base::Error>& broken) {
  auto ending = active.talk->end(active.sent, broken, base::WallTime{});
  stage_.met(broken ? "a connection that broke: " + end_of(ending) : end_of(ending));
  if (!ending) return connect(active);
  if (!ending->error && !ending->asked_only) active.sink->end_of_data();
  end(active, *std::move(ending));
}

// Of the part of the file that it brings.
void SimTransport::schedule_delivery(Active& active) {
  const std::uint64_t left = active.until - active.at;
  const std::uint64_t piece = std::min({left, stage_.options.chunk, active.file->rate});
  const auto time = Microseconds(static_cast<std::int64_t>(piece * 1'000'000 / active.file->rate));
  later(active.request.transfer, time, &SimTransport::deliver);
}

void SimTransport::deliver(Active& active) {
  const std::uint64_t limit = active.until;
  std::uint64_t piece = std::min({limit - active.at, stage_.options.chunk, active.file->rate,
                                  std::uint64_t{bytes.size()}});
  const bool breaks =
      active.fault.kind == FaultKind::cut || active.fault.kind == FaultKind::stall ||
      active.fault.kind == FaultKind::written;
  if (breaks) piece = std::min(piece, active.fault.number - std::min(active.fault.number, active.sent));
  if (!active.settled) piece = std::min(piece, active.body.sample - active.sent);
  piece = granted(active, piece);
  if (!active.settled) {
    active.at += piece;
    active.sent += piece;
    if (active.sent == active.body.sample && !settle(active))
      return request_ended(active, std::nullopt);
  } else if (piece > 0) {
    piece = std::min(piece, same_bytes(*active.file, active.at));
    active.sink->describe(sent_version(active, active.at), active.at);
    if (!active.sink->write_at(active.place, std::span(bytes).first(piece))) {
      const base::TransferId transfer = active.request.transfer;
      active.held = false;  // room comes first
      active.sink->on_room([this, transfer] {
        later(transfer, Microseconds::zero(), &SimTransport::deliver);
      });
      return;
    }
    meters_.add(active.request.job, piece, now());
    if (!core::is_near(core::url_host(active.talk->ask().url)))
      stage_.post(ports::Received{active.request.owner, piece});
    active.at += piece;
    active.place += piece;
    active.sent += piece;
    active.file->sent += piece;
    if (const auto wrong = wrong_piece(active, piece)) return deny(active, *wrong);
  }
  if (breaks && active.sent >= active.fault.number && active.at < limit) {
    active.held = false;
    if (active.fault.kind == FaultKind::stall)
      return later(active.request.transfer, patience_with(active.request.source), &SimTransport::give_up);
    if (active.fault.kind == FaultKind::written) {
      active.talk->changed_meanwhile("it was written to");
      return request_ended(active, std::nullopt);
    }
    return request_ended(active, base::Error(Code::WINHTTP_CONNECTION_ERROR,
                                             ErrorContext::general_transport,
                                             "the connection broke"));
  }
  if (active.held) return;
  if (active.at < limit) return schedule_delivery(active);
  if (!active.body.boundary.empty()) return next_part(active);
  if (!active.too_long) return request_ended(active, std::nullopt);
  request_ended(active, base::Error(Code::BG_E_INVALID_SERVER_RESPONSE, ErrorContext::remote_file, "too long"));
}

// That came whole with these last bytes.
std::optional<core::Extent> SimTransport::wrong_piece(const Active& active, std::uint64_t last) {
  const auto& pieces = active.request.pieces;
  if (!pieces) return std::nullopt;
  const std::uint64_t size = active.request.record.identity.size;
  for (std::uint64_t at = active.place - last; at < active.place;) {
    const core::Extent piece = core::piece_around(at, pieces->size.length, size);
    const bool whole = piece.end <= active.place && piece.begin + active.sent >= active.place;
    at = piece.end;
    if (!whole) continue;
    const core::Pieces there{pieces->size, active.sink->pieces(pieces->size)};
    const std::uint64_t number = piece.begin / pieces->size.length;
    if (number < pieces->count() && there.digest(number) != pieces->digest(number)) return piece;
  }
  return std::nullopt;
}

void SimTransport::deny(Active& active, core::Extent piece) {
  stage_.met("a piece that came was wrong");
  core::Ending ending;
  ending.error = base::Error(Code::BG_E_VALIDATION_FAILED, ErrorContext::remote_file, "a wrong piece");
  ending.denied.add(piece);
  end(active, std::move(ending));
}

void SimTransport::give_up(Active& active) {
  request_ended(active, base::Error(Code::WINHTTP_TIMEOUT, ErrorContext::general_transport,
                                    "stalled"));
}

void SimTransport::lose(Active& active) {
  core::Ending ending;
  ending.error = base::Error(Code::WINHTTP_CONNECTION_ERROR, ErrorContext::general_transport,
                             "the network is gone");
  end(active, std::move(ending));
}

void SimTransport::end(Active& active, core::Ending ending) {
  const base::TransferId transfer = active.request.transfer;
  const std::string headers = active.talk->headers();
  const std::string remote = active.talk->remote();
  active_.erase(transfer);
  limiter_.ended(transfer, now());
  stage_.trace("ended #" + std::to_string(static_cast<std::uint64_t>(transfer)) + " " +
               (ending.error ? base::symbol(ending.error->code) : "well"));
  stage_.post(ports::TransferEnded{.transfer = transfer,
                                   .error = std::move(ending.error),
                                   .retry_after = ending.retry_after,
                                   .unknown_server = {},
                                   .doubt = ending.doubt,
                                   .asked_only = ending.asked_only,
                                   .origin = std::move(ending.origin),
                                   .headers = headers,
                                   .remote = remote,
                                   .denied = std::move(ending.denied)});
}

void SimTransport::network_lost() {
  for (auto& [transfer, active] : active_) {
    if (core::is_loopback_host(core::url_host(active.request.source.address))) continue;
    later(transfer, stage_.draw(stage_.options.call), &SimTransport::lose);
  }
}

std::vector<SimTransport::Request> SimTransport::under_way() const {
  std::vector<Request> requests;
  for (const auto& [transfer, active] : active_)
    requests.push_back({active.sink->key(), active.sink->transfer(), core::url_origin(active.request.source.address)});
  return requests;
}

}  // namespace backhaul::sim
