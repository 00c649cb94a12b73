// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/transfer.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include "adapters/curl/errors.h"
#include "adapters/curl/redirect.h"

namespace backhaul::curl {
namespace {

using base::Code;
using base::ErrorContext;

// All blocks of one answer together; a page of cookies fits, an endless head does not.
constexpr std::size_t head_bytes_max = 256U * 1024U;
// A body that is not the file is read to its end when it is this short, because the connection can
// then be used again; otherwise the connection is given up.
constexpr std::uint64_t discarded_max = 64U * 1024U;
constexpr auto retry_after_max = std::chrono::hours(24 * 30);

bool is_blank_line(std::string_view line) { return line.empty() || line == "\r\n" || line == "\n"; }

bool same_letters(std::string_view a, std::string_view lower) {
  return std::ranges::equal(a, lower, [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x) == y;
  });
}

// The value of the field if the line is one of this name.
std::optional<std::string> field(std::string_view line, std::string_view lower_name) {
  const auto colon = line.find(':');
  if (colon != lower_name.size() || !same_letters(line.substr(0, colon), lower_name)) return {};
  constexpr std::string_view blanks = " \t\r\n";
  line.remove_prefix(colon + 1);
  const auto first = line.find_first_not_of(blanks);
  if (first == std::string_view::npos) return std::string();
  return std::string(line.substr(first, line.find_last_not_of(blanks) - first + 1));
}

// Seconds or a date (RFC 9110 §10.2.3).
std::optional<base::Microseconds> parse_retry_after(const std::string& value) {
  std::uint32_t seconds = 0;
  const char* end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, seconds);
  base::Microseconds wait{};
  if (!value.empty() && error == std::errc() && stop == end) {
    wait = std::chrono::seconds(seconds);
  } else if (const auto date = core::parse_http_date(value)) {
    wait = std::chrono::duration_cast<base::Microseconds>(*date - std::chrono::system_clock::now());
  } else {
    return std::nullopt;
  }
  return std::clamp<base::Microseconds>(wait, base::Microseconds(0), retry_after_max);
}

}  // namespace

Transfer::Transfer(ports::TransferRequest request, ports::Sink& sink, ports::Inbox& inbox,
                   std::function<void()> room)
    : request_(std::move(request)),
      sink_(sink),
      inbox_(inbox),
      room_(std::move(room)),
      asked_(request_.record),
      epoch_(request_.epoch) {
  begin_request(request_.url);
}

std::string Transfer::if_range() const {
  return asked_.offset == 0 ? std::string() : core::if_range_value(asked_.identity);
}

void Transfer::begin_request(std::string url) {
  url_ = std::move(url);
  plan_ = Plan::none;
  parser_ = {};
  head_bytes_ = 0;
  location_.clear();
  retry_after_.clear();
  failure_.reset();
  unknown_server_.reset();
  start_ = 0;
  received_ = 0;
  expected_.reset();
}

bool Transfer::wants_certificates() const {
  return request_.accepted && core::url_scheme(url_) == "https";
}

bool Transfer::connected(std::optional<PeerCertificates> peer) {
  core::ServerCertificate server{.server = core::url_server(url_), .sha256 = {}};
  if (!peer || server.server.empty())
    return fail(base::Error(Code::WINHTTP_SECURE_FAILURE, ErrorContext::general_transport,
                            with_host("the certificate of the server cannot be read", host())));
  server.sha256 = std::move(peer->sha256);
  if (request_.accepted->contains(server)) return true;
  unknown_server_ = ports::UnknownServer{std::move(server), std::move(peer->chain)};
  plan_ = Plan::ask;
  return false;
}

bool Transfer::header(std::string_view line) {
  if (plan_ != Plan::none) return true;  // a trailer, after the body
  head_bytes_ += line.size();
  if (head_bytes_ > head_bytes_max) return fail(broken("the head of the answer is too long"));
  if (is_blank_line(line)) return decide();
  if (line.starts_with("HTTP/")) {  // a new block: what the one before said is void
    location_.clear();
    retry_after_.clear();
  }
  parser_.line(line);
  if (auto value = field(line, "location")) location_ = std::move(*value);
  if (auto value = field(line, "retry-after")) retry_after_ = std::move(*value);
  return true;
}

// At the blank line, which ends an interim answer as well as the final one.
bool Transfer::decide() {
  const core::ResponseHead& head = parser_.head();
  if (head.status < 200) return true;
  if (is_redirect(head.status) && !location_.empty()) {
    plan_ = Plan::follow;
    return keep_reading();
  }
  return judge();
}

