// SPDX-License-Identifier: Apache-2.0
// A site's cache, its proxy and a swarm over real connections: what they are told, how long they are waited for, and who
// says that they are who they are (peer-caching.md §8).
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "tests/component/curl/secrets.h"
#include "tests/support/http_proxy.h"
#include "tests/support/nginx.h"
#include "tests/support/process.h"
#include "tests/support/test_ca.h"

namespace backhaul::test {
namespace {

using base::Code;
using core::SourceKind;

// HTTP over a socket of this machine.
class SocketPeer {
 public:
  SocketPeer() {
    const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    BH_ASSERT(path().size() < sizeof address.sun_path);
    std::memcpy(address.sun_path, path().c_str(), path().size() + 1);
    BH_ASSERT(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    BH_ASSERT(listen(listener, 16) == 0);
    program_.emplace(std::vector<std::string>{"/usr/bin/python3", SOCKET_PEER, std::to_string(listener),
                                              folder_.path().string()},
                     std::vector<std::pair<std::string, std::string>>{}, listener);
    close(listener);
  }

  std::string path() const { return folder_ / "s"; }
  void say(const std::string& octets) { write_file(folder_ / "answer", octets); }
  std::string seen() const { return read_file(folder_ / "seen"); }

 private:
  TempDir folder_;
  std::optional<Process> program_;
};

class SiteSources : public CurlTest {
 protected:
  static ports::TransferRequest request_to(core::Source source) {
    source.entrusted = false;
    ports::TransferRequest request{.source = std::move(source)};
    request.record.identity = {.size = 10, .last_modified = std::string(some_date), .etag = "\"v1\""};
    return request;
  }
  ports::TransferRequest request_to_cache(const std::string& url) {
    return request_to({.kind = SourceKind::cache_host, .address = url, .patience = 60s});
  }
  // With everything of a job that is nobody's but its own; whom its owner entrusts with it does not matter here.
  void entrust(ports::TransferRequest& request) {
    using core::AuthTarget;
    const Entrusted secrets{.credentials = {login(core::AuthScheme::basic, "user", "hunter2"),
                                            login(core::AuthScheme::basic, "user", "hunter2", AuthTarget::proxy)},
                            .headers = "X-Token: hunter2\r\n"};
    request.secrets = request_with(sealer, request.source.address, secrets).secrets;
    request.source.entrusted = true;
    request.options.proxy = {.usage = core::ProxyUsage::listed, .list = "http://127.0.0.1:1"};
    request.options.method = base::Method("POST");
    request.accepted.emplace();
  }
  static void expect_nothing_of_the_job(const SeenRequest& seen) {
    EXPECT_EQ(seen.method, "GET");
    for (const char* name : {"authorization", "proxy-authorization", "x-token", "cookie", "referer"})
      EXPECT_EQ(seen.field(name), "") << name;
  }
  static void expect_the_file(const Download& file) {
    EXPECT_EQ(file.code(), Code::S_OK) << file.text();
    EXPECT_EQ(file.sink.data, content(0, 10));
    EXPECT_TRUE(file.sink.ended);
    ASSERT_EQ(file.heads.size(), 1U);
    EXPECT_EQ(file.heads.front().headers, "");
    EXPECT_EQ(file.heads.front().torrent, "");
    EXPECT_TRUE(file.heads.front().duplicates.empty());
  }
  const Behaviour good{.size = 10, .etag = "\"v1\""};
};

TEST_F(SiteSources, ACacheIsToldNothingOfTheJob) {
  server.on("/http/host/f", {.size = 10, .etag = "\"v1\"", .set_cookie = "a=b"});
  ports::TransferRequest request = request_to_cache(server.url("/http/host/f"));
  entrust(request);
  expect_the_file(finish(start(std::move(request))));
  ASSERT_EQ(server.requests().size(), 1U);
  expect_nothing_of_the_job(server.requests().front());
}

TEST_F(SiteSources, OneThatAsksWhoItIsIsNotTold) {
  server.on("/f", {.raw = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"r\"\r\n"
                          "Content-Length: 0\r\nConnection: close\r\n\r\n"});
  ports::TransferRequest to_cache = request_to_cache(server.url("/f"));
  entrust(to_cache);
  EXPECT_NE(finish(start(std::move(to_cache))).code(), Code::S_OK);
  ASSERT_EQ(server.requests().size(), 1U);
  expect_nothing_of_the_job(server.requests().front());
  HttpProxy proxy("user:hunter2");
  core::Source source{.kind = SourceKind::site_proxy, .address = server.url("/f"), .patience = 60s};
  source.proxy = "http://" + proxy.address();
  ports::TransferRequest to_proxy = request_to(source);
  entrust(to_proxy);
  EXPECT_NE(finish(start(std::move(to_proxy))).code(), Code::S_OK);
  ASSERT_EQ(proxy.requests().size(), 1U);
  EXPECT_EQ(proxy.requests().front(), "denied GET " + server.url("/f") + " HTTP/1.1");
}

TEST_F(SiteSources, ACacheGoesOnWhereAnotherSourceEnded) {
  server.on("/f", good);
  ports::TransferRequest request = request_to_cache(server.url("/f"));
  request.record.held = core::Extents::until(4);
  const Download& file = finish(start(std::move(request), content(0, 4)));
  expect_the_file(file);
  EXPECT_EQ(server.requests().front().field("range"), "bytes=4-");
}

TEST_F(SiteSources, WhoSaysNothingInTimeIsLeft) {
  server.on("/f", {.size = 10, .etag = "\"v1\"", .gate = 0, .hold_head = true});
  ports::TransferRequest request = request_to_cache(server.url("/f"));
  request.source.patience = 100ms;
  const Download& file = finish(start(std::move(request)));
  EXPECT_EQ(file.code(), Code::WINHTTP_TIMEOUT) << file.text();
  EXPECT_EQ(file.sink.data, "");
  server.on("/g", {.size = 10, .etag = "\"v1\"", .gate = 0});
  ports::TransferRequest head_alone = request_to_cache(server.url("/g"));
  head_alone.source.patience = 100ms;
  EXPECT_EQ(finish(start(std::move(head_alone))).code(), Code::WINHTTP_TIMEOUT) << "a head is no byte of the file";
}

TEST_F(SiteSources, AnotherVersionAndOtherAnswersBringNothing) {
  for (const Behaviour& answer : {Behaviour{.size = 10, .etag = "\"v2\""}, Behaviour{.size = 11, .etag = "\"v1\""},
                                  Behaviour{.status = 404}, Behaviour{.status = 502, .retry_after = "60"},
                                  Behaviour{.status = 302, .location = "/g"}}) {
    server.on("/f", answer);
    const Download& file = finish(start(request_to_cache(server.url("/f"))));
    EXPECT_NE(file.code(), Code::S_OK);
    EXPECT_EQ(file.sink.data, "");
    EXPECT_TRUE(file.heads.empty());
    EXPECT_FALSE(file.end->retry_after);
  }
  EXPECT_TRUE(server.requests("/g").empty());
}

TEST_F(SiteSources, TheSitesAuthorityVouchesForItsCacheBesideThoseOfTheSystem) {
  if (!Nginx::available()) GTEST_SKIP() << "nginx is not here";
  TestCa of_site;
  TestCa of_system;
  Nginx of_the_site({.tls = of_site.issue()});
  Nginx of_the_world({.tls = of_system.issue()});
  open({.ca_file = of_system.ca_file()});
  const auto code_of = [&](const Nginx& nginx, const std::string& authority) {
    nginx.put("/f", "0123456789");
    ports::TransferRequest request = request_to_cache(nginx.url("/f"));
    request.record.identity = {.size = 10};
    request.source.authority = authority;
    const Download& file = finish(start(std::move(request)));
    return file.code();
  };
  EXPECT_NE(code_of(of_the_site, ""), Code::S_OK);
  EXPECT_EQ(code_of(of_the_site, of_site.ca_file()), Code::S_OK);
  EXPECT_EQ(code_of(of_the_world, of_site.ca_file()), Code::S_OK);
  EXPECT_NE(code_of(of_the_world, "/nonexistent"), Code::S_OK) << "what cannot be read vouches for nobody";
  EXPECT_NE(code_of(of_the_site, ""), Code::S_OK) << "that was for one transfer";
}

TEST_F(SiteSources, ACacheThatWasFoundIsAskedWhereItIsAndTheSitesAuthorityAloneVouchesForItsName) {
  if (!Nginx::available()) GTEST_SKIP() << "nginx is not here";
  TestCa of_site;
  TestCa of_system;
  Nginx found({.tls = of_site.issue({.names = "DNS:cache.example"})});
  Nginx of_the_world({.tls = of_system.issue({.names = "DNS:cache.example"})});
  open({.ca_file = of_system.ca_file()});
  const auto code_of = [&](const Nginx& nginx, const std::string& name, const std::string& authority) {
    nginx.put("/f", "0123456789");
    const std::string port = std::to_string(nginx.port());
    ports::TransferRequest request = request_to_cache("https://" + name + ":" + port + "/f");
    request.record.identity = {.size = 10};
    request.source.authority = authority;
    request.source.place = "127.0.0.1:" + port;
    const Download& file = finish(start(std::move(request)));
    return file.code();
  };
  EXPECT_EQ(code_of(found, "cache.example", of_site.ca_file()), Code::S_OK);
  EXPECT_NE(code_of(found, "other.example", of_site.ca_file()), Code::S_OK);
  EXPECT_NE(code_of(of_the_world, "cache.example", of_site.ca_file()), Code::S_OK) << "anybody has such a certificate";
  EXPECT_NE(code_of(found, "cache.example", ""), Code::S_OK);
}

TEST_F(SiteSources, AProxyIsAskedForTheAddressOfTheFile) {
  server.on("/f", good);
  HttpProxy proxy;
  core::Source source{.kind = SourceKind::site_proxy, .address = server.url("/f"), .patience = 60s};
  source.proxy = "http://" + proxy.address();
  ports::TransferRequest request = request_to(source);
  entrust(request);
  expect_the_file(finish(start(std::move(request))));
  ASSERT_EQ(proxy.requests().size(), 1U);
  EXPECT_EQ(proxy.requests().front(), "GET " + server.url("/f") + " HTTP/1.1");
  expect_nothing_of_the_job(server.requests().front());
  source.proxy = "http://127.0.0.1:1";
  const Download& nobody = finish(start(request_to(source)));
  EXPECT_NE(nobody.code(), Code::S_OK) << "nothing is fetched past it";
}

TEST_F(SiteSources, ADuplicateIsAskedByTheWayOfTheJobAndToldNothingOfIt) {
  server.on("/f", {.size = 10, .etag = "\"of another server\"", .set_cookie = "a=b"});
  HttpProxy proxy;
  ports::TransferRequest request = request_to({.kind = SourceKind::duplicate, .address = server.url("/f")});
  entrust(request);
  request.options.proxy.list = "http://" + proxy.address();
  expect_the_file(finish(start(std::move(request))));
  ASSERT_EQ(server.requests().size(), 1U);
  expect_nothing_of_the_job(server.requests().front());
  EXPECT_EQ(proxy.requests(), std::vector<std::string>{"GET " + server.url("/f") + " HTTP/1.1"});
}

TEST_F(SiteSources, ASwarmIsAskedOverItsSocket) {
  SocketPeer swarm;
  swarm.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"root\"\r\nConnection: close\r\n\r\n" + content(0, 10));
  ports::TransferRequest request = request_to(
      {.kind = SourceKind::swarm, .address = "http://localhost/object/1", .socket = swarm.path(), .patience = 60s});
  request.record.identity.etag = {};
  entrust(request);
  expect_the_file(finish(start(std::move(request))));
  EXPECT_TRUE(swarm.seen().starts_with("GET /object/1 HTTP/1.1\r\nHost: localhost\r\n")) << swarm.seen();
  for (const char* word : {"Authorization", "X-Token", "Cookie"})
    EXPECT_EQ(swarm.seen().find(word), std::string::npos) << swarm.seen();
  EXPECT_TRUE(charged.empty()) << "its own process counts what it fetches";
}

TEST_F(SiteSources, ASwarmThatBreaksOffOrIsGoneLeavesTheRestToOthers) {
  SocketPeer swarm;
  swarm.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n" + content(0, 4));
  const core::Source source{
      .kind = SourceKind::swarm, .address = "http://localhost/1", .socket = swarm.path(), .patience = 60s};
  const Download& cut = finish(start(request_to(source)));
  EXPECT_NE(cut.code(), Code::S_OK);
  EXPECT_EQ(cut.sink.data, content(0, 4));
  EXPECT_FALSE(cut.sink.ended);
  core::Source gone = source;
  gone.socket += "-gone";
  EXPECT_EQ(finish(start(request_to(gone))).code(), Code::WINHTTP_CANNOT_CONNECT);
  gone.socket.clear();
  EXPECT_EQ(finish(start(request_to(gone))).code(), Code::WINHTTP_CANNOT_CONNECT);
}

TEST_F(SiteSources, OnlyTheOriginSaysWhereATorrentIsAndWhereElseTheFileLies) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"v1\"\r\nLast-Modified: " +
                           std::string(some_date) + "\r\nConnection: close\r\n"
                           "Link: <f.torrent>; rel=describedby; type=\"application/x-bittorrent\"\r\n"
                           "Link: </else/f>; rel=duplicate; pri=2, <http://127.0.0.1:1/f>; rel=duplicate; pri=1, "
                           "<ftp://127.0.0.1/f>; rel=duplicate\r\n\r\n";
  server.on("/f", {.raw = head});
  ports::TransferRequest request{.source = {.address = server.url("/f")}};
  request.record.identity_only = true;
  const Download& asked = finish(start(std::move(request)));
  ASSERT_EQ(asked.heads.size(), 1U) << asked.text();
  EXPECT_EQ(asked.heads.front().torrent, server.url("/f.torrent"));
  EXPECT_EQ(asked.heads.front().duplicates, (std::vector<std::string>{"http://127.0.0.1:1/f", server.url("/else/f")}));
  server.on("/kept", {.raw = head + content(0, 10)});
  expect_the_file(finish(start(request_to_cache(server.url("/kept")))));
}

}  // namespace
}  // namespace backhaul::test
