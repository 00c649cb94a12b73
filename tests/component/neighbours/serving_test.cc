// SPDX-License-Identifier: Apache-2.0
// The server against curl(1): what is told to whom, and how much at once (peer-caching.md §9).

#include "adapters/neighbours/site.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <filesystem>

#include "adapters/curl/introducer.h"
#include "base/hex.h"
#include "os/descriptor.h"
#include "os/sha256.h"
#include "tests/support/process.h"
#include "tests/support/recording_inbox.h"
#include "tests/support/recording_log.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_ca.h"
#include "tests/support/wait_until.h"

namespace backhaul::neighbours {
namespace {

using namespace std::chrono_literals;

constexpr const char* url = "http://origin.example/file";
constexpr const char* date = "Mon, 02 Nov 2026 10:00:00 GMT";

struct Answer {
  int exit = 0;
  std::string status;  // "000": there was none
  std::string head;
  std::string body;
};

class Serving : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"own", "friend", "stranger", "copies"}) std::filesystem::create_directories(folder_ / name);
    friend_key_ = have_machine_key(folder_ / "friend", log_)->key;
    ASSERT_TRUE(have_machine_key(folder_ / "stranger", log_));
    rules_.port.value = 0;
    rules_.discovery.value = false;
    rules_.fixed.value = {{.key = friend_key_, .host = "127.0.0.1", .port = 1, .name = {}}};
    rules_.serve_bits_per_second.value = 8'000'000'000;
    serve();
  }
  void serve() {
    site_.apply(rules_, true);
    ASSERT_NE(site_.port(), 0) << log_.text();
  }

  core::CacheRecord record(std::uint8_t id, const std::string& text) {
    core::CacheRecord record;
    record.id.bytes[0] = id;
    record.remote_size = record.size = text.size();
    record.etag = "\"v1\"";
    record.last_modified = date;
    record.digest = "sha256:" + os::sha256(text);
    record.url = url;
    test::write_file(folder_ / ("copies/" + base::to_hex(record.id)), text);
    return record;
  }
  std::vector<std::string> curl(const std::string& who, std::vector<std::string> more) {
    std::vector<std::string> all{"curl", "-sS", "-k", "--max-time", "300", "-D", folder_ / "head", "-o", folder_ / "body",
                                 "-w", "%{http_code}"};
    if (!who.empty())
      all.insert(all.end(), {"--cert", folder_ / (who + "/peer.crt"), "--key", folder_ / (who + "/peer.key")});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  Answer ask(const std::string& who, const std::string& path, std::vector<std::string> more = {}) {
    for (const char* name : {"head", "body"}) std::filesystem::remove(folder_ / name);
    more.push_back("https://127.0.0.1:" + std::to_string(site_.port()) + path);
    Answer answer;
    answer.exit = test::run_program(curl(who, std::move(more)), folder_ / "out");
    const std::string out = test::read_file(folder_ / "out");
    answer.status = out.size() < 3 ? out : out.substr(out.size() - 3);
    answer.head = test::read_file(folder_ / "head");
    answer.body = test::read_file(folder_ / "body");
    return answer;
  }
  Answer search(const std::string& who, std::uint64_t size, std::vector<std::string> more = {}, std::string tag = "\"v1\"") {
    std::vector<std::string> all{"-I", "-H", "Backhaul-Object: " + os::sha256(url), "-H",
                                 "Backhaul-Size: " + std::to_string(size)};
    if (!tag.empty()) all.insert(all.end(), {"-H", "If-Match: " + tag});
    all.insert(all.end(), more.begin(), more.end());
    return ask(who, "/v1/object", std::move(all));
  }
  static std::string path_of(const core::CacheRecord& record) { return "/v1/record/" + base::to_hex(record.id); }
  // In TLS 1.3 a client may have sent its request when it hears that it is refused: whether curl then meets the alert, the
  // end, or that it cannot send, is a matter of time and tells nothing.
  static bool is_turned_away(const Answer& answer) {
    return answer.exit == 35 || answer.exit == 52 || answer.exit == 55 || answer.exit == 56;
  }
  static bool has(const Answer& answer, const std::string& line) {
    return answer.head.find(line + "\r\n") != std::string::npos;
  }

  test::TempDir folder_;
  test::RecordingLog log_;
  test::RecordingInbox inbox_;
  loop::Loop loop_;
  std::string friend_key_;
  core::NeighbourRules rules_;
  curl::Introducer introducer_{loop_, {}};
  Site site_{loop_, inbox_, log_, introducer_,
             {.state = folder_ / "own", .copies = folder_ / "copies", .bus_address = "unix:path=/nonexistent"}};
};

