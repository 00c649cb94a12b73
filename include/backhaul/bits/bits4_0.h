// SPDX-License-Identifier: Apache-2.0
// BITS 4.0: helper tokens, statistics of peers. Rules for every method: bits.h.
// Sources: interfaces.md §4.6, jobs.md §18, peer-caching.md §2.
#ifndef BACKHAUL_BITS_BITS4_0_H
#define BACKHAUL_BITS_BITS4_0_H
#define __bits4_0_h__

#include "bits3_0.h"

// SetHelperTokenFlags: what the helper token is used for.
#define BG_TOKEN_LOCAL_FILE 0x0001
#define BG_TOKEN_NETWORK 0x0002

BACKHAUL_INTERFACES_BEGIN

#define __IBitsTokenOptions_FWD_DEFINED__
#ifndef __IBitsTokenOptions_INTERFACE_DEFINED__
#define __IBitsTokenOptions_INTERFACE_DEFINED__
/// A second identity for a job, got from it by QueryInterface.
struct DECLSPEC_UUID("9a2584c3-f7d2-457a-9a5e-22b67bffc7d2") IBitsTokenOptions : public IUnknown {
  /// BG_TOKEN_*, both, or 0. E_INVALIDARG: other bits. What a token is used for makes no difference here: the
  /// service of a user does everything as that user. (jobs.md §18)
  virtual HRESULT STDMETHODCALLTYPE SetHelperTokenFlags(DWORD UsageFlags) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetHelperTokenFlags(DWORD* pFlags) = 0;
  /// Takes the identity of the caller, which is that of the owner; it is kept with the job and is not lost, so
  /// that BG_E_TOKEN_REQUIRED never comes. CO_E_FAILEDTOIMPERSONATE: the caller is root, the job another user's.
  virtual HRESULT STDMETHODCALLTYPE SetHelperToken() = 0;
  /// Drops the token, keeps the flags.
  virtual HRESULT STDMETHODCALLTYPE ClearHelperToken() = 0;
  /// NULL: there is none.
  virtual HRESULT STDMETHODCALLTYPE GetHelperTokenSid(LPWSTR* pSid) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBitsTokenOptions, "9a2584c3-f7d2-457a-9a5e-22b67bffc7d2");

#define __IBackgroundCopyFile4_FWD_DEFINED__
#ifndef __IBackgroundCopyFile4_INTERFACE_DEFINED__
#define __IBackgroundCopyFile4_INTERFACE_DEFINED__
struct DECLSPEC_UUID("ef7e0655-7888-4960-b0e5-730846e03492") IBackgroundCopyFile4
    : public IBackgroundCopyFile3 {
  /// Octets from the origin and from peers.
  virtual HRESULT STDMETHODCALLTYPE GetPeerDownloadStats(PUINT64 pFromOrigin,
                                                         PUINT64 pFromPeers) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBackgroundCopyFile4, "ef7e0655-7888-4960-b0e5-730846e03492");

BACKHAUL_INTERFACES_END

#define __BackgroundCopyManager4_0_FWD_DEFINED__
#define __BackgroundCopyManager4_0_LIBRARY_DEFINED__
class DECLSPEC_UUID("bb6df56b-cace-11dc-9992-0019b93a3a84") BackgroundCopyManager4_0;
BACKHAUL_CLASS_ID(BackgroundCopyManager4_0, "bb6df56b-cace-11dc-9992-0019b93a3a84");

#include "bits5_0.h"

#endif  // BACKHAUL_BITS_BITS4_0_H
