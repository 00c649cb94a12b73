// SPDX-License-Identifier: Apache-2.0
#include "core/peer_preferences.h"

#include <gtest/gtest.h>

namespace backhaul::core {
namespace {

using base::Code;

struct Laid {
  CacheRules cache{};
  NeighbourRules neighbours{};
  PeerPreferences all{};

  Code ask(const PeerPreferences& wanted) {
    add(all, wanted);
    prefer(cache, neighbours, all);
    return outcome(wanted, now());
  }
  PeerSettings now() const { return in_force(cache, neighbours, all); }
};

// peer-caching.md §2
TEST(PeerPreferences, HoldWhereNoFileSaysAnything) {
  Laid laid;
  EXPECT_EQ(laid.now(), (PeerSettings{1, 90 * 86'400, 0}));
  EXPECT_EQ(laid.ask({.cache_percent = 5}), Code::S_OK);
  EXPECT_EQ(laid.ask({.content_age = 86'400}), Code::S_OK);
  EXPECT_EQ(laid.ask({.flags = 7}), Code::S_OK);
  EXPECT_EQ(laid.now(), (PeerSettings{5, 86'400, 7}));
  EXPECT_TRUE(laid.cache.enabled.value);
  EXPECT_TRUE(laid.neighbours.client.value);
  EXPECT_EQ(laid.ask({.flags = 2}), Code::S_OK);
  EXPECT_FALSE(laid.neighbours.client.value);
  EXPECT_EQ(laid.now().cache_percent, 5U);
}

TEST(PeerPreferences, AreKeptWhereAFileWinsAndTheAnswerSaysSo) {
  Laid laid;
  laid.cache.percent = {3, "/etc/x:1"};
  laid.cache.age = {std::chrono::hours(24), "/etc/x:2"};
  laid.cache.enabled = {true, "/etc/x:3"};
  EXPECT_EQ(laid.ask({.cache_percent = 5}), Code::S_FALSE);
  EXPECT_EQ(laid.ask({.content_age = 2 * 86'400}), Code::S_FALSE);
  EXPECT_EQ(laid.ask({.flags = 1}), Code::BG_S_OVERRIDDEN_BY_POLICY);
  EXPECT_EQ(laid.now(), (PeerSettings{3, 86'400, 3})) << "of the flags each has its own rule";
  EXPECT_EQ(laid.all, (PeerPreferences{5, 2 * 86'400, 1}));
  EXPECT_EQ(laid.ask({.cache_percent = 3}), Code::S_OK) << "it is what the file says";
  EXPECT_EQ(laid.ask({.flags = 3}), Code::S_OK);
}

TEST(PeerPreferences, AreShownWhereNoFileSaysAnything) {
  const auto entry = [](const char* key, const char* value) {
    return PolicyEntry{.section = "Peers", .key = key, .value = value};
  };
  PolicyList list{entry("Enable", "no"), entry("Client", "yes"), entry("Server", "yes"), entry("CachePercent", "1"),
                  entry("ContentAgeDays", "90")};
  list[3] = {.section = "Peers", .key = "CachePercent", .value = "3", .said_by = SaidBy::machine, .where = "/etc/x:1"};
  PolicyList unasked = list;
  Laid laid;
  laid.cache.percent = {3, "/etc/x:1"};
  show_preferred(unasked, {}, laid.cache, laid.neighbours);
  EXPECT_EQ(unasked, list);
  show_preferred(list, {.cache_percent = 5, .content_age = 86'401, .flags = 1}, laid.cache, laid.neighbours);
  std::string values;
  for (const PolicyEntry& one : list) values += one.key + '=' + one.value + ' ' + std::string(role_of(one)) + '\n';
  EXPECT_EQ(values,
            "Enable=yes asked\nClient=yes asked\nServer=no asked\nCachePercent=3 bound\nContentAgeDays=2 asked\n");
  list = {entry("Enable", "yes"), entry("Client", "yes"), entry("Server", "yes")};
  laid.cache.enabled = laid.neighbours.client = {true, "/etc/x:3"};
  show_preferred(list, {.flags = 0}, laid.cache, laid.neighbours);
  EXPECT_EQ(list[1].value, "yes") << "a file switches both on";
}

TEST(PeerPreferences, OnlyWhatThereIsCanBeAskedFor) {
  for (const std::uint32_t percent : {0U, 81U}) EXPECT_EQ(check({.cache_percent = percent}).error().code, Code::E_INVALIDARG);
  for (const std::uint32_t percent : {1U, 80U}) EXPECT_TRUE(check({.cache_percent = percent}));
  for (const std::uint32_t age : {0U, 86'399U, 10'368'001U})
    EXPECT_EQ(check({.content_age = age}).error().code, Code::E_INVALIDARG);
  for (const std::uint32_t age : {86'400U, 10'368'000U}) EXPECT_TRUE(check({.content_age = age}));
  EXPECT_EQ(check({.flags = 8}).error().code, Code::E_INVALIDARG);
  EXPECT_TRUE(check({.flags = 7}));
}

}  // namespace
}  // namespace backhaul::core
