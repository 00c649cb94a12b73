// SPDX-License-Identifier: Apache-2.0
// Certificate validators: what they are asked, what becomes of their answers, and when the library
// lets go of them.
#include <backhaul/backhaul.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>

#include "tests/component/client/fake_service.h"

namespace backhaul::test {
namespace {

using namespace std::chrono_literals;

class Counting final : public CertificateValidator {
 public:
  std::uint32_t validate(const CertificateQuestion&) override { return code::s_ok; }
  void released() override { gone_.set_value(); }
  bool was_released() { return future_.wait_for(60s) == std::future_status::ready; }

 private:
  std::promise<void> gone_;
  std::future<void> future_ = gone_.get_future();
};

class ValidatorTest : public testing::Test {
 protected:
  void SetUp() override {
    ConnectOptions options;
    options.address = bus_.address();
    client_ = std::make_unique<Client>(*Client::connect(options));
    job_ = *client_->enqueue(JobSettings(), {{"https://example.org/a", "/tmp/a"}});
  }

  PrivateBus bus_;
  FakeService service_{bus_.address()};
  std::unique_ptr<Client> client_;
  Job job_;
};

TEST_F(ValidatorTest, IsAskedOnAThreadOfTheLibraryAndItsCodeIsTheAnswer) {
  CertificateQuestion seen;
  std::thread::id thread;
  ASSERT_TRUE(job_.set_certificate_validator(
      make_certificate_validator([&](const CertificateQuestion& question) {
        seen = question;
        thread = std::this_thread::get_id();
        EXPECT_TRUE(question.job.info()) << "it may ask the service";
        return code::e_accessdenied;
      })));
  EXPECT_FALSE(job_.info()->certificate_validator_name().empty());
  EXPECT_FALSE(job_.info()->certificate_validator_path().empty());
  const std::string der("\0leaf\xff", 6);
  EXPECT_EQ(service_.validate(job_.id(), {der, "root"}).get().result, code::e_accessdenied);
  EXPECT_EQ(seen.job, job_);
  EXPECT_EQ(seen.file, 2U);
  EXPECT_EQ(seen.chain, (std::vector<std::string>{der, "root"}));
  EXPECT_EQ(seen.errors, 7U);
  EXPECT_NE(thread, std::this_thread::get_id());
}

TEST_F(ValidatorTest, AnExceptionIsARefusal) {
  ASSERT_TRUE(job_.set_certificate_validator(make_certificate_validator(
      [](const CertificateQuestion&) -> std::uint32_t { throw std::runtime_error("no"); })));
  EXPECT_EQ(service_.validate(job_.id(), {"leaf"}).get().result, code::e_fail);
}

TEST_F(ValidatorTest, IsReleasedWhenItIsReplacedClearedOrTheJobIsOver) {
  const auto first = std::make_shared<Counting>();
  const auto second = std::make_shared<Counting>();
  const auto third = std::make_shared<Counting>();
  ASSERT_TRUE(job_.set_certificate_validator(first));
  ASSERT_TRUE(job_.set_certificate_validator(second));
  EXPECT_TRUE(first->was_released());
  ASSERT_TRUE(job_.clear_certificate_validator());
  EXPECT_TRUE(second->was_released());
  EXPECT_TRUE(job_.info()->certificate_validator_name().empty());
  ASSERT_TRUE(job_.set_certificate_validator(third));
  ASSERT_TRUE(job_.cancel());
  EXPECT_TRUE(third->was_released());
}

TEST_F(ValidatorTest, ARefusedRegistrationHoldsNothing) {
  auto validator = std::make_shared<Counting>();
  const std::weak_ptr<Counting> weak = validator;
  service_.refuse_next(base::Code::BG_E_READ_ONLY_WHEN_JOB_ACTIVE);
  EXPECT_EQ(job_.set_certificate_validator(std::move(validator)).code(),
            code::bg_e_read_only_when_job_active);
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (!weak.expired() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_TRUE(weak.expired());
}

TEST_F(ValidatorTest, AndTheCallbackOfTheJobDoNotReplaceEachOther) {
  std::atomic<int> told{0};
  const auto callback = make_callback([&](const Notification&) {
    ++told;
    return code::s_ok;
  });
  ASSERT_TRUE(job_.set_notify_object(callback));
  ASSERT_TRUE(job_.set_certificate_validator(
      make_certificate_validator([](const CertificateQuestion&) { return code::s_ok; })));
  ASSERT_TRUE(job_.set_notify_object(callback));
  EXPECT_EQ(service_.validate(job_.id(), {"leaf"}).get().result, code::s_ok);
  ASSERT_TRUE(job_.clear_certificate_validator());
  EXPECT_EQ(service_.transferred(job_.id(), 1).get().result, code::s_ok);
  EXPECT_EQ(told, 1);
}

TEST_F(ValidatorTest, ACallbackIsNotTakenForAValidator) {
  ASSERT_TRUE(job_.set_notify_object(make_callback(CallbackFunctions())));
  const JobInfo info = *job_.info();
  service_.edit(job_.id(), [&](FakeService::FakeJob& job) {
    job.properties.certificate_validator = {info.notify_object_name(), info.notify_object_path()};
  });
  const auto answer = service_.validate(job_.id(), {"leaf"}).get();
  EXPECT_FALSE(answer.result);
  EXPECT_EQ(answer.error, "org.backhaul.Error.RPC_E_DISCONNECTED");
}

}  // namespace
}  // namespace backhaul::test
