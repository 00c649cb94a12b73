// SPDX-License-Identifier: Apache-2.0
// notify_class URL FILE: hands a download over and ends. When the file has arrived the service
// starts this program again, by the id of its callback class, and the callback puts the file in
// place.
//
// The class is registered once, with the command the bus is to run; it adds -Embedding itself:
//
//   backhaul class add "{c8e6d3d2-5f65-4f2c-9b57-0f0a5d9b7e11}" --exec "$PWD/notify_class"
//
//   c++ -std=c++17 notify_class.cc $(pkg-config --cflags --libs backhaul-bits) -o notify_class
#include <bits.h>
#include <strsafe.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <string>

// The end of the server: set when its last object is gone.
static std::mutex g_mutex;
static std::condition_variable g_changed;
static bool g_served = false;
static bool g_over = false;

static void Enter() {
  CoAddRefServerProcess();
  const std::lock_guard<std::mutex> lock(g_mutex);
  g_served = true;
  g_changed.notify_all();
}

// At 0 the library has already withdrawn the class: whoever asks now starts another process.
static void Leave() {
  if (CoReleaseServerProcess() != 0) return;
  const std::lock_guard<std::mutex> lock(g_mutex);
  g_over = true;
  g_changed.notify_all();
}

class __declspec(uuid("c8e6d3d2-5f65-4f2c-9b57-0f0a5d9b7e11")) CNotifyInterface final
    : public IBackgroundCopyCallback {
 public:
  CNotifyInterface() : m_cRef(1) { Enter(); }

  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
    if (ppvObject == nullptr) return E_POINTER;
    *ppvObject = nullptr;
    if (riid != __uuidof(IUnknown) && riid != __uuidof(IBackgroundCopyCallback)) {
      return E_NOINTERFACE;
    }
    *ppvObject = this;
    AddRef();
    return S_OK;
  }
  ULONG STDMETHODCALLTYPE AddRef() override {
    return static_cast<ULONG>(InterlockedIncrement(&m_cRef));
  }
  ULONG STDMETHODCALLTYPE Release() override {
    const LONG left = InterlockedDecrement(&m_cRef);
    if (left == 0) delete this;
    return static_cast<ULONG>(left);
  }

  HRESULT STDMETHODCALLTYPE JobTransferred(IBackgroundCopyJob* pJob) override {
    const HRESULT hr = pJob->Complete();
    return FAILED(hr) ? hr : S_OK;
  }
  HRESULT STDMETHODCALLTYPE JobError(IBackgroundCopyJob* pJob, IBackgroundCopyError*) override {
    const HRESULT hr = pJob->Cancel();
    return FAILED(hr) ? hr : S_OK;
  }
  HRESULT STDMETHODCALLTYPE JobModification(IBackgroundCopyJob*, DWORD) override { return S_OK; }

 private:
  ~CNotifyInterface() { Leave(); }

  LONG m_cRef;
};
BACKHAUL_UUID(CNotifyInterface, "c8e6d3d2-5f65-4f2c-9b57-0f0a5d9b7e11")

// Makes the callbacks. There is one of it as long as the program runs, so it counts nothing.
class CNotifyFactory final : public IClassFactory {
 public:
  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
    if (ppvObject == nullptr) return E_POINTER;
    const bool known = riid == __uuidof(IUnknown) || riid == __uuidof(IClassFactory);
    *ppvObject = known ? this : nullptr;
    return known ? S_OK : E_NOINTERFACE;
  }
  ULONG STDMETHODCALLTYPE AddRef() override { return 2; }
  ULONG STDMETHODCALLTYPE Release() override { return 1; }

  HRESULT STDMETHODCALLTYPE CreateInstance(IUnknown* pUnkOuter, REFIID riid,
                                           void** ppvObject) override {
    if (ppvObject == nullptr) return E_POINTER;
    *ppvObject = nullptr;
    if (pUnkOuter != nullptr) return CLASS_E_NOAGGREGATION;
    CNotifyInterface* pNotify = new CNotifyInterface();
    const HRESULT hr = pNotify->QueryInterface(riid, ppvObject);
    pNotify->Release();
    return hr;
  }
  HRESULT STDMETHODCALLTYPE LockServer(BOOL fLock) override {
    if (fLock) {
      Enter();
    } else {
      Leave();
    }
    return S_OK;
  }
};

