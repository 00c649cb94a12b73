// SPDX-License-Identifier: Apache-2.0
#include "bits/names.h"

#include <gtest/gtest.h>

#include <string>

namespace backhaul::bits {
namespace {

std::wstring many(std::size_t n, wchar_t what = L'a') { return std::wstring(n, what); }

TEST(BitsNames, RemoteNamesHave2200UnitsAnd260InEachPartOfThePath) {
  EXPECT_TRUE(is_short_enough_remote(L""));
  EXPECT_TRUE(is_short_enough_remote((L"http://h/" + many(260)).c_str()));
  EXPECT_FALSE(is_short_enough_remote((L"http://h/" + many(261)).c_str()));
  EXPECT_FALSE(is_short_enough_remote((L"http://h/" + many(261) + L"/x").c_str()));
  const std::wstring query = L"http://h/x?";
  EXPECT_TRUE(is_short_enough_remote((query + many(2'200 - query.size())).c_str()));
  EXPECT_FALSE(is_short_enough_remote((query + many(2'201 - query.size())).c_str()));
}

TEST(BitsNames, LocalNamesHaveMaxPathUnits) {
  EXPECT_TRUE(is_short_enough_local((L"/" + many(259)).c_str()));
  EXPECT_FALSE(is_short_enough_local((L"/" + many(260)).c_str()));
  EXPECT_TRUE(is_short_enough_local(many(130, L'\U0001F600').c_str()));
  EXPECT_FALSE(is_short_enough_local(many(131, L'\U0001F600').c_str()));
}

}  // namespace
}  // namespace backhaul::bits
