// SPDX-License-Identifier: Apache-2.0
// Job1.SetCredentialsFrom, and Enqueue with CredentialsFrom: a client is asked for user and password as a sealed
// memory file. What else is none, bus/secret_file_test.cc says.
#include <fcntl.h>
#include <sys/mman.h>

#include <map>
#include <utility>

#include "bus/process.h"
#include "bus/secret_file.h"
#include "tests/component/dbus/contract.h"
#include "tests/component/dbus/served.h"

namespace backhaul::test {
namespace {

using base::Code;
using base::Secret;
using From = std::vector<bus::CredentialsFromTuple>;

bus::FileDescriptor unsealed() {
  bus::FileDescriptor file(memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  EXPECT_EQ(write(file.get(), "ana\0hunter2", 11), 11);
  return file;
}

bus::FileDescriptor too_long() {
  bus::FileDescriptor file = unsealed();
  EXPECT_EQ(ftruncate(file.get(), static_cast<off_t>(bus::secret_file_max) + 1), 0);
  EXPECT_EQ(fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK), 0);
  return file;
}

class SecretsHandedOver : public Served {
 protected:
  void SetUp() override {
    Served::SetUp();
    ASSERT_TRUE(giver_.attach(loop_.native()));
    auto object = giver_.add_filter("/given", [this](const bus::Message& call) {
      asked_.push_back(call.interface() + " " + call.member() + " " + call.signature());
      asked_by_ = call.sender();
      give(call);
      return true;
    });
    ASSERT_TRUE(object);
    object_ = *std::move(object);
    ASSERT_EQ(pipe2(pipe_, O_CLOEXEC), 0);
  }
  void TearDown() override {
    for (const int end : pipe_) close(end);
    Served::TearDown();
  }
  void give(const bus::Message& call) {
    const std::string what = call.path().substr(std::string("/given/").size());
    if (what == "good") bus::reply(call, *bus::make_secret_file({Secret("ana"), Secret("hunter2")}));
    else if (what == "other") bus::reply(call, *bus::make_secret_file({Secret("ben"), Secret("hunter3")}));
    else if (what == "unsealed") bus::reply(call, unsealed());
    else if (what == "long") bus::reply(call, too_long());
    else if (what == "pipe") bus::reply(call, bus::FileDescriptor(dup(pipe_[0])));
    else if (what == "text") bus::reply(call, std::string("ana"));
    else if (what == "error") bus::reply_error(call, base::Error(Code::E_FAIL, "not today"));
    else held_.push_back(call);  // it is not answered
  }
  // What the call was answered; what came to the queue meanwhile is in `taken_`, and was answered there.
  template <class... Out, class... In>
  Code call(const bus::Call& target, ports::ReplyValue value, const In&... in) {
    std::optional<bus::Outcome<Out...>> answer;
    const bus::Slot slot =
        giver_.call_async<Out...>(target, [&](bus::Outcome<Out...> outcome) { answer = std::move(outcome); }, in...);
    EXPECT_TRUE(until([&] { return answer || !queue_.open.empty(); }));
    if (!answer && !queue_.open.empty()) {
      taken_.push_back(queue_.open.back());
      queue_.answer(std::move(value));
    }
    EXPECT_TRUE(until([&] { return answer.has_value(); }));
    if (!answer) return Code::E_UNEXPECTED;
    why_ = *answer ? "" : answer->error().text;
    return *answer ? Code::S_OK : answer->error().code();
  }
  Code set(const char* object, std::uint32_t target = 1, std::uint32_t scheme = 1) {
    return call<>(job(job_, "SetCredentialsFrom"), {}, target, scheme, bus::ObjectPath{object});
  }
  Code enqueue(const bus::NewJob& wanted) {
    return call<bus::ObjectPath>(manager("Enqueue"), base::JobId{{1}}, wanted, std::vector<bus::NewFile>{}, false);
  }

