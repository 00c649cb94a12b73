// SPDX-License-Identifier: Apache-2.0
#include "tests/support/bad_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <sstream>
#include <utility>

#include "base/result.h"
#include "tests/support/http_request.h"
#include "tests/support/reply.h"

namespace backhaul::test {
namespace {

constexpr std::uint64_t piece_size = 64U * 1024U;
constexpr std::string_view control = "/_control";

bool send_all(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t sent = send(fd, data.data(), data.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    data.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool peer_gone(int fd) {
  pollfd state{fd, POLLRDHUP, 0};
  return poll(&state, 1, 0) > 0 && (state.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

}  // namespace

BadServer::BadServer(const char* at) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  BH_ASSERT(inet_pton(AF_INET, at, &address.sin_addr) == 1);
  BH_ASSERT(bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  BH_ASSERT(listen(listener_, 512) == 0);
  socklen_t size = sizeof address;
  BH_ASSERT(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

BadServer::~BadServer() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    for (const int fd : connections_) shutdown(fd, SHUT_RDWR);
  }
  changed_.notify_all();
  shutdown(listener_, SHUT_RDWR);  // wakes accept()
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
  close(listener_);
}

std::string BadServer::url(std::string_view path, std::string_view host) const {
  return "http://" + std::string(host) + ':' + std::to_string(port_) + std::string(path);
}

void BadServer::in_turn(const std::string& path, std::vector<Behaviour> answers) {
  BH_ASSERT(!answers.empty());
  const std::scoped_lock lock(mutex_);
  paths_[path] = Path{.answers = std::move(answers)};
}

void BadServer::on(const std::string& path, Behaviour answer) {
  in_turn(path, {std::move(answer)});
}

void BadServer::allow(const std::string& path, std::uint64_t bytes) {
  {
    const std::scoped_lock lock(mutex_);
    paths_[path].allowance += bytes;
  }
  changed_.notify_all();
}

void BadServer::release(const std::string& path) {
  {
    const std::scoped_lock lock(mutex_);
    paths_[path].released = true;
  }
  changed_.notify_all();
}

std::vector<SeenRequest> BadServer::requests(std::string_view path) const {
  const std::scoped_lock lock(mutex_);
  std::vector<SeenRequest> found;
  for (const SeenRequest& request : requests_) {
    if (path.empty() || request.path == path) found.push_back(request);
  }
  return found;
}

void BadServer::forget_requests() {
  const std::scoped_lock lock(mutex_);
  requests_.clear();
}

std::uint64_t BadServer::accepted() const {
  const std::scoped_lock lock(mutex_);
  return accepted_;
}

std::size_t BadServer::open_connections() const {
  const std::scoped_lock lock(mutex_);
  return connections_.size();
}

void BadServer::accept_all() {
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::scoped_lock lock(mutex_);
    if (fd < 0 || stopping_) {
      if (fd >= 0) close(fd);
      return;
    }
    const int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    connections_.insert(fd);
    threads_.emplace_back([this, fd, number = ++accepted_] { serve(fd, number); });
  }
}

void BadServer::serve(int fd, std::uint64_t connection) {
  std::string buffer;
  for (;;) {
    std::optional<ReceivedRequest> request = receive_request(fd, buffer);
    if (!request) break;
    request->head.connection = connection;
    if (!answer(fd, request->head, request->body)) break;
  }
  const std::scoped_lock lock(mutex_);
  connections_.erase(fd);
  close(fd);
}

bool BadServer::answer(int fd, const SeenRequest& request, const std::string& body) {
  if (request.path.starts_with(control)) {
    std::string text;
    std::istringstream lines(request.method == "GET" ? request.path.substr(control.size() + 1)
                                                     : body);
    for (std::string line; std::getline(lines, line);) text += run_command(line);
    return send_all(fd, "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(text.size()) +
                            "\r\n\r\n" + text);
  }
  const auto behaviour = next_answer(request.path);
  {
    const std::scoped_lock lock(mutex_);
    requests_.push_back(request);
  }
  return send_reply(fd, request, behaviour.value_or(Behaviour{.status = 404}));
}

std::optional<Behaviour> BadServer::next_answer(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  const auto found = paths_.find(path);
  if (found == paths_.end() || found->second.answers.empty()) return std::nullopt;
  Path& state = found->second;
  const Behaviour& behaviour =
      state.answers[std::min(state.served, state.answers.size() - 1)];
  ++state.served;
  if (behaviour.gate) {
    state.allowance = *behaviour.gate;
    state.released = false;
  }
  return behaviour;
}

bool BadServer::send_reply(int fd, const SeenRequest& request, const Behaviour& behaviour) {
  if (behaviour.hold_head && take_allowance(fd, request.path, 1) == 0) return false;
  if (behaviour.drop) return false;
  if (!behaviour.raw.empty() || !behaviour.drip.empty()) {
    bool there = send_all(fd, behaviour.raw);
    while (there && !behaviour.drip.empty()) there = send_all(fd, behaviour.drip) && rest(fd);
    if (there && behaviour.gate) take_allowance(fd, request.path, 1);
    return false;
  }
  const Reply reply = make_reply(request, behaviour);
  if (!send_all(fd, reply_head(reply, behaviour))) return false;
  if (request.method != "HEAD" && !send_body(fd, request.path, behaviour, reply)) return false;
  return !behaviour.close && (behaviour.length || behaviour.chunked);
}

bool BadServer::send_body(int fd, const std::string& path, const Behaviour& behaviour,
                          const Reply& reply) {
  const std::uint64_t whole = reply.length + behaviour.surplus;
  const std::uint64_t end = std::min(whole, behaviour.cut.value_or(whole));
  std::string piece;
  for (std::uint64_t done = 0; done < end; done += piece.size()) {
    std::uint64_t size = std::min(end - done, piece_size);
    if (behaviour.gate) size = take_allowance(fd, path, size);
    if (size == 0) return false;
    piece = reply.text.empty() ? content(behaviour.seed, size, reply.begin + done)
                               : reply.text.substr(done, size);
    if (behaviour.chunked) {
      std::array<char, 20> hex{};
      const auto stop = std::to_chars(hex.data(), hex.data() + hex.size(), piece.size(), 16).ptr;
      if (!send_all(fd, std::string(hex.data(), stop) + "\r\n" + piece + "\r\n")) return false;
    } else if (!send_all(fd, piece)) {
      return false;
    }
  }
  if (end < whole || behaviour.cut) {
    const linger now{.l_onoff = 1, .l_linger = 0};
    if (behaviour.reset) setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    return false;
  }
  return !behaviour.chunked || send_all(fd, "0\r\n\r\n");
}

std::uint64_t BadServer::take_allowance(int fd, const std::string& path, std::uint64_t wanted) {
  std::unique_lock lock(mutex_);
  for (;;) {
    Path& state = paths_[path];
    if (stopping_) return 0;
    if (state.released) return wanted;
    if (state.allowance > 0) {
      const std::uint64_t taken = std::min(wanted, state.allowance);
      state.allowance -= taken;
      return taken;
    }
    // A peer that leaves is seen only by looking.
    changed_.wait_for(lock, std::chrono::milliseconds(20));
    if (peer_gone(fd)) return 0;
  }
}

bool BadServer::rest(int fd) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, std::chrono::milliseconds(20), [this] { return stopping_; }) && !peer_gone(fd);
}

std::string BadServer::run_command(std::string_view line) {
  std::istringstream words{std::string(line)};
  std::string verb;
  std::string path;
  words >> verb >> path;
  if (verb == "set") {
    std::string rest;
    std::getline(words, rest);
    auto answers = parse_behaviours(rest);
    if (!answers) return "error: " + answers.error().text + '\n';
    in_turn(path, *std::move(answers));
  } else if (verb == "allow") {
    std::uint64_t bytes = 0;
    words >> bytes;
    allow(path, bytes);
  } else if (verb == "release") {
    release(path);
  } else if (verb == "forget") {
    forget_requests();
  } else if (verb == "accepted") {
    return std::to_string(accepted()) + '\n';
  } else if (verb == "log") {
    std::string text;
    for (const SeenRequest& r : requests()) {
      text += std::to_string(r.connection) + '\t' + r.method + '\t' + r.path + '\t' +
              r.field("range") + '\t' + r.field("if-range") + '\n';
    }
    return text;
  } else {
    return "error: no such command: " + verb + '\n';
  }
  return "ok\n";
}

}  // namespace backhaul::test
