// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/transfer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "adapters/curl/errors.h"
#include "adapters/curl/redirect.h"
#include "base/hex.h"
#include "core/admit.h"
#include "core/digest.h"

namespace backhaul::curl {
namespace {

using base::Code;
using base::ErrorContext;

// All blocks of one answer together, and its trailers; a page of cookies fits, an endless head does not.
constexpr std::size_t head_bytes_max = 256U * 1024U;
// A body that is not the file is read to its end when it is this short, because the connection can
// then be used again; otherwise the connection is given up.
constexpr std::uint64_t discarded_max = 64U * 1024U;
constexpr int rounds_max = 8;
bool is_blank_line(std::string_view line) { return line.empty() || line == "\r\n" || line == "\n"; }

// What the last `count` bytes of a held sample are, and the first.
std::string_view last_of(std::string_view text, std::uint64_t count) {
  return text.substr(text.size() - std::min<std::uint64_t>(text.size(), count));
}

base::WallTime now() {
  return std::chrono::time_point_cast<base::Microseconds>(std::chrono::system_clock::now());
}

}  // namespace

Transfer::Transfer(ports::TransferRequest request, ports::Sink& sink, ports::Inbox& inbox,
                   core::OriginMemory& memory, ports::Sealer& sealer, Throttle& throttle, Charges& charges,
                   std::function<void()> room)
    : request_(std::move(request)),
      sink_(sink),
      inbox_(inbox),
      throttle_(throttle),
      charges_(charges),
      room_(std::move(room)),
      identity_(sealer, request_.secrets),
      conversation_(request_.source, request_.record, memory, &follow, request_.options, identity_.logins()),
      epoch_(request_.epoch),
      next_epoch_(request_.next_epoch),
      standing_(request_.standing) {
  throttle_.begins(request_.job);
  if (request_.pieces && is_neighbours()) pieces_.emplace(*request_.pieces, request_.record.identity.size);
  begin_request();
}

void Transfer::begin_request() {
  // What a swarm brings is counted by the process that fetches it.
  near_ = is_neighbours() || request_.source.kind == core::SourceKind::swarm || core::is_near(host());
  parser_ = {};
  head_ended_ = false;
  head_bytes_ = 0;
  failure_.reset();
  unknown_server_.reset();
  alive_ = false;
  body_ = {};
  received_ = 0;
  settled_ = true;
  sample_.clear();
  first_.clear();
  parts_.reset();
  content_.reset();
  taken_ahead_ = 0;
}

void Transfer::set_standing(core::Standing standing) {
  if (std::exchange(standing_, standing).priority == standing.priority) return;
  throttle_.ended(id());  // what it was held for was another bandwidth
  held_ = false;
}

bool Transfer::wants_certificates() const {
  return request_.accepted && core::url_scheme(ask().url) == "https";
}

bool Transfer::connected(std::optional<PeerCertificates> peer) {
  core::ServerCertificate server{.server = core::url_server(ask().url), .sha256 = {}};
  if (!peer || server.server.empty())
    return fail(base::Error(Code::WINHTTP_SECURE_FAILURE, ErrorContext::general_transport,
                            with_host("the certificate of the server cannot be read", host())));
  server.sha256 = std::move(peer->sha256);
  if (request_.accepted->contains(server)) return true;
  unknown_server_ = ports::UnknownServer{std::move(server), std::move(peer->chain)};
  return false;
}

bool Transfer::stranger_answers() {
  return fail(base::Error(Code::WINHTTP_SECURE_FAILURE, ErrorContext::general_transport,
                          with_host("somebody else answers than the neighbour that is meant", host())));
}

// --- what arrives ----------------------------------------------------------------------------------

bool Transfer::header(std::string_view line) {
  came(line.size());
  if (begins_another_round(line)) {
    // libcurl would go on for ever with a server that closes the connection in the middle of it.
    if (++rounds_ > rounds_max) return false;
    begin_request();
  }
  head_bytes_ += line.size();
  if (head_bytes_ > head_bytes_max)
    return fail(broken(head_ended_ ? "what follows the body of the answer is too long" : "the head of the answer is too long"));
  if (head_ended_ || failure_) return true;  // a trailer, after the body
  if (is_blank_line(line)) return decide();
  parser_.line(line);
  return true;
}

// libcurl goes on by itself where a scheme takes several requests (Digest, NTLM): what was answered to those
// before the last one was no answer to ours.
bool Transfer::begins_another_round(std::string_view line) const {
  const unsigned status = parser_.head().status;
  const bool may_go_on = (status == 401 && ask().server_login) || (status == 407 && ask().proxy_login);
  return head_ended_ && may_go_on && line.starts_with("HTTP/");
}

// At the blank line, which ends an interim answer as well as the final one.
bool Transfer::decide() {
  if (parser_.head().status < 200) return true;
  head_ended_ = true;
  alive_ = true;
  identity_.sent();
  body_ = conversation_.head(parser_.head());
  if (conversation_.knows_all_is_here()) announce();
  if (body_.use == core::Use::drop) return keep_reading();
  if (const auto told = conversation_.content_digest()) content_.emplace(core::to_word(told->algorithm));
  settled_ = body_.sample == 0;
  if (settled_) begin_body();
  return true;
}

bool Transfer::keep_reading() const {
  if (ask().method.view() == "HEAD") return true;  // nothing comes
  const core::ResponseHead& head = parser_.head();
  if ((head.status == 401 && ask().server_login) || (head.status == 407 && ask().proxy_login)) return true;
  return head.chunked || (head.content_length && *head.content_length <= discarded_max);
}

void Transfer::begin_body() {
  place_ = body_.place;
  if (!body_.boundary.empty()) parts_.emplace(body_.boundary);
  if (body_.use != core::Use::append)
    anchor_.clear();
  else if (anchor_.empty())
    anchor_ = tail_ ? *std::move(tail_) : sink_.held().tail;
  tail_.emplace();
  tail_from_ = UINT64_MAX;
  if (conversation_.goes_on()) {
    const std::uint64_t end = place_ + *body_.length - (body_.use == core::Use::append ? body_.sample : 0);
    tail_from_ = end - std::min(end, core::sample_bytes);
  }
  if (body_.use != core::Use::append) {
    epoch_ = next_epoch_++;
    sink_.restart(epoch_, body_.use == core::Use::beside);
  }
  announce();
}

void Transfer::announce() {
  const bool restarted = body_.use == core::Use::anew || body_.use == core::Use::beside;
  const core::RemoteIdentity& told = conversation_.identity();
  const bool unchecked = conversation_.is_unchecked();
  const std::tuple remarks(told.for_one, told.version_untold, unchecked);
  // The rest after a short range: nothing is new, unless something is to be remarked of the file from here on.
  if (announced_ && !restarted && remarks == announced_remarks_) return;
  announced_ = true;
  announced_remarks_ = remarks;
  inbox_.post(ports::HeadReceived{.transfer = request_.transfer,
                                  .identity = told,
                                  .restarted = restarted,
                                  .beside = body_.use == core::Use::beside,
                                  .epoch = epoch_,
                                  .headers = conversation_.headers(),
                                  .remote = conversation_.remote(),
                                  .torrent = conversation_.torrent(),
                                  .duplicates = conversation_.duplicates(),
                                  .unchecked = unchecked});
}

Transfer::Take Transfer::body(std::span<const std::byte> data) {
  if (failure_) return Take::stop;
  if (body_.use == core::Use::drop) return drop(data.size());
  alive_ = true;
  if (parts_) return take_parts(data);
  const std::size_t skipped = std::min(taken_ahead_, data.size());
  const std::size_t fresh = data.size() - skipped;
  if (body_.length && fresh > *body_.length - received_) {
    conversation_.body_too_long();
    return Take::stop;
  }
  return take(data);
}

void Transfer::came(std::size_t size) {
  throttle_.came(id(), paced_as(), size);
  charge(size);
}

void Transfer::charge(std::size_t size) {
  if (!near_) charges_.add(request_.owner, size);
}

void Transfer::put_back(std::size_t size) {
  throttle_.put_back(id(), size);
  if (!near_) charges_.take_back(request_.owner, size);
}

Transfer::Take Transfer::drop(std::size_t size) {
  came(size);
  received_ += size;
  return received_ > discarded_max ? Take::stop : Take::all;
}

void Transfer::kept(std::size_t size) {
  throttle_.kept(request_.job, size);
  if (is_neighbours()) charges_.add_of_neighbour(size);
}

void Transfer::hash(std::span<const std::byte> data) {
  if (content_) content_->add(data);
}

// When the sink is full, or there is no more bandwidth, the same piece is offered again, as a whole: what
// was used of it already is passed over then.
std::size_t Transfer::granted(std::size_t size) {
  const std::size_t skipped = std::min(taken_ahead_, size);
  const std::size_t taken = throttle_.take(id(), paced_as(), size - skipped);
  charge(taken);
  return skipped + taken;
}

void Transfer::give_back(std::size_t left, std::size_t end) {
  put_back(left);
  taken_ahead_ = std::max(taken_ahead_, end - left);
}

Transfer::Take Transfer::used(std::size_t end, std::size_t size) {
  held_ = end < size;
  taken_ahead_ = held_ ? end : taken_ahead_ - std::min(taken_ahead_, size);
  return held_ ? Take::pause : Take::all;
}

Transfer::Take Transfer::take(std::span<const std::byte> data) {
  const std::size_t end = granted(data.size());
  std::span<const std::byte> rest = data.first(end).subspan(std::min(taken_ahead_, end));
  if (!settled_) {
    const auto part = rest.first(std::min<std::uint64_t>(rest.size(), body_.sample - received_));
    kept(part.size());
    hash(part);
    collect(part);
    rest = rest.subspan(part.size());
    if (received_ == body_.sample && !settle()) {
      put_back(rest.size());
      return drop(data.size() - end + rest.size());
    }
  }
  const std::span<const std::byte> first = std::as_bytes(std::span(first_));
  const bool taken = (first.empty() || write(first)) && (first_.clear(), rest.empty() || write(rest));
  if (!taken) {
    give_back(rest.size(), end);
    return Take::pause;
  }
  kept(rest.size());
  hash(rest);
  received_ += rest.size();
  return denied_ ? Take::stop : used(end, data.size());
}

// Likewise. What is between the parts came over the network as well.
Transfer::Take Transfer::take_parts(std::span<const std::byte> data) {
  const std::size_t end = granted(data.size());
  std::span<const std::byte> rest = data.first(end).subspan(std::min(taken_ahead_, end));
  while (!rest.empty()) {
    const auto used = next_of_parts(rest);
    if (!used) {
      give_back(rest.size(), end);
      return full_ ? Take::pause : Take::stop;
    }
    hash(rest.first(*used));
    rest = rest.subspan(*used);
  }
  return used(end, data.size());
}

// How many bytes were used. Unset: the sink is full, or the rest of the body is of no use.
std::optional<std::size_t> Transfer::next_of_parts(std::span<const std::byte> data) {
  const core::ByteRanges::Step step = parts_->next(data);
  switch (step.what) {
    case core::ByteRanges::What::more:
    case core::ByteRanges::What::end: return step.used;
    case core::ByteRanges::What::part: {
      const auto gap = conversation_.part(step.range);
      if (!gap) return std::nullopt;
      place_ = gap->place;
      return step.used;
    }
    case core::ByteRanges::What::bytes:
      if (!write(data.first(step.used))) return std::nullopt;
      parts_->took(step.used);
      kept(step.used);
      received_ += step.used;
      return step.used;
    case core::ByteRanges::What::broken: conversation_.parts_broken(); return std::nullopt;
  }
  std::unreachable();
}

bool Transfer::write(std::span<const std::byte> data) {
  if (sink_.write_at(place_, data)) {
    if (pieces_ && (denied_ = pieces_->add(place_, data)))
      fail(base::Error(Code::BG_E_VALIDATION_FAILED, ErrorContext::remote_file,
                       with_host("a piece that came is not what is expected", host())));
    keep_end(data);
    place_ += data.size();
    return true;
  }
  full_ = true;
  sink_.on_room(room_);
  return false;
}

// --- what is compared --------------------------------------------------------------------------------

// Of what comes in front of the held end only as much as can be compared is kept.
void Transfer::collect(std::span<const std::byte> data) {
  sample_.append(reinterpret_cast<const char*>(data.data()), data.size());
  received_ += data.size();
  if (body_.use == core::Use::append && sample_.size() > 4 * core::sample_bytes)
    sample_.erase(0, sample_.size() - core::sample_bytes);
}

// For the request that follows, if one does.
void Transfer::keep_end(std::span<const std::byte> data) {
  if (place_ + data.size() <= tail_from_) return;
  const auto end = data.subspan(tail_from_ - std::min(tail_from_, place_));
  tail_->append(reinterpret_cast<const char*>(end.data()), end.size());
}

bool Transfer::settle() {
  settled_ = true;
  const ports::HeldSample& held = sink_.held();
  const std::string_view begin = std::string_view(held.head).substr(0, body_.sample);
  const std::string& last = tail_ ? *tail_ : held.tail;
  const std::string_view end = last_of(body_.anchor && !anchor_.empty() ? anchor_ : last, body_.at_hand);
  body_ = conversation_.compared(
      body_.use == core::Use::append
          ? core::compare_sample(end, last_of(sample_, end.size()))
          : core::compare_sample(begin, std::string_view(sample_).substr(0, begin.size())));
  if (body_.use == core::Use::drop) return false;
  if (body_.use != core::Use::append) first_ = std::move(sample_);
  sample_.clear();
  begin_body();
  return true;
}

// --- the end of a request ----------------------------------------------------------------------------

bool Transfer::fail(base::Error error) {
  failure_ = std::move(error);
  return false;
}

base::Error Transfer::broken(std::string text) const {
  return {Code::BG_E_INVALID_SERVER_RESPONSE, ErrorContext::remote_file, with_host(text, host())};
}

std::optional<ports::TransferEnded> Transfer::request_ended(const RequestEnd& end) {
  if (unknown_server_) {
    ports::TransferEnded result = ended({});
    result.unknown_server = std::move(unknown_server_);
    return result;
  }
  if (failure_) {
    core::Ending ending;
    ending.error = std::move(failure_);
    return ended(std::move(ending));
  }
  if (end.proxy_offers && !head_ended_) {
    core::ResponseHead refusal;
    refusal.status = 407;
    refusal.proxy_offers.schemes = *end.proxy_offers;
    conversation_.head(refusal);
  }
  std::optional<base::Error> why;
  if (!end.ok)
    why = end.error();
  else if (!end.confirmed && conversation_.identity().end_untold)
    why = base::Error(Code::WINHTTP_CONNECTION_ERROR, ErrorContext::general_transport,
                      with_host("the connection was cut, and no length was told", host()));
  if (content_ && !why) conversation_.content_is(base::to_hex(content_->end()));
  auto ending = conversation_.end(received_, why, now());
  if (!ending) {
    rounds_ = 0;
    begin_request();
    return std::nullopt;
  }
  if (!ending->error && !ending->asked_only) sink_.end_of_data();
  return ended(*std::move(ending));
}

ports::TransferEnded Transfer::ended(core::Ending ending) {
  if (denied_) ending.denied.add(*denied_);
  return {.transfer = request_.transfer,
          .error = std::move(ending.error),
          .retry_after = ending.retry_after,
          .unknown_server = {},
          .doubt = ending.doubt,
          .asked_only = ending.asked_only,
          .origin = std::move(ending.origin),
          .headers = conversation_.headers(),
          .remote = conversation_.remote(),
          .denied = std::move(ending.denied)};
}

}  // namespace backhaul::curl
