// SPDX-License-Identifier: Apache-2.0
// Every shared value over a real bus and back, and what happens to keys that one side does not know.
#include <optional>
#include <tuple>

#include <gtest/gtest.h>

#include "bus/bus.h"
#include "bus/variant.h"
#include "bus/wire.h"
#include "loop/loop.h"
#include "tests/support/private_bus.h"

namespace backhaul::bus {
namespace {

using test::ask;

constexpr char echo_interface[] = "org.example.Echo1";

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
  Call call() const { return {server_.unique_name(), "/echo", echo_interface, "Echo", usual_limit}; }

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
  job.notify_service = AddressTuple{"org.example.App", "/app"};
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
  EXPECT_EQ(rejected({{"Name", {std::string("n")}}, {"Naem", {true}}, {"X", {true}}}),
            "there is no key Naem");
  EXPECT_EQ(rejected({{"Priority", {std::string("high")}}}),
            "Priority: it has the type u, not s");
}

// An a{sv} of one entry whose value has the type of T, whatever that is.
template <class T>
struct Any {
  T value{};
  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("Key", s.value);
  }
};
template <class T>
struct Taken {
  std::optional<T> value;
  std::string rejected;
  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("Key", s.value);
  }
};

class Leniency : public Echo {
 protected:
  template <class To, class From>
  Taken<To> take(const From& value) {
    Taken<To> taken;
    on_call_ = [&](const Message& message) {
      auto body = read_body<Taken<To>>(message);
      EXPECT_TRUE(body);
      if (body) taken = std::get<0>(*body);
      reply(message);
      return true;
    };
    EXPECT_TRUE(ask<>(loop_, client_, call(), Any<From>{value}));
    return taken;
  }
  template <class To, class From>
  void expect(const From& value, const To& as) {
    const Taken<To> taken = take<To>(value);
    EXPECT_EQ(taken.value, as) << taken.rejected;
    EXPECT_EQ(taken.rejected, "");
  }
  template <class To, class From>
  void expect_refused(const From& value, const std::string& why) {
    const Taken<To> taken = take<To>(value);
    EXPECT_FALSE(taken.value);
    EXPECT_EQ(taken.rejected, why);
  }
};

TEST_F(Leniency, AnyIntegerInRangeIsTaken) {
  expect<std::uint32_t>(std::uint8_t{255}, 255U);
  expect<std::uint32_t>(std::int32_t{7}, 7U);
  expect<std::uint32_t>(std::int64_t{4294967295}, 4294967295U);
  expect<std::uint32_t>(std::uint64_t{4294967295}, 4294967295U);
  expect<std::int32_t>(std::int64_t{-2147483648LL}, std::int32_t{-2147483647 - 1});
  expect<std::uint64_t>(std::int32_t{0}, std::uint64_t{0});
  expect_refused<std::uint32_t>(std::int32_t{-1}, "Key: -1 is out of range: 0 to 4294967295");
  expect_refused<std::uint32_t>(std::uint64_t{1} << 32,
                                "Key: 4294967296 is out of range: 0 to 4294967295");
  expect_refused<std::uint64_t>(std::int64_t{-5},
                                "Key: -5 is out of range: 0 to 18446744073709551615");
  expect_refused<std::int32_t>(std::uint64_t{1} << 63,
                               "Key: 9223372036854775808 is out of range: -2147483648 to 2147483647");
  // A number with a point, or a truth value, is no integer, nor the other way round.
  expect_refused<std::uint32_t>(1.0, "Key: it has the type u, not d");
  expect_refused<std::uint32_t>(true, "Key: it has the type u, not b");
  expect_refused<bool>(std::uint32_t{1}, "Key: it has the type b, not u");
}

TEST_F(Leniency, AStringIsTakenForAPathAndAPathForAString) {
  expect<std::string>(ObjectPath{"/app"}, std::string("/app"));
  expect<ObjectPath>(std::string("/app"), ObjectPath{"/app"});
  expect_refused<ObjectPath>(std::string("app"), "Key: 'app' is not an object path");
  expect_refused<std::string>(std::uint32_t{1}, "Key: it has the type s, not u");
}

TEST_F(Leniency, WithinArraysAndStructuresAsWell) {
  expect<std::vector<std::uint32_t>>(std::vector<std::int32_t>{0, 4, 6},
                                     std::vector<std::uint32_t>{0, 4, 6});
  expect<std::vector<std::uint32_t>>(std::vector<std::int64_t>{}, std::vector<std::uint32_t>{});
  expect_refused<std::vector<std::uint32_t>>(std::vector<std::int32_t>{1, -1, -2},
                                             "Key: -1 is out of range: 0 to 4294967295");
  expect_refused<std::vector<std::uint32_t>>(std::vector<std::string>{"1"},
                                             "Key: it has the type au, not as");
  using Address = std::tuple<std::string, ObjectPath>;
  expect<AddressTuple>(Address{"org.example.App", {"/app"}}, AddressTuple{"org.example.App", "/app"});
  expect<ObjectTuple>(std::tuple<std::string, ObjectPath, std::int32_t>{":1.7", {"/cb"}, 3},
                      ObjectTuple{":1.7", "/cb", 3});
  using Long = std::tuple<std::string, std::string, std::string>;
  expect_refused<AddressTuple>(Long{"a", "b", "c"}, "Key: it has the type (ss), not (sss)");
}

TEST_F(Leniency, WhatFollowsARefusedValueIsRead) {
  const PropertyMap map{{"NotifyService", {ObjectTuple{"a", "b", 1}}}, {"Name", {std::string("n")}}};
  on_call_ = [](const Message& message) {
    const auto body = read_body<NewJob, std::string>(message);
    EXPECT_TRUE(body);
    if (body) {
      EXPECT_EQ(std::get<0>(*body).name, "n");
      EXPECT_EQ(std::get<0>(*body).rejected, "NotifyService: it has the type (ss), not (ssu)");
      EXPECT_EQ(std::get<1>(*body), "behind");
    }
    reply(message);
    return true;
  };
  EXPECT_TRUE(ask<>(loop_, client_, call(), map, std::string("behind")));
}

TEST_F(Echo, VariantsKeepTheirType) {
  for (const Variant& value :
       {Variant{true}, Variant{std::uint32_t{1}}, Variant{std::int32_t{-1}},
        Variant{std::uint64_t{1} << 63}, Variant{std::string("s")}, Variant{ObjectPath{"/o"}},
        Variant{std::vector<std::string>{"a", "b"}}, Variant{std::vector<std::uint32_t>{}},
        Variant{ErrorTuple{1, 2, -1, "t"}}, Variant{WaitingTuple{}},
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
