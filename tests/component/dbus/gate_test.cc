// SPDX-License-Identifier: Apache-2.0
// Who is let in, and that nobody is held up by a client that does not read.
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/component/dbus/served.h"
#include "tests/support/no_descriptors.h"

namespace backhaul::test {
namespace {

using base::Code;
using Pages = bus::Outcome<std::vector<bus::ListedJob>, std::string>;

class Strangers : public Served {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "SKIPPED LOUDLY: only root can come as another user";
    std::filesystem::permissions(std::filesystem::path(bus_.folder() / "bus").parent_path(),
                                 std::filesystem::perms(0755));
    std::filesystem::permissions(bus_.folder() / "bus", std::filesystem::perms(0777));
    Served::SetUp();
    ASSERT_EQ(seteuid(nobody), 0);
    auto connected = bus::Bus::open(bus_.address());
    ASSERT_EQ(seteuid(0), 0);
    ASSERT_TRUE(connected);
    stranger_.emplace(*std::move(connected));
    ASSERT_TRUE(stranger_->attach(loop_.native()));
  }
  template <class... In>
  void expect_refused(const bus::Call& call, const In&... in) {
    const auto answer = test::ask<>(loop_, *stranger_, call, in...);
    ASSERT_FALSE(answer) << call.member;
    EXPECT_EQ(answer.error().code(), Code::E_ACCESSDENIED) << call.member;
    EXPECT_NE(answer.error().text.find("user " + std::to_string(geteuid())), std::string::npos)
        << call.member << ": " << answer.error().text;
  }

  static constexpr uid_t nobody = 65534;
  std::optional<bus::Bus> stranger_;
};

TEST_F(Strangers, AreRefusedByEveryMethodOfEveryObject) {
  const core::Job& known = queue_.add_job("n");
  // Whatever its arguments are: nobody looks at them.
  for (const char* member :
       {"Enqueue", "CreateJob", "GetJob", "ListJobs", "Events", "DescribeError", "RegisterClass",
        "UnregisterClass", "ListClasses", "NoSuchMethod"})
    expect_refused(manager(member));
  for (const char* member :
       {"AddFiles", "AddFilesIn", "Start", "Suspend", "Complete", "Cancel", "TakeOwnership", "SetNotifyObject",
        "ClearNotifyObject", "SetCertificateValidator", "ClearCertificateValidator",
        "SetNotifyService", "SetNotifyCommand", "SetProxy", "SetCredentials",
        "SetCredentialsFrom", "GetError", "ListFiles", "SetProperties"})
    expect_refused(job(known, member));
  expect_refused(to(bus::file_path(known.id, 0), bus::file_interface, "SetValidationState"), true);
  expect_refused(to(bus::file_path(known.id, 0), bus::file_interface, "GetResponseHeaders"));
  expect_refused(to(bus::root_path, bus::object_manager_interface, "GetManagedObjects"));
  for (const std::string& path :
       {std::string(bus::root_path), bus::job_path(known.id), bus::file_path(known.id, 0)}) {
    expect_refused(to(path, bus::properties_interface, "GetAll"), std::string());
    expect_refused(to(path, bus::properties_interface, "Get"), std::string(), std::string("Version"));
    expect_refused(to(path, bus::properties_interface, "Set"), std::string(), std::string("Name"),
                   bus::Variant{std::string("n")});
    expect_refused(to(path, "org.freedesktop.DBus.Introspectable", "Introspect"));
    expect_refused(to(path, "org.freedesktop.DBus.Peer", "Ping"));
  }
  EXPECT_TRUE(queue_.open.empty());
  EXPECT_TRUE(queue_.filters.empty());
  // Its user is served all the same.
  EXPECT_TRUE((ask<std::vector<bus::ListedJob>, std::string>(manager("ListJobs"), bus::ListFilter{},
                                                             std::string(), 1U)));
}

// What the service itself lacks is no verdict over the caller, which would last as long as it stays.
class Short : public Served {
 protected:
  bus::Outcome<std::vector<bus::ListedJob>, std::string> list() {
    return ask<std::vector<bus::ListedJob>, std::string>(manager("ListJobs"), bus::ListFilter{},
                                                         std::string(), 1U);
  }
};

TEST_F(Short, OfDescriptorsACallIsRefusedAndTheNextOneIsLookedAtAgain) {
  for (int round = 0; round < 2; ++round) {
    const NoDescriptors none;
    const auto answer = list();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code(), Code::TOO_MANY_OPEN_FILES) << answer.error().text;
  }
  EXPECT_TRUE(list());
}

