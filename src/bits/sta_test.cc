// SPDX-License-Identifier: Apache-2.0
#include "bits/sta.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

namespace backhaul::bits {
namespace {

// A thread with a single-threaded apartment that does as `body` says.
template <class Body>
void in_sta(Body body) {
  std::thread([body] {
    ASSERT_EQ(CoInitializeEx(nullptr, COINIT_APARTMENTTHREADED), S_OK);
    body();
    CoUninitialize();
  }).join();
}

TEST(Messages, QuitComesAfterEverythingThatWasPosted) {
  in_sta([] {
    PostQuitMessage(7);
    EXPECT_TRUE(PostMessage(nullptr, WM_USER + 1, 2, 3));
    MSG message{};
    EXPECT_EQ(GetMessage(&message, nullptr, 0, 0), TRUE);
    EXPECT_EQ(message.message, static_cast<UINT>(WM_USER + 1));
    EXPECT_EQ(message.wParam, 2U);
    EXPECT_EQ(message.lParam, 3);
    EXPECT_EQ(PeekMessage(&message, nullptr, 0, 0, PM_NOREMOVE), TRUE);
    EXPECT_EQ(GetMessage(&message, nullptr, 0, 0), FALSE);
    EXPECT_EQ(message.message, static_cast<UINT>(WM_QUIT));
    EXPECT_EQ(message.wParam, 7U);
    EXPECT_EQ(PeekMessage(&message, nullptr, 0, 0, PM_REMOVE), FALSE);
  });
}

TEST(Messages, AFilterTakesItsRangeAndQuit) {
  in_sta([] {
    PostMessage(nullptr, WM_USER, 0, 0);
    PostMessage(nullptr, WM_APP, 0, 0);
    MSG message{};
    EXPECT_EQ(PeekMessage(&message, nullptr, WM_APP, WM_APP, PM_REMOVE), TRUE);
    EXPECT_EQ(message.message, static_cast<UINT>(WM_APP));
    EXPECT_EQ(PeekMessage(&message, nullptr, WM_APP, WM_APP, PM_REMOVE), FALSE);
    PostMessage(nullptr, WM_QUIT, 0, 0);
    EXPECT_EQ(GetMessage(&message, nullptr, WM_QUIT, WM_QUIT), FALSE);
    EXPECT_EQ(GetMessage(&message, nullptr, 0, 0), TRUE);
    EXPECT_EQ(message.message, static_cast<UINT>(WM_USER));
  });
}

TEST(Messages, ThereAreNoWindows) {
  const auto window = reinterpret_cast<HWND>(static_cast<LONG_PTR>(8));
  MSG message{};
  EXPECT_EQ(GetMessage(&message, window, 0, 0), -1);
  EXPECT_EQ(GetLastError(), static_cast<DWORD>(ERROR_INVALID_WINDOW_HANDLE));
  EXPECT_FALSE(PostMessage(window, WM_USER, 0, 0));
  EXPECT_FALSE(PeekMessage(nullptr, nullptr, 0, 0, PM_REMOVE));
}

TEST(Messages, AnotherThreadWakesTheLoop) {
  std::atomic<DWORD> id{0};
  std::thread loop([&] {
    MSG message{};
    PeekMessage(&message, nullptr, 0, 0, PM_NOREMOVE);  // makes the queue
    id = GetCurrentThreadId();
    id.notify_all();
    unsigned messages = 0;
    while (GetMessage(&message, nullptr, 0, 0)) ++messages;
    EXPECT_EQ(messages, 1U);
  });
  id.wait(0);
  EXPECT_TRUE(PostThreadMessage(id, WM_USER, 0, 0));
  EXPECT_TRUE(PostThreadMessage(id, WM_QUIT, 0, 0));
  loop.join();
  EXPECT_FALSE(PostThreadMessage(id, WM_USER, 0, 0));
  EXPECT_EQ(GetLastError(), static_cast<DWORD>(ERROR_INVALID_THREAD_ID));
}

TEST(Sta, CallsRunOnItsThreadAndOnlyWhileItPumps) {
  in_sta([] {
    const auto sta = Sta::current();
    const auto me = std::this_thread::get_id();
    std::atomic<int> ran{0};
    std::thread caller([&] {
      EXPECT_TRUE(sta->run_and_wait([&] {
        EXPECT_EQ(std::this_thread::get_id(), me);
        ++ran;
        PostMessage(nullptr, WM_QUIT, 0, 0);
      }));
    });
    // Waiting without pumping: the call has arrived and stays.
    EXPECT_EQ(MsgWaitForMultipleObjects(0, nullptr, FALSE, INFINITE, QS_ALLINPUT), WAIT_OBJECT_0);
    HANDLE event = CreateEvent(nullptr, TRUE, FALSE, nullptr);
    EXPECT_EQ(WaitForSingleObject(event, 1), WAIT_TIMEOUT);
    EXPECT_EQ(ran, 0);
    MSG message{};
    EXPECT_EQ(GetMessage(&message, nullptr, 0, 0), FALSE);  // what the call posted
    EXPECT_EQ(ran, 1);
    caller.join();
    CloseHandle(event);
  });
}

TEST(Sta, ALoopGetsToLookAfterEachCall) {
  in_sta([] {
    const auto sta = Sta::current();
    bool done = false;
    sta->run([] {});
    sta->run([&] { done = true; });
    MSG message{};
    unsigned turns = 0;
    while (!done && GetMessage(&message, nullptr, 0, 0)) {
      EXPECT_EQ(message.message, static_cast<UINT>(WM_NULL));
      DispatchMessage(&message);
      ++turns;
    }
    EXPECT_EQ(turns, 2U);
    sta->run([] {});
    EXPECT_TRUE(PeekMessage(&message, nullptr, 0, 0, PM_REMOVE));
    EXPECT_FALSE(PeekMessage(&message, nullptr, 0, 0, PM_REMOVE));
  });
}

TEST(Sta, ACallMayPumpAndIsEnteredAgain) {
  in_sta([] {
    const auto sta = Sta::current();
    std::string order;
    sta->run([&] {
      order += "(";
      sta->run([&] { order += "."; });
      MSG message{};
      while (PeekMessage(&message, nullptr, 0, 0, PM_REMOVE)) {
      }
      order += ")";
    });
    MSG message{};
    EXPECT_TRUE(PeekMessage(&message, nullptr, 0, 0, PM_REMOVE));
    EXPECT_EQ(order, "(.)");
  });
}

TEST(Sta, WaitingForTheServiceLetsCallsInAndLeavesMessages) {
  in_sta([] {
    const auto sta = Sta::current();
    PostMessage(nullptr, WM_USER, 0, 0);
    bool over = false;
    sta->run([&] { sta->run([&] { over = true; }); });
    sta->wait([&] { return over; });
    MSG message{};
    EXPECT_TRUE(PeekMessage(&message, nullptr, WM_USER, WM_USER, PM_REMOVE));
  });
}

TEST(Sta, CoWaitPumpsUntilTheHandleIsSet) {
  in_sta([] {
    HANDLE event = CreateEvent(nullptr, FALSE, FALSE, nullptr);
    const auto sta = Sta::current();
    sta->run([&] { SetEvent(event); });
    DWORD index = 5;
    EXPECT_EQ(CoWaitForMultipleHandles(COWAIT_DEFAULT, INFINITE, 1, &event, &index), S_OK);
    EXPECT_EQ(index, 0U);
    EXPECT_EQ(CoWaitForMultipleHandles(0, 1, 1, &event, &index), RPC_S_CALLPENDING);
    EXPECT_EQ(CoWaitForMultipleHandles(0, 1, 0, nullptr, &index), E_INVALIDARG);
    CloseHandle(event);
    EXPECT_EQ(CoWaitForMultipleHandles(0, 1, 1, &event, &index), E_INVALIDARG);
  });
}

struct Guest final : Tenant {
  void disconnect() override { gone = true; }
  bool gone = false;
};

TEST(Sta, TheLastUninitializeFailsCallsAndSendsTenantsAway) {
  const auto guest = std::make_shared<Guest>();
  std::shared_ptr<Sta> sta;
  std::thread caller;
  in_sta([&] {
    sta = Sta::current();
    sta->add(guest);
    EXPECT_EQ(CoInitialize(nullptr), S_FALSE);
    CoUninitialize();
    EXPECT_FALSE(guest->gone);
    caller = std::thread([&] { EXPECT_FALSE(sta->run_and_wait([] { ADD_FAILURE(); })); });
    EXPECT_EQ(MsgWaitForMultipleObjects(0, nullptr, FALSE, INFINITE, QS_ALLINPUT), WAIT_OBJECT_0);
  });
  caller.join();
  EXPECT_TRUE(guest->gone);
  EXPECT_FALSE(sta->run_and_wait([] { ADD_FAILURE(); }));
}

TEST(Sta, TheEndOfTheThreadFailsCallsAsWell) {
  std::shared_ptr<Sta> sta;
  std::thread caller;
  std::thread([&] {
    ASSERT_EQ(CoInitialize(nullptr), S_OK);
    sta = Sta::current();
    caller = std::thread([&] { EXPECT_FALSE(sta->run_and_wait([] { ADD_FAILURE(); })); });
    EXPECT_EQ(MsgWaitForMultipleObjects(0, nullptr, FALSE, INFINITE, QS_ALLINPUT), WAIT_OBJECT_0);
  }).join();
  caller.join();
}

TEST(Sta, ACallMayEndTheApartment) {
  std::thread([] {
    ASSERT_EQ(CoInitialize(nullptr), S_OK);
    Sta::current()->run([] { CoUninitialize(); });
    MSG message{};
    EXPECT_TRUE(PeekMessage(&message, nullptr, 0, 0, PM_REMOVE));
    EXPECT_EQ(Sta::current(), nullptr);
  }).join();
}

#if !defined(__SANITIZE_THREAD__)  // which does not follow a fork of a program with threads
TEST(Sta, AForkedChildHasAQueueAndAnApartmentOfItsOwn) {
  in_sta([] {
    Sta::current()->run([] { ADD_FAILURE(); });
    PostMessage(nullptr, WM_USER, 0, 0);
    const pid_t child = fork();
    if (child == 0) {
      MSG message{};
      const bool empty = !PeekMessage(&message, nullptr, 0, 0, PM_REMOVE);
      bool ran = false;
      Sta::current()->run([&] { ran = true; });
      PeekMessage(&message, nullptr, 0, 0, PM_REMOVE);
      CoUninitialize();
      _exit(empty && ran ? 0 : 1);
    }
    int status = -1;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  });
}
#endif

TEST(Events, AutomaticOnesLetOneThroughAndManualOnesAll) {
  HANDLE automatic = CreateEvent(nullptr, FALSE, TRUE, nullptr);
  HANDLE manual = CreateEventW(nullptr, TRUE, FALSE, nullptr);
  EXPECT_EQ(WaitForSingleObject(automatic, 0), WAIT_OBJECT_0);
  EXPECT_EQ(WaitForSingleObject(automatic, 0), WAIT_TIMEOUT);
  EXPECT_TRUE(SetEvent(manual));
  EXPECT_EQ(WaitForSingleObject(manual, INFINITE), WAIT_OBJECT_0);
  EXPECT_EQ(WaitForSingleObject(manual, 0), WAIT_OBJECT_0);
  const HANDLE both[] = {automatic, manual};
  EXPECT_EQ(WaitForMultipleObjects(2, both, FALSE, 0), WAIT_OBJECT_0 + 1);
  EXPECT_EQ(WaitForMultipleObjects(2, both, TRUE, 1), WAIT_TIMEOUT);
  std::thread other([&] { SetEvent(automatic); });
  EXPECT_EQ(WaitForMultipleObjects(2, both, TRUE, INFINITE), WAIT_OBJECT_0);
  other.join();
  EXPECT_TRUE(ResetEvent(manual));
  EXPECT_EQ(WaitForMultipleObjects(2, both, FALSE, 0), WAIT_TIMEOUT);
  EXPECT_TRUE(CloseHandle(automatic));
  EXPECT_TRUE(CloseHandle(manual));
  EXPECT_FALSE(CloseHandle(manual));
  EXPECT_EQ(WaitForSingleObject(manual, 0), WAIT_FAILED);
  EXPECT_EQ(GetLastError(), static_cast<DWORD>(ERROR_INVALID_HANDLE));
}

TEST(Events, EachWakesOneOfManyThatWait) {
  HANDLE turn = CreateEvent(nullptr, FALSE, FALSE, nullptr);
  std::atomic<int> through{0};
  std::vector<std::thread> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.emplace_back([&] {
      EXPECT_EQ(WaitForSingleObject(turn, INFINITE), WAIT_OBJECT_0);
      ++through;
      through.notify_all();
    });
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(through, i);
    SetEvent(turn);
    through.wait(i);
  }
  for (std::thread& one : waiting) one.join();
  CloseHandle(turn);
}

TEST(Events, ATimerIsSetWhenItIsDueAndAgainAfterEachPeriod) {
  HANDLE timer = CreateWaitableTimer(nullptr, FALSE, nullptr);
  LARGE_INTEGER due;
  due.QuadPart = -10'000;  // a millisecond
  EXPECT_TRUE(SetWaitableTimer(timer, &due, 1, nullptr, nullptr, FALSE));
  EXPECT_EQ(WaitForSingleObject(timer, INFINITE), WAIT_OBJECT_0);
  EXPECT_EQ(WaitForSingleObject(timer, INFINITE), WAIT_OBJECT_0);
  EXPECT_TRUE(CancelWaitableTimer(timer));
  EXPECT_FALSE(SetEvent(timer));
  CloseHandle(timer);
}

TEST(Time, SystemTimesAndFileTimesConvertBothWays) {
  const SYSTEMTIME leap = {2024, 2, 4, 29, 23, 59, 58, 123};
  FILETIME time;
  ASSERT_TRUE(SystemTimeToFileTime(&leap, &time));
  SYSTEMTIME back;
  ASSERT_TRUE(FileTimeToSystemTime(&time, &back));
  EXPECT_EQ(memcmp(&leap, &back, sizeof(leap)), 0);
  const FILETIME first = {0, 0};
  ASSERT_TRUE(FileTimeToSystemTime(&first, &back));
  EXPECT_EQ(back.wYear, 1601);
  const SYSTEMTIME none = {2023, 2, 0, 29, 0, 0, 0, 0};
  EXPECT_FALSE(SystemTimeToFileTime(&none, &time));
  FILETIME a, b;
  GetSystemTimeAsFileTime(&a);
  ASSERT_TRUE(FileTimeToLocalFileTime(&a, &b));
  GetSystemTimeAsFileTime(&b);
  EXPECT_LE(CompareFileTime(&a, &b), 0);
  const ULONGLONG ticks = GetTickCount64();
  EXPECT_LE(ticks, GetTickCount64());
}

TEST(Program, TellsItsPath) {
  WCHAR path[4096];
  const DWORD length = GetModuleFileName(nullptr, path, 4096);
  EXPECT_GT(length, 1U);
  EXPECT_EQ(path[0], L'/');
  EXPECT_EQ(GetModuleFileNameW(nullptr, path, 3), 3U);
  EXPECT_EQ(GetLastError(), static_cast<DWORD>(ERROR_INSUFFICIENT_BUFFER));
}

// What the documentation's polling page does: a named timer, whose name is of this process.
TEST(Names, ATimerWithANameIsWaitedForAndFoundAgain) {
  const HANDLE timer = CreateWaitableTimer(nullptr, FALSE, L"PollingTimer");
  ASSERT_NE(timer, nullptr);
  EXPECT_EQ(GetLastError(), DWORD{ERROR_SUCCESS});
  const HANDLE again = CreateWaitableTimer(nullptr, FALSE, L"Local\\PollingTimer");
  ASSERT_NE(again, nullptr);
  EXPECT_NE(again, timer);
  EXPECT_EQ(GetLastError(), DWORD{ERROR_ALREADY_EXISTS});
  const HANDLE nameless = CreateEvent(nullptr, TRUE, FALSE, nullptr);
  EXPECT_EQ(GetLastError(), DWORD{ERROR_SUCCESS}) << "what has no name cannot have been there";
  EXPECT_TRUE(CloseHandle(nameless));
  LARGE_INTEGER due;
  due.LowPart = static_cast<DWORD>(-10'000);  // a millisecond
  due.HighPart = -1;
  EXPECT_EQ(due.QuadPart, -10'000);
  EXPECT_TRUE(SetWaitableTimer(timer, &due, 0, nullptr, nullptr, FALSE));
  EXPECT_TRUE(CloseHandle(timer));
  EXPECT_EQ(WaitForSingleObject(again, 20'000), WAIT_OBJECT_0);
  EXPECT_TRUE(CloseHandle(again));
}

TEST(Names, BelongToOneKindOfObjectAndGoWithItsLastHandle) {
  const HANDLE event = CreateEvent(nullptr, TRUE, TRUE, L"Global\\One");
  ASSERT_NE(event, nullptr);
  EXPECT_EQ(CreateWaitableTimer(nullptr, TRUE, L"Global\\One"), nullptr);
  EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_HANDLE});
  const HANDLE other = CreateEvent(nullptr, TRUE, FALSE, L"One");
  EXPECT_EQ(GetLastError(), DWORD{ERROR_SUCCESS});
  EXPECT_EQ(WaitForSingleObject(other, 0), WAIT_TIMEOUT);
  const HANDLE same = CreateEvent(nullptr, TRUE, FALSE, L"Global\\One");
  EXPECT_EQ(WaitForSingleObject(same, 0), WAIT_OBJECT_0);
  for (const HANDLE one : {event, other, same}) EXPECT_TRUE(CloseHandle(one));
  const HANDLE timer = CreateWaitableTimer(nullptr, TRUE, L"Global\\One");
  EXPECT_NE(timer, nullptr);
  EXPECT_TRUE(CloseHandle(timer));
}

}  // namespace
}  // namespace backhaul::bits
