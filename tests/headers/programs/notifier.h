// SPDX-License-Identifier: Apache-2.0
// A callback as an application writes one: counted by hand, GUID stated in both portable ways.
#ifndef TESTS_HEADERS_PROGRAMS_NOTIFIER_H
#define TESTS_HEADERS_PROGRAMS_NOTIFIER_H

#include <bits.h>

class __declspec(uuid("7d2b9f50-3c1e-4f0a-9d63-0b6a6e7c51aa")) CNotifyInterface final
    : public IBackgroundCopyCallback {
 public:
  CNotifyInterface() : m_cRef(1), m_lPendingTransfers(0) {}

  STDMETHODIMP QueryInterface(REFIID riid, LPVOID* ppvObj) override {
    if (ppvObj == NULL) return E_INVALIDARG;
    *ppvObj = NULL;
    if (riid == __uuidof(IUnknown) || riid == __uuidof(IBackgroundCopyCallback)) {
      *ppvObj = static_cast<IBackgroundCopyCallback*>(this);
      AddRef();
      return NOERROR;
    }
    return E_NOINTERFACE;
  }
  STDMETHODIMP_(ULONG) AddRef() override {
    return static_cast<ULONG>(InterlockedIncrement(&m_cRef));
  }
  STDMETHODIMP_(ULONG) Release() override {
    const ULONG left = static_cast<ULONG>(InterlockedDecrement(&m_cRef));
    if (left == 0) delete this;
    return left;
  }

  HRESULT __stdcall JobTransferred(IBackgroundCopyJob* pJob) override {
    const HRESULT hr = pJob->Complete();
    return FAILED(hr) ? hr : S_OK;
  }
  HRESULT __stdcall JobError(IBackgroundCopyJob* pJob, IBackgroundCopyError* pError) override {
    BG_ERROR_CONTEXT context;
    HRESULT code = S_OK;
    LPWSTR text = NULL;
    if (SUCCEEDED(pError->GetError(&context, &code)) && context == BG_ERROR_CONTEXT_LOCAL_FILE) {
      pError->GetErrorDescription(LANGIDFROMLCID(GetThreadLocale()), &text);
      CoTaskMemFree(text);
    }
    switch (code) {
      case BG_E_HTTP_ERROR_404:
      case HRESULT_FROM_WIN32(ERROR_DISK_FULL):
        return pJob->Cancel();
      default:
        return pJob->Resume();
    }
  }
  HRESULT __stdcall JobModification(IBackgroundCopyJob* pJob, DWORD dwReserved) override {
    (void)dwReserved;
    BG_JOB_PROGRESS progress;
    if (InterlockedCompareExchange(&m_lPendingTransfers, 1, 0) == 0) {
      pJob->GetProgress(&progress);
      InterlockedDecrement(&m_lPendingTransfers);
    }
    return S_OK;
  }

 private:
  LONG m_cRef;
  volatile LONG m_lPendingTransfers;
};
BACKHAUL_UUID(CNotifyInterface, "7d2b9f50-3c1e-4f0a-9d63-0b6a6e7c51aa")

#endif  // TESTS_HEADERS_PROGRAMS_NOTIFIER_H
