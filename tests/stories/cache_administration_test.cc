// SPDX-License-Identifier: Apache-2.0
// What administrators see and change of what is kept for neighbours (peer-caching.md §2).
#include "core/peer_cache.h"
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

namespace command = ports::command;
using core::PeerSettings;

engine::Settings one_percent_is_kept() {
  engine::Settings settings;
  settings.policy.cache.enabled.value = true;
  return settings;
}

class CacheAdministration : public testing::Test {
 protected:
  explicit CacheAdministration(engine::Settings settings = one_percent_is_kept()) : s(std::move(settings)) {}

  JobId fetch(const std::string& name, std::uint64_t size = 1000) {
    s.serve(name, size);
    const JobId id = s.enqueue(name, {name}, {.peer_caching_flags = core::peer_caching::server});
    s.run(20s);
    return id;
  }
  // … and it may be given away.
  void keep(const std::string& name, std::uint64_t size = 1000) {
    s.complete(fetch(name, size));
    s.run(1s);
  }
  template <class Order>
  std::string ask(Order order, const ports::Caller& by) {
    const base::CallId call = s.world.submit("Administer", by, command::Administer{std::move(order)}).id;
    s.run(0s);
    const auto& reply = s.world.clients.call(call).reply;
    if (!reply) return "open";
    if (!*reply) return base::symbol(reply->error().code);
    const auto* code = std::get_if<Code>(&**reply);
    return base::symbol(code == nullptr ? Code::S_OK : *code);
  }
  template <class Order>
  std::string ask(Order order) {
    return ask(std::move(order), s.alice.caller());
  }
  std::vector<ports::CachedRecord> listed() {
    const auto page = s.world.service().cached("", 1000, s.alice.caller());
    return page ? page->records : std::vector<ports::CachedRecord>();
  }
  // The addresses of what is listed.
  std::string kept() {
    std::string text;
    for (const ports::CachedRecord& one : listed())
      text += (text.empty() ? "" : " ") + std::string(one.record->url).substr(12);
    return text;
  }
  std::size_t copies() {
    std::size_t count = 0;
    for (const auto& [path, inode] : s.world.disk.names()) count += path.starts_with("/cache/") ? 1 : 0;
    return count;
  }
  PeerSettings settings() { return s.world.service().peer_standing().settings; }

  Story s;
};

// Whoever was told that a record is gone is right, wherever the service dies: also where a neighbour was being given it,
// and its owner has found the file valid.
TEST_F(CacheAdministration, WhatWasClearedWhileItWasServedIsNotOfferedAfterACrash) {
  for (std::uint64_t step = 0; step < 12; ++step) {
    Story t{one_percent_is_kept()};
    t.serve("x", 1000);
    const JobId job = t.enqueue("x", {"x"}, {.peer_caching_flags = core::peer_caching::server});
    t.run(20s);
    t.world.submit("SetValidationState", t.alice.caller(), command::SetValidationState{job, 0, true});
    t.run(1s);
    ASSERT_EQ(t.world.store.cached().size(), 1U);
    t.world.stage.post(ports::RecordServed{.id = t.world.store.cached().begin()->second.id, .begins = true});
    t.run(1s);
    if (step > 0) t.world.stage.die_at_port_call(step);
    const base::CallId call =
        t.world.submit("Administer", t.alice.caller(), command::Administer{command::ClearRecords{}}).id;
    t.run(1s);
    const bool cleared = t.world.clients.call(call).accepted();
    EXPECT_TRUE(step != 0 || cleared);
    if (t.world.running())
      t.crash();
    else
      t.world.start_service();
    t.run(30s);
    if (!t.world.running()) t.world.start_service();
    t.run(30s);
    std::size_t copies = 0;
    for (const auto& [path, inode] : t.world.disk.names()) copies += path.starts_with("/cache/") ? 1 : 0;
    EXPECT_TRUE(!cleared || t.world.store.cached().empty()) << "at step " << step;
    EXPECT_EQ(copies, t.world.store.cached().size()) << "at step " << step;
  }
}

