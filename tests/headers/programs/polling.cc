// SPDX-License-Identifier: Apache-2.0
// A page that polls, with the headers that programs name whether they need them or not.
#include <SDKDDKVer.h>
#include <windows.h>
#include <lm.h>
#include <shlobj.h>
#include <atlcomcli.h>
#include <Shlwapi.h>
#include <WinInet.h>
#include <Winhttp.h>
#include <comdef.h>
#include <sddl.h>
#include <Userenv.h>
#include <crtdbg.h>
#include <windef.h>
#include <shellapi.h>
#include <Bits.h>
#include <stdio.h>
#include <inttypes.h>

#ifdef interface
#error "the word belongs to objbase.h alone"
#endif

static CRITICAL_SECTION g_lock;

static void ShowError(HRESULT hr) {
  LPWSTR text = NULL;
  FormatMessageW(FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM |
                     FORMAT_MESSAGE_IGNORE_INSERTS,
                 GetModuleHandleW(NULL), static_cast<DWORD>(hr),
                 MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT), reinterpret_cast<LPWSTR>(&text), 0, NULL);
  wprintf(L"Error 0x%08lX: %s (%d characters)\n", hr, text, lstrlenW(text));
  LocalFree(text);
}

int poll(IBackgroundCopyJob* pJob, const char* narrow) {
  BG_JOB_STATE State = BG_JOB_STATE_QUEUED;
  BG_JOB_PROGRESS Progress;
  LARGE_INTEGER liDueTime;
  WCHAR wide[MAX_PATH];
  WCHAR copy[8];
  liDueTime.QuadPart = -10000000;
  liDueTime.HighPart = -1;
  ULARGE_INTEGER size;
  size.LowPart = 0;
  size.u.HighPart = 1;
  HANDLE hTimer = CreateWaitableTimer(NULL, FALSE, L"MyTimer");
  InitializeCriticalSection(&g_lock);
  SetWaitableTimer(hTimer, &liDueTime, 1000, NULL, NULL, 0);
  MultiByteToWideChar(CP_ACP, 0, narrow, -1, wide, MAX_PATH);
  wcsncpy_s(copy, wide, _TRUNCATE);
  wcsncpy_s(copy, ARRAYSIZE(copy), wide, 3);
  wchar_t __RPC_FAR* duplicate = _wcsdup(wide);
  do {
    WaitForSingleObject(hTimer, INFINITE);
    HRESULT hr = pJob->GetState(&State);
    EnterCriticalSection(&g_lock);
    if (FAILED(hr)) ShowError(hr);
    LeaveCriticalSection(&g_lock);
    if (BG_JOB_STATE_TRANSFERRING == State && SUCCEEDED(pJob->GetProgress(&Progress))) {
      wprintf(L"%I64u of %llu bytes, %lu of %u files\n", Progress.BytesTransferred,
              Progress.BytesTotal, Progress.FilesTransferred, Progress.FilesTotal);
      printf("%" PRIu64 " %lu %zu %S %ls %hs\n", static_cast<uint64_t>(size.QuadPart), 5000000000ul,
             sizeof(wide), wide, duplicate, narrow);
      fprintf(stderr, "%d %c\n", State, 'x');
    }
  } while (State != BG_JOB_STATE_TRANSFERRED && State != BG_JOB_STATE_ERROR);
  DeleteCriticalSection(&g_lock);
  free(duplicate);
  return CancelWaitableTimer(hTimer) ? 0 : 1;
}
