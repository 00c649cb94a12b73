// SPDX-License-Identifier: Apache-2.0
// BITS 10.3: a second opinion on server certificates, headers that cannot be read back. Rules for
// every method: bits.h. Sources: interfaces.md §4.10, notifications.md §14, jobs.md §17.
#ifndef BACKHAUL_BITS_BITS10_3_H
#define BACKHAUL_BITS_BITS10_3_H
#define __bits10_3_h__

#include "bits10_2.h"

// Of wincrypt.h: what certEncodingType says.
#ifndef X509_ASN_ENCODING
#define X509_ASN_ENCODING 0x00000001
#define PKCS_7_ASN_ENCODING 0x00010000
#endif

BACKHAUL_INTERFACES_BEGIN

#define __IBackgroundCopyServerCertificateValidationCallback_FWD_DEFINED__
#ifndef __IBackgroundCopyServerCertificateValidationCallback_INTERFACE_DEFINED__
#define __IBackgroundCopyServerCertificateValidationCallback_INTERFACE_DEFINED__
/// Implemented by programs; registered with SetServerCertificateValidationInterface, not with
/// SetNotifyInterface.
struct DECLSPEC_UUID("4cec0d02-def7-4158-813a-c32a46945ff7")
    IBackgroundCopyServerCertificateValidationCallback : public IUnknown {
  /// Called after the system's own check passed and before the request is sent. S_OK accepts; any
  /// other code makes the job TRANSIENT_ERROR with that code and error context
  /// BG_ERROR_CONTEXT_SERVER_CERTIFICATE_CALLBACK. The arrays are borrowed, lengths in octets.
  /// certData: the server's certificate in DER; certEncodingType: X509_ASN_ENCODING |
  /// PKCS_7_ASN_ENCODING. certStoreData: the chain that was verified, the server's certificate first
  /// and the authority last, DER certificates one after another; on Windows a serialised store.
  /// Called like a notification, in the apartment of the thread that registered it; it may take as
  /// long as it needs.
  virtual HRESULT STDMETHODCALLTYPE ValidateServerCertificate(
      IBackgroundCopyJob* job, IBackgroundCopyFile* file, DWORD certLength, const BYTE certData[],
      DWORD certEncodingType, DWORD certStoreLength, const BYTE certStoreData[]) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBackgroundCopyServerCertificateValidationCallback,
                      "4cec0d02-def7-4158-813a-c32a46945ff7");

#define __IBackgroundCopyJobHttpOptions3_FWD_DEFINED__
#ifndef __IBackgroundCopyJobHttpOptions3_INTERFACE_DEFINED__
#define __IBackgroundCopyJobHttpOptions3_INTERFACE_DEFINED__
struct DECLSPEC_UUID("8a9263d3-fd4c-4eda-9b28-30132a4d4e3c") IBackgroundCopyJobHttpOptions3
    : public IBackgroundCopyJobHttpOptions2 {
  /// NULL removes it. Only while the job is SUSPENDED, in ERROR or TRANSFERRED, else
  /// BG_E_READ_ONLY_WHEN_JOB_ACTIVE. E_NOINTERFACE: not such a callback. What was accepted before
  /// is forgotten. The object ends with its process; the job then fails with
  /// BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED at every server that was not accepted.
  virtual HRESULT STDMETHODCALLTYPE
  SetServerCertificateValidationInterface(IUnknown* certValidationCallback) = 0;
  /// From now on, and for ever, GetCustomHeaders answers E_ACCESSDENIED. Always S_OK.
  virtual HRESULT STDMETHODCALLTYPE MakeCustomHeadersWriteOnly() = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBackgroundCopyJobHttpOptions3, "8a9263d3-fd4c-4eda-9b28-30132a4d4e3c");

BACKHAUL_INTERFACES_END

#define __BackgroundCopyManager10_3_FWD_DEFINED__
#define __BackgroundCopyManager10_3_LIBRARY_DEFINED__
class DECLSPEC_UUID("5fd42ad5-c04e-4d36-adc7-e08ff15737ad") BackgroundCopyManager10_3;
BACKHAUL_CLASS_ID(BackgroundCopyManager10_3, "5fd42ad5-c04e-4d36-adc7-e08ff15737ad");

#endif  // BACKHAUL_BITS_BITS10_3_H
