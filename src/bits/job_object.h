// SPDX-License-Identifier: Apache-2.0
// IBackgroundCopyJob to Job5, the HTTP options and the token options: one object with one identity,
// and only one for each job in a process, so that the pointer a callback gets is the one that
// CreateJob gave.
//
// A setter of a job that has ended answers BG_E_INVALID_STATE, whatever it is given (jobs.md §4): the service judges
// the state first, and what is refused on this side asks for it (unless_over). Only a pointer that RPC would not
// take is refused before.
#ifndef SRC_BITS_JOB_OBJECT_H
#define SRC_BITS_JOB_OBJECT_H

#include <atomic>

#include "backhaul/job.h"
#include "bits/object.h"

namespace backhaul::bits {

// For what would change the job, or a file of it: BG_E_INVALID_STATE after its end, else `otherwise`.
HRESULT unless_over(const Job& job, HRESULT otherwise);

class JobObject final : public IBackgroundCopyJob5,
                        public IBackgroundCopyJobHttpOptions3,
                        public IBitsTokenOptions {
 public:
  // The object of this job, made if there is none.
  static Ref<JobObject> of(const Job& job);

  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** out) override;
  ULONG STDMETHODCALLTYPE AddRef() override;
  ULONG STDMETHODCALLTYPE Release() override;

  // IBackgroundCopyJob
  HRESULT STDMETHODCALLTYPE AddFileSet(ULONG count, BG_FILE_INFO* files) override;
  HRESULT STDMETHODCALLTYPE AddFile(LPCWSTR remote, LPCWSTR local) override;
  HRESULT STDMETHODCALLTYPE EnumFiles(IEnumBackgroundCopyFiles** out) override;
  HRESULT STDMETHODCALLTYPE Suspend() override;
  HRESULT STDMETHODCALLTYPE Resume() override;
  HRESULT STDMETHODCALLTYPE Cancel() override;
  HRESULT STDMETHODCALLTYPE Complete() override;
  HRESULT STDMETHODCALLTYPE GetId(GUID* out) override;
  HRESULT STDMETHODCALLTYPE GetType(BG_JOB_TYPE* out) override;
  HRESULT STDMETHODCALLTYPE GetProgress(BG_JOB_PROGRESS* out) override;
  HRESULT STDMETHODCALLTYPE GetTimes(BG_JOB_TIMES* out) override;
  HRESULT STDMETHODCALLTYPE GetState(BG_JOB_STATE* out) override;
  HRESULT STDMETHODCALLTYPE GetError(IBackgroundCopyError** out) override;
  HRESULT STDMETHODCALLTYPE GetOwner(LPWSTR* out) override;
  HRESULT STDMETHODCALLTYPE SetDisplayName(LPCWSTR value) override;
  HRESULT STDMETHODCALLTYPE GetDisplayName(LPWSTR* out) override;
  HRESULT STDMETHODCALLTYPE SetDescription(LPCWSTR value) override;
  HRESULT STDMETHODCALLTYPE GetDescription(LPWSTR* out) override;
  HRESULT STDMETHODCALLTYPE SetPriority(BG_JOB_PRIORITY value) override;
  HRESULT STDMETHODCALLTYPE GetPriority(BG_JOB_PRIORITY* out) override;
  HRESULT STDMETHODCALLTYPE SetNotifyFlags(ULONG value) override;
  HRESULT STDMETHODCALLTYPE GetNotifyFlags(ULONG* out) override;
  HRESULT STDMETHODCALLTYPE SetNotifyInterface(IUnknown* value) override;
  HRESULT STDMETHODCALLTYPE GetNotifyInterface(IUnknown** out) override;
  HRESULT STDMETHODCALLTYPE SetMinimumRetryDelay(ULONG seconds) override;
  HRESULT STDMETHODCALLTYPE GetMinimumRetryDelay(ULONG* seconds) override;
  HRESULT STDMETHODCALLTYPE SetNoProgressTimeout(ULONG seconds) override;
  HRESULT STDMETHODCALLTYPE GetNoProgressTimeout(ULONG* seconds) override;
  HRESULT STDMETHODCALLTYPE GetErrorCount(ULONG* errors) override;
  HRESULT STDMETHODCALLTYPE SetProxySettings(BG_JOB_PROXY_USAGE usage, const WCHAR* list,
                                             const WCHAR* bypass) override;
  HRESULT STDMETHODCALLTYPE GetProxySettings(BG_JOB_PROXY_USAGE* usage, LPWSTR* list,
                                             LPWSTR* bypass) override;
  HRESULT STDMETHODCALLTYPE TakeOwnership() override;

