// SPDX-License-Identifier: Apache-2.0
// Broken connections, unreachable servers and redirects.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/component/curl/fixture.h"
#include "tests/component/curl/slow_resolver.h"
#include "tests/support/no_descriptors.h"

namespace backhaul::test {
namespace {

using base::Code;
using base::ErrorContext;

class Failures : public CurlTest {};
class Redirects : public CurlTest {};

// A port of 127.0.0.1 that is bound but listens only if told; a connect is refused, or stands in a
// queue that is full.
class DeadPort {
 public:
  explicit DeadPort(bool listening) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    if (listening) {
      EXPECT_EQ(listen(fd_, 8), 0);
    }
    socklen_t size = sizeof address;
    EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~DeadPort() { close(fd_); }
  std::string url(const std::string& scheme = "http") const {
    return scheme + "://127.0.0.1:" + std::to_string(port_) + "/f";
  }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

TEST_F(Failures, ABodyThatEndsTooEarlyKeepsItsBytesAndIsTransient) {
  server.on("/f", {.size = 100'000, .seed = 1, .cut = 30'000});
  const Download& f = get(server.url("/f"));
  EXPECT_EQ(f.code(), Code::WINHTTP_CONNECTION_ERROR);
  EXPECT_EQ(f.end->error->context, ErrorContext::general_transport);
  EXPECT_NE(f.text().find("127.0.0.1"), std::string::npos) << f.text();
  EXPECT_EQ(f.sink.data, content(1, 30'000));
  EXPECT_FALSE(f.sink.ended);
  EXPECT_EQ(core::classify(f.code()), core::ErrorClass::transient);
}

TEST_F(Failures, WithoutADescriptorLeftTheServerGetsNoBlame) {
  server.on("/f", {.size = 1000, .seed = 1});
  ASSERT_TRUE(get(server.url("/f")).sink.ended);
  for (const std::string& url : {DeadPort(false).url(), std::string("http://localhost.invalid/f")}) {
    const NoDescriptors none;
    const Download& f = get(url);
    EXPECT_EQ(f.code(), Code::TOO_MANY_OPEN_FILES) << url;
    EXPECT_EQ(core::classify(f.code()), core::ErrorClass::shortage);
  }
  EXPECT_TRUE(get(server.url("/f")).sink.ended);
}

TEST_F(Failures, AResetKeepsNoMoreThanWhatArrived) {
  server.on("/f", {.size = 100'000, .seed = 1, .cut = 30'000, .reset = true});
  const Download& f = get(server.url("/f"));
  EXPECT_EQ(f.code(), Code::WINHTTP_CONNECTION_ERROR);
  EXPECT_EQ(f.sink.data, content(1, f.sink.data.size()));
}

TEST_F(Failures, ACutChunkedBodyIsNotTakenForTheWhole) {
  server.on("/f", {.size = 100'000, .seed = 1, .chunked = true, .cut = 30'000});
  const Download& f = get(server.url("/f"));
  EXPECT_EQ(f.code(), Code::WINHTTP_CONNECTION_ERROR);
  EXPECT_FALSE(f.sink.ended);
}

TEST_F(Failures, ACutRangeWithoutLengthIsNotTakenForTheWhole) {
  server.on("/f", {.size = 1000, .seed = 1, .length = false, .cut = 100});
  const Download& f = get(server.url("/f"), content(1, 400), identity_of(1000));
  EXPECT_EQ(f.code(), Code::WINHTTP_CONNECTION_ERROR);
  EXPECT_EQ(f.sink.data, content(1, 500));
  EXPECT_FALSE(f.sink.ended);
}

TEST_F(Failures, NoAnswerAtAllIsAConnectionError) {
  server.on("/f", {.drop = true});
  const Download& f = get(server.url("/f"));
  EXPECT_EQ(f.code(), Code::WINHTTP_CONNECTION_ERROR);
  EXPECT_NE(f.text().find("127.0.0.1"), std::string::npos) << f.text();
}

TEST_F(Failures, AnAnswerThatIsNotHttpIsAnInvalidOne) {
  server.on("/f", {.raw = "SSH-2.0-OpenSSH_9.2\r\n\r\nhello"});
  const Download& f = get(server.url("/f"));
  EXPECT_EQ(f.code(), Code::WINHTTP_INVALID_SERVER_RESPONSE) << f.text();
  EXPECT_TRUE(f.sink.data.empty());
}

TEST_F(Failures, AnEndlessHeadIsGivenUp) {
  std::string head = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 400; ++i) head += "X-Filler: " + std::string(1000, 'x') + "\r\n";
  server.on("/f", {.raw = head + "\r\n"});
  EXPECT_EQ(get(server.url("/f")).code(), Code::BG_E_INVALID_SERVER_RESPONSE);
}

// libcurl calls it "out of memory", which would hold up every other job.
TEST_F(Failures, AnEndlessLineOfAHeadIsNoShortageOfOurs) {
  const std::string endless(400'000, 'x');
  server.on("/f", {.raw = "HTTP/1.1 200 OK\r\nX-Filler: " + endless + "\r\nContent-Length: 3\r\n\r\nabc"});
  server.on("/g", {.raw = "HTTP/1.1 200 " + endless + "\r\n\r\n"});
  for (const char* path : {"/f", "/g"}) {
    const Download& f = get(server.url(path));
    EXPECT_EQ(f.code(), Code::BG_E_INVALID_SERVER_RESPONSE);
    EXPECT_EQ(f.text(), "the head of the answer is too long (127.0.0.1)");
  }
}

TEST_F(Failures, ARefusedConnectionIsToldSo) {
  const DeadPort port(false);
  const Download& f = get(port.url());
  EXPECT_EQ(f.code(), Code::WINHTTP_CANNOT_CONNECT);
  EXPECT_EQ(f.end->error->context, ErrorContext::general_transport);
  EXPECT_NE(f.text().find("127.0.0.1"), std::string::npos) << f.text();
}

TEST_F(Failures, ANameThatDoesNotExistIsToldSo) {
  const Download& f = get("http://no-such-host.invalid/f");
  EXPECT_EQ(f.code(), Code::WINHTTP_NAME_NOT_RESOLVED);
  EXPECT_NE(f.text().find("no-such-host.invalid"), std::string::npos) << f.text();
}

TEST_F(Failures, UrlsThatCannotBeAskedAreToldSo) {
  EXPECT_EQ(get("ftp://127.0.0.1/f").code(), Code::WINHTTP_UNRECOGNIZED_SCHEME);
  EXPECT_EQ(get("file:///etc/hostname").code(), Code::WINHTTP_UNRECOGNIZED_SCHEME);
  EXPECT_EQ(get("no url").code(), Code::WINHTTP_UNRECOGNIZED_SCHEME);
  EXPECT_EQ(get("http://a b/").code(), Code::WINHTTP_INVALID_URL);
}

// Whether it speaks TLS nobody knows: one that does and is restarted does the same.
TEST_F(Failures, AServerThatHangsUpInTheHandshakeIsABrokenConnection) {
  server.on("/f", {.size = 1});
  const Download& f = get("https://127.0.0.1:" + std::to_string(server.port()) + "/f");
  EXPECT_EQ(f.code(), Code::WINHTTP_CONNECTION_ERROR) << f.text();
}

TEST_F(Failures, AHandshakeThatStandsStillTimesOut) {
  open({.connect_timeout = 150ms});
  const DeadPort port(true);
  const Download& f = get(port.url("https"));
  EXPECT_EQ(f.code(), Code::WINHTTP_TIMEOUT) << f.text();
}

TEST_F(Failures, ANameThatIsNotResolvedInTimeTimesOut) {
  open({.connect_timeout = 100ms});
  const SlowResolver resolver;
  const Download& f = get("http://" + std::string(slow_name) + "/f");
  EXPECT_EQ(f.code(), Code::WINHTTP_TIMEOUT) << f.text();
}

TEST_F(Failures, SilenceBeforeTheHeadTimesOut) {
  open({.silence_limit = 200ms});
  server.on("/f", {.size = 10, .gate = 0, .hold_head = true});
  const Download& f = get(server.url("/f"));
  EXPECT_EQ(f.code(), Code::WINHTTP_TIMEOUT);
  EXPECT_EQ(f.text(), "nothing was received for 1 s (127.0.0.1)");
}

TEST_F(Failures, SilenceInTheBodyTimesOutButATrickleDoesNot) {
  open({.silence_limit = 800ms});
  server.on("/f", {.size = 1000, .seed = 1, .gate = 10});
  Download& f = start(server.url("/f"));
  for (std::size_t bytes = 10; bytes < 16; ++bytes) {  // for longer than that in all, and far from it each time
    ASSERT_TRUE(until([&] { return f.sink.data.size() == bytes; }));
    run_for(loop, 150ms);
    ASSERT_FALSE(f.end) << "a byte every 150 ms is progress";
    server.allow("/f", 1);
  }
  finish(f);
  EXPECT_EQ(f.code(), Code::WINHTTP_TIMEOUT);
  EXPECT_EQ(f.sink.data, content(1, 16));
}

// Each of them goes on for ever, and far within the limit each time.
TEST_F(Failures, WhatIsNoAnswerIsNoSignOfLife) {
  open({.silence_limit = 300ms});
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  server.on("/interim", {.drip = "HTTP/1.1 102 Processing\r\n\r\n"});
  server.on("/hints", {.raw = "HTTP/1.1 100 Continue\r\n\r\n", .drip = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"});
  server.on("/head", {.raw = "HTTP/1.1 200 OK\r\n", .drip = "X: y\r\n"});
  server.on("/trailers", {.raw = chunked + "3\r\nabc\r\n0\r\n", .drip = "X: y\r\n"});
  server.on("/switched", {.raw = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", .drip = "x"});
  for (const char* path : {"/interim", "/hints", "/head", "/trailers", "/switched"}) {
    const Download& f = get(server.url(path));
    EXPECT_EQ(f.code(), Code::WINHTTP_TIMEOUT) << path;
    EXPECT_FALSE(f.sink.ended) << path;
  }
  EXPECT_EQ(get(server.url("/interim")).text(), "no whole head of an answer was received for 1 s (127.0.0.1)");
  // What the head says stands, whatever becomes of a page that nobody wants.
  server.on("/page", {.raw = "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nTransfer-Encoding: chunked\r\n\r\n", .drip = "1\r\nx\r\n"});
  const Download& page = get(server.url("/page"));
  EXPECT_EQ(page.code(), base::http_code(503)) << page.text();
  EXPECT_EQ(page.end->retry_after, base::Microseconds(7s));
}

TEST_F(Failures, TrailersWithoutEndAreGivenUp) {
  std::string trailers;
  for (int i = 0; i < 400; ++i) trailers += "X-Filler: " + std::string(1000, 'x') + "\r\n";
  server.on("/f", {.raw = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n" + trailers + "\r\n"});
  const Download& f = get(server.url("/f"));
  EXPECT_EQ(f.code(), Code::BG_E_INVALID_SERVER_RESPONSE);
  EXPECT_EQ(f.text(), "what follows the body of the answer is too long (127.0.0.1)");
}

TEST_F(Redirects, AreFollowedWithTheRangeOfTheFile) {
  for (const unsigned status : {301U, 302U, 303U, 307U, 308U}) {
    const std::string from = "/from" + std::to_string(status);
    server.on(from, {.status = status, .location = "to?x=1"});
    server.on("/to?x=1", {.size = 1000, .seed = 2});
    server.forget_requests();
    const Download& f = get(server.url(from), content(2, 400), identity_of(1000));
    EXPECT_EQ(f.code(), Code::S_OK) << f.text();
    EXPECT_EQ(f.sink.data, content(2, 1000));
    ASSERT_EQ(server.requests("/to?x=1").size(), 1U);
    EXPECT_EQ(server.requests("/to?x=1")[0].range_begin, 400U);
    EXPECT_EQ(server.requests("/to?x=1")[0].field("if-range"), some_date);
  }
  EXPECT_EQ(server.accepted(), 1U);
}

TEST_F(Redirects, TenAreFollowedAndNoMore) {
  for (int i = 0; i < 11; ++i) {
    server.on("/" + std::to_string(i), {.status = 302, .location = "/" + std::to_string(i + 1)});
  }
  server.on("/11", {.size = 10});
  EXPECT_EQ(get(server.url("/1")).code(), Code::S_OK);
  const Download& f = get(server.url("/0"));
  EXPECT_EQ(f.code(), Code::WINHTTP_REDIRECT_FAILED);
  EXPECT_EQ(f.end->error->context, ErrorContext::remote_file);
}

TEST_F(Redirects, ACircleEnds) {
  server.on("/a", {.status = 302, .location = "/a"});
  EXPECT_EQ(get(server.url("/a")).code(), Code::WINHTTP_REDIRECT_FAILED);
  EXPECT_EQ(server.requests("/a").size(), 11U);
}

TEST_F(Redirects, WithoutAPlaceAreTheirStatus) {
  server.on("/a", {.status = 302});
  EXPECT_EQ(get(server.url("/a")).code(), base::http_code(302));
}

TEST_F(Redirects, ToAnotherProtocolAreRefused) {
  server.on("/a", {.status = 302, .location = "file:///etc/hostname"});
  server.on("/b", {.status = 302, .location = "ftp://127.0.0.1/"});
  EXPECT_EQ(get(server.url("/a")).code(), Code::WINHTTP_REDIRECT_FAILED);
  EXPECT_EQ(get(server.url("/b")).code(), Code::WINHTTP_REDIRECT_FAILED);
}

TEST_F(Redirects, CredentialsStayOnTheirHost) {
  BadServer other;
  server.on("/a", {.status = 302, .location = "/b"});
  server.on("/b", {.status = 302, .location = other.url("/c")});
  other.on("/c", {.size = 10});
  std::string url = server.url("/a");
  url.insert(url.find("//") + 2, "user:word@");
  EXPECT_EQ(get(url).code(), Code::S_OK);
  EXPECT_NE(server.requests("/a").at(0).field("authorization"), "");
  EXPECT_NE(server.requests("/b").at(0).field("authorization"), "");
  EXPECT_EQ(other.requests("/c").at(0).field("authorization"), "");
}

TEST_F(Redirects, AnErrorNamesTheHostThatMadeIt) {
  server.on("/a", {.status = 302, .location = server.url("/b", "localhost")});
  server.on("/b", {.status = 503});
  const Download& f = get(server.url("/a"));
  EXPECT_EQ(f.text(), "HTTP 503 from localhost");
}

TEST_F(Redirects, ALongPageBehindARedirectIsNotRead) {
  // The connection stays open: if it were read, this would never end.
  server.on("/a", {.raw = "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 90000000\r\n\r\nx",
                   .gate = 0});
  server.on("/b", {.size = 10, .seed = 7});
  EXPECT_EQ(get(server.url("/a")).sink.data, content(7, 10));
}

TEST_F(Redirects, AFetchFromTheBeginAsksTheFirstAddressAgain) {
  server.on("/a", {.status = 302, .location = "/b"});
  server.on("/b", {.size = 1000, .seed = 2, .range_shift = 1});
  const Download& f = get(server.url("/a"), content(2, 400), identity_of(1000));
  EXPECT_EQ(f.sink.data, content(2, 1000));
  EXPECT_EQ(server.requests("/a").size(), 2U);
}

}  // namespace
}  // namespace backhaul::test
