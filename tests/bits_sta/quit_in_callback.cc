// SPDX-License-Identifier: Apache-2.0
// A program that ends as soon as its callback has been told, as the samples do.
//   quit_in_callback URL FILE SIGN return|leave|event
// return: a message loop, ended from inside the callback, and then out of main. leave: as well, but
// lets go of everything and ends without exit(). event: the multithreaded apartment; the callback
// sets an event and main returns. SIGN is touched by the command line of the job. Prints the job.
#include <bits.h>
#include <stdio.h>
#include <string.h>
#include <tchar.h>
#include <unistd.h>
#include <windows.h>

static HANDLE g_event;

class CNotify final : public IBackgroundCopyCallback {
 public:
  HRESULT __stdcall QueryInterface(REFIID riid, LPVOID* ppvObj) override {
    const bool known = riid == IID_IUnknown || riid == IID_IBackgroundCopyCallback;
    *ppvObj = known ? this : NULL;
    return known ? S_OK : E_NOINTERFACE;
  }
  ULONG __stdcall AddRef() override { return 2; }
  ULONG __stdcall Release() override { return 1; }
  HRESULT __stdcall JobTransferred(IBackgroundCopyJob*) override {
    if (g_event != NULL) {
      SetEvent(g_event);
    } else {
      PostQuitMessage(0);
    }
    return S_OK;
  }
  HRESULT __stdcall JobError(IBackgroundCopyJob*, IBackgroundCopyError*) override {
    PostQuitMessage(1);
    return S_OK;
  }
  HRESULT __stdcall JobModification(IBackgroundCopyJob*, DWORD) override { return S_OK; }
};

int __cdecl _tmain(int argc, _TCHAR* argv[]) {
  static CNotify notify;
  if (argc != 5) return 2;
  const bool event = _tcscmp(argv[4], _T("event")) == 0;
  if (event) g_event = CreateEvent(NULL, TRUE, FALSE, NULL);
  if (FAILED(CoInitializeEx(NULL, event ? COINIT_MULTITHREADED : COINIT_APARTMENTTHREADED)))
    return 3;
  IBackgroundCopyManager* pManager = NULL;
  IBackgroundCopyJob* pJob = NULL;
  IBackgroundCopyJob2* pJob2 = NULL;
  GUID id;
  WCHAR text[40];
  WCHAR parameters[1024];
  if (FAILED(CoCreateInstance(__uuidof(BackgroundCopyManager), NULL, CLSCTX_LOCAL_SERVER,
                              IID_PPV_ARGS(&pManager))) ||
      FAILED(pManager->CreateJob(L"quit", BG_JOB_TYPE_DOWNLOAD, &id, &pJob)) ||
      FAILED(pJob->QueryInterface(&pJob2))) {
    return 4;
  }
  StringFromGUID2(id, text, ARRAYSIZE(text));
  wprintf(L"%s", text);
  fflush(stdout);
  swprintf_s(parameters, L"touch \"%s\"", argv[3]);
  if (FAILED(pJob2->SetNotifyCmdLine(L"/usr/bin/touch", parameters)) ||
      FAILED(pJob->SetNotifyInterface(&notify)) || FAILED(pJob->AddFile(argv[1], argv[2])) ||
      FAILED(pJob->Resume())) {
    return 5;
  }
  MSG msg = {};
  if (event) {
    WaitForSingleObject(g_event, INFINITE);
  } else {
    while (GetMessage(&msg, NULL, 0, 0) > 0) DispatchMessage(&msg);
  }
  if (_tcscmp(argv[4], _T("leave")) == 0) {
    pJob2->Release();
    pJob->Release();
    pManager->Release();
    CoUninitialize();
    _exit(static_cast<int>(msg.wParam));
  }
  return static_cast<int>(msg.wParam);
}
