// SPDX-License-Identifier: Apache-2.0
// A program written for BITS that makes a job, on the service that it asks for or gets: make_job NAME [system].
// Says what each step answered.
#include <bits.h>

#include <cstdio>
#include <string>

int main(int argc, char** argv) {
  const std::wstring name(argv[1], argv[1] + std::string(argv[1]).size());
  if (argc > 2) std::printf("%08x ", static_cast<unsigned>(backhaul_use_system_service()));
  HRESULT hr = CoInitializeEx(nullptr, COINIT_MULTITHREADED);
  IBackgroundCopyManager* manager = nullptr;
  if (SUCCEEDED(hr))
    hr = CoCreateInstance(__uuidof(BackgroundCopyManager), nullptr, CLSCTX_LOCAL_SERVER, IID_PPV_ARGS(&manager));
  GUID id;
  IBackgroundCopyJob* job = nullptr;
  if (SUCCEEDED(hr)) hr = manager->CreateJob(name.c_str(), BG_JOB_TYPE_DOWNLOAD, &id, &job);
  std::printf("%08x", static_cast<unsigned>(hr));
  if (SUCCEEDED(hr)) std::printf(" %08x", static_cast<unsigned>(backhaul_use_system_service()));
  if (job != nullptr) job->Release();
  if (manager != nullptr) manager->Release();
  CoUninitialize();
  return 0;
}
