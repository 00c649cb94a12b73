// SPDX-License-Identifier: Apache-2.0
// The interface of Mogwai: who is given leave, and that an entry is its maker's. Who may is core/leave_test.
#include "bus/scheduler_wire.h"
#include "tests/component/dbus/contract.h"
#include "tests/component/dbus/served.h"

namespace backhaul::test {
namespace {

class Downloads : public Served {
 protected:
  Downloads() { schedules_downloads_ = true; }

  static bus::Call scheduler(const char* member) {
    return {bus::scheduler_name, bus::scheduler_path, bus::scheduler_interface, member, bus::usual_limit, false};
  }
  static bus::Call entry(const std::string& path, const char* member) {
    return {bus::scheduler_name, path, bus::schedule_entry_interface, member, bus::usual_limit, false};
  }
  static bus::Call properties(const std::string& path, const char* member) {
    return {bus::scheduler_name, path, bus::properties_interface, member, bus::usual_limit, false};
  }
  std::string scheduled(bus::Bus& by, bus::WantedDownload wanted = {}) {
    const auto path = test::ask<bus::ObjectPath>(loop_, by, scheduler("Schedule"), wanted);
    EXPECT_TRUE(path) << (path ? "" : path.error().text);
    return path ? std::get<0>(*path).value : std::string();
  }
  std::string scheduled(bus::WantedDownload wanted = {}) { return scheduled(client_, wanted); }
  bool may_go_on(const std::string& path) {
    const auto values = ask<bus::ScheduleEntryProperties>(properties(path, "GetAll"),
                                                          std::string(bus::schedule_entry_interface));
    EXPECT_TRUE(values) << path;
    return values && std::get<0>(*values).download_now;
  }
  bus::SchedulerProperties state() {
    const auto values =
        ask<bus::SchedulerProperties>(properties(bus::scheduler_path, "GetAll"), std::string(bus::scheduler_interface));
    EXPECT_TRUE(values);
    return values ? std::get<0>(*values) : bus::SchedulerProperties{};
  }
  Interface running(const std::string& path, const std::string& interface) {
    const auto text = ask<std::string>(to(path, "org.freedesktop.DBus.Introspectable", "Introspect"));
    EXPECT_TRUE(text);
    return text ? parse(std::get<0>(*text))[interface] : Interface{};
  }
};

TEST_F(Downloads, AreAsDocumented) {
  EXPECT_FALSE(contract(bus::scheduler_interface).empty());
  EXPECT_EQ(running(bus::scheduler_path, bus::scheduler_interface), contract(bus::scheduler_interface));
  EXPECT_EQ(running(scheduled(), bus::schedule_entry_interface), contract(bus::schedule_entry_interface));
}

TEST_F(Downloads, TwoGoOnTheNextWhenOneIsRemovedAndNoneWithoutLeave) {
  const std::string first = scheduled(), second = scheduled(), third = scheduled();
  EXPECT_TRUE(may_go_on(first) && may_go_on(second));
  EXPECT_FALSE(may_go_on(third));
  EXPECT_EQ(state(), (bus::SchedulerProperties{3, 2, true}));
  EXPECT_TRUE(ask<>(entry(first, "Remove")));
  EXPECT_TRUE(may_go_on(third));
  EXPECT_EQ(ask<>(entry(first, "Remove")).error().name, "org.freedesktop.DBus.Error.UnknownObject");
  adapter_->give_leave({.allowed = true, .own_background = true});
  EXPECT_TRUE(may_go_on(second));
  EXPECT_FALSE(may_go_on(third));
  adapter_->give_leave({.allowed = false, .own_background = false});
  EXPECT_FALSE(may_go_on(second));
  EXPECT_EQ(state(), (bus::SchedulerProperties{2, 0, false}));
}

TEST_F(Downloads, ItsMakerIsToldOfAChangeAndNobodyElse) {
  bus::Bus other = bus_.connect();
  ASSERT_TRUE(other.attach(loop_.native()));
  const std::string path = scheduled();
  int hers = 0, his = 0;
  const std::string rule = "type='signal',interface='org.freedesktop.DBus.Properties',path='" + path + "'";
  const bus::Slot she = client_.match(rule, [&](const bus::Message&) { ++hers; });
  const bus::Slot he = other.match(rule, [&](const bus::Message&) { ++his; });
  const auto other_has_read = [&] {
    return test::ask<std::string>(loop_, other, {bus::daemon_name, bus::daemon_path, bus::daemon_interface, "GetId",
                                                 bus::usual_limit})
        .has_value();
  };
  EXPECT_TRUE(may_go_on(path));  // the match stands, and that it may go on at all has been told
  ASSERT_TRUE(other_has_read());
  hers = 0;
  adapter_->give_leave({.allowed = false});
  EXPECT_TRUE(until([&] { return hers == 1; }));
  ASSERT_TRUE(other_has_read());
  EXPECT_EQ(his, 0);
}

TEST_F(Downloads, AnEntryIsThereForItsMakerAlone) {
  bus::Bus other = bus_.connect();
  ASSERT_TRUE(other.attach(loop_.native()));
  const std::string path = scheduled();
  const auto read = test::ask<bus::ScheduleEntryProperties>(loop_, other, properties(path, "GetAll"),
                                                            std::string(bus::schedule_entry_interface));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().name, "org.freedesktop.DBus.Error.UnknownObject");
  EXPECT_FALSE(test::ask<>(loop_, other, entry(path, "Remove")));
  EXPECT_TRUE(may_go_on(path));
}

TEST_F(Downloads, WhatItsMakerSetsCounts) {
  const std::string first = scheduled(), second = scheduled(), third = scheduled({.priority = 5U, .resumable = true});
  EXPECT_TRUE(may_go_on(first) && may_go_on(second)) << "they would lose what they have";
  EXPECT_FALSE(may_go_on(third));
  EXPECT_TRUE(ask<>(properties(second, "Set"), std::string(bus::schedule_entry_interface), std::string("Resumable"),
                    bus::VariantOf<bool>{true}));
  EXPECT_FALSE(may_go_on(second));
  EXPECT_TRUE(may_go_on(third));
  const auto refused = ask<>(properties(second, "Set"), std::string(bus::schedule_entry_interface),
                             std::string("DownloadNow"), bus::VariantOf<bool>{true});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().name, "org.freedesktop.DBus.Error.PropertyReadOnly");
}

