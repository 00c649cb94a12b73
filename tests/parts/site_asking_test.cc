// SPDX-License-Identifier: Apache-2.0
// How a file comes by a swarm, the cache of a site or its proxy: what is asked of whom, and what is told of the job.
#include "engine/site_asking.h"

#include "core/peer_cache.h"
#include "tests/parts/rig.h"

namespace backhaul::parts {
namespace {

class SiteAsking : public Rig {
 protected:
  SiteAsking() {
    lay_down([](core::Policy& policy) {
      policy.site.swarm.value = true;
      policy.site.cache_host.value = "https://cache.site/{scheme}/{host}/{path}";
      policy.site.proxy.value = "http://127.0.0.1:65001";
    });
  }
  // It has the turn, and its origin said what it has; its part is open again.
  JobId begin(const std::string& torrent) {
    const JobId id = add(JobState::queued);
    turn([&](Draft& draft) {
      draft.edit(id, engine::Weight::hard).rare.edit().peer_caching_flags = core::peer_caching::client;
      if (torrent_of_owner.empty()) return;
      draft.edit_file(id, 0, engine::Weight::hard,
                      [&](core::File& row) { row.rare.edit().torrent = torrent_of_owner; });
    });
    turn([&](Draft& draft) { parts.scheduling.schedule(draft); });
    began = open_part(id);
    turn([&](Draft& draft) {
      ports::HeadReceived head{.transfer = transfer_of(id), .identity = described(), .torrent = torrent};
      parts.fetching.on(draft, head);
      ports::TransferEnded ended{
          .transfer = transfer_of(id), .error = {}, .retry_after = {}, .unknown_server = {}, .asked_only = true};
      parts.fetching.on(draft, ended);
    });
    began = next_lane(id);
    return id;
  }
  std::vector<engine::Effect> open_part(const JobId& id) {
    return turn([&](Draft& draft) {
      const core::File& file = context.table.find(id)->files[0];
      ports::PartOpened event{.transfer = transfer_of(id), .epoch = file.epoch, .stored = file.stored};
      parts.fetching.on(draft, event);
    });
  }
  std::vector<engine::Effect> next_lane(const JobId& id) {
    turn([&](Draft& draft) {
      ports::PartClosed closed{transfer_of(id)};
      parts.fetching.on(draft, closed);
    });
    return open_part(id);
  }
  std::vector<engine::Effect> answered(const JobId& id, base::Result<core::SwarmPlace> place) {
    return turn([&](Draft& draft) {
      ports::SwarmAnswered event{.transfer = transfer_of(id), .place = std::move(place)};
      engine::on_swarm(draft, event);
    });
  }
  // Its transfer ends with this; what is asked next.
  ports::TransferRequest failed(const JobId& id, base::Code code) {
    turn([&](Draft& draft) {
      ports::TransferEnded ended{
          .transfer = transfer_of(id), .error = base::Error(code), .retry_after = {}, .unknown_server = {}};
      parts.fetching.on(draft, ended);
    });
    const auto started = all<effect::StartTransfer>(next_lane(id));
    EXPECT_EQ(started.size(), 1U);
    return started.empty() ? ports::TransferRequest() : started[0].request;
  }
  static void expect_nothing_of_the_job(const ports::TransferRequest& request) {
    EXPECT_FALSE(request.source.entrusted);
    EXPECT_FALSE(request.secrets);
    EXPECT_FALSE(request.record.identity_only);
    EXPECT_EQ(request.source.patience, 5s);
  }
  static core::RemoteIdentity described() {
    return {.size = 100, .etag = "\"a\"", .digest = "sha256:" + std::string(64, 'a')};
  }
  static core::SwarmPlace a_place() { return {.socket = "/run/s", .path = "/1"}; }
  static constexpr const char* torrent_of_x = "http://host/x.torrent";
  std::string torrent_of_owner;
  std::vector<engine::Effect> began;
};

TEST_F(SiteAsking, ASwarmIsJoinedWithTheTorrentThatTheOriginNamesAndAskedOverItsSocket) {
  const JobId id = begin(torrent_of_x);
  const auto joined = all<effect::JoinSwarm>(began);
  ASSERT_EQ(joined.size(), 1U);
  EXPECT_EQ(joined[0].transfer, transfer_of(id));
  EXPECT_EQ(joined[0].what, (core::Swarmed{.torrent = torrent_of_x, .url = "http://host/x", .size = 100}));
  EXPECT_FALSE(has<effect::StartTransfer>(began));
  const auto started = all<effect::StartTransfer>(answered(id, a_place()));
  ASSERT_EQ(started.size(), 1U);
  const ports::TransferRequest& request = started[0].request;
  EXPECT_EQ(request.source.kind, core::SourceKind::swarm);
  EXPECT_EQ(request.source.socket, "/run/s");
  EXPECT_EQ(request.source.address, "http://localhost/1");
  expect_nothing_of_the_job(request);
}

TEST_F(SiteAsking, ATorrentThatTheOwnerNamedIsTheOneThatIsJoined) {
  torrent_of_owner = "http://other/x.torrent";
  const JobId id = begin("");
  const auto joined = all<effect::JoinSwarm>(began);
  ASSERT_EQ(joined.size(), 1U);
  EXPECT_EQ(joined[0].transfer, transfer_of(id));
  EXPECT_EQ(joined[0].what.torrent, torrent_of_owner);
}

TEST_F(SiteAsking, WhoFailsIsFollowedByTheNextOneAndInTheEndByTheOrigin) {
  const JobId id = begin(torrent_of_x);
  answered(id, a_place());
  ports::TransferRequest request = failed(id, base::Code::WINHTTP_CONNECTION_ERROR);
  EXPECT_EQ(request.source.kind, core::SourceKind::cache_host);
  EXPECT_EQ(request.source.address, "https://cache.site/http/host/x");
  expect_nothing_of_the_job(request);
  request = failed(id, base::http_code(404));
  EXPECT_EQ(request.source.kind, core::SourceKind::site_proxy);
  EXPECT_EQ(request.source.proxy, "http://127.0.0.1:65001");
  EXPECT_EQ(request.source.address, "http://host/x");
  expect_nothing_of_the_job(request);
  request = failed(id, base::http_code(502));
  EXPECT_EQ(request.source.kind, core::SourceKind::origin);
  EXPECT_FALSE(request.record.identity_only);
  const core::SiteMemory& memory = parts.neighbourhood.site()->memory;
  EXPECT_TRUE(memory.banned.contains("site-proxy"));
  EXPECT_EQ(memory.banned.size(), 1U);
  EXPECT_TRUE(memory.not_there.contains("https://cache.site/{scheme}/{host}/{path} http://host:80"));
}

TEST_F(SiteAsking, ACacheIsLookedForWhereTheSitesAuthorityVouchesForItAndIsAskedWhereItWasFound) {
  lay_down([](core::Policy& policy) {
    policy.site.swarm.value = false;
    policy.site.proxy.value = {};
    policy.site.cache_host.value = "dns-sd";
  });
  EXPECT_FALSE(has<effect::LookForCaches>(turn([](Draft&) {}))) << "whoever is in the network could be it";
  lay_down([](core::Policy& policy) {
    policy.neighbours.trust.value = core::NeighbourTrust::ca;
    policy.neighbours.authority.value = "/etc/site.pem";
  });
  const auto looks = all<effect::LookForCaches>(turn([](Draft&) {}));
  ASSERT_EQ(looks.size(), 1U);
  EXPECT_TRUE(looks[0].looks);
  turn([&](Draft& draft) {
    ports::CachesFound event{{{.name = "cache.site", .host = "192.0.2.1", .port = 443, .path = {}}}};
    parts.neighbourhood.on(draft, event);
  });
  begin("");
  const auto started = all<effect::StartTransfer>(began);
  ASSERT_EQ(started.size(), 1U);
  const core::Source& source = started[0].request.source;
  EXPECT_EQ(source.kind, core::SourceKind::cache_host);
  EXPECT_EQ(source.address, "https://cache.site:443/http/host/x");
  EXPECT_EQ(source.place, "192.0.2.1:443");
  EXPECT_EQ(source.authority, "/etc/site.pem");
  expect_nothing_of_the_job(started[0].request);
  lay_down([](core::Policy& policy) { policy.site.cache_host.value = {}; });
  const auto stops = all<effect::LookForCaches>(turn([](Draft&) {}));
  ASSERT_EQ(stops.size(), 1U);
  EXPECT_FALSE(stops[0].looks);
  EXPECT_TRUE(parts.neighbourhood.site()->caches.empty());
}

// The names of a site are no secret, and an announcement takes no certificate.
TEST_F(SiteAsking, WhoeverAnnouncesTheNameOfTheCacheCostsOneConnectionAndTheCacheIsAskedNext) {
  lay_down([](core::Policy& policy) {
    policy.site.swarm.value = false;
    policy.site.cache_host.value = "dns-sd:cache.site";
    policy.neighbours.trust.value = core::NeighbourTrust::ca;
    policy.neighbours.authority.value = "/etc/site.pem";
  });
  turn([](Draft&) {});
  const auto announced = [&](std::uint16_t port_of_spoof) {
    turn([&](Draft& draft) {
      ports::CachesFound event{{{.name = "cache.site", .host = "192.0.2.1", .port = 443, .path = {}},
                                {.name = "cache.site", .host = "192.0.2.0", .port = port_of_spoof, .path = {}}}};
      parts.neighbourhood.on(draft, event);
    });
  };
  announced(1);
  const JobId id = begin("");
  const auto started = all<effect::StartTransfer>(began);
  ASSERT_EQ(started.size(), 1U);
  EXPECT_EQ(started[0].request.source.place, "192.0.2.0:1");
  EXPECT_EQ(failed(id, base::Code::WINHTTP_SECURE_FAILURE).source.place, "192.0.2.1:443");
  const core::SiteMemory before = parts.neighbourhood.site()->memory;
  EXPECT_EQ(before.banned.size(), 1U);
  announced(2);
  EXPECT_EQ(parts.neighbourhood.site()->memory, before) << "what is announced ends no ban";
}

TEST_F(SiteAsking, OfAnyNumberOfPlacesAFileIsAskedAtThree) {
  lay_down([](core::Policy& policy) {
    policy.site.swarm.value = false;
    policy.site.proxy.value = {};
    policy.site.cache_host.value = "dns-sd";
    policy.neighbours.trust.value = core::NeighbourTrust::ca;
    policy.neighbours.authority.value = "/etc/site.pem";
  });
  turn([](Draft&) {});
  turn([&](Draft& draft) {
    ports::CachesFound event;
    for (std::uint16_t port = 1; port < 10; ++port)
      event.all.push_back({.name = "cache.site", .host = "192.0.2.1", .port = port, .path = {}});
    parts.neighbourhood.on(draft, event);
  });
  const JobId id = begin("");
  EXPECT_EQ(failed(id, base::Code::WINHTTP_TIMEOUT).source.place, "192.0.2.1:2");
  EXPECT_EQ(failed(id, base::Code::WINHTTP_TIMEOUT).source.place, "192.0.2.1:3");
  EXPECT_EQ(failed(id, base::Code::WINHTTP_TIMEOUT).source.kind, core::SourceKind::origin);
}

TEST_F(SiteAsking, ASwarmIsLeftOnceWhateverEndsIt) {
  const JobId id = begin(torrent_of_x);
  const auto refused = answered(id, base::Error(base::Code::E_FAIL, "nobody has it"));
  EXPECT_EQ(all<effect::LeaveSwarm>(refused).size(), 1U);
  EXPECT_EQ(all<effect::StartTransfer>(refused).size(), 1U);
  const auto stopped = turn([&](Draft& draft) { EXPECT_TRUE(engine::step(draft, id, core::JobEvent::suspend)); });
  EXPECT_FALSE(has<effect::LeaveSwarm>(stopped));
}

TEST_F(SiteAsking, AnAnswerThatIsNotWantedAnyMoreComesTooLate) {
  const JobId id = begin(torrent_of_x);
  const base::TransferId transfer = transfer_of(id);
  const auto stopped = turn([&](Draft& draft) { EXPECT_TRUE(engine::step(draft, id, core::JobEvent::suspend)); });
  const auto left = all<effect::LeaveSwarm>(stopped);
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].transfer, transfer);
  EXPECT_FALSE(has<effect::GiveUpSearch>(stopped)) << "no neighbour was asked";
  EXPECT_FALSE(has<effect::StartTransfer>(answered(id, a_place())));
}

TEST_F(SiteAsking, APlaceThatIsNoneIsARefusal) {
  const JobId id = begin(torrent_of_x);
  const auto effects = answered(id, core::SwarmPlace{.socket = "relative", .path = "/1"});
  ASSERT_EQ(all<effect::StartTransfer>(effects).size(), 1U);
  EXPECT_EQ(all<effect::StartTransfer>(effects)[0].request.source.kind, core::SourceKind::cache_host);
}

TEST_F(SiteAsking, ADraftThatIsDroppedLeavesNothingBehind) {
  const JobId id = begin(torrent_of_x);
  answered(id, a_place());
  const engine::Parts before = parts;
  Draft draft = this->draft();
  ports::TransferEnded ended{.transfer = transfer_of(id),
                             .error = base::Error(base::Code::WINHTTP_CONNECTION_ERROR),
                             .retry_after = {},
                             .unknown_server = {}};
  parts.fetching.on(draft, ended);
  settle(draft);
  EXPECT_EQ(parts, before);
}

}  // namespace
}  // namespace backhaul::parts
