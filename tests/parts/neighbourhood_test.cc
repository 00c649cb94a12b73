// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "core/shares.h"
#include "tests/parts/rig.h"

namespace backhaul::parts {
namespace {

class Neighbourhood : public Rig {
 protected:
  Neighbourhood() {
    lay_down([](core::Policy& policy) { policy.neighbours.client.value = true; });
  }
  void know(std::vector<std::string> names) {
    turn([&](Draft& draft) {
      ports::NeighboursChanged event{.own_key = "own", .all = {}};
      for (const std::string& name : names)
        event.all.push_back({.key = "key-" + name, .host = name, .port = 2178, .name = name});
      parts.neighbourhood.on(draft, event);
    });
  }
  // It has the turn, its part is open, and neighbours may be asked for it: its first transfer begins.
  JobId begin(std::uint32_t flags = core::peer_caching::client) {
    const JobId id = add(JobState::queued);
    turn([&](Draft& draft) { draft.edit(id, engine::Weight::hard).rare.edit().peer_caching_flags = flags; });
    turn([&](Draft& draft) { parts.scheduling.schedule(draft); });
    began = open(id);
    return id;
  }
  std::vector<engine::Effect> open(const JobId& id) {
    return turn([&](Draft& draft) {
      ports::PartOpened event{.transfer = transfer_of(id), .epoch = context.table.find(id)->files[0].epoch,
                              .stored = context.table.find(id)->files[0].stored};
      parts.fetching.on(draft, event);
    });
  }
  // Its origin said what it has, and the part is open again.
  std::vector<engine::Effect> identified(const JobId& id) {
    const base::TransferId transfer = transfer_of(id);
    turn([&](Draft& draft) {
      ports::HeadReceived head{.transfer = transfer, .identity = identity()};
      parts.fetching.on(draft, head);
      ports::TransferEnded ended{.transfer = transfer, .error = {}, .retry_after = {}, .unknown_server = {}, .asked_only = true};
      parts.fetching.on(draft, ended);
    });
    turn([&](Draft& draft) {
      ports::PartClosed closed{transfer};
      parts.fetching.on(draft, closed);
    });
    return open(id);
  }
  // Of ten pieces with digests; neighbours are asked for it.
  JobId begin_in_pieces() {
    const JobId id = begin();
    turn([&](Draft& draft) {
      draft.edit_file(id, 0, engine::Weight::hard, [](core::File& row) {
        core::Expected expected;
        expected.pieces = "10:sha256:" + std::string(10 * std::size_t{64}, 'a');
        row.rare.set(&core::RareOfFile::expected, core::Rare<core::Expected>(std::move(expected)));
      });
    });
    identified(id);
    return id;
  }
  std::vector<engine::Effect> denied(base::TransferId transfer, core::Extent piece) {
    return turn([&](Draft& draft) {
      ports::TransferEnded ended{.transfer = transfer,
                                 .error = base::Error(base::Code::BG_E_VALIDATION_FAILED),
                                 .retry_after = {},
                                 .unknown_server = {}};
      ended.denied.add(piece);
      parts.fetching.on(draft, ended);
    });
  }
  void stored(base::TransferId transfer, const core::Extents& bytes) {
    turn([&](Draft& draft) {
      ports::PartStored event{.transfer = transfer, .stored = bytes, .tail = 7};
      parts.fetching.on(draft, event);
    });
  }
  const core::File& file(const JobId& id) const { return context.table.find(id)->files[0]; }
  static core::RemoteIdentity identity() {
    return {.size = 100, .etag = "\"a\"", .digest = "sha256:" + std::string(64, 'a')};
  }
  std::vector<engine::Effect> answered(const JobId& id, std::vector<core::NeighbourAnswer> answers) {
    return turn([&](Draft& draft) {
      ports::NeighboursAnswered event{.transfer = transfer_of(id), .own_rank = "m", .answers = std::move(answers)};
      engine::on_answers(draft, event);
    });
  }
  static core::NeighbourAnswer offer(const std::string& name) {
    return {.key = "key-" + name, .has = core::NeighbourHas::all, .address = "https://" + name + ":2178/v1/record/1",
            .rank = {}, .offset = {}};
  }
  std::vector<engine::Effect> began;
};

TEST_F(Neighbourhood, TheRulesAreAppliedOnceAndAgainWhenTheyChange) {
  EXPECT_EQ(all<effect::ApplyNeighbourRules>(turn([](Draft&) {})).size(), 1U);
  EXPECT_FALSE(has<effect::ApplyNeighbourRules>(turn([](Draft&) {})));
  lay_down([](core::Policy& policy) { policy.cache.enabled.value = true; });
  const auto applied = all<effect::ApplyNeighbourRules>(turn([](Draft&) {}));
  ASSERT_EQ(applied.size(), 1U);
  EXPECT_TRUE(applied[0].serves);
  const auto on_battery = all<effect::ApplyNeighbourRules>(turn([](Draft& draft) {
    draft.conditions.world.around.on_battery = true;
  }));
  ASSERT_EQ(on_battery.size(), 1U);
  EXPECT_FALSE(on_battery[0].serves);
}

TEST_F(Neighbourhood, WhereNothingIsLaidDownNothingIsBegun) {
  lay_down([](core::Policy& policy) { policy.neighbours.client.value = false; });
  EXPECT_FALSE(has<effect::ApplyNeighbourRules>(turn([](Draft&) {})));
}

TEST_F(Neighbourhood, TheOriginSaysWhatItIsBeforeNeighboursAreAsked) {
  know({"a", "b"});
  const JobId id = begin();
  const auto asked = all<effect::StartTransfer>(began);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_TRUE(asked[0].request.record.identity_only);
  EXPECT_EQ(asked[0].request.source.kind, core::SourceKind::origin);
  const auto searches = all<effect::SearchNeighbours>(identified(id));
  ASSERT_EQ(searches.size(), 1U);
  EXPECT_EQ(searches[0].sought.url, "http://host/x");
  EXPECT_EQ(searches[0].sought.size, 100U);
  EXPECT_EQ(searches[0].sought.etag, "\"a\"");
  EXPECT_EQ(searches[0].whom.size(), 2U);
  EXPECT_EQ(row(id).state, JobState::connecting) << "nothing of it comes yet";
}

TEST_F(Neighbourhood, P1_WithoutTheFlagItIsFetchedFromTheOriginAtOnce) {
  know({"a"});
  begin(core::peer_caching::server);
  const auto asked = all<effect::StartTransfer>(began);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_FALSE(asked[0].request.record.identity_only);
}

TEST_F(Neighbourhood, ANeighbourIsToldNothingOfWhoAsks) {
  know({"a"});
  const JobId id = begin();
  identified(id);
  const auto started = all<effect::StartTransfer>(answered(id, {offer("a")}));
  ASSERT_EQ(started.size(), 1U);
  const ports::TransferRequest& request = started[0].request;
  EXPECT_EQ(request.source.kind, core::SourceKind::peer);
  EXPECT_EQ(request.source.neighbour, "key-a");
  EXPECT_FALSE(request.source.entrusted);
  EXPECT_FALSE(request.secrets);
  EXPECT_EQ(request.record.identity.etag, "\"a\"");
}

TEST_F(Neighbourhood, ASearchThatIsNotWantedAnyMoreIsGivenUp) {
  know({"a"});
  const JobId id = begin();
  identified(id);
  const auto effects = turn([&](Draft& draft) { EXPECT_TRUE(engine::step(draft, id, core::JobEvent::suspend)); });
  EXPECT_TRUE(has<effect::GiveUpSearch>(effects));
  EXPECT_FALSE(has<effect::StartTransfer>(answered(id, {offer("a")}))) << "the answer comes too late";
}

TEST_F(Neighbourhood, WhoWaitsAsksAgainAfterASecond) {
  know({"a"});
  const JobId id = begin();
  identified(id);
  const core::NeighbourAnswer coming{.key = "key-a", .has = core::NeighbourHas::coming, .address = {}, .rank = "a", .offset = 7U};
  EXPECT_FALSE(has<effect::StartTransfer>(answered(id, {coming})));
  EXPECT_EQ(parts.fetching.next(), context.now().boot + 1s);
  stage.timeline.skip_to(stage.timeline.now() + 1s);
  context.clocks.read();
  EXPECT_TRUE(has<effect::SearchNeighbours>(turn([](Draft&) {})));
}

TEST_F(Neighbourhood, P5_APieceThatIsWrongEndsItsTransferAndIsNotHeld) {
  know({"a"});
  const JobId id = begin_in_pieces();
  const auto started = all<effect::StartTransfer>(answered(id, {offer("a")}));
  ASSERT_EQ(started.size(), 1U);
  EXPECT_EQ(started[0].part, base::TransferId{});
  ASSERT_TRUE(started[0].request.pieces);
  EXPECT_EQ(started[0].request.pieces->size.length, 10U);
  const base::TransferId transfer = transfer_of(id);
  EXPECT_TRUE(has<effect::ClosePart>(denied(transfer, {20, 30})));
  const core::Bans& bans = parts.neighbourhood.site()->bans;
  EXPECT_TRUE(core::banned_until(bans, "key-a", context.table.find(id)->job.owner_uid, context.now().service));
  EXPECT_FALSE(bans.contains("key-a")) << "it is the word of the owner of the file alone, so far";
  stored(transfer, core::Extents::until(40));
  core::Extents right = core::Extents::until(40);
  right.remove({20, 30});
  EXPECT_EQ(file(id).stored, right);
  EXPECT_EQ(core::octets_from_neighbours(file(id)), 30U);
  EXPECT_EQ(file(id).tail, 0U);
}

TEST_F(Neighbourhood, SeveralFillOnePartWithSharesOfTheirOwn) {
  know({"a", "b", "c", "d"});
  const JobId id = begin_in_pieces();
  auto started = all<effect::StartTransfer>(answered(id, {offer("a"), offer("b"), offer("c"), offer("d")}));
  ASSERT_EQ(started.size(), core::senders_max);
  core::Extents asked;
  for (const effect::StartTransfer& one : started) {
    EXPECT_EQ(one.part, transfer_of(id));
    EXPECT_TRUE(one.request.record.share);
    ASSERT_EQ(one.request.record.demand.asked.size(), 1U);
    const core::Extent share = one.request.record.demand.asked[0];
    EXPECT_EQ(asked.first_gap(share), share) << "nobody else is asked for it";
    asked.add(share);
  }
  // Who has sent his share is asked for another one, and the part ends when nothing is left.
  while (!started.empty()) {
    const base::TransferId transfer = started.back().request.transfer;
    started.pop_back();
    const auto effects = turn([&](Draft& draft) {
      ports::TransferEnded ended{.transfer = transfer, .error = {}, .retry_after = {}, .unknown_server = {}, .asked_only = true};
      parts.fetching.on(draft, ended);
    });
    for (effect::StartTransfer& next : all<effect::StartTransfer>(effects)) {
      asked.add(next.request.record.demand.asked[0]);
      started.push_back(std::move(next));
    }
    EXPECT_EQ(has<effect::EndPart>(effects), started.empty());
  }
  EXPECT_EQ(asked, core::Extents::until(100));
}

TEST_F(Neighbourhood, OneOfSeveralThatFailsStopsThemAllSoThatItIsKnownWhatCame) {
  know({"a", "b"});
  const JobId id = begin_in_pieces();
  const auto started = all<effect::StartTransfer>(answered(id, {offer("a"), offer("b")}));
  ASSERT_EQ(started.size(), 2U);
  const auto effects = turn([&](Draft& draft) {
    ports::TransferEnded ended{.transfer = started[0].request.transfer,
                               .error = base::Error(base::Code::WINHTTP_TIMEOUT),
                               .retry_after = {},
                               .unknown_server = {}};
    parts.fetching.on(draft, ended);
  });
  EXPECT_TRUE(has<effect::ClosePart>(effects));
  std::vector<base::TransferId> stopped;
  for (const effect::StopTransfer& one : all<effect::StopTransfer>(effects)) stopped.push_back(one.transfer);
  EXPECT_NE(std::ranges::find(stopped, started[1].request.transfer), stopped.end());
  // Each is counted for what it was asked for, and no more.
  stored(transfer_of(id), core::Extents::until(60));
  const core::Extent first = started[0].request.record.demand.asked[0];
  core::Extents of_first;
  of_first.add(first);
  EXPECT_EQ(core::givers(file(id), of_first).size(), 1U);
  EXPECT_EQ(core::givers(file(id)).size(), 2U);
}

TEST_F(Neighbourhood, P12_InALargeSiteTheOthersAreAskedBeforeTheOrigin) {
  know({"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"});
  const JobId id = begin();
  const auto first = all<effect::SearchNeighbours>(identified(id));
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].whom.size(), 10U);
  const auto effects = answered(id, {});
  EXPECT_FALSE(has<effect::StartTransfer>(effects));
  const auto further = all<effect::SearchNeighbours>(effects);
  ASSERT_EQ(further.size(), 1U);
  EXPECT_EQ(further[0].whom.size(), 2U);
  const auto started = all<effect::StartTransfer>(answered(id, {}));
  ASSERT_EQ(started.size(), 1U);
  EXPECT_EQ(started[0].request.source.kind, core::SourceKind::origin);
}

TEST_F(Neighbourhood, ADraftThatIsDroppedLeavesNothingBehind) {
  know({"a"});
  const JobId id = begin();
  identified(id);
  const engine::Parts before = parts;
  Draft draft = this->draft();
  ports::NeighboursAnswered event{.transfer = transfer_of(id), .own_rank = "m", .answers = {offer("a")}};
  engine::on_answers(draft, event);
  settle(draft);
  EXPECT_EQ(parts, before);
}

}  // namespace
}  // namespace backhaul::parts
