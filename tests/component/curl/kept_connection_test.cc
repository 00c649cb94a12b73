// SPDX-License-Identifier: Apache-2.0
// What a server sends on a connection that was kept, before anybody asks: it is the answer to no request.
#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/component/curl/fixture.h"

namespace backhaul::test {
namespace {

// Works in the thread of the test, one step at a time. Whatever is asked for is a text that names its path.
class SteppedServer {
 public:
  struct Seen {
    std::size_t connection;
    std::string path;
    bool operator==(const Seen&) const = default;
  };

  SteppedServer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    socklen_t size = sizeof address;
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~SteppedServer() {
    for (const Connection& connection : connections_) close(connection.fd);
    close(listener_);
  }
  SteppedServer(const SteppedServer&) = delete;
  SteppedServer& operator=(const SteppedServer&) = delete;

  std::string url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
  static std::string file(const std::string& path) { return "the file " + path; }

  void step() {
    for (int fd; (fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0;)
      connections_.push_back({.fd = fd, .request = {}});
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      std::array<char, 4096> data{};
      const ssize_t size = recv(connections_[i].fd, data.data(), data.size(), 0);
      if (size <= 0) continue;
      std::string& request = connections_[i].request.append(data.data(), static_cast<std::size_t>(size));
      if (!request.ends_with("\r\n\r\n")) continue;
      const std::size_t path = request.find(' ') + 1;
      seen.push_back({i, request.substr(path, request.find(' ', path) - path)});
      request.clear();
      const std::string text = file(seen.back().path);
      say(i, "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text);
    }
  }
  // It lies there to be read when this returns.
  void say_unasked(std::size_t connection, std::string_view bytes) {
    say(connection, bytes);
    for (int unconfirmed = 1; unconfirmed > 0; std::this_thread::yield())
      ASSERT_EQ(ioctl(connections_[connection].fd, SIOCOUTQ, &unconfirmed), 0);
  }
  void hang_up(std::size_t connection) { EXPECT_EQ(shutdown(connections_[connection].fd, SHUT_WR), 0); }

  std::vector<Seen> seen;

 private:
  void say(std::size_t connection, std::string_view bytes) {
    EXPECT_EQ(send(connections_[connection].fd, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

  struct Connection {
    int fd;
    std::string request;
  };
  int listener_;
  std::uint16_t port_ = 0;
  std::vector<Connection> connections_;
};

class KeptConnections : public CurlTest {
 protected:
  Download& ask(const std::string& path) {
    Download& begun = start(stepped.url(path));
    EXPECT_TRUE(until([&] {
      stepped.step();
      return begun.end.has_value();
    }));
    return begun;
  }

  SteppedServer stepped;
};

using Seen = SteppedServer::Seen;

TEST_F(KeptConnections, AreUsedAgain) {
  ask("/one");
  EXPECT_EQ(ask("/two").sink.data, SteppedServer::file("/two"));
  EXPECT_EQ(stepped.seen, (std::vector<Seen>{{0, "/one"}, {0, "/two"}}));
}

TEST_F(KeptConnections, WhatLiesThereIsNoAnswerToTheNextRequest) {
  for (const std::string_view unasked : {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong",
                                         "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
                                         "HTTP/1.1 503 x\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n",
                                         "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"}) {
    for (const bool hangs_up : {false, true}) {
      SCOPED_TRACE(std::string(unasked) + (hangs_up ? "and the end" : ""));
      ask("/one");
      const std::size_t kept = stepped.seen.back().connection;
      stepped.say_unasked(kept, unasked);
      if (hangs_up) stepped.hang_up(kept);
      stepped.seen.clear();
      const Download& two = ask("/two");
      EXPECT_EQ(two.code(), base::Code::S_OK) << two.text();
      EXPECT_EQ(two.sink.data, SteppedServer::file("/two"));
      EXPECT_EQ(two.heads.size(), 1U) << "of the request that was not sent nothing is told";
      EXPECT_EQ(stepped.seen, (std::vector<Seen>{{kept + 1, "/two"}}));
    }
  }
}

TEST_F(KeptConnections, ThatWereClosedCostNothingButAnotherOne) {
  ask("/one");
  stepped.hang_up(0);
  EXPECT_EQ(ask("/two").sink.data, SteppedServer::file("/two"));
  EXPECT_EQ(stepped.seen, (std::vector<Seen>{{0, "/one"}, {1, "/two"}}));
}

// More than libcurl itself would try one after the other.
TEST_F(KeptConnections, OfWhichManyHaveSomethingToReadCostOneRequestMoreAtMost) {
  constexpr std::size_t many = 8;
  std::vector<Download*> first;
  for (std::size_t i = 0; i < many; ++i) first.push_back(&start(stepped.url("/" + std::to_string(i))));
  ASSERT_TRUE(until([&] {
    stepped.step();
    return std::ranges::all_of(first, [](const Download* one) { return one->end.has_value(); });
  }));
  ASSERT_EQ(stepped.seen.size(), many);
  std::size_t connections = 0;
  for (const Seen& one : stepped.seen) connections = std::max(connections, one.connection + 1);
  for (std::size_t i = 0; i < connections; ++i) stepped.say_unasked(i, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(ask("/last").sink.data, SteppedServer::file("/last"));
  EXPECT_EQ(stepped.seen.back(), (Seen{connections, "/last"}));
}

}  // namespace
}  // namespace backhaul::test
