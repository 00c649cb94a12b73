// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/program_protocol.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <string_view>

#include "adapters/posix/file_protocol.h"

namespace backhaul::posix {
namespace {

std::span<const std::byte> raw(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST(ProgramProtocol, ACommandLineComesAsItWas) {
  const auto bytes = std::make_unique<ProgramBytes>();
  ports::Launch launch;
  launch.job.bytes[3] = 7;
  launch.command = {.program = "/bin/true", .parameters = "true 'a b'", .uid = 1000};
  const auto sent = encode(launch, *bytes);
  ASSERT_TRUE(sent);
  const auto heard = decode_launch(*sent);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->job, launch.job);
  EXPECT_EQ(heard->command.program, "/bin/true");
  EXPECT_EQ(heard->command.parameters, "true 'a b'");
}

TEST(ProgramProtocol, WhatIsNoCommandLineIsNone) {
  const auto bytes = std::make_unique<ProgramBytes>();
  ports::Launch launch;
  EXPECT_FALSE(encode(launch, *bytes));
  launch.command.program = "/" + std::string(program_packet_max, 'a');
  EXPECT_FALSE(encode(launch, *bytes));
  const std::string id(16, 'i');
  using namespace std::string_view_literals;
  for (const std::string_view rest : {""sv, "\0"sv, "/bin/true"sv, "\0x"sv, "bin/true\0x"sv, "/bin/true\0x\0y"sv})
    EXPECT_FALSE(decode_launch(raw(id + std::string(rest)))) << rest;
  EXPECT_FALSE(decode_launch(raw("short")));
  EXPECT_TRUE(decode_launch(raw(id + std::string("/bin/true\0"sv))));
}

TEST(ProgramProtocol, AnEndComesAsItWasAndNothingElseIsOne) {
  const auto bytes = std::make_unique<ProgramBytes>();
  ports::DeliveryEnded ended{
      .outcome = ports::NotifyOutcome::failed, .result = base::Code::E_FAIL, .text = "it ended with exit code 3"};
  auto heard = decode_ended(encode(ended, *bytes));
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->outcome, ended.outcome);
  EXPECT_EQ(heard->result, ended.result);
  EXPECT_EQ(heard->text, ended.text);
  for (const std::string_view nonsense : {"", "E", "E\x07....", "X12345"}) EXPECT_FALSE(decode_ended(raw(nonsense)));
  heard = decode_ended(encode(FileAnswer{.error = EACCES}));
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->outcome, ports::NotifyOutcome::unavailable);
  EXPECT_EQ(heard->result, base::Code::E_ACCESSDENIED);
  heard = decode_ended(encode(FileAnswer{.error = owner_unknown}));
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->text, "no process can be had for the account: nobody says now who that is");
  EXPECT_FALSE(decode_ended(encode(FileAnswer{})));
}

}  // namespace
}  // namespace backhaul::posix
