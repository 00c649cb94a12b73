// SPDX-License-Identifier: Apache-2.0
#include "adapters/machine/sleep_guard.h"

#include <chrono>
#include <string>
#include <utility>

namespace backhaul::machine {
namespace {

constexpr const char* logind_name = "org.freedesktop.login1";
constexpr const char* logind_path = "/org/freedesktop/login1";
constexpr const char* logind_interface = "org.freedesktop.login1.Manager";
constexpr base::Microseconds longest_delay = std::chrono::milliseconds(900);

bus::Call inhibit_call() {
  return {logind_name, logind_path, logind_interface, "Inhibit", bus::usual_limit, false};
}

}  // namespace

SleepGuard::SleepGuard(loop::Loop& loop, bus::Bus& bus, base::Log& log, bool keep_awake,
                       std::function<void()> changed)
    : bus_(bus),
      log_(log),
      changed_(std::move(changed)),
      keep_awake_(keep_awake),
      limit_(loop, std::chrono::milliseconds(10), [this] { let_sleep(); }),
      loop_(loop) {
  owner_ = bus_.watch_name(logind_name, [this](const std::string&, const std::string& owner) {
    logind_gone();
    if (!owner.empty()) delay(), block();
  });
  signal_ = bus_.match(std::string("type='signal',sender='") + logind_name + "',path='" +
                           logind_path + "',interface='" + logind_interface +
                           "',member='PrepareForSleep'",
                       [this](const bus::Message& message) {
                         if (const auto begins = bus::read_body<bool>(message))
                           prepare_for_sleep(std::get<0>(*begins));
                       });
  delay();
  block();
}

void SleepGuard::delay() {
  delay_call_ = bus_.call_async<bus::FileDescriptor>(
      inhibit_call(),
      [this](bus::Outcome<bus::FileDescriptor> answer) {
        // Where there is no logind, or it does not let us, the last seconds are fetched again.
        if (answer && !going_to_sleep_) delay_ = std::get<0>(*std::move(answer));
      },
      std::string("sleep"), std::string("backhaul"),
      std::string("Transfers are brought to a stop"), std::string("delay"));
}

void SleepGuard::block() {
  if (!keep_awake_) {
    block_call_.reset();
    block_ = {};
    return;
  }
  if (block_.get() >= 0) return;
  block_call_ = bus_.call_async<bus::FileDescriptor>(
      inhibit_call(),
      [this](bus::Outcome<bus::FileDescriptor> answer) {
        if (answer)
          block_ = std::get<0>(*std::move(answer));
        else
          log_.write(base::LogLevel::notice,
                     "the machine cannot be kept awake: " + answer.error().error().text);
      },
      std::string("sleep"), std::string("backhaul"),
      std::string("A download runs that is to keep the machine awake"), std::string("block"));
}

void SleepGuard::keep_awake(bool awake) {
  keep_awake_ = awake;
  block();
}

void SleepGuard::let_sleep() {
  limit_.disarm();
  delay_ = {};
}

void SleepGuard::prepare_for_sleep(bool begins) {
  if (going_to_sleep_ == begins) return;
  going_to_sleep_ = begins;
  if (begins)
    limit_.arm(loop_.now() + longest_delay);
  else
    limit_.disarm(), delay();
  changed_();
}

// It may have ended in the middle of its preparations, and then nobody says that they are over.
void SleepGuard::logind_gone() {
  delay_ = {};
  block_ = {};
  if (going_to_sleep_) prepare_for_sleep(false);
}

}  // namespace backhaul::machine
