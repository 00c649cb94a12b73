// SPDX-License-Identifier: Apache-2.0
// BITS 3.0: peers, validation of files, limits of time. Rules for every method: bits.h.
// Sources: interfaces.md §4.5, jobs.md §9, files.md §9, peer-caching.md §2, notifications.md §12.
#ifndef BACKHAUL_BITS_BITS3_0_H
#define BACKHAUL_BITS_BITS3_0_H
#define __bits3_0_h__

#include "bits2_5.h"

// IBitsPeerCacheAdministration::SetConfigurationFlags; default 0.
#define BG_ENABLE_PEERCACHING_CLIENT 0x0001
#define BG_ENABLE_PEERCACHING_SERVER 0x0002
#define BG_DISABLE_BRANCH_CACHE 0x0004

// IBackgroundCopyJob4::SetPeerCachingFlags; default 0. Machine and job must both allow peers.
#define BG_JOB_ENABLE_PEERCACHING_CLIENT 0x0001
#define BG_JOB_ENABLE_PEERCACHING_SERVER 0x0002
#define BG_JOB_DISABLE_BRANCH_CACHE 0x0004

BACKHAUL_INTERFACES_BEGIN

#define __IBitsPeerCacheRecord_FWD_DEFINED__
#ifndef __IBitsPeerCacheRecord_INTERFACE_DEFINED__
#define __IBitsPeerCacheRecord_INTERFACE_DEFINED__
/// One file in the peer cache.
struct DECLSPEC_UUID("659cdeaf-489e-11d9-a9cd-000d56965251") IBitsPeerCacheRecord
    : public IUnknown {
  virtual HRESULT STDMETHODCALLTYPE GetId(GUID* pVal) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetOriginUrl(LPWSTR* pVal) = 0;
  /// Of the file at its address, also where ranges of it are cached.
  virtual HRESULT STDMETHODCALLTYPE GetFileSize(UINT64* pVal) = 0;
  /// As its server told it; zero if it did not.
  virtual HRESULT STDMETHODCALLTYPE GetFileModificationTime(FILETIME* pVal) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetLastAccessTime(FILETIME* pVal) = 0;
  /// S_OK: validated, may be served. S_FALSE: not yet.
  virtual HRESULT STDMETHODCALLTYPE IsFileValidated() = 0;
  /// At least one: the whole file, or those that were asked for, in their order.
  virtual HRESULT STDMETHODCALLTYPE GetFileRanges(DWORD* pRangeCount, BG_FILE_RANGE** ppRanges) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBitsPeerCacheRecord, "659cdeaf-489e-11d9-a9cd-000d56965251");

#define __IEnumBitsPeerCacheRecords_FWD_DEFINED__
#ifndef __IEnumBitsPeerCacheRecords_INTERFACE_DEFINED__
#define __IEnumBitsPeerCacheRecords_INTERFACE_DEFINED__
/// The methods work as those of IEnumBackgroundCopyFiles.
struct DECLSPEC_UUID("659cdea4-489e-11d9-a9cd-000d56965251") IEnumBitsPeerCacheRecords
    : public IUnknown {
  virtual HRESULT STDMETHODCALLTYPE Next(ULONG celt, IBitsPeerCacheRecord** rgelt,
                                         ULONG* pceltFetched) = 0;
  virtual HRESULT STDMETHODCALLTYPE Skip(ULONG celt) = 0;
  virtual HRESULT STDMETHODCALLTYPE Reset() = 0;
  virtual HRESULT STDMETHODCALLTYPE Clone(IEnumBitsPeerCacheRecords** ppenum) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetCount(ULONG* puCount) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IEnumBitsPeerCacheRecords, "659cdea4-489e-11d9-a9cd-000d56965251");

#define __IBitsPeer_FWD_DEFINED__
#ifndef __IBitsPeer_INTERFACE_DEFINED__
#define __IBitsPeer_INTERFACE_DEFINED__
/// One neighbour; only those that are trusted are told, so each is authenticated.
struct DECLSPEC_UUID("659cdea2-489e-11d9-a9cd-000d56965251") IBitsPeer : public IUnknown {
  virtual HRESULT STDMETHODCALLTYPE GetPeerName(LPWSTR* pName) = 0;
  virtual HRESULT STDMETHODCALLTYPE IsAuthenticated(BOOL* pAuth) = 0;
  virtual HRESULT STDMETHODCALLTYPE IsAvailable(BOOL* pOnline) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBitsPeer, "659cdea2-489e-11d9-a9cd-000d56965251");

