// SPDX-License-Identifier: Apache-2.0
// A console program as it is written for BITS: _tmain, wide printing, a single-threaded apartment,
// and a loop with a limit that looks for messages until the callback posts the end.
//   console_download URL FILE
#include <bits.h>
#include <strsafe.h>
#include <tchar.h>
#include <windows.h>

class CNotify final : public IBackgroundCopyCallback {
 public:
  HRESULT __stdcall QueryInterface(REFIID riid, LPVOID* ppvObj) override {
    if (riid == __uuidof(IUnknown) || riid == __uuidof(IBackgroundCopyCallback)) {
      *ppvObj = this;
      AddRef();
      return NOERROR;
    }
    *ppvObj = NULL;
    return E_NOINTERFACE;
  }
  ULONG __stdcall AddRef() override { return InterlockedIncrement(&m_lRefCount); }
  ULONG __stdcall Release() override {
    ULONG ulCount = InterlockedDecrement(&m_lRefCount);
    if (0 == ulCount) delete this;
    return ulCount;
  }
  HRESULT __stdcall JobTransferred(IBackgroundCopyJob* pJob) override {
    HRESULT hr = pJob->Complete();
    wprintf(L"transferred on thread %s, hr=0x%08lX\n",
            GetCurrentThreadId() == m_dwThread ? L"main" : L"other", static_cast<ULONG>(hr));
    PostMessage(NULL, WM_QUIT, 0, 0);
    return S_OK;
  }
  HRESULT __stdcall JobError(IBackgroundCopyJob* pJob, IBackgroundCopyError* pError) override {
    BG_ERROR_CONTEXT context;
    HRESULT hrError;
    WCHAR wszText[64];
    if (SUCCEEDED(pError->GetError(&context, &hrError)) &&
        SUCCEEDED(StringCchPrintf(wszText, ARRAYSIZE(wszText), L"%s 0x%08X", L"error", hrError))) {
      printf("%ws\n", wszText);
    }
    pJob->Cancel();
    PostMessage(NULL, WM_QUIT, 1, 0);
    return S_OK;
  }
  HRESULT __stdcall JobModification(IBackgroundCopyJob* JobModification, DWORD) override {
    BG_JOB_PROGRESS progress;
    if (SUCCEEDED(JobModification->GetProgress(&progress))) {
      printf("%I64u bytes\n", progress.BytesTransferred);
    }
    return S_OK;
  }

 private:
  ~CNotify() {
    wprintf(L"released on thread %s\n", GetCurrentThreadId() == m_dwThread ? L"main" : L"other");
  }
  LONG m_lRefCount = 1;
  DWORD m_dwThread = GetCurrentThreadId();
};

int __cdecl _tmain(int argc, _TCHAR* argv[]) {
  if (argc != 3) {
    wprintf(L"Usage: %s [remote name] [local name]\n", argv[0]);
    return 2;
  }
  HRESULT hr = CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
  if (SUCCEEDED(hr)) {
    hr = CoInitializeSecurity(NULL, -1, NULL, NULL, RPC_C_AUTHN_LEVEL_CONNECT,
                              RPC_C_IMP_LEVEL_IMPERSONATE, NULL, EOAC_DYNAMIC_CLOAKING, 0);
  }
  IBackgroundCopyManager* pManager = NULL;
  IBackgroundCopyJob* pJob = NULL;
  if (SUCCEEDED(hr)) {
    hr = CoCreateInstance(__uuidof(BackgroundCopyManager), NULL, CLSCTX_LOCAL_SERVER,
                          __uuidof(IBackgroundCopyManager), (void**)&pManager);
  }
  GUID guidJob;
  if (SUCCEEDED(hr)) hr = pManager->CreateJob(L"console", BG_JOB_TYPE_DOWNLOAD, &guidJob, &pJob);
  if (FAILED(hr)) {
    wprintf(L"failed 0x%08X\n", hr);
    return 1;
  }
  CNotify* pNotify = new CNotify();
  pJob->SetNotifyInterface(pNotify);
  pNotify->Release();
  pJob->SetNotifyFlags(BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR |
                       BG_NOTIFY_JOB_MODIFICATION);
  wprintf(L"file: %s\n", argv[2]);
  hr = pJob->AddFile(argv[1], argv[2]);
  if (SUCCEEDED(hr)) hr = pJob->Resume();

  int result = 3;
  MSG msg;
  DWORD dwLimit = GetTickCount() + 60 * 1000;
  bool bOver = FAILED(hr);
  while (!bOver && GetTickCount() <= dwLimit) {
    while (PeekMessage(&msg, NULL, 0, 0, PM_REMOVE)) {
      if (msg.message == WM_QUIT) {
        result = static_cast<int>(msg.wParam);
        bOver = true;
        break;
      }
      TranslateMessage(&msg);
      DispatchMessage(&msg);
    }
  }
  pJob->Release();
  pManager->Release();
  CoUninitialize();
  return result;
}
