// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/curl_transport.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <utility>

#include "adapters/curl/errors.h"
#include "adapters/curl/shortage.h"
#include "base/result.h"
#include "core/http.h"
#include "core/neighbours.h"

namespace backhaul::curl {
namespace {

using namespace std::chrono_literals;

// Pools whose connections are kept although they fetch nothing.
constexpr std::size_t pools_max = 16;
constexpr base::Microseconds spare_for = 1s;  // what is kept for the next requests

// The script that says by which proxy comes from a server of this name, and is as much of a download as a file.
base::Result<void> may_ask_network(const core::AllowedOrigins& allowed) {
  const auto refused = core::refusal(allowed, "http://wpad/wpad.dat");
  if (!refused) return {};
  return base::Error(base::Code::BG_E_INVALID_PROXY_INFO,
                     "the network is not asked for a proxy: " + core::describe(*refused));
}

base::Microseconds accuracy_for(base::Microseconds limit) {
  return std::clamp<base::Microseconds>(limit / 20, 1ms, 1s);
}

std::string in_words(base::Microseconds time) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(time).count();
  if (seconds % 60 == 0) return std::to_string(seconds / 60) + " min";
  return std::to_string(seconds) + " s";
}

}  // namespace

struct CurlTransport::Running {
  Running(ports::TransferRequest request, ports::Sink& sink, ports::Inbox& inbox,
          core::OriginMemory& memory, ports::Sealer& sealer, Throttle& throttle, Charges& charges,
          std::function<void()> room, std::unique_ptr<Easy> e, Multi& pool)
      : transfer(std::move(request), sink, inbox, memory, sealer, throttle, charges, std::move(room)),
        easy(std::move(e)),
        multi(pool) {}

  Via via() const { return {.proxy = proxies.empty() ? "" : proxies[proxy], .bypass = bypass}; }

  Transfer transfer;
  std::unique_ptr<Easy> easy;
  Multi& multi;
  bool asked = false;  // libcurl has it: silence counts, and it has to be taken back
  // The way of the request.
  std::vector<std::string> proxies;  // tried in order
  std::size_t proxy = 0;             // the one that it goes by, or went by last
  std::string bypass;
  std::shared_ptr<const ClientCertificate> certificate;  // null: the job has none
  std::set<std::string> lists_tried;  // of revoked certificates
};

CurlTransport::CurlTransport(loop::Loop& loop, ports::Inbox& inbox, base::Log& log,
                             ports::Sealer& sealer, ports::OwnersFiles& owners_files, CurlSettings settings)
    : loop_(loop),
      inbox_(inbox),
      log_(log),
      sealer_(sealer),
      owners_files_(owners_files),
      settings_(std::move(settings)),
      lists_(loop, settings_),
      finder_(loop, log, settings_.find_proxy),
      own_reader_(loop, 1),
      throttle_(loop, [this](base::TransferId transfer) {
        const auto found = running_.find(transfer);
        if (found == running_.end()) return;
        found->second->transfer.has_bandwidth();
        read_on(*found->second);
      }),
      charges_(loop, inbox),
      windows_(loop, settings_.courtesy),
      self_(std::make_shared<CurlTransport*>(this)),
      resume_(loop, loop::Order::normal, [this] { resume(); }),
      silence_(loop, accuracy_for(std::min(settings_.silence_limit, settings_.neighbours.silence_limit)),
               [this] { check_silence(); }),
      spare_(loop, 100ms, [this] {
        if (running_.empty()) drop_spare_buffers();
      }) {}

CurlTransport::~CurlTransport() {
  for (auto& [id, running] : running_) {
    running->easy->release();
    take_back(*running);
  }
}

Multi& CurlTransport::connections_of(const Pool& pool) {
  if (connections_.size() >= pools_max && !connections_.contains(pool))
    std::erase_if(connections_, [](const auto& entry) { return entry.second.idle(); });
  const auto done = [this](CURL* handle, CURLcode result) { request_done(handle, result); };
  const auto used = [this](CURL* handle, curl_socket_t fd) { use_socket(handle, fd); };
  const auto unused = [this](curl_socket_t fd) { windows_.unused(fd); };
  const auto rests = [](CURL* handle) {
    const Transfer* transfer = Easy::of(handle).transfer();
    return transfer != nullptr && transfer->paused();
  };
  return connections_.try_emplace(pool, loop_, done, used, unused, rests).first->second;
}

// Inside of libcurl, which knows one connection for many transfers.
void CurlTransport::use_socket(CURL* handle, curl_socket_t fd) {
  const Transfer* transfer = Easy::of(handle).transfer();
  if (transfer == nullptr) return;
  mark_socket(fd, transfer->is_background());
  windows_.used(fd, {.job = transfer->job(),
                     .background = transfer->is_background(),
                     .most = throttle_.ahead(transfer->paced_as())});
}

