// SPDX-License-Identifier: Apache-2.0
// notify_object URL FILE: downloads a file in the background and is told by a callback object.
//
// The object lives in this program: if the program ends before the job does, nobody is told, and
// the job waits in the queue. See notify_class for the way that survives.
//
//   c++ -std=c++17 notify_object.cc $(pkg-config --cflags --libs backhaul-bits) -o notify_object
#include <bits.h>
#include <strsafe.h>

#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <string>

// Where main waits for the callback, which comes on a thread of the library.
struct Outcome {
  void set(HRESULT hr) {
    const std::lock_guard<std::mutex> lock(mutex);
    result = hr;
    known = true;
    changed.notify_all();
  }
  HRESULT wait() {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [this] { return known; });
    return result;
  }
  std::mutex mutex;
  std::condition_variable changed;
  bool known = false;
  HRESULT result = E_FAIL;
};

class __declspec(uuid("6f4dc2f1-8b8d-4f43-9a3b-f0b6a1f4a1c8")) CNotifyInterface final
    : public IBackgroundCopyCallback {
 public:
  explicit CNotifyInterface(Outcome* outcome) : m_cRef(1), m_outcome(outcome) {}

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

  // Everything is here, under temporary names: Complete gives the file its own. S_OK says that we
  // have been told; anything else, and we are told again later.
  HRESULT STDMETHODCALLTYPE JobTransferred(IBackgroundCopyJob* pJob) override {
    const HRESULT hr = pJob->Complete();
    m_outcome->set(hr);
    return FAILED(hr) ? hr : S_OK;
  }

  // The service gave up. What it tried is in pError; Resume would try again.
  HRESULT STDMETHODCALLTYPE JobError(IBackgroundCopyJob* pJob,
                                     IBackgroundCopyError* pError) override {
    BG_ERROR_CONTEXT context = BG_ERROR_CONTEXT_NONE;
    HRESULT code = E_FAIL;
    pError->GetError(&context, &code);
    LPWSTR text = nullptr;
    if (SUCCEEDED(pError->GetErrorDescription(LANGIDFROMLCID(GetThreadLocale()), &text))) {
      std::fprintf(stderr, "%ls\n", text);
      CoTaskMemFree(text);
    }
    pJob->Cancel();
    m_outcome->set(code);
    return S_OK;
  }

  HRESULT STDMETHODCALLTYPE JobModification(IBackgroundCopyJob*, DWORD) override { return S_OK; }

 private:
  LONG m_cRef;
  Outcome* m_outcome;
};
BACKHAUL_UUID(CNotifyInterface, "6f4dc2f1-8b8d-4f43-9a3b-f0b6a1f4a1c8")

// Tells the job whom to call. The service keeps a reference of its own, so ours goes at once.
static HRESULT Register(IBackgroundCopyJob* pJob, Outcome* outcome) {
  CNotifyInterface* pNotify = new CNotifyInterface(outcome);
  HRESULT hr = pJob->SetNotifyInterface(pNotify);
  if (SUCCEEDED(hr)) {
    hr = pJob->SetNotifyFlags(BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR);
  }
  pNotify->Release();
  return hr;
}

static HRESULT Download(LPCWSTR url, LPCWSTR file, Outcome* outcome) {
  IBackgroundCopyManager* pManager = nullptr;
  HRESULT hr = CoCreateInstance(__uuidof(BackgroundCopyManager), nullptr, CLSCTX_LOCAL_SERVER,
                                IID_PPV_ARGS(&pManager));
  if (FAILED(hr)) return hr;
  GUID id;
  IBackgroundCopyJob* pJob = nullptr;
  hr = pManager->CreateJob(L"notify_object", BG_JOB_TYPE_DOWNLOAD, &id, &pJob);
  pManager->Release();
  if (FAILED(hr)) return hr;
  hr = pJob->AddFile(url, file);
  if (SUCCEEDED(hr)) hr = Register(pJob, outcome);
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
  if (argc != 3) {
    std::fprintf(stderr, "usage: notify_object URL FILE\n");
    return 2;
  }
  HRESULT hr = CoInitializeEx(nullptr, COINIT_MULTITHREADED);
  if (FAILED(hr)) return 1;
  static Outcome outcome;  // outlives every callback
  hr = Download(Wide(argv[1]).c_str(),
                Wide(std::filesystem::absolute(argv[2]).string()).c_str(), &outcome);
  if (SUCCEEDED(hr)) hr = outcome.wait();
  CoUninitialize();
  std::fprintf(stderr, FAILED(hr) ? "failed: 0x%08X\n" : "done\n", static_cast<unsigned>(hr));
  return FAILED(hr) ? 1 : 0;
}