TEST_F(Serving, P2_WhatIsNotOfferedIsNotThereAndWhatIsWithdrawnNeitherAnyMore) {
  const auto one = record(1, "hello neighbour");
  EXPECT_EQ(search("friend", one.size).status, "404") << log_.text();
  EXPECT_EQ(ask("friend", path_of(one)).status, "404");
  site_.offer(one);
  const Answer found = search("friend", one.size);
  EXPECT_EQ(found.status, "200");
  EXPECT_TRUE(has(found, "Content-Length: 15")) << found.head;
  EXPECT_TRUE(has(found, "ETag: \"v1\""));
  EXPECT_TRUE(has(found, std::string("Last-Modified: ") + date));
  EXPECT_TRUE(has(found, "Location: " + path_of(one)));
  EXPECT_TRUE(has(found, "Repr-Digest: " + repr_digest(std::string(one.digest)))) << found.head;
  const Answer got = ask("friend", path_of(one));
  EXPECT_EQ(got.status, "200");
  EXPECT_EQ(got.body, "hello neighbour");
  site_.withdraw(one.id);
  EXPECT_EQ(search("friend", one.size).status, "404");
  EXPECT_EQ(ask("friend", path_of(one)).status, "404");
}

TEST_F(Serving, P4_AStrangerHearsNothingNotEvenWhetherSomethingIsThere) {
  const auto one = record(1, "hello neighbour");
  site_.offer(one);
  for (const char* who : {"stranger", ""}) {
    const Answer there = search(who, one.size);
    const Answer missing = search(who, one.size + 1);
    EXPECT_NE(there.exit, 0) << who;
    EXPECT_EQ(there.status, "000") << who;
    EXPECT_EQ(there.head, "") << who;
    EXPECT_TRUE(is_turned_away(there) && is_turned_away(missing)) << who << ' ' << there.exit << ' ' << missing.exit;
    EXPECT_EQ(missing.head, "") << who;
    EXPECT_EQ(there.status, missing.status) << who;
    EXPECT_EQ(ask(who, path_of(one)).status, "000") << who;
  }
  EXPECT_EQ(search("friend", one.size).status, "200") << "the door is there";
  EXPECT_EQ(search("friend", one.size, {"--tls-max", "1.2"}).status, "000");
}

TEST_F(Serving, P4_WhoeverHasAnExpiredCertificateOfTheSiteIsNobody) {
  test::TestCa ca;
  test::CertificateRequest request{.usage = "serverAuth,clientAuth", .lists = {}};
  const auto good = ca.issue(request);
  request.expired = true;
  const auto old = ca.issue(request);
  for (const auto& [name, one] : {std::pair("good", good), std::pair("old", old)}) {
    std::filesystem::create_directories(folder_ / name);
    std::filesystem::copy_file(one.chain_file, folder_ / (std::string(name) + "/peer.crt"));
    std::filesystem::copy_file(one.key_file, folder_ / (std::string(name) + "/peer.key"));
  }
  rules_.trust.value = core::NeighbourTrust::ca;
  rules_.authority.value = ca.ca_file();
  serve();
  const auto one = record(1, "hello neighbour");
  site_.offer(one);
  EXPECT_EQ(search("good", one.size).status, "200") << log_.text();
  EXPECT_EQ(search("old", one.size).status, "000");
  EXPECT_EQ(search("friend", one.size).status, "000") << "its key is on the list, which no longer counts";
}

TEST_F(Serving, P7_AnotherVersionIsNotThere) {
  const auto one = record(1, "hello neighbour");
  site_.offer(one);
  EXPECT_EQ(search("friend", one.size, {}, "\"v2\"").status, "404");
  EXPECT_EQ(search("friend", one.size, {"-H", std::string("If-Unmodified-Since: ") + date}).status, "200");
  EXPECT_EQ(search("friend", one.size, {"-H", "If-Unmodified-Since: Mon, 02 Nov 2026 10:00:01 GMT"}).status, "404");
  EXPECT_EQ(search("friend", one.size, {}, "").status, "404") << "which version it is has to be said";
  EXPECT_EQ(ask("friend", path_of(one), {"-H", "If-Match: \"v2\""}).status, "404");
}

