// SPDX-License-Identifier: Apache-2.0
// What the queue on disk has for neighbours: the records of what is kept, what was asked for of that, who lied.
#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "tests/component/sqlite/damaged_queue.h"

namespace backhaul::sqlite {
namespace {

using namespace std::chrono_literals;

class CacheRows : public DamagedQueue {
 protected:
  static core::CacheRecord record(std::uint64_t number) {
    core::CacheRecord one;
    one.number = number;
    one.id.bytes[0] = static_cast<std::uint8_t>(number);
    one.job = id_of(1);
    one.file = 2;
    one.remote_size = 500;
    one.etag = "\"a\"";
    one.size = 50;
    one.digest = "sha256:aa";
    one.made = one.accessed = base::from_epoch_us(1'000'000);
    one.used = base::ServiceTime(9s);
    one.wanted = core::Wanted::of_ranges({{10, 50}}).value();
    one.url = "http://host/" + std::to_string(number);
    return one;
  }
  static core::CacheRecord validated(std::uint64_t number) {
    core::CacheRecord one = record(number);
    one.validated = true;
    return one;
  }
  void put(std::vector<core::CacheRecord> records, std::vector<std::uint64_t> removed = {}) {
    ports::Batch batch;
    batch.cache = std::move(records);
    batch.cache_removed = std::move(removed);
    batch.next_sequence = 3;  // as if what had been given out was lost
    commit(std::move(batch));
  }
  using Records = std::vector<core::CacheRecord>;
};

TEST_F(CacheRows, AreLoadedAsTheyWereWrittenLast) {
  start();
  put({record(4), record(5), record(6)});
  put({validated(5)}, {6});
  again();
  const ports::Snapshot snapshot = start();
  EXPECT_EQ(snapshot.cache, (Records{record(4), validated(5)}));
  EXPECT_EQ(snapshot.next_sequence, 6U) << "no number comes twice";
  EXPECT_EQ(log_->text(), "");
}

TEST_F(CacheRows, OneThatChangedIsNotBelievedAndSaidSoOnce) {
  start();
  put({record(4), record(5)});
  again();
  damage("UPDATE cache SET validated = 1 WHERE number = 4");
  EXPECT_EQ(start().cache, (Records{record(5)}));
  EXPECT_NE(log_->text().find("1 record of what is kept for neighbours"), std::string::npos) << log_->text();
  stop();
  EXPECT_EQ(start().cache, (Records{record(5)}));
  EXPECT_EQ(log_->text(), "");
}

TEST_F(CacheRows, AreSavedFromADamagedQueue) {
  make_queue(3);
  put({record(4), validated(5)});
  again();
  damage("PRAGMA wal_checkpoint");
  overwrite(path(), 0, 100);
  EXPECT_EQ(start().cache, (Records{record(4), validated(5)}));
  EXPECT_TRUE(was_set_aside());
}

// peer-caching.md §2: what a program asked for is there again, and no later start forgets it.
class PreferenceRows : public CacheRows {
 protected:
  const core::PeerPreferences asked_{.cache_percent = 5, .content_age = {}, .flags = 0};
  void ask(const core::PeerPreferences& all) {
    ports::Batch batch;
    batch.preferences = all;
    batch.next_sequence = 3;
    commit(std::move(batch));
  }
};

TEST_F(PreferenceRows, AreLoadedAsTheyWereWrittenLast) {
  EXPECT_EQ(start().preferences, core::PeerPreferences());
  ask({.cache_percent = 9, .content_age = 86'400, .flags = 3});
  ask(asked_);
  put({record(4)});
  again();
  EXPECT_EQ(start().preferences, asked_);
  EXPECT_EQ(log_->text(), "");
}

TEST_F(PreferenceRows, ThatChangedAreNotBelievedAndThisIsSaidOnce) {
  start();
  ask(asked_);
  again();
  damage("UPDATE preference SET cache_percent = 80");
  EXPECT_EQ(start().preferences, core::PeerPreferences());
  EXPECT_NE(log_->text().find("what programs asked for"), std::string::npos) << log_->text();
  stop();
  EXPECT_EQ(start().preferences, core::PeerPreferences());
  EXPECT_EQ(log_->text(), "");
}

TEST_F(PreferenceRows, AreSavedFromADamagedQueue) {
  make_queue(3);
  ask(asked_);
  again();
  damage("PRAGMA wal_checkpoint");
  overwrite(path(), 0, 100);
  EXPECT_EQ(start().preferences, asked_);
  EXPECT_TRUE(was_set_aside());
}

// peer-caching.md §9, P5: a liar is not asked for a day, also where the service ends in between.
class BanRows : public CacheRows {
 protected:
  const core::Bans banned_{{"aa", base::ServiceTime(9h)}, {"bb", base::ServiceTime(7h)}};
  void ban(const core::Bans& all) {
    ports::Batch batch;
    batch.bans = all;
    batch.next_sequence = 3;
    commit(std::move(batch));
  }
};

TEST_F(BanRows, P5_AreLoadedAsTheyWereWrittenLast) {
  EXPECT_TRUE(start().bans.empty());
  ban({{"cc", base::ServiceTime(1h)}});
  ban(banned_);
  put({record(4)});
  again();
  EXPECT_EQ(start().bans, banned_);
  EXPECT_EQ(log_->text(), "");
}

TEST_F(BanRows, OneThatChangedIsNotBelievedAndThisIsSaidOnce) {
  start();
  ban(banned_);
  again();
  damage("UPDATE ban SET until = 0 WHERE neighbour = 'aa'");
  const core::Bans rest{{"bb", base::ServiceTime(7h)}};
  EXPECT_EQ(start().bans, rest);
  EXPECT_NE(log_->text().find("1 neighbour that lied"), std::string::npos) << log_->text();
  stop();
  EXPECT_EQ(start().bans, rest);
  EXPECT_EQ(log_->text(), "");
}

TEST_F(BanRows, AreSavedFromADamagedQueue) {
  make_queue(3);
  ban(banned_);
  again();
  damage("PRAGMA wal_checkpoint");
  overwrite(path(), 0, 100);
  EXPECT_EQ(start().bans, banned_);
  EXPECT_TRUE(was_set_aside());
}

}  // namespace
}  // namespace backhaul::sqlite
