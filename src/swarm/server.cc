// SPDX-License-Identifier: Apache-2.0
#include "swarm/server.h"

#include <microhttpd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

#include "os/descriptor.h"
#include "swarm/request.h"

namespace backhaul::swarmd {
namespace {

constexpr unsigned int connections_most = 32;
constexpr unsigned int idle_seconds = 30;
constexpr std::size_t memory_of_connection = std::size_t{32} * 1024;
constexpr std::size_t block_size = std::size_t{16} * 1024;

base::Error failed_at(const std::string& path, int error) {
  return {base::code_from_errno(error), path + ": " + std::generic_category().message(error)};
}

base::Result<os::Descriptor> listen_at(const std::string& path, bool for_another) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return failed_at(path, ENAMETOOLONG);
  std::memcpy(address.sun_path, path.c_str(), path.size());
  os::Descriptor listener(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!listener) return failed_at(path, errno);
  unlink(path.c_str());
  const mode_t before = umask(0177);
  const bool bound = bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const int error = errno;
  umask(before);
  if (!bound) return failed_at(path, error);
  // Another account can connect, and is then asked who it is.
  if (for_another && chmod(path.c_str(), 0666) != 0) return failed_at(path, errno);
  if (listen(listener.get(), 16) != 0) return failed_at(path, errno);
  return listener;
}

struct FreesResponse {
  void operator()(MHD_Response* one) const { MHD_destroy_response(one); }
};
using Response = std::unique_ptr<MHD_Response, FreesResponse>;

void say(const Response& response, const char* name, const std::string& value) {
  if (!value.empty()) MHD_add_response_header(response.get(), name, value.c_str());
}

std::string_view header(MHD_Connection* connection, const char* name) {
  const char* value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

}  // namespace

struct Server::Given {
  std::shared_ptr<Object> object;
  std::uint64_t from = 0;
  std::uint32_t piece = 0;
  Pieces::Octets octets{};  // of that piece
};

struct Server::Calls {
  static MHD_Result on_request(void* server, MHD_Connection* connection, const char* path, const char* method,
                               const char*, const char*, std::size_t*, void**) {
    return static_cast<MHD_Result>(static_cast<Server*>(server)->answer(connection, path, method));
  }
  // A stranger holds no thread and learns nothing.
  static void on_connection(void* server, MHD_Connection* connection, void**, MHD_ConnectionNotificationCode what) {
    if (what != MHD_CONNECTION_NOTIFY_STARTED || static_cast<Server*>(server)->is_reader(connection)) return;
    const auto* socket = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (socket != nullptr) shutdown(socket->connect_fd, SHUT_RDWR);
  }
  // Waits for the piece that is next. One that does not come ends the connection: the length was promised, so whoever
  // reads sees that something is missing, and goes elsewhere for it.
  static ssize_t on_octets(void* given, std::uint64_t position, char* to, std::size_t most) {
    auto& own = *static_cast<Given*>(given);
    const std::uint64_t at = own.from + position;
    const std::uint32_t length = own.object->torrent.piece_length;
    const auto piece = static_cast<std::uint32_t>(at / length);
    if (!own.octets || own.piece != piece) {
      own.octets = own.object->pieces.take(piece);
      own.piece = piece;
    }
    const auto offset = static_cast<std::size_t>(at % length);
    if (!own.octets || offset >= own.octets->size()) return MHD_CONTENT_READER_END_WITH_ERROR;
    const std::size_t octets = std::min(most, own.octets->size() - offset);
    std::memcpy(to, own.octets->data() + offset, octets);
    return static_cast<ssize_t>(octets);
  }
  static void on_end(void* given) { delete static_cast<Given*>(given); }
};

base::Result<void> Server::start(const std::string& socket) {
  BH_TRY(os::Descriptor listener, listen_at(socket, reader_ != geteuid()));
  socket_ = socket;
  daemon_ = MHD_start_daemon(
      MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ITC, 0, nullptr, nullptr,
      &Calls::on_request, this, MHD_OPTION_LISTEN_SOCKET, listener.get(), MHD_OPTION_NOTIFY_CONNECTION,
      &Calls::on_connection, this, MHD_OPTION_CONNECTION_LIMIT, connections_most, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      memory_of_connection, MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds, MHD_OPTION_END);
  // Some of its failures close the socket and others do not, so that closing it could hit a stranger's.
  static_cast<void>(listener.release());
  if (daemon_ == nullptr) return base::Error(base::Code::E_FAIL, "libmicrohttpd cannot begin at " + socket);
  return {};
}

// Its threads may be waiting for pieces, and are waited for.
Server::~Server() {
  shelf_.clear();
  if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
  if (!socket_.empty()) unlink(socket_.c_str());
}

bool Server::is_reader(MHD_Connection* connection) const {
  const auto* socket = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  ucred peer{};
  socklen_t size = sizeof peer;
  return socket != nullptr && getsockopt(socket->connect_fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         peer.uid == reader_;
}

int Server::answer(MHD_Connection* connection, std::string_view path, std::string_view method) {
  if (!is_reader(connection)) return MHD_NO;
  std::shared_ptr<Object> object;
  if (path.starts_with(object_prefix)) object = shelf_.find(path.substr(object_prefix.size()));
  Answer answer;
  if (object)
    answer = answer_to({.method = method, .range = header(connection, "Range")}, object->torrent.size);
  const bool gives = answer.status == 200 || answer.status == 206;
  const Response response(
      gives ? MHD_create_response_from_callback(answer.length, block_size, &Calls::on_octets,
                                                new Given{.object = object, .from = answer.from}, &Calls::on_end)
            : MHD_create_response_from_buffer(0, nullptr, MHD_RESPMEM_PERSISTENT));
  if (response == nullptr) return MHD_NO;
  if (object) {
    say(response, "Accept-Ranges", "bytes");
    say(response, "Content-Range", content_range_of(answer, object->torrent.size));
  }
  return MHD_queue_response(connection, answer.status, response.get());
}

}  // namespace backhaul::swarmd