class Readers : public Served {
 protected:
  void SetUp() override {
    Served::SetUp();
    for (int i = 0; i < 250; ++i) queue_.add_job("n").description = std::string(1000, 'd');  // one page: ~0.5 MiB
  }
  // While somebody who does not read has calls open.
  void others_are_answered() {
    ASSERT_TRUE(until([&] { return queue_.filters.size() >= 2; }));
    for (int i = 0; i < 5; ++i)
      EXPECT_TRUE((ask<std::vector<bus::ListedJob>, std::string>(
          manager("ListJobs"), bus::ListFilter{}, std::string(), 1U)));
  }
  static constexpr std::uint32_t limit = 1000;
};

TEST_F(Readers, WhoDoesNotReadWaitsAndNobodyElseDoes) {
  constexpr std::size_t calls = 24;
  bus::Bus deaf = bus_.connect();  // nobody looks at what comes in
  std::size_t answered = 0;
  std::vector<bus::Slot> slots;
  for (std::size_t i = 0; i < calls; ++i)
    slots.push_back(deaf.call_async<std::vector<bus::ListedJob>, std::string>(
        manager("ListJobs"), [&](const Pages& page) { answered += page ? 1 : 0; },
        bus::ListFilter{}, std::string(), limit));
  deaf.flush();
  ASSERT_NO_FATAL_FAILURE(others_are_answered());
  // A megabyte, what was on its way, and what arrived so slowly that it looked like one at a time.
  EXPECT_LT(queue_.filters.size(), calls / 2);
  ASSERT_TRUE(deaf.attach(loop_.native()));  // it reads now
  ASSERT_TRUE(until([&] { return answered == calls; }));
  EXPECT_EQ(queue_.filters.size(), calls + 5);
}

TEST_F(Readers, ManagedObjectsAreAPageLikeTheOthers) {
  using Objects = std::vector<std::pair<bus::ObjectPath, bus::JobInterfaces>>;
  constexpr std::size_t calls = 24;
  bus::Bus deaf = bus_.connect();
  std::size_t answered = 0;
  std::vector<bus::Slot> slots;
  for (std::size_t i = 0; i < calls; ++i)
    slots.push_back(deaf.call_async<Objects>(
        to(bus::root_path, bus::object_manager_interface, "GetManagedObjects"),
        [&](const bus::Outcome<Objects>& objects) { answered += objects ? 1 : 0; }));
  deaf.flush();
  ASSERT_NO_FATAL_FAILURE(others_are_answered());
  EXPECT_LT(queue_.filters.size(), calls / 2);
  ASSERT_TRUE(deaf.attach(loop_.native()));
  ASSERT_TRUE(until([&] { return answered == calls; }));
}

TEST_F(Readers, WhoMakesOneCallAfterTheOtherNeverWaitsForAPing) {
  bus::Bus one = bus_.connect();
  std::atomic<int> answered = 0;
  std::thread client([&] {  // blocks in each call, and so answers nothing
    for (int i = 0; i < 8; ++i)
      if (one.call<std::vector<bus::ListedJob>, std::string>(manager("ListJobs"), bus::ListFilter{},
                                                             std::string(), limit))
        ++answered;
  });
  EXPECT_TRUE(until([&] { return answered == 8; }));
  client.join();
}

TEST_F(Readers, CallsOfOneClientAreTakenInTheirOrder) {
  std::vector<std::unique_ptr<Pending<bus::ObjectPath>>> pending;
  bus::Bus fresh = bus_.connect();  // unknown so far: its first calls wait for its name
  ASSERT_TRUE(fresh.attach(loop_.native()));
  std::vector<bus::Slot> slots;
  for (int i = 0; i < 20; ++i)
    slots.push_back(fresh.call_async<bus::ObjectPath>(
        manager("CreateJob"), [](const bus::Outcome<bus::ObjectPath>&) {}, std::to_string(i), 0U));
  ASSERT_TRUE(until([&] { return queue_.open.size() == 20; }));
  for (std::size_t i = 0; i < 20; ++i)
    EXPECT_EQ(std::get<ports::command::Enqueue>(queue_.open[i].body).properties.name,
              std::to_string(i));
}

