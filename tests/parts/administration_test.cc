// SPDX-License-Identifier: Apache-2.0
// What administrators ask for of the cache, as far as the moment decides: what is being copied, and what is told to
// whom.
#include "engine/administration.h"
#include "tests/parts/rig.h"

namespace backhaul::parts {
namespace {

namespace command = ports::command;
using base::Code;

class Administration : public Rig {
 protected:
  Administration() {
    lay_down([](core::Policy& policy) { policy.cache.enabled.value = true; });
    core::CacheRecord record;
    record.number = 7;
    record.id = {{1}};
    record.validated = true;
    record.size = 100;
    record.url = "http://host/x";
    parts.caching.recovered({record}, context.now().service);
    turn([](Draft&) {});
    turn([&](Draft& draft) {
      ports::CacheLooked event{.lost = {}, .volume = 1'000'000, .error = {}};
      parts.caching.on(draft, event);
    });
  }
  // One of the same address that is being copied.
  base::RecordId copying() {
    const JobId job = add(JobState::suspended, "x");
    turn([&](Draft& draft) {
      draft.edit(job, engine::Weight::hard).rare.edit().peer_caching_flags = core::peer_caching::server;
    });
    const auto orders = all<effect::MakeCopy>(turn([&](Draft& draft) {
      draft.edit_file(job, 0, engine::Weight::hard, [](core::File& file) {
        file.state = core::FileState::transferred;
        file.remote_identity = {.size = 100, .etag = "\"a\""};
        file.stored = core::Extents::until(100);
        file.rare.edit().received = base::Text(std::string(64, 'a'));
      });
    }));
    BH_ASSERT(orders.size() == 1);
    return orders.front().order.id;
  }
  template <class Order>
  static base::Result<ports::ReplyValue> ask(Draft& draft, Order order) {
    return engine::administer(draft, command::Administer{std::move(order)}, {.uid = 1000});
  }
  template <class Order>
  static Code refusal(Draft& draft, Order order) {
    const auto answer = ask(draft, std::move(order));
    return answer ? Code::S_OK : answer.error().code;
  }

  const base::RecordId known_{{1}};
};

TEST_F(Administration, WhatIsBeingCopiedIsBusyAndNothingOfItsAddressGoes) {
  const base::RecordId busy = copying();
  Draft draft = this->draft();
  EXPECT_EQ(refusal(draft, command::DeleteRecord{busy}), Code::BG_E_BUSYCACHERECORD);
  EXPECT_EQ(refusal(draft, command::DeleteRecordsOf{"http://host/x"}), Code::BG_E_BUSYCACHERECORD);
  EXPECT_NE(draft.cache.find(known_), nullptr);
  EXPECT_TRUE(draft.effects().empty());
  EXPECT_EQ(refusal(draft, command::DeleteRecord{known_}), Code::S_OK);
  EXPECT_EQ(refusal(draft, command::DeleteRecord{known_}), Code::BG_E_NOT_FOUND) << "in the same turn";
}

TEST_F(Administration, ClearingGivesUpWhatIsBeingCopiedAsWell) {
  copying();
  const auto effects = turn([](Draft& draft) { EXPECT_TRUE(ask(draft, command::ClearRecords{})); });
  EXPECT_EQ(all<effect::RemoveCopy>(effects).size(), 2U);
  EXPECT_TRUE(parts.caching.table().all().empty());
}

TEST_F(Administration, NeighboursAreLookedForAndThoseThatWereFoundForgottenWhereItIsAskedFor) {
  for (const bool anew : {false, true}) {
    const auto effects = turn([&](Draft& draft) { EXPECT_TRUE(ask(draft, command::LookForPeers{anew})); });
    const auto looked = all<effect::LookForNeighbours>(effects);
    ASSERT_EQ(looked.size(), 1U);
    EXPECT_EQ(looked[0].anew, anew);
  }
}

TEST_F(Administration, WhatIsAskedForIsStoredInTheCommitThatActsOnIt) {
  Draft draft = this->draft();
  const auto before = draft.conditions.policy;
  ASSERT_TRUE(ask(draft, command::Prefer{{.cache_percent = 5}}));
  EXPECT_TRUE(draft.needs_commit());
  EXPECT_EQ(draft.batch().preferences, (core::PeerPreferences{.cache_percent = 5}));
  EXPECT_EQ(context.policy->cache.percent.value, 1U) << "not before";
  commit(draft);
  EXPECT_EQ(context.policy->cache.percent.value, 5U);
  EXPECT_EQ(before->cache.percent.value, 1U);
  Draft same = this->draft();
  const auto now = same.conditions.policy;
  ASSERT_TRUE(ask(same, command::Prefer{{.cache_percent = 5}}));
  EXPECT_FALSE(same.needs_commit());
  EXPECT_EQ(same.conditions.policy, now) << "whoever compares them is not troubled";
}

}  // namespace
}  // namespace backhaul::parts