  // IBackgroundCopyJob2
  HRESULT STDMETHODCALLTYPE SetNotifyCmdLine(LPCWSTR program, LPCWSTR parameters) override;
  HRESULT STDMETHODCALLTYPE GetNotifyCmdLine(LPWSTR* program, LPWSTR* parameters) override;
  HRESULT STDMETHODCALLTYPE GetReplyProgress(BG_JOB_REPLY_PROGRESS* out) override;
  HRESULT STDMETHODCALLTYPE GetReplyData(BYTE** data, UINT64* length) override;
  HRESULT STDMETHODCALLTYPE SetReplyFileName(LPCWSTR name) override;
  HRESULT STDMETHODCALLTYPE GetReplyFileName(LPWSTR* out) override;
  HRESULT STDMETHODCALLTYPE SetCredentials(BG_AUTH_CREDENTIALS* credentials) override;
  HRESULT STDMETHODCALLTYPE RemoveCredentials(BG_AUTH_TARGET target,
                                              BG_AUTH_SCHEME scheme) override;

  // IBackgroundCopyJob3
  HRESULT STDMETHODCALLTYPE ReplaceRemotePrefix(LPCWSTR from, LPCWSTR to) override;
  HRESULT STDMETHODCALLTYPE AddFileWithRanges(LPCWSTR remote, LPCWSTR local, DWORD count,
                                              BG_FILE_RANGE ranges[]) override;
  HRESULT STDMETHODCALLTYPE SetFileACLFlags(DWORD flags) override;
  HRESULT STDMETHODCALLTYPE GetFileACLFlags(DWORD* out) override;

  // IBackgroundCopyJob4
  HRESULT STDMETHODCALLTYPE SetPeerCachingFlags(DWORD flags) override;
  HRESULT STDMETHODCALLTYPE GetPeerCachingFlags(DWORD* out) override;
  HRESULT STDMETHODCALLTYPE GetOwnerIntegrityLevel(ULONG* out) override;
  HRESULT STDMETHODCALLTYPE GetOwnerElevationState(BOOL* out) override;
  HRESULT STDMETHODCALLTYPE SetMaximumDownloadTime(ULONG seconds) override;
  HRESULT STDMETHODCALLTYPE GetMaximumDownloadTime(ULONG* seconds) override;

  // IBackgroundCopyJob5
  HRESULT STDMETHODCALLTYPE SetProperty(BITS_JOB_PROPERTY_ID id,
                                        BITS_JOB_PROPERTY_VALUE value) override;
  HRESULT STDMETHODCALLTYPE GetProperty(BITS_JOB_PROPERTY_ID id,
                                        BITS_JOB_PROPERTY_VALUE* out) override;

  // IBackgroundCopyJobHttpOptions, 2, 3
  HRESULT STDMETHODCALLTYPE SetClientCertificateByID(BG_CERT_STORE_LOCATION location, LPCWSTR store,
                                                     BYTE* hash) override;
  HRESULT STDMETHODCALLTYPE SetClientCertificateByName(BG_CERT_STORE_LOCATION location,
                                                       LPCWSTR store, LPCWSTR subject) override;
  HRESULT STDMETHODCALLTYPE RemoveClientCertificate() override;
  HRESULT STDMETHODCALLTYPE GetClientCertificate(BG_CERT_STORE_LOCATION* location, LPWSTR* store,
                                                 BYTE** hash, LPWSTR* subject) override;
  HRESULT STDMETHODCALLTYPE SetCustomHeaders(LPCWSTR headers) override;
  HRESULT STDMETHODCALLTYPE GetCustomHeaders(LPWSTR* out) override;
  HRESULT STDMETHODCALLTYPE SetSecurityFlags(ULONG flags) override;
  HRESULT STDMETHODCALLTYPE GetSecurityFlags(ULONG* out) override;
  HRESULT STDMETHODCALLTYPE SetHttpMethod(LPCWSTR method) override;
  HRESULT STDMETHODCALLTYPE GetHttpMethod(LPWSTR* out) override;
  HRESULT STDMETHODCALLTYPE SetServerCertificateValidationInterface(IUnknown* callback) override;
  HRESULT STDMETHODCALLTYPE MakeCustomHeadersWriteOnly() override;

  // IBitsTokenOptions
  HRESULT STDMETHODCALLTYPE SetHelperTokenFlags(DWORD flags) override;
  HRESULT STDMETHODCALLTYPE GetHelperTokenFlags(DWORD* out) override;
  HRESULT STDMETHODCALLTYPE SetHelperToken() override;
  HRESULT STDMETHODCALLTYPE ClearHelperToken() override;
  HRESULT STDMETHODCALLTYPE GetHelperTokenSid(LPWSTR* out) override;

 private:
  explicit JobObject(const Job& job) : job_(job) {}
  ~JobObject() = default;

  // Asks for the properties of the job and hands them to `give`, which sets the out parameters.
  template <class Give>
  HRESULT read(Give give) const;
  HRESULT set(const JobSettings& settings);
  HRESULT use_stored_credentials(BG_AUTH_TARGET target);
  HRESULT unless_over(HRESULT otherwise) const { return bits::unless_over(job_, otherwise); }

  Job job_;  // a handle without state of its own
  std::atomic<ULONG> references_{1};
};

}  // namespace backhaul::bits

#endif