class Crowded : public Served {
 protected:
  Crowded() { limits_ = {.calls = 2, .waiting = 3, .unread = std::size_t{1} << 20}; }
};

TEST_F(Crowded, SoManyCallsAreOpenMoreWaitAndTheRestIsRefused) {
  std::vector<std::unique_ptr<Pending<bus::ObjectPath>>> calls;
  ASSERT_TRUE(ask<std::vector<bus::ListedClass>>(manager("ListClasses")));  // it is known by now
  for (int i = 0; i < 8; ++i)
    calls.push_back(begin<bus::ObjectPath>(manager("CreateJob"), std::string("n"), 0U));
  ASSERT_TRUE(until([&] { return calls[7]->answer.has_value(); }));
  std::size_t refused = 0;
  for (const auto& call : calls)
    if (call->answer) {
      EXPECT_EQ(call->answer->error().code(), Code::E_OUTOFMEMORY);
      ++refused;
    }
  EXPECT_EQ(refused, 3U);
  EXPECT_EQ(queue_.open.size(), 2U);
  while (!queue_.open.empty()) {
    queue_.answer(base::Error(Code::BG_E_NOT_FOUND));
    const auto answered = [&] {
      return std::ranges::count_if(calls, [](const auto& call) { return call->answer.has_value(); });
    };
    ASSERT_TRUE(until([&] { return !queue_.open.empty() || answered() == 8; }));
  }
  for (const auto& call : calls) EXPECT_TRUE(call->answer);
}

class ManyConnections : public Served {
 protected:
  ManyConnections() { limits_ = {.calls = 2, .waiting = 10, .unread = std::size_t{1} << 20, .of_user = 1}; }
  void SetUp() override {
    Served::SetUp();
    for (std::size_t i = 0; i < connections; ++i) {
      others_.push_back(std::make_unique<bus::Bus>(bus_.connect()));
      ASSERT_TRUE(others_.back()->attach(loop_.native()));
    }
  }
  void call_thrice(bus::Bus& client) {
    for (int i = 0; i < 3; ++i)
      slots_.push_back(client.call_async<bus::ObjectPath>(
          manager("CreateJob"), [this](const bus::Outcome<bus::ObjectPath>&) { ++answered_; }, std::string("n"), 0U));
  }

  static constexpr std::size_t connections = 5;
  std::vector<std::unique_ptr<bus::Bus>> others_;
  std::vector<bus::Slot> slots_;
  std::size_t answered_ = 0;
};

TEST_F(ManyConnections, OfOneUserHaveTogetherNoMoreThanTheirShares) {
  for (const auto& one : others_)  // they are known by now
    ASSERT_TRUE(test::ask<std::vector<bus::ListedClass>>(loop_, *one, manager("ListClasses")));
  call_thrice(*others_.front());
  ASSERT_TRUE(until([&] { return queue_.open.size() == 2; })) << "as many as one may have, which is all here";
  for (std::size_t i = 1; i < connections; ++i) call_thrice(*others_[i]);
  ASSERT_TRUE(until([&] { return queue_.open.size() == connections + 1; })) << "one of each other";
  EXPECT_TRUE(ask<std::vector<bus::ListedClass>>(manager("ListClasses"))) << "nor does one more wait";
  while (answered_ < 3 * connections) {
    ASSERT_TRUE(until([&] { return !queue_.open.empty(); })) << "somebody waits for ever";
    EXPECT_LE(queue_.open.size(), connections + 1);
    const std::size_t before = answered_;
    queue_.answer(base::Error(Code::BG_E_NOT_FOUND));
    ASSERT_TRUE(until([&] { return answered_ > before; }));
  }
}

}  // namespace
}  // namespace backhaul::test
