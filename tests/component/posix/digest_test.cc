// SPDX-License-Identifier: Apache-2.0
// What a whole part is read again for. The values are those of coreutils and of the RFCs.
#include <filesystem>

#include "tests/component/posix/files_fixture.h"

namespace backhaul::posix {
namespace {

using core::DigestAlgorithm;

class DigestTest : public FilesTest {
 protected:
  void store(std::string_view text) {
    ports::Sink* sink = open(request(1));
    ASSERT_NE(sink, nullptr);
    write(*sink, text);
    sink->end_of_data();
    ASSERT_TRUE(answer<ports::PartStored>().final);
  }
  std::vector<std::string> digests(const std::vector<DigestAlgorithm>& algorithms) {
    files().digest(base::TransferId{1}, {.algorithms = algorithms});
    std::vector<std::string> texts;
    for (const core::Digest& digest : answer<ports::PartDigested>().digests)
      texts.push_back(core::to_text(digest));
    return texts;
  }
};

TEST_F(DigestTest, EveryAlgorithmIsWhatOthersCompute) {
  store("abc");
  EXPECT_EQ(digests({DigestAlgorithm::sha256, DigestAlgorithm::blake2s_256, DigestAlgorithm::sha512,
                     DigestAlgorithm::blake2b_512}),
            (std::vector<std::string>{
                "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                "blake2s-256:508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982",
                "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
                "blake2b-512:ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
                "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923"}));
}

TEST_F(DigestTest, ALargePartIsReadWhole) {
  store(std::string(3'000'001, 'a'));
  EXPECT_EQ(digests({DigestAlgorithm::sha256}).front().size(), 71U);
  close(1);
}

TEST_F(DigestTest, PiecesHaveTheirOwn) {
  store("abcabca");
  files().digest(base::TransferId{1}, {.algorithms = {DigestAlgorithm::sha256},
                                       .pieces = core::PieceSize{DigestAlgorithm::sha1, 3}});
  const auto told = answer<ports::PartDigested>();
  EXPECT_EQ(told.digests.size(), 1U);
  EXPECT_EQ(told.pieces, "a9993e364706816aba3e25717850c26c9cd0d89d"
                         "a9993e364706816aba3e25717850c26c9cd0d89d"
                         "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8");
}

TEST_F(DigestTest, PiecesAcrossWhatIsReadInOneGo) {
  store(std::string(2'500'000, 'a'));
  files().digest(base::TransferId{1}, {.pieces = core::PieceSize{DigestAlgorithm::sha256, 999'999}});
  const std::string pieces = answer<ports::PartDigested>().pieces;
  ASSERT_EQ(pieces.size(), 3U * 64);
  EXPECT_EQ(pieces.substr(0, 64), pieces.substr(64, 64));
  EXPECT_NE(pieces.substr(0, 64), pieces.substr(128));
}

TEST_F(DigestTest, MorePiecesThanAnyFileHasAreNotComputed) {
  store(std::string(core::pieces_max + 1, 'a'));
  files().digest(base::TransferId{1}, {.pieces = core::PieceSize{DigestAlgorithm::sha256, 1}});
  EXPECT_EQ(answer<ports::PartDigested>().pieces, "");
}

TEST_F(DigestTest, WhatLiesThereIsWhatCounts) {
  store("abc");
  std::filesystem::resize_file(part(0), 2);
  files().digest(base::TransferId{1}, {.algorithms = {DigestAlgorithm::sha256}});
  ASSERT_TRUE(wait([&] { return inbox_.count<ports::PartFailed>() > 0; }));
}

TEST_F(DigestTest, AnotherFileInItsPlaceIsNotIt) {
  store("abc");
  const std::string path = part(0);
  std::filesystem::copy_file(path, path + "x");
  std::filesystem::rename(path + "x", path);
  files().digest(base::TransferId{1}, {.algorithms = {DigestAlgorithm::sha256}});
  ASSERT_TRUE(wait([&] { return inbox_.count<ports::PartFailed>() > 0; }));
  EXPECT_EQ(last<ports::PartFailed>().error.code, Code::BG_E_LOCAL_FILE_CHANGED);
}

TEST_F(DigestTest, AfterACloseNothingIsTold) {
  store(std::string(2'000'000, 'a'));
  files().digest(base::TransferId{1}, {.algorithms = {DigestAlgorithm::sha256}});
  close(1);
  EXPECT_EQ(inbox_.count<ports::PartDigested>() + inbox_.count<ports::PartFailed>(), 0U);
}

}  // namespace
}  // namespace backhaul::posix
