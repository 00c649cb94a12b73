// SPDX-License-Identifier: Apache-2.0
// Questions about certificates, and everything that can become of them.
#include "tests/component/dbus/notify.h"

namespace backhaul::test {
namespace {

using base::Code;

class Inquiry : public Notify {
 protected:
  void SetUp() override {
    Notify::SetUp();
    callee_.emplace(bus_.connect());
    name_ = callee_->unique_name();
    ASSERT_TRUE(callee_->attach(loop_.native()));
    auto filter = callee_->add_filter("/v", [this](const bus::Message& call) {
      if (call.interface() != bus::certificate_validator_interface) return false;
      members_.push_back(call.member());
      answer_(call);
      return true;
    });
    ASSERT_TRUE(filter);
    filter_ = *std::move(filter);
  }
  void ask(const core::ObjectRegistration& object, std::vector<std::string> chain = {"leaf"}) {
    adapter_->check_certificate({.number = ++number_,
                        .job = job_,
                        .file = 3,
                        .object = object,
                        .chain = std::move(chain)});
  }
  ports::CertificateChecked outcome() {
    EXPECT_TRUE(until([&] {
      const auto all = inbox_.all<ports::CertificateChecked>();
      return !all.empty() && all.back().question == number_;
    }));
    return inbox_.all<ports::CertificateChecked>().back();
  }

  std::optional<bus::Bus> callee_;
  std::string name_;
  bus::Slot filter_;
  std::function<void(const bus::Message&)> answer_ = [](const bus::Message&) {};
  std::vector<std::string> members_;
  std::uint64_t number_ = 0;
};

TEST_F(Inquiry, CarriesJobFileAndChainAndBringsTheCodeOfTheCallee) {
  using Octets = std::vector<std::uint8_t>;
  std::tuple<bus::ObjectPath, bus::ObjectPath, std::vector<Octets>, std::uint32_t> told;
  for (const Code code : {Code::S_OK, Code::S_FALSE, Code::E_FAIL}) {
    answer_ = [&](const bus::Message& call) {
      told = *bus::read_body<bus::ObjectPath, bus::ObjectPath, std::vector<Octets>, std::uint32_t>(
          call);
      bus::reply(call, base::to_number(code));
    };
    ask(object(name_, "/v"), {std::string("\0\xff", 2), "root"});
    EXPECT_EQ(outcome().outcome, Outcome::answered);
    EXPECT_EQ(outcome().result, code);
  }
  EXPECT_EQ(std::get<0>(told).value, bus::job_path(job_));
  EXPECT_EQ(std::get<1>(told).value, bus::file_path(job_, 3));
  EXPECT_EQ(std::get<2>(told), (std::vector<Octets>{{0, 255}, {'r', 'o', 'o', 't'}}));
  EXPECT_EQ(std::get<3>(told), 0U);
}

TEST_F(Inquiry, ABusErrorIsAFailure) {
  answer_ = [](const bus::Message& call) {
    bus::reply_failure(call, {"org.freedesktop.DBus.Python.ValueError", "no"});
  };
  ask(object(name_, "/v"));
  EXPECT_EQ(outcome().outcome, Outcome::failed);
  EXPECT_TRUE(base::failed(outcome().result));
}

TEST_F(Inquiry, WhoeverCannotBeCalledIsGone) {
  ask(object(":1.9999", "/v"));
  EXPECT_EQ(outcome().outcome, Outcome::gone);
  ask(object(name_, "/elsewhere"));
  EXPECT_EQ(outcome().outcome, Outcome::gone) << "the process is there, the object is not";
  answer_ = [](const bus::Message& call) {
    bus::reply_error(call, base::Error(Code::RPC_E_DISCONNECTED));
  };
  ask(object(name_, "/v"));
  EXPECT_EQ(outcome().outcome, Outcome::gone);
  core::ObjectRegistration elsewhere = object(name_, "/v");
  elsewhere.bus_id = "another bus";
  ask(elsewhere);
  EXPECT_EQ(outcome().outcome, Outcome::gone);
}

TEST_F(Inquiry, ANameOfAnotherBusIsSomebodyElseHere) {
  core::ObjectRegistration elsewhere = object(name_, "/v");
  elsewhere.bus_id = "of-another-bus";
  ask(elsewhere);
  EXPECT_EQ(outcome().outcome, Outcome::gone);
  EXPECT_TRUE(members_.empty());
}

TEST_F(Inquiry, OneThatDiesInsideTheCallIsGone) {
  ask(object(name_, "/v"));
  ASSERT_TRUE(until([&] { return members_.size() == 1; }));
  filter_ = {};
  callee_.reset();
  EXPECT_EQ(outcome().outcome, Outcome::gone);
}

TEST_F(Inquiry, ReleasedIsToldToTheSameInterface) {
  adapter_->release_certificate_check(object(name_, "/v"));
  EXPECT_TRUE(until([&] { return members_ == std::vector<std::string>{"Released"}; }));
}

}  // namespace
}  // namespace backhaul::test
