// SPDX-License-Identifier: Apache-2.0
// IBitsPeerCacheAdministration of the manager (peer-caching.md §2).
#include "bits/enumerator.h"
#include "bits/manager_object.h"
#include "bits/peer_objects.h"
#include "bits/text.h"

namespace backhaul::bits {

namespace {

struct RecordList {
  using Interface = IEnumBitsPeerCacheRecords;
  using Element = IBitsPeerCacheRecord;
  using Item = CacheRecordInfo;
  static Ref<Element> open(const Item& record) { return Ref<Element>::adopt(new CacheRecordObject(record)); }
};

struct PeerList {
  using Interface = IEnumBitsPeers;
  using Element = IBitsPeer;
  using Item = PeerInfo;
  static Ref<Element> open(const Item& peer) { return Ref<Element>::adopt(new PeerObject(peer)); }
};

// What is told where a file of settings says something else.
HRESULT asked(const Result<bool>& result, HRESULT otherwise) {
  if (!result) return hresult_of(result);
  return *result ? S_OK : otherwise;
}

// One value of those that are in force.
template <class Value>
HRESULT give_setting(const Client& client, std::uint32_t PeerCacheSettings::*member, Value* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = 0;
  return protect([&] {
    const auto settings = client.peer_cache_settings();
    if (settings) *out = (*settings).*member;
    return hresult_of(settings);
  });
}

}  // namespace

HRESULT ManagerObject::GetMaximumCacheSize(DWORD* out) {
  return give_setting(client_, &PeerCacheSettings::cache_percent, out);
}
HRESULT ManagerObject::GetMaximumContentAge(ULONG* out) {
  return give_setting(client_, &PeerCacheSettings::content_age, out);
}
HRESULT ManagerObject::GetConfigurationFlags(DWORD* out) {
  return give_setting(client_, &PeerCacheSettings::flags, out);
}

HRESULT ManagerObject::SetMaximumCacheSize(DWORD value) {
  return protect([&] { return asked(client_.set_maximum_cache_size(value), S_FALSE); });
}
HRESULT ManagerObject::SetMaximumContentAge(ULONG value) {
  return protect([&] { return asked(client_.set_maximum_content_age(value), S_FALSE); });
}
HRESULT ManagerObject::SetConfigurationFlags(DWORD value) {
  return protect([&] { return asked(client_.set_peer_caching_flags(value), BG_S_OVERRIDDEN_BY_POLICY); });
}

HRESULT ManagerObject::EnumRecords(IEnumBitsPeerCacheRecords** out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  return protect([&] {
    auto records = client_.cache_records();
    return records ? enumerate<RecordList>(std::move(*records), out) : hresult_of(records);
  });
}

HRESULT ManagerObject::GetRecord(REFGUID id, IBitsPeerCacheRecord** out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  return protect([&] {
    const auto record = client_.cache_record(text_of(id));
    if (record) *out = new CacheRecordObject(*record);
    return hresult_of(record);
  });
}

HRESULT ManagerObject::ClearRecords() {
  return protect([&] { return hresult_of(client_.clear_cache()); });
}

HRESULT ManagerObject::DeleteRecord(REFGUID id) {
  return protect([&] { return hresult_of(client_.delete_cache_record(text_of(id))); });
}

HRESULT ManagerObject::DeleteUrl(LPCWSTR url) {
  if (url == nullptr) return E_INVALIDARG;
  return protect([&] {
    const auto text = utf8_of(url);
    return text ? asked(client_.delete_cached_url(*text), S_FALSE) : E_INVALIDARG;
  });
}

HRESULT ManagerObject::EnumPeers(IEnumBitsPeers** out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  return protect([&] {
    auto peers = client_.peers();
    return peers ? enumerate<PeerList>(std::move(*peers), out) : hresult_of(peers);
  });
}

HRESULT ManagerObject::ClearPeers() {
  return protect([&] { return hresult_of(client_.clear_peers()); });
}

HRESULT ManagerObject::DiscoverPeers() {
  return protect([&] { return hresult_of(client_.discover_peers()); });
}

}  // namespace backhaul::bits
