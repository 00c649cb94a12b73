// SPDX-License-Identifier: Apache-2.0
// Every shared value over a real bus and back, and what happens to keys that one side does not know.
#include <gtest/gtest.h>

#include "bus/bus.h"
#include "bus/variant.h"
#include "bus/wire.h"
#include "loop/loop.h"
#include "tests/support/private_bus.h"

namespace backhaul::bus {
namespace {

using test::ask;

constexpr char interface[] = "org.example.Echo1";

// Answers with what it got, whatever that is.
class Echo : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_.attach(loop_.native()));
    ASSERT_TRUE(client_.attach(loop_.native()));
    auto filter = server_.add_filter("/echo", [this](const Message& call) {
      return on_call_(call);
    });
    ASSERT_TRUE(filter);
    filter_ = *std::move(filter);
  }
  Call call() const { return {server_.unique_name(), "/echo", interface, "Echo", usual_limit}; }

  // Sent as In, read and sent back as Middle, read as Out.
  template <class Middle, class Out, class In>
  Out through(const In& value) {
    on_call_ = [](const Message& message) {
      auto body = read_body<Middle>(message);
      if (body)
        reply(message, std::get<0>(*body));
      else
        reply_error(message, body.error());
      return true;
    };
    auto answer = ask<Out>(loop_, client_, call(), value);
    EXPECT_TRUE(answer) << answer.error().text;
    return answer ? std::get<0>(*std::move(answer)) : Out{};
  }
  template <class T>
  T back(const T& value) {
    return through<T, T>(value);
  }

  test::PrivateBus bus_;
  loop::Loop loop_;
  Bus server_ = bus_.connect();
  Bus client_ = bus_.connect();
  std::function<bool(const Message&)> on_call_;
  Slot filter_;
};

JobProperties some_job() {
  JobProperties job;
  job.id = "8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9";
  job.state = 5;
  job.bytes_transferred = 1ULL << 40;
  job.error = {0x801901F7U, 5, 3, "HTTP 503"};
  job.waiting = {"retry", 1, 2, {"HTTP 503", "grün"}, "retry in 2 s"};
  job.notify_object = {":1.7", "/cb/1", 3};
  job.notify_service = {"org.example.App", "/app"};
  job.notify_command = {"/bin/true", "true"};
  job.name = "name";
  job.started = true;
  job.auto_complete = true;
  return job;
}

TEST_F(Echo, PropertiesOfJobsAndFilesComeBack) {
  EXPECT_EQ(back(some_job()), some_job());
  FileProperties file;
  file.index = 7;
  file.local_name = "/home/a";
  file.transferred = true;
  EXPECT_EQ(back(file), file);
}

TEST_F(Echo, SettingsCarryOnlyWhatIsSet) {
  NewJob job;
  job.name = "n";
  job.type = 0;
  job.auto_complete = false;
  job.notify_service = ServiceTuple{"org.example.App", {"/app"}};
  EXPECT_EQ(back(job), job);
  EXPECT_EQ(back(NewJob{}), NewJob{});
  const std::vector<NewFile> files{{"http://a/1", "/tmp/1", {}}, {"http://a/2", "/tmp/2", {}}};
  EXPECT_EQ(back(files), files);
  ListFilter filter;
  filter.states = {0, 4};
  EXPECT_EQ(back(filter), filter);
}

TEST_F(Echo, ReaderOfPropertiesIgnoresWhatItDoesNotKnow) {
  // As a newer service would answer.
  const PropertyMap newer{{"Name", {std::string("n")}},
                          {"Colour", {std::vector<std::string>{"red"}}},
                          {"State", {std::string("not a number")}}};
  const auto job = through<PropertyMap, JobProperties>(newer);
  EXPECT_EQ(job.name, "n");
  EXPECT_EQ(job.state, 0U);
}

TEST_F(Echo, ReaderOfSettingsNamesWhatItDoesNotKnow) {
  const auto rejected = [&](const PropertyMap& map) {
    std::string key;
    on_call_ = [&](const Message& message) {
      key = std::get<0>(*read_body<NewJob>(message)).rejected;
      reply(message);
      return true;
    };
    EXPECT_TRUE(ask<>(loop_, client_, call(), map));
    return key;
  };
  EXPECT_EQ(rejected({{"Name", {std::string("n")}}}), "");
  EXPECT_EQ(rejected({{"Name", {std::string("n")}}, {"Naem", {true}}, {"X", {true}}}), "Naem");
  EXPECT_EQ(rejected({{"Priority", {std::string("high")}}}), "Priority");
}

TEST_F(Echo, VariantsKeepTheirType) {
  for (const Variant& value :
       {Variant{true}, Variant{std::uint32_t{1}}, Variant{std::int32_t{-1}},
        Variant{std::uint64_t{1} << 63}, Variant{std::string("s")}, Variant{ObjectPath{"/o"}},
        Variant{std::vector<std::string>{"a", "b"}}, Variant{std::vector<std::uint32_t>{}},
        Variant{ErrorTuple{1, 2, -1, "t"}}, Variant{WaitingTuple{}}, Variant{ServiceTuple{}},
        Variant{CommandTuple{"p", "q"}}, Variant{ObjectTuple{"n", "p", 1}}})
    EXPECT_EQ(back(value), value) << value.value.index();
  EXPECT_EQ((through<VariantOf<std::uint32_t>, Variant>(VariantOf<std::uint32_t>{7})),
            Variant{std::uint32_t{7}});
  // A type that no interface of ours has is skipped.
  EXPECT_EQ((through<VariantOf<double>, Variant>(VariantOf<double>{0.5})), Variant{});
}

TEST_F(Echo, AVariantOfAnotherTypeIsAnError) {
  on_call_ = [](const Message& message) {
    auto body = read_body<VariantOf<std::uint32_t>>(message);
    EXPECT_FALSE(body);
    if (!body) reply_error(message, body.error());
    return true;
  };
  const auto answer =
      ask<>(loop_, client_, call(), VariantOf<std::string>{std::string("seven")});
  EXPECT_EQ(answer.error().code(), base::Code::RPC_X_BAD_STUB_DATA);
}

TEST_F(Echo, APageOfAThousandJobsFitsOneReply) {
  std::vector<ListedJob> page;
  for (int n = 0; n < 1000; ++n) page.push_back({{"/job"}, some_job()});
  const auto answer = back(page);
  ASSERT_EQ(answer.size(), 1000U);
  EXPECT_EQ(answer.back().properties, some_job());
}

}  // namespace
}  // namespace backhaul::bus