TEST_F(Downloads, EntriesAndHoldsGoWithTheirMaker) {
  EXPECT_FALSE(adapter_->schedules_downloads());
  {
    bus::Bus other = bus_.connect();
    ASSERT_TRUE(other.attach(loop_.native()));
    scheduled(other);
    scheduled(other);
    EXPECT_TRUE(test::ask<>(loop_, other, scheduler("Hold"), std::string("a test")));
    EXPECT_FALSE(test::ask<>(loop_, other, scheduler("Hold"), std::string("once more")));
    EXPECT_EQ(state().entry_count, 2U);
  }
  EXPECT_TRUE(until([&] { return !adapter_->schedules_downloads(); }));
  EXPECT_EQ(state(), (bus::SchedulerProperties{0, 0, true}));
  EXPECT_FALSE(ask<>(scheduler("Release"))) << "nothing is held";
}

TEST_F(Downloads, OneAccountHasSoManyEntriesAndNoMore) {
  const std::vector<bus::WantedDownload> many(256);
  const auto made = ask<std::vector<bus::ObjectPath>>(scheduler("ScheduleEntries"), many);
  ASSERT_TRUE(made) << made.error().text;
  EXPECT_EQ(std::get<0>(*made).size(), many.size());
  const auto refused = ask<bus::ObjectPath>(scheduler("Schedule"), bus::WantedDownload{});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().name, "com.endlessm.DownloadManager1.Scheduler.Error.Full");
}

class NotAsked : public Served {};

TEST_F(NotAsked, WhereTheSettingsDoNotSaySoNobodyHasTheName) {
  const auto owned = ask<bool>({bus::daemon_name, bus::daemon_path, bus::daemon_interface, "NameHasOwner",
                                bus::usual_limit}, std::string(bus::scheduler_name));
  ASSERT_TRUE(owned);
  EXPECT_FALSE(std::get<0>(*owned));
}

}  // namespace
}  // namespace backhaul::test
