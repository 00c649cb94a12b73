// SPDX-License-Identifier: Apache-2.0
// The administration of the peer cache, with the meaning of BITS 3.0. There are no peers in these tests.
#include "tests/bits/conformance/program.h"

namespace backhaul::test {
namespace {

using Peers = IBitsPeerCacheAdministration;
using Record = Com<IBitsPeerCacheRecord>;

class PeerCacheAdministration : public testing::Test {
 protected:
  // As it was before.
  void TearDown() override {
    EXPECT_EQ(peers_->ClearRecords(), S_OK);
    EXPECT_EQ(peers_->SetConfigurationFlags(0), S_OK);
    EXPECT_EQ(peers_->SetMaximumCacheSize(1), S_OK);
    EXPECT_EQ(peers_->SetMaximumContentAge(7'776'000), S_OK);
  }
  ULONG count() {
    Com<IEnumBitsPeerCacheRecords> records;
    EXPECT_EQ(peers_->EnumRecords(&records), S_OK);
    return value_of(records.get(), &IEnumBitsPeerCacheRecords::GetCount);
  }
  // A file that is kept, and where it came from. The folder of the cache is looked at first, beside everything else:
  // until then nothing is kept.
  Record kept(std::wstring& url) {
    EXPECT_EQ(peers_->SetConfigurationFlags(BG_ENABLE_PEERCACHING_SERVER), S_OK);
    for (int i = 0; i < 200 && count() == 0; ++i) {
      const Job job = job_with_file("size=1000 last-modified=Tue,%2001%20Dec%202015%2008:12:31%20GMT");
      EXPECT_EQ(job.as<IBackgroundCopyJob4>()->SetPeerCachingFlags(BG_JOB_ENABLE_PEERCACHING_SERVER), S_OK);
      EXPECT_EQ(job->Resume(), S_OK);
      EXPECT_TRUE(wait_for_state(job.get(), BG_JOB_STATE_TRANSFERRED));
      url = text_of(file_of(job).get(), &IBackgroundCopyFile::GetRemoteName);
      EXPECT_EQ(job->Complete(), S_OK);
    }
    Com<IEnumBitsPeerCacheRecords> records;
    Record record;
    EXPECT_EQ(peers_->EnumRecords(&records), S_OK);
    EXPECT_EQ(records->Next(1, &record, nullptr), S_OK);
    return record;
  }

