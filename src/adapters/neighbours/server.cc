// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/server.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <system_error>
#include <utility>

#include "adapters/neighbours/link_speed.h"
#include "base/hex.h"
#include "os/hmac.h"
#include "os/lower_effort.h"
#include "os/sha256.h"

namespace backhaul::neighbours {
namespace {

using namespace std::chrono_literals;
using Clock = Pace::Clock;

// For a handshake and a head; for the next piece of what is given.
constexpr Clock::duration head_limit = 10s;
constexpr Clock::duration piece_limit = 30s;
constexpr Clock::duration look_interval = 1s;
constexpr Clock::duration said_interval = 60s;
constexpr unsigned int connections_most = 96;
constexpr unsigned int connections_of_address = 8;
constexpr std::uint32_t requests_of_connection = 100;
constexpr std::size_t memory_of_connection = std::size_t{16} * 1024;  // a head has to fit in
constexpr std::size_t piece_size = std::size_t{16} * 1024;            // a record of TLS
constexpr std::uint64_t unknown_rate = 1'000'000;                     // bits a second, where no interface says its speed
constexpr const char* try_again_s = "5";

base::Error failed_socket(std::uint16_t port, int error) {
  return {base::code_from_errno(error), "port " + std::to_string(port) + ": " + std::generic_category().message(error)};
}

bool set_number(int fd, int level, int option, int value) { return setsockopt(fd, level, option, &value, sizeof value) == 0; }

// For both families where the kernel has both. What is accepted inherits the mark of a background transfer.
base::Result<os::Descriptor> listen_at(std::uint16_t port) {
  os::Descriptor six(socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  os::Descriptor listener = six ? std::move(six) : os::Descriptor(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!listener) return failed_socket(port, errno);
  const int fd = listener.get();
  set_number(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  int family = AF_INET;
  socklen_t size = sizeof family;
  getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size);
  sockaddr_in6 any6{};
  any6.sin6_family = AF_INET6;
  any6.sin6_port = htons(port);
  sockaddr_in any4{};
  any4.sin_family = AF_INET;
  any4.sin_port = htons(port);
  if (family == AF_INET6) {
    set_number(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    set_number(fd, IPPROTO_IPV6, IPV6_TCLASS, os::lower_effort);
  }
  set_number(fd, IPPROTO_IP, IP_TOS, os::lower_effort);
  const bool bound = family == AF_INET6 ? bind(fd, reinterpret_cast<const sockaddr*>(&any6), sizeof any6) == 0
                                        : bind(fd, reinterpret_cast<const sockaddr*>(&any4), sizeof any4) == 0;
  if (!bound || listen(fd, 64) != 0) return failed_socket(port, errno);
  return listener;
}

std::uint16_t port_of(int fd) {
  sockaddr_storage here{};
  socklen_t size = sizeof here;
  getsockname(fd, reinterpret_cast<sockaddr*>(&here), &size);
  return ntohs(here.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(here).sin6_port
                                          : reinterpret_cast<const sockaddr_in&>(here).sin_port);
}

Header headers_of(MHD_Connection* connection) {
  return [connection](const char* name) -> std::string_view {
    const char* value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
    return value == nullptr ? std::string_view() : std::string_view(value);
  };
}

// What MHD_get_connection_info points to holds until it is called again (1.0): only values leave these.
int socket_of(MHD_Connection* connection) {
  const auto* socket = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  BH_ASSERT(socket != nullptr);
  return socket->connect_fd;
}

void* session_of(MHD_Connection* connection) {
  const auto* session = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
  BH_ASSERT(session != nullptr);
  return session->tls_session;
}

std::string address_of_peer(MHD_Connection* connection) {
  const auto* client = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return address_of(client == nullptr ? nullptr : client->client_addr);
}

struct FreesResponse {
  void operator()(MHD_Response* one) const { MHD_destroy_response(one); }
};
using Response = std::unique_ptr<MHD_Response, FreesResponse>;

void say(const Response& response, const char* name, const std::string& value) {
  if (!value.empty()) MHD_add_response_header(response.get(), name, value.c_str());
}

void say_identity(const Response& response, const Copy& copy) {
  say(response, "ETag", copy.etag);
  say(response, "Last-Modified", copy.last_modified);
  say(response, "Repr-Digest", copy.digest);
  say(response, "Accept-Ranges", "bytes");
}

Response nothing() { return Response(MHD_create_response_from_buffer(0, nullptr, MHD_RESPMEM_PERSISTENT)); }

int send(MHD_Connection* connection, unsigned int status, const Response& response) {
  return MHD_queue_response(connection, status, response.get());
}

int not_here(MHD_Connection* connection) { return send(connection, MHD_HTTP_NOT_FOUND, nothing()); }

// Of the answer to HEAD, which has a length and no body.
Response of_length(std::uint64_t size) {
  return Response(MHD_create_response_from_callback(
      size, piece_size, [](void*, std::uint64_t, char*, std::size_t) -> ssize_t { return MHD_CONTENT_READER_END_WITH_ERROR; },
      nullptr, nullptr));
}

}  // namespace

struct Server::Given {
  Server& server;
  MHD_Connection* connection;
  base::RecordId id;
  os::Descriptor file;
  std::uint64_t from = 0;
  std::uint64_t given = 0;  // octets
};

struct Server::Calls {
  // Asked about twice, and answered at the second time: behind an answer that is given at the first, libmicrohttpd
  // closes the connection. No request of ours has a body.
  static MHD_Result on_request(void* server, MHD_Connection* connection, const char* path, const char* method, const char*,
                               const char*, std::size_t* size, void** begun) {
    if (*size != 0) return MHD_NO;
    auto& own = *static_cast<Server*>(server);
    if (std::exchange(*begun, server) == nullptr) return own.may_ask(connection) ? MHD_YES : MHD_NO;
    return static_cast<MHD_Result>(own.answer(connection, path, method));
  }
  static MHD_Result on_accepted(void* server, const sockaddr* address, socklen_t) {
    return static_cast<Server*>(server)->may_connect(address_of(address)) ? MHD_YES : MHD_NO;
  }
  static void on_connection(void* server, MHD_Connection* connection, void**, MHD_ConnectionNotificationCode what) {
    auto& own = *static_cast<Server*>(server);
    what == MHD_CONNECTION_NOTIFY_STARTED ? own.opened(connection) : own.closed(connection);
  }
  static void on_completed(void* server, MHD_Connection* connection, void** begun, MHD_RequestTerminationCode) {
    *begun = nullptr;
    static_cast<Server*>(server)->wait_at_most(connection, head_limit);
  }
  static void on_message(void* server, const char* format, va_list arguments) {
    std::string text(256, '\0');
    const int size = vsnprintf(text.data(), text.size(), format, arguments);
    text.resize(static_cast<std::size_t>(std::clamp(size, 0, 255)));
    while (text.ends_with('\n')) text.pop_back();
    static_cast<Server*>(server)->log_.write(base::LogLevel::debug, "serving neighbours: " + text);
  }
  static ssize_t on_piece(void* given, std::uint64_t position, char* to, std::size_t most) {
    auto& own = *static_cast<Given*>(given);
    return own.server.give(own, position, to, most);
  }
  static void on_end(void* given) {
    const std::unique_ptr<Given> own(static_cast<Given*>(given));
    own->server.end_giving(own->id, own->given);
  }
};

Server::Server(Offers& offers, std::string copies, Served served, Introduced introduced, base::Log& log)
    : offers_(offers),
      copies_(std::move(copies)),
      served_(std::move(served)),
      introduced_(std::move(introduced)),
      log_(log),
      judge_([this](const std::vector<std::string>& chain) { return is_trusted(chain); }) {}

base::Result<void> Server::start(std::uint16_t port, MachineKey key, Trust trust) {
  BH_TRY(os::Descriptor listener, listen_at(port));
  own_key_ = key.key;
  trust_ = std::make_unique<Trust>(std::move(trust));
  port_ = port_of(listener.get());
  read_speed();
  struct stat before {};
  fstat(listener.get(), &before);
  daemon_ = MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TLS | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0,
      &Calls::on_accepted, this, &Calls::on_request, this, MHD_OPTION_EXTERNAL_LOGGER, &Calls::on_message, this,
      MHD_OPTION_LISTEN_SOCKET, listener.get(), MHD_OPTION_HTTPS_MEM_KEY, key.secret.c_str(),
      MHD_OPTION_HTTPS_MEM_CERT, key.certificates.c_str(),
      MHD_OPTION_HTTPS_PRIORITIES, tls_priorities, MHD_OPTION_NOTIFY_CONNECTION, &Calls::on_connection, this,
      MHD_OPTION_NOTIFY_COMPLETED, &Calls::on_completed, this, MHD_OPTION_CONNECTION_LIMIT, connections_most,
      MHD_OPTION_PER_IP_CONNECTION_LIMIT, connections_of_address, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      memory_of_connection, MHD_OPTION_CONNECTION_TIMEOUT, 60U, MHD_OPTION_END);
  if (daemon_ == nullptr) {
    // Some of its failures close the socket, and others do not.
    struct stat after {};
    if (fstat(listener.get(), &after) != 0 || after.st_dev != before.st_dev || after.st_ino != before.st_ino)
      static_cast<void>(listener.release());
    return base::Error(base::Code::E_FAIL, "libmicrohttpd cannot begin with this key and certificate");
  }
  static_cast<void>(listener.release());  // the daemon's
  try {
    watch_ = std::thread([this] { watch(); });
  } catch (const std::system_error& error) {
    MHD_stop_daemon(std::exchange(daemon_, nullptr));
    return base::Error(base::Code::E_FAIL, std::string("no thread can be had: ") + error.what());
  }
  return {};
}

Server::~Server() { end(); }

// Whoever waits for the pace has to go on, or libmicrohttpd does not end.
void Server::end() {
  if (daemon_ == nullptr) return;
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  watch_.join();
  std::vector<MHD_Connection*> waiting;
  {
    const std::scoped_lock lock(mutex_);
    waiting.swap(waiting_);
  }
  for (MHD_Connection* one : waiting) MHD_resume_connection(one);
  MHD_stop_daemon(std::exchange(daemon_, nullptr));
}

void Server::limit(const ServeLimits& limits) {
  {
    const std::scoped_lock lock(mutex_);
    limits_ = limits;
  }
  read_speed();
  changed_.notify_all();
}

// Asked again for each that is given: interfaces come and go.
void Server::read_speed() {
  const std::uint64_t link = slowest_link();
  const std::scoped_lock lock(mutex_);
  std::uint64_t rate = limits_.bits_per_second;
  if (rate == 0) rate = link == 0 ? unknown_rate : link / 100 * limits_.percent;
  pace_.set(rate, Clock::now());
}

void Server::opened(MHD_Connection* connection) {
  const int fd = socket_of(connection);
  demand_certificate(session_of(connection), judge_);
  const std::scoped_lock lock(mutex_);
  // So that the pieces of the pace leave as a stream and not in lumps.
  const std::uint64_t rate = pace_.bits_per_second() / 8;
  static_cast<void>(setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof rate));
  lines_.insert_or_assign(connection, Line{.fd = fd, .from = address_of_peer(connection), .ends = Clock::now() + head_limit});
  changed_.notify_all();
}

// No connection is kept busy for ever, so that others get in where there are as many as there may be.
bool Server::may_ask(MHD_Connection* connection) {
  const std::scoped_lock lock(mutex_);
  const auto line = lines_.find(connection);
  return line != lines_.end() && ++line->second.requests <= requests_of_connection &&
         flood_.bears(line->second.from, Clock::now());
}

void Server::closed(MHD_Connection* connection) {
  const std::scoped_lock lock(mutex_);
  lines_.erase(connection);
}

void Server::wait_at_most(MHD_Connection* connection, Clock::duration limit) {
  const std::scoped_lock lock(mutex_);
  if (const auto line = lines_.find(connection); line != lines_.end()) line->second.ends = Clock::now() + limit;
}

bool Server::is_trusted(const std::vector<std::string>& chain) {
  const auto key = trust_->judge(chain);
  if (!key) say_denied("Somebody who is no neighbour was turned away: " + key.error().text);
  return key.has_value();
}

// Strangers must not be able to fill the log.
void Server::say_denied(const std::string& why) {
  const auto now = Clock::now();
  if (denied_ != Clock::time_point() && now - denied_ < said_interval) return;
  denied_ = now;
  log_.write(base::LogLevel::notice, why);
}

int Server::answer(MHD_Connection* connection, std::string_view path, std::string_view method) {
  wait_at_most(connection, piece_limit);
  if (trust_->membership() != nullptr) {
    // Others have been looked at in the handshake.
    const Openssl<X509> shown = certificate_of_der(certificate_shown(session_of(connection)));
    const std::string key = shown ? key_of(*shown) : std::string();
    if (method == MHD_HTTP_METHOD_POST && path == core::introduction_path) return introduce(connection, key);
    if (!trust_->knows(key)) return send(connection, MHD_HTTP_FORBIDDEN, nothing());
  }
  if (method == MHD_HTTP_METHOD_HEAD && path == "/v1/object") return answer_about_object(connection);
  if (const auto id = record_of_path(path); id && method == MHD_HTTP_METHOD_GET) return answer_with_record(connection, *id);
  return not_here(connection);
}

// Of a wrong proof nothing is told but that, and after some of them none of that address is looked at for a while.
bool Server::has_proven(MHD_Connection* connection, core::Introduction& said, const Group& group) {
  const std::string from = address_of_peer(connection);
  const auto now = Clock::now();
  if (!attempts_.may(from, now)) return false;
  const Header header = headers_of(connection);
  said.binding = exported_of(session_of(connection));
  said.asker_nonce = header("Backhaul-Nonce");
  if (!said.binding.empty() && !said.asker.empty() && said.asker != said.asked && core::is_nonce(said.asker_nonce) &&
      os::is_same_proof(group.prove(core::words_of_asker(said)), header("Backhaul-Proof")))
    return true;
  attempts_.failed(from, now);
  say_denied("Somebody who did not prove that he belongs to the group was turned away: the key " + said.asker);
  return false;
}

int Server::introduce(MHD_Connection* connection, const std::string& key) {
  const Membership& membership = *trust_->membership();
  core::Introduction said{.binding = {}, .asker = key, .asked = own_key_, .asker_nonce = {}, .asked_nonce = {}};
  if (!has_proven(connection, said, *membership.group)) return send(connection, MHD_HTTP_FORBIDDEN, nothing());
  said.asked_nonce = os::random_hex(core::nonce_octets);
  if (membership.pins->add(key)) introduced_(key);
  const Response response = nothing();
  say(response, "Backhaul-Nonce", said.asked_nonce);
  say(response, "Backhaul-Proof", membership.group->prove(core::words_of_asked(said)));
  return send(connection, MHD_HTTP_OK, response);
}

int Server::busy(MHD_Connection* connection) {
  const Response response = nothing();
  say(response, "Retry-After", try_again_s);
  return send(connection, MHD_HTTP_SERVICE_UNAVAILABLE, response);
}

int Server::answer_about_object(MHD_Connection* connection) {
  const auto request = object_request(headers_of(connection));
  if (!request) return not_here(connection);
  const Offered offered = offers_.find(*request);
  if (const auto* copy = std::get_if<Copy>(&offered)) {
    {
      const std::scoped_lock lock(mutex_);
      if (giving_ >= limits_.at_once) return busy(connection);
    }
    const Response response = of_length(copy->size);
    say_identity(response, *copy);
    say(response, "Location", "/v1/record/" + base::to_hex(copy->id));
    return send(connection, MHD_HTTP_OK, response);
  }
  const auto* coming = std::get_if<OnItsWay>(&offered);
  if (coming == nullptr) return not_here(connection);
  const Response response = nothing();
  say(response, "Backhaul-Rank", os::sha256(own_key_ + request->object));
  if (coming->offset) say(response, "Backhaul-Offset", std::to_string(*coming->offset));
  return send(connection, MHD_HTTP_ACCEPTED, response);
}

std::unique_ptr<Server::Given> Server::open_copy(MHD_Connection* connection, const Copy& copy, const Piece& piece) {
  const std::string path = copies_ + "/" + base::to_hex(copy.id);
  os::Descriptor file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat info {};
  if (!file || fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode) ||
      static_cast<std::uint64_t>(info.st_size) != copy.size)
    return nullptr;
  return std::unique_ptr<Given>(new Given{*this, connection, copy.id, std::move(file), piece.from});
}

