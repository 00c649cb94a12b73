// SPDX-License-Identifier: Apache-2.0
// A console program: the words of the opt-in headers around BITS, in the order samples have them.
#include <Windows.h>
#include <bits.h>
#include <Strsafe.h>
#include <atlbase.h>
#include <stdio.h>
#include <tchar.h>

#include <cstdio>
#include <cwchar>
#include <string>

#ifdef interface
#error "the word belongs to objbase.h alone"
#endif
#if defined(__in) || defined(__out)
#error "libstdc++ has these as names"
#endif

static HRESULT Describe(_In_ IBackgroundCopyJob* pJob, _Out_writes_z_(cch) LPWSTR text,
                        size_t cch) {
  SYSTEMTIME time;
  BG_JOB_TIMES times;
  HRESULT hr = pJob->GetTimes(&times);
  if (FAILED(hr)) return hr;
  if (!FileTimeToSystemTime(&times.CreationTime, &time)) return HRESULT_FROM_WIN32(GetLastError());
  return StringCchPrintf(text, cch, L"%02u:%02u", time.wHour, time.wMinute);
}

static DWORD Wait(HANDLE event) {
  HANDLE handles[] = {event};
  MSG msg;
  for (;;) {
    const DWORD found =
        MsgWaitForMultipleObjects(ARRAYSIZE(handles), handles, FALSE, INFINITE, QS_ALLINPUT);
    if (found != WAIT_OBJECT_0 + 1) return found;
    while (PeekMessage(&msg, NULL, 0, 0, PM_REMOVE)) {
      TranslateMessage(&msg);
      DispatchMessage(&msg);
    }
  }
}

int __cdecl _tmain(int argc, LPWSTR* argv) {
  CComPtr<IBackgroundCopyManager> pManager;
  CComPtr<IBackgroundCopyJob> pJob;
  GUID id;
  ZeroMemory(&id, sizeof(id));
  HRESULT hr = pManager.CoCreateInstance(__uuidof(BackgroundCopyManager));
  if (SUCCEEDED(hr)) hr = pManager->CreateJob(_T("x"), BG_JOB_TYPE_DOWNLOAD, &id, &pJob);
  CComQIPtr<IBackgroundCopyJob2> pJob2(pJob);
  WCHAR text[20];
  if (SUCCEEDED(hr) && pJob2) hr = Describe(pJob2, text, ARRAYSIZE(text));
  HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);
  UNREFERENCED_PARAMETER(argc);
  wprintf(L"%s %u\n", argv[0], Wait(event));
  std::printf("%s\n", std::to_string(hr).c_str());
  std::wprintf(L"%I64u\n", GetTickCount64());
  CloseHandle(event);
  return SUCCEEDED(hr) ? 0 : 1;
}