#define __IEnumBitsPeers_FWD_DEFINED__
#ifndef __IEnumBitsPeers_INTERFACE_DEFINED__
#define __IEnumBitsPeers_INTERFACE_DEFINED__
/// The methods work as those of IEnumBackgroundCopyFiles.
struct DECLSPEC_UUID("659cdea5-489e-11d9-a9cd-000d56965251") IEnumBitsPeers : public IUnknown {
  virtual HRESULT STDMETHODCALLTYPE Next(ULONG celt, IBitsPeer** rgelt, ULONG* pceltFetched) = 0;
  virtual HRESULT STDMETHODCALLTYPE Skip(ULONG celt) = 0;
  virtual HRESULT STDMETHODCALLTYPE Reset() = 0;
  virtual HRESULT STDMETHODCALLTYPE Clone(IEnumBitsPeers** ppenum) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetCount(ULONG* puCount) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IEnumBitsPeers, "659cdea5-489e-11d9-a9cd-000d56965251");

#define __IBitsPeerCacheAdministration_FWD_DEFINED__
#ifndef __IBitsPeerCacheAdministration_INTERFACE_DEFINED__
#define __IBitsPeerCacheAdministration_INTERFACE_DEFINED__
/// The peer cache, got from the manager by QueryInterface. Whoever may not see it gets E_ACCESSDENIED
/// from all but the three getters of settings: on the service of the machine it is for root and who is
/// authorised to, on a user's own for that user. What is set holds where no file of settings says
/// anything; it is stored also where one does.
struct DECLSPEC_UUID("659cdead-489e-11d9-a9cd-000d56965251") IBitsPeerCacheAdministration
    : public IUnknown {
  virtual HRESULT STDMETHODCALLTYPE GetMaximumCacheSize(DWORD* pBytes) = 0;
  /// Per cent of the disk, whatever the name of the parameter says: 1 to 80, else E_INVALIDARG. Less than
  /// is used: the least recently used files go at once. S_FALSE: a policy wins.
  virtual HRESULT STDMETHODCALLTYPE SetMaximumCacheSize(DWORD Bytes) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetMaximumContentAge(ULONG* pSeconds) = 0;
  /// Since the last access, 86400 to 10368000 (1 to 120 days), else E_INVALIDARG. S_FALSE: a policy wins.
  virtual HRESULT STDMETHODCALLTYPE SetMaximumContentAge(ULONG Seconds) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetConfigurationFlags(DWORD* pFlags) = 0;
  /// BG_ENABLE_* and BG_DISABLE_BRANCH_CACHE, which is kept and means nothing; E_INVALIDARG: another bit.
  /// BG_S_OVERRIDDEN_BY_POLICY: stored, but a policy wins.
  virtual HRESULT STDMETHODCALLTYPE SetConfigurationFlags(DWORD Flags) = 0;
  virtual HRESULT STDMETHODCALLTYPE EnumRecords(IEnumBitsPeerCacheRecords** ppEnum) = 0;
  /// BG_E_NOT_FOUND.
  virtual HRESULT STDMETHODCALLTYPE GetRecord(REFGUID id, IBitsPeerCacheRecord** ppRecord) = 0;
  virtual HRESULT STDMETHODCALLTYPE ClearRecords() = 0;
  /// BG_E_BUSYCACHERECORD: in use. BG_E_NOT_FOUND.
  virtual HRESULT STDMETHODCALLTYPE DeleteRecord(REFGUID id) = 0;
  /// S_FALSE: nothing of that URL was cached. BG_E_BUSYCACHERECORD: one is in use, and none goes.
  virtual HRESULT STDMETHODCALLTYPE DeleteUrl(LPCWSTR url) = 0;
  virtual HRESULT STDMETHODCALLTYPE EnumPeers(IEnumBitsPeers** ppEnum) = 0;
  /// Those that were found, which are looked for again.
  virtual HRESULT STDMETHODCALLTYPE ClearPeers() = 0;
  /// Returns before anything was found. It is not needed: peers are looked for all the time.
  virtual HRESULT STDMETHODCALLTYPE DiscoverPeers() = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBitsPeerCacheAdministration, "659cdead-489e-11d9-a9cd-000d56965251");

