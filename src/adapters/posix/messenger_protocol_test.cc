// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/messenger_protocol.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace backhaul::posix {
namespace {

ports::Notification full_notification() {
  ports::Notification told;
  told.ticket = base::Ticket{0x0102};
  told.kind = core::NotifyKind::file_ranges_transferred;
  told.sequence = 77;
  told.job.bytes[3] = 9;
  told.file = 4;
  told.ranges = {{.begin = 10, .end = 20}, {.begin = 30, .end = 31}};
  told.error.code = base::Code::E_FAIL;
  told.error.context = base::ErrorContext::general_queue_manager;
  told.error.file = 4;
  told.error.text = "what happened";
  told.target = ports::ClassTarget{{.name = "org.example.One", .path = "/org/example"}, std::chrono::seconds(60)};
  return told;
}

const ports::ClassTarget& class_target_of(const ports::Notification& told) {
  return std::get<ports::ClassTarget>(told.target);
}

TEST(MessengerProtocol, ANotificationComesAsItWas) {
  const ports::Notification told = full_notification();
  const auto bytes = encode_errand(Errand(told));
  ASSERT_TRUE(bytes);
  const auto errand = decode_errand(*bytes);
  ASSERT_TRUE(errand);
  const auto* heard = std::get_if<ports::Notification>(&*errand);
  ASSERT_NE(heard, nullptr);
  EXPECT_EQ(heard->ticket, told.ticket);
  EXPECT_EQ(heard->kind, told.kind);
  EXPECT_EQ(heard->sequence, told.sequence);
  EXPECT_EQ(heard->job, told.job);
  EXPECT_EQ(heard->file, told.file);
  EXPECT_EQ(heard->ranges, told.ranges);
  EXPECT_EQ(heard->error, told.error);
  EXPECT_EQ(class_target_of(*heard).registration, class_target_of(told).registration);
  EXPECT_EQ(class_target_of(*heard).start_timeout, class_target_of(told).start_timeout);
}

TEST(MessengerProtocol, AReleaseComesAsItWas) {
  ReleaseInstance release;
  release.job.bytes[0] = 5;
  const auto errand = decode_errand(*encode_errand(release));
  ASSERT_TRUE(errand);
  EXPECT_EQ(std::get<ReleaseInstance>(*errand).job, release.job);
}

TEST(MessengerProtocol, WhatIsCutOrTooLongIsNoErrand) {
  const MessageBytes whole = *encode_errand(Errand(full_notification()));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto cut = decode_errand(std::span(whole).first(size));
    // Ranges end where the packet does; one is 16 octets.
    const bool without_ranges = size + 32 == whole.size() || size + 16 == whole.size();
    EXPECT_EQ(cut.has_value(), without_ranges) << size;
  }
  ports::Notification told = full_notification();
  told.ranges.assign(message_max / 16, {.begin = 0, .end = 1});
  EXPECT_FALSE(encode_errand(Errand(told)));
  told = full_notification();
  told.target = ports::ClassTarget{{.name = std::string(256, 'a'), .path = "/"}, {}};
  EXPECT_FALSE(encode_errand(Errand(told)));
  told.target = ports::ObjectTarget{};
  EXPECT_FALSE(encode_errand(Errand(told))) << "an object is on another bus";
}

TEST(MessengerProtocol, WhatNoServiceSaysIsNoErrand) {
  for (const std::string_view path : {"", "relative"}) {
    ports::Notification told = full_notification();
    told.target = ports::ClassTarget{{.name = "org.example.One", .path = std::string(path)}, {}};
    EXPECT_FALSE(decode_errand(*encode_errand(Errand(told)))) << path;
  }
  ports::Notification told = full_notification();
  told.kind = core::NotifyKind::none;
  EXPECT_FALSE(decode_errand(*encode_errand(Errand(told))));
  told = full_notification();
  told.ranges = {{.begin = 5, .end = 5}};
  EXPECT_FALSE(decode_errand(*encode_errand(Errand(told))));
}

TEST(MessengerProtocol, ReportsComeAsTheyWere) {
  // As long as an answer of the launcher, and with a number that reads like an error of one.
  const ports::DeliveryEnded ended{base::Ticket{1}, ports::NotifyOutcome::unavailable, base::Code::NOT_LOGGED_ON,
                                   std::string(30, 't')};
  const auto heard = decode_report(encode_report(ended));
  ASSERT_TRUE(heard);
  ASSERT_TRUE(std::holds_alternative<ports::DeliveryEnded>(*heard));
  EXPECT_EQ(std::get<ports::DeliveryEnded>(*heard).ticket, ended.ticket);
  EXPECT_EQ(std::get<ports::DeliveryEnded>(*heard).outcome, ended.outcome);
  EXPECT_EQ(std::get<ports::DeliveryEnded>(*heard).result, ended.result);
  EXPECT_EQ(std::get<ports::DeliveryEnded>(*heard).text, ended.text);
  EXPECT_TRUE(std::holds_alternative<BusIsThere>(*decode_report(encode_report(BusIsThere{}))));
  EXPECT_EQ(std::get<NoMessenger>(*decode_report(encode_report(NoMessenger{EACCES}))).error, EACCES);
  for (const std::string_view nonsense : {"", "D", "Bx", "X12345"})
    EXPECT_FALSE(decode_report(std::as_bytes(std::span(nonsense)))) << nonsense;
}

}  // namespace
}  // namespace backhaul::posix
