// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/account_lookup.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>

namespace backhaul::posix {
namespace {

AskAccounts that_returns(int error) {
  return [error](passwd* /*entry*/, char* /*texts*/, std::size_t /*size*/, passwd** found) {
    *found = nullptr;
    return error;
  };
}

TEST(AccountLookup, OnlyTheAnswerThatThereIsNoneMeansThatThereIsNone) {
  const auto gone = ask_accounts(that_returns(0));
  ASSERT_TRUE(gone);
  EXPECT_FALSE(gone->has_value());
}

TEST(AccountLookup, AServiceThatIsDownSaysNothing) {
  for (const int error : {ENOENT, ESRCH, EBADF, EPERM, EIO, EAGAIN, ENOMEM, EMFILE, ECONNREFUSED}) {
    const auto answer = ask_accounts(that_returns(error));
    ASSERT_FALSE(answer) << std::strerror(error);
    EXPECT_EQ(answer.error(), error);
  }
}

TEST(AccountLookup, AlsoWhereItLeavesTheErrorOfBefore) {
  errno = 0;
  const auto answer = ask_accounts([](passwd* /*entry*/, char* /*texts*/, std::size_t /*size*/, passwd** found) {
    *found = nullptr;
    return errno;
  });
  EXPECT_FALSE(answer);
}

TEST(AccountLookup, TextsHaveTheRoomThatTheyNeedAndNotAnyAmount) {
  std::size_t largest = 0;
  const auto wants = [&largest](std::size_t least) {
    return [&largest, least](passwd* entry, char* texts, std::size_t size, passwd** found) {
      largest = size;
      *found = nullptr;
      if (size < least) return ERANGE;
      std::strcpy(texts, "somebody");
      entry->pw_name = texts;
      entry->pw_uid = 1234;
      *found = entry;
      return 0;
    };
  };
  const auto answer = ask_accounts(wants(100'000));
  ASSERT_TRUE(answer && answer->has_value());
  EXPECT_EQ((*answer)->name, "somebody");
  EXPECT_EQ((*answer)->uid, 1234U);
  EXPECT_EQ((*answer)->home, "");
  const auto endless = ask_accounts(wants(std::size_t{1} << 40U));
  ASSERT_FALSE(endless);
  EXPECT_EQ(endless.error(), ERANGE);
  EXPECT_LE(largest, std::size_t{2} << 20U);
}

TEST(AccountLookup, RootIsFoundByItsNumber) {
  const auto root = account_numbered(0);
  ASSERT_TRUE(root && root->has_value());
  EXPECT_EQ((*root)->uid, 0U);
  const auto same = account_named((*root)->name);
  ASSERT_TRUE(same && same->has_value());
  EXPECT_EQ((*same)->uid, 0U);
}

}  // namespace
}  // namespace backhaul::posix
