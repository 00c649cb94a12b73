// SPDX-License-Identifier: Apache-2.0
// BITS 2.5: options of HTTP. Rules for every method: bits.h. Sources: interfaces.md §4.4,
// jobs.md §17, http-and-network.md §4, §5.
#ifndef BACKHAUL_BITS_BITS2_5_H
#define BACKHAUL_BITS_BITS2_5_H
#define __bits2_5_h__

#include "bits2_0.h"

// SetSecurityFlags. Default 0: every check of the server's certificate, redirects are followed.
#define BG_SSL_ENABLE_CRL_CHECK 0x0001
#define BG_SSL_IGNORE_CERT_CN_INVALID 0x0002
#define BG_SSL_IGNORE_CERT_DATE_INVALID 0x0004
#define BG_SSL_IGNORE_UNKNOWN_CA 0x0008
#define BG_SSL_IGNORE_CERT_WRONG_USAGE 0x0010
#define BG_HTTP_REDIRECT_POLICY_MASK 0x0700
#define BG_HTTP_REDIRECT_POLICY_ALLOW_SILENT 0x0000  ///< follow, keep the remote name
#define BG_HTTP_REDIRECT_POLICY_ALLOW_REPORT \
  0x0100                                         ///< follow, the remote name becomes the new one
#define BG_HTTP_REDIRECT_POLICY_DISALLOW 0x0200  ///< ERROR with the status of the redirect
#define BG_HTTP_REDIRECT_POLICY_ALLOW_HTTPS_TO_HTTP 0x0800  ///< outside the mask, combines

enum BG_CERT_STORE_LOCATION : INT {
  BG_CERT_STORE_LOCATION_CURRENT_USER = 0,
  BG_CERT_STORE_LOCATION_LOCAL_MACHINE = 1,
  BG_CERT_STORE_LOCATION_CURRENT_SERVICE = 2,
  BG_CERT_STORE_LOCATION_SERVICES = 3,
  BG_CERT_STORE_LOCATION_USERS = 4,
  BG_CERT_STORE_LOCATION_CURRENT_USER_GROUP_POLICY = 5,
  BG_CERT_STORE_LOCATION_LOCAL_MACHINE_GROUP_POLICY = 6,
  BG_CERT_STORE_LOCATION_LOCAL_MACHINE_ENTERPRISE = 7,
};

BACKHAUL_INTERFACES_BEGIN

#define __IBackgroundCopyJobHttpOptions_FWD_DEFINED__
#ifndef __IBackgroundCopyJobHttpOptions_INTERFACE_DEFINED__
#define __IBackgroundCopyJobHttpOptions_INTERFACE_DEFINED__
/// Got from a job by QueryInterface. NULL arguments that are required: RPC_X_NULL_REF_POINTER.
struct DECLSPEC_UUID("f1bd1079-9f01-4bdc-8036-f09b70095066") IBackgroundCopyJobHttpOptions
    : public IUnknown {
  /// A client certificate by its SHA-1 hash, 20 octets. CRYPT_E_NOT_FOUND: no such certificate;
  /// HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND): no such store; E_NOTIMPL: not a location.
  virtual HRESULT STDMETHODCALLTYPE SetClientCertificateByID(BG_CERT_STORE_LOCATION StoreLocation,
                                                             LPCWSTR StoreName,
                                                             BYTE* pCertHashBlob) = 0;
  /// The first certificate whose subject contains the text; same errors.
  virtual HRESULT STDMETHODCALLTYPE SetClientCertificateByName(BG_CERT_STORE_LOCATION StoreLocation,
                                                               LPCWSTR StoreName,
                                                               LPCWSTR SubjectName) = 0;
  virtual HRESULT STDMETHODCALLTYPE RemoveClientCertificate() = 0;
  /// RPC_X_BAD_STUB_DATA: none is set. *ppCertHashBlob has 20 octets.
  virtual HRESULT STDMETHODCALLTYPE GetClientCertificate(BG_CERT_STORE_LOCATION* pStoreLocation,
                                                         LPWSTR* pStoreName, BYTE** ppCertHashBlob,
                                                         LPWSTR* pSubjectName) = 0;
  /// Header lines, each ended by CR LF, sent with every request of the job; NULL clears. Up to
  /// 16,384 characters with the terminator: BG_E_STRING_TOO_LONG. Bare LF is taken as well.
  /// E_INVALIDARG: a line that is no header, or a header of the service's own (Range, Host,
  /// Content-Length, …). One that may hold credentials, by its name, goes to no other server than the one
  /// of the file's address, wherever a redirect leads. Kept sealed. Owner only. (jobs.md §17)
  virtual HRESULT STDMETHODCALLTYPE SetCustomHeaders(LPCWSTR RequestHeaders) = 0;
  /// S_FALSE and NULL: none set. Owner only.
  virtual HRESULT STDMETHODCALLTYPE GetCustomHeaders(LPWSTR* pRequestHeaders) = 0;
  /// E_NOTIMPL: an undefined bit, or an undefined redirect policy. At any time; what is under way is
  /// asked for again under the new flags, and from its begin when the CRL check is turned on. Lists of
  /// revoked certificates are fetched from where a certificate says (http only); where there is none,
  /// or none that is current: ERROR, 0x80072F19.
  virtual HRESULT STDMETHODCALLTYPE SetSecurityFlags(ULONG Flags) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetSecurityFlags(ULONG* pFlags) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBackgroundCopyJobHttpOptions, "f1bd1079-9f01-4bdc-8036-f09b70095066");

BACKHAUL_INTERFACES_END

#define __BackgroundCopyManager2_5_FWD_DEFINED__
#define __BackgroundCopyManager2_5_LIBRARY_DEFINED__
class DECLSPEC_UUID("03ca98d6-ff5d-49b8-abc6-03dd84127020") BackgroundCopyManager2_5;
BACKHAUL_CLASS_ID(BackgroundCopyManager2_5, "03ca98d6-ff5d-49b8-abc6-03dd84127020");

#include "bits3_0.h"

#endif  // BACKHAUL_BITS_BITS2_5_H
