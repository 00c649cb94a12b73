// SPDX-License-Identifier: Apache-2.0
// Registration of a callback object, in the shape of the documentation page: made with new, given to
// the job, the program's own reference dropped at once.
#include "notifier.h"

HRESULT RegisterObject(IBackgroundCopyJob* pJob) {
  HRESULT hr = E_OUTOFMEMORY;
  CNotifyInterface* pNotify = new CNotifyInterface();
  if (pNotify) {
    hr = pJob->SetNotifyInterface(pNotify);
    if (SUCCEEDED(hr)) {
      hr = pJob->SetNotifyFlags(BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR);
    }
    pNotify->Release();
    pNotify = NULL;
  }
  return hr;
}

HRESULT Download(LPCWSTR url, LPCWSTR file) {
  IBackgroundCopyManager* manager = NULL;
  IBackgroundCopyJob* job = NULL;
  GUID id;
  HRESULT hr = CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
  if (FAILED(hr)) return hr;
  hr = CoInitializeSecurity(NULL, -1, NULL, NULL, RPC_C_AUTHN_LEVEL_CONNECT,
                            RPC_C_IMP_LEVEL_IMPERSONATE, NULL, EOAC_DYNAMIC_CLOAKING, 0);
  if (SUCCEEDED(hr)) {
    hr = CoCreateInstance(__uuidof(BackgroundCopyManager), NULL, CLSCTX_LOCAL_SERVER,
                          __uuidof(IBackgroundCopyManager), (void**)&manager);
  }
  if (SUCCEEDED(hr)) hr = manager->CreateJob(L"one file", BG_JOB_TYPE_DOWNLOAD, &id, &job);
  if (SUCCEEDED(hr)) hr = job->AddFile(url, file);
  if (SUCCEEDED(hr)) hr = RegisterObject(job);
  if (SUCCEEDED(hr)) hr = job->Resume();
  if (job) job->Release();
  if (manager) manager->Release();
  CoUninitialize();
  return hr;
}
