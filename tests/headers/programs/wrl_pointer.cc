// SPDX-License-Identifier: Apache-2.0
// Microsoft::WRL::ComPtr as independent programs use it.
#include <bits.h>
#include <wrl/client.h>

#include <utility>

using Microsoft::WRL::ComPtr;

HRESULT find(REFGUID id, ComPtr<IBackgroundCopyJob>* found) {
  ComPtr<IBackgroundCopyManager> manager;
  HRESULT hr = CoCreateInstance(__uuidof(BackgroundCopyManager), nullptr, CLSCTX_ALL,
                                IID_PPV_ARGS(&manager));
  if (FAILED(hr)) return hr;
  ComPtr<IBackgroundCopyJob> job;
  hr = manager->GetJob(id, &job);
  if (FAILED(hr)) return hr;
  ComPtr<IBackgroundCopyJob2> job2;
  ComPtr<IUnknown> unknown = job;
  if (FAILED(job.As(&job2)) || FAILED(unknown->QueryInterface(job2.GetAddressOf()))) return E_FAIL;
  if (job2 == nullptr || !job2 || job2 != job2) return E_FAIL;
  ComPtr<IBackgroundCopyJob3> job3;
  ComPtr<IUnknown> same;
  if (FAILED(job2.CopyTo(job3.GetAddressOf())) || FAILED(job.AsIID(__uuidof(IBackgroundCopyJob), &same))) return E_FAIL;
  *found = std::move(job);
  job = nullptr;
  return found->Get() != nullptr ? S_OK : E_FAIL;
}
