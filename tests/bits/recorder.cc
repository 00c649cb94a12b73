// SPDX-License-Identifier: Apache-2.0
#include "tests/bits/recorder.h"

#include <memory>

namespace backhaul::test {

HRESULT Recorder::QueryInterface(REFIID riid, void** out) {
  const bool known = riid == IID_IUnknown || (level >= 1 && riid == IID_IBackgroundCopyCallback) ||
                     (level >= 2 && riid == IID_IBackgroundCopyCallback2);
  *out = known ? static_cast<IBackgroundCopyCallback2*>(this) : nullptr;
  if (known) AddRef();
  return known ? S_OK : E_NOINTERFACE;
}

ULONG Recorder::Release() {
  std::unique_lock lock(mutex_);
  const ULONG left = --references_;
  changed_.notify_all();
  lock.unlock();
  if (left == 0) delete this;
  return left;
}

HRESULT Recorder::record(Event event, const std::function<HRESULT()>& answer) {
  std::size_t place = 0;
  {
    const std::lock_guard lock(mutex_);
    place = calls_.size();
    calls_.push_back({event, std::chrono::steady_clock::now()});
  }
  // Also where the answer throws.
  const std::unique_ptr<void, std::function<void(void*)>> returned(this, [&](void*) {
    const std::lock_guard lock(mutex_);
    calls_[place].returned = true;
    changed_.notify_all();
  });
  return answer();
}

HRESULT Recorder::JobTransferred(IBackgroundCopyJob* job) {
  return record(Event::transferred, [&] { return on_transferred ? on_transferred(job) : S_OK; });
}

HRESULT Recorder::JobError(IBackgroundCopyJob* job, IBackgroundCopyError* error) {
  return record(Event::error, [&] { return on_error ? on_error(job, error) : S_OK; });
}

HRESULT Recorder::JobModification(IBackgroundCopyJob* job, DWORD) {
  return record(Event::modification, [&] { return on_modification ? on_modification(job) : S_OK; });
}

HRESULT Recorder::FileTransferred(IBackgroundCopyJob* job, IBackgroundCopyFile* file) {
  return record(Event::file, [&] { return on_file ? on_file(job, file) : S_OK; });
}

unsigned Recorder::count(Event event) const { return static_cast<unsigned>(times(event).size()); }

std::vector<Event> Recorder::events() const {
  const std::lock_guard lock(mutex_);
  std::vector<Event> all;
  for (const Call& call : calls_)
    if (call.returned) all.push_back(call.event);
  return all;
}

std::vector<std::chrono::steady_clock::time_point> Recorder::times(Event event) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::chrono::steady_clock::time_point> all;
  for (const Call& call : calls_)
    if (call.returned && call.event == event) all.push_back(call.when);
  return all;
}

bool Recorder::wait_for(Event event, unsigned calls, std::chrono::milliseconds limit) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [&] {
    unsigned seen = 0;
    for (const Call& call : calls_) seen += call.returned && call.event == event;
    return seen >= calls;
  });
}

bool Recorder::wait_for_references(ULONG number) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return references_ == number; });
}

Com<IBackgroundCopyManager> manager() {
  Com<IBackgroundCopyManager> made;
  const HRESULT hr = CoCreateInstance(__uuidof(BackgroundCopyManager), nullptr, CLSCTX_LOCAL_SERVER,
                                      IID_PPV_ARGS(&made));
  if (FAILED(hr)) fail("no manager: " + std::to_string(hr));
  return made;
}

Com<IBackgroundCopyJob> new_job() {
  Com<IBackgroundCopyJob> job;
  GUID id;
  if (FAILED(manager()->CreateJob(L"a job of a test", BG_JOB_TYPE_DOWNLOAD, &id, &job)))
    fail("no job");
  return job;
}

Com<IBackgroundCopyJob> job_with_file(const std::string& behaviours, std::string* path) {
  static std::atomic<int> number{0};
  const std::string name = "file" + std::to_string(++number);
  Stage::get().answer("/" + name, behaviours);
  if (path != nullptr) *path = "/" + name;
  Com<IBackgroundCopyJob> job = new_job();
  const HRESULT hr = job->AddFile(wide(Stage::get().url("/" + name)).c_str(),
                                  wide(Stage::get().folder(name)).c_str());
  if (FAILED(hr)) fail("AddFile: " + std::to_string(hr));
  return job;
}

BG_JOB_STATE state_of(IBackgroundCopyJob* job) {
  BG_JOB_STATE state = static_cast<BG_JOB_STATE>(-1);
  return SUCCEEDED(job->GetState(&state)) ? state : static_cast<BG_JOB_STATE>(-1);
}

bool wait_for_state(IBackgroundCopyJob* job, BG_JOB_STATE state, std::chrono::milliseconds limit) {
  return eventually([&] { return state_of(job) == state; }, limit);
}

Com<IBackgroundCopyJob> transferred_job() {
  Com<IBackgroundCopyJob> job = job_with_file("size=1000");
  if (FAILED(job->Resume()) || !wait_for_state(job, BG_JOB_STATE_TRANSFERRED))
    fail("the job does not come to its state");
  return job;
}

Com<IBackgroundCopyJob> failed_job() {
  Com<IBackgroundCopyJob> job = job_with_file("status=404");
  if (FAILED(job->Resume()) || !wait_for_state(job, BG_JOB_STATE_ERROR))
    fail("the job does not come to its state");
  return job;
}

std::wstring wide(const std::string& text) { return {text.begin(), text.end()}; }

std::string id_text(IBackgroundCopyJob* job) {
  GUID id = GUID_NULL;
  WCHAR text[39] = L"";
  job->GetId(&id);
  StringFromGUID2(id, text, 39);
  std::string narrow;
  for (const WCHAR* c = text; *c != 0; ++c) narrow.push_back(static_cast<char>(*c));
  return narrow;
}

Com<IUnknown> notify_interface(IBackgroundCopyJob* job) {
  Com<IUnknown> object;
  job->GetNotifyInterface(&object);
  return object;
}

}  // namespace backhaul::test
