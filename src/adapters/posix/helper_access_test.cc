// SPDX-License-Identifier: Apache-2.0
// What is not understood ends a conversation, on both sides.
#include "adapters/posix/helper_access.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <memory>
#include <semaphore>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/posix/direct_access.h"
#include "adapters/posix/file_helper.h"
#include "os/packet.h"

namespace backhaul::posix {
namespace {

// Helpers that take one line and answer on it as they like.
class Liars {
 public:
  using Answer = std::function<void(int line)>;  // to one request
  explicit Liars(Answer answer) : answer_(std::move(answer)) {}
  ~Liars() {
    for (std::thread& helper : helpers_) helper.join();
  }

  bool start(Descriptor socket) {
    helpers_.emplace_back([this, socket = std::move(socket)] {
      std::array<std::byte, 1> word{};
      os::send_packet(socket.get(), encode(FileAnswer{}));
      const auto line = os::receive_packet(socket.get(), word);
      if (!line) return;
      const auto request = std::make_unique<RequestBytes>();
      if (os::receive_packet(line->descriptors[0].get(), *request)) answer_(line->descriptors[0].get());
    });
    return true;
  }
  std::size_t started() const { return helpers_.size(); }

 private:
  const Answer answer_;
  std::vector<std::thread> helpers_;
};

int error_of_opening(const Liars::Answer& answer) {
  Liars liars(answer);
  HelperAccess access([&](Descriptor socket) { return liars.start(std::move(socket)); });
  const auto opened = access.open_directory("/", {});
  EXPECT_EQ(liars.started(), 2U);  // it is asked once more, of another one
  return opened ? 0 : opened.error();
}

TEST(HelperAccess, AHelperThatEndsOrTalksNonsenseIsGone) {
  EXPECT_EQ(error_of_opening([](int) {}), helper_gone);
  EXPECT_EQ(error_of_opening([](int line) { os::send_packet(line, std::array{std::byte{0}}); }), helper_gone);
  // Done, and nothing that was opened.
  EXPECT_EQ(error_of_opening([](int line) { os::send_packet(line, encode(FileAnswer{})); }), helper_gone);
  // An error, and something that was.
  EXPECT_EQ(error_of_opening([](int line) {
              os::send_packet(line, encode(FileAnswer{.error = ENOENT}), std::array{line});
            }),
            helper_gone);
  EXPECT_EQ(error_of_opening([](int line) {
              std::array<std::byte, answer_size + 1> longer{};
              os::send_packet(line, longer);
            }),
            helper_gone);
}

TEST(ManyOwners, NothingIsKeptForAccountsThatNobodyAsksForAnyMore) {
  ManyOwners owners([](const core::Account&, const Descriptor&) { return false; });
  const core::Owner one{.uid = 1, .account = "one"};
  const std::shared_ptr<Access> held = *owners.access_of(one);
  for (std::uint32_t uid = 2; uid <= 1000; ++uid) {
    ASSERT_TRUE(owners.access_of({.uid = uid}));
    ASSERT_LE(owners.size(), ManyOwners::few);
  }
  EXPECT_EQ(*owners.access_of(one), held) << "somebody works with it";
}

TEST(ManyOwners, AHelperThatIsThereIsKept) {
  std::binary_semaphore ends(0);
  std::thread helper;
  ManyOwners owners([&](const core::Account&, Descriptor socket) {
    helper = std::thread([&ends, socket = std::move(socket)] {
      std::array<std::byte, 1> word{};
      os::send_packet(socket.get(), encode(FileAnswer{}));
      const auto line = os::receive_packet(socket.get(), word);
      const auto request = std::make_unique<RequestBytes>();
      if (line && os::receive_packet(line->descriptors[0].get(), *request))
        os::send_packet(line->descriptors[0].get(), encode(FileAnswer{.error = ENOENT}));
      ends.acquire();
    });
    return true;
  });
  const core::Owner one{.uid = 1, .account = "one"};
  const auto address = [&] { return owners.access_of(one)->get(); };
  EXPECT_EQ((*owners.access_of(one))->open_directory("/x", {}).error(), ENOENT);
  const Access* const before = address();
  const auto others = [&](std::uint32_t from) {
    for (std::uint32_t uid = from; uid < from + 100; ++uid) ASSERT_TRUE(owners.access_of({.uid = uid}));
  };
  others(1000);
  EXPECT_EQ(address(), before);
  ends.release();
  helper.join();
  HelperAccess& access = dynamic_cast<HelperAccess&>(**owners.access_of(one));
  EXPECT_TRUE(access.rests());
}

TEST(HelperAccess, WhyThereIsNoHelperIsTold) {
  HelperAccess access([](const Descriptor& socket) {
    return os::send_packet(socket.get(), encode(FileAnswer{.error = EACCES}));
  });
  EXPECT_EQ(access.open_directory("/", {}).error(), EACCES);
  HelperAccess nobody([](const Descriptor&) { return false; });
  EXPECT_EQ(nobody.open_directory("/", {}).error(), helper_gone);
}

TEST(FileHelper, ALineEndsWithWhatIsNotUnderstood) {
  auto line = os::packet_line();
  ASSERT_TRUE(line);
  DirectAccess access(022);
  HelperWork work;
  std::thread helper([&, theirs = std::move(line->second)] { serve_files(theirs.get(), access, work); });
  const auto bytes = std::make_unique<RequestBytes>();
  const auto sound = encode({.operation = Operation::look, .text = "/"}, 0, *bytes);
  ASSERT_TRUE(sound);
  AnswerBytes answer;
  ASSERT_TRUE(os::send_packet(line->first.get(), *sound));
  const auto answered = os::receive_packet(line->first.get(), answer);
  ASSERT_TRUE(answered);
  EXPECT_EQ(decode_answer(answer)->error, 0);
  // The same, with a descriptor that it has no use for.
  ASSERT_TRUE(os::send_packet(line->first.get(), *sound, std::array{STDIN_FILENO}));
  helper.join();
  EXPECT_EQ(work.begun, 1U);
  EXPECT_EQ(work.ended, 1U);
}

}  // namespace
}  // namespace backhaul::posix
