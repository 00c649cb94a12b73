// SPDX-License-Identifier: Apache-2.0
// What one process says to another is understood, and nothing else is.
#include "adapters/posix/file_protocol.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace backhaul::posix {
namespace {

struct Asked {
  FileRequest request;
  std::size_t descriptors = 0;
};

const std::vector<Asked>& one_of_each() {
  using enum Operation;
  static const std::vector<Asked> all{
      {{.operation = open_directory, .text = "/home/a", .other = "/home"}, 0},
      {{.operation = open_directory, .text = "/"}, 0},
      {{.operation = open, .purpose = Purpose::create, .text = ".BIT-1.tmp"}, 1},
      {{.operation = open, .purpose = Purpose::list, .text = "."}, 1},
      {{.operation = open_source, .text = "/srv/file"}, 0},
      {{.operation = look, .follow = true, .text = "/home/a"}, 0},
      {{.operation = look, .text = "name"}, 1},
      {{.operation = may_write, .text = "."}, 1},
      {{.operation = may_write, .text = "/home"}, 0},
      {{.operation = rename, .text = "from", .other = "to"}, 2},
      {{.operation = unlink, .text = "name"}, 1},
      {{.operation = sync}, 1},
      {{.operation = room}, 1},
      {{.operation = set_time, .number = static_cast<std::uint64_t>(-1)}, 1},
      {{.operation = set_mode, .number = 01640}, 1},
      {{.operation = set_usual_mode}, 2},
      {{.operation = give, .number = 1000, .other_number = 100}, 1},
      {{.operation = set_access_list, .text = std::string_view("\2\0\0\0", 4)}, 1},
  };
  return all;
}

class FileProtocol : public testing::Test {
 protected:
  std::span<const std::byte> bytes_of(const Asked& asked) {
    const auto bytes = encode(asked.request, asked.descriptors, *buffer_);
    EXPECT_TRUE(bytes);
    return bytes.value_or(std::span<const std::byte>());
  }
  bool may_be_said(const FileRequest& request, std::size_t descriptors) {
    return encode(request, descriptors, *buffer_).has_value();
  }
  std::unique_ptr<RequestBytes> buffer_ = std::make_unique<RequestBytes>();
};

TEST_F(FileProtocol, WhatIsSaidIsHeard) {
  for (const Asked& asked : one_of_each()) EXPECT_EQ(decode_request(bytes_of(asked), asked.descriptors), asked.request);
  const FileAnswer answer{.error = 13, .found = {7, UINT64_MAX, 0100640}, .room = {1, 2, 3}};
  EXPECT_EQ(decode_answer(encode(answer)), answer);
}

TEST_F(FileProtocol, AnotherNumberOfDescriptorsIsRefused) {
  for (const Asked& asked : one_of_each())
    for (std::size_t descriptors = 0; descriptors <= 2; ++descriptors)
      EXPECT_EQ(decode_request(bytes_of(asked), descriptors).has_value(), descriptors == asked.descriptors)
          << static_cast<int>(asked.request.operation);
}

TEST_F(FileProtocol, NamesAndPathsHaveTheirBounds) {
  const auto opens_name = [&](std::string_view name) {
    return may_be_said({.operation = Operation::open, .text = name}, 1);
  };
  EXPECT_TRUE(opens_name(std::string(255, 'n')));
  EXPECT_FALSE(opens_name(std::string(256, 'n')));
  for (const std::string_view name : {"", ".", "..", "a/b", "/a"}) EXPECT_FALSE(opens_name(name)) << name;
  EXPECT_FALSE(opens_name(std::string_view("a\0b", 3)));
  const auto opens_path = [&](const std::string& path) {
    return may_be_said({.operation = Operation::open_directory, .text = path}, 0);
  };
  EXPECT_TRUE(opens_path("/" + std::string(4094, 'p')));
  EXPECT_FALSE(opens_path("/" + std::string(4095, 'p')));
  EXPECT_FALSE(opens_path("relative"));
  EXPECT_FALSE(may_be_said({.operation = Operation::rename, .text = "a", .other = ".."}, 2));
  EXPECT_FALSE(may_be_said({.operation = Operation::set_mode, .number = 010000}, 1));
  EXPECT_FALSE(may_be_said({.operation = Operation::give, .number = std::uint64_t{1} << 32}, 1));
}

// Whatever changes on the way: it is refused, or it is another thing that may be said.
TEST_F(FileProtocol, NoBytesAreMoreThanTheyMayBe) {
  std::mt19937 random(20'261'130);
  const auto below = [&](std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random); };
  std::size_t understood = 0;
  auto again = std::make_unique<RequestBytes>();
  for (int round = 0; round < 200'000; ++round) {
    const Asked& asked = one_of_each()[below(one_of_each().size())];
    const auto sound = bytes_of(asked);
    std::vector<std::byte> bytes(sound.begin(), sound.end());
    for (std::size_t changes = below(4); changes > 0; --changes)
      bytes[below(bytes.size())] = static_cast<std::byte>(below(256));
    if (below(4) == 0) bytes.resize(below(bytes.size() + 8));
    const std::size_t descriptors = below(4) == 0 ? below(3) : asked.descriptors;
    // Of exactly this size, so that a reader of memory behind it is seen by those who look for that.
    const auto copy = std::make_unique<std::byte[]>(bytes.size());
    std::ranges::copy(bytes, copy.get());
    const auto heard = decode_request({copy.get(), bytes.size()}, descriptors);
    static_cast<void>(decode_answer({copy.get(), bytes.size()}));
    if (!heard) continue;
    ++understood;
    const auto said = encode(*heard, descriptors, *again);
    ASSERT_TRUE(said);
    ASSERT_TRUE(std::ranges::equal(*said, bytes));
  }
  EXPECT_GT(understood, 20'000U);
}

TEST_F(FileProtocol, AnAnswerOfAnotherSizeOrWithAnImpossibleErrorIsNone) {
  AnswerBytes answer = encode(FileAnswer{});
  EXPECT_FALSE(decode_answer(std::span(answer).first(answer.size() - 1)));
  const std::uint32_t error = 5000;
  std::memcpy(answer.data(), &error, sizeof error);
  EXPECT_FALSE(decode_answer(answer));
}

}  // namespace
}  // namespace backhaul::posix
