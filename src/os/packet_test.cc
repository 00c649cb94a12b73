// SPDX-License-Identifier: Apache-2.0
#include "os/packet.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string_view>
#include <vector>

namespace backhaul::os {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

class Packets : public testing::Test {
 protected:
  void SetUp() override {
    auto line = packet_line();
    ASSERT_TRUE(line);
    from_ = std::move(line->first);
    to_ = std::move(line->second);
  }
  std::optional<Packet> receive() { return receive_packet(to_.get(), buffer_); }
  std::size_t descriptors_open() {
    std::size_t count = 0;
    for (int fd = 0; fd < 256; ++fd) count += fcntl(fd, F_GETFD) >= 0;
    return count;
  }

  Descriptor from_;
  Descriptor to_;
  std::array<std::byte, 16> buffer_{};
};

TEST_F(Packets, BringBytesDescriptorsAndWhoSentThem) {
  ASSERT_TRUE(tell_sender(from_.get()));
  ASSERT_TRUE(tell_sender(to_.get()));
  const Descriptor null(open("/dev/null", O_RDWR | O_CLOEXEC));
  const std::array descriptors{null.get(), from_.get()};
  ASSERT_TRUE(send_packet(from_.get(), bytes_of("a word"), descriptors));
  const auto packet = receive();
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->size, 6U);
  EXPECT_EQ(packet->count, 2U);
  EXPECT_EQ(packet->sender, getuid());
  EXPECT_EQ(write(packet->descriptors[0].get(), "x", 1), 1);
  EXPECT_NE(fcntl(packet->descriptors[0].get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(Packets, ThatAreLongerThanTheirPlaceAreRefused) {
  ASSERT_TRUE(send_packet(from_.get(), bytes_of("seventeen letters")));
  EXPECT_FALSE(receive());
}

TEST_F(Packets, ThatBringTooMuchAreRefusedAndLeaveNothingOpen) {
  const std::vector<int> many(5, from_.get());
  iovec part{buffer_.data(), 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(5 * sizeof(int))> along{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = along.data();
  message.msg_controllen = along.size();
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(5 * sizeof(int));
  memcpy(CMSG_DATA(header), many.data(), 5 * sizeof(int));
  ASSERT_EQ(sendmsg(from_.get(), &message, 0), 1);
  const std::size_t before = descriptors_open();
  EXPECT_FALSE(receive());
  EXPECT_EQ(descriptors_open(), before);
}

TEST_F(Packets, EndWithTheOtherEnd) {
  from_.reset();
  EXPECT_FALSE(receive());
  EXPECT_FALSE(send_packet(to_.get(), bytes_of("a")));
}

}  // namespace
}  // namespace backhaul::os