bool Transfer::judge() {
  core::Verdict verdict = core::judge(asked_, parser_.head());
  switch (verdict.kind) {
    case core::VerdictKind::append:
      accept(verdict, refetching_);
      return true;
    case core::VerdictKind::restart:
      accept(verdict, true);
      return true;
    case core::VerdictKind::refetch:
      if (refetching_) return fail(broken("the server does not give the file from its begin"));
      plan_ = Plan::refetch;
      break;
    case core::VerdictKind::finished:
      identity_ = verdict.identity;
      announce(identity_, false);
      plan_ = Plan::finish;
      break;
    case core::VerdictKind::fail:
      if (verdict.error.text.empty()) {
        verdict.error.text = "HTTP " + std::to_string(parser_.head().status) + " from " + host();
      } else {
        verdict.error.text = with_host(verdict.error.text, host());
      }
      failure_ = std::move(verdict.error);
      plan_ = Plan::fail;
      break;
  }
  return keep_reading();
}

bool Transfer::keep_reading() const {
  const core::ResponseHead& head = parser_.head();
  return head.chunked || (head.content_length && *head.content_length <= discarded_max);
}

void Transfer::accept(const core::Verdict& verdict, bool restarted) {
  const core::ResponseHead& head = parser_.head();
  if (restarted) sink_.restart(++epoch_);
  refetching_ = false;
  identity_ = verdict.identity;
  start_ = restarted ? 0 : asked_.offset;
  if (head.status == 206) expected_ = *head.content_range->last - *head.content_range->first + 1;
  plan_ = Plan::file;
  announce(identity_, restarted);
}

void Transfer::announce(const core::RemoteIdentity& identity, bool restarted) {
  if (announced_ && !restarted) return;  // the rest after a short range: nothing is new
  announced_ = true;
  inbox_.post(ports::HeadReceived{request_.transfer, identity, restarted, epoch_});
}

Transfer::Take Transfer::body(std::span<const std::byte> data) {
  if (plan_ != Plan::file) {
    received_ += data.size();
    return received_ > discarded_max ? Take::stop : Take::all;
  }
  if (expected_ && data.size() > *expected_ - received_) {
    fail(broken("the answer is longer than the range it announced"));
    return Take::stop;
  }
  if (!sink_.write(data)) {
    paused_ = true;
    sink_.on_room(room_);
    return Take::pause;
  }
  received_ += data.size();
  return Take::all;
}

bool Transfer::fail(base::Error error) {
  failure_ = std::move(error);
  plan_ = Plan::fail;
  return false;
}

base::Error Transfer::broken(std::string text) const {
  return {Code::BG_E_INVALID_SERVER_RESPONSE, ErrorContext::remote_file, with_host(text, host())};
}

std::optional<ports::TransferEnded> Transfer::request_ended(const RequestEnd& end) {
  switch (plan_) {
    case Plan::none:
      if (!end.ok) return ended(end.error());
      return ended(broken("the answer has no head"));
    case Plan::file:
      return file_ended(end);
    case Plan::follow:
      return follow_redirect();
    case Plan::refetch:
      refetching_ = true;
      asked_.offset = 0;
      redirects_ = 0;
      begin_request(request_.url);
      return std::nullopt;
    case Plan::finish:
      sink_.end_of_data();
      return ended();
    case Plan::fail:
      return ended(std::move(failure_));
    case Plan::ask: {
      ports::TransferEnded result = ended();
      result.unknown_server = std::move(unknown_server_);
      return result;
    }
  }
  std::unreachable();
}

std::optional<ports::TransferEnded> Transfer::follow_redirect() {
  if (++redirects_ > redirects_max) {
    return ended(base::Error(Code::WINHTTP_REDIRECT_FAILED, ErrorContext::remote_file,
                             with_host("the server redirects in a circle", host())));
  }
  auto next = follow(url_, location_);
  if (!next) return ended(next.error());
  begin_request(*std::move(next));
  return std::nullopt;
}

std::optional<ports::TransferEnded> Transfer::file_ended(const RequestEnd& end) {
  if (!end.ok) return ended(end.error());
  const std::uint64_t position = start_ + received_;
  const bool short_body = expected_ && received_ < *expected_;
  const bool whole = identity_.size == base::size_unknown || position == identity_.size;
  if (short_body || (!whole && received_ == 0)) {
    return ended(base::Error(Code::WINHTTP_CONNECTION_ERROR, ErrorContext::general_transport,
                             with_host("the answer ended before the end of the file", host())));
  }
  if (!whole) {  // a range that was cut by the server: ask for the rest
    asked_ = {position, identity_, asked_.fruitless_restarts};
    redirects_ = 0;
    begin_request(request_.url);
    return std::nullopt;
  }
  sink_.end_of_data();
  return ended();
}

ports::TransferEnded Transfer::ended(std::optional<base::Error> error) {
  ports::TransferEnded result{.transfer = request_.transfer, .error = std::move(error)};
  const unsigned status = parser_.head().status;
  if (result.error && (status == 429 || status == 503)) {
    result.retry_after = parse_retry_after(retry_after_);
  }
  return result;
}

}  // namespace backhaul::curl
