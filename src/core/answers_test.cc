// SPDX-License-Identifier: Apache-2.0
// What the error of an answer that does not fit says: each text is true of the answer that it names.
#include <string>
#include <vector>

#include "core/conversation_for_test.h"

namespace backhaul::core {
namespace {

using namespace testing;

TEST(Contradictions, NameWhatWasToldThenAndNow) {
  const std::string contradicts = "the server contradicts what it told before: ";
  const auto says = [](RemoteRecord record, const std::vector<std::string>& answer) {
    Talk talk(std::move(record));
    EXPECT_FALSE(talk.dropped(answer));
    EXPECT_EQ(static_cast<int>(talk.ending->doubt), static_cast<int>(Doubt::contradiction));
    return talk.text();
  };
  EXPECT_EQ(says(held(), {ok, "Content-Length: 80", dated, v1}),
            contradicts + "it tells 80 bytes where 1000000 bytes were told before of the same version (host)");
  EXPECT_EQ(says(held("", ""), {ok, "Content-Length: 80"}),
            contradicts + "it tells 80 bytes where 1000000 bytes were told before (host)");
  EXPECT_EQ(says(held(), {ok, all, "Content-Encoding: gzip", dated, v1}),
            contradicts + "it sends the file coded as gzip (1000000 bytes) and sent it without a coding (1000000 bytes) before, "
                          "as the same version (host)");
  EXPECT_EQ(says(held(), {partial, "Content-Length: 9", range(half), dated, v1}),
            "the answer contradicts itself: it is 206, and its length is not that of its Content-Range; it tells 1000000 "
            "bytes of the same version, as before (host)");
}

// Held is one version, the answer is refused as one of another.
TEST(Contradictions, NameTheVersionThatTheAnswerHasToBeOf) {
  Talk talk(held());
  EXPECT_TRUE(talk.dropped({partial, range(half, 1'999'999, 2'000'000), redated, v2}));
  ASSERT_EQ(talk.asked(), "whole");
  EXPECT_FALSE(talk.dropped({ok, all, redated, v2}));
  EXPECT_EQ(talk.text(), "the server contradicts what it told before: it tells 1000000 bytes where 2000000 bytes were told "
                         "before of the same version (host)");
}

TEST(Contradictions, BytesThatDifferAreNoOtherLength) {
  Talk talk(held());
  EXPECT_USE(talk.answer({partial, range(half - sample_bytes), dated, v1}), append);
  talk.compared(Sample::differs);
  EXPECT_FALSE(talk.end());
  EXPECT_EQ(talk.text(), "the server contradicts what it told before: the bytes before it are others; it tells 1000000 "
                         "bytes of the same version, as before (host)");
}

TEST(Contradictions, OnlyTheOwnerExpectedItsLength) {
  RemoteRecord record;
  record.expected_size = 1000;
  Talk talk(record);
  EXPECT_USE(talk.answer({ok, "Transfer-Encoding: chunked"}), append);
  EXPECT_FALSE(talk.end(1001));
  EXPECT_EQ(talk.text(), "the answer does not fit the file: the answer is longer than the file; it brought 1001 bytes where "
                         "1000 bytes are expected (host)");
}

TEST(Contradictions, ABodyThatGoesOnBehindItsRangeIsOne) {
  for (const std::uint32_t before : {0U, contradictions_max - 1}) {
    RemoteRecord record = held();
    record.contradictions = before;
    Talk talk(record);
    EXPECT_USE(talk.answer({partial, range(half), dated, v1}), append);
    talk.body_too_long();
    EXPECT_FALSE(talk.end(size - half, true));
    EXPECT_EQ(static_cast<int>(talk.ending->doubt), static_cast<int>(Doubt::contradiction));
    EXPECT_EQ(talk.code(), before == 0 ? base::Code::WINHTTP_INVALID_SERVER_RESPONSE : base::Code::BG_E_INVALID_SERVER_RESPONSE);
    EXPECT_EQ(talk.text(), "the answer contradicts itself: it goes on behind the range that it tells; it tells 1000000 bytes "
                           "of the same version, as before (host)");
  }
  RemoteRecord record;
  record.expected_size = 1000;
  Talk expected(record);
  EXPECT_USE(expected.answer({ok, "Transfer-Encoding: chunked"}), append);
  expected.body_too_long();
  EXPECT_FALSE(expected.end(0, true));
  EXPECT_EQ(expected.text(), "the answer does not fit the file: it goes on behind the 1000 bytes that are expected (host)");
}

// Of a size that nobody told, what is held is the least.
TEST(Contradictions, LessThanWhatIsHeldIsAnotherSize) {
  const std::string shorter = "Content-Length: 100000";
  Talk same(held(monday, "\"v1\"", base::size_unknown));
  EXPECT_FALSE(same.dropped({ok, shorter, dated, v1}));
  EXPECT_EQ(static_cast<int>(same.ending->doubt), static_cast<int>(Doubt::contradiction));
  EXPECT_EQ(same.text(), "the server contradicts what it told before: it tells 100000 bytes of the same version, of which "
                         "400000 bytes came before (host)");
  Talk silent(held("", "", base::size_unknown));
  EXPECT_FALSE(silent.dropped({ok, shorter}));
  EXPECT_EQ(static_cast<int>(silent.ending->doubt), static_cast<int>(Doubt::contradiction));
  Talk other(held(monday, "\"v1\"", base::size_unknown));
  EXPECT_USE(other.answer({ok, shorter, redated, v2}), anew) << "what differs is another version, as short as it likes";
  Talk exact(held(monday, "\"v1\"", base::size_unknown));
  EXPECT_TRUE(exact.dropped({ok, "Content-Length: 400000", dated, v1})) << "all of it may be here";
}

TEST(TransferCodings, ThatNobodyAskedForBringNothingOfTheFile) {
  for (const std::string line : {"Transfer-Encoding: gzip, chunked", "Transfer-Encoding: gzip"}) {
    Talk whole;
    EXPECT_FALSE(whole.dropped({ok, line}));
    EXPECT_EQ(whole.code(), base::Code::BG_E_INVALID_SERVER_RESPONSE);
    EXPECT_EQ(whole.text(), "the server sends the file in the transfer coding gzip, which was not asked for (host)");
    Talk rest(held());
    EXPECT_FALSE(rest.dropped({partial, range(half), dated, v1, line}));
    EXPECT_EQ(rest.code(), base::Code::BG_E_INVALID_SERVER_RESPONSE);
  }
  Talk page;
  EXPECT_FALSE(page.dropped({"HTTP/1.1 404 x", "Transfer-Encoding: gzip, chunked"}));
  EXPECT_EQ(page.code(), base::http_code(404)) << "how a page says no is no matter";
  Talk redirect;
  EXPECT_TRUE(redirect.dropped({"HTTP/1.1 302 x", "Location: http://host/g", "Transfer-Encoding: gzip, chunked"}));
  Talk stored;
  EXPECT_USE(stored.answer({ok, all, "Content-Encoding: gzip"}), append) << "that is the file as its server has it";
}

}  // namespace
}  // namespace backhaul::core