void CurlTransport::limit(const core::RateLimits& limits) {
  throttle_.limit(limits);
  for (auto& [pool, connections] : connections_) connections.tell_sockets();
}

void CurlTransport::set_standing(base::TransferId transfer, core::Standing standing) {
  const auto found = running_.find(transfer);
  if (found == running_.end()) return;
  Running& running = *found->second;
  const bool was_paused = running.transfer.paused();
  running.transfer.set_standing(standing);
  running.multi.tell_sockets();
  if (was_paused) read_on(running);
}

// Whether it can be begun at all. Of what its owner shows and lets pass nothing is for anybody but the origin.
base::Result<void> CurlTransport::admit(ports::TransferRequest& request) const {
  using base::Code;
  constexpr auto context = base::ErrorContext::general_transport;
  const std::string scheme = core::url_scheme(request.source.address);
  if (scheme != "http" && scheme != "https")
    return base::Error(Code::WINHTTP_UNRECOGNIZED_SCHEME, context, "the protocol of the URL is neither http nor https");
  const core::Source& source = request.source;
  if (!core::keeps_copies(source)) return Identity::check(sealer_, request.secrets);
  const bool of_machine = source.kind == core::SourceKind::peer;
  core::RequestOptions options;
  if (!of_machine) options.rules = request.options.rules;  // of which it is told what this service calls itself
  if (!core::is_of_site(source)) {
    options.proxy = std::move(request.options.proxy);
    options.environment = std::move(request.options.environment);
  }
  request.options = std::move(options);
  request.secrets = {};
  request.accepted.reset();
  if (source.kind == core::SourceKind::swarm && !source.socket.starts_with('/'))
    return base::Error(Code::WINHTTP_CANNOT_CONNECT, context, "the swarm names no socket");
  if (!source.place.empty() && (scheme != "https" || source.authority.empty()))
    return base::Error(Code::WINHTTP_SECURE_FAILURE, context, "nobody vouches for the cache that was found");
  if (!of_machine) return {};
  const NeighbourProof proof{.key = request.source.neighbour, .authority = request.source.authority};
  const std::string host = core::url_host(request.source.address);
  if (scheme != "https" || !proof.tells())
    return base::Error(Code::WINHTTP_SECURE_FAILURE, context, with_host("nothing tells that neighbour from others", host));
  if (settings_.neighbours.certificate.empty())
    return base::Error(Code::WINHTTP_CLIENT_AUTH_CERT_NEEDED, context,
                       with_host("this machine has no certificate for its neighbours", host));
  return {};
}

std::unique_ptr<Easy> CurlTransport::handle_for(const ports::TransferRequest& request) {
  if (!core::keeps_copies(request.source))
    return std::make_unique<Easy>(loop_, settings_, request.options, lists_, sockets_);
  CurlSettings settings = settings_;
  if (request.source.kind == core::SourceKind::peer) {
    settings.ca_file.clear();
    settings.connect_timeout = settings_.neighbours.silence_limit;
  } else if (request.source.patience != base::Microseconds::zero()) {
    settings.connect_timeout = request.source.patience;
  }
  return std::make_unique<Easy>(loop_, settings, request.options, lists_, sockets_);
}

void CurlTransport::start(ports::TransferRequest request, ports::Sink& sink) {
  const base::TransferId id = request.transfer;
  if (auto may = admit(request); !may) {
    inbox_.post(ports::TransferEnded{.transfer = id, .error = std::move(may).error()});
    return;
  }
  auto room = [id, weak = std::weak_ptr(self_)] {
    const auto self = weak.lock();
    if (!self) return;
    (*self)->with_room_.push_back(id);
    (*self)->resume_.schedule();
  };
  Multi& connections = connections_of({.owner = request.owner.uid,
                                       .tls = request.options.tls(),
                                       .kind = request.source.kind,
                                       .authority = request.source.authority,
                                       .place = request.source.place});
  auto easy = handle_for(request);
  core::OriginMemory& memory = memories_[request.owner.uid];
  auto running = std::make_unique<Running>(std::move(request), sink, inbox_, memory, sealer_,
                                           throttle_, charges_, std::move(room), std::move(easy), connections);
  Running& begun = *running;
  BH_ASSERT(running_.emplace(id, std::move(running)).second);
  if (begun.transfer.is_neighbours() || begun.transfer.identity().certificate() != nullptr)
    read_certificate(begun);
  else
    send(begun);
}

