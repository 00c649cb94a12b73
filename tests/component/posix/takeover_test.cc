// SPDX-License-Identifier: Apache-2.0
// Parts that become another user's, by a service that is neither of the two (ports::Files::hand_over).
#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "tests/component/posix/owners_fixture.h"

namespace backhaul::posix {
namespace {

class Takeover : public OwnersTest {
 protected:
  // What alice's job received; it is closed.
  ports::HandedPart hers(const std::string& local, const std::string& content) {
    ports::Sink* const sink = open(request_of(alice, 1, local));
    BH_ASSERT(sink != nullptr);
    const ports::PartStored stored = receive(*sink, content);
    close(1);
    const ports::PublishFile file = to_publish(stored);
    return {.part = {0, stored.epoch, local, {}}, .recorded = file.recorded, .epoch = stored.epoch + 2};
  }
  ports::CopiedPart hand_over(const ports::HandedPart& part, uid_t to = bob) {
    files().hand_over({.job = job_, .from = {alice, {}}, .to = {to, {}}, .parts = {part}});
    const auto answer = this->answer<ports::HandedOver>();
    BH_ASSERT(answer.parts.size() == 1);
    return answer.parts[0];
  }
  std::string at(const ports::HandedPart& part, std::uint32_t epoch) const {
    return core::part_path(part.part.local, job_, 0, epoch).substr(path("").size());
  }
  bool is_there(const std::string& name) const {
    const As root(0);
    return exists(path(name));
  }
  static Code code_of(const ports::CopiedPart& copy) { return copy.error ? copy.error->code : Code::S_OK; }
};

TEST_F(Takeover, ThePartIsCopiedIntoAFileThatOnlyTheNewOwnerCanOpen) {
  const std::string local = path("sticky/file");
  const ports::HandedPart part = hers(local, "what is held");
  const ports::CopiedPart copy = hand_over(part);
  ASSERT_EQ(code_of(copy), Code::S_OK) << copy.error->text;
  const struct stat made = seen(at(part, copy.epoch));
  EXPECT_EQ(made.st_uid, bob);
  EXPECT_EQ(made.st_mode & 07777, 0600U);
  EXPECT_EQ(made.st_ino, copy.inode);
  EXPECT_NE(copy.inode, part.recorded.inode);
  EXPECT_EQ(copy.tail, part.recorded.tail);
  EXPECT_EQ(text_of(at(part, copy.epoch)), "what is held");
  {
    const As her(alice);
    EXPECT_EQ(::open(path(at(part, copy.epoch)).c_str(), O_WRONLY | O_CLOEXEC), -1);
    EXPECT_NE(unlink(path(at(part, copy.epoch)).c_str()), 0);
  }
  EXPECT_TRUE(is_there(at(part, part.part.epoch))) << "until the row says whose it is";
  files().discard({.job = job_, .owner = {alice, {}}, .parts = {part.part}});
  EXPECT_FALSE(answer<ports::Discarded>().leftovers);
  EXPECT_FALSE(is_there(at(part, part.part.epoch)));
  // He goes on with it.
  ports::OpenPart his = request_of(bob, 2, local);
  his.epoch = copy.epoch;
  his.stored = part.recorded.stored;
  his.device = copy.device;
  his.inode = copy.inode;
  his.mount = copy.mount;
  his.tail = copy.tail;
  his.last_write = copy.last_write;
  ports::Sink* const sink = open(his);
  ASSERT_NE(sink, nullptr);
  EXPECT_EQ(sink->taken(), 12U);
  const auto stored = receive(*sink, ", and the rest");
  close(2);
  EXPECT_EQ(publish_as(bob, stored, local), Code::S_OK);
  EXPECT_EQ(text_of("sticky/file"), "what is held, and the rest");
  EXPECT_EQ(seen("sticky/file").st_uid, bob);
}

TEST_F(Takeover, AnAttemptBeforeACrashIsInNobodysWay) {
  const ports::HandedPart part = hers(path("sticky/file"), "what is held");
  EXPECT_EQ(code_of(hand_over(part)), Code::S_OK);
  {
    const As him(bob);
    test::write_file(path(at(part, part.epoch)), "half");
  }
  const ports::CopiedPart again = hand_over(part);
  EXPECT_EQ(code_of(again), Code::S_OK);
  EXPECT_EQ(text_of(at(part, part.epoch)), "what is held");
}

TEST_F(Takeover, NothingIsCopiedIntoADirectoryThatOthersMayChange) {
  const ports::HandedPart part = hers(path("shared/file"), "what is held");
  EXPECT_EQ(code_of(hand_over(part)), Code::E_ACCESSDENIED);
  EXPECT_FALSE(is_there(at(part, part.epoch)));
  EXPECT_TRUE(is_there(at(part, part.part.epoch)));
}

TEST_F(Takeover, WhatIsGoneOrWasChangedIsNotCopied) {
  const ports::HandedPart part = hers(path("sticky/file"), "what is held");
  {
    const As her(alice);
    test::write_file(path(at(part, part.part.epoch)), "something else");
  }
  EXPECT_EQ(code_of(hand_over(part)), Code::BG_E_LOCAL_FILE_CHANGED);
  EXPECT_FALSE(is_there(at(part, part.epoch)));
  {
    const As her(alice);
    ASSERT_EQ(unlink(path(at(part, part.part.epoch)).c_str()), 0);
    ASSERT_EQ(symlink("/etc/passwd", path(at(part, part.part.epoch)).c_str()), 0);
  }
  EXPECT_NE(code_of(hand_over(part)), Code::S_OK);
  {
    const As her(alice);
    ASSERT_EQ(unlink(path(at(part, part.part.epoch)).c_str()), 0);
  }
  EXPECT_EQ(code_of(hand_over(part)), Code::FILE_NOT_FOUND);
  EXPECT_FALSE(is_there(at(part, part.epoch)));
}

TEST_F(Takeover, WhoHasNoHelperGetsNothing) {
  const ports::HandedPart part = hers(path("sticky/file"), "what is held");
  EXPECT_EQ(code_of(hand_over(part, nobody_here)), Code::E_ACCESSDENIED);
  EXPECT_FALSE(is_there(at(part, part.epoch)));
}

}  // namespace
}  // namespace backhaul::posix
