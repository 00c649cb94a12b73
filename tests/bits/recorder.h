// SPDX-License-Identifier: Apache-2.0
// A callback object that remembers what it was told, and answers as the test wants; and the small
// helpers with which the tests read like programs. BITS headers only.
#pragma once

#include <bits.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/bits/stage.h"

namespace backhaul::test {

// Holds one reference to an object.
template <class T>
class Com {
 public:
  Com() = default;
  Com(T* object) : object_(object) {
    if (object_ != nullptr) object_->AddRef();
  }
  Com(const Com& other) : Com(other.object_) {}
  Com(Com&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Com& operator=(Com other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Com() { reset(); }
  void reset() {
    if (T* object = std::exchange(object_, nullptr)) object->Release();
  }
  T** operator&() {
    reset();
    return &object_;
  }
  T* operator->() const { return object_; }
  T* get() const { return object_; }
  operator T*() const { return object_; }
  template <class Q>
  Com<Q> as() const {
    Com<Q> other;
    if (object_ != nullptr) object_->QueryInterface(__uuidof(Q), reinterpret_cast<void**>(&other));
    return other;
  }

 private:
  T* object_ = nullptr;
};

enum class Event { transferred, error, modification, file };

class Recorder final : public IBackgroundCopyCallback2 {
 public:
  using Answer = std::function<HRESULT(IBackgroundCopyJob*)>;

  // 0: answers no callback interface; 1: IBackgroundCopyCallback; 2: IBackgroundCopyCallback2 too.
  int level = 1;
  // Run in the callback; unset: S_OK.
  Answer on_transferred;
  std::function<HRESULT(IBackgroundCopyJob*, IBackgroundCopyError*)> on_error;
  Answer on_modification;
  std::function<HRESULT(IBackgroundCopyJob*, IBackgroundCopyFile*)> on_file;

  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** out) override;
  ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }
  ULONG STDMETHODCALLTYPE Release() override;
  HRESULT STDMETHODCALLTYPE JobTransferred(IBackgroundCopyJob* job) override;
  HRESULT STDMETHODCALLTYPE JobError(IBackgroundCopyJob* job, IBackgroundCopyError* error) override;
  HRESULT STDMETHODCALLTYPE JobModification(IBackgroundCopyJob* job, DWORD reserved) override;
  HRESULT STDMETHODCALLTYPE FileTransferred(IBackgroundCopyJob* job,
                                            IBackgroundCopyFile* file) override;

  // A call counts once it has returned, so that what its answer wrote can be read. In the order in which
  // they came.
  unsigned count(Event event) const;
  std::vector<Event> events() const;
  // When the call began.
  std::vector<std::chrono::steady_clock::time_point> times(Event event) const;
  ULONG references() const { return references_; }
  [[nodiscard]] bool wait_for(Event event, unsigned calls = 1,
                              std::chrono::milliseconds limit = patience) const;
  [[nodiscard]] bool wait_for_references(ULONG number) const;

 private:
  ~Recorder() = default;
  struct Call {
    Event event;
    std::chrono::steady_clock::time_point when;
    bool returned = false;
  };

  HRESULT record(Event event, const std::function<HRESULT()>& answer);

  std::atomic<ULONG> references_{0};
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<Call> calls_;
};

inline Com<Recorder> recorder() { return Com<Recorder>(new Recorder); }

inline constexpr ULONG both = BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR;

Com<IBackgroundCopyManager> manager();
Com<IBackgroundCopyJob> new_job();
// A job with one file that the server answers as told; not resumed. `path` gets the URL's path.
Com<IBackgroundCopyJob> job_with_file(const std::string& behaviours, std::string* path = nullptr);
BG_JOB_STATE state_of(IBackgroundCopyJob* job);
[[nodiscard]] bool wait_for_state(IBackgroundCopyJob* job, BG_JOB_STATE state,
                                  std::chrono::milliseconds limit = patience);
// A job that is TRANSFERRED, or in ERROR, without anybody having been told.
Com<IBackgroundCopyJob> transferred_job();
Com<IBackgroundCopyJob> failed_job();
std::wstring wide(const std::string& text);
std::string id_text(IBackgroundCopyJob* job);
Com<IUnknown> notify_interface(IBackgroundCopyJob* job);

}  // namespace backhaul::test
