// SPDX-License-Identifier: Apache-2.0
// How the service asks the process that exchanges pieces: every way in which that can fail is an answer.
#include "adapters/swarm/client.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "bus/names.h"
#include "bus/swarm_wire.h"
#include "tests/support/private_bus.h"
#include "tests/support/recording_inbox.h"
#include "tests/support/recording_log.h"

namespace backhaul::swarm {
namespace {

using namespace std::chrono_literals;

const core::Swarmed what{.torrent = "http://h/f.torrent", .url = "http://h/f", .size = 9};

// Plays the process.
class Swarm {
 public:
  Swarm(const test::PrivateBus& bus, loop::Loop& loop) : bus_(bus.connect()) {
    BH_ASSERT(bus_.attach(loop.native()));
    std::vector<bus::Row<Swarm>> rows{bus::method<&Swarm::join>("Join", "what\0socket\0path\0"),
                                      bus::method<&Swarm::leave>("Leave", "id\0")};
    auto object = bus_.add_object(bus::swarm_path, bus::swarm_interface, std::move(rows), *this);
    BH_ASSERT(object && bus_.request_name(bus::swarm_name));
    object_ = *std::move(object);
  }

  std::vector<bus::SwarmJoin> joined;
  std::vector<std::uint64_t> left;
  std::optional<base::Error> refusal;
  std::string socket = "/run/socket", path = "/v1/object/1";
  bool silent = false;

 private:
  void join(bus::Reply<std::string, std::string> reply, bus::SwarmJoin wanted) {
    joined.push_back(std::move(wanted));
    if (silent) return kept_.push_back(std::move(reply));
    refusal ? reply.fail(*refusal) : reply.send(socket, path);
  }
  void leave(bus::Reply<> reply, std::uint64_t id) {
    left.push_back(id);
    reply.send();
  }

  bus::Bus bus_;
  std::vector<bus::Reply<std::string, std::string>> kept_;
  bus::Slot object_;
};

class SwarmClientTest : public testing::Test {
 protected:
  SwarmClientTest() : own_(bus_.connect()) { BH_ASSERT(own_.attach(loop_.native())); }
  std::optional<ports::SwarmAnswered> answer() {
    if (!test::wait_until(loop_, [&] { return inbox_.count<ports::SwarmAnswered>() > 0; })) return std::nullopt;
    const auto all = inbox_.all<ports::SwarmAnswered>();
    inbox_.events.clear();
    EXPECT_EQ(all.size(), 1U);
    return all.front();
  }
  static base::TransferId transfer(std::uint64_t number) { return static_cast<base::TransferId>(number); }

  test::PrivateBus bus_;
  loop::Loop loop_;
  bus::Bus own_;
  test::RecordingInbox inbox_;
  test::RecordingLog log_;
};

TEST_F(SwarmClientTest, ThatItIsNotInstalledIsAnAnswer) {
  Client client(own_, inbox_, log_);
  for (const std::uint64_t number : {1U, 2U}) {
    client.join(transfer(number), what);
    const auto told = answer();
    ASSERT_TRUE(told);
    EXPECT_EQ(told->transfer, transfer(number));
    ASSERT_FALSE(told->place);
    EXPECT_EQ(told->place.error().text, "there is no swarm here");
  }
  EXPECT_EQ(log_.text(), "6 files are not exchanged: backhaul-swarm is not here\n");
}

TEST_F(SwarmClientTest, TellsWhereTheOctetsAre) {
  Swarm swarm(bus_, loop_);
  Client client(own_, inbox_, log_);
  client.join(transfer(7), what);
  const auto told = answer();
  ASSERT_TRUE(told && told->place);
  EXPECT_EQ(*told->place, (core::SwarmPlace{.socket = "/run/socket", .path = "/v1/object/1"}));
  ASSERT_EQ(swarm.joined.size(), 1U);
  EXPECT_EQ(swarm.joined[0].id, 7U);
  EXPECT_EQ(swarm.joined[0].torrent, what.torrent);
  EXPECT_EQ(swarm.joined[0].url, what.url);
  EXPECT_EQ(swarm.joined[0].size, what.size);
  client.leave(transfer(7));
  client.leave(transfer(7));  // a number that is not known
  ASSERT_TRUE(test::wait_until(loop_, [&] { return !swarm.left.empty(); }));
  EXPECT_EQ(swarm.left, std::vector<std::uint64_t>{7});
}

TEST_F(SwarmClientTest, WhyATorrentWasRefusedIsTold) {
  Swarm swarm(bus_, loop_);
  swarm.refusal = base::Error(base::Code::WINHTTP_INVALID_SERVER_RESPONSE, "two files");
  Client client(own_, inbox_, log_);
  client.join(transfer(1), what);
  const auto told = answer();
  ASSERT_TRUE(told && !told->place);
  EXPECT_EQ(told->place.error().code, base::Code::WINHTTP_INVALID_SERVER_RESPONSE);
  EXPECT_EQ(told->place.error().text, "two files");
}

TEST_F(SwarmClientTest, APlaceThatIsNoneIsRefused) {
  Swarm swarm(bus_, loop_);
  Client client(own_, inbox_, log_);
  std::uint64_t number = 0;
  for (const auto& [socket, path] : {std::pair("relative", "/a"), std::pair("/s", "a"), std::pair("/s", "/a b"),
                                     std::pair("", ""), std::pair("/s", "/a\r\nX: y")}) {
    swarm.socket = socket;
    swarm.path = path;
    client.join(transfer(++number), what);
    const auto told = answer();
    ASSERT_TRUE(told);
    EXPECT_FALSE(told->place) << socket << " " << path;
  }
}

TEST_F(SwarmClientTest, OneThatDoesNotAnswerIsNotWaitedForAndToldSo) {
  Swarm swarm(bus_, loop_);
  swarm.silent = true;
  Client client(own_, inbox_, log_, 100ms);
  client.join(transfer(3), what);
  const auto told = answer();
  ASSERT_TRUE(told && !told->place);
  ASSERT_TRUE(test::wait_until(loop_, [&] { return !swarm.left.empty(); }));
  EXPECT_EQ(swarm.left, std::vector<std::uint64_t>{3});
}

TEST_F(SwarmClientTest, WhoLeavesBeforeTheAnswerHearsNone) {
  Swarm swarm(bus_, loop_);
  Client client(own_, inbox_, log_);
  client.join(transfer(4), what);
  client.leave(transfer(4));
  ASSERT_TRUE(test::wait_until(loop_, [&] { return !swarm.left.empty(); }));
  test::run_for(loop_, 50ms);
  EXPECT_TRUE(inbox_.events.empty());
}

}  // namespace
}  // namespace backhaul::swarm