  const core::Job& job_ = queue_.add_job("n");
  bus::Bus giver_ = *bus::Bus::begin(bus_.address(), bus::Descriptors::taken);
  bus::Slot object_;
  int pipe_[2] = {-1, -1};
  std::vector<bus::Message> held_;
  std::vector<std::string> asked_;
  std::string asked_by_;
  std::vector<ports::Command> taken_;
  std::string why_;
};

TEST_F(SecretsHandedOver, BecomeTheCommandThatTheyAreAsText) {
  EXPECT_EQ(set("/given/good", 2, 2), Code::S_OK) << why_;
  ASSERT_EQ(taken_.size(), 1U);
  const auto* command = std::get_if<ports::command::SetSecrets>(&taken_[0].body);
  ASSERT_NE(command, nullptr);
  EXPECT_EQ(command->job, job_.id);
  ASSERT_EQ(command->secrets.credentials.size(), 1U);
  const core::Credentials& credentials = command->secrets.credentials[0];
  EXPECT_EQ(credentials.target, core::AuthTarget::proxy);
  EXPECT_EQ(credentials.scheme, core::AuthScheme::digest);
  EXPECT_EQ(credentials.user->reveal(), "ana");
  EXPECT_EQ(credentials.password->reveal(), "hunter2");
  EXPECT_EQ(taken_[0].caller.uid, geteuid()) << "judged by who calls, as ever";
  EXPECT_EQ(asked_, std::vector<std::string>{std::string(bus::secret_interface) + " Open "});
  EXPECT_EQ(contract(bus::secret_interface).count("method Open ->secret:h"), 1U);
  EXPECT_NE(asked_by_, service_bus_.unique_name()) << "that one takes no descriptors";
}

TEST_F(SecretsHandedOver, WhatIsNoneIsRefusedAndSaysWhy) {
  for (const auto& [object, word] : {std::pair{"/given/unsealed", "sealed"},
                                     {"/given/pipe", "sealed"},  // and empty: whoever read it would wait
                                     {"/given/long", "octets"},
                                     {"/given/text", "no secret was handed over"},
                                     {"/given/error", "not today"},
                                     {"/nowhere", "no secret was handed over"}}) {
    EXPECT_EQ(set(object), Code::E_INVALIDARG) << object;
    EXPECT_NE(why_.find(word), std::string::npos) << object << ": " << why_;
  }
  EXPECT_TRUE(taken_.empty());
  EXPECT_EQ(log_.text().find("hunter2"), std::string::npos);
}

TEST_F(SecretsHandedOver, AreNotAskedForWhereTheNumbersAreNone) {
  EXPECT_EQ(set("/given/good", 0, 1), Code::BG_E_INVALID_AUTH_TARGET);
  EXPECT_EQ(set("/given/good", 1, 6), Code::BG_E_INVALID_AUTH_SCHEME);
  EXPECT_TRUE(asked_.empty());
}

TEST_F(SecretsHandedOver, GoIntoAJobThatIsMadeWithThem) {
  bus::NewJob wanted;
  wanted.credentials.emplace();
  wanted.credentials->push_back({1, 4, {}, {}});
  wanted.credentials_from = From{{1, 1, {"/given/good"}}, {2, 2, {"/given/other"}}};
  EXPECT_EQ(enqueue(wanted), Code::S_OK) << why_;
  ASSERT_EQ(taken_.size(), 1U);
  const auto* command = std::get_if<ports::command::Enqueue>(&taken_[0].body);
  ASSERT_NE(command, nullptr);
  const auto& all = command->secrets.credentials;
  ASSERT_EQ(all.size(), 3U);
  EXPECT_TRUE(all[0].implicit());
  EXPECT_EQ(all[1].scheme, core::AuthScheme::basic);
  EXPECT_EQ(all[1].password->reveal(), "hunter2");
  EXPECT_EQ(all[2].target, core::AuthTarget::proxy);
  EXPECT_EQ(all[2].user->reveal(), "ben");
}

TEST_F(SecretsHandedOver, MakeNoJobWhereOneOfThemIsNone) {
  bus::NewJob wanted;
  wanted.credentials_from = From{{1, 1, {"/given/good"}}, {1, 2, {"/given/pipe"}}};
  EXPECT_EQ(enqueue(wanted), Code::E_INVALIDARG);
  wanted.credentials_from = From{{1, 9, {"/given/good"}}};
  EXPECT_EQ(enqueue(wanted), Code::BG_E_INVALID_AUTH_SCHEME);
  wanted.credentials_from = From(11, {1, 1, {"/given/good"}});
  EXPECT_EQ(enqueue(wanted), Code::E_INVALIDARG);
  EXPECT_TRUE(taken_.empty());
  EXPECT_EQ(asked_.size(), 2U);
}

TEST_F(SecretsHandedOver, ThatDoNotComeKeepNobodyWaiting) {
  std::optional<bus::Outcome<>> never;
  const bus::Slot slot = giver_.call_async<>(
      job(job_, "SetCredentialsFrom"), [&](bus::Outcome<> outcome) { never = std::move(outcome); }, 1U, 1U,
      bus::ObjectPath{"/given/never"});
  ASSERT_TRUE(until([&] { return !held_.empty(); }));
  EXPECT_EQ(set("/given/good"), Code::S_OK) << why_;
  EXPECT_TRUE((ask<std::vector<bus::ListedJob>, std::string>(manager("ListJobs"), bus::ListFilter{},
                                                             std::string(), 1U)));
  EXPECT_FALSE(never);
}

}  // namespace
}  // namespace backhaul::test