#define __IBackgroundCopyJob4_FWD_DEFINED__
#ifndef __IBackgroundCopyJob4_INTERFACE_DEFINED__
#define __IBackgroundCopyJob4_INTERFACE_DEFINED__
struct DECLSPEC_UUID("659cdeae-489e-11d9-a9cd-000d56965251") IBackgroundCopyJob4
    : public IBackgroundCopyJob3 {
  /// BG_JOB_*; E_INVALIDARG: another bit. Kept; nothing follows from it, as the machine allows no peers.
  virtual HRESULT STDMETHODCALLTYPE SetPeerCachingFlags(DWORD Flags) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetPeerCachingFlags(DWORD* pFlags) = 0;
  /// 0x3000 for root, 0x2000 for others.
  virtual HRESULT STDMETHODCALLTYPE GetOwnerIntegrityLevel(ULONG* pLevel) = 0;
  /// TRUE for root.
  virtual HRESULT STDMETHODCALLTYPE GetOwnerElevationState(BOOL* pElevated) = 0;
  /// Seconds the job may spend CONNECTING and TRANSFERRING before it fails with
  /// BG_E_MAXDOWNLOAD_TIMEOUT; 90 days by default; Resume starts the count anew.
  virtual HRESULT STDMETHODCALLTYPE SetMaximumDownloadTime(ULONG Timeout) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetMaximumDownloadTime(ULONG* pTimeout) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBackgroundCopyJob4, "659cdeae-489e-11d9-a9cd-000d56965251");

#define __IBackgroundCopyFile3_FWD_DEFINED__
#ifndef __IBackgroundCopyFile3_INTERFACE_DEFINED__
#define __IBackgroundCopyFile3_INTERFACE_DEFINED__
struct DECLSPEC_UUID("659cdeaa-489e-11d9-a9cd-000d56965251") IBackgroundCopyFile3
    : public IBackgroundCopyFile2 {
  /// Where the content is until Complete or Cancel. Close it before either.
  virtual HRESULT STDMETHODCALLTYPE GetTemporaryName(LPWSTR* pFilename) = 0;
  /// FALSE: the job goes to ERROR with BG_E_VALIDATION_FAILED and the file starts over at Resume.
  /// E_PENDING: the file is not transferred yet. BG_E_RECORD_DELETED: its cache record is gone.
  virtual HRESULT STDMETHODCALLTYPE SetValidationState(BOOL state) = 0;
  /// FALSE also means that nobody said yet.
  virtual HRESULT STDMETHODCALLTYPE GetValidationState(BOOL* pState) = 0;
  /// TRUE if any octet came from a peer.
  virtual HRESULT STDMETHODCALLTYPE IsDownloadedFromPeer(BOOL* pVal) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBackgroundCopyFile3, "659cdeaa-489e-11d9-a9cd-000d56965251");

#define __IBackgroundCopyCallback2_FWD_DEFINED__
#ifndef __IBackgroundCopyCallback2_INTERFACE_DEFINED__
#define __IBackgroundCopyCallback2_INTERFACE_DEFINED__
/// A callback that is also told of files. General rules: IBackgroundCopyCallback.
struct DECLSPEC_UUID("659cdeac-489e-11d9-a9cd-000d56965251") IBackgroundCopyCallback2
    : public IBackgroundCopyCallback {
  /// A file of a download is transferred; calls of one job come one after another, in file order,
  /// and before JobTransferred or JobError. Any success code means handled; a failure repeats the
  /// call after the minimum retry delay and holds up the next file's.
  virtual HRESULT STDMETHODCALLTYPE FileTransferred(IBackgroundCopyJob* pJob,
                                                    IBackgroundCopyFile* pFile) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBackgroundCopyCallback2, "659cdeac-489e-11d9-a9cd-000d56965251");

BACKHAUL_INTERFACES_END

#define __BackgroundCopyManager3_0_FWD_DEFINED__
#define __BackgroundCopyManager3_0_LIBRARY_DEFINED__
class DECLSPEC_UUID("659cdea7-489e-11d9-a9cd-000d56965251") BackgroundCopyManager3_0;
BACKHAUL_CLASS_ID(BackgroundCopyManager3_0, "659cdea7-489e-11d9-a9cd-000d56965251");

#include "bits4_0.h"

#endif  // BACKHAUL_BITS_BITS3_0_H
