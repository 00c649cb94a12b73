// SPDX-License-Identifier: Apache-2.0
// notify_validate URL FILE CRC32 [URL FILE CRC32]...: downloads files in the background and checks
// each as soon as it is there, before anybody can see it under its own name.
//
// A file that is not what it should be is thrown away and puts the job into an error; Resume would
// fetch it again. The callbacks come on the main thread, in its message loop, as for every thread
// in a single-threaded apartment.
//
//   g++ notify_validate.cc $(pkg-config --cflags --libs backhaul-bits) -o notify_validate
#include <bits.h>
#include <strsafe.h>
#include <windows.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

static std::wstring Wide(const std::string& text) {
  std::vector<WCHAR> wide(text.size() + 1);
  StringCchPrintfW(wide.data(), wide.size(), L"%S", text.c_str());
  return wide.data();
}

static std::string Narrow(LPCWSTR text) {
  std::vector<char> narrow(4 * wcslen(text) + 1);
  StringCchPrintfA(narrow.data(), narrow.size(), "%S", text);
  return narrow.data();
}

// Checksums by local name.
using Expectations = std::map<std::wstring, std::uint32_t>;

static bool Crc32(const std::string& file, std::uint32_t* result) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return false;
  std::uint32_t crc = 0xFFFFFFFF;
  for (char c = 0; in.get(c);) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
  }
  *result = ~crc;
  return in.eof();
}

class CValidator final : public IBackgroundCopyCallback2 {
 public:
  explicit CValidator(const Expectations& expectations) : m_cRef(1), m_expectations(expectations) {}

  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
    if (ppvObject == nullptr) return E_POINTER;
    *ppvObject = nullptr;
    if (riid != __uuidof(IUnknown) && riid != __uuidof(IBackgroundCopyCallback) &&
        riid != __uuidof(IBackgroundCopyCallback2)) {
      return E_NOINTERFACE;
    }
    *ppvObject = static_cast<IBackgroundCopyCallback2*>(this);
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

  // The bytes are all here, under a temporary name. The next file is told when this has returned.
  HRESULT STDMETHODCALLTYPE FileTransferred(IBackgroundCopyJob*,
                                            IBackgroundCopyFile* pFile) override {
    IBackgroundCopyFile3* pFile3 = nullptr;
    HRESULT hr = pFile->QueryInterface(&pFile3);
    if (FAILED(hr)) return hr;
    LPWSTR name = nullptr, temporary = nullptr;
    hr = pFile3->GetLocalName(&name);
    if (SUCCEEDED(hr)) hr = pFile3->GetTemporaryName(&temporary);
    if (SUCCEEDED(hr)) {
      const bool good = IsGood(name, temporary);
      wprintf(L"%s: %s\n", name, good ? L"good" : L"bad");
      hr = pFile3->SetValidationState(good);
    }
    CoTaskMemFree(name);
    CoTaskMemFree(temporary);
    pFile3->Release();
    return hr;
  }

  // Every file is here, and none was bad: a bad one puts the job into an error instead.
  HRESULT STDMETHODCALLTYPE JobTransferred(IBackgroundCopyJob* pJob) override {
    m_result = pJob->Complete();
    PostQuitMessage(0);
    return S_OK;
  }

  HRESULT STDMETHODCALLTYPE JobError(IBackgroundCopyJob*, IBackgroundCopyError* pError) override {
    BG_ERROR_CONTEXT context = BG_ERROR_CONTEXT_NONE;
    pError->GetError(&context, &m_result);
    LPWSTR text = nullptr;
    if (SUCCEEDED(pError->GetErrorDescription(LANGIDFROMLCID(GetThreadLocale()), &text))) {
      fwprintf(stderr, L"%s\n", text);
      CoTaskMemFree(text);
    }
    PostQuitMessage(0);
    return S_OK;
  }

  HRESULT STDMETHODCALLTYPE JobModification(IBackgroundCopyJob*, DWORD) override { return S_OK; }

  HRESULT Result() const { return m_result; }

 private:
  ~CValidator() = default;

  bool IsGood(LPCWSTR name, LPCWSTR temporary) const {
    const auto expected = m_expectations.find(name);
    std::uint32_t crc = 0;
    return expected != m_expectations.end() && Crc32(Narrow(temporary), &crc) &&
           crc == expected->second;
  }

  LONG m_cRef;
  const Expectations m_expectations;
  HRESULT m_result = E_FAIL;
};

static HRESULT CreateJob(IBackgroundCopyJob** ppJob) {
  IBackgroundCopyManager* pManager = nullptr;
  HRESULT hr = CoCreateInstance(__uuidof(BackgroundCopyManager), nullptr, CLSCTX_LOCAL_SERVER,
                                IID_PPV_ARGS(&pManager));
  if (FAILED(hr)) return hr;
  GUID id;
  hr = pManager->CreateJob(L"notify_validate", BG_JOB_TYPE_DOWNLOAD, &id, ppJob);
  pManager->Release();
  return hr;
}

// Starts the job and lets callbacks in until one of them ends the loop.
static HRESULT Run(IBackgroundCopyJob* pJob, CValidator* pNotify) {
  HRESULT hr = pJob->SetNotifyInterface(pNotify);
  if (SUCCEEDED(hr)) {
    hr = pJob->SetNotifyFlags(BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR |
                              BG_NOTIFY_FILE_TRANSFERRED);
  }
  if (SUCCEEDED(hr)) hr = pJob->Resume();
  if (FAILED(hr)) return hr;
  MSG msg;
  while (GetMessage(&msg, nullptr, 0, 0) > 0) DispatchMessage(&msg);
  return pNotify->Result();
}

int main(int argc, char** argv) {
  if (argc < 4 || argc % 3 != 1) {
    std::fputs("usage: notify_validate URL FILE CRC32 [URL FILE CRC32]...\n", stderr);
    return 2;
  }
  HRESULT hr = CoInitializeEx(nullptr, COINIT_APARTMENTTHREADED);
  if (FAILED(hr)) return 1;
  IBackgroundCopyJob* pJob = nullptr;
  hr = CreateJob(&pJob);
  Expectations expectations;
  for (int i = 1; SUCCEEDED(hr) && i < argc; i += 3) {
    const std::wstring file = Wide(std::filesystem::absolute(argv[i + 1]).string());
    hr = pJob->AddFile(Wide(argv[i]).c_str(), file.c_str());
    expectations[file] = static_cast<std::uint32_t>(std::strtoul(argv[i + 2], nullptr, 16));
  }
  if (pJob != nullptr) {
    CValidator* pNotify = new CValidator(expectations);
    if (SUCCEEDED(hr)) hr = Run(pJob, pNotify);
    // Ours goes before we do: nobody is to be told any more. After Complete it has gone already.
    pJob->SetNotifyInterface(nullptr);
    if (FAILED(hr)) pJob->Cancel();
    pNotify->Release();
    pJob->Release();
  }
  CoUninitialize();
  if (FAILED(hr)) std::fprintf(stderr, "failed: 0x%08X\n", static_cast<unsigned>(hr));
  return FAILED(hr) ? 1 : 0;
}
