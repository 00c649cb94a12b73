// SPDX-License-Identifier: Apache-2.0
// IBackgroundCopyManager, which the ten manager classes create, and the administration of the peer
// cache (peer_administration.cc).
#ifndef SRC_BITS_MANAGER_OBJECT_H
#define SRC_BITS_MANAGER_OBJECT_H

#include "backhaul/client.h"
#include "bits/object.h"

namespace backhaul::bits {

class ManagerObject final : public Object<IBackgroundCopyManager, IBitsPeerCacheAdministration> {
 public:
  explicit ManagerObject(Client client) : client_(std::move(client)) {}

  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** out) override;

  HRESULT STDMETHODCALLTYPE CreateJob(LPCWSTR name, BG_JOB_TYPE type, GUID* id,
                                      IBackgroundCopyJob** out) override;
  HRESULT STDMETHODCALLTYPE GetJob(REFGUID id, IBackgroundCopyJob** out) override;
  HRESULT STDMETHODCALLTYPE EnumJobs(DWORD flags, IEnumBackgroundCopyJobs** out) override;
  HRESULT STDMETHODCALLTYPE GetErrorDescription(HRESULT code, DWORD language, LPWSTR* out) override;

  HRESULT STDMETHODCALLTYPE GetMaximumCacheSize(DWORD* out) override;
  HRESULT STDMETHODCALLTYPE SetMaximumCacheSize(DWORD value) override;
  HRESULT STDMETHODCALLTYPE GetMaximumContentAge(ULONG* out) override;
  HRESULT STDMETHODCALLTYPE SetMaximumContentAge(ULONG value) override;
  HRESULT STDMETHODCALLTYPE GetConfigurationFlags(DWORD* out) override;
  HRESULT STDMETHODCALLTYPE SetConfigurationFlags(DWORD value) override;
  HRESULT STDMETHODCALLTYPE EnumRecords(IEnumBitsPeerCacheRecords** out) override;
  HRESULT STDMETHODCALLTYPE GetRecord(REFGUID id, IBitsPeerCacheRecord** out) override;
  HRESULT STDMETHODCALLTYPE ClearRecords() override;
  HRESULT STDMETHODCALLTYPE DeleteRecord(REFGUID id) override;
  HRESULT STDMETHODCALLTYPE DeleteUrl(LPCWSTR url) override;
  HRESULT STDMETHODCALLTYPE EnumPeers(IEnumBitsPeers** out) override;
  HRESULT STDMETHODCALLTYPE ClearPeers() override;
  HRESULT STDMETHODCALLTYPE DiscoverPeers() override;

 private:
  const Client client_;
};

}  // namespace backhaul::bits

#endif
