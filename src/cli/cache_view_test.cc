// SPDX-License-Identifier: Apache-2.0
#include "cli/cache_view.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace backhaul::cli {
namespace {

CacheRecordInfo kept_file() {
  CacheRecordInfo record;
  record.id = "8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9";
  record.url = "http://host/a";
  record.size = 1024;
  record.remote_size = 4096;
  record.digest = "sha256:aa";
  record.etag = "\"e\"";
  record.made = record.accessed = Time(std::chrono::seconds(86'400));
  record.validated = true;
  record.ranges = {FileRange{0, 1024}};
  record.job = "9c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9";
  record.file = 2;
  return record;
}

class CacheView : public testing::Test {
 protected:
  void SetUp() override {
    setenv("TZ", "UTC", 1);
    tzset();
  }
  const PeerCacheSettings on_{1, 7'776'000, 2};
};

TEST_F(CacheView, AListEndsWithAllOfThemTogether) {
  CacheRecordInfo busy = kept_file();
  busy.url = "http://host/b";
  busy.validated = false;
  busy.busy = true;
  busy.ranges.clear();
  const std::string list = render_cache({kept_file(), busy}, on_, {200, true, false});
  EXPECT_NE(list.find("http://host/a [0-1023]"), std::string::npos) << list;
  EXPECT_NE(list.find("not validated, busy"), std::string::npos) << list;
  EXPECT_NE(list.find("\n2 files, 2.0K; at most 1 % of the disk, for 90 days without use\n"), std::string::npos) << list;
}

TEST_F(CacheView, WhereNothingIsKeptItSaysWhy) {
  EXPECT_EQ(render_cache({}, on_, {80, true, false}),
            "nothing is kept; at most 1 % of the disk, for 90 days without use\n");
  EXPECT_EQ(render_cache({}, {1, 86'400, 0}, {80, true, false}),
            "nothing is kept; keeping files for peers is switched off\n");
}

TEST_F(CacheView, ARecordIsAKeyALine) {
  EXPECT_EQ(render_record(kept_file(), true),
            "id=8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9\nurl=http://host/a\nsize=1024\nremote-size=4096\n"
            "ranges=0-1023\nlast-modified=\netag=\"e\"\ndigest=sha256:aa\nvalidated=yes\nbusy=no\n"
            "made=1970-01-02T00:00:00Z\naccessed=1970-01-02T00:00:00Z\n"
            "job=9c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9\nfile=2\n");
}

TEST_F(CacheView, JsonHasAllOfARecordAndNullForWhatIsNotKnown) {
  Json json;
  write_record(json, kept_file());
  EXPECT_EQ(json.text(),
            R"({"id":"8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9","url":"http://host/a","size":1024,"remote-size":4096,)"
            R"("ranges":"0-1023","last-modified":null,"etag":"\"e\"","digest":"sha256:aa","validated":true,)"
            R"("busy":false,"made":"1970-01-02T00:00:00Z","accessed":"1970-01-02T00:00:00Z",)"
            R"("job":"9c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9","file":2})");
}

TEST_F(CacheView, APeerHasItsNameAddressAndKey) {
  const std::vector<PeerInfo> peers{{"one", "ab", "192.0.2.1:2178", true}, {"two", "cd", "[2001:db8::1]:80", false},
                                    {"three", "ef", "h:1", false, Time(std::chrono::seconds(86'400))}};
  EXPECT_EQ(render_peers({.own_key = "ef", .trust = "list"}, peers, {200, true, false}),
            "this machine: ef\n"
            "NAME   ADDRESS           STATE                                      KEY\n"
            "one    192.0.2.1:2178    available                                  ab\n"
            "two    [2001:db8::1]:80  not asked now                              cd\n"
            "three  h:1               not asked until 1970-01-02 00:00:00 +0000  ef\n");
  EXPECT_EQ(render_peers({}, {}, {80, true, false}), "no peers\n");
  Json json;
  write_peers(json, {peers[1], peers[2]});
  EXPECT_EQ(json.text(), R"([{"name":"two","address":"[2001:db8::1]:80","key":"cd","available":false,"not-before":null},)"
                         R"({"name":"three","address":"h:1","key":"ef","available":false,)"
                         R"("not-before":"1970-01-02T00:00:00Z"}])");
}

TEST_F(CacheView, JsonOfThisMachineHasNullForAKeyThatWasNotMadeYet) {
  Json json;
  write_standing(json, {.own_key = {}, .trust = "group", .bytes_from_peers = 1, .bytes_to_peers = 2});
  EXPECT_EQ(json.text(), R"({"key":null,"trust":"group","from-peers":1,"to-peers":2})");
}

TEST_F(CacheView, ARecordIsMeantByTheBeginningOfItsId) {
  CacheRecordInfo other = kept_file();
  other.id = "8c1b0000-6a0d-4c3f-9e77-51d2a4b0c6f9";
  const std::vector<CacheRecordInfo> all{kept_file(), other};
  const auto one = records_meant(all, "8C1B7");
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one.front().id, kept_file().id);
  EXPECT_EQ(records_meant(all, "8c1b").size(), 2U);
  EXPECT_TRUE(records_meant(all, "8c1").empty()) << "too short to be meant";
  EXPECT_TRUE(records_meant(all, "ffff").empty());
}

}  // namespace
}  // namespace backhaul::cli