int Server::answer_with_record(MHD_Connection* connection, const base::RecordId& id) {
  const Header header = headers_of(connection);
  const auto copy = offers_.find(id);
  const std::string_view match = header("If-Match");
  if (!copy || (!match.empty() && match != copy->etag)) return not_here(connection);
  // A range of another version is no use to anybody.
  const std::string_view condition = header("If-Range");
  const bool in_pieces = condition.empty() || condition == copy->etag || condition == copy->last_modified;
  const auto piece = piece_of(in_pieces ? header("Range") : std::string_view(), copy->size);
  if (!piece) {
    const Response response = nothing();
    say(response, "Content-Range", "bytes */" + std::to_string(copy->size));
    return send(connection, MHD_HTTP_RANGE_NOT_SATISFIABLE, response);
  }
  auto given = open_copy(connection, *copy, *piece);
  if (!given) return not_here(connection);
  if (!begin_giving(id)) return busy(connection);
  const Response response(
      MHD_create_response_from_callback(piece->length, piece_size, &Calls::on_piece, given.release(), &Calls::on_end));
  BH_ASSERT(response != nullptr);
  say_identity(response, *copy);
  if (!piece->whole)
    say(response, "Content-Range",
        "bytes " + std::to_string(piece->from) + "-" + std::to_string(piece->from + piece->length - 1) + "/" +
            std::to_string(copy->size));
  return send(connection, piece->whole ? MHD_HTTP_OK : MHD_HTTP_PARTIAL_CONTENT, response);
}