TEST_F(Serving, P13_RangesAreThoseOfTheRecordAndPlacesAreItsOwn) {
  auto one = record(1, "0123456789");
  one.remote_size = 100;
  one.wanted = *parse_ranges("20-29");
  site_.offer(one);
  EXPECT_EQ(search("friend", 100).status, "404");
  EXPECT_EQ(search("friend", 100, {"-H", "Backhaul-Ranges: 20-28"}).status, "404");
  EXPECT_EQ(search("friend", 100, {"-H", "Backhaul-Ranges: 20-29"}).status, "200");
  const Answer piece = ask("friend", path_of(one), {"-r", "3-5"});
  EXPECT_EQ(piece.status, "206");
  EXPECT_EQ(piece.body, "345");
  EXPECT_TRUE(has(piece, "Content-Range: bytes 3-5/10")) << piece.head;
  EXPECT_EQ(ask("friend", path_of(one), {"-r", "3-"}).body, "3456789");
  EXPECT_EQ(ask("friend", path_of(one), {"-r", "10-"}).status, "416");
  EXPECT_EQ(ask("friend", path_of(one), {"-r", "0-1,5-6"}).status, "200");
}

TEST_F(Serving, WhatComesIsToldWithTheRankOfThisMachine) {
  const core::Sought sought{.url = url, .size = 100, .etag = "\"v1\"", .last_modified = {}, .wanted = {}};
  site_.coming(base::TransferId{1}, {.sought = sought, .offset = 7});
  const Answer coming = search("friend", 100);
  EXPECT_EQ(coming.status, "202");
  EXPECT_TRUE(has(coming, "Backhaul-Offset: 7"));
  const std::string own = inbox_.all<ports::NeighboursChanged>().back().own_key;
  EXPECT_TRUE(has(coming, "Backhaul-Rank: " + os::sha256(own + os::sha256(url)))) << coming.head;
  site_.came(base::TransferId{1});
  EXPECT_EQ(search("friend", 100).status, "404");
}

TEST_F(Serving, P11_WithoutAvahiNoCacheIsFoundAndThatIsAll) {
  site_.look_for_caches(true);
  ASSERT_EQ(inbox_.all<ports::CachesFound>().size(), 1U);
  EXPECT_TRUE(inbox_.all<ports::CachesFound>().front().all.empty());
  site_.look_for_caches(false);
  EXPECT_EQ(inbox_.all<ports::CachesFound>().size(), 1U) << "nobody asks any more";
}

// Whoever is given something slowly, as long as this lives.
class Slow {
 public:
  Slow(std::vector<std::string> command, const std::string& output) : process_(command, {}, -1, output) {}

 private:
  test::Process process_;
};

TEST_F(Serving, P10_TheFourthIsToldToComeAgainAndNobodyIsInItsWayAfterwards) {
  const auto one = record(1, std::string(8 << 20, 'x'));
  rules_.serve_bits_per_second.value = 400'000;  // minutes for a copy
  serve();
  site_.offer(one);
  const std::string address = "https://127.0.0.1:" + std::to_string(site_.port()) + path_of(one);
  {
    std::vector<std::unique_ptr<Slow>> served;
    const auto began = [&] {
      std::size_t count = 0;
      for (const auto& event : inbox_.all<ports::RecordServed>()) count += event.begins ? 1 : 0;
      return count;
    };
    for (std::size_t i = 0; i < 3; ++i) {
      auto command = curl("friend", {address});
      served.push_back(std::make_unique<Slow>(std::move(command), folder_ / ("slow" + std::to_string(i))));
      ASSERT_TRUE(test::wait_until(loop_, [&] { return began() == i + 1; })) << log_.text();
    }
    const Answer fourth = ask("friend", path_of(one));
    EXPECT_EQ(fourth.status, "503");
    EXPECT_TRUE(has(fourth, "Retry-After: 5")) << fourth.head;
    EXPECT_EQ(search("friend", one.size).status, "503");
  }
  const auto balance = [&] {
    int all = 0;
    for (const auto& event : inbox_.all<ports::RecordServed>()) all += event.begins ? 1 : -1;
    return all;
  };
  ASSERT_TRUE(test::wait_until(loop_, [&] { return balance() == 0; })) << "whoever left is served no longer";
  EXPECT_EQ(search("friend", one.size).status, "200");
}

