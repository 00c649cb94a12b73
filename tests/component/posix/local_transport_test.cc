// SPDX-License-Identifier: Apache-2.0
// Files of this machine as remote ones: what is continued, what begins anew, what is refused.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "adapters/posix/local_transport.h"
#include "core/request_options.h"
#include "tests/component/posix/files_fixture.h"

namespace backhaul::posix {
namespace {

class LocalTransportTest : public FilesTest {
 protected:
  std::string source(const std::string& text) {
    const std::string path = directory_ / "source";
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  // A transfer into the part of transfer 1, with what is held of it.
  void start(ports::Sink& sink, const std::string& address, core::RemoteRecord record = {},
             std::uint32_t acl = 0) {
    transport_.start({.transfer = base::TransferId{1},
                      .source = {.address = address},
                      .record = std::move(record),
                      .options = {.acl = acl},
                      .owner = {.uid = geteuid()}},
                     sink);
  }
  ports::TransferEnded ended() {
    EXPECT_TRUE(wait([&] { return inbox_.count<ports::TransferEnded>() > 0; }));
    return last<ports::TransferEnded>();
  }
  Code failure_of(const std::string& address) {
    ports::Sink* sink = open(request(1));
    start(*sink, address);
    const auto end = ended();
    text_ = end.error ? end.error->text : std::string();
    return end.error ? end.error->code : Code::S_OK;
  }
  // Of the file that was put in place, where its source has these permissions.
  mode_t mode_of_copy(mode_t mode, std::uint32_t acl) {
    const std::string path = source("text");
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    ports::Sink* sink = open(request(1));
    start(*sink, path, {}, acl);
    EXPECT_FALSE(ended().error);
    EXPECT_TRUE(wait([&] { return inbox_.count<ports::PartStored>() > 0; }));
    const auto stored = last<ports::PartStored>();
    close(1);
    files().publish({.job = job_, .owner = owner_, .files = {to_publish(stored)}, .drop = {}});
    EXPECT_EQ(answer<ports::Published>().files.at(0).placing, ports::Placing::in_place);
    struct stat info {};
    EXPECT_EQ(stat((directory_ / "file").c_str(), &info), 0);
    return info.st_mode & 07777;
  }
  LocalTransport transport_{loop_, inbox_, owners()};
  std::string text_;  // of the last failure
};

TEST_F(LocalTransportTest, EveryByteIsCopied) {
  std::string text;
  for (int i = 0; text.size() < 2'000'000; ++i) text += std::to_string(i);
  ports::Sink* sink = open(request(1));
  start(*sink, "file://" + source(text));
  EXPECT_FALSE(ended().error);
  ASSERT_TRUE(wait([&] { return inbox_.count<ports::PartStored>() > 0; }));
  EXPECT_TRUE(last<ports::PartStored>().final);
  EXPECT_TRUE(content(part(0)) == text);
  const auto head = last<ports::HeadReceived>();
  EXPECT_EQ(head.identity.size, text.size());
  EXPECT_FALSE(head.identity.last_modified.empty());
}

TEST_F(LocalTransportTest, WhatIsHeldIsContinuedAndAnotherVersionBeginsAnew) {
  const std::string path = source(std::string(600'000, 'a') + "z");
  ports::Sink* sink = open(request(1));
  start(*sink, path);
  EXPECT_FALSE(ended().error);
  core::RemoteRecord record;
  record.identity = last<ports::HeadReceived>().identity;
  close(1);
  for (const bool changed : {false, true}) {
    if (changed) source(std::string(600'000, 'b') + "y");
    auto again = request(changed ? 3 : 2, changed ? 2 : 1);
    ports::Sink* part_sink = open(again);
    write(*part_sink, std::string(100'000, 'a'));
    record.held = core::Extents::until(100'000);
    inbox_.events.clear();
    transport_.start({.transfer = again.transfer,
                      .source = {.address = path},
                      .record = record,
                      .owner = {.uid = geteuid()}},
                     *part_sink);
    EXPECT_FALSE(ended().error);
    EXPECT_EQ(last<ports::HeadReceived>().restarted, changed);
    EXPECT_TRUE(wait([&] { return inbox_.count<ports::PartStored>() > 0; }));
    EXPECT_EQ(last<ports::PartStored>().stored.prefix(), 600'001U);
  }
}

// A log that is always written to: tried again, three times at most.
TEST_F(LocalTransportTest, AFileThatIsWrittenToMeanwhileIsOfNoVersion) {
  for (const std::uint32_t before : {0U, 1U, 2U}) {
    const std::string path = source(std::string(64'000'000, 'a'));
    auto asked = request(before + 1);
    ports::Sink* sink = open(asked);
    core::RemoteRecord record;
    record.contradictions = before;
    transport_.start({.transfer = asked.transfer,
                      .source = {.address = path},
                      .record = record,
                      .owner = {.uid = geteuid()}},
                     *sink);
    ASSERT_TRUE(wait([&] { return inbox_.count<ports::HeadReceived>() > 0; }));
    std::ofstream(path, std::ios::app) << "one more line";
    const auto end = ended();
    ASSERT_TRUE(end.error);
    EXPECT_EQ(end.error->code, before < 2 ? Code::WINHTTP_CONNECTION_ERROR : Code::BG_E_REMOTE_FILE_CHANGED);
    EXPECT_EQ(static_cast<int>(end.doubt), static_cast<int>(core::Doubt::contradiction));
    close(before + 1);
    inbox_.events.clear();
  }
}

TEST_F(LocalTransportTest, RangesAreThoseOfAnyServer) {
  std::string text;
  for (int i = 0; text.size() < 2'000'000; ++i) text += std::to_string(i);
  core::RemoteRecord record;
  record.wanted = core::Wanted::of_ranges({{1'000'000, 500'000}, {10, 20}, {1'999'990, core::to_end_of_file}}).value();
  ports::Sink* sink = open(request(1));
  start(*sink, source(text), record);
  EXPECT_FALSE(ended().error);
  ASSERT_TRUE(wait([&] { return inbox_.count<ports::PartStored>() > 0 && last<ports::PartStored>().final; }));
  EXPECT_TRUE(content(part(0)) == text.substr(1'000'000, 500'000) + text.substr(10, 20) + text.substr(1'999'990));
}

TEST_F(LocalTransportTest, RangesBehindItsEndAreRefused) {
  core::RemoteRecord record;
  record.wanted = core::Wanted::of_ranges({{1000, 10}}).value();
  ports::Sink* sink = open(request(1));
  start(*sink, source("short"), record);
  EXPECT_EQ(ended().error->code, Code::BG_E_INVALID_RANGE);
}

// jobs.md §15. What the copy took over stays when it is put in place, and the mark of it does not.
TEST_F(LocalTransportTest, TheCopyTakesPermissionsOverWhereTheFlagsSaySo) {
  EXPECT_EQ(mode_of_copy(0604, core::acl::dacl | core::acl::sacl), 0604U);
}

TEST_F(LocalTransportTest, TheCopyHasTheUsualPermissionsWhereTheFlagsNameOthers) {
  EXPECT_EQ(mode_of_copy(0604, core::acl::owner | core::acl::group), 0666U & ~022U);
}

TEST_F(LocalTransportTest, WhatIsMissingOrNoOrdinaryFileIsRefused) {
  EXPECT_EQ(failure_of(directory_ / "none"), Code::FILE_NOT_FOUND);
}

TEST_F(LocalTransportTest, ADirectoryIsNoFile) {
  EXPECT_EQ(failure_of("/proc"), Code::BAD_FILE_TYPE);
  EXPECT_EQ(text_, "/proc is a directory.");
}

TEST_F(LocalTransportTest, ASocketIsNamedAsOne) {
  const std::string socket = directory_ / "socket";
  ASSERT_EQ(mknod(socket.c_str(), S_IFSOCK | 0600, 0), 0);
  EXPECT_EQ(failure_of(socket), Code::BAD_FILE_TYPE);
  EXPECT_EQ(text_, socket + " is a socket.");
}

TEST_F(LocalTransportTest, LinksInACircleLeadToNoFile) {
  const std::string link = directory_ / "circle";
  std::filesystem::create_symlink("circle", link);
  EXPECT_EQ(failure_of(link), Code::FILE_NOT_FOUND);
  EXPECT_NE(text_.find("round in a circle"), std::string::npos) << text_;
}

// The attributes of /sys tell the size of a page, whatever is in them.
TEST_F(LocalTransportTest, WhatHasFewerBytesThanItTellsIsNoFileAndNotOneThatChanged) {
  struct stat info {};
  const char* const attribute = "/sys/kernel/uevent_seqnum";
  if (stat(attribute, &info) != 0 || info.st_size == 0) GTEST_SKIP() << "there is no " << attribute;
  EXPECT_EQ(failure_of(attribute), Code::BAD_FILE_TYPE);
  EXPECT_NE(text_.find("fewer bytes than the size that it tells"), std::string::npos) << text_;
}

TEST_F(LocalTransportTest, WhatTellsNoSizeIsNoFile) { EXPECT_EQ(failure_of("/proc/cpuinfo"), Code::BAD_FILE_TYPE); }

TEST_F(LocalTransportTest, APipeHoldsUpNobody) {
  const std::string pipe = directory_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(failure_of(pipe), Code::BAD_FILE_TYPE);
  EXPECT_EQ(text_, pipe + " is a named pipe.");
}

TEST_F(LocalTransportTest, NobodyElsesJobsAreServed) {
  ports::Sink* sink = open(request(1));
  transport_.start({.transfer = base::TransferId{1}, .source = {.address = source("x")}, .owner = {.uid = geteuid() + 1}},
                   *sink);
  EXPECT_EQ(ended().error->code, Code::E_ACCESSDENIED);
}

TEST_F(LocalTransportTest, AfterAStopTheSinkIsLeftAlone) {
  ports::Sink* sink = open(request(1));
  start(*sink, source(std::string(1'000'000, 'a')));
  transport_.stop(base::TransferId{1});
  close(1);
  EXPECT_EQ(inbox_.count<ports::TransferEnded>(), 0U);
}

}  // namespace
}  // namespace backhaul::posix
