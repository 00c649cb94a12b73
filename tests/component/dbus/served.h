// SPDX-License-Identifier: Apache-2.0
// The adapter on a bus of its own, over a queue of the test, and a client; all on one loop.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "adapters/dbus/dbus_adapter.h"
#include "bus/names.h"
#include "bus/variant.h"
#include "bus/wire.h"
#include "loop/loop.h"
#include "tests/component/dbus/fake_queue.h"
#include "tests/support/private_bus.h"
#include "tests/support/recording_inbox.h"
#include "tests/support/recording_log.h"

namespace backhaul::test {

class Served : public testing::Test {
 protected:
  void SetUp() override {
    adapter_ = std::make_unique<dbus::DbusAdapter>(
        loop_, service_bus_, inbox_, log_,
        dbus::Settings{.version = "1.2.3",
                       .service_dir = bus_.place().service_dir(),
                       .unit_dir = bus_.place().unit_dir(),
                       .audience = audience_,
                       .in_sessions = in_sessions_,
                       .schedules_downloads = schedules_downloads_,
                       .limits = limits_,
                       .hold_directory = hold_});
    clients_ = adapter_.get();
    ASSERT_TRUE(adapter_->serve(queue_));
    ASSERT_TRUE(adapter_->request_name());
    ASSERT_TRUE(client_.attach(loop_.native()));
  }
  void TearDown() override { adapter_.reset(); }

  static bus::Call to(const std::string& path, const char* interface, const char* member) {
    return {bus::service_name, path, interface, member, bus::usual_limit, false};
  }
  static bus::Call manager(const char* member) {
    return to(bus::root_path, bus::manager_interface, member);
  }
  static bus::Call job(const core::Job& job, const char* member) {
    return to(bus::job_path(job.id), bus::job_interface, member);
  }
  template <class... Out, class... In>
  bus::Outcome<Out...> ask(const bus::Call& call, const In&... in) {
    return test::ask<Out...>(loop_, client_, call, in...);
  }
  // A call whose answer the test waits for later.
  template <class... Out>
  struct Pending {
    std::optional<bus::Outcome<Out...>> answer;
    bus::Slot slot;
  };
  template <class... Out, class... In>
  std::unique_ptr<Pending<Out...>> begin(const bus::Call& call, const In&... in) {
    auto pending = std::make_unique<Pending<Out...>>();
    pending->slot = client_.call_async<Out...>(
        call, [p = pending.get()](bus::Outcome<Out...> outcome) { p->answer = std::move(outcome); },
        in...);
    return pending;
  }
  [[nodiscard]] bool until(const std::function<bool()>& condition) {
    return wait_until(loop_, condition);
  }

  dbus::AccountLimits limits_;
  decltype(dbus::Settings::hold_directory) hold_;
  dbus::Audience audience_ = dbus::Audience::everybody;
  dbus::ClassesInSessions in_sessions_{};
  bool schedules_downloads_ = false;
  PrivateBus bus_;
  loop::Loop loop_;
  RecordingInbox inbox_;
  RecordingLog log_;
  ports::Clients* clients_ = nullptr;
  FakeQueue queue_{clients_};
  bus::Bus service_bus_ = bus_.connect();
  bus::Bus client_ = bus_.connect();
  std::unique_ptr<dbus::DbusAdapter> adapter_;
};

}  // namespace backhaul::test
