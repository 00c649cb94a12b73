// SPDX-License-Identifier: Apache-2.0
// Machines of a group that become known to each other (peer-caching.md §5.3): both sides with their own TLS, one by
// GnuTLS and the other by OpenSSL, so what each exports of a session has to be equal.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <optional>

#include "adapters/curl/introducer.h"
#include "adapters/neighbours/site.h"
#include "base/hex.h"
#include "os/sha256.h"
#include "tests/support/process.h"
#include "tests/support/recording_inbox.h"
#include "tests/support/recording_log.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_until.h"

namespace backhaul::neighbours {
namespace {

const std::string right_secret = "of the group, and long enough for it";
const std::string wrong_secret = "of nobody here, and long enough for it";

class Introducing : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"own", "friend", "copies"}) std::filesystem::create_directories(folder_ / name);
    own_key_ = have_machine_key(folder_ / "own", log_)->key;
    friend_key_ = have_machine_key(folder_ / "friend", log_)->key;
    rules_.trust.value = core::NeighbourTrust::group;
    rules_.group_secret.value = folder_ / "peer-group";
    rules_.port.value = 0;
    rules_.discovery.value = false;
    lay_down(right_secret);
    begin();
  }
  void lay_down(const std::string& secret) {
    test::write_file(rules_.group_secret.value, secret + "\n");
    ASSERT_EQ(chmod(rules_.group_secret.value.c_str(), 0600), 0);
  }
  void begin() {
    site_.reset();
    site_.emplace(
        loop_, inbox_, log_, introducer_,
        SitePlaces{.state = folder_ / "own", .copies = folder_ / "copies", .bus_address = "unix:path=/nonexistent"});
    site_->apply(rules_, true);
    ASSERT_NE(site_->port(), 0) << log_.text();
    core::CacheRecord record;
    record.id.bytes[0] = 1;
    record.remote_size = record.size = 5;
    record.etag = "\"v1\"";
    record.digest = "sha256:" + os::sha256("hello");
    record.url = "http://origin.example/file";
    test::write_file(folder_ / ("copies/" + base::to_hex(record.id)), "hello");
    site_->offer(record);
  }
  core::Neighbour own_place() const {
    return {.key = own_key_.substr(0, 32), .host = "127.0.0.1", .port = site_->port(), .name = "own"};
  }
  // What curl(1) hears as the friend; its key is known, or it is not.
  std::string asked(const std::string& path, std::vector<std::string> more = {}) {
    std::vector<std::string> all{"curl", "-sS", "-k", "-o", folder_ / "body", "-D", folder_ / "head", "-w",
                                 "%{http_code}", "--cert", folder_ / "friend/peer.crt", "--key",
                                 folder_ / "friend/peer.key"};
    all.insert(all.end(), more.begin(), more.end());
    all.push_back("https://127.0.0.1:" + std::to_string(site_->port()) + path);
    test::run_program(all, folder_ / "out");
    const std::string out = test::read_file(folder_ / "out");
    return out.size() < 3 ? out : out.substr(out.size() - 3);
  }
  std::string got_record() { return asked("/v1/record/01" + std::string(30, '0')); }
  // The key that it proved; empty: it did not. `secret`: of the friend.
  std::string introduced(const std::string& secret, std::optional<core::Neighbour> whom = std::nullopt) {
    const auto group = std::make_shared<const Group>(base::Secret(secret));
    std::optional<std::string> told;
    of_friend_.introduce(whom.value_or(own_place()), [group](std::string_view words) { return group->prove(words); },
                         [&told](std::string key) { told = std::move(key); });
    EXPECT_TRUE(test::wait_until(loop_, [&] { return told.has_value(); }));
    return told.value_or("");
  }

  test::TempDir folder_;
  test::RecordingLog log_;
  test::RecordingInbox inbox_;
  loop::Loop loop_;
  std::string own_key_, friend_key_;
  core::NeighbourRules rules_;
  curl::Introducer introducer_{loop_, {.certificate = folder_ / "own/peer.crt", .key = folder_ / "own/peer.key"}};
  curl::Introducer of_friend_{loop_, {.certificate = folder_ / "friend/peer.crt", .key = folder_ / "friend/peer.key"}};
  std::optional<Site> site_;
};

TEST_F(Introducing, P4_WhoDidNotProveItHearsTheSameOfEverything) {
  EXPECT_EQ(got_record(), "403");
  const std::string head = test::read_file(folder_ / "head");
  EXPECT_EQ(asked("/v1/record/02" + std::string(30, '0')), "403");
  EXPECT_EQ(asked("/v1/object", {"-I"}), "403");
  EXPECT_EQ(asked("/nothing"), "403");
  EXPECT_EQ(asked("/v1/introduce", {"-d", ""}), "403");
  EXPECT_EQ(asked("/v1/introduce", {"-d", "a body"}), "000") << "none is read";
  EXPECT_EQ(head.find("ETag"), std::string::npos) << head;
}

TEST_F(Introducing, WhoHasTheSecretIsKnownFromThenOnAndKnowsTheOther) {
  EXPECT_EQ(introduced(right_secret), own_key_) << log_.text();
  EXPECT_EQ(got_record(), "200");
  EXPECT_EQ(introduced(right_secret), own_key_) << "one may have forgotten the other";
  ASSERT_TRUE(test::wait_until(loop_, [&] { return !test::read_file(folder_ / "own/peer.pins").empty(); }));
  begin();
  EXPECT_EQ(got_record(), "200") << "also after a restart";
  lay_down(wrong_secret);
  site_->apply(rules_, true);
  EXPECT_EQ(got_record(), "403") << "another secret has to be proven anew";
}

TEST_F(Introducing, AnotherSecretOrAnotherMachineMakesNobodyKnown) {
  EXPECT_EQ(introduced(wrong_secret), "");
  EXPECT_EQ(got_record(), "403");
  core::Neighbour other = own_place();
  other.key = std::string(32, '0');
  EXPECT_EQ(introduced(right_secret, other), "") << "who announces the key of another";
  EXPECT_EQ(got_record(), "403");
}

TEST_F(Introducing, AfterThreeWrongProofsNoneIsLookedAt) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(introduced(wrong_secret), "");
  EXPECT_EQ(introduced(right_secret), "");
  EXPECT_EQ(got_record(), "403");
}

TEST_F(Introducing, AMachineThatTheSettingsNameIsMadeKnownToIt) {
  test::RecordingInbox inbox;
  core::NeighbourRules rules = rules_;
  rules.client.value = true;
  rules.fixed.value = {own_place()};
  rules.fixed.value.front().key = own_key_;
  Site other(loop_, inbox, log_, of_friend_,
             {.state = folder_ / "friend", .copies = folder_ / "copies", .bus_address = "unix:path=/nonexistent"});
  other.apply(rules, false);
  const std::string line = "belongs to the group: the key " + friend_key_;
  ASSERT_TRUE(test::wait_until(loop_, [&] { return log_.text().find(line) != std::string::npos; }));
  EXPECT_EQ(got_record(), "200");
}

TEST_F(Introducing, WithoutASecretNobodyIsServed) {
  std::filesystem::remove(rules_.group_secret.value);
  site_->apply(rules_, true);
  EXPECT_EQ(site_->port(), 0);
  EXPECT_NE(log_.text().find("peer-group, is not there"), std::string::npos) << log_.text();
}

}  // namespace
}  // namespace backhaul::neighbours
