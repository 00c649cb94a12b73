// SPDX-License-Identifier: Apache-2.0
// PosixFiles over a real directory, with an inbox that remembers.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <string>

#include "adapters/posix/direct_access.h"
#include "adapters/posix/posix_files.h"
#include "core/part.h"
#include "core/part_name.h"
#include "tests/component/posix/over_helper.h"
#include "tests/support/recording_inbox.h"
#include "tests/support/recording_log.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_until.h"

namespace backhaul::posix {

using base::Code;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

class FilesTest : public ::testing::Test {
 protected:
  FilesTest() { settings_.checkpoint_interval = std::chrono::hours(1); }  // tests of checkpoints set their own

  PosixFiles& files() {
    if (!files_) files_ = std::make_unique<PosixFiles>(loop_, inbox_, log_, owners(), settings_);
    return *files_;
  }
  Owners& owners() {
    if (!owners_) owners_ = owners_of_this_run(umask_);
    return *owners_;
  }
  ports::OpenPart request(std::uint64_t transfer, std::uint32_t index = 0,
                          const std::string& name = "file") {
    return {.transfer = base::TransferId{transfer},
            .job = job_,
            .owner = owner_,
            .index = index,
            .local = directory_ / name};
  }
  // Opens and waits; null when it failed.
  ports::Sink* open(const ports::OpenPart& request) {
    const std::size_t before = answers();
    files().open(request);
    EXPECT_TRUE(wait([&] { return answers() > before; }));
    return files().sink(request.transfer);
  }
  std::size_t answers() const {
    return inbox_.count<ports::PartOpened>() + inbox_.count<ports::PartFailed>();
  }
  // Resumes: the request with what the last event told about the part.
  template <class Event>
  static ports::OpenPart resumed(ports::OpenPart request, const Event& event,
                                 std::uint64_t transfer) {
    request.transfer = base::TransferId{transfer};
    request.epoch = event.epoch;
    request.stored = event.stored;
    request.device = event.device;
    request.inode = event.inode;
    request.mount = event.mount;
    request.tail = event.tail;
    return request;
  }
  // Writes all of it behind what was taken, waiting for room.
  void write(ports::Sink& sink, std::string_view text) { write_at(sink, sink.taken(), text); }
  void write_at(ports::Sink& sink, std::uint64_t place, std::string_view text) {
    while (!text.empty()) {
      const std::string_view piece = text.substr(0, 50'000);
      if (!sink.write_at(place, bytes_of(piece))) {
        bool room = false;
        sink.on_room([&] { room = true; });
        ASSERT_TRUE(wait([&] { return room; }));
        continue;
      }
      text.remove_prefix(piece.size());
      place += piece.size();
    }
  }
  void close(std::uint64_t transfer) {
    const std::size_t before = inbox_.count<ports::PartClosed>();
    files().close(base::TransferId{transfer});
    ASSERT_TRUE(wait([&] { return inbox_.count<ports::PartClosed>() > before; }));
  }
  // Whether a file can go there, as the worker says.
  base::Result<void> check(const std::string& local, const std::string& root = {}) {
    const base::CheckId asked{++last_check_};
    std::optional<ports::DestinationsChecked> said;
    files().check(asked, {owner_, {{local, root}}});
    EXPECT_TRUE(wait([&] {
      for (const auto& event : inbox_.all<ports::DestinationsChecked>())
        if (event.check == asked) said = event;
      return said.has_value();
    }));
    if (said->refusal) return *std::move(said->refusal);
    return {};
  }
  // A stored part of this content, and what was told about it.
  ports::PartStored store(std::uint64_t transfer, const std::string& content,
                          std::uint32_t index = 0, const std::string& name = "file") {
    ports::Sink* sink = open(request(transfer, index, name));
    BH_ASSERT(sink != nullptr);
    write(*sink, content);
    sink->end_of_data();
    const std::size_t before = inbox_.count<ports::PartStored>();
    EXPECT_TRUE(wait([&] { return inbox_.count<ports::PartStored>() > before; }));
    close(transfer);
    return last<ports::PartStored>();
  }
  ports::PublishFile to_publish(const ports::PartStored& stored, std::uint32_t index = 0,
                                const std::string& name = "file") {
    return {.part = {index, stored.epoch, directory_ / name},
            .recorded = {.volume = stored.device,
                         .mount = stored.mount,
                         .inode = stored.inode,
                         .stored = stored.stored,
                         .tail = stored.tail,
                         .last_write = stored.last_write},
            .modified = {}};
  }
  static std::uint64_t digest(std::string_view text) {
    core::TailDigest digest;
    digest.add(bytes_of(text));
    return digest.value();
  }
  template <class Event>
  Event last() const {
    const auto all = inbox_.all<Event>();
    BH_ASSERT(!all.empty());
    return all.back();
  }
  template <class Event>
  Event answer() {
    const std::size_t before = inbox_.count<Event>();
    EXPECT_TRUE(wait([&] { return inbox_.count<Event>() > before; }));
    return last<Event>();
  }
  bool wait(const std::function<bool()>& condition) { return test::wait_until(loop_, condition); }

  std::string part(std::uint32_t index = 0, std::uint32_t epoch = 0,
                   const std::string& name = "file") const {
    return core::part_path(directory_ / name, job_, index, epoch);
  }
  std::string content(const std::string& path) const { return test::read_file(path); }
  static bool exists(const std::string& path) {
    struct stat info;
    return lstat(path.c_str(), &info) == 0;
  }
  static struct stat info_of(const std::string& path) {
    struct stat info {};
    EXPECT_EQ(lstat(path.c_str(), &info), 0) << path;
    return info;
  }

  test::TempDir directory_;
  loop::Loop loop_;
  test::RecordingInbox inbox_;
  test::RecordingLog log_;
  mode_t umask_ = 022;  // of the owner
  std::unique_ptr<Owners> owners_;
  PosixFilesSettings settings_;
  base::JobId job_{{0x42, 0x17}};
  core::Owner owner_{geteuid(), {}};
  std::uint64_t last_check_ = 0;
  std::unique_ptr<PosixFiles> files_;
};

}  // namespace backhaul::posix
