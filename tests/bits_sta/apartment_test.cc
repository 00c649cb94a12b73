// SPDX-License-Identifier: Apache-2.0
// notifications.md N43, N44, N66–N69: on which thread callbacks come, and what they may do there.
// The main thread of the tests is in the multithreaded apartment.
#include <windows.h>

#include <atomic>
#include <thread>

#include "tests/bits/fixture.h"

namespace backhaul::test {
namespace {

constexpr auto a_while = std::chrono::milliseconds(300);

// A thread with a single-threaded apartment that does as `body` says.
template <class Body>
std::thread sta(Body body) {
  return std::thread([body] {
    ASSERT_EQ(CoInitializeEx(nullptr, COINIT_APARTMENTTHREADED), S_OK);
    body();
    CoUninitialize();
  });
}

// Until somebody posts the end.
int pump() {
  MSG message{};
  while (GetMessage(&message, nullptr, 0, 0)) DispatchMessage(&message);
  return static_cast<int>(message.wParam);
}

// Lets callbacks in until the condition holds; false when the time is over.
bool pump_until(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + patience;
  MSG message{};
  while (!condition()) {
    PeekMessage(&message, nullptr, 0, 0, PM_REMOVE);
    if (std::chrono::steady_clock::now() >= end) return false;
  }
  return true;
}

// Set once, waited for by other threads.
class Gate {
 public:
  ~Gate() { CloseHandle(event_); }
  void open() { SetEvent(event_); }
  bool wait() { return WaitForSingleObject(event_, 20'000) == WAIT_OBJECT_0; }

 private:
  const HANDLE event_ = CreateEvent(nullptr, TRUE, FALSE, nullptr);
};

TEST(BitsApartment, N66_EveryCallbackRunsOnTheThreadThatRegisteredWhileItPumps) {
  const auto object = recorder();
  const auto job = job_with_file("size=1000");
  Gate may_pump;
  sta([&] {
    const auto me = std::this_thread::get_id();
    object->level = 2;
    object->on_file = [&](IBackgroundCopyJob*, IBackgroundCopyFile*) {
      EXPECT_EQ(std::this_thread::get_id(), me);
      return S_OK;
    };
    object->on_modification = [&](IBackgroundCopyJob*) {
      EXPECT_EQ(std::this_thread::get_id(), me);
      return S_OK;
    };
    object->on_transferred = [&](IBackgroundCopyJob*) {
      EXPECT_EQ(std::this_thread::get_id(), me);
      PostQuitMessage(5);
      return S_OK;
    };
    ASSERT_EQ(job->SetNotifyFlags(both | BG_NOTIFY_JOB_MODIFICATION | BG_NOTIFY_FILE_TRANSFERRED),
              S_OK);
    ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
    std::thread([&] {
      ASSERT_EQ(CoInitializeEx(nullptr, COINIT_MULTITHREADED), S_OK);
      EXPECT_EQ(job->Resume(), S_OK);  // from elsewhere: our thread makes no call
      EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
      EXPECT_TRUE(never([&] { return object->count(Event::file) != 0; }, a_while));
      CoUninitialize();
    }).join();
    EXPECT_EQ(object->count(Event::transferred), 0U);
    EXPECT_EQ(pump(), 5);
    EXPECT_EQ(object->count(Event::file), 1U);
    EXPECT_EQ(object->count(Event::transferred), 1U);
  }).join();
  EXPECT_EQ(object->references(), 1U);  // the end of the apartment let go of it
}

TEST(BitsApartment, N66_TheLoopIsEndedByAMessagePostedInsideTheCallback) {
  const auto object = recorder();
  const auto job = failed_job();
  sta([&] {
    object->on_error = [](IBackgroundCopyJob* told, IBackgroundCopyError*) {
      EXPECT_EQ(told->Cancel(), S_OK);
      PostMessage(nullptr, WM_QUIT, 9, 0);
      return S_OK;
    };
    ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
    EXPECT_EQ(pump(), 9);
  }).join();
  EXPECT_EQ(state_of(job), BG_JOB_STATE_CANCELLED);
}

TEST(BitsApartment, N66_ACallOfBitsLetsCallbacksInWhileItWaits) {
  const auto object = recorder();
  const auto job = transferred_job();
  sta([&] {
    ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
    EXPECT_TRUE(eventually([&] {
      static_cast<void>(state_of(job));
      return object->count(Event::transferred) == 1;
    }));
  }).join();
}

TEST(BitsApartment, N66_CoWaitForMultipleHandlesLetsCallbacksIn) {
  const auto object = recorder();
  const auto job = transferred_job();
  sta([&] {
    HANDLE told = CreateEvent(nullptr, TRUE, FALSE, nullptr);
    object->on_transferred = [told](IBackgroundCopyJob*) {
      SetEvent(told);
      return S_OK;
    };
    ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
    DWORD index = 7;
    EXPECT_EQ(CoWaitForMultipleHandles(COWAIT_DEFAULT, 20'000, 1, &told, &index), S_OK);
    EXPECT_EQ(index, 0U);
    CloseHandle(told);
  }).join();
}

TEST(BitsApartment, N67_ACallbackThatMakesACallIsEnteredAgainByAModification) {
  const auto object = recorder();
  const auto job = job_with_file("size=1000");
  bool inside = false;
  bool again = false;
  sta([&] {
    object->on_modification = [&](IBackgroundCopyJob*) {
      again = again || inside;
      return S_OK;
    };
    object->on_transferred = [&](IBackgroundCopyJob* told) {
      inside = true;
      unsigned turn = 0;
      EXPECT_TRUE(eventually([&] {
        EXPECT_EQ(told->SetDescription(std::to_wstring(++turn).c_str()), S_OK);
        return again;
      }));
      inside = false;
      return S_OK;
    };
    ASSERT_EQ(job->SetNotifyFlags(both | BG_NOTIFY_JOB_MODIFICATION), S_OK);
    ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
    ASSERT_EQ(job->Resume(), S_OK);
    EXPECT_TRUE(pump_until([&] { return again && !inside; }));
    EXPECT_EQ(job->Cancel(), S_OK);
  }).join();
}

TEST(BitsApartment, N68_InTheMultithreadedApartmentNoLoopIsNeeded) {
  const auto object = recorder();
  const auto job = job_with_file("size=1000");
  const auto me = std::this_thread::get_id();
  Gate told;
  object->on_transferred = [&](IBackgroundCopyJob* one) {
    EXPECT_NE(std::this_thread::get_id(), me);
    EXPECT_EQ(one->Complete(), S_OK);
    told.open();
    return S_OK;
  };
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(told.wait());
}

// Answers what a JobModification asked for its progress got.
struct Progress {
  std::atomic<HRESULT> result{E_PENDING};
  void ask(IBackgroundCopyJob* job) {
    BG_JOB_PROGRESS progress{};
    result = job->GetProgress(&progress);
    EXPECT_EQ(progress.FilesTotal, 1U);
  }
};

TEST(BitsApartment, N43_ProgressInsideAModificationInTheSingleThreadedApartment) {
  const auto object = recorder();
  const auto job = job_with_file("size=1000");
  Progress progress;
  sta([&] {
    object->on_modification = [&](IBackgroundCopyJob* told) {
      progress.ask(told);
      return S_OK;
    };
    ASSERT_EQ(job->SetNotifyFlags(BG_NOTIFY_JOB_MODIFICATION), S_OK);
    ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
    ASSERT_EQ(job->Resume(), S_OK);
    EXPECT_TRUE(pump_until([&] { return progress.result != E_PENDING; }));
    EXPECT_EQ(progress.result, S_OK);
  }).join();
}

TEST(BitsApartment, N43_ProgressInsideAModificationInTheMultithreadedApartment) {
  const auto object = recorder();
  const auto job = job_with_file("size=1000");
  Progress progress;
  object->on_modification = [&](IBackgroundCopyJob* told) {
    progress.ask(told);
    return S_OK;
  };
  ASSERT_EQ(job->SetNotifyFlags(BG_NOTIFY_JOB_MODIFICATION), S_OK);
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(eventually([&] { return progress.result != E_PENDING; }));
  EXPECT_EQ(progress.result, S_OK);
  EXPECT_EQ(job->SetNotifyInterface(nullptr), S_OK);
  EXPECT_TRUE(object->wait_for_references(1));
}

TEST(BitsApartment, N44_TheLastReferenceEndsOnItsThreadAfterItsCallReturned) {
  class Object final : public IBackgroundCopyCallback {
   public:
    Object(bool* gone, std::thread::id thread) : gone_(gone), thread_(thread) {}
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** out) override {
      const bool known = riid == IID_IUnknown || riid == IID_IBackgroundCopyCallback;
      *out = known ? this : nullptr;
      if (known) AddRef();
      return known ? S_OK : E_NOINTERFACE;
    }
    // Not atomic: everything happens on one thread.
    ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }
    ULONG STDMETHODCALLTYPE Release() override {
      const ULONG left = --references_;
      if (left == 0) delete this;
      return left;
    }
    HRESULT STDMETHODCALLTYPE JobTransferred(IBackgroundCopyJob* job) override {
      EXPECT_EQ(job->SetNotifyInterface(nullptr), S_OK);
      for (int i = 0; i < 20; ++i) static_cast<void>(state_of(job));  // lets everything in
      EXPECT_FALSE(*gone_);
      return S_OK;
    }
    HRESULT STDMETHODCALLTYPE JobError(IBackgroundCopyJob*, IBackgroundCopyError*) override {
      return S_OK;
    }
    HRESULT STDMETHODCALLTYPE JobModification(IBackgroundCopyJob*, DWORD) override { return S_OK; }

   private:
    ~Object() {
      EXPECT_EQ(std::this_thread::get_id(), thread_);
      *gone_ = true;
    }
    ULONG references_ = 1;
    bool* const gone_;
    const std::thread::id thread_;
  };
  const auto job = transferred_job();
  bool gone = false;
  sta([&] {
    auto* object = new Object(&gone, std::this_thread::get_id());
    ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
    object->Release();
    EXPECT_TRUE(pump_until([&] { return gone; }));
  }).join();
  EXPECT_TRUE(gone);
}

// The clock of the service runs faster than ours, and it is its minute that counts: a second job
// is told again after so long while the first call is still out.
TEST(BitsApartment, N69_ACallbackMayBlockForMoreThanAMinute) {
  const auto slow = recorder();
  const auto job = job_with_file("size=1000");
  Gate go_on, in_call;
  std::atomic<int> calls{0};
  slow->level = 2;
  slow->on_file = [&](IBackgroundCopyJob*, IBackgroundCopyFile*) {
    ++calls;
    in_call.open();
    EXPECT_TRUE(go_on.wait());
    return S_OK;
  };
  ASSERT_EQ(job->SetNotifyFlags(both | BG_NOTIFY_FILE_TRANSFERRED), S_OK);
  ASSERT_EQ(job->SetNotifyInterface(slow), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(in_call.wait());

  const auto clock = recorder();
  const auto other = transferred_job();
  clock->on_transferred = [&](IBackgroundCopyJob*) { return E_FAIL; };
  ASSERT_EQ(other->SetMinimumRetryDelay(61), S_OK);
  ASSERT_EQ(other->SetNotifyInterface(clock), S_OK);
  ASSERT_TRUE(clock->wait_for(Event::transferred, 2));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(slow->count(Event::transferred), 0U);
  go_on.open();
  EXPECT_TRUE(slow->wait_for(Event::transferred));  // the answer counted: on with the next event
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(other->Cancel(), S_OK);
}

// Three of the four notifications that the service has under way wait for threads that do not pump.
TEST(BitsApartment, ThreadsThatDoNotPumpDoNotHoldUpTheOthers) {
  Gate over;
  std::vector<std::thread> asleep;
  for (int i = 0; i < 3; ++i) {
    const auto job = transferred_job();
    Gate registered;
    asleep.push_back(sta([&, job] {
      const auto object = recorder();
      EXPECT_EQ(job->SetNotifyInterface(object), S_OK);
      registered.open();
      EXPECT_TRUE(over.wait());
      EXPECT_EQ(job->Cancel(), S_OK);
    }));
    ASSERT_TRUE(registered.wait());
  }
  const auto object = recorder();
  std::vector<Com<IBackgroundCopyJob>> jobs;
  for (unsigned i = 1; i <= 5; ++i) {
    jobs.push_back(transferred_job());
    EXPECT_EQ(jobs.back()->SetNotifyInterface(object), S_OK);
    EXPECT_TRUE(object->wait_for(Event::transferred, i));
  }
  over.open();
  for (std::thread& one : asleep) one.join();
}

TEST(BitsApartment, WhatAnEndedApartmentWasToBeToldIsToldToTheNextObject) {
  const auto first = recorder();
  const auto second = recorder();
  const auto job = transferred_job();
  sta([&] { ASSERT_EQ(job->SetNotifyInterface(first), S_OK); }).join();
  EXPECT_TRUE(first->wait_for_references(1));
  ASSERT_EQ(job->SetNotifyInterface(second), S_OK);
  EXPECT_TRUE(second->wait_for(Event::transferred));
}

TEST(BitsApartment, N59_TheObjectOfAnEndedApartmentIsNoObjectAnyMore) {
  const auto object = recorder();
  const auto job = transferred_job();
  sta([&] { ASSERT_EQ(job->SetNotifyInterface(object), S_OK); }).join();
  EXPECT_TRUE(eventually([&] {
    Com<IUnknown> registered;
    return job->GetNotifyInterface(&registered) == S_OK && registered == nullptr;
  }));
}

}  // namespace
}  // namespace backhaul::test
