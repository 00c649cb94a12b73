// SPDX-License-Identifier: Apache-2.0
// The other process of the tests, written against the BITS headers only: see peer.h.
#include <bits.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <mutex>
#include <sstream>
#include <string>

namespace {

std::mutex output_mutex;
std::FILE* output = stdout;

void say(const std::string& line) {
  const std::lock_guard lock(output_mutex);
  std::fprintf(output, "%s\n", line.c_str());
  std::fflush(output);
}

std::string code_text(HRESULT hr) {
  char text[11];
  std::snprintf(text, sizeof(text), "0x%08X", static_cast<unsigned>(hr));
  return text;
}

std::string id_text(IBackgroundCopyJob* job) {
  GUID id = GUID_NULL;
  WCHAR wide[39] = L"";
  job->GetId(&id);
  StringFromGUID2(id, wide, 39);
  return {wide, wide + 38};
}

std::mutex end_mutex;
std::condition_variable end_changed;
bool served = false;
bool over = false;

// Says what it is told. As the object of a class server it keeps the process alive.
class Listener final : public IBackgroundCopyCallback {
 public:
  Listener(HRESULT answer, bool block, bool server)
      : answer_(answer), block_(block), server_(server) {
    if (!server_) return;
    CoAddRefServerProcess();
    const std::lock_guard lock(end_mutex);
    served = true;
    end_changed.notify_all();
  }
  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** out) override {
    const bool known = riid == IID_IUnknown || riid == IID_IBackgroundCopyCallback;
    *out = known ? this : nullptr;
    if (known) AddRef();
    return known ? S_OK : E_NOINTERFACE;
  }
  ULONG STDMETHODCALLTYPE AddRef() override { return InterlockedIncrement(&references_); }
  ULONG STDMETHODCALLTYPE Release() override {
    const ULONG left = InterlockedDecrement(&references_);
    if (left == 0) delete this;
    return left;
  }
  HRESULT STDMETHODCALLTYPE JobTransferred(IBackgroundCopyJob* job) override {
    return told("transferred", job);
  }
  HRESULT STDMETHODCALLTYPE JobError(IBackgroundCopyJob* job, IBackgroundCopyError*) override {
    return told("error", job);
  }
  HRESULT STDMETHODCALLTYPE JobModification(IBackgroundCopyJob*, DWORD) override { return S_OK; }

 private:
  ~Listener() {
    if (!server_ || CoReleaseServerProcess() != 0) return;
    const std::lock_guard lock(end_mutex);
    over = true;
    end_changed.notify_all();
  }
  HRESULT told(const char* event, IBackgroundCopyJob* job) {
    say((server_ ? "" : "! ") + std::string(event) + " " + id_text(job));
    if (block_) {
      for (;;) pause();  // until the process is killed
    }
    return answer_;
  }

  ULONG references_ = 1;
  const HRESULT answer_;
  const bool block_;
  const bool server_;
};

class Factory final : public IClassFactory {
 public:
  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** out) override {
    const bool known = riid == IID_IUnknown || riid == IID_IClassFactory;
    *out = known ? this : nullptr;
    return known ? S_OK : E_NOINTERFACE;
  }
  ULONG STDMETHODCALLTYPE AddRef() override { return 2; }
  ULONG STDMETHODCALLTYPE Release() override { return 1; }
  HRESULT STDMETHODCALLTYPE CreateInstance(IUnknown* outer, REFIID riid, void** out) override {
    if (outer != nullptr) return CLASS_E_NOAGGREGATION;
    say("instance");
    auto* made = new Listener(S_OK, false, true);
    const HRESULT hr = made->QueryInterface(riid, out);
    made->Release();
    return hr;
  }
  HRESULT STDMETHODCALLTYPE LockServer(BOOL) override { return S_OK; }
};

CLSID read_clsid(const std::string& text) {
  CLSID clsid = GUID_NULL;
  CLSIDFromString(std::wstring(text.begin(), text.end()).c_str(), &clsid);
  return clsid;
}

int serve(const std::string& clsid, const char* log, const std::string& mode) {
  output = std::fopen(log, "ae");
  if (output == nullptr) return 1;
  say("start " + std::to_string(getpid()));
  if (mode == "never") {
    for (;;) pause();  // the bus gives up on it
  }
  static Factory factory;
  DWORD cookie = 0;
  HRESULT hr = CoRegisterClassObject(read_clsid(clsid), &factory, CLSCTX_LOCAL_SERVER,
                                     REGCLS_MULTIPLEUSE | REGCLS_SUSPENDED, &cookie);
  if (SUCCEEDED(hr)) hr = CoResumeClassObjects();
  if (FAILED(hr)) return say("failed " + code_text(hr)), 1;
  say("ready");
  {
    std::unique_lock lock(end_mutex);
    end_changed.wait_for(lock, std::chrono::seconds(60), [] { return served; });
    end_changed.wait_for(lock, std::chrono::seconds(60), [] { return over; });
  }
  CoRevokeClassObject(cookie);
  say("end");
  return 0;
}

std::string obey(std::istringstream& words, IBackgroundCopyManager* manager) {
  std::string verb, id, argument;
  words >> verb >> id >> argument;
  IBackgroundCopyJob* job = nullptr;
  HRESULT hr = manager->GetJob(read_clsid(id), &job);
  if (FAILED(hr)) return code_text(hr);
  std::string answer;
  if (verb == "object") {
    const auto code = static_cast<HRESULT>(std::strtoul(argument.c_str(), nullptr, 0));
    auto* listener = new Listener(code, argument == "block", false);
    answer = code_text(job->SetNotifyInterface(listener));
    listener->Release();
  } else if (verb == "clear") {
    answer = code_text(job->SetNotifyInterface(nullptr));
  } else if (verb == "interface") {
    IUnknown* object = nullptr;
    hr = job->GetNotifyInterface(&object);
    answer = FAILED(hr) ? code_text(hr) : object != nullptr ? "set" : "null";
    if (object != nullptr) object->Release();
  } else if (verb == "class") {
    IBackgroundCopyJob5* job5 = nullptr;
    BITS_JOB_PROPERTY_VALUE value;
    value.ClsID = read_clsid(argument);
    hr = job->QueryInterface(__uuidof(IBackgroundCopyJob5), reinterpret_cast<void**>(&job5));
    if (SUCCEEDED(hr)) hr = job5->SetProperty(BITS_JOB_PROPERTY_NOTIFICATION_CLSID, value);
    answer = code_text(hr);
    if (job5 != nullptr) job5->Release();
  }
  job->Release();
  return answer;
}

}  // namespace

int main(int argc, char** argv) {
  if (FAILED(CoInitializeEx(nullptr, COINIT_MULTITHREADED))) return 1;
  if (argc == 5 && std::strcmp(argv[4], "-Embedding") == 0) return serve(argv[1], argv[2], argv[3]);
  IBackgroundCopyManager* manager = nullptr;
  if (FAILED(CoCreateInstance(__uuidof(BackgroundCopyManager), nullptr, CLSCTX_LOCAL_SERVER,
                              IID_PPV_ARGS(&manager)))) {
    return 1;
  }
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    say("= " + obey(words, manager));
  }
  manager->Release();
  CoUninitialize();
  return 0;
}
