// SPDX-License-Identifier: Apache-2.0
// A class server as it is written for COM (source-compat.md 10): registers itself in the registry,
// serves its class from a single-threaded apartment, and posts the end to itself when it is idle.
//   class_server /RegServer LOG | /UnregServer | LOG -Embedding
#include <bits.h>
#include <strsafe.h>
#include <tchar.h>
#include <windows.h>

#include <cstdio>

static const WCHAR c_key[] = L"CLSID\\{8A1E9D3F-2C64-4D0B-9B57-64C2E01B7D11}";
class __declspec(uuid("8a1e9d3f-2c64-4d0b-9b57-64c2e01b7d11")) CCallback;

static DWORD g_dwMainThread = 0;
static FILE* g_log = NULL;

static void Log(LPCWSTR text) {
  fwprintf(g_log, L"%s on thread %s\n", text,
           GetCurrentThreadId() == g_dwMainThread ? L"main" : L"other");
  fflush(g_log);
}

class CCallback final : public IBackgroundCopyCallback {
 public:
  CCallback() { CoAddRefServerProcess(); }
  STDMETHODIMP QueryInterface(REFIID riid, void** ppv) override {
    const bool known = riid == IID_IUnknown || riid == IID_IBackgroundCopyCallback;
    *ppv = known ? this : NULL;
    if (known) AddRef();
    return known ? S_OK : E_NOINTERFACE;
  }
  STDMETHODIMP_(ULONG) AddRef() override { return InterlockedIncrement(&m_cRef); }
  STDMETHODIMP_(ULONG) Release() override {
    const LONG cRef = InterlockedDecrement(&m_cRef);
    if (cRef == 0) delete this;
    return cRef;
  }
  STDMETHODIMP JobTransferred(IBackgroundCopyJob* pJob) override {
    const HRESULT hr = pJob->Complete();
    Log(SUCCEEDED(hr) ? L"completed" : L"not completed");
    return S_OK;
  }
  STDMETHODIMP JobError(IBackgroundCopyJob* pJob, IBackgroundCopyError*) override {
    Log(L"error");
    return pJob->Cancel();
  }
  STDMETHODIMP JobModification(IBackgroundCopyJob*, DWORD) override { return S_OK; }

 private:
  ~CCallback() {
    Log(L"released");
    if (CoReleaseServerProcess() == 0) PostThreadMessage(g_dwMainThread, WM_QUIT, 0, 0);
  }
  LONG m_cRef = 1;
};
BACKHAUL_UUID(CCallback, "8a1e9d3f-2c64-4d0b-9b57-64c2e01b7d11")

class CFactory final : public IClassFactory {
 public:
  STDMETHODIMP QueryInterface(REFIID riid, void** ppv) override {
    const bool known = riid == IID_IUnknown || riid == IID_IClassFactory;
    *ppv = known ? this : NULL;
    return known ? S_OK : E_NOINTERFACE;
  }
  STDMETHODIMP_(ULONG) AddRef() override { return 2; }
  STDMETHODIMP_(ULONG) Release() override { return 1; }
  STDMETHODIMP CreateInstance(IUnknown* pOuter, REFIID riid, void** ppv) override {
    if (pOuter != NULL) return CLASS_E_NOAGGREGATION;
    Log(L"instance");
    CCallback* pCallback = new CCallback();
    const HRESULT hr = pCallback->QueryInterface(riid, ppv);
    pCallback->Release();
    return hr;
  }
  STDMETHODIMP LockServer(BOOL) override { return S_OK; }
};

static LSTATUS Register(LPCWSTR log) {
  WCHAR path[1024], command[2100];
  if (GetModuleFileName(NULL, path, ARRAYSIZE(path)) == 0) return GetLastError();
  StringCchPrintf(command, ARRAYSIZE(command), L"\"%s\" \"%s\"", path, log);
  HKEY key = NULL;
  LSTATUS status = RegCreateKeyEx(HKEY_CLASSES_ROOT, c_key, 0, NULL, REG_OPTION_NON_VOLATILE,
                                  KEY_WRITE, NULL, &key, NULL);
  if (status != ERROR_SUCCESS) return status;
  const DWORD size = static_cast<DWORD>((wcslen(command) + 1) * sizeof(WCHAR));
  status = RegSetKeyValue(key, L"LocalServer32", NULL, REG_SZ, command, size);
  RegCloseKey(key);
  return status;
}

static HRESULT Serve() {
  static CFactory factory;
  DWORD cookie = 0;
  HRESULT hr = CoRegisterClassObject(__uuidof(CCallback), &factory, CLSCTX_LOCAL_SERVER,
                                     REGCLS_MULTIPLEUSE | REGCLS_SUSPENDED, &cookie);
  if (SUCCEEDED(hr)) hr = CoResumeClassObjects();
  if (FAILED(hr)) return hr;
  MSG msg;
  while (GetMessage(&msg, NULL, 0, 0)) DispatchMessage(&msg);
  return CoRevokeClassObject(cookie);
}

int _tmain(int argc, TCHAR* argv[]) {
  if (argc == 3 && _tcsicmp(argv[1], _T("/regserver")) == 0) return Register(argv[2]);
  if (argc == 2 && _tcsicmp(argv[1], _T("/unregserver")) == 0) {
    return RegDeleteTree(HKEY_CLASSES_ROOT, c_key);
  }
  if (argc != 3 || _tcsicmp(argv[2], _T("-Embedding")) != 0) return 2;
  char name[1024];
  snprintf(name, sizeof(name), "%S", argv[1]);
  g_log = fopen(name, "ae");
  g_dwMainThread = GetCurrentThreadId();
  if (g_log == NULL || FAILED(CoInitialize(NULL))) return 1;
  const HRESULT hr = Serve();
  Log(SUCCEEDED(hr) ? L"end" : L"failed");
  CoUninitialize();
  return FAILED(hr);
}