TEST_F(CacheAdministration, RecordsAreListedInPagesInTheOrderInWhichTheyWereMade) {
  for (const char* name : {"x", "y", "z"}) keep(name);
  EXPECT_EQ(kept(), "x y z");
  const ports::Caller alice = s.alice.caller();
  const auto first = s.world.service().cached("", 2, alice);
  ASSERT_TRUE(first);
  ASSERT_EQ(first->records.size(), 2U);
  const auto second = s.world.service().cached(first->next, 2, alice);
  ASSERT_TRUE(second);
  ASSERT_EQ(second->records.size(), 1U);
  EXPECT_EQ(std::string(second->records[0].record->url), "http://host/z");
  EXPECT_TRUE(second->records[0].record->validated);
  EXPECT_FALSE(second->records[0].busy);
  EXPECT_EQ(second->next, "");
  EXPECT_TRUE(s.world.service().cached(first->records[1].record->id, alice));
  EXPECT_FALSE(s.world.service().cached(base::RecordId{}, alice));
  for (const std::uint32_t limit : {0U, 1001U}) EXPECT_FALSE(s.world.service().cached("", limit, alice));
  for (const char* cursor : {"x", "-1", "1 ", "99999999999999999999"})
    EXPECT_FALSE(s.world.service().cached(cursor, 1, alice)) << cursor;
}

TEST_F(CacheAdministration, ARecordIsDeletedByItsIdAndItsCopyGoes) {
  keep("x");
  keep("y");
  const base::RecordId id = listed()[0].record->id;
  EXPECT_EQ(ask(command::DeleteRecord{id}), "S_OK");
  EXPECT_EQ(kept(), "y");
  EXPECT_EQ(copies(), 1U);
  EXPECT_TRUE(s.has_file("x")) << "the file of the job is not touched";
  EXPECT_EQ(ask(command::DeleteRecord{id}), "BG_E_NOT_FOUND");
  s.crash();
  s.run(1s);
  EXPECT_EQ(kept(), "y");
}

TEST_F(CacheAdministration, AllThatCameFromAnAddressIsDeletedTogether) {
  keep("x");
  keep("y");
  EXPECT_EQ(ask(command::DeleteRecordsOf{"http://host/z"}), "S_FALSE");
  EXPECT_EQ(ask(command::DeleteRecordsOf{"http://host/x"}), "S_OK");
  EXPECT_EQ(kept(), "y");
  EXPECT_EQ(ask(command::DeleteRecordsOf{"http://host/x"}), "S_FALSE");
  EXPECT_EQ(ask(command::ClearRecords{}), "S_OK");
  EXPECT_EQ(kept(), "");
  EXPECT_EQ(copies(), 0U);
}

