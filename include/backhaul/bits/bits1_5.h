// SPDX-License-Identifier: Apache-2.0
// BITS 1.5: command-line notification, replies of uploads, credentials. Rules for every method:
// bits.h. Sources: interfaces.md §4.2, jobs.md §14, §16, notifications.md §10.
#ifndef BACKHAUL_BITS_BITS1_5_H
#define BACKHAUL_BITS_BITS1_5_H
#define __bits1_5_h__

#include "bits.h"

enum BG_AUTH_TARGET : INT {
  BG_AUTH_TARGET_SERVER = 1,
  BG_AUTH_TARGET_PROXY = 2,
};

enum BG_AUTH_SCHEME : INT {
  BG_AUTH_SCHEME_BASIC = 1,
  BG_AUTH_SCHEME_DIGEST = 2,
  BG_AUTH_SCHEME_NTLM = 3,
  BG_AUTH_SCHEME_NEGOTIATE = 4,
  BG_AUTH_SCHEME_PASSPORT = 5,
};

/// Octets of the reply of an upload; BytesTotal is BG_SIZE_UNKNOWN until the reply begins.
typedef struct _BG_JOB_REPLY_PROGRESS {
  UINT64 BytesTotal;
  UINT64 BytesTransferred;
} BG_JOB_REPLY_PROGRESS;

/// Up to 300 and 65,536 characters. Both NULL: the implicit credentials of the owner, for NTLM and
/// NEGOTIATE only, which are a Kerberos ticket here: NTLM has none on this system, so the ticket is shown
/// for both. NEGOTIATE with a name and PASSPORT are kept and never used. E_INVALIDARG: a name with a colon for
/// BASIC, which cannot send it (RFC 7617), and control characters in either.
typedef struct {
  LPWSTR UserName;
  LPWSTR Password;
} BG_BASIC_CREDENTIALS, *PBG_BASIC_CREDENTIALS;

/// Basic serves every scheme.
typedef union {
  BG_BASIC_CREDENTIALS Basic;
} BG_AUTH_CREDENTIALS_UNION;

typedef struct {
  BG_AUTH_TARGET Target;
  BG_AUTH_SCHEME Scheme;
  BG_AUTH_CREDENTIALS_UNION Credentials;
} BG_AUTH_CREDENTIALS, *PBG_AUTH_CREDENTIALS;

BACKHAUL_INTERFACES_BEGIN

#define __IBackgroundCopyJob2_FWD_DEFINED__
#ifndef __IBackgroundCopyJob2_INTERFACE_DEFINED__
#define __IBackgroundCopyJob2_INTERFACE_DEFINED__
struct DECLSPEC_UUID("54b50739-686f-45eb-9dff-d6a9a0faa9af") IBackgroundCopyJob2
    : public IBackgroundCopyJob {
  /// A program to run when the job is TRANSFERRED or in ERROR and no callback took the event.
  /// Program: full path, up to 260 characters. Parameters: up to 4,000, the whole argument vector,
  /// its first word standing for the program. Nothing is expanded, no shell runs. Both NULL removes
  /// it; only Program NULL is E_INVALIDARG. BG_E_STRING_TOO_LONG. An exit code other than 0 runs it
  /// again after the minimum retry delay, unless the job was completed or cancelled.
  virtual HRESULT STDMETHODCALLTYPE SetNotifyCmdLine(LPCWSTR Program, LPCWSTR Parameters) = 0;
  /// Empty strings, not NULL, if none is set.
  virtual HRESULT STDMETHODCALLTYPE GetNotifyCmdLine(LPWSTR* pProgram, LPWSTR* pParameters) = 0;
  /// E_NOTIMPL: not an upload-reply job.
  virtual HRESULT STDMETHODCALLTYPE GetReplyProgress(BG_JOB_REPLY_PROGRESS* pProgress) = 0;
  /// The reply in memory; no reply gives NULL and S_OK. BG_E_TOO_LARGE: over 1 MiB, *pLength is the
  /// size. E_NOTIMPL: not an upload-reply job.
  virtual HRESULT STDMETHODCALLTYPE GetReplyData(BYTE** ppBuffer, UINT64* pLength) = 0;
  /// NULL or empty: the service chooses. BG_E_INVALID_STATE once the reply is being transferred.
  /// E_NOTIMPL: not an upload-reply job.
  virtual HRESULT STDMETHODCALLTYPE SetReplyFileName(LPCWSTR ReplyFileName) = 0;
  /// E_NOTIMPL: not an upload-reply job.
  virtual HRESULT STDMETHODCALLTYPE GetReplyFileName(LPWSTR* pReplyFileName) = 0;
  /// One entry for each target and scheme; sent only in answer to a challenge; kept sealed, never
  /// given back. BG_E_INVALID_AUTH_TARGET, BG_E_INVALID_AUTH_SCHEME, BG_E_USERNAME_TOO_LARGE,
  /// BG_E_PASSWORD_TOO_LARGE. E_INVALIDARG: NULL name or password with BASIC, DIGEST or PASSPORT, or only
  /// one of them NULL. E_ACCESSDENIED: the job is another user's. (jobs.md §16)
  virtual HRESULT STDMETHODCALLTYPE SetCredentials(BG_AUTH_CREDENTIALS* credentials) = 0;
  /// S_FALSE: there were none of that kind.
  virtual HRESULT STDMETHODCALLTYPE RemoveCredentials(BG_AUTH_TARGET Target,
                                                      BG_AUTH_SCHEME Scheme) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBackgroundCopyJob2, "54b50739-686f-45eb-9dff-d6a9a0faa9af");

BACKHAUL_INTERFACES_END

#define __BackgroundCopyManager1_5_FWD_DEFINED__
#define __BackgroundCopyManager1_5_LIBRARY_DEFINED__
class DECLSPEC_UUID("f087771f-d74f-4c1a-bb8a-e16aca9124ea") BackgroundCopyManager1_5;
BACKHAUL_CLASS_ID(BackgroundCopyManager1_5, "f087771f-d74f-4c1a-bb8a-e16aca9124ea");

#include "bits2_0.h"

#endif  // BACKHAUL_BITS_BITS1_5_H
