// SPDX-License-Identifier: Apache-2.0
// Between standard headers, with the using directive that old sources have, and around sd-bus.
#include <atomic>
#include <cstddef>
#include <map>
#include <string>
#include <bits10_3.h>
#if defined(__has_include)
#if __has_include(<systemd/sd-bus.h>)
#include <systemd/sd-bus.h>
#endif
#endif
#include <algorithm>
#include <condition_variable>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

using namespace std;

vector<BYTE> bytes(IBackgroundCopyJob2* job) {
  BYTE* data = NULL;
  UINT64 length = 0;
  if (FAILED(job->GetReplyData(&data, &length))) return {};
  vector<BYTE> copy(data, data + length);
  CoTaskMemFree(data);
  return copy;
}

map<wstring, GUID> ids(IBackgroundCopyJob* job) {
  map<wstring, GUID> all;
  LPWSTR name = NULL;
  GUID id = GUID_NULL;
  if (SUCCEEDED(job->GetId(&id)) && SUCCEEDED(job->GetDisplayName(&name))) all[name] = id;
  CoTaskMemFree(name);
  return all;
}