// peer-caching.md §2: smaller than in use, what was used least recently goes at once.
TEST_F(CacheAdministration, P8_ASizeThatIsAskedForActsAtOnceAndHoldsOverARestart) {
  s.world.cache.volume = 200'000;
  s.crash();
  EXPECT_EQ(ask(command::Prefer{{.cache_percent = 2}}), "S_OK");
  for (const char* name : {"x", "y", "z"}) keep(name);
  EXPECT_EQ(kept(), "x y z");
  EXPECT_EQ(ask(command::Prefer{{.cache_percent = 1}}), "S_OK");
  EXPECT_EQ(kept(), "y z");
  EXPECT_EQ(copies(), 2U);
  EXPECT_EQ(ask(command::Prefer{{.cache_percent = 3}}), "S_OK");
  EXPECT_EQ(ask(command::Prefer{{.content_age = 86'400}}), "S_OK");
  s.crash();
  s.run(1s);
  EXPECT_EQ(settings(), (PeerSettings{3, 86'400, 2}));
  s.run(25h);
  EXPECT_EQ(kept(), "") << "the age that was asked for";
}

TEST_F(CacheAdministration, WhatIsRefusedChangesNothing) {
  EXPECT_EQ(ask(command::Prefer{{.cache_percent = 81}}), "E_INVALIDARG");
  EXPECT_EQ(ask(command::Prefer{{.content_age = 1}}), "E_INVALIDARG");
  EXPECT_EQ(ask(command::Prefer{{.flags = 8}}), "E_INVALIDARG");
  EXPECT_EQ(settings(), (PeerSettings{1, 90 * 86'400, 2}));
  s.world.store.broken = Code::DISK_FULL;
  EXPECT_EQ(ask(command::Prefer{{.cache_percent = 5}}), "DISK_FULL");
  EXPECT_EQ(settings().cache_percent, 1U);
  s.world.store.broken.reset();
}

TEST_F(CacheAdministration, P1_FlagsThatAreAskedForSwitchTheCacheOnAndOff) {
  EXPECT_EQ(ask(command::Prefer{{.flags = 0}}), "S_OK");
  fetch("x");
  EXPECT_EQ(kept(), "");
  EXPECT_EQ(ask(command::Prefer{{.flags = core::peer_caching::server}}), "S_OK");
  keep("y");
  EXPECT_EQ(kept(), "y");
}

// What the settings say wins; what was asked for is there when they say nothing any more.
TEST_F(CacheAdministration, AFileWinsAndWhatWasAskedForIsKeptAllTheSame) {
  core::Policy policy = s.world.settings.policy;
  policy.cache.percent = {4, "/etc/x:1"};
  policy.cache.enabled = {true, "/etc/x:2"};
  s.world.stage.post(ports::PolicyChanged{policy});
  s.run(0s);
  EXPECT_EQ(ask(command::Prefer{{.cache_percent = 9}}), "S_FALSE");
  EXPECT_EQ(ask(command::Prefer{{.cache_percent = 4}}), "S_OK");
  EXPECT_EQ(ask(command::Prefer{{.cache_percent = 9}}), "S_FALSE");
  EXPECT_EQ(ask(command::Prefer{{.flags = 0}}), "BG_S_OVERRIDDEN_BY_POLICY");
  EXPECT_EQ(settings(), (PeerSettings{4, 90 * 86'400, 2}));
  s.world.stage.post(ports::PolicyChanged{s.world.settings.policy});
  s.run(0s);
  EXPECT_EQ(settings(), (PeerSettings{9, 90 * 86'400, 0}));
}

class CacheOfTheMachine : public CacheAdministration {
 protected:
  static engine::Settings of_the_machine() {
    engine::Settings settings = one_percent_is_kept();
    settings.machine_wide = true;
    return settings;
  }
  CacheOfTheMachine() : CacheAdministration(of_the_machine()) {}
};

TEST_F(CacheOfTheMachine, IsForRootAndWhoIsAuthorised) {
  ports::Caller alice = s.alice.caller();
  ports::Caller authorised = alice;
  authorised.right = core::Right::peers;
  EXPECT_EQ(ask(command::ClearRecords{}, alice), "E_ACCESSDENIED");
  EXPECT_EQ(ask(command::Prefer{{.cache_percent = 5}}, alice), "E_ACCESSDENIED");
  EXPECT_FALSE(s.world.service().cached("", 1, alice));
  EXPECT_FALSE(s.world.service().cached(base::RecordId{}, alice));
  EXPECT_FALSE(s.world.service().neighbours(alice));
  EXPECT_EQ(settings().cache_percent, 1U) << "for everybody to see";
  for (const ports::Caller& one : {authorised, s.root.caller()}) {
    EXPECT_EQ(ask(command::Prefer{{.cache_percent = 5}}, one), "S_OK");
    EXPECT_TRUE(s.world.service().cached("", 1, one));
    EXPECT_EQ(ask(command::ClearRecords{}, one), "S_OK");
  }
}

}  // namespace
}  // namespace backhaul::stories
