// SPDX-License-Identifier: Apache-2.0
// P1 to P16 are the statements of peer-caching.md §9.
#include "core/peer_cache.h"

#include <gtest/gtest.h>

#include "core/neighbours.h"

namespace backhaul::core {
namespace {

using std::chrono_literals::operator""h;

struct PeerCacheRules : ::testing::Test {
  PeerCacheRules() {
    rules.enabled.value = true;
    job.rare.edit().peer_caching_flags = peer_caching::server;
    file.state = FileState::transferred;
    file.remote = "http://host/x";
    file.remote_identity = {.size = 10, .last_modified = "Mon, 02 Nov 2026 10:00:00 GMT", .etag = "\"a\""};
    file.stored = Extents::until(10);
    file.rare.edit().received = base::Text(std::string(64, 'a'));
  }
  CacheVerdict verdict(bool validated) const {
    return judge(CacheRecord{.validated = validated}, rules, &job, &file);
  }
  CacheRules rules;
  Job job;
  File file;
};

TEST_F(PeerCacheRules, P1_BothLevelsHaveToAgree) {
  EXPECT_TRUE(may_be_cached(rules, job));
  EXPECT_FALSE(may_be_cached(CacheRules{}, job)) << "off by default";
  job.rare.edit().peer_caching_flags = 1;
  EXPECT_FALSE(may_be_cached(rules, job)) << "it may take from neighbours, and gives them nothing";
  job.rare.edit().peer_caching_flags = 7;
  EXPECT_TRUE(may_be_cached(rules, job));
}

TEST_F(PeerCacheRules, P14_WhatAJobAsksForInAWayOfItsOwnIsNotForOthers) {
  const auto with = [&](auto change) {
    Job other = job;
    change(other);
    return may_be_cached(rules, other);
  };
  EXPECT_FALSE(with([](Job& one) { one.rare.edit().http_method = base::Method("POST"); }));
  EXPECT_FALSE(with([](Job& one) { one.rare.edit().security_flags = 2; }));
  EXPECT_FALSE(with([](Job& one) { one.rare.edit().proxy = ProxySettings{.usage = ProxyUsage::none}; }));
  EXPECT_FALSE(with([](Job& one) {
    SecretsSet set;
    set.put({.slot = SecretSlot::headers});
    one.rare.edit().secrets = set;
  }));
  EXPECT_FALSE(with([](Job& one) { one.certificate_check = CertificateCheck{}; }));
  EXPECT_FALSE(with([](Job& one) { one.rare.edit().dynamic_content = true; }));
  EXPECT_FALSE(with([](Job& one) { one.rare.edit().on_demand_mode = true; }));
  EXPECT_TRUE(with([](Job& one) { one.rare.edit().cost_flags = 1; }));
}

TEST_F(PeerCacheRules, P14_NorIsAnAnswerForWhoeverAskedOrAnAddressThatSaysWho) {
  EXPECT_TRUE(may_be_cached(file, {}));
  const auto with = [&](auto change) {
    File other = file;
    change(other);
    return may_be_cached(other, {});
  };
  EXPECT_FALSE(with([](File& one) { one.remote_identity.for_one = true; }));
  EXPECT_FALSE(with([](File& one) { one.remote_identity.version_untold = true; }));
  EXPECT_FALSE(with([](File& one) { one.remote = "http://user:word@host/x"; }));
  EXPECT_FALSE(with([](File& one) { one.remote = "http://host/x?token=1"; }));
  File with_query = file;
  with_query.remote = "http://host/x?v=1";
  EXPECT_TRUE(may_be_cached(with_query, {"http://host"})) << "whoever lays it down knows that it is no key";
  EXPECT_FALSE(with([](File& one) { one.remote = "/srv/x"; }));
  EXPECT_FALSE(with([](File& one) { one.remote_identity.encoding = "gzip"; }));
  EXPECT_FALSE(with([](File& one) { one.moved = true; }));
  EXPECT_FALSE(with([](File& one) { one.rare.edit().mirrors = Mirrors{.addresses = "http://b/x"}; }));
}

TEST_F(PeerCacheRules, WhatNobodyCouldTellFromAnotherVersionIsNotKept) {
  file.remote_identity.last_modified = {};
  EXPECT_TRUE(may_be_cached(file, {}));
  file.remote_identity.etag = "W/\"a\"";
  EXPECT_FALSE(may_be_cached(file, {})) << "a weak tag tells nothing";
  file.remote_identity.last_modified = "Mon, 02 Nov 2026 10:00:00 GMT";
  EXPECT_TRUE(may_be_cached(file, {}));
  EXPECT_TRUE(cache_record(file).etag.empty());
  file.remote_identity.size = base::size_unknown;
  EXPECT_FALSE(may_be_cached(file, {}));
}

// The owner may write to the part, and may name the digest of what he has written.
TEST_F(PeerCacheRules, ByWhatItsBytesAreKnownItsOwnerHasNoSay) {
  EXPECT_EQ(vouched_digest(file), "sha256:" + std::string(64, 'a'));
  file.rare.edit().digests = "sha256:" + std::string(64, 'b');
  EXPECT_EQ(vouched_digest(file), "sha256:" + std::string(64, 'a'));
  file.rare.edit().received = {};
  EXPECT_EQ(vouched_digest(file), "");
  EXPECT_FALSE(may_be_cached(file, {}));
  file.remote_identity.digest = "sha256:" + std::string(64, 'c');
  EXPECT_EQ(vouched_digest(file), "sha256:" + std::string(64, 'c'));
  file.wanted = Wanted::of_ranges({{2, 3}}).value();
  EXPECT_EQ(vouched_digest(file), "") << "that one is of the whole";
}

// Who names a torrent of his own, and the digest of what is in it, chooses what comes: so it is no choice of his what the
// neighbours get.
TEST_F(PeerCacheRules, WhatASwarmOrAProxySentIsKeptByTheWordOfTheOriginAlone) {
  EXPECT_TRUE(may_become_cached(file, {}));
  for (const char* giver : {"swarm", "site-proxy", "duplicate"}) {
    File given = file;
    given.rare.edit().digests = "sha256:" + std::string(64, 'a');
    note_sender(given, Extents::until(4), giver);
    EXPECT_EQ(vouched_digest(given), "") << giver;
    EXPECT_FALSE(may_be_cached(given, {})) << giver;
    EXPECT_FALSE(may_become_cached(given, {})) << "nobody is to wait for it";
    given.remote_identity.digest = "sha256:" + std::string(64, 'c');
    EXPECT_EQ(vouched_digest(given), "sha256:" + std::string(64, 'c')) << "a copy of other bytes is none";
    EXPECT_TRUE(may_be_cached(given, {}));
  }
  for (const std::string& giver : {std::string(64, 'f'), std::string("cache-host")}) {
    File given = file;
    note_sender(given, Extents::until(10), giver);
    EXPECT_EQ(vouched_digest(given), "sha256:" + std::string(64, 'a')) << giver << " is no choice of his";
  }
}

TEST_F(PeerCacheRules, P2_ItIsOfferedByTheWordOfItsOwnerAlone) {
  EXPECT_EQ(verdict(false), CacheVerdict::keep);
  file.validated = true;
  EXPECT_EQ(verdict(false), CacheVerdict::offer);
  file.validated = false;
  EXPECT_EQ(verdict(true), CacheVerdict::drop) << "the word was taken back";
  file.state = FileState::waiting;
  EXPECT_EQ(verdict(false), CacheVerdict::drop) << "it is fetched again";
  file.state = FileState::discarded;
  EXPECT_EQ(verdict(false), CacheVerdict::drop);
}

TEST_F(PeerCacheRules, P2_OfAJobThatEndedWhatWasValidatedStays) {
  job.state = base::JobState::cancelled;
  EXPECT_EQ(verdict(false), CacheVerdict::drop);
  EXPECT_EQ(judge(CacheRecord{}, rules, nullptr, nullptr), CacheVerdict::drop);
  EXPECT_EQ(judge(CacheRecord{.validated = true}, rules, nullptr, nullptr), CacheVerdict::keep);
  file.state = FileState::completed;
  file.validated = true;
  job.state = base::JobState::acknowledged;
  EXPECT_EQ(verdict(false), CacheVerdict::offer);
}

TEST_F(PeerCacheRules, SwitchedOffBeforeTheVerdictItGoesAndAfterItItStays) {
  rules.enabled.value = false;
  EXPECT_EQ(verdict(false), CacheVerdict::drop);
  file.validated = true;
  EXPECT_EQ(verdict(true), CacheVerdict::offer);
}

TEST_F(PeerCacheRules, P7_AnotherVersionIsAnotherObjectInTheSamePlace) {
  const CacheRecord one = cache_record(file);
  EXPECT_TRUE(is_same_object(one, cache_record(file)));
  file.remote_identity.etag = "\"b\"";
  EXPECT_FALSE(is_same_object(one, cache_record(file)));
  EXPECT_TRUE(has_same_place(one, cache_record(file)));
}

TEST_F(PeerCacheRules, P13_OtherRangesAreAnotherPlace) {
  const CacheRecord one = cache_record(file);
  file.wanted = Wanted::of_ranges({{2, 3}}).value();
  EXPECT_FALSE(has_same_place(one, cache_record(file)));
  EXPECT_EQ(cache_record(file).size, 3U);
  EXPECT_EQ(cache_record(file).remote_size, 10U);
}

TEST_F(PeerCacheRules, P8_OverTheLimitWhatWasUsedLeastRecentlyGoesFirst) {
  const auto use = [](std::uint8_t name, std::uint64_t octets, int hour) {
    return CacheUse{{{name}}, octets, base::ServiceTime(std::chrono::hours(hour))};
  };
  const std::vector<CacheUse> all{use(1, 40, 9), use(2, 40, 3), use(3, 40, 5)};
  EXPECT_TRUE(over_the_limit(all, 120).empty());
  EXPECT_EQ(over_the_limit(all, 119), (std::vector<base::RecordId>{{{2}}}));
  EXPECT_EQ(over_the_limit(all, 79), (std::vector<base::RecordId>{{{2}}, {{3}}}));
  EXPECT_EQ(over_the_limit(all, 0).size(), 3U);
}

TEST_F(PeerCacheRules, P8_HoweverSmallTheyAreThereIsAMostOfThem) {
  std::vector<CacheUse> all;
  for (std::size_t i = 0; i < cache_records_max + 2; ++i)
    all.push_back({{{static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)}}, 0,
                   base::ServiceTime(base::Microseconds(i))});
  EXPECT_EQ(over_the_limit(all, 1), (std::vector<base::RecordId>{{{0}}, {{1}}}));
}

TEST_F(PeerCacheRules, P8_TheLimitIsAShareOfTheFileSystem) {
  EXPECT_EQ(rules.most_octets(200'000), 2'000U);
  rules.percent.value = 80;
  EXPECT_EQ(rules.most_octets(200'000), 160'000U);
  EXPECT_EQ(rules.most_octets(UINT64_MAX), UINT64_MAX / 100 * 80);
}

TEST_F(PeerCacheRules, P9_AgeCountsFromTheLastUse) {
  const base::ServiceTime used(10h);
  rules.age.value = 24h;
  EXPECT_FALSE(is_too_old(used, rules, used + 24h - base::Microseconds(1)));
  EXPECT_TRUE(is_too_old(used, rules, used + 24h));
}

}  // namespace
}  // namespace backhaul::core