bool Server::begin_giving(const base::RecordId& id) {
  {
    const std::scoped_lock lock(mutex_);
    if (giving_ >= limits_.at_once) return false;
    ++giving_;
  }
  read_speed();
  served_(id, true, 0);
  return true;
}

void Server::end_giving(const base::RecordId& id, std::uint64_t octets) {
  {
    const std::scoped_lock lock(mutex_);
    --giving_;
  }
  served_(id, false, octets);
}

long Server::give(Given& given, std::uint64_t position, char* to, std::size_t most) {
  std::size_t granted = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (ending_) return MHD_CONTENT_READER_END_WITH_ERROR;
    granted = pace_.take(std::min(most, piece_size), Clock::now());
    const auto line = lines_.find(given.connection);
    if (line != lines_.end()) line->second.ends = granted == 0 ? Clock::time_point::max() : Clock::now() + piece_limit;
    if (granted == 0) {
      MHD_suspend_connection(given.connection);
      waiting_.push_back(given.connection);
    }
  }
  if (granted == 0) {
    changed_.notify_all();
    return 0;
  }
  const ssize_t got = pread(given.file.get(), to, granted, static_cast<off_t>(given.from + position));
  if (got <= 0) return MHD_CONTENT_READER_END_WITH_ERROR;
  given.given += static_cast<std::uint64_t>(got);
  return got;
}

void Server::watch() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    const auto now = Clock::now();
    if (!waiting_.empty() && pace_.next() <= now) {
      std::vector<MHD_Connection*> go_on;
      go_on.swap(waiting_);
      for (MHD_Connection* one : go_on)
        if (const auto line = lines_.find(one); line != lines_.end()) line->second.ends = now + piece_limit;
      // libmicrohttpd has locks of its own.
      lock.unlock();
      for (MHD_Connection* one : go_on) MHD_resume_connection(one);
      lock.lock();
      continue;
    }
    for (auto& [connection, line] : lines_) {
      if (line.ends > now) continue;
      shutdown(line.fd, SHUT_RDWR);
      line.ends = Clock::time_point::max();
    }
    if (!waiting_.empty())
      changed_.wait_until(lock, std::min(pace_.next(), now + look_interval));
    else if (!lines_.empty())
      changed_.wait_until(lock, now + look_interval);
    else
      changed_.wait(lock);
  }
}

}  // namespace backhaul::neighbours