// Anew for every transfer: who renews a certificate puts another one in its place. What an owner named is read with
// his rights, as it is now.
void CurlTransport::read_certificate(Running& running) {
  const base::TransferId id = running.transfer.id();
  const std::weak_ptr weak(self_);
  if (running.transfer.is_neighbours())
    return own_reader_.submit([id, weak, certificate = settings_.neighbours.certificate, key = settings_.neighbours.key] {
      return certificate_told(weak, id, ClientCertificate::read_of_machine(certificate, key));
    });
  const Identity& identity = running.transfer.identity();
  const core::ClientCertificate& named = *identity.certificate();
  auto begun = owners_files_.with_rights_of(
      running.transfer.owner(), {named.certificate, named.key.empty() ? named.certificate : named.key},
      [id, weak, named, pass_phrase = identity.pass_phrase()](const ReadFile& read) -> loop::Callback {
        return certificate_told(weak, id, ClientCertificate::read(named, pass_phrase, read));
      });
  if (begun) return;
  begun.error().context = base::ErrorContext::general_transport;
  certificate_told(weak, id, std::move(begun).error())();
}

// The transfer may have been stopped meanwhile.
loop::Callback CurlTransport::certificate_told(std::weak_ptr<CurlTransport*> transport, base::TransferId id,
                                               CertificateRead certificate) {
  return [id, transport = std::move(transport), certificate = std::move(certificate)]() mutable {
    const auto self = transport.lock();
    const auto found = self ? (*self)->running_.find(id) : decltype((*self)->running_.end())();
    if (!self || found == (*self)->running_.end()) return;
    Running& begun = *found->second;
    if (!certificate)
      return (*self)->request_ended(begun, {.ok = false, .error = [&] { return certificate.error(); }});
    begun.certificate = *std::move(certificate);
    (*self)->send(begun);
  };
}

// By which way the next request goes is known at once or told later; the transfer may be stopped meanwhile.
void CurlTransport::send(Running& running) {
  using Way = core::ProxyRoute::Way;
  const core::RequestOptions& options = running.transfer.options();
  const std::string& url = running.transfer.ask().url;
  const base::TransferId id = running.transfer.id();
  if (const core::Source& source = running.transfer.source(); core::is_of_site(source))
    return go_by(id, source.proxy.empty() ? std::vector<std::string>() : std::vector{source.proxy});
  const core::RequestRules& rules = *options.rules;
  const core::ProxySettings otherwise{.usage = core::ProxyUsage::listed,
                                      .list = rules.default_proxy.value,
                                      .bypass = rules.proxy_bypass};
  auto route = core::route_to(url, options.proxy, options.environment, otherwise);
  if (!route) return go_by(id, std::move(route).error());
  if (route->way == Way::detected)
    if (auto may = may_ask_network(rules.origins); !may) return go_by(id, std::move(may).error());
  running.bypass = std::move(route->bypass);
  for (std::string& proxy : route->proxies) proxy = running.transfer.identity().revealed(proxy);
  if (route->way == Way::direct || route->way == Way::proxies) return go_by(id, std::move(route->proxies));
  finder_.find(route->way, url, [id, weak = std::weak_ptr(self_)](auto proxies) {
    if (const auto self = weak.lock()) (*self)->go_by(id, std::move(proxies));
  });
}

void CurlTransport::go_by(base::TransferId transfer, base::Result<std::vector<std::string>> proxies) {
  const auto found = running_.find(transfer);
  if (found == running_.end()) return;
  Running& running = *found->second;
  if (!proxies)
    return request_ended(running, {.ok = false, .error = [&] { return proxies.error(); }});
  // The one that was found to work does so for the next request as well.
  if (*proxies != running.proxies) running.proxy = 0;
  running.proxies = *std::move(proxies);
  ask(running);
}

void CurlTransport::ask(Running& running) {
  running.easy->prepare(running.transfer, running.via(), running.certificate.get());
  running.multi.add(running.easy->handle());
  running.asked = true;
  watch_silence(running);
}

void CurlTransport::take_back(Running& running) {
  if (running.asked) running.multi.remove(running.easy->handle());
  running.asked = false;
}

void CurlTransport::stop(base::TransferId transfer) {
  const auto found = running_.find(transfer);
  if (found == running_.end()) return;
  Running& running = *found->second;
  running.easy->release();
  take_back(running);
  running_.erase(found);
  if (running_.empty()) rest();
}

// Nothing runs. The next transfers may follow at once.
void CurlTransport::rest() {
  charges_.tell();
  if (!spare_.armed()) spare_.arm(loop_.now() + spare_for);
}

void CurlTransport::hold_off(base::TransferId transfer, std::set<std::string> origins) {
  const auto found = running_.find(transfer);
  if (found != running_.end()) found->second->transfer.hold_off(std::move(origins));
}

