// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/easy.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <span>
#include <utility>

#include "adapters/curl/errors.h"
#include "adapters/curl/neighbour.h"
#include "adapters/curl/option.h"
#include "adapters/curl/shortage.h"
#include "core/hidden_users.h"
#include "core/shown_url.h"
#include "os/lower_effort.h"

namespace backhaul::curl {
namespace {

// libcurl reads this much at once, though it hands on 16 KiB pieces.
constexpr long receive_buffer = 512L * 1024L;

long milliseconds(base::Microseconds time) {
  return static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(time).count());
}

// What is laid down, else what the service calls itself. The headers of a job go before both.
void set_identity(CURL* handle, const CurlSettings& settings, const std::string& laid_down) {
  const std::string agent = laid_down.empty() ? own_user_agent(settings) : laid_down;
  set(handle, CURLOPT_USERAGENT, agent.c_str());
  if (settings.ca_file.empty()) return;
  set(handle, CURLOPT_CAINFO, settings.ca_file.c_str());
  set(handle, CURLOPT_PROXY_CAINFO, settings.ca_file.c_str());
}

}  // namespace

std::string own_user_agent(const CurlSettings& settings) {
  return settings.user_agent.empty() ? "backhaul/" BH_VERSION : settings.user_agent;
}

void mark_socket(curl_socket_t fd, bool background) {
  const int tos = background ? os::lower_effort : 0;
  // A courtesy: a socket that refuses it (another family, a proxy's tunnel) works as well.
  if (setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof tos) != 0) {
    (void)setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof tos);
  }
}

