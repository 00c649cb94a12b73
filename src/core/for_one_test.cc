// SPDX-License-Identifier: Apache-2.0
// Which answers are for whoever asked, and what that makes of a file (peer-caching.md §5.4).
#include "core/conversation_for_test.h"

namespace backhaul::core {
namespace {

using namespace testing;

bool is_for_one(const std::string& line) { return head({ok, line}).for_one; }

TEST(ForOne, IsWhatNobodyElseWouldGet) {
  for (const char* line : {"Set-Cookie: a=b", "Vary: Cookie", "Cache-Control: private", "cache-control: NO-STORE",
                           "Cache-Control: max-age=5, private=\"x-a\"", "Cache-Control: public,no-store"})
    EXPECT_TRUE(is_for_one(line)) << line;
  for (const char* line : {"Cache-Control: public, max-age=5", "Cache-Control: no-cache", "Cache-Control:",
                           "X-Set-Cookie: a=b", "Cookie: a=b"})
    EXPECT_FALSE(is_for_one(line)) << line;
}

TEST(ForOne, IsTheFileWhereAnAnswerThatLedToItWas) {
  Talk plain;
  plain.answer({ok, all, v1});
  EXPECT_FALSE(plain.identity().for_one);
  Talk direct;
  direct.answer({ok, all, v1, "Set-Cookie: a=b"});
  EXPECT_TRUE(direct.identity().for_one);
  Talk led;
  EXPECT_TRUE(led.dropped({"HTTP/1.1 302 Found", "Location: http://b/f", "Cache-Control: private"}));
  led.answer({ok, all, v1});
  EXPECT_TRUE(led.identity().for_one);
}

TEST(ForOne, IsTheRestOfAFileThatWas) {
  RemoteRecord record = held();
  record.identity.for_one = true;
  Talk rest(record);
  rest.answer({partial, range(half), v1, dated});
  EXPECT_TRUE(rest.identity().for_one) << "what is held came for whoever asked";
  Talk anew(record);
  EXPECT_USE(anew.answer({ok, all, v2, redated}), anew);
  EXPECT_FALSE(anew.identity().for_one) << "nothing of that version did";
}

TEST(ForOne, IsAFileForWhichSomebodySaidWhoHeIs) {
  OriginMemory memory;
  const auto stay = [](const std::string&, const std::string& to) -> base::Result<std::string> { return to; };
  Conversation talk({.address = "http://host/f"}, {}, memory, stay, {}, {.server = {AuthScheme::basic}, .proxy = {}});
  talk.head(head({"HTTP/1.1 401 Unauthorized", "WWW-Authenticate: Basic realm=x"}));
  EXPECT_FALSE(talk.end(0, {}, {}));
  ASSERT_TRUE(talk.ask().server_login);
  talk.head(head({ok, all, v1}));
  EXPECT_TRUE(talk.identity().for_one);
}

}  // namespace
}  // namespace backhaul::core
