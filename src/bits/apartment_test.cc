// SPDX-License-Identifier: Apache-2.0
#include "bits/apartment.h"

#include <bits.h>
#include <gtest/gtest.h>

#include <thread>

namespace backhaul::bits {
namespace {

template <class Body>
void on_new_thread(Body body) {
  std::thread(body).join();
}

TEST(Apartment, SecondInitializationOfTheSameKindIsCountedAndOfTheOtherRefused) {
  on_new_thread([] {
    EXPECT_FALSE(in_apartment());
    EXPECT_EQ(CoInitializeEx(nullptr, COINIT_MULTITHREADED), S_OK);
    EXPECT_EQ(CoInitializeEx(nullptr, COINIT_MULTITHREADED), S_FALSE);
    EXPECT_EQ(CoInitialize(nullptr), RPC_E_CHANGED_MODE);
    CoUninitialize();
    EXPECT_TRUE(in_apartment());
    CoUninitialize();
    EXPECT_FALSE(in_apartment());
    CoUninitialize();
    EXPECT_FALSE(in_apartment());
    EXPECT_EQ(CoInitialize(nullptr), S_OK);
    EXPECT_EQ(CoInitializeEx(nullptr, COINIT_APARTMENTTHREADED | COINIT_DISABLE_OLE1DDE), S_FALSE);
    EXPECT_EQ(CoInitializeEx(nullptr, COINIT_MULTITHREADED), RPC_E_CHANGED_MODE);
    CoUninitialize();
    CoUninitialize();
  });
}

TEST(Apartment, BadArgumentsAreRefused) {
  on_new_thread([] {
    int reserved = 0;
    EXPECT_EQ(CoInitializeEx(&reserved, COINIT_MULTITHREADED), E_INVALIDARG);
    EXPECT_EQ(CoInitializeEx(nullptr, 0x100), E_INVALIDARG);
    EXPECT_FALSE(in_apartment());
  });
}

TEST(Apartment, EachThreadHasItsOwn) {
  on_new_thread([] {
    EXPECT_EQ(CoInitializeEx(nullptr, COINIT_MULTITHREADED), S_OK);
    on_new_thread([] {
      EXPECT_FALSE(in_apartment());
      EXPECT_EQ(CoInitialize(nullptr), S_OK);
      CoUninitialize();
    });
    CoUninitialize();
  });
}

TEST(Apartment, CallbacksRunInTheMultithreadedOne) {
  on_new_thread([] {
    {
      const CallbackScope scope;
      EXPECT_TRUE(in_apartment());
      EXPECT_EQ(CoInitialize(nullptr), RPC_E_CHANGED_MODE);
      EXPECT_EQ(CoInitializeEx(nullptr, COINIT_MULTITHREADED), S_FALSE);
      CoUninitialize();
      CoUninitialize();
      EXPECT_TRUE(in_apartment());
    }
    EXPECT_FALSE(in_apartment());
  });
}

TEST(Apartment, SecurityIsInitializedOnce) {
  const auto initialize = [] {
    return CoInitializeSecurity(nullptr, -1, nullptr, nullptr, RPC_C_AUTHN_LEVEL_CONNECT,
                                RPC_C_IMP_LEVEL_IMPERSONATE, nullptr, EOAC_NONE, nullptr);
  };
  EXPECT_EQ(initialize(), S_OK);
  EXPECT_EQ(initialize(), RPC_E_TOO_LATE);
  EXPECT_EQ(CoSetProxyBlanket(nullptr, 0, 0, nullptr, 0, 0, nullptr, 0), E_INVALIDARG);
}

}  // namespace
}  // namespace backhaul::bits
