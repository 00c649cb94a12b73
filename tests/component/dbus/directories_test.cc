// SPDX-License-Identifier: Apache-2.0
// Job1.AddFilesIn, and Enqueue with a Directory: a client is asked for it as a descriptor, and its files go into that.
#include <fcntl.h>
#include <sys/stat.h>

#include "bus/process.h"
#include "tests/component/dbus/contract.h"
#include "tests/component/dbus/served.h"

namespace backhaul::test {
namespace {

class Directories : public Served {
 protected:
  void SetUp() override {
    hold_ = [this](const core::Owner& owner, int directory) -> base::Result<core::Placed> {
      struct stat info;
      EXPECT_EQ(fstat(directory, &info), 0);
      owners_.push_back(owner.uid);
      if (!S_ISDIR(info.st_mode)) return base::Error(base::Code::E_INVALIDARG, "no directory");
      return core::Placed{"/held", "@1:2"};
    };
    Served::SetUp();
    ASSERT_TRUE(giver_.attach(loop_.native()));
    auto object = giver_.add_filter("/given", [this](const bus::Message& call) {
      asked_ = call.interface() + " " + call.member() + " " + call.signature();
      asked_by_ = call.sender();
      if (call.path() == "/given/never") return true;
      bus::reply(call, bus::FileDescriptor(open(call.path() == "/given/file" ? "/dev/null" : "/", O_PATH | O_CLOEXEC)));
      return true;
    });
    ASSERT_TRUE(object);
    object_ = *std::move(object);
  }
  template <class Check>
  void add(const char* object, const char* name, Check check) {
    std::optional<bus::Outcome<>> answer;
    const bus::Slot slot = giver_.call_async<>(
        job(job_, "AddFilesIn"), [&](bus::Outcome<> outcome) { answer = std::move(outcome); },
        bus::ObjectPath{object}, std::vector<bus::NewFile>{{"http://host/x", name, {}}});
    EXPECT_TRUE(until([&] { return answer || !queue_.open.empty(); }));
    check(answer);
    if (!answer) queue_.answer(ports::ReplyValue{});
    EXPECT_TRUE(until([&] { return answer.has_value(); }));
  }

  const core::Job& job_ = queue_.add_job("n");
  bus::Bus giver_ = *bus::Bus::begin(bus_.address(), bus::Descriptors::taken);
  bus::Slot object_;
  std::vector<std::uint32_t> owners_;
  std::string asked_, asked_by_;
};

TEST_F(Directories, AFileGoesIntoTheOneThatTheCallerGives) {
  add("/given/directory", "x", [&](const std::optional<bus::Outcome<>>& answer) {
    ASSERT_FALSE(answer);
    const auto* files = queue_.last<ports::command::AddFiles>();
    ASSERT_NE(files, nullptr);
    EXPECT_EQ(files->job, job_.id);
    ASSERT_EQ(files->files.size(), 1U);
    EXPECT_EQ(files->files[0].local, "/held/x");
    EXPECT_EQ(files->files[0].held, "@1:2");
  });
  EXPECT_EQ(owners_, std::vector<std::uint32_t>{geteuid()});
  EXPECT_EQ(asked_, std::string(bus::directory_interface) + " Open ");
  EXPECT_EQ(contract(bus::directory_interface).count("method Open ->directory:h"), 1U);
  EXPECT_NE(asked_by_, service_bus_.unique_name()) << "that one takes no descriptors";
}

TEST_F(Directories, WhatIsNoneIsRefusedAndSoIsANameThatLeadsOut) {
  const auto refused = [](const std::optional<bus::Outcome<>>& answer) {
    ASSERT_TRUE(answer);
    ASSERT_FALSE(*answer);
    EXPECT_EQ(answer->error().code(), base::Code::E_INVALIDARG) << answer->error().text;
  };
  add("/given/file", "x", refused);
  add("/given/directory", "../x", refused);
  add("/nowhere", "x", refused);
  EXPECT_TRUE(queue_.open.empty());
}

TEST_F(Directories, ANewJobHasItsFilesInTheOneThatTheCallerGives) {
  std::optional<bus::Outcome<bus::ObjectPath>> answer;
  const auto begin_new = [&](const char* object, const char* name) {
    bus::NewJob wanted;
    wanted.name = "n";
    wanted.directory = bus::ObjectPath{object};
    answer.reset();
    return giver_.call_async<bus::ObjectPath>(
        manager("Enqueue"), [&](bus::Outcome<bus::ObjectPath> outcome) { answer = std::move(outcome); }, wanted,
        std::vector<bus::NewFile>{{"http://host/x", name, {}}}, true);
  };
  const bus::Slot made = begin_new("/given/directory", "x");
  ASSERT_TRUE(until([&] { return answer || !queue_.open.empty(); }));
  ASSERT_FALSE(answer) << answer->error().text;
  const auto* job = queue_.last<ports::command::Enqueue>();
  ASSERT_NE(job, nullptr);
  EXPECT_TRUE(job->start);
  ASSERT_EQ(job->files.size(), 1U);
  EXPECT_EQ(job->files[0].local, "/held/x");
  EXPECT_EQ(job->files[0].held, "@1:2");
  queue_.answer(base::JobId{{1}});
  EXPECT_TRUE(until([&] { return answer.has_value(); }));
  EXPECT_TRUE(*answer);
  for (const auto& [object, name] : {std::pair{"/given/file", "x"}, {"/given/directory", "/x"}, {"/nowhere", "x"}}) {
    const bus::Slot refused = begin_new(object, name);
    ASSERT_TRUE(until([&] { return answer || !queue_.open.empty(); }));
    ASSERT_TRUE(answer && !*answer) << object << " " << name;
    EXPECT_EQ(answer->error().code(), base::Code::E_INVALIDARG) << answer->error().text;
  }
  EXPECT_TRUE(queue_.open.empty()) << "nothing is made without it";
}

TEST_F(Directories, WhoDoesNotGiveItHasNoMoreThanSomeQuestionsAndKeepsNobodyWaiting) {
  std::optional<bus::Outcome<>> last;
  std::vector<bus::Slot> slots;
  for (int i = 0; i < 9; ++i)
    slots.push_back(giver_.call_async<>(
        job(job_, "AddFilesIn"), [&](bus::Outcome<> outcome) { last = std::move(outcome); },
        bus::ObjectPath{"/given/never"}, std::vector<bus::NewFile>{{"http://host/x", "x", {}}}));
  EXPECT_TRUE(until([&] { return last.has_value(); }));
  ASSERT_FALSE(*last);
  EXPECT_EQ(last->error().code(), base::Code::E_OUTOFMEMORY) << last->error().text;
  EXPECT_TRUE((ask<std::vector<bus::ListedJob>, std::string>(manager("ListJobs"), bus::ListFilter{},
                                                             std::string(), 1U)));
}

}  // namespace
}  // namespace backhaul::test