static HRESULT Serve() {
  static CNotifyFactory factory;
  DWORD cookie = 0;
  HRESULT hr = CoRegisterClassObject(__uuidof(CNotifyInterface), &factory, CLSCTX_LOCAL_SERVER,
                                     REGCLS_MULTIPLEUSE | REGCLS_SUSPENDED, &cookie);
  if (FAILED(hr)) return hr;
  hr = CoResumeClassObjects();
  if (SUCCEEDED(hr)) {
    // Who started us wants an object within the start timeout; if nobody comes, leave.
    std::unique_lock<std::mutex> lock(g_mutex);
    if (g_changed.wait_for(lock, std::chrono::seconds(60), [] { return g_served; })) {
      g_changed.wait(lock, [] { return g_over; });
    }
  }
  CoRevokeClassObject(cookie);
  return hr;
}

// Gives the job the class instead of an object: it is stored with the job.
static HRESULT Register(IBackgroundCopyJob* pJob) {
  IBackgroundCopyJob5* pJob5 = nullptr;
  HRESULT hr = pJob->QueryInterface(__uuidof(IBackgroundCopyJob5), (void**)&pJob5);
  if (FAILED(hr)) return hr;
  BITS_JOB_PROPERTY_VALUE value;
  value.ClsID = __uuidof(CNotifyInterface);
  hr = pJob5->SetProperty(BITS_JOB_PROPERTY_NOTIFICATION_CLSID, value);
  if (SUCCEEDED(hr)) {
    hr = pJob5->SetNotifyFlags(BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR);
  }
  pJob5->Release();
  return hr;
}

static HRESULT HandOver(LPCWSTR url, LPCWSTR file) {
  IBackgroundCopyManager* pManager = nullptr;
  HRESULT hr = CoCreateInstance(__uuidof(BackgroundCopyManager5_0), nullptr, CLSCTX_LOCAL_SERVER,
                                IID_PPV_ARGS(&pManager));
  if (FAILED(hr)) return hr;
  GUID id;
  IBackgroundCopyJob* pJob = nullptr;
  hr = pManager->CreateJob(L"notify_class", BG_JOB_TYPE_DOWNLOAD, &id, &pJob);
  pManager->Release();
  if (FAILED(hr)) return hr;
  hr = pJob->AddFile(url, file);
  if (SUCCEEDED(hr)) hr = Register(pJob);
  if (SUCCEEDED(hr)) hr = pJob->Resume();
  if (FAILED(hr)) pJob->Cancel();
  pJob->Release();
  return hr;
}

// Arguments are UTF-8, whatever the locale; BITS takes wide strings.
static std::wstring Wide(const std::string& text) {
  std::wstring wide(text.size() + 1, L'\0');
  StringCchPrintfW(&wide[0], wide.size(), L"%S", text.c_str());
  wide.resize(wcslen(wide.c_str()));
  return wide;
}

int main(int argc, char** argv) {
  const bool server = argc == 2 && std::strcmp(argv[1], "-Embedding") == 0;
  if (!server && argc != 3) {
    std::fprintf(stderr, "usage: notify_class URL FILE\n       notify_class -Embedding\n");
    return 2;
  }
  HRESULT hr = CoInitializeEx(nullptr, COINIT_MULTITHREADED);
  if (FAILED(hr)) return 1;
  if (server) {
    hr = Serve();
  } else {
    hr = HandOver(Wide(argv[1]).c_str(), Wide(std::filesystem::absolute(argv[2]).string()).c_str());
  }
  CoUninitialize();
  if (FAILED(hr)) std::fprintf(stderr, "failed: 0x%08X\n", static_cast<unsigned>(hr));
  return FAILED(hr) ? 1 : 0;
}
