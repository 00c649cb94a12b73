// SPDX-License-Identifier: Apache-2.0
// The transport against a server that behaves, over http and https.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/component/curl/fixture.h"
#include "tests/support/nginx.h"
#include "tests/support/process.h"

namespace backhaul::test {
namespace {

using base::Code;

constexpr std::uint64_t size = 2'000'000;

class WithNginx : public CurlTest, public testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    if (!Nginx::available()) GTEST_SKIP() << "SKIPPED: nginx is not installed";
    serve({});
  }
  void serve(NginxOptions options) {
    if (GetParam()) options.tls = ca.issue();
    nginx.emplace(std::move(options));
    nginx->put("/f", content(1, size));
    open({.ca_file = ca.ca_file()});
  }

  TestCa ca;
  std::optional<Nginx> nginx;
};

std::vector<std::string> ranges_of(const std::vector<NginxRequest>& requests) {
  std::vector<std::string> ranges;
  for (const NginxRequest& request : requests) ranges.push_back(request.range);
  return ranges;
}

INSTANTIATE_TEST_SUITE_P(Curl, WithNginx, testing::Values(false, true),
                         [](const auto& it) { return it.param ? "https" : "http"; });

TEST_P(WithNginx, RangesThatAreWantedComeInTheirOrder) {
  const std::string text = content(1, size);
  ports::TransferRequest request{.source = {.address = nginx->url("/f")}};
  request.record.wanted =
      core::Wanted::of_ranges({{1'000'000, 300'000}, {size - 5000, core::to_end_of_file}, {10, 5}})
          .value();
  const std::string expected = text.substr(1'000'000, 300'000) + text.substr(size - 5000) + text.substr(10, 5);
  const Download& ranges = finish(start(request));
  EXPECT_EQ(ranges.code(), Code::S_OK) << ranges.text();
  EXPECT_TRUE(ranges.sink.data == expected);
  ASSERT_EQ(ranges.heads.size(), 1U);
  EXPECT_EQ(ranges.heads[0].identity.size, size) << "of the remote file";

  // Broken off in the middle of the second one.
  request.record.held = core::Extents::until(302'000);
  request.record.identity = ranges.heads[0].identity;
  const Download& rest = finish(start(request, expected.substr(0, 302'000)));
  EXPECT_EQ(rest.code(), Code::S_OK) << rest.text();
  EXPECT_TRUE(rest.sink.data == expected);
  nginx->stop();
  EXPECT_EQ(ranges_of(nginx->requests()),
            (std::vector<std::string>{"bytes=1000000-1299999", "bytes=1995000-", "bytes=10-14",
                                      "bytes=1997000-", "bytes=10-14"}));
}

TEST_P(WithNginx, HolesOfAWholeFileAreFilledAndNothingElseIsFetched) {
  const std::string text = content(1, size);
  const core::RemoteIdentity identity = get(nginx->url("/f")).heads.at(0).identity;
  for (const bool validators : {true, false}) {
    ports::TransferRequest request{.source = {.address = nginx->url("/f")}};
    request.record.held = core::Extents::until(400'000);
    request.record.held.add({600'000, 700'000});
    request.record.identity = identity;
    // Then the bytes in front of the first hole decide, and nothing could in front of the second.
    if (!validators) request.record.identity = {.size = size, .last_modified = {}, .etag = {}};
    if (!validators) request.record.held.add({700'000, size});
    std::string held = text;
    for (std::size_t i = 0; i < held.size(); ++i)
      if (!request.record.held.contains(i)) held[i] = '?';
    Download& holes = start(request);
    holes.sink.hold(held, request.record.held);
    EXPECT_EQ(finish(holes).code(), Code::S_OK) << holes.text();
    EXPECT_TRUE(holes.sink.data == text);
    EXPECT_TRUE(holes.sink.epochs.empty());
  }
  nginx->stop();
  EXPECT_EQ(ranges_of(nginx->requests()),
            (std::vector<std::string>{"", "bytes=400000-599999", "bytes=700000-",
                                      "bytes=334464-599999"}));
}

TEST_P(WithNginx, SmallRangesComeTogetherInOneAnswer) {
  const std::string text = content(1, size);
  ports::TransferRequest request{.source = {.address = nginx->url("/f")}};
  std::vector<core::WantedRange> wanted;
  std::string expected;
  for (std::uint64_t from = 0; from < size; from += size / 40) {
    wanted.push_back({from, 20'000});
    expected += text.substr(from, 20'000);
  }
  request.record.wanted = core::Wanted::of_ranges(wanted).value();
  Download& ranges = start(request);
  ranges.sink.capacity = 1000;  // full in the middle of parts, and of what is between them
  ASSERT_TRUE(until([&] {
    if (ranges.sink.room) ranges.sink.make_room(7777 + 16'384);
    return ranges.end.has_value();
  }));
  EXPECT_EQ(ranges.code(), Code::S_OK) << ranges.text();
  EXPECT_TRUE(ranges.sink.data == expected);
  EXPECT_GT(ranges.sink.times_full, 2);
  nginx->stop();
  const auto requests = nginx->requests();
  ASSERT_EQ(requests.size(), 3U) << "the first alone, 32 of the others, the rest";
  EXPECT_EQ(std::ranges::count(requests[1].range, ','), 31);
}

TEST_P(WithNginx, OneThatGivesNoSeveralIsAskedForOneByOneAndRemembered) {
  serve({.extra = "max_ranges 1;"});
  const std::string text = content(1, size);
  ports::TransferRequest request{.source = {.address = nginx->url("/f")}};
  request.record.wanted = core::Wanted::of_ranges({{0, 10}, {100, 10}, {200, 10}, {300, 10}}).value();
  const std::string expected = text.substr(0, 10) + text.substr(100, 10) + text.substr(200, 10) + text.substr(300, 10);
  for (int i = 0; i < 2; ++i) {
    const Download& ranges = finish(start(request));
    EXPECT_EQ(ranges.code(), Code::S_OK) << ranges.text();
    EXPECT_TRUE(ranges.sink.data == expected);
  }
  nginx->stop();
  const std::vector<std::string> each = {"bytes=0-9", "bytes=100-109", "bytes=200-209", "bytes=300-309"};
  std::vector<std::string> asked = each;
  asked.insert(asked.begin() + 1, "bytes=100-109,200-209,300-309");
  asked.insert(asked.end(), each.begin(), each.end());
  EXPECT_EQ(ranges_of(nginx->requests()), asked);
}

TEST_P(WithNginx, ARangeThatLiesOutsideOfTheFileIsAnError) {
  ports::TransferRequest request{.source = {.address = nginx->url("/f")}};
  request.record.wanted = core::Wanted::of_ranges({{0, 10}, {size - 5, 10}}).value();
  EXPECT_EQ(finish(start(request)).code(), Code::BG_E_INVALID_RANGE);
}

TEST_P(WithNginx, AWholeFileAndItsRest) {
  const Download& whole = get(nginx->url("/f"));
  EXPECT_EQ(whole.code(), Code::S_OK) << whole.text();
  EXPECT_EQ(whole.sink.data, content(1, size));
  ASSERT_EQ(whole.heads.size(), 1U);
  const core::RemoteIdentity identity = whole.heads[0].identity;
  EXPECT_EQ(identity.resumable, core::Resumable::yes);

  const Download& rest = get(nginx->url("/f"), content(1, 700'000), identity);
  EXPECT_EQ(rest.code(), Code::S_OK) << rest.text();
  EXPECT_EQ(rest.sink.data, content(1, size));
  EXPECT_TRUE(rest.sink.epochs.empty());

  const Download& nothing = get(nginx->url("/f"), content(1, size), identity);
  EXPECT_EQ(nothing.code(), Code::S_OK) << nothing.text();
  EXPECT_TRUE(nothing.sink.ended);

  nginx->stop();
  const auto requests = nginx->requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[0].status, 200U);
  EXPECT_EQ(requests[1].status, 206U);
  EXPECT_EQ(requests[1].range, "bytes=700000-");
  EXPECT_EQ(requests[1].if_range, identity.etag);
  EXPECT_EQ(requests[2].status, 416U);
  EXPECT_EQ(requests[0].connection, requests[2].connection);
}

TEST_P(WithNginx, AStoppedTransferFetchesOnlyTheRestAfterwards) {
  serve({.limit_rate = "1m"});
  Download& first = start(nginx->url("/f"));
  ASSERT_TRUE(until([&] { return first.sink.data.size() > 100'000; }));
  transport->stop(first.id);
  first.sink.closed = true;
  const std::string held = first.sink.data;
  ASSERT_LT(held.size(), size);
  serve({});
  const Download& rest = get(nginx->url("/f"), held, identity_of(size, ""));
  EXPECT_EQ(rest.code(), Code::S_OK) << rest.text();
  EXPECT_EQ(rest.sink.data, content(1, size));
  nginx->stop();
  ASSERT_EQ(nginx->requests().size(), 1U);
  EXPECT_LT(nginx->requests()[0].bytes_sent, size - held.size() + core::sample_bytes + 2000);
}

TEST_P(WithNginx, AFileThatChangedBetweenTwoRequestsIsFetchedAnew) {
  const core::RemoteIdentity old = get(nginx->url("/f")).heads.at(0).identity;
  nginx->put("/f", content(2, size + 5));
  const Download& f = get(nginx->url("/f"), content(1, 700'000), old);
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, content(2, size + 5));
  EXPECT_EQ(f.sink.epochs, std::vector<std::uint32_t>{1});
}

TEST_P(WithNginx, SixteenAtOnce) {
  std::vector<Download*> all;
  for (int i = 0; i < 16; ++i) all.push_back(&start(nginx->url("/f")));
  for (Download* f : all) {
    EXPECT_EQ(finish(*f).code(), Code::S_OK) << f->text();
    EXPECT_EQ(f->sink.data, content(1, size));
  }
}

TEST_P(WithNginx, ConnectionsAreUsedAgain) {
  for (int i = 0; i < 50; ++i) {
    nginx->put("/" + std::to_string(i), content(1, 100));
    EXPECT_EQ(get(nginx->url("/" + std::to_string(i))).code(), Code::S_OK);
  }
  nginx->stop();
  const auto requests = nginx->requests();
  ASSERT_EQ(requests.size(), 50U);
  EXPECT_EQ(requests.front().connection, requests.back().connection);
}

// --- Certificates
class Tls : public CurlTest {
 protected:
  void SetUp() override {
    if (!Nginx::available()) GTEST_SKIP() << "SKIPPED: nginx is not installed";
  }
  base::Error failure_with(const CertificateRequest& certificate, bool trusted = true) {
    Nginx nginx({.tls = ca.issue(certificate)});
    nginx.put("/f", "hello");
    open({.ca_file = trusted ? ca.ca_file() : std::string()});
    const Download& f = get(nginx.url("/f"));
    EXPECT_TRUE(f.sink.data.empty());
    return f.end->error.value_or(base::Error(Code::S_OK));
  }
  TestCa ca;
};

TEST_F(Tls, AnUnknownAuthorityIsRefused) {
  const base::Error error = failure_with({}, false);
  EXPECT_EQ(error.code, Code::WINHTTP_SECURE_INVALID_CA) << error.text;
  EXPECT_EQ(error.context, base::ErrorContext::general_transport);
}

TEST_F(Tls, ACertificateOfAnotherHostIsRefused) {
  EXPECT_EQ(failure_with({.names = "DNS:example.org"}).code, Code::WINHTTP_SECURE_CERT_CN_INVALID);
}

TEST_F(Tls, AnExpiredCertificateIsRefused) {
  EXPECT_EQ(failure_with({.expired = true}).code, Code::WINHTTP_SECURE_CERT_DATE_INVALID);
}

TEST_F(Tls, ACertificateForAnotherUseIsRefused) {
  EXPECT_EQ(failure_with({.usage = "clientAuth"}).code, Code::WINHTTP_SECURE_CERT_WRONG_USAGE);
}

// Without a length only TLS can tell the end of the file from a connection that was cut.
TEST_F(Tls, AnEndThatTlsDoesNotConfirmIsABrokenConnection) {
  const Certificate certificate = ca.issue();
  open({.ca_file = ca.ca_file()});
  for (const std::string how : {"polite", "rude"}) {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), length), 0);
    ASSERT_EQ(listen(listener, 1), 0);
    ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), 0);
    const Process peer({"/usr/bin/python3", TLS_END_PEER, std::to_string(listener),
                        certificate.chain_file, certificate.key_file, how},
                       {}, listener);
    close(listener);
    const Download& f =
        get("https://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/f");
    EXPECT_EQ(f.code(), how == "polite" ? Code::S_OK : Code::WINHTTP_CONNECTION_ERROR) << f.text();
    EXPECT_EQ(f.sink.ended, how == "polite");
  }
}

TEST_F(Tls, ARedirectLeadsToHttpsButNotBack) {
  Nginx secure({.tls = ca.issue(), .extra = "location /back { return 302 " + server.url("/plain") +
                                            "; }"});
  secure.put("/f", "hello");
  open({.ca_file = ca.ca_file()});
  server.on("/plain", {.status = 301, .location = secure.url("/f")});
  EXPECT_EQ(get(server.url("/plain")).sink.data, "hello");
  server.forget_requests();
  const Download& f = get(secure.url("/back"));
  EXPECT_EQ(f.code(), Code::WINHTTP_REDIRECT_FAILED);
  EXPECT_NE(f.text().find("https to http"), std::string::npos) << f.text();
  EXPECT_TRUE(server.requests().empty());
}

}  // namespace
}  // namespace backhaul::test