  const Com<Peers> peers_ = manager().as<Peers>();
};

// peer-caching.md §2
TEST_F(PeerCacheAdministration, HasTheDefaultsAndKeepsWhatIsSet) {
  EXPECT_EQ(value_of(peers_.get(), &Peers::GetMaximumCacheSize), 1U);
  EXPECT_EQ(value_of(peers_.get(), &Peers::GetMaximumContentAge), 7'776'000U);
  EXPECT_EQ(value_of(peers_.get(), &Peers::GetConfigurationFlags), 0U);
  EXPECT_EQ(peers_->SetMaximumCacheSize(80), S_OK);
  EXPECT_EQ(peers_->SetMaximumContentAge(86'400), S_OK);
  EXPECT_EQ(peers_->SetConfigurationFlags(BG_ENABLE_PEERCACHING_CLIENT | BG_DISABLE_BRANCH_CACHE), S_OK);
  EXPECT_EQ(value_of(peers_.get(), &Peers::GetMaximumCacheSize), 80U);
  EXPECT_EQ(value_of(peers_.get(), &Peers::GetMaximumContentAge), 86'400U);
  EXPECT_EQ(value_of(peers_.get(), &Peers::GetConfigurationFlags), 5U);
}

// peer-caching.md §2: 1 to 80 per cent, 1 to 120 days, the flags that there are.
TEST_F(PeerCacheAdministration, RefusesWhatIsOutOfRange) {
  for (const DWORD percent : {0U, 81U}) EXPECT_EQ(peers_->SetMaximumCacheSize(percent), E_INVALIDARG);
  for (const ULONG age : {86'399U, 10'368'001U}) EXPECT_EQ(peers_->SetMaximumContentAge(age), E_INVALIDARG);
  EXPECT_EQ(peers_->SetConfigurationFlags(8), E_INVALIDARG);
  EXPECT_EQ(peers_->DeleteUrl(nullptr), E_INVALIDARG);
  for (const auto get : {&Peers::GetMaximumCacheSize, &Peers::GetConfigurationFlags})
    EXPECT_EQ((peers_.get()->*get)(nullptr), E_INVALIDARG);
  EXPECT_EQ(peers_->GetMaximumContentAge(nullptr), E_INVALIDARG);
  EXPECT_EQ(peers_->EnumRecords(nullptr), E_INVALIDARG);
  EXPECT_EQ(peers_->EnumPeers(nullptr), E_INVALIDARG);
  EXPECT_EQ(peers_->GetRecord(GUID_NULL, nullptr), E_INVALIDARG);
}

// peer-caching.md §2
TEST_F(PeerCacheAdministration, KnowsNoRecordThatThereIsNot) {
  EXPECT_EQ(count(), 0U);
  Record record;
  EXPECT_EQ(peers_->GetRecord(CLSID_BackgroundCopyManager, &record), BG_E_NOT_FOUND);
  EXPECT_EQ(record.get(), nullptr);
  EXPECT_EQ(peers_->DeleteRecord(CLSID_BackgroundCopyManager), BG_E_NOT_FOUND);
  EXPECT_EQ(peers_->DeleteUrl(L"http://host/nothing"), S_FALSE);
  EXPECT_EQ(peers_->ClearRecords(), S_OK);
}

// peer-caching.md §2 and §3
TEST_F(PeerCacheAdministration, TellsOfAFileWhatItsServerToldAndIsFoundById) {
  std::wstring url;
  const Record record = kept(url);
  ASSERT_NE(record.get(), nullptr);
  EXPECT_EQ(text_of(record.get(), &IBitsPeerCacheRecord::GetOriginUrl), url);
  EXPECT_EQ(value_of(record.get(), &IBitsPeerCacheRecord::GetFileSize), 1000U);
  const auto modified = value_of(record.get(), &IBitsPeerCacheRecord::GetFileModificationTime);
  const UINT64 ticks = static_cast<UINT64>(modified.dwHighDateTime) << 32 | modified.dwLowDateTime;
  EXPECT_EQ(ticks, (UINT64{1'448'957'551} + UINT64{11'644'473'600}) * 10'000'000U);
  EXPECT_NE(value_of(record.get(), &IBitsPeerCacheRecord::GetLastAccessTime).dwHighDateTime, 0U);
  DWORD ranges = 0;
  BG_FILE_RANGE* range = nullptr;
  ASSERT_EQ(record->GetFileRanges(&ranges, &range), S_OK);
  ASSERT_EQ(ranges, 1U) << "the whole file";
  EXPECT_EQ(range[0].InitialOffset, 0U);
  EXPECT_EQ(range[0].Length, 1000U);
  CoTaskMemFree(range);
  EXPECT_EQ(record->GetFileRanges(nullptr, &range), E_INVALIDARG);
  const GUID id = value_of(record.get(), &IBitsPeerCacheRecord::GetId);
  Record again;
  ASSERT_EQ(peers_->GetRecord(id, &again), S_OK);
  EXPECT_EQ(again->IsFileValidated(), S_OK) << "its job is completed";
  EXPECT_EQ(text_of(again.get(), &IBitsPeerCacheRecord::GetOriginUrl), url);
}

// peer-caching.md §2: an enumerator is of what there was when it was made.
TEST_F(PeerCacheAdministration, WhatIsDeletedIsStillInTheListThatWasTakenBefore) {
  std::wstring url;
  ASSERT_NE(kept(url).get(), nullptr);
  Com<IEnumBitsPeerCacheRecords> before;
  ASSERT_EQ(peers_->EnumRecords(&before), S_OK);
  EXPECT_EQ(peers_->ClearRecords(), S_OK);
  EXPECT_EQ(count(), 0U);
  EXPECT_EQ(peers_->DeleteUrl(url.c_str()), S_FALSE);
  Record record;
  EXPECT_EQ(before->Next(1, &record, nullptr), S_OK);
  EXPECT_EQ(text_of(record.get(), &IBitsPeerCacheRecord::GetOriginUrl), url);
}

// peer-caching.md §2: they are looked for without being asked.
TEST_F(PeerCacheAdministration, PeersCanBeLookedForAndForgotten) {
  EXPECT_EQ(peers_->DiscoverPeers(), S_OK);
  EXPECT_EQ(peers_->ClearPeers(), S_OK);
}

}  // namespace
}  // namespace backhaul::test
