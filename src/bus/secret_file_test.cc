// SPDX-License-Identifier: Apache-2.0
#include "bus/secret_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <utility>

namespace backhaul::bus {
namespace {

using namespace std::string_literals;
using base::Code;
using base::Secret;

FileDescriptor memory_file(const std::string& content, int seals) {
  FileDescriptor file(memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  EXPECT_EQ(write(file.get(), content.data(), content.size()), static_cast<ssize_t>(content.size()));
  EXPECT_EQ(fcntl(file.get(), F_ADD_SEALS, seals), 0);
  return file;
}

constexpr int sealed = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK;

void expect_refused(int descriptor, const char* word) {
  const auto read = read_secret_file(descriptor);
  ASSERT_FALSE(read) << word;
  EXPECT_EQ(read.error().code, Code::E_INVALIDARG) << word;
  EXPECT_NE(read.error().text.find(word), std::string::npos) << read.error().text;
}

TEST(SecretFile, GivesBackWhatWasWrittenAndLetsNobodyChangeIt) {
  const auto file = make_secret_file({Secret("ana"), Secret("hunter2")});
  ASSERT_TRUE(file) << file.error().text;
  EXPECT_EQ(pwrite(file->get(), "x", 1, 0), -1);
  EXPECT_EQ(ftruncate(file->get(), 0), -1);
  for (int i = 0; i < 2; ++i) {
    const auto read = read_secret_file(file->get());
    ASSERT_TRUE(read) << read.error().text;
    EXPECT_EQ(read->user.reveal(), "ana");
    EXPECT_EQ(read->password.reveal(), "hunter2");
  }
}

TEST(SecretFile, IsNotMadeOfWhatWouldBeReadAsSomethingElse) {
  for (const auto& [user, password] : {std::pair{"a\0b"s, "p"s}, {"a"s, "p\0q"s}, {"\xff"s, "p"s}, {"a"s, "\xff"s}}) {
    const auto file = make_secret_file({Secret(user), Secret(password)});
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, Code::E_INVALIDARG);
  }
}

TEST(SecretFile, MayHaveAnEmptyUserOrPassword) {
  const auto file = memory_file("ana\0"s, sealed);
  const auto read = read_secret_file(file.get());
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->user.reveal(), "ana");
  EXPECT_EQ(read->password.reveal(), "");
  EXPECT_TRUE(read_secret_file(memory_file("\0"s, sealed).get()));
}

TEST(SecretFile, IsReadFromItsBeginningWhereverItStands) {
  const auto file = memory_file("ana\0hunter2"s, sealed);
  lseek(file.get(), 5, SEEK_SET);
  EXPECT_EQ(read_secret_file(file.get())->user.reveal(), "ana");
}

TEST(SecretFile, ThatSomebodyCouldStillChangeIsRefused) {
  for (const int some : {0, F_SEAL_WRITE, F_SEAL_GROW | F_SEAL_SHRINK, F_SEAL_WRITE | F_SEAL_GROW})
    expect_refused(memory_file("ana\0hunter2"s, some).get(), "sealed");
}

TEST(SecretFile, IsNoPipeNoFileAndNoDevice) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);  // empty: reading it would wait
  const FileDescriptor reader(ends[0]);
  const FileDescriptor writer(ends[1]);
  expect_refused(reader.get(), "sealed");
  expect_refused(FileDescriptor(open("/proc/self/exe", O_RDONLY | O_CLOEXEC)).get(), "sealed");
  expect_refused(FileDescriptor(open("/dev/null", O_RDONLY | O_CLOEXEC)).get(), "sealed");
  expect_refused(FileDescriptor(open("/", O_PATH | O_CLOEXEC)).get(), "sealed");
  expect_refused(-1, "sealed");
}

TEST(SecretFile, HasAnEnd) {
  const std::string longest = "u\0"s + std::string(secret_file_max - 2, 'p');
  const auto read = read_secret_file(memory_file(longest, sealed).get());
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->password.reveal().size(), secret_file_max - 2);
  expect_refused(memory_file(longest + "p", sealed).get(), "octets");
}

TEST(SecretFile, HasTwoTextsAndNoMore) {
  expect_refused(memory_file("", sealed).get(), "no NUL");
  expect_refused(memory_file("ana", sealed).get(), "no NUL");
  expect_refused(memory_file("ana\0hunter2\0"s, sealed).get(), "password with a NUL");
  expect_refused(memory_file("\xff\0hunter2"s, sealed).get(), "UTF-8");
  expect_refused(memory_file("ana\0\xff"s, sealed).get(), "UTF-8");
}

}  // namespace
}  // namespace backhaul::bus
