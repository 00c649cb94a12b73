// SPDX-License-Identifier: Apache-2.0
// Copies of finished parts, in a folder of the service's own.
#include "adapters/posix/posix_cache.h"

#include <filesystem>
#include <fstream>

#include "base/hex.h"
#include "tests/component/posix/files_fixture.h"

namespace backhaul::posix {
namespace {

class CacheTest : public FilesTest {
 protected:
  PosixCache& cache() {
    if (!cache_) cache_ = std::make_unique<PosixCache>(loop_, inbox_, owners(), folder_);
    return *cache_;
  }
  // A part of this content, and the order that copies it, by the digest of what came.
  ports::CopyOrder received(std::string_view content, std::uint8_t name = 1) {
    ports::OpenPart opened = request(1);
    opened.takes_digest = true;
    ports::Sink* sink = open(opened);
    BH_ASSERT(sink != nullptr);
    write(*sink, content);
    sink->end_of_data();
    const auto stored = answer<ports::PartStored>();
    close(1);
    ports::CopyOrder order{.id = {{name}},
                           .job = job_,
                           .owner = owner_,
                           .part = {0, 0, directory_ / "file"},
                           .size = content.size(),
                           .digest = "sha256:" + stored.received};
    return order;
  }
  ports::CopyMade make(const ports::CopyOrder& order) {
    cache().make(order);
    return answer<ports::CopyMade>();
  }
  ports::CacheLooked look(std::vector<ports::KnownCopy> known) {
    cache().look(std::move(known));
    return answer<ports::CacheLooked>();
  }
  std::string path_of(const ports::CopyOrder& order) const { return folder_ + "/" + base::to_hex(order.id); }
  static std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::size_t copies() const {
    const auto names = std::filesystem::directory_iterator(folder_);
    return static_cast<std::size_t>(std::distance(begin(names), end(names)));
  }