Easy::Easy(const loop::Loop& loop, const CurlSettings& settings, const core::RequestOptions& options,
           const RevocationLists& lists, Sockets& sockets)
    : loop_(loop),
      sockets_(sockets),
      handle_(curl_easy_init()),
      tls_check_(options.tls(), lists),
      fields_(nullptr, &curl_slist_free_all),
      proxy_fields_(nullptr, &curl_slist_free_all),
      place_(nullptr, &curl_slist_free_all) {
  BH_ASSERT(handle_ != nullptr);
  set(handle_, CURLOPT_PRIVATE, this);
  set(handle_, CURLOPT_ERRORBUFFER, detail_.data());
  set(handle_, CURLOPT_PREREQFUNCTION, &Easy::on_connected);
  set(handle_, CURLOPT_PREREQDATA, this);
  set(handle_, CURLOPT_HEADERFUNCTION, &Easy::on_header);
  set(handle_, CURLOPT_HEADERDATA, this);
  set(handle_, CURLOPT_WRITEFUNCTION, &Easy::on_body);
  set(handle_, CURLOPT_WRITEDATA, this);
  set(handle_, CURLOPT_OPENSOCKETFUNCTION, &Easy::open_socket);
  set(handle_, CURLOPT_OPENSOCKETDATA, this);
  set(handle_, CURLOPT_SOCKOPTFUNCTION, &Easy::on_new_socket);
  set(handle_, CURLOPT_SOCKOPTDATA, this);
  set(handle_, CURLOPT_NOSIGNAL, 1L);
  // Else removing a handle waits for its name resolution: seconds in which the loop stands still.
  set(handle_, CURLOPT_QUICK_EXIT, 1L);
  set(handle_, CURLOPT_BUFFERSIZE, receive_buffer);
  // HTTP/2 streams that are paused buffer without limit and hold up their neighbours.
  set(handle_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(handle_, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle_, CURLOPT_FOLLOWLOCATION, 0L);
  set(handle_, CURLOPT_UNRESTRICTED_AUTH, 0L);
  set(handle_, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(handle_, CURLOPT_COOKIEFILE, "");  // no file: only turns the engine on
  set(handle_, CURLOPT_HTTP_CONTENT_DECODING, 0L);
  set(handle_, CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));  // what is for the server is not for a proxy
  set(handle_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);  // a proxy's answer is not the file's head
  set(handle_, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(settings.connect_timeout));
  set(handle_, CURLOPT_TCP_KEEPALIVE, 1L);
  set_identity(handle_, settings, options.rules->user_agent.value);
  tls_check_.apply(handle_);
}

Easy::~Easy() { curl_easy_cleanup(handle_); }

Easy& Easy::of(CURL* handle) {
  Easy* self = nullptr;
  BH_ASSERT(curl_easy_getinfo(handle, CURLINFO_PRIVATE, &self) == CURLE_OK && self != nullptr);
  return *self;
}

void Easy::prepare(Transfer& transfer, const Via& via, const ClientCertificate* certificate) {
  transfer_ = &transfer;
  restart_clock();
  detail_[0] = '\0';
  socket_error_ = 0;
  refused_before_ = refused_allocations();
  asked_ = false;
  made_.clear();
  tls_end_.forget();
  tls_check_.forget();
  const core::Ask& ask = transfer.ask();
  // Always, even to nothing: unset, libcurl asks the environment of this process.
  set(handle_, CURLOPT_PROXY, via.proxy.c_str());
  set(handle_, CURLOPT_NOPROXY, via.bypass.c_str());
  proxy_ = core::shown_proxies(via.proxy);
  set_method(ask.method);
  if (transfer.is_neighbours())
    show_to_neighbour(transfer, certificate);
  else
    show_identity(transfer, certificate);
  if (std::exchange(met_unread_, false)) set(handle_, CURLOPT_FRESH_CONNECT, 1L);
  if (core::keeps_copies(transfer.source())) go_to_site(transfer.source());
  set(handle_, CURLOPT_RANGE, ask.from ? ask.range().c_str() : nullptr);
  HeaderList fields(nullptr, &curl_slist_free_all);
  if (!transfer.identity().add_headers(ask, fields)) append(fields, "Accept-Encoding: identity");
  append(fields, "Want-Repr-Digest: sha-512=5, sha-256=10");
  if (!ask.if_range.empty()) append(fields, ("If-Range: " + ask.if_range).c_str());
  // What has no body says so: a server may wait for one, or refuse to guess (RFC 9110 §8.6).
  for (const char* takes_body : {"POST", "PUT", "PATCH"})
    if (ask.method.view() == takes_body) append(fields, "Content-Length: 0");
  HeaderList proxy_fields(nullptr, &curl_slist_free_all);
  if (ask.server_login == core::AuthScheme::basic)
    transfer.identity().add_basic(core::AuthTarget::server, fields);
  if (ask.proxy_login == core::AuthScheme::basic)
    transfer.identity().add_basic(core::AuthTarget::proxy, proxy_fields);
  set(handle_, CURLOPT_PROXYHEADER, proxy_fields.get());
  proxy_fields_ = std::move(proxy_fields);
  set(handle_, CURLOPT_HTTPHEADER, fields.get());
  fields_ = std::move(fields);  // the handle keeps the pointer only
}

void Easy::set_method(const base::Method& method) {
  const bool head = method.view() == "HEAD";
  set(handle_, CURLOPT_NOBODY, head ? 1L : 0L);
  if (!head) set(handle_, CURLOPT_HTTPGET, 1L);
  const std::string other(method);
  set(handle_, CURLOPT_CUSTOMREQUEST, head || method.is_usual() ? nullptr : other.c_str());
}

bool Easy::failed_on_the_way(CURLcode result) const {
  return !asked_ && (result == CURLE_COULDNT_RESOLVE_PROXY || result == CURLE_COULDNT_CONNECT ||
                     result == CURLE_PROXY || result == CURLE_OPERATION_TIMEDOUT ||
                     result == CURLE_RECV_ERROR || result == CURLE_SEND_ERROR);
}

void Easy::show_to_neighbour(const Transfer& transfer, const ClientCertificate* certificate) {
  set(handle_, CURLOPT_URL, transfer.ask().url.c_str());
  be_strict(handle_, transfer.proof());
  set(handle_, CURLOPT_FRESH_CONNECT, 0L);
  set(handle_, CURLOPT_LOW_SPEED_LIMIT, 8L * 1024);  // octets a second: whoever trickles is left for another
  set(handle_, CURLOPT_LOW_SPEED_TIME, 10L);
  tls_check_.show(handle_, certificate);
}

// Nothing of one transfer is told there in another one.
void Easy::go_to_site(const core::Source& source) {
  constexpr const char* nothing = nullptr;
  set(handle_, CURLOPT_COOKIEFILE, nothing);
  if (!source.socket.empty()) set(handle_, CURLOPT_UNIX_SOCKET_PATH, source.socket.c_str());
  if (source.place.empty()) return;
  // Whoever announces something in the network is believed by his certificate alone, in the name that he is asked by.
  trust_alone(handle_, source.authority);
  HeaderList place(nullptr, &curl_slist_free_all);
  append(place, ("::" + source.place).c_str());
  set(handle_, CURLOPT_CONNECT_TO, place.get());
  place_ = std::move(place);  // the handle keeps the pointer only
}

// Without a login only what stands in an address is shown, by the one scheme that needs no challenge.
void Easy::show_identity(const Transfer& transfer, const ClientCertificate* certificate) {
  const core::Ask& ask = transfer.ask();
  const Identity& identity = transfer.identity();
  std::string url = ask.server_login ? core::without_user(ask.url) : identity.revealed(ask.url);
  set(handle_, CURLOPT_URL, url.c_str());
  if (url != ask.url) base::wipe(url);  // else it has nothing to hide, and the stack would be wiped for each request
  if (const core::Source& source = transfer.source();
      source.kind == core::SourceKind::cache_host && source.place.empty())
    tls_check_.also_trust(handle_, source.authority);
  const bool certified = certificate != nullptr && ask.at_home && core::url_scheme(ask.url) == "https";
  tls_check_.show(handle_, certified ? certificate : nullptr);
  // Where a connection that was kept turns out to be closed, libcurl makes the request once more.
  bool fresh = certified || !ask.method.is_usual();
  bool kept = !certified;
  constexpr const char* nothing = nullptr;
  const auto show = [&](std::optional<core::AuthScheme> login, core::AuthTarget target, CURLoption schemes,
                        CURLoption user, CURLoption password) {
    // Exactly one: of several libcurl takes another where it cannot speak the one that is meant.
    set(handle_, schemes, login ? curl_scheme(*login) : CURLAUTH_BASIC);
    set(handle_, user, nothing);
    set(handle_, password, nothing);
    if (!login || *login == core::AuthScheme::basic) return;
    fresh = fresh || core::authenticates_connection(*login);
    kept = false;
    const core::NameAndPassword shown = identity.credentials(target, *login);
    set(handle_, user, shown.user.c_str());
    set(handle_, password, shown.password.c_str());
  };
  show(ask.server_login, core::AuthTarget::server, CURLOPT_HTTPAUTH, CURLOPT_USERNAME, CURLOPT_PASSWORD);
  show(ask.proxy_login, core::AuthTarget::proxy, CURLOPT_PROXYAUTH, CURLOPT_PROXYUSERNAME,
       CURLOPT_PROXYPASSWORD);
  // A connection that is its user's begins with this request. That one, and one that knows the password as
  // long as it stands, is given to nobody afterwards.
  set(handle_, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
  set(handle_, CURLOPT_FORBID_REUSE, kept ? 0L : 1L);
}

std::optional<core::Schemes> Easy::proxy_offers() const {
  long status = 0;
  long offered = 0;
  curl_easy_getinfo(handle_, CURLINFO_HTTP_CONNECTCODE, &status);
  if (status != 407) return std::nullopt;
  curl_easy_getinfo(handle_, CURLINFO_PROXYAUTH_AVAIL, &offered);
  return schemes_of(offered);
}

base::Error Easy::error(CURLcode result) const {
  Failure failure{.result = result, .detail = detail_.data()};
  curl_easy_getinfo(handle_, CURLINFO_SSL_VERIFYRESULT, &failure.verify_result);
  curl_easy_getinfo(handle_, CURLINFO_OS_ERRNO, &failure.os_error);
  const std::string host = transfer_ == nullptr ? std::string() : transfer_->host();
  failure.host = host;
  failure.shortage = shortage(result);
  failure.asked = asked_;
  failure.proxy = proxy_;
  if (asked_)
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &failure.status);
  else
    curl_easy_getinfo(handle_, CURLINFO_HTTP_CONNECTCODE, &failure.tunnel_status);
  return to_error(failure);
}

// The errno of what was missing here; 0: nothing was. What libcurl takes for "out of memory" may be a
// server's doing, and must not hold up the jobs of others then.
int Easy::shortage(CURLcode result) const {
  if (is_shortage(socket_error_)) return socket_error_;
  if (result == CURLE_OUT_OF_MEMORY && refused_allocations() != refused_before_) return ENOMEM;
  // A request takes a few at once: its socket, the resolver's, the lists of hosts and authorities.
  constexpr int needed = 8;
  return short_of_descriptors(needed);
}

// What lies on a connection that was kept came before this request was sent, and would be taken for the answer to it:
// a server says so that it waits no longer (408), or answers what nobody asked. So the request goes by another one.
// Where TLS is spoken it may be a ticket or a goodbye as well, of which nobody knows before it is read.
bool Easy::may_ask_on(const Ends& connection) {
  if (made_.empty())
    met_unread_ = sockets_.has_unread(connection);
  else
    sockets_.note(connection, made_);
  return !met_unread_;
}

// For every request, on a new connection and on one that is used again. Refused, the connection is
// closed.
int Easy::on_connected(void* data_of, char* peer, char* own, int peer_port, int own_port) noexcept {
  auto& self = *static_cast<Easy*>(data_of);
  if (self.transfer_ == nullptr) return CURL_PREREQFUNC_ABORT;
  if (!self.may_ask_on({.peer = peer, .own = own, .peer_port = peer_port, .own_port = own_port}))
    return CURL_PREREQFUNC_ABORT;
  if (self.transfer_->is_neighbours() && !is_meant(self.handle_, self.transfer_->proof()))
    return self.transfer_->stranger_answers() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
  self.asked_ = true;
  self.tls_end_.watch(self.handle_);
  if (!self.transfer_->wants_certificates()) return CURL_PREREQFUNC_OK;
  return self.transfer_->connected(peer_certificates(self.handle_)) ? CURL_PREREQFUNC_OK
                                                                    : CURL_PREREQFUNC_ABORT;
}

std::size_t Easy::on_header(char* data, std::size_t, std::size_t size, void* data_of) noexcept {
  auto& self = *static_cast<Easy*>(data_of);
  if (self.transfer_ == nullptr) return 0;
  const bool goes_on = self.transfer_->header({data, size});
  if (self.transfer_->gave_sign_of_life()) self.restart_clock();
  return goes_on ? size : 0;
}

std::size_t Easy::on_body(char* data, std::size_t, std::size_t size, void* data_of) noexcept {
  auto& self = *static_cast<Easy*>(data_of);
  if (self.transfer_ == nullptr) return 0;
  const Transfer::Take take = self.transfer_->body(std::as_bytes(std::span(data, size)));
  if (self.transfer_->gave_sign_of_life()) self.restart_clock();
  switch (take) {
    case Transfer::Take::all: return size;
    case Transfer::Take::pause: return CURL_WRITEFUNC_PAUSE;
    case Transfer::Take::stop: break;
  }
  return 0;
}

// libcurl forgets why it could not make one.
curl_socket_t Easy::open_socket(void* data_of, curlsocktype, curl_sockaddr* address) noexcept {
  auto& self = *static_cast<Easy*>(data_of);
  const curl_socket_t fd =
      socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd < 0)
    self.socket_error_ = errno;
  else
    self.made_.push_back(fd);
  return fd;
}

int Easy::on_new_socket(void* data_of, curl_socket_t fd, curlsocktype) noexcept {
  const auto& self = *static_cast<Easy*>(data_of);
  // Before the first packet; Multi tells of sockets that are used again.
  if (self.transfer_ != nullptr && self.transfer_->is_background()) mark_socket(fd, true);
  return CURL_SOCKOPT_OK;
}

}  // namespace backhaul::curl
