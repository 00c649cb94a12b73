// SPDX-License-Identifier: Apache-2.0
#include "bits/names.h"

#include <gtest/gtest.h>

#include <string>

namespace backhaul::bits {
namespace {

std::wstring many(std::size_t n, wchar_t what = L'a') { return std::wstring(n, what); }

TEST(BitsNames, RemoteNamesHave2200UnitsAnd260InEachPartOfThePath) {
  EXPECT_TRUE(is_remote_of_bits(L""));
  EXPECT_TRUE(is_remote_of_bits((L"http://h/" + many(260)).c_str()));
  EXPECT_FALSE(is_remote_of_bits((L"http://h/" + many(261)).c_str()));
  EXPECT_FALSE(is_remote_of_bits((L"http://h/" + many(261) + L"/x").c_str()));
  const std::wstring query = L"http://h/x?";
  EXPECT_TRUE(is_remote_of_bits((query + many(2'200 - query.size())).c_str()));
  EXPECT_FALSE(is_remote_of_bits((query + many(2'201 - query.size())).c_str()));
}

TEST(BitsNames, LocalNamesHaveMaxPathUnits) {
  EXPECT_TRUE(is_local_of_bits((L"/" + many(259)).c_str()));
  EXPECT_FALSE(is_local_of_bits((L"/" + many(260)).c_str()));
  EXPECT_TRUE(is_local_of_bits(many(130, L'\U0001F600').c_str()));
  EXPECT_FALSE(is_local_of_bits(many(131, L'\U0001F600').c_str()));
}

TEST(BitsNames, NoneHasAWildcard) {
  for (const wchar_t* remote : {L"http://h/*.iso", L"http://h/a/*/b?x", L"/srv/*", L"/srv/a?"})
    EXPECT_FALSE(is_remote_of_bits(remote)) << std::wstring(remote).size();
  for (const wchar_t* remote : {L"http://h/a?b=*&c=?", L"http://h/a#*", L"/srv/a#b"})
    EXPECT_TRUE(is_remote_of_bits(remote)) << std::wstring(remote).size();
  for (const wchar_t* local : {L"/d/*", L"/d/a?", L"/?/a"}) EXPECT_FALSE(is_local_of_bits(local));
  EXPECT_TRUE(is_local_of_bits(L"/d/a#b"));
}

}  // namespace
}  // namespace backhaul::bits
