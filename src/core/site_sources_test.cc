// SPDX-License-Identifier: Apache-2.0
#include "core/site_sources.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/peer_cache.h"
#include "core/request_rules.h"

namespace backhaul::core {
namespace {

using namespace std::chrono_literals;
using base::Code;

constexpr std::string_view pattern = "https://cache.site/{scheme}/{host}/{path}";
const std::string torrent = "https://host/x.torrent";

Policy all_of_a_site() {
  Policy policy;
  policy.neighbours.client.value = true;
  policy.site.cache_host.value = pattern;
  policy.site.proxy.value = "http://127.0.0.1:65001";
  policy.site.swarm.value = true;
  return policy;
}

Job sharing_job() {
  Job job;
  job.rare.edit().peer_caching_flags = peer_caching::client;
  return job;
}

File described_file(const std::string& url = "https://host/x") {
  File file;
  file.remote = url;
  file.remote_identity = {.size = 100, .etag = "\"a\"", .digest = "sha256:" + std::string(64, 'a')};
  return file;
}

NotAsked why(SiteSource source, const Policy& policy, const Job& job, const File& file) {
  const NotAsked first = why_not_asked(source, policy, {}, job, file);
  return first == NotAsked::none ? why_not_taken(source, policy, file, torrent) : first;
}

base::BootTime since_boot(base::Microseconds time) { return base::BootTime(time); }

TEST(CachePattern, OfAServerAloneGetsTheUsualPlaces) {
  EXPECT_EQ(*cache_pattern("https://cache.site"), pattern);
  EXPECT_EQ(*cache_pattern("https://cache.site/"), pattern);
  EXPECT_EQ(*cache_pattern("http://cache:8080/a//"), "http://cache:8080/a/{scheme}/{host}/{path}");
  EXPECT_EQ(*cache_pattern("http://cache/{host}-{scheme}/{path}"), "http://cache/{host}-{scheme}/{path}");
}

TEST(CachePattern, NamesAServerAndAllOfAFile) {
  for (const char* wrong : {"", "cache.site", "ftp://cache.site", "https://", "https://me:pw@cache.site",
                            "https://cache.site?x", "https://cache.site/#x", "https://{host}/{scheme}/{path}",
                            "https://cache.site/{path}",
                            "https://cache.site/{scheme}/{path}", "https://cache.site/{scheme}/{host}/{path}/x"})
    EXPECT_FALSE(cache_pattern(wrong)) << wrong;
}

TEST(CacheAddress, IsThatOfTheFileBehindTheCache) {
  EXPECT_EQ(cache_address(pattern, "https://Host.example/a/b.deb"), "https://cache.site/https/host.example/a/b.deb");
  EXPECT_EQ(cache_address(pattern, "http://host:80/a?b=c#d"), "https://cache.site/http/host/a?b=c");
  EXPECT_EQ(cache_address(pattern, "https://host:8443/"), "https://cache.site/https/host:8443/");
  EXPECT_EQ(cache_address(pattern, "http://host:443/a"), "https://cache.site/http/host:443/a");
  EXPECT_EQ(cache_address(pattern, "http://host"), "https://cache.site/http/host/");
  EXPECT_EQ(cache_address(pattern, "http://host?q"), "https://cache.site/http/host/?q");
  EXPECT_EQ(cache_address(pattern, "http://[::1]:81/a"), "https://cache.site/http/%5B::1%5D:81/a");
  EXPECT_EQ(cache_address(pattern, "http://host/{scheme}"), "https://cache.site/http/host/{scheme}");
}

TEST(CacheAddress, NeverLeadsToAnotherPlaceOfTheCache) {
  for (const char* url : {"http://host/../x", "http://host/a/..", "http://host/./x", "http://host/%2E%2e/x",
                          "http://host/.%2e?x", "http://me@host/x", "file:///x", "http://ho st/x"})
    EXPECT_EQ(cache_address(pattern, url), "") << url;
  EXPECT_NE(cache_address(pattern, "http://host/a..b/.c/x?y=/../z"), "");
  EXPECT_EQ(cache_address("", "http://host/x"), "");
}

TEST(SiteSources, AreAskedInTheirOrderEachWhereItIsLaidDown) {
  const Policy policy = all_of_a_site();
  for (const SiteSource source : site_sources) {
    EXPECT_EQ(why(source, policy, sharing_job(), described_file()), NotAsked::none) << name_of(source);
    EXPECT_EQ(why(source, {}, sharing_job(), described_file()), NotAsked::off) << name_of(source);
  }
  EXPECT_EQ(site_sources.front(), SiteSource::swarm);
  EXPECT_EQ(site_sources[1], SiteSource::neighbours);
  EXPECT_EQ(site_sources[2], SiteSource::cache_host);
  EXPECT_EQ(site_sources.back(), SiteSource::proxy);
}

TEST(SiteSources, OtherMachinesNeedTheLeaveOfTheJob) {
  const Policy policy = all_of_a_site();
  EXPECT_EQ(why(SiteSource::swarm, policy, {}, described_file()), NotAsked::job);
  EXPECT_EQ(why(SiteSource::neighbours, policy, {}, described_file()), NotAsked::job);
  EXPECT_EQ(why(SiteSource::cache_host, policy, {}, described_file()), NotAsked::none);
  EXPECT_EQ(why(SiteSource::proxy, policy, {}, described_file()), NotAsked::none);
}

TEST(SiteSources, NobodyInTheForegroundWaitsForThemUnlessTheCacheHasADelayForThat) {
  Policy policy = all_of_a_site();
  Job job = sharing_job();
  job.priority = base::Priority::foreground;
  for (const SiteSource source : site_sources) {
    EXPECT_EQ(why(source, policy, job, described_file()), NotAsked::foreground) << name_of(source);
    EXPECT_EQ(first_byte_within(source, policy.site, job), 0s);
    EXPECT_EQ(first_byte_within(source, policy.site, sharing_job()), 5s);
  }
  policy.site.cache_host_wait_foreground.value = 2s;
  policy.site.cache_host_wait.value = 60s;
  EXPECT_EQ(why(SiteSource::cache_host, policy, job, described_file()), NotAsked::none);
  EXPECT_EQ(first_byte_within(SiteSource::cache_host, policy.site, job), 2s);
  EXPECT_EQ(first_byte_within(SiteSource::cache_host, policy.site, sharing_job()), 60s);
  EXPECT_EQ(first_byte_within(SiteSource::proxy, policy.site, sharing_job()), 5s);
}

TEST(SiteSources, WhatIsNotForEverybodyIsAskedOfTheOriginAlone) {
  Policy policy = all_of_a_site();
  for (const SiteSource source : site_sources) {
    EXPECT_EQ(why(source, policy, sharing_job(), described_file("https://me:pw@host/x")), NotAsked::address);
    EXPECT_EQ(why(source, policy, sharing_job(), described_file("file:///x")), NotAsked::address);
    EXPECT_EQ(why(source, policy, sharing_job(), described_file("https://host/x?key")), NotAsked::query);
    Job job = sharing_job();
    job.rare.edit().security_flags = 1;
    EXPECT_EQ(why(source, policy, job, described_file()), NotAsked::own_way);
    job = sharing_job();
    job.rare.edit().secrets = SecretsSet();
    EXPECT_EQ(why(source, policy, job, described_file()), NotAsked::own_way);
    File file = described_file();
    file.remote_identity.for_one = true;
    EXPECT_EQ(why(source, policy, sharing_job(), file), NotAsked::for_one);
    file = described_file();
    file.remote_identity.etag = {};
    EXPECT_EQ(why(source, policy, sharing_job(), file), NotAsked::version);
    file = described_file();
    distrust_neighbours(file);
    EXPECT_EQ(why(source, policy, sharing_job(), file), NotAsked::origin_only);
  }
  policy.neighbours.query_origins.value = {"host"};
  for (const SiteSource source : site_sources)
    EXPECT_EQ(why(source, policy, sharing_job(), described_file("https://host/x?key")), NotAsked::none);
}

TEST(SiteSources, WithoutADigestColleaguesAreBelievedAndNobodyElse) {
  Policy policy = all_of_a_site();
  File file = described_file();
  file.remote_identity.digest = {};
  for (const SiteSource source : site_sources) EXPECT_EQ(why(source, policy, sharing_job(), file), NotAsked::digest);
  policy.neighbours.content_trust.value = ContentTrust::colleagues;
  EXPECT_EQ(why(SiteSource::neighbours, policy, sharing_job(), file), NotAsked::none);
  EXPECT_EQ(why(SiteSource::cache_host, policy, sharing_job(), file), NotAsked::none);
  EXPECT_EQ(why(SiteSource::swarm, policy, sharing_job(), file), NotAsked::digest);
  EXPECT_EQ(why(SiteSource::proxy, policy, sharing_job(), file), NotAsked::digest);
  file.stored = Extents::until(100);
  note_sender(file, Extents::until(50), "cache-host");
  EXPECT_FALSE(is_unproven(policy.neighbours, file));
  EXPECT_TRUE(is_unproven({}, file));
  note_sender(file, Extents::until(60), "swarm");
  EXPECT_TRUE(is_unproven(policy.neighbours, file));
  EXPECT_FALSE(is_unproven(policy.neighbours, described_file()));
}

TEST(SiteSources, ASwarmNeedsATorrentThatMayBeFetched) {
  Policy policy = all_of_a_site();
  for (const char* nowhere : {"", "file:///x.torrent", "https://me@host/x.torrent", "https://host/x.torrent?key"})
    EXPECT_EQ(why_not_taken(SiteSource::swarm, policy, described_file(), nowhere), NotAsked::torrent) << nowhere;
  auto rules = std::make_shared<RequestRules>();
  rules->origins.rules[0] = {.value = *parse_origins("other"), .where = "here"};
  policy.requests = rules;
  EXPECT_EQ(why_not_taken(SiteSource::swarm, policy, described_file(), torrent), NotAsked::torrent);
}

TEST(SiteSources, ATorrentThatTheOwnerNamesGoesBeforeThatOfTheOrigin) {
  File file = described_file();
  EXPECT_EQ(torrent_of(file, torrent), torrent);
  EXPECT_EQ(torrent_of(file, ""), "");
  file.rare.edit().torrent = std::string("https://other/x.torrent");
  EXPECT_EQ(torrent_of(file, torrent), "https://other/x.torrent");
  EXPECT_EQ(why_not_taken(SiteSource::swarm, all_of_a_site(), file, ""), NotAsked::none);
  file.remote_identity.digest = {};
  EXPECT_EQ(why_not_taken(SiteSource::swarm, all_of_a_site(), file, ""), NotAsked::digest) << "it is nobody's proof";
}

// Of a site whose authority vouches for what is found.
Policy seeking(std::string setting = "dns-sd") {
  Policy policy = all_of_a_site();
  policy.site.cache_host.value = std::move(setting);
  policy.neighbours.trust.value = NeighbourTrust::ca;
  policy.neighbours.authority.value = "/etc/site.pem";
  return policy;
}
const AnnouncedCache found_cache{.name = "cache.site", .host = "192.0.2.1", .port = 443, .path = {}};

TEST(FoundCache, IsAskedByItsNameAtThePlaceWhereItIs) {
  EXPECT_EQ(cache_of(seeking(), {found_cache}),
            (Cache{"https://cache.site:443/{scheme}/{host}/{path}", "192.0.2.1:443"}));
  AnnouncedCache other = found_cache;
  other.host = "2001:db8::1";
  other.path = "/files";
  EXPECT_EQ(cache_of(seeking(), {other}),
            (Cache{"https://cache.site:443/files/{scheme}/{host}/{path}", "[2001:db8::1]:443"}));
  EXPECT_EQ(cache_of(all_of_a_site(), {found_cache}), (Cache{std::string(pattern), ""})) << "it is laid down";
}

TEST(FoundCache, IsOneThatAllMachinesTakeOrTheOneThatTheSettingsName) {
  AnnouncedCache other = found_cache;
  other.name = "a.site";
  EXPECT_EQ(cache_of(seeking(), {found_cache, other}), cache_of(seeking(), {other, found_cache}));
  EXPECT_EQ(cache_of(seeking("dns-sd:cache.site"), {other, found_cache}), cache_of(seeking(), {found_cache}));
  EXPECT_EQ(cache_of(seeking("dns-sd:cache.site"), {other}), Cache());
}

TEST(FoundCache, TakesTheSitesAuthority) {
  const auto why_of = [](const Policy& policy) {
    return why_not_asked(SiteSource::cache_host, policy, {found_cache}, sharing_job(), described_file());
  };
  EXPECT_EQ(why_of(seeking()), NotAsked::none);
  EXPECT_TRUE(looks_for_caches(seeking()));
  EXPECT_FALSE(looks_for_caches(all_of_a_site()));
  Policy listed = seeking();
  listed.neighbours.trust.value = NeighbourTrust::list;
  Policy without = seeking();
  without.neighbours.authority.value = {};
  for (const Policy& policy : {listed, without}) {
    EXPECT_EQ(why_of(policy), NotAsked::unvouched);
    EXPECT_EQ(cache_of(policy, {found_cache}), Cache());
    EXPECT_FALSE(looks_for_caches(policy));
  }
  EXPECT_EQ(why(SiteSource::cache_host, seeking(), sharing_job(), described_file()), NotAsked::nobody);
}

TEST(FoundCache, IsNoneThatLeadsElsewhere) {
  const auto is_none = [](auto change) {
    AnnouncedCache one = found_cache;
    change(one);
    return cache_of(seeking(), {one}) == Cache();
  };
  for (const char* name : {"", "me@cache", "cache/a", "a:1", "{host}", "-a", "a..b", "CACHE", "a?b", "a#b", "[::1]"})
    EXPECT_TRUE(is_none([&](AnnouncedCache& one) { one.name = name; })) << name;
  for (const char* path : {"files", "/..", "/a/../b", "/{path}", "/a?b", "/a#b", "/a b", "/%2e%2e"})
    EXPECT_TRUE(is_none([&](AnnouncedCache& one) { one.path = path; })) << path;
  for (const char* host : {"", "fe80::1%eth0", "host name", "1.2.3.4:5,evil", "-x"})
    EXPECT_TRUE(is_none([&](AnnouncedCache& one) { one.host = host; })) << host;
  EXPECT_TRUE(is_none([](AnnouncedCache& one) { one.port = 0; }));
}

TEST(FoundCache, IsSoughtByASettingThatSaysSo) {
  EXPECT_EQ(sought_cache("dns-sd"), "");
  EXPECT_EQ(sought_cache("dns-sd:cache.site"), "cache.site");
  for (const char* other : {"", "https://cache.site", "dns-sd:", "dns-sdx", "dns-sd:a/b", "dns-sd:."})
    EXPECT_EQ(sought_cache(other), std::nullopt) << other;
  EXPECT_EQ(sought_cache("dns-sd:Cache.Site."), "cache.site") << "as it is announced";
}

// Of a memory: who is left alone for a file.
IsLeftAlone left_alone_by(const SiteMemory& memory, base::BootTime now, const File& file = described_file()) {
  return [&memory, now, file](const Cache& one) {
    return why_not_now(SiteSource::cache_host, one, memory, file, 1000, now) != NotAsked::none;
  };
}

// Without a certificate anybody can announce the name of the cache, at his own address or at that of the cache.
TEST(FoundCache, WhoeverAnnouncesItsNameIsLeftAloneByHisPlaceAndTheCacheIsAskedAtItsOwn) {
  std::vector<AnnouncedCache> spoofs(3, found_cache);
  spoofs[0].host = "192.0.2.0";
  spoofs[1].port = 1;
  spoofs[2].path = "/a";
  for (const AnnouncedCache& spoof : spoofs) {
    SiteMemory memory;
    const std::vector<AnnouncedCache> announced{found_cache, spoof};
    const Cache real = cache_of(seeking(), {found_cache});
    const Cache wrong = cache_of(seeking(), {spoof});
    ASSERT_NE(known_as(wrong), known_as(real));
    for (const SourceFault fault : {SourceFault::source, SourceFault::origin}) {
      memory = {};
      remember(memory, SiteSource::cache_host, wrong, fault, described_file(), since_boot(1s));
      EXPECT_EQ(cache_of(seeking(), announced, left_alone_by(memory, since_boot(2s))), real) << known_as(wrong);
      remember(memory, SiteSource::cache_host, real, fault, described_file(), since_boot(1s));
      EXPECT_NE(cache_of(seeking(), announced, left_alone_by(memory, since_boot(2s))), Cache()) << "explain tells why";
    }
  }
}

TEST(FoundCache, IsAskedAtItsAddressOfIPv4First) {
  AnnouncedCache six = found_cache;
  six.host = "1::1";
  EXPECT_EQ(cache_of(seeking(), {six, found_cache}).place, "192.0.2.1:443");
}

TEST(FoundCache, OfAnyNumberOfPlacesSoManyAreRemembered) {
  SiteMemory memory;
  for (std::size_t i = 0; i < bans_remembered + 9; ++i) {
    const Cache one{"https://cache.site/{scheme}/{host}/{path}", std::to_string(i)};
    remember(memory, SiteSource::cache_host, one, SourceFault::source, described_file(),
             since_boot(base::Microseconds(static_cast<std::int64_t>(i))));
  }
  EXPECT_EQ(memory.banned.size(), bans_remembered);
}

TEST(SiteSources, AFileWithSeveralAddressesComesFromASwarmAlone) {
  File file = described_file();
  file.rare.edit().mirrors = Mirrors{.addresses = "https://other/x?key"};
  for (const SiteSource source : site_sources)
    EXPECT_EQ(why(source, all_of_a_site(), sharing_job(), file),
              source == SiteSource::swarm ? NotAsked::none : NotAsked::addresses)
        << name_of(source);
  file.rare.edit().mirrors->current = 1;
  EXPECT_EQ(why(SiteSource::swarm, all_of_a_site(), sharing_job(), file), NotAsked::query) << "that one is in use";
}

TEST(SiteSources, ATorrentIsNamedByAnAddressForEverybody) {
  EXPECT_TRUE(check_torrent("https://host/x.torrent?v=1"));
  for (const char* wrong : {"", "x.torrent", "ftp://host/x", "file:///x.torrent", "/x.torrent", "https://me@host/x",
                            "https://host/a b", "https://"})
    EXPECT_EQ(check_torrent(wrong).error().code, Code::E_INVALIDARG) << wrong;
}

TEST(SiteSources, AreToldApartByWhatTheyGave) {
  for (const SiteSource source : site_sources)
    EXPECT_EQ(source_of(giver_of(source)), source);
  EXPECT_EQ(source_of(giver_of(SiteSource::duplicate)), SiteSource::duplicate);
  EXPECT_EQ(source_of(std::string(64, 'a')), SiteSource::neighbours);
  File file = described_file();
  EXPECT_TRUE(kinds_of_givers(file).empty());
  file.stored = Extents::until(100);
  std::uint64_t end = 100;  // who sent a byte last counts
  for (const char* giver : {"aa", "cache-host", "bb", "swarm"}) {
    note_sender(file, Extents::until(end), giver);
    end -= 20;
  }
  EXPECT_EQ(kinds_of_givers(file), (std::vector<std::string>{"neighbour", "cache-host", "swarm"}));
  note_sender(file, Extents::until(100), "");
  EXPECT_TRUE(kinds_of_givers(file).empty()) << "its origin sent all of it again";
}

const Cache laid_down{std::string(pattern), {}};

TEST(SiteSources, ThatDoNotWorkAreLeftAloneForAQuarterOfAnHour) {
  const base::Error broken(Code::WINHTTP_CANNOT_CONNECT, "");
  for (const SiteSource source : {SiteSource::cache_host, SiteSource::proxy}) {
    for (const Code code : {Code::WINHTTP_CANNOT_CONNECT, Code::WINHTTP_TIMEOUT, Code::WINHTTP_SECURE_FAILURE,
                            base::http_code(500), base::http_code(502), base::http_code(503), base::http_code(504)})
      EXPECT_EQ(fault_of(source, base::Error(code)), SourceFault::source);
    for (const Code code : {Code::BG_E_REMOTE_FILE_CHANGED, Code::BG_E_INVALID_SERVER_RESPONSE, base::http_code(302),
                            base::http_code(429), base::http_code(408)})
      EXPECT_EQ(fault_of(source, base::Error(code)), SourceFault::file);
    SiteMemory memory;
    remember(memory, source, laid_down, SourceFault::source, described_file(), since_boot(1s));
    EXPECT_EQ(why_not_now(source, laid_down, memory, described_file(), 1000, since_boot(900s)), NotAsked::banned);
    EXPECT_EQ(why_not_now(source, laid_down, memory, described_file(), 1000, since_boot(901s)), NotAsked::none);
  }
  EXPECT_EQ(fault_of(SiteSource::swarm, broken), SourceFault::file);
  SiteMemory memory;
  remember(memory, SiteSource::swarm, laid_down, SourceFault::source, described_file(), since_boot(1s));
  EXPECT_EQ(memory, SiteMemory());
}

TEST(SiteSources, TheServerOfADuplicateThatFailsOrAsksForTimeIsLeftAloneAndNoOther) {
  for (const Code code : {Code::WINHTTP_CANNOT_CONNECT, base::http_code(500), base::http_code(503), base::http_code(429)})
    EXPECT_EQ(fault_of(SiteSource::duplicate, base::Error(code)), SourceFault::source);
  for (const Code code : {Code::BG_E_REMOTE_FILE_CHANGED, base::http_code(302), base::http_code(403), base::http_code(404)})
    EXPECT_EQ(fault_of(SiteSource::duplicate, base::Error(code)), SourceFault::file);
  const Cache one{"http://a:80", {}};
  SiteMemory memory;
  remember(memory, SiteSource::duplicate, one, SourceFault::source, described_file(), since_boot(1s));
  const auto at = [&](const Cache& server, base::Microseconds time) {
    return why_not_now(SiteSource::duplicate, server, memory, described_file(), 1000, since_boot(time));
  };
  EXPECT_EQ(at(one, 900s), NotAsked::banned);
  EXPECT_EQ(at(one, 901s), NotAsked::none);
  EXPECT_EQ(at({"http://b:80", {}}, 900s), NotAsked::none);
  EXPECT_EQ(why_not_now(SiteSource::cache_host, one, memory, described_file(), 1000, since_boot(1s)), NotAsked::none);
}

TEST(SiteSources, ACacheThatHasNothingOfAServerIsNotAskedForThatServer) {
  for (const unsigned status : {400U, 403U, 404U, 410U, 416U}) {
    EXPECT_EQ(fault_of(SiteSource::cache_host, base::Error(base::http_code(status))), SourceFault::origin);
    EXPECT_EQ(fault_of(SiteSource::proxy, base::Error(base::http_code(status))), SourceFault::file);
  }
  SiteMemory memory;
  remember(memory, SiteSource::cache_host, laid_down, SourceFault::origin, described_file(), since_boot(0s));
  const File other = described_file("https://host/y");
  EXPECT_EQ(why_not_now(SiteSource::cache_host, laid_down, memory, other, 1000, since_boot(3599s)), NotAsked::not_there);
  const File of_another = described_file("http://host/y");
  EXPECT_EQ(why_not_now(SiteSource::cache_host, laid_down, memory, of_another, 1000, since_boot(1s)), NotAsked::none);
  EXPECT_EQ(why_not_now(SiteSource::proxy, laid_down, memory, described_file(), 1000, since_boot(1s)), NotAsked::none);
  EXPECT_EQ(why_not_now(SiteSource::cache_host, laid_down, memory, described_file(), 1000, since_boot(3600s)), NotAsked::none);
  for (int i = 0; i < 2000; ++i) {
    const File of_many = described_file("http://h" + std::to_string(i) + "/");
    remember(memory, SiteSource::cache_host, laid_down, SourceFault::origin, of_many, since_boot(1s));
  }
  EXPECT_EQ(memory.not_there.size(), origins_remembered);
}

}  // namespace
}  // namespace backhaul::core
