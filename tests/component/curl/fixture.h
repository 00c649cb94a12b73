// SPDX-License-Identifier: Apache-2.0
// A CurlTransport in a loop, and sinks in memory that check how they are treated.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/curl/curl_transport.h"
#include "tests/sim/small_ports.h"
#include "tests/support/bad_server.h"
#include "tests/support/recording_inbox.h"
#include "tests/support/wait_until.h"

namespace backhaul::test {

using namespace std::chrono_literals;

class MemorySink final : public ports::Sink {
 public:
  void hold(std::string held) {
    const core::Extents all = core::Extents::until(held.size());
    hold(std::move(held), all);
  }
  void hold(std::string held, const core::Extents& extents) {
    data = std::move(held);
    have = extents;
    const std::size_t size = std::min<std::size_t>(have.prefix(), core::sample_bytes);
    sample = {data.substr(0, size), data.substr(have.prefix() - size, size)};
  }

  bool write_at(std::uint64_t place, std::span<const std::byte> bytes) override {
    touch();
    EXPECT_FALSE(room) << "offered more while it was full";
    if (bytes.size() > capacity) return false;
    capacity -= bytes.size();
    sample = {};
    core::Extents fresh;
    fresh.add({place, place + bytes.size()});
    EXPECT_TRUE(fresh.common(have).empty()) << "it was here already";
    have.add({place, place + bytes.size()});
    if (data.size() < place + bytes.size()) data.resize(place + bytes.size());
    data.replace(place, bytes.size(), reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return true;
  }
  void on_room(std::move_only_function<void()> callback) override {
    touch();
    EXPECT_FALSE(room);
    room = std::move(callback);
    ++times_full;
  }
  void restart(std::uint32_t epoch, bool /*beside*/) override {
    touch();
    data.clear();
    have = {};
    sample = {};
    epochs.push_back(epoch);
  }
  const ports::HeldSample& held() const override { return sample; }
  void take_over(ports::CopiedRights) override { touch(); }
  void end_of_data() override {
    touch();
    ended = true;
  }
  void expect(std::uint64_t) override {}
  std::uint64_t taken() const override { return have.total(); }

  void make_room(std::uint64_t bytes) {
    capacity = bytes;
    if (auto callback = std::exchange(room, nullptr)) callback();
  }

  std::string data;
  core::Extents have;
  ports::HeldSample sample;
  std::uint64_t capacity = UINT64_MAX;
  std::move_only_function<void()> room;
  int times_full = 0;
  std::vector<std::uint32_t> epochs;
  bool ended = false;
  bool closed = false;  // nothing may come any more

 private:
  void touch() const { EXPECT_FALSE(closed || ended) << "touched after its end"; }
};

// Files that owners named, with the rights of this process, and those that a test says are there.
class FakeOwnersFiles final : public ports::OwnersFiles {
 public:
  explicit FakeOwnersFiles(loop::Loop& loop) : worker_(loop, 1) {}

  base::Result<void> with_rights_of(const core::Owner& owner, const std::vector<std::string>&, Work work) override {
    asked.push_back(owner);
    if (refusal) return *refusal;
    worker_.submit([this, work = std::move(work)]() mutable {
      return work([this](const std::string& path) { return read(path); });
    });
    return {};
  }

  std::map<std::string, std::string> contents;  // no other file of such a name is there
  std::optional<base::Error> refusal;
  std::vector<core::Owner> asked;

 private:
  base::Result<base::Secret> read(const std::string& path) const {
    if (const auto found = contents.find(path); found != contents.end()) return base::Secret(found->second);
    if (!std::filesystem::is_regular_file(path)) return base::Error(base::Code::FILE_NOT_FOUND, path);
    std::ifstream file(path, std::ios::binary);
    return base::Secret(std::string(std::istreambuf_iterator<char>(file), {}));
  }

  loop::Worker worker_;
};

// One transfer and what became of it.
struct Download {
  explicit Download(std::uint64_t number) : id(base::TransferId(number)) {}

  base::TransferId id;
  MemorySink sink;
  std::vector<ports::HeadReceived> heads;
  std::optional<ports::TransferEnded> end;

  base::Code code() const {
    if (!end) return base::Code::E_PENDING;
    return end->error ? end->error->code : base::Code::S_OK;
  }
  std::string text() const { return end && end->error ? end->error->text : std::string(); }
};

class CurlTest : public testing::Test {
 protected:
  CurlTest() { open({}); }

  void open(curl::CurlSettings settings) {
    transport.reset();
    transport.emplace(loop, inbox, log, sealer, owners_files, std::move(settings));
  }

  // From byte 0, or for the rest of what `held` is the begin of.
  Download& start(const std::string& url, std::string held = {},
                  core::RemoteIdentity identity = {}) {
    ports::TransferRequest request{.source = {.address = url}};
    request.record.held = core::Extents::until(held.size());
    request.record.identity = std::move(identity);
    return start(std::move(request), std::move(held));
  }
  Download& start(ports::TransferRequest request, std::string held = {}) {
    downloads.push_back(std::make_unique<Download>(++last_number));
    Download& begun = *downloads.back();
    begun.sink.hold(std::move(held));
    request.transfer = begun.id;
    transport->start(std::move(request), begun.sink);
    return begun;
  }

  // Moves what was told to the downloads; a second end of one is a failure.
  void sort_events() {
    for (const ports::Event& event : std::exchange(inbox.events, {})) {
      if (const auto* head = std::get_if<ports::HeadReceived>(&event)) {
        find(head->transfer).heads.push_back(*head);
      } else if (const auto* end = std::get_if<ports::TransferEnded>(&event)) {
        Download& download = find(end->transfer);
        EXPECT_FALSE(download.end) << "ended twice";
        download.end = *end;
        download.sink.closed = true;
      } else if (const auto* received = std::get_if<ports::Received>(&event)) {
        charged[received->owner] += received->octets;
      }
    }
  }
  Download& find(base::TransferId id) {
    return *downloads.at(static_cast<std::size_t>(id) - 1);
  }

  bool until(const std::function<bool()>& condition) {
    return wait_until(loop, [&] {
      sort_events();
      return condition();
    });
  }
  Download& finish(Download& download) {
    EXPECT_TRUE(until([&] { return download.end.has_value(); })) << "it did not end";
    return download;
  }
  Download& get(const std::string& url, std::string held = {}, core::RemoteIdentity identity = {}) {
    return finish(start(url, std::move(held), std::move(identity)));
  }

  loop::Loop loop;
  RecordingInbox inbox;
  base::NullLog log;
  sim::SimSealer sealer;
  FakeOwnersFiles owners_files{loop};
  std::vector<std::unique_ptr<Download>> downloads;
  std::uint64_t last_number = 0;
  std::map<core::Owner, std::uint64_t> charged;
  std::optional<curl::CurlTransport> transport;
  BadServer server;
};

inline core::RemoteIdentity identity_of(std::uint64_t size,
                                        std::string last_modified = std::string(some_date),
                                        std::string etag = {}) {
  return {.size = size, .last_modified = std::move(last_modified), .etag = std::move(etag)};
}

}  // namespace backhaul::test
