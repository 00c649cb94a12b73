// SPDX-License-Identifier: Apache-2.0
// Registration of a callback class, in the shape of the documentation page, and the server of it.
#include "notifier.h"

HRESULT RegisterClass(IBackgroundCopyJob* pJob) {
  IBackgroundCopyJob5* pJob5 = NULL;
  HRESULT hr = pJob->QueryInterface(__uuidof(IBackgroundCopyJob5), (void**)&pJob5);
  if (SUCCEEDED(hr)) {
    BITS_JOB_PROPERTY_VALUE value;
    value.ClsID = __uuidof(CNotifyInterface);
    hr = pJob5->SetProperty(BITS_JOB_PROPERTY_NOTIFICATION_CLSID, value);
    if (SUCCEEDED(hr)) {
      value.Dword = BITS_JOB_TRANSFER_POLICY_ALWAYS;
      hr = pJob5->SetProperty(BITS_JOB_PROPERTY_ID_COST_FLAGS, value);
    }
    pJob5->Release();
  }
  if (SUCCEEDED(hr)) hr = pJob->SetNotifyFlags(BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR);
  return hr;
}

namespace {

class Factory final : public IClassFactory {
 public:
  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** object) override {
    if (IsEqualIID(riid, IID_IUnknown) || IsEqualIID(riid, IID_IClassFactory)) {
      *object = this;
      return S_OK;
    }
    *object = nullptr;
    return E_NOINTERFACE;
  }
  ULONG STDMETHODCALLTYPE AddRef() override { return 2; }
  ULONG STDMETHODCALLTYPE Release() override { return 1; }
  HRESULT STDMETHODCALLTYPE CreateInstance(IUnknown* outer, REFIID riid, void** object) override {
    *object = nullptr;
    if (outer != nullptr) return CLASS_E_NOAGGREGATION;
    CNotifyInterface* made = new CNotifyInterface;
    const HRESULT hr = made->QueryInterface(riid, object);
    made->Release();
    return hr;
  }
  HRESULT STDMETHODCALLTYPE LockServer(BOOL fLock) override {
    fLock ? CoAddRefServerProcess() : CoReleaseServerProcess();
    return S_OK;
  }
};

}  // namespace

HRESULT Serve() {
  static Factory factory;
  DWORD cookie = 0;
  HRESULT hr = CoRegisterClassObject(__uuidof(CNotifyInterface), &factory, CLSCTX_LOCAL_SERVER,
                                     REGCLS_MULTIPLEUSE | REGCLS_SUSPENDED, &cookie);
  if (SUCCEEDED(hr)) hr = CoResumeClassObjects();
  if (SUCCEEDED(hr)) hr = CoRevokeClassObject(cookie);
  return hr;
}
