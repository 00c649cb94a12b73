// SPDX-License-Identifier: Apache-2.0
#include "tests/parts/rig.h"

namespace backhaul::parts {
namespace {

class Caching : public Rig {
 protected:
  Caching() {
    lay_down([](core::Policy& policy) { policy.cache.enabled.value = true; });
  }
  void look(std::uint64_t volume = 1'000'000) {
    turn([](Draft&) {});
    turn([&](Draft& draft) {
      ports::CacheLooked event{.lost = {}, .volume = volume, .error = {}};
      parts.caching.on(draft, event);
    });
  }
  JobId add_kept(const std::string& name) {
    const JobId id = add(JobState::suspended, name);
    turn([&](Draft& draft) {
      draft.edit(id, engine::Weight::hard).rare.edit().peer_caching_flags = core::peer_caching::server;
    });
    return id;
  }
  // Its file is here.
  static void arrives(Draft& draft, const JobId& id) {
    draft.edit_file(id, 0, engine::Weight::hard, [](core::File& file) {
      file.state = core::FileState::transferred;
      file.remote_identity = {.size = 100, .etag = "\"a\""};
      file.stored = core::Extents::until(100);
      file.rare.edit().received = base::Text(std::string(64, 'a'));
    });
  }
  ports::CopyOrder order_of(const JobId& id) {
    const auto orders = all<effect::MakeCopy>(turn([&](Draft& draft) { arrives(draft, id); }));
    BH_ASSERT(orders.size() == 1);
    return orders.front().order;
  }
  std::vector<engine::Effect> made(const base::RecordId& id, std::optional<base::Error> error = {}) {
    return turn([&](Draft& draft) {
      ports::CopyMade event{id, std::move(error)};
      parts.caching.on(draft, event);
    });
  }
  void pass(base::Microseconds time) {
    stage.timeline.skip_to(stage.timeline.now() + time);
    context.clocks.read();
  }
  // Its owner says that the file is as it should be.
  static void find_good(Draft& draft, const JobId& id) {
    draft.edit_file(id, 0, engine::Weight::hard, [](core::File& file) { file.validated = true; });
  }
  std::vector<engine::Effect> served(const base::RecordId& id, bool begins) {
    return turn([&](Draft& draft) {
      ports::RecordServed event{.id = id, .begins = begins};
      parts.caching.on(draft, event);
    });
  }
};

TEST_F(Caching, LooksOnceBeforeAnythingIsKeptAndNotWhereNothingIsToBeKept) {
  lay_down([](core::Policy& policy) { policy.cache.enabled.value = false; });
  EXPECT_FALSE(has<effect::LookAtCache>(turn([](Draft&) {})));
  EXPECT_TRUE(parts.caching.idle());
  lay_down([](core::Policy& policy) { policy.cache.enabled.value = true; });
  EXPECT_TRUE(has<effect::LookAtCache>(turn([](Draft&) {})));
  EXPECT_FALSE(parts.caching.idle());
  EXPECT_FALSE(has<effect::LookAtCache>(turn([](Draft&) {})));
  look();
  EXPECT_TRUE(parts.caching.idle());
}

TEST_F(Caching, WhereNobodyKnowsHowMuchRoomThereIsNothingIsKept) {
  const JobId id = add_kept("x");
  EXPECT_FALSE(has<effect::MakeCopy>(turn([&](Draft& draft) { arrives(draft, id); })));
  look(0);
  const JobId other = add_kept("y");
  EXPECT_FALSE(has<effect::MakeCopy>(turn([&](Draft& draft) { arrives(draft, other); })));
}

TEST_F(Caching, AFileThatIsHereBeforeTheFolderWasLookedAtIsKeptThen) {
  const JobId id = add_kept("x");
  const JobId gone = add_kept("y");
  EXPECT_FALSE(has<effect::MakeCopy>(turn([&](Draft& draft) {
    arrives(draft, id);
    arrives(draft, gone);
  })));
  turn([&](Draft& draft) {
    find_good(draft, id);
    draft.edit_file(gone, 0, engine::Weight::hard, [](core::File& file) { file.state = core::FileState::waiting; });
  });
  const auto looked = [&] {
    return all<effect::MakeCopy>(turn([&](Draft& draft) {
      ports::CacheLooked event{.lost = {}, .volume = 1'000'000, .error = {}};
      parts.caching.on(draft, event);
    }));
  };
  const auto orders = looked();
  ASSERT_EQ(orders.size(), 1U);
  EXPECT_EQ(orders[0].order.job, id);
  EXPECT_TRUE(looked().empty()) << "once";
  EXPECT_TRUE(has<effect::OfferRecord>(made(orders[0].order.id))) << "its owner had said that it is good";
}

TEST_F(Caching, ARecordIsWrittenWhenItsCopyIsThereAndNotBefore) {
  look();
  const ports::CopyOrder order = order_of(add_kept("x"));
  EXPECT_EQ(order.size, 100U);
  EXPECT_EQ(order.digest, "sha256:" + std::string(64, 'a'));
  EXPECT_FALSE(parts.caching.idle());
  Draft draft = this->draft();
  ports::CopyMade event{order.id, {}};
  parts.caching.on(draft, event);
  EXPECT_TRUE(draft.needs_commit());
  ASSERT_EQ(draft.batch().cache.size(), 1U);
  EXPECT_FALSE(draft.batch().cache[0].validated);
  commit(draft);
  EXPECT_TRUE(parts.caching.idle());
  EXPECT_FALSE(this->draft().needs_commit());
}

TEST_F(Caching, ACopyThatFailsLeavesNothing) {
  look();
  const ports::CopyOrder order = order_of(add_kept("x"));
  made(order.id, base::Error(base::Code::DISK_FULL));
  EXPECT_TRUE(parts.caching.table().all().empty());
  EXPECT_TRUE(parts.caching.idle());
}

TEST_F(Caching, WhatIsDroppedWhileItIsCopiedIsGivenUpAndItsAnswerIsNobodys) {
  look();
  const JobId id = add_kept("x");
  const ports::CopyOrder order = order_of(id);
  const auto effects = turn([&](Draft& draft) {
    draft.edit_file(id, 0, engine::Weight::hard, [](core::File& file) { file.state = core::FileState::waiting; });
  });
  ASSERT_EQ(all<effect::RemoveCopy>(effects).size(), 1U);
  EXPECT_EQ(all<effect::RemoveCopy>(effects)[0].id, order.id);
  EXPECT_TRUE(parts.caching.idle());
  Draft draft = this->draft();
  ports::CopyMade event{order.id, {}};
  parts.caching.on(draft, event);
  EXPECT_FALSE(draft.needs_commit());
}

TEST_F(Caching, ARowThatGoesIsNamedByItsNumber) {
  look();
  const JobId id = add_kept("x");
  const ports::CopyOrder order = order_of(id);
  made(order.id);
  const std::uint64_t number = parts.caching.table().find(order.id)->record.number;
  Draft draft = this->draft();
  draft.bury(id);
  settle(draft);
  EXPECT_EQ(draft.batch().cache_removed, std::vector<std::uint64_t>{number});
  EXPECT_TRUE(draft.batch().cache.empty());
}

TEST_F(Caching, WhoeverEndsCopiesNothingMore) {
  look();
  const ports::CopyOrder order = order_of(add_kept("x"));
  const JobId other = add_kept("y");
  const auto effects = turn([&](Draft& draft) {
    arrives(draft, other);
    parts.caching.on(draft, news::Stopping{});
  });
  ASSERT_EQ(all<effect::RemoveCopy>(effects).size(), 1U);
  EXPECT_EQ(all<effect::RemoveCopy>(effects)[0].id, order.id);
  EXPECT_FALSE(has<effect::MakeCopy>(effects));
  EXPECT_TRUE(parts.caching.idle());
}

TEST_F(Caching, IsDueWhenWhatWasUsedLeastRecentlyIsTooOld) {
  look();
  EXPECT_EQ(parts.caching.next(context), base::never);
  const ports::CopyOrder order = order_of(add_kept("x"));
  made(order.id);
  EXPECT_EQ(parts.caching.next(context), context.now().boot + context.policy->cache.age.value);
}

TEST_F(Caching, ARecordThatIsAheadOfTheServiceClockIsUsedNow) {
  core::CacheRecord record;
  record.number = 7;
  record.id = {{1}};
  record.validated = true;
  record.used = context.now().service + 99h;
  parts.caching.recovered({record}, context.now().service);
  EXPECT_EQ(parts.caching.table().find(record.id)->record.used, context.now().service);
  const auto looked = all<effect::LookAtCache>(turn([](Draft&) {}));
  ASSERT_EQ(looked.size(), 1U);
  ASSERT_EQ(looked[0].known.size(), 1U);
  EXPECT_EQ(looked[0].known[0].id, record.id);
}

TEST_F(Caching, NothingChangesWithoutTheCommit) {
  look();
  const ports::CopyOrder order = order_of(add_kept("x"));
  const JobId other = add_kept("y");
  const engine::Caching before = parts.caching;
  Draft draft = this->draft();
  ports::CopyMade event{order.id, {}};
  parts.caching.on(draft, event);
  arrives(draft, other);
  settle(draft);
  EXPECT_EQ(parts.caching, before);
}

TEST_F(Caching, P2_WhatIsOfferedIsTheOwnersWordAndHereAndWhatGoesIsWithdrawn) {
  look();
  const JobId id = add_kept("x");
  const ports::CopyOrder order = order_of(id);
  EXPECT_FALSE(has<effect::OfferRecord>(made(order.id))) << "nobody has said that it is good";
  auto offered = all<effect::OfferRecord>(turn([&](Draft& draft) { find_good(draft, id); }));
  ASSERT_EQ(offered.size(), 1U);
  EXPECT_EQ(offered[0].record.id, order.id);
  EXPECT_TRUE(offered[0].record.validated);
  EXPECT_FALSE(has<effect::OfferRecord>(turn([&](Draft& draft) { find_good(draft, id); }))) << "it was told";
  const auto effects = turn([&](Draft& draft) {
    draft.edit_file(id, 0, engine::Weight::hard, [](core::File& file) { file.state = core::FileState::waiting; });
  });
  ASSERT_EQ(all<effect::WithdrawRecord>(effects).size(), 1U);
  EXPECT_EQ(all<effect::WithdrawRecord>(effects)[0].id, order.id);
}

TEST_F(Caching, WhatWasOfferedBeforeAStartIsOfferedWhenItsCopyWasSeen) {
  core::CacheRecord record;
  record.number = 7;
  record.id = {{1}};
  record.validated = true;
  core::CacheRecord lost = record;
  lost.number = 8;
  lost.id = {{2}};
  parts.caching.recovered({record, lost}, context.now().service);
  EXPECT_FALSE(has<effect::OfferRecord>(turn([](Draft&) {})));
  const auto effects = turn([&](Draft& draft) {
    ports::CacheLooked event{.lost = {lost.id}, .volume = 1'000'000, .error = {}};
    parts.caching.on(draft, event);
  });
  ASSERT_EQ(all<effect::OfferRecord>(effects).size(), 1U);
  EXPECT_EQ(all<effect::OfferRecord>(effects)[0].record.id, record.id);
}

TEST_F(Caching, P8_WhatSomebodyIsBeingGivenStaysUntilThatEnds) {
  look();
  const JobId id = add_kept("x");
  const ports::CopyOrder order = order_of(id);
  made(order.id);
  turn([&](Draft& draft) { find_good(draft, id); });
  served(order.id, true);
  served(order.id, true);
  lay_down([](core::Policy& policy) { policy.cache.percent.value = 0; });
  auto effects = turn([](Draft&) {});
  EXPECT_FALSE(has<effect::RemoveCopy>(effects)) << "there is no room for it, and it is in use";
  effects = turn([&](Draft& draft) {
    draft.edit_file(id, 0, engine::Weight::hard, [](core::File& file) { file.state = core::FileState::waiting; });
  });
  EXPECT_FALSE(has<effect::RemoveCopy>(effects));
  EXPECT_TRUE(has<effect::WithdrawRecord>(effects)) << "nobody else is given it";
  EXPECT_FALSE(engine::is_on_record(parts.caching.table().find(order.id))) << "a crash does not bring it back";
  EXPECT_FALSE(has<effect::RemoveCopy>(served(order.id, false)));
  effects = served(order.id, false);
  ASSERT_EQ(all<effect::RemoveCopy>(effects).size(), 1U);
  EXPECT_TRUE(parts.caching.table().all().empty());
}

TEST_F(Caching, P8_TheRowOfWhatIsTakenAwayGoesBeforeItsCopy) {
  look();
  const JobId id = add_kept("x");
  const ports::CopyOrder order = order_of(id);
  made(order.id);
  turn([&](Draft& draft) { find_good(draft, id); });
  served(order.id, true);
  const std::uint64_t number = parts.caching.table().find(order.id)->record.number;
  Draft taken = this->draft();
  engine::Caching::remove(taken, order.id);
  settle(taken);
  EXPECT_EQ(taken.batch().cache_removed, std::vector<std::uint64_t>{number});
  commit(taken);
  Draft end = this->draft();
  ports::RecordServed event{.id = order.id, .begins = false};
  parts.caching.on(end, event);
  settle(end);
  EXPECT_FALSE(end.needs_commit()) << "it is gone from the disk already";
}

TEST_F(Caching, P9_BeingGivenIsAUse) {
  look();
  const JobId id = add_kept("x");
  const ports::CopyOrder order = order_of(id);
  made(order.id);
  pass(50h);
  served(order.id, true);
  EXPECT_EQ(parts.caching.table().find(order.id)->record.used, context.now().service);
  EXPECT_EQ(parts.caching.next(context), context.now().boot + context.policy->cache.age.value);
  Draft draft = this->draft();
  ports::RecordServed event{.id = order.id, .begins = false};
  parts.caching.on(draft, event);
  EXPECT_FALSE(draft.needs_commit()) << "that it ends is no news for the disk";
}

}  // namespace
}  // namespace backhaul::parts
