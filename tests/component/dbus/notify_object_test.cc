// SPDX-License-Identifier: Apache-2.0
// Calls of callback objects and everything that can become of them.
#include "tests/component/dbus/notify.h"

namespace backhaul::test {
namespace {

using base::Code;
using core::NotifyKind;

class NotifyObject : public Notify {
 protected:
  void SetUp() override {
    Notify::SetUp();
    callee_.emplace(bus_.connect());
    name_ = callee_->unique_name();
    ASSERT_TRUE(callee_->attach(loop_.native()));
    auto filter = callee_->add_filter("/cb", [this](const bus::Message& call) {
      if (call.interface() != bus::callback_interface) return false;
      members_.push_back(call.member() + " " + call.signature());
      answer_(call);
      return true;
    });
    ASSERT_TRUE(filter);
    filter_ = *std::move(filter);
  }
  void answer_with(Code code) {
    answer_ = [code](const bus::Message& call) { bus::reply(call, base::to_number(code)); };
  }

  std::optional<bus::Bus> callee_;
  std::string name_;
  bus::Slot filter_;
  std::function<void(const bus::Message&)> answer_ = [](const bus::Message& call) {
    bus::reply(call, base::to_number(Code::S_OK));
  };
  std::vector<std::string> members_;
};

TEST_F(NotifyObject, TheCodeOfTheCalleeIsTheResult) {
  for (Code code : {Code::S_OK, Code::S_FALSE, Code::E_FAIL, Code::E_NOTIMPL}) {
    answer_with(code);
    const auto notified = tell_object(object(name_, "/cb"));
    EXPECT_EQ(notified.outcome, Outcome::answered);
    EXPECT_EQ(notified.result, code);
  }
  EXPECT_EQ(members_[0], "JobTransferred to");
}

TEST_F(NotifyObject, JobErrorCarriesTheErrorOfTheJob) {
  std::tuple<std::uint64_t, bus::ObjectPath, bus::ErrorTuple> told;
  answer_ = [&](const bus::Message& call) {
    told = *bus::read_body<std::uint64_t, bus::ObjectPath, bus::ErrorTuple>(call);
    bus::reply(call, std::uint32_t{0});
  };
  ports::Notification notification = event(NotifyKind::job_error);
  notification.error = {base::http_code(404), base::ErrorContext::remote_file, 2, "HTTP 404"};
  notification.target = ports::ObjectTarget{object(name_, "/cb")};
  const std::uint64_t sequence = notification.sequence;
  EXPECT_EQ(outcome(std::move(notification)).outcome, Outcome::answered);
  EXPECT_EQ(std::get<0>(told), sequence);
  EXPECT_EQ(std::get<1>(told).value, bus::job_path(job_));
  EXPECT_EQ(std::get<2>(told), (bus::ErrorTuple{0x80190194U, 5, 2, "HTTP 404"}));
}

TEST_F(NotifyObject, FileTransferredNamesTheFile) {
  std::string file;
  answer_ = [&](const bus::Message& call) {
    auto body = bus::read_body<std::uint64_t, bus::ObjectPath, bus::ObjectPath>(call);
    file = std::get<2>(*body).value;
    bus::reply(call, std::uint32_t{0});
  };
  ports::Notification notification = event(NotifyKind::file_transferred);
  notification.file = 4;
  notification.target = ports::ObjectTarget{object(name_, "/cb", 2)};
  EXPECT_EQ(outcome(std::move(notification)).outcome, Outcome::answered);
  EXPECT_EQ(file, bus::file_path(job_, 4));
}

TEST_F(NotifyObject, N19_AnObjectOfLevelOneIsNotAskedAboutFiles) {
  const auto notified = tell_object(object(name_, "/cb", 1), NotifyKind::file_transferred);
  EXPECT_EQ(notified.outcome, Outcome::unsupported);
  EXPECT_TRUE(members_.empty());
  EXPECT_EQ(tell_object(object(name_, "/cb", 1)).outcome, Outcome::answered);
}

TEST_F(NotifyObject, AnErrorOfALivingCalleeIsAFailure) {
  answer_ = [](const bus::Message& call) {
    bus::reply_error(call, {Code::E_ACCESSDENIED, "go away"});
  };
  const auto notified = tell_object(object(name_, "/cb"));
  EXPECT_EQ(notified.outcome, Outcome::failed);
  EXPECT_EQ(notified.result, Code::E_ACCESSDENIED);
  EXPECT_NE(notified.text.find("go away"), std::string::npos);
}

TEST_F(NotifyObject, N59_AnObjectThatItsLivingProcessDisownsIsGone) {
  answer_ = [](const bus::Message& call) {
    bus::reply_error(call, {Code::RPC_E_DISCONNECTED, "its thread has ended"});
  };
  EXPECT_EQ(tell_object(object(name_, "/cb")).outcome, Outcome::gone);
}

TEST_F(NotifyObject, APathThatIsNotThereIsAFailureNotAnEnd) {
  EXPECT_EQ(tell_object(object(name_, "/elsewhere")).outcome, Outcome::failed);
  answer_ = [](const bus::Message& call) {  // an answer of another type
    bus::reply(call, std::string("fine"));
  };
  EXPECT_EQ(tell_object(object(name_, "/cb")).outcome, Outcome::failed);
}

TEST_F(NotifyObject, NoReplyFromALivingCalleeIsAFailureNotAnEnd) {
  answer_ = [](const bus::Message& call) { bus::reply_failure(call, {bus::no_reply, "busy"}); };
  EXPECT_EQ(tell_object(object(name_, "/cb")).outcome, Outcome::failed);
}

TEST_F(NotifyObject, AProcessThatIsGoneIsGone) {
  filter_.reset();
  callee_.reset();
  EXPECT_EQ(tell_object(object(name_, "/cb")).outcome, Outcome::gone);
  core::ObjectRegistration elsewhere = object(client_.unique_name(), "/cb");
  elsewhere.bus_id = "another";
  EXPECT_EQ(tell_object(elsewhere).outcome, Outcome::gone);
}

TEST_F(NotifyObject, N59_DeathInsideTheCallIsAnEnd) {
  bool called = false;
  answer_ = [&](const bus::Message&) { called = true; };
  ports::Notification notification = event();
  notification.target = ports::ObjectTarget{object(name_, "/cb")};
  const base::Ticket ticket = notification.ticket;
  adapter_->notify(std::move(notification));
  ASSERT_TRUE(until([&] { return called; }));
  filter_.reset();
  callee_.reset();
  EXPECT_EQ(outcome_of(ticket).outcome, Outcome::gone);
  EXPECT_TRUE(until([&] { return inbox_.count<ports::PeerGone>() == 1; }));
}

TEST_F(NotifyObject, N40_ACalleeMayAskTheServiceBeforeItAnswers) {
  core::Job& job = queue_.add_job("n");
  std::optional<bus::Message> waiting;
  std::unique_ptr<Pending<std::uint32_t>> complete;
  answer_ = [&](const bus::Message& call) {
    waiting = call;
    complete = begin<std::uint32_t>(Served::job(job, "Complete"));
  };
  ports::Notification notification = event();
  notification.target = ports::ObjectTarget{object(name_, "/cb")};
  const base::Ticket ticket = notification.ticket;
  adapter_->notify(std::move(notification));
  ASSERT_TRUE(until([&] { return !queue_.open.empty(); }));
  queue_.answer(ports::ReplyValue{});
  ASSERT_TRUE(until([&] { return complete->answer.has_value(); }));
  EXPECT_TRUE(*complete->answer);
  EXPECT_EQ(inbox_.count<ports::DeliveryEnded>(), 0U);
  bus::reply(*waiting, std::uint32_t{0});
  EXPECT_EQ(outcome_of(ticket).outcome, Outcome::answered);
}

TEST_F(NotifyObject, ReleasedIsToldOnThisBusOnly) {
  core::ObjectRegistration elsewhere = object(name_, "/cb/other");
  elsewhere.bus_id = "another";
  adapter_->release(elsewhere);
  adapter_->release(object(name_, "/cb/mine"));
  ASSERT_TRUE(until([&] { return !members_.empty(); }));
  EXPECT_EQ(members_, std::vector<std::string>{"Released "});
}

TEST_F(NotifyObject, AfterARestartAnObjectIsKnownByItsBusAndName) {
  EXPECT_TRUE(adapter_->watch(object(name_, "/cb")));
  core::ObjectRegistration elsewhere = object(name_, "/cb");
  elsewhere.bus_id = "another";
  EXPECT_FALSE(adapter_->watch(elsewhere));
  // One that left while no service ran is told like one that leaves now.
  EXPECT_TRUE(adapter_->watch(object(":1.999", "/cb")));
  ASSERT_TRUE(until([&] { return inbox_.count<ports::PeerGone>() == 1; }));
  EXPECT_EQ(inbox_.all<ports::PeerGone>()[0].unique_name, ":1.999");
  filter_.reset();
  callee_.reset();
  ASSERT_TRUE(until([&] { return inbox_.count<ports::PeerGone>() == 2; }));
  EXPECT_EQ(inbox_.all<ports::PeerGone>()[1].unique_name, name_);
}

}  // namespace
}  // namespace backhaul::test