void CurlTransport::request_done(CURL* handle, CURLcode result) {
  const Easy& easy = Easy::of(handle);
  BH_ASSERT(easy.transfer() != nullptr);
  Running& running = *running_.at(easy.transfer()->id());
  running.asked = false;
  if (result != CURLE_OK && tries_otherwise(running, result)) return;
  request_ended(running, {.ok = result == CURLE_OK,
                          .error = [&] { return easy.error(result); },
                          .confirmed = easy.end_confirmed(),
                          .proxy_offers = result == CURLE_OK ? std::nullopt : easy.proxy_offers()});
}

// The same request again: by a new connection, by the next proxy, or with a list of revoked certificates that was missing.
bool CurlTransport::tries_otherwise(Running& running, CURLcode result) {
  if (running.easy->met_unread()) {
    ask(running);
    return true;
  }
  if (running.proxy + 1 < running.proxies.size() && running.easy->failed_on_the_way(result)) {
    ++running.proxy;
    ask(running);
    return true;
  }
  for (const std::string& url : running.easy->take_missing_lists()) {
    if (!running.lists_tried.insert(url).second) continue;
    lists_.fetch(url, running.via(), [id = running.transfer.id(), weak = std::weak_ptr(self_)](bool) {
      const auto self = weak.lock();
      if (!self) return;
      const auto found = (*self)->running_.find(id);
      if (found != (*self)->running_.end()) (*self)->ask(*found->second);
    });
    return true;
  }
  return false;
}

void CurlTransport::request_ended(Running& running, const RequestEnd& how) {
  auto ended = running.transfer.request_ended(how);
  if (ended) {
    end(*std::move(ended));
  } else {
    send(running);
  }
}

void CurlTransport::end(ports::TransferEnded ended) {
  running_.erase(ended.transfer);
  if (running_.empty()) rest();
  if (ended.error && log_.enabled(base::LogLevel::debug)) {
    log_.write(base::LogLevel::debug, "request failed: " + ended.error->text);
  }
  inbox_.post(std::move(ended));
}

void CurlTransport::resume() {
  // What is delivered below may fill the sink at once, and room may come again: that is for the
  // next round.
  const std::vector<base::TransferId> now = std::exchange(with_room_, {});
  for (const base::TransferId id : now) {
    const auto found = running_.find(id);
    if (found == running_.end()) continue;
    Running& running = *found->second;
    if (!running.transfer.paused()) continue;
    running.transfer.has_room();
    read_on(running);
  }
}

// It has room and bandwidth again, or only one of them.
void CurlTransport::read_on(Running& running) {
  if (!running.asked || running.transfer.paused()) return;
  running.easy->restart_clock();
  watch_silence(running);
  CURL* handle = running.easy->handle();
  // Delivers what was held back; if that fails nobody else hears of it.
  const CURLcode result = curl_easy_pause(handle, CURLPAUSE_CONT);
  if (result == CURLE_OK) return;
  take_back(running);
  request_done(handle, result);
}

// Of whoever keeps copies another one is asked soon; one that has begun may have to fetch the next bytes itself.
base::Microseconds CurlTransport::silence_limit(const Transfer& transfer) const {
  if (transfer.is_neighbours()) return settings_.neighbours.silence_limit;
  const base::Microseconds patience = transfer.source().patience;
  if (patience == base::Microseconds::zero()) return settings_.silence_limit;
  return transfer.brings_bytes() ? std::max(patience, core::stands_still_after) : patience;
}

// One timer for all, set to when the first of them could have been silent too long; what arrives only notes its time.
void CurlTransport::check_silence() {
  const base::BootTime now = loop_.now();
  silence_due_ = base::never;
  std::vector<Running*> silent;
  for (const auto& [id, running] : running_) {
    if (!running->asked) continue;             // ask() begins to count
    if (running->transfer.paused()) continue;  // resume() begins to count anew
    if (running->easy->last_sign_of_life() + silence_limit(running->transfer) <= now)
      silent.push_back(running.get());
    else
      watch_silence(*running);
  }
  for (Running* running : silent) {
    take_back(*running);
    request_ended(*running, {.ok = false, .error = [&] {
      const Transfer& transfer = running->transfer;
      const std::string what = transfer.has_begun_head() ? "no whole head of an answer" : "nothing";
      return base::Error(base::Code::WINHTTP_TIMEOUT, base::ErrorContext::general_transport,
                         with_host(what + " was received for " + in_words(silence_limit(transfer)), transfer.host()));
    }});
  }
}

void CurlTransport::watch_silence(const Running& running) {
  const base::BootTime deadline = running.easy->last_sign_of_life() + silence_limit(running.transfer);
  if (deadline >= silence_due_) return;
  silence_due_ = deadline;
  silence_.arm(deadline);
}

}  // namespace backhaul::curl