  const std::string folder_ = directory_ / "peer-cache";
  std::unique_ptr<PosixCache> cache_;
};

constexpr char sha256_of_abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST_F(CacheTest, ACopyIsPrivateAndHasTheBytesThatCame) {
  const ports::CopyOrder order = received("abc");
  EXPECT_EQ(order.digest, std::string("sha256:") + sha256_of_abc);
  EXPECT_FALSE(make(order).error);
  EXPECT_EQ(content_of(path_of(order)), "abc");
  struct stat info {};
  ASSERT_EQ(stat(path_of(order).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  ASSERT_EQ(stat(folder_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700U);
  EXPECT_EQ(copies(), 1U);
}

TEST_F(CacheTest, ALongFileIsCopiedWhole) {
  std::string content;
  while (content.size() < 3'000'000) content += std::to_string(content.size()) + ",";
  const ports::CopyOrder order = received(content);
  EXPECT_FALSE(make(order).error);
  EXPECT_EQ(content_of(path_of(order)), content);
}

TEST_F(CacheTest, WhatSomebodyWroteToThePartIsNotCopied) {
  const ports::CopyOrder order = received("abc");
  std::ofstream(part()) << "abd";
  const auto made = make(order);
  ASSERT_TRUE(made.error);
  EXPECT_EQ(made.error->code, Code::BG_E_LOCAL_FILE_CHANGED);
  EXPECT_EQ(copies(), 0U);
  std::ofstream(part()) << "abcd";
  EXPECT_EQ(make(order).error->code, Code::BG_E_LOCAL_FILE_CHANGED);
}

TEST_F(CacheTest, AFileThatIsInPlaceByThenIsCopiedFromThere) {
  const ports::CopyOrder order = received("abc");
  std::filesystem::rename(part(), order.part.local);
  EXPECT_FALSE(make(order).error);
  EXPECT_EQ(content_of(path_of(order)), "abc");
}

TEST_F(CacheTest, AFileThatIsGoneIsAnError) {
  const ports::CopyOrder order = received("abc");
  std::filesystem::remove(part());
  EXPECT_EQ(make(order).error->code, Code::FILE_NOT_FOUND);
}

TEST_F(CacheTest, ALinkInThePlaceOfThePartLeadsNowhere) {
  const ports::CopyOrder order = received("abc");
  std::filesystem::rename(part(), directory_ / "elsewhere");
  std::filesystem::create_symlink(directory_ / "elsewhere", part());
  EXPECT_TRUE(make(order).error);
}

TEST_F(CacheTest, AFolderThatOthersWriteToHoldsNoCopies) {
  std::filesystem::create_directory(folder_);
  std::filesystem::permissions(folder_, std::filesystem::perms::all);
  EXPECT_EQ(make(received("abc")).error->code, Code::E_ACCESSDENIED);
}

TEST_F(CacheTest, WhatNoRecordKnowsIsDeletedAndWhatIsMissingIsTold) {
  const ports::CopyOrder one = received("abc");
  EXPECT_FALSE(make(one).error);
  std::ofstream(folder_ + "/" + std::string(32, 'f')) << "of a record that was never written";
  std::ofstream(folder_ + "/" + std::string(32, 'e') + ".new") << "half";
  const base::RecordId other{{2}};
  const ports::CacheLooked looked = look({{one.id, 3}, {other, 3}});
  EXPECT_EQ(looked.lost, std::vector<base::RecordId>{other});
  EXPECT_FALSE(looked.error);
  EXPECT_GT(looked.volume, 0U);
  EXPECT_EQ(copies(), 1U);
  EXPECT_EQ(look({{one.id, 4}}).lost, std::vector<base::RecordId>{one.id}) << "of another size it is another file";
  EXPECT_EQ(copies(), 0U);
}

TEST_F(CacheTest, WithoutAFolderThereIsNothingAndNoneIsMade) {
  EXPECT_TRUE(look({}).lost.empty());
  EXPECT_FALSE(std::filesystem::exists(folder_));
}

TEST_F(CacheTest, OneThatIsNotWantedAnyMoreIsRemovedAlsoWhileItIsMade) {
  const ports::CopyOrder order = received("abc");
  EXPECT_FALSE(make(order).error);
  cache().remove(order.id);
  EXPECT_TRUE(wait([&] { return copies() == 0; }));
  cache().make(order);
  cache().remove(order.id);
  ports::CopyOrder another = order;
  another.id = {{2}};
  EXPECT_FALSE(make(another).error);
  EXPECT_TRUE(wait([&] { return copies() == 1; }));
  EXPECT_EQ(inbox_.count<ports::CopyMade>(), 2U) << "nobody is told of what nobody wants";
}

// Between two runs the bytes lay where others may have written to them.
TEST_F(CacheTest, TheDigestOfWhatCameIsOfOneRunAlone) {
  ports::OpenPart first = request(1);
  first.takes_digest = true;
  write(*open(first), "ab");
  close(1);
  const auto begun = last<ports::PartStored>();
  EXPECT_EQ(begun.received, "");
  ports::OpenPart second = resumed(first, begun, 2);
  second.last_write = begun.last_write;
  ports::Sink* sink = open(second);
  ASSERT_NE(sink, nullptr);
  write(*sink, "c");
  sink->end_of_data();
  const auto whole = answer<ports::PartStored>();
  EXPECT_TRUE(whole.final);
  EXPECT_EQ(whole.received, "");
  close(2);
}

TEST_F(CacheTest, TheDigestOfWhatCameIsTakenAnewWithANewPart) {
  ports::OpenPart opened = request(1);
  opened.takes_digest = true;
  ports::Sink* sink = open(opened);
  write(*sink, "other bytes");
  sink->restart(1, false);
  write(*sink, "abc");
  sink->end_of_data();
  EXPECT_EQ(answer<ports::PartStored>().received, sha256_of_abc);
  close(1);
}

TEST_F(CacheTest, NobodyPaysForADigestThatWasNotAskedFor) {
  EXPECT_EQ(store(1, "abc").received, "");
}

}  // namespace
}  // namespace backhaul::posix