TEST_F(Serving, P10_NoMoreGoesThanTheRate) {
  const auto one = record(1, std::string(500'000, 'x'));
  rules_.serve_bits_per_second.value = 4'000'000;  // a second
  serve();
  site_.offer(one);
  const auto began = std::chrono::steady_clock::now();
  const Answer got = ask("friend", path_of(one));
  EXPECT_EQ(got.body.size(), 500'000U);
  EXPECT_GE(std::chrono::steady_clock::now() - began, 750ms);
}

TEST_F(Serving, WhatIsWithdrawnAndGoneIsGivenToItsEndToWhoeverIsBeingGivenIt) {
  const auto one = record(1, std::string(400'000, 'x'));
  rules_.serve_bits_per_second.value = 1'600'000;
  serve();
  site_.offer(one);
  const std::string address = "https://127.0.0.1:" + std::to_string(site_.port()) + path_of(one);
  test::Process slow(curl("friend", {address}), {}, -1, folder_ / "slow");
  ASSERT_TRUE(test::wait_until(loop_, [&] { return inbox_.count<ports::RecordServed>() == 1; }));
  site_.withdraw(one.id);
  std::filesystem::remove(folder_ / ("copies/" + base::to_hex(one.id)));
  ASSERT_TRUE(test::wait_until(loop_, [&] { return inbox_.count<ports::RecordServed>() == 2 && !slow.running(); }));
  EXPECT_EQ(test::read_file(folder_ / "body").size(), 400'000U);
  EXPECT_EQ(site_.octets_given(), 400'000U);
}

TEST_F(Serving, WhoeverEndsDoesNotWaitForThoseWhoAreServed) {
  const auto one = record(1, std::string(8 << 20, 'x'));
  rules_.serve_bits_per_second.value = 100'000;
  serve();
  site_.offer(one);
  const std::string address = "https://127.0.0.1:" + std::to_string(site_.port()) + path_of(one);
  test::Process slow(curl("friend", {address}), {}, -1, folder_ / "slow");
  ASSERT_TRUE(test::wait_until(loop_, [&] { return inbox_.count<ports::RecordServed>() == 1; }));
  site_.apply(rules_, false);
  EXPECT_EQ(site_.port(), 0);
}

os::Descriptor connect_from(const char* address, std::uint16_t port) {
  os::Descriptor made(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in from{}, to{};
  from.sin_family = to.sin_family = AF_INET;
  inet_pton(AF_INET, address, &from.sin_addr);
  inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
  to.sin_port = htons(port);
  BH_ASSERT(bind(made.get(), reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0);
  BH_ASSERT(connect(made.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
  return made;
}

TEST_F(Serving, AFloodOfOneDoesNotShutOutTheOthers) {
  const auto one = record(1, "hello neighbour");
  site_.offer(one);
  std::vector<os::Descriptor> flood;  // none of which says a word
  for (int i = 0; i < 100; ++i) flood.push_back(connect_from("127.0.0.2", site_.port()));
  EXPECT_EQ(search("friend", one.size).status, "200");
  std::vector<std::string> huge{"-H", "X-Long: " + std::string(60'000, 'x')};
  EXPECT_NE(search("friend", one.size, huge).status, "200");
  EXPECT_EQ(search("friend", one.size).status, "200");
}

// The request that is dropped with it is sent once more by curl(1), over a new connection.
TEST_F(Serving, AConnectionThatIsKeptBusyIsDroppedAfterAHundredRequests) {
  const auto one = record(1, "hello neighbour");
  site_.offer(one);
  const std::string address = "https://127.0.0.1:" + std::to_string(site_.port());
  for (const auto& [path, status] : {std::pair(path_of(one), "200"), std::pair(std::string("/nothing"), "404")}) {
    std::vector<std::string> all{"curl", "-sS", "-k", "-w", "%{http_code} %{num_connects}\n", "--cert",
                                 folder_ / "friend/peer.crt", "--key", folder_ / "friend/peer.key"};
    for (int i = 0; i < 150; ++i) all.insert(all.end(), {"-o", "/dev/null", address + path});
    const auto told = folder_ / (std::string("told ") + status);
    EXPECT_EQ(test::run_program(all, told), 0);
    std::string expected;
    for (int i = 0; i < 150; ++i) expected += std::string(status) + (i % 100 == 0 ? " 1\n" : " 0\n");
    EXPECT_EQ(test::read_file(told), expected);
  }
}

TEST_F(Serving, WhoeverSaysNothingIsLeft) {
  const os::Descriptor silent = connect_from("127.0.0.1", site_.port());
  char octet = 0;
  EXPECT_LE(recv(silent.get(), &octet, 1, 0), 0) << "within some ten seconds";
}

TEST_F(Serving, APortThatIsTakenIsSaidOnceAndNoError) {
  rules_.port.value = site_.port();
  test::RecordingLog log;
  std::filesystem::create_directories(folder_ / "second");
  Site second(
      loop_, inbox_, log, introducer_,
      {.state = folder_ / "second", .copies = folder_ / "copies", .bus_address = "unix:path=/nonexistent"});
  second.apply(rules_, true);
  EXPECT_EQ(second.port(), 0);
  EXPECT_NE(log.text().find("4 Nobody is served: port"), std::string::npos) << log.text();
}

}  // namespace
}  // namespace backhaul::neighbours
