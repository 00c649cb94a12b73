// SPDX-License-Identifier: Apache-2.0
// org.backhaul.Peers1: what is asked of the queue, and what is answered.
#include "bus/peers_wire.h"
#include "tests/component/dbus/served.h"

namespace backhaul::test {
namespace {

using base::Code;
namespace command = ports::command;

class Peers : public Served {
 protected:
  static bus::Call peers(const char* member) { return to(bus::peers_path, bus::peers_interface, member); }
  core::CacheRecord& add_record(const std::string& url) {
    core::CacheRecord record;
    record.id.bytes[15] = static_cast<std::uint8_t>(queue_.records.size() + 1);
    record.url = url;
    record.size = 50;
    record.remote_size = 500;
    record.made = base::from_epoch_us(7);
    record.wanted = core::Wanted::of_ranges({{10, 50}}).value();
    return queue_.records.emplace_back(std::move(record));
  }
  // The order that the queue got, which is answered so.
  template <class Order, class... Out, class... In>
  std::optional<Order> ordered(const char* member, const ports::ReplyValue& value, std::tuple<Out...>& told,
                               const In&... in) {
    auto call = begin<Out...>(peers(member), in...);
    if (!until([&] { return !queue_.open.empty(); })) return std::nullopt;
    const auto* administer = queue_.last<command::Administer>();
    const auto* order = administer == nullptr ? nullptr : std::get_if<Order>(&administer->what);
    const auto found = order == nullptr ? std::nullopt : std::optional(*order);
    queue_.answer(value);
    EXPECT_TRUE(until([&] { return call->answer.has_value(); }));
    if (*call->answer) told = **call->answer;
    return found;
  }
};

TEST_F(Peers, RecordsComeInPagesWithAllThatIsKnownOfThem) {
  add_record("http://h/a").validated = true;
  add_record("http://h/b");
  const auto first = ask<std::vector<bus::CacheEntry>, std::string>(peers("ListRecords"), std::string(), 1U);
  ASSERT_TRUE(first);
  ASSERT_EQ(std::get<0>(*first).size(), 1U);
  const bus::CacheEntry& entry = std::get<0>(*first)[0];
  EXPECT_EQ(entry.id, "00000000-0000-0000-0000-000000000001");
  EXPECT_EQ(entry.url, "http://h/a");
  EXPECT_EQ(entry.size, 50U);
  EXPECT_EQ(entry.remote_size, 500U);
  EXPECT_EQ(entry.made, 7U);
  EXPECT_TRUE(entry.validated);
  EXPECT_TRUE(entry.busy);
  EXPECT_EQ(entry.ranges, (std::vector<bus::RangeTuple>{{10, 50}}));
  const auto rest =
      ask<std::vector<bus::CacheEntry>, std::string>(peers("ListRecords"), std::get<1>(*first), 1U);
  ASSERT_TRUE(rest);
  EXPECT_EQ(std::get<0>(*rest).at(0).url, "http://h/b");
  EXPECT_EQ(std::get<1>(*rest), "");
  const auto one = ask<bus::CacheEntry>(peers("GetRecord"), std::string("{00000000000000000000000000000002}"));
  ASSERT_TRUE(one);
  EXPECT_EQ(std::get<0>(*one).url, "http://h/b");
  EXPECT_EQ(ask<bus::CacheEntry>(peers("GetRecord"), std::string("a")).error().code(), Code::E_INVALIDARG);
}

TEST_F(Peers, OrdersReachTheQueueAndItsAnswerTheCaller) {
  std::tuple<> nothing;
  std::tuple<std::uint32_t> code;
  const auto deleted = ordered<command::DeleteRecord>("DeleteRecord", {}, nothing,
                                                      std::string("00000000-0000-0000-0000-000000000009"));
  ASSERT_TRUE(deleted);
  EXPECT_EQ(deleted->id.bytes[15], 9);
  const auto url = ordered<command::DeleteRecordsOf>("DeleteUrl", Code::S_FALSE, code, std::string("http://h/a"));
  ASSERT_TRUE(url);
  EXPECT_EQ(url->url, "http://h/a");
  EXPECT_EQ(std::get<0>(code), 1U);
  EXPECT_TRUE(ordered<command::ClearRecords>("ClearRecords", {}, nothing));
  EXPECT_TRUE(ordered<command::LookForPeers>("ClearPeers", {}, nothing).value_or(command::LookForPeers{}).anew);
  EXPECT_FALSE(ordered<command::LookForPeers>("DiscoverPeers", {}, nothing).value_or(command::LookForPeers{true}).anew);
  const auto flags = ordered<command::Prefer>("SetConfigurationFlags", Code::BG_S_OVERRIDDEN_BY_POLICY, code, 3U);
  ASSERT_TRUE(flags);
  EXPECT_EQ(flags->wanted, (core::PeerPreferences{.flags = 3}));
  EXPECT_EQ(std::get<0>(code), 0x00200055U);
  EXPECT_EQ(ordered<command::Prefer>("SetMaximumCacheSize", Code::S_OK, code, 5U)->wanted.cache_percent, 5U);
  EXPECT_EQ(ordered<command::Prefer>("SetMaximumContentAge", Code::S_OK, code, 86'400U)->wanted.content_age, 86'400U);
  EXPECT_EQ(std::get<0>(code), 0U);
}

TEST_F(Peers, NeighboursAndWhatIsInForceAreTold) {
  queue_.peers = {{{.key = "ab", .host = "192.0.2.1", .port = 2178, .name = "one"}, true},
                  {{.key = "cd", .host = "2001:db8::1", .port = 80, .name = "two"}, false, base::from_epoch_us(7)}};
  const auto told = ask<std::vector<bus::PeerEntry>>(peers("ListPeers"));
  ASSERT_TRUE(told);
  ASSERT_EQ(std::get<0>(*told).size(), 2U);
  EXPECT_EQ(std::get<0>(*told)[0].address, "192.0.2.1:2178");
  EXPECT_TRUE(std::get<0>(*told)[0].available);
  EXPECT_EQ(std::get<0>(*told)[1].address, "[2001:db8::1]:80");
  EXPECT_FALSE(std::get<0>(*told)[1].available);
  EXPECT_EQ(std::get<0>(*told)[0].not_before, 0U);
  EXPECT_EQ(std::get<0>(*told)[1].not_before, 7U);
  const auto values = ask<bus::PeersProperties>(to(bus::peers_path, bus::properties_interface, "GetAll"),
                                                std::string(bus::peers_interface));
  ASSERT_TRUE(values);
  EXPECT_EQ(std::get<0>(*values).maximum_cache_size, 5U);
  EXPECT_EQ(std::get<0>(*values).maximum_content_age, 86'400U);
  EXPECT_EQ(std::get<0>(*values).configuration_flags, 3U);
  EXPECT_EQ(std::get<0>(*values).own_key, "ef");
  EXPECT_EQ(std::get<0>(*values).trust, "group");
  EXPECT_EQ(std::get<0>(*values).bytes_from_peers, 7U);
  EXPECT_EQ(std::get<0>(*values).bytes_to_peers, 8U);
}

}  // namespace
}  // namespace backhaul::test
