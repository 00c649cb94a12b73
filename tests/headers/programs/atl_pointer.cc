// SPDX-License-Identifier: Apache-2.0
// CComPtr and CComQIPtr as independent programs use them.
#include <bits.h>
#include <atlbase.h>

HRESULT find(REFGUID id, IBackgroundCopyJob** found) {
  CComPtr<IBackgroundCopyManager> manager;
  HRESULT hr = CoCreateInstance(__uuidof(BackgroundCopyManager), NULL, CLSCTX_LOCAL_SERVER,
                                __uuidof(IBackgroundCopyManager), (void**)&manager.p);
  if (FAILED(hr) || manager.p == NULL) return E_FAIL;
  CComPtr<IBackgroundCopyJob> job;
  hr = manager.p->GetJob(id, &job.p);
  if (FAILED(hr)) return hr;
  CComQIPtr<IBackgroundCopyJob2> job2(job);
  CComQIPtr<IBackgroundCopyJob2, &IID_IBackgroundCopyJob2> named(job.p);
  named = job2.p;
  if (!job2 || named.p != job2.p) return E_NOINTERFACE;
  const TCHAR* name = _T("a job");
  job->SetDisplayName(name);
  return job.CopyTo(found);
}
