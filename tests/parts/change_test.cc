// SPDX-License-Identifier: Apache-2.0
// Clients keep what they read of a job until they are told that it changed: whatever the bus shows of
// a row is announced when it is not what it was.
#include "engine/change.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace backhaul::parts {
namespace {

using engine::difference;
using ports::Property;

struct Shown {
  std::string name;
  Property group;
  std::function<void(core::Job&)> change;
};

std::vector<Shown> what_clients_see() {
  const core::Author somebody{7, "/usr/bin/other", base::WallTime{std::chrono::hours(1)}};
  const core::ObjectRegistration object{"bus", ":1.7", "/o", 1, 7, 3};
  return {
      {"State", Property::state, [](auto& job) { job.state = base::JobState::queued; }},
      {"FilesTransferred", Property::progress, [](auto& job) { job.files.transferred = 1; }},
      {"Error", Property::error, [](auto& job) { job.error = core::ErrorInfo{}; }},
      {"ErrorCount", Property::error, [](auto& job) { job.error_count = 1; }},
      {"Owner", Property::owner, [](auto& job) { job.owner_uid = 7; }},
      {"FilesTotal", Property::files, [](auto& job) { job.files.total = 1; }},
      {"Name", Property::settings, [](auto& job) { job.name = "other"; }},
      {"NotifyFlags", Property::notify, [](auto& job) { job.notify_flags = 1; }},
      {"NotifyObject", Property::notify, [=](auto& job) { job.object = object; }},
      {"NotifyService", Property::notify,
       [](auto& job) { job.notify_class = core::ClassRegistration{"org.example.App", "/"}; }},
      {"NotifyCommand", Property::notify,
       [](auto& job) { job.command = core::CommandRegistration{"/bin/x", "x", 7}; }},
      {"CertificateValidator", Property::notify,
       [=](auto& job) { job.certificate_check = core::CertificateCheck{object, {}}; }},
      {"NotifyObjectSetBy", Property::notify, [=](auto& job) { job.object_set_by = somebody; }},
      {"NotifyServiceSetBy", Property::notify, [=](auto& job) { job.class_set_by = somebody; }},
      {"NotifyCommandSetBy", Property::notify, [=](auto& job) { job.command_set_by = somebody; }},
  };
}

TEST(Change, WhateverClientsSeeOfARowIsAnnouncedWhenItChanges) {
  const core::Job before;
  EXPECT_EQ(difference(before, before), 0U);
  for (const Shown& shown : what_clients_see()) {
    core::Job after = before;
    shown.change(after);
    EXPECT_TRUE(has(difference(before, after), shown.group)) << shown.name;
    EXPECT_TRUE(has(difference(after, before), shown.group)) << shown.name << ", back again";
  }
}

}  // namespace
}  // namespace backhaul::parts
