// SPDX-License-Identifier: Apache-2.0
#include "tests/support/nginx.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "base/result.h"

namespace backhaul::test {
namespace {

constexpr std::string_view probe = "/_probe";

std::string program() {
  for (const char* path : {"/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"}) {
    if (access(path, X_OK) == 0) return path;
  }
  return {};
}

int listen_somewhere(std::uint16_t& port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  BH_ASSERT(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  BH_ASSERT(listen(fd, 511) == 0);
  socklen_t size = sizeof address;
  BH_ASSERT(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port = ntohs(address.sin_port);
  return fd;
}

// Any answer will do, also the one that this port speaks https.
void wait_for_answer(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  BH_ASSERT(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  const std::string request = "GET " + std::string(probe) + " HTTP/1.0\r\n\r\n";
  BH_ASSERT(send(fd, request.data(), request.size(), MSG_NOSIGNAL) > 0);
  char byte = 0;
  BH_ASSERT(recv(fd, &byte, 1, 0) == 1);
  close(fd);
}

std::string configuration(const NginxOptions& options, const std::string& dir,
                          std::uint16_t port) {
  std::ostringstream text;
  // A master with one worker: nginx 1.22 without a master falls over sockets that it inherits.
  text << (geteuid() == 0 ? "user root root;\n" : "");
  text << "daemon off;\nworker_processes 1;\npid " << dir << "/pid;\nerror_log " << dir
       << "/error.log;\nevents { worker_connections 512; }\nhttp {\n"
       << "default_type application/octet-stream;\nsendfile on;\nkeepalive_requests 1000000;\n"
       << "log_format t escape=none '$request_method\\t$request_uri\\t$status\\t$http_range\\t$http_if_range"
       << "\\t$bytes_sent\\t$connection';\naccess_log " << dir << "/access.log t;\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    text << kind << "_temp_path " << dir << "/temp;\n";
  }
  text << "server {\nlisten 127.0.0.1:" << port << (options.tls ? " ssl" : "") << ";\nroot " << dir
       << "/root;\n";
  if (options.tls) {
    text << "ssl_certificate " << options.tls->chain_file << ";\nssl_certificate_key "
         << options.tls->key_file << ";\n";
  }
  if (!options.limit_rate.empty()) text << "limit_rate " << options.limit_rate << ";\n";
  text << options.extra << "\n}\n}\n";
  return text.str();
}

}  // namespace

bool Nginx::available() { return !program().empty(); }

Nginx::Nginx(NginxOptions options) : tls_(options.tls.has_value()) {
  std::filesystem::create_directories(root());
  const int listener = listen_somewhere(port_);
  write_file(dir_ / "nginx.conf", configuration(options, dir_.path().string(), port_));
  // nginx takes over the sockets whose numbers stand in NGINX, as at its own upgrade.
  process_ = std::make_unique<Process>(
      std::vector<std::string>{program(), "-p", dir_.path().string(), "-c", dir_ / "nginx.conf",
                               "-e", dir_ / "error.log"},
      std::vector<std::pair<std::string, std::string>>{{"NGINX", std::to_string(listener) + ';'}},
      listener, dir_ / "output");
  close(listener);
  // A signal that comes before its master waits for signals would be lost, and stop() would wait
  // for ever; the worker that answers was made after that.
  wait_for_answer(port_);
}

Nginx::~Nginx() = default;

std::string Nginx::url(std::string_view path, std::string_view host) const {
  return (tls_ ? "https://" : "http://") + std::string(host) + ':' + std::to_string(port_) +
         std::string(path);
}

void Nginx::put(std::string_view path, std::string_view content) const {
  const std::filesystem::path file = root() + std::string(path);
  std::filesystem::create_directories(file.parent_path());
  write_file(file, content);
}

std::vector<NginxRequest> Nginx::requests() const {
  std::vector<NginxRequest> found;
  std::istringstream lines(read_file(dir_ / "access.log"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    NginxRequest r;
    std::string status;
    std::string sent;
    std::string connection;
    for (std::string* field :
         {&r.method, &r.path, &status, &r.range, &r.if_range, &sent, &connection}) {
      std::getline(fields, *field, '\t');
    }
    if (connection.empty() || r.path == probe) continue;  // being written; our own
    r.status = static_cast<unsigned>(std::stoul(status));
    r.bytes_sent = std::stoull(sent);
    r.connection = std::stoull(connection);
    found.push_back(std::move(r));
  }
  return found;
}

void Nginx::stop() { process_->stop(SIGTERM); }

}  // namespace backhaul::test
