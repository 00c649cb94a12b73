// SPDX-License-Identifier: Apache-2.0
// Sealed secrets in the queue on disk: beside their job, gone with it, and lost alone.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/component/sqlite/damaged_queue.h"

namespace backhaul::sqlite {
namespace {

constexpr core::SecretSlot headers = core::SecretSlot::headers;
constexpr core::SecretSlot basic = core::SecretSlot::first_credentials;
const std::string canary = "1:c2VhbGVkLWNhbmFyeQ==";

class SecretRows : public DamagedQueue {
 protected:
  void put(int job, core::Shelf shelf) {
    ports::Batch batch;
    batch.shelves.push_back({id_of(job), std::move(shelf)});
    commit(std::move(batch));
  }
  // In any file of the folder.
  bool is_on_disk(const std::string& text) {
    for (const auto& entry : fs::recursive_directory_iterator(directory_.path())) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string content(std::istreambuf_iterator<char>(file), {});
      if (content.find(text) != std::string::npos) return true;
    }
    return false;
  }
  static core::Shelf of(const ports::Snapshot& snapshot, const base::JobId& job) {
    for (const ports::ShelfOfJob& one : snapshot.shelves)
      if (one.job == job) return one.shelf;
    return {};
  }
};

TEST_F(SecretRows, AreLoadedWithTheirJobsAndReplacedAsAWhole) {
  make_queue(3);
  put(0, {{headers, "1:h"}});
  put(2, {{headers, "1:h2"}, {basic, "1:b2"}});
  put(0, {{basic, "1:b"}});
  again();
  const ports::Snapshot snapshot = start();
  EXPECT_EQ(of(snapshot, id_of(0)), (core::Shelf{{basic, "1:b"}}));
  EXPECT_TRUE(of(snapshot, id_of(1)).empty());
  EXPECT_EQ(of(snapshot, id_of(2)), (core::Shelf{{headers, "1:h2"}, {basic, "1:b2"}}));
  EXPECT_EQ(log_->text(), "");
}

TEST_F(SecretRows, WhatWasTakenAwayIsInNoFileAnyMore) {
  make_queue(2);
  put(0, {{headers, canary}});
  put(1, {{basic, canary + "x"}});
  EXPECT_TRUE(is_on_disk(canary));
  put(0, {});
  ports::Batch batch;
  batch.removed.push_back(id_of(1));
  commit(std::move(batch));
  stop();  // the last checkpoint is over
  EXPECT_FALSE(is_on_disk(canary));
}

TEST_F(SecretRows, OneThatChangedIsLostAloneAndSaidSo) {
  make_queue(2);
  put(0, {{headers, "1:h"}, {basic, "1:b"}});
  again();
  damage("UPDATE secret SET sealed = '1:other' WHERE slot = 0");
  const ports::Snapshot snapshot = start();
  EXPECT_EQ(of(snapshot, id_of(0)), (core::Shelf{{basic, "1:b"}}));
  for (const core::Job& job : snapshot.jobs) EXPECT_FALSE(core::is_revived(job));
  EXPECT_NE(log_->text().find("1 secret"), std::string::npos) << log_->text();
  stop();
  EXPECT_EQ(of(start(), id_of(0)), (core::Shelf{{basic, "1:b"}}));
  EXPECT_EQ(log_->text(), "") << "told once";
}

}  // namespace
}  // namespace backhaul::sqlite
