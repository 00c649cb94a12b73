// SPDX-License-Identifier: Apache-2.0
// What the headers declare and nobody does yet: uploads and the peer cache. It says so, with the out parameters
// cleared, and judges its arguments first.
#include "tests/bits/conformance/program.h"

namespace backhaul::test {
namespace {

using Peers = IBitsPeerCacheAdministration;

// jobs.md §2
TEST(CreateJob, OfUploadsIsNotImplementedYet) {
  for (const auto type : {BG_JOB_TYPE_UPLOAD, BG_JOB_TYPE_UPLOAD_REPLY}) {
    GUID id = CLSID_BackgroundCopyManager;
    Job job;
    EXPECT_EQ(manager()->CreateJob(L"upload", type, &id, &job), E_NOTIMPL);
    EXPECT_EQ(id, GUID_NULL);
    EXPECT_EQ(job.get(), nullptr);
  }
}

// peer-caching.md: off, until an administrator turns it on.
TEST(PeerCacheAdministration, IsOff) {
  const auto peers = manager().as<Peers>();
  EXPECT_EQ(value_of(peers.get(), &Peers::GetConfigurationFlags), 0U);
  EXPECT_EQ(peers->SetConfigurationFlags(0), S_OK);
  EXPECT_EQ(peers->SetConfigurationFlags(BG_ENABLE_PEERCACHING_CLIENT), E_NOTIMPL);
  EXPECT_EQ(peers->GetConfigurationFlags(nullptr), E_INVALIDARG);
}

template <class Out>
void expect_cleared(const Com<Peers>& peers, HRESULT (STDMETHODCALLTYPE Peers::*get)(Out*), Out before) {
  Out value = before;
  EXPECT_EQ((peers.get()->*get)(&value), E_NOTIMPL);
  EXPECT_EQ(value, Out{});
  EXPECT_EQ((peers.get()->*get)(nullptr), E_INVALIDARG);
}

// peer-caching.md §2
TEST(PeerCacheAdministration, HasNoCacheToTellOf) {
  const auto peers = manager().as<Peers>();
  expect_cleared<DWORD>(peers, &Peers::GetMaximumCacheSize, 7);
  expect_cleared<ULONG>(peers, &Peers::GetMaximumContentAge, 7);
  expect_cleared(peers, &Peers::EnumRecords, reinterpret_cast<IEnumBitsPeerCacheRecords*>(peers.get()));
  expect_cleared(peers, &Peers::EnumPeers, reinterpret_cast<IEnumBitsPeers*>(peers.get()));
  IBitsPeerCacheRecord* record = reinterpret_cast<IBitsPeerCacheRecord*>(peers.get());
  EXPECT_EQ(peers->GetRecord(GUID_NULL, &record), E_NOTIMPL);
  EXPECT_EQ(record, nullptr);
  EXPECT_EQ(peers->GetRecord(GUID_NULL, nullptr), E_INVALIDARG);
}

// peer-caching.md §2
TEST(PeerCacheAdministration, HasNoCacheToChange) {
  const auto peers = manager().as<Peers>();
  EXPECT_EQ(peers->SetMaximumCacheSize(1), E_NOTIMPL);
  EXPECT_EQ(peers->SetMaximumContentAge(86'400), E_NOTIMPL);
  EXPECT_EQ(peers->ClearRecords(), E_NOTIMPL);
  EXPECT_EQ(peers->DeleteRecord(GUID_NULL), E_NOTIMPL);
  EXPECT_EQ(peers->DeleteUrl(L"http://host/f"), E_NOTIMPL);
  EXPECT_EQ(peers->DeleteUrl(nullptr), E_INVALIDARG);
  EXPECT_EQ(peers->ClearPeers(), E_NOTIMPL);
  EXPECT_EQ(peers->DiscoverPeers(), E_NOTIMPL);
}

}  // namespace
}  // namespace backhaul::test
