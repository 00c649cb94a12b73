// SPDX-License-Identifier: Apache-2.0
// Notifications through the adapter, and their outcome.
#pragma once

#include <cstdint>
#include <utility>

#include "tests/component/dbus/served.h"

namespace backhaul::test {

constexpr char clsid_name[] = "org.backhaul.clsid.g8c1b7e526a0d4c3f9e7751d2a4b0c6f9";

class Notify : public Served {
 protected:
  using Outcome = ports::NotifyOutcome;

  core::ObjectRegistration object(const std::string& unique_name, const std::string& path,
                                  std::uint32_t level = 3) {
    return {*service_bus_.id(), unique_name, path, level, geteuid(), 1};
  }
  ports::Notification event(core::NotifyKind kind = core::NotifyKind::job_transferred) {
    ports::Notification notification;
    notification.ticket = base::Ticket{++tickets_};
    notification.kind = kind;
    notification.sequence = 100 + tickets_;
    notification.job = job_;
    return notification;
  }
  // What became of it.
  ports::DeliveryEnded outcome(ports::Notification notification) {
    const base::Ticket ticket = notification.ticket;
    adapter_->notify(std::move(notification));
    return outcome_of(ticket);
  }
  ports::DeliveryEnded outcome_of(base::Ticket ticket) {
    ports::DeliveryEnded found;
    EXPECT_TRUE(until([&] {
      for (const auto& notified : inbox_.all<ports::DeliveryEnded>())
        if (notified.ticket == ticket) {
          found = notified;
          return true;
        }
      return false;
    }));
    return found;
  }
  ports::DeliveryEnded tell_object(const core::ObjectRegistration& target,
                              core::NotifyKind kind = core::NotifyKind::job_transferred) {
    ports::Notification notification = event(kind);
    notification.target = ports::ObjectTarget{target};
    return outcome(std::move(notification));
  }

  const base::JobId job_{{7, 7, 7}};

 private:
  std::uint64_t tickets_ = 0;
};

}  // namespace backhaul::test
