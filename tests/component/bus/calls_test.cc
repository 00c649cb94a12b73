// SPDX-License-Identifier: Apache-2.0
// The typed layer against a real bus: two connections on one loop, a server and a caller.
#include <map>
#include <optional>

#include <gtest/gtest.h>

#include "bus/bus.h"
#include "bus/variant.h"
#include "loop/loop.h"
#include "tests/support/private_bus.h"

namespace backhaul::bus {
namespace {

using base::Code;
using test::ask;
using test::wait_until;

constexpr char interface[] = "org.example.Test1";

class Server {
 public:
  base::Result<std::tuple<std::uint32_t, std::string>> add(const Message& call, std::uint32_t a,
                                                           std::uint32_t b) {
    if (a == 0) return base::Error(Code::BG_E_INVALID_STATE, "a is 0");
    return std::tuple(a + b, call.path());
  }
  void later(Reply<std::string> reply, std::string key) { waiting.emplace(key, std::move(reply)); }
  base::Result<void> fail_with(const Message&, std::uint32_t code, std::string text) {
    return base::Error(static_cast<Code>(code), text);
  }
  // Answers itself, then ends the object it stands in.
  void leave(Reply<> reply) {
    object.reset();
    reply.send();
  }
  base::Result<std::string> bad_text(const Message&) { return std::string("a\xFFz"); }
  void bad_path(Reply<ObjectPath> reply) { reply.send({"not a path"}); }

  static std::vector<Row<Server>> rows() {
    return {method<&Server::add>("Add", "a\0b\0sum\0path\0"),
            method<&Server::later>("Later", "key\0value\0"),
            method<&Server::fail_with>("FailWith", "code\0text\0"),
            method<&Server::leave>("Leave", ""),
            method<&Server::bad_text>("BadText", "text\0"),
            method<&Server::bad_path>("BadPath", "path\0"),
            signal<Server, std::string>("Happened", "what\0")};
  }

  std::map<std::string, Reply<std::string>> waiting;
  Slot object;
};

class Calls : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_bus_.attach(loop_.native()));
    ASSERT_TRUE(client_.attach(loop_.native()));
    auto object = server_bus_.add_object("/test", interface, Server::rows(), server_);
    ASSERT_TRUE(object);
    server_.object = *std::move(object);
  }
  Call to(const char* member, base::Microseconds limit = usual_limit) const {
    return {server_bus_.unique_name(), "/test", interface, member, limit};
  }

  test::PrivateBus bus_;
  loop::Loop loop_;
  Bus server_bus_ = bus_.connect();
  Bus client_ = bus_.connect();
  Server server_;
};

TEST_F(Calls, ArgumentsAndResultsAreTyped) {
  const auto answer = ask<std::uint32_t, std::string>(loop_, client_, to("Add"), 2U, 3U);
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(*answer, std::tuple(5U, std::string("/test")));
}

TEST_F(Calls, AnErrorKeepsItsCodeAndText) {
  const auto known = ask<std::uint32_t, std::string>(loop_, client_, to("Add"), 0U, 3U);
  ASSERT_FALSE(known);
  EXPECT_EQ(known.error().name, "org.backhaul.Error.BG_E_INVALID_STATE");
  EXPECT_EQ(known.error().code(), Code::BG_E_INVALID_STATE);
  EXPECT_EQ(known.error().text, "a is 0");
  const auto http = ask<>(loop_, client_, to("FailWith"), 0x801901F7U, std::string());
  EXPECT_EQ(http.error().code(), base::http_code(503));
  EXPECT_NE(http.error().text, "");  // described when nothing was said
}

TEST_F(Calls, WrongArgumentsAreRefused) {
  const auto answer = ask<>(loop_, client_, to("Add"), std::string("x"));
  EXPECT_EQ(answer.error().code(), Code::E_INVALIDARG);
}

TEST_F(Calls, AReplyMayComeLater) {
  std::optional<Outcome<std::string>> answer;
  const Slot slot = client_.call_async<std::string>(
      to("Later"), [&](Outcome<std::string> outcome) { answer = outcome; }, std::string("k"));
  ASSERT_TRUE(wait_until(loop_, [&] { return server_.waiting.contains("k"); }));
  EXPECT_FALSE(answer);
  server_.waiting.at("k").send("value");
  ASSERT_TRUE(wait_until(loop_, [&] { return answer.has_value(); }));
  EXPECT_EQ(std::get<0>(**answer), "value");
}

TEST_F(Calls, ALostReplyIsAnError) {
  std::optional<Outcome<std::string>> answer;
  const Slot slot = client_.call_async<std::string>(
      to("Later"), [&](Outcome<std::string> outcome) { answer = outcome; }, std::string("k"));
  ASSERT_TRUE(wait_until(loop_, [&] { return server_.waiting.contains("k"); }));
  server_.waiting.clear();
  ASSERT_TRUE(wait_until(loop_, [&] { return answer.has_value(); }));
  EXPECT_EQ(answer->error().code(), Code::E_UNEXPECTED);
}

TEST_F(Calls, AnAnswerThatCannotBeSentIsAnErrorToo) {
  EXPECT_EQ(ask<ObjectPath>(loop_, client_, to("BadPath")).error().code(), Code::E_UNEXPECTED);
}

TEST_F(Calls, ADroppedSlotHearsNothingAndFreesItsCallback) {
  auto held = std::make_shared<int>(0);
  Slot slot = client_.call_async<std::string>(
      to("Later"), [held](const Outcome<std::string>&) { ++*held; }, std::string("k"));
  ASSERT_TRUE(wait_until(loop_, [&] { return server_.waiting.contains("k"); }));
  EXPECT_EQ(held.use_count(), 2);
  slot.reset();
  EXPECT_EQ(held.use_count(), 1);
  server_.waiting.at("k").send("value");
  ASSERT_TRUE((ask<std::uint32_t, std::string>(loop_, client_, to("Add"), 1U, 1U)));
  EXPECT_EQ(*held, 0);
}

TEST_F(Calls, ATimeLimitEndsTheCall) {
  const auto answer = ask<std::string>(loop_, client_, to("Later", std::chrono::milliseconds(1)),
                                       std::string("k"));
  EXPECT_TRUE(answer.error().is(no_reply));
}

TEST_F(Calls, AHandlerMayEndItsOwnObject) {
  EXPECT_TRUE(ask<>(loop_, client_, to("Leave")));
  EXPECT_FALSE(ask<>(loop_, client_, to("Leave")));
}

TEST_F(Calls, TextThatIsNotUtf8DoesNotEndTheConnection) {
  const auto answer = ask<std::string>(loop_, client_, to("BadText"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(std::get<0>(*answer), "a\xEF\xBF\xBDz");
  EXPECT_TRUE(server_bus_.is_open());
}

TEST_F(Calls, ACallThatCannotBeSentFailsLater) {
  bool inside = true;
  std::optional<Failure> failure;
  const Slot slot = client_.call_async<>(
      {server_bus_.unique_name(), "no path", interface, "Add", usual_limit},
      [&](const Outcome<>& outcome) {
        EXPECT_FALSE(inside);
        failure = outcome.error();
      });
  inside = false;
  ASSERT_TRUE(wait_until(loop_, [&] { return failure.has_value(); }));
  EXPECT_EQ(failure->code(), Code::E_INVALIDARG);
}

TEST_F(Calls, NobodyIsStartedWhenThatIsNotWanted) {
  const Call call{"org.example.Nobody", "/x", interface, "Add", usual_limit, false};
  EXPECT_TRUE(ask<>(loop_, client_, call).error().is(name_has_no_owner));
}

TEST_F(Calls, SignalsReachTheirMatches) {
  std::vector<std::string> heard;
  const Slot match = client_.match(
      "type='signal',sender='" + server_bus_.unique_name() + "',interface='" + interface + "'",
      [&](const Message& message) {
        heard.push_back(std::get<0>(*read_body<std::string>(message)));
      });
  // The bus works in order: a round trip after the match stands for its installation.
  ASSERT_TRUE((ask<std::uint32_t, std::string>(loop_, client_, to("Add"), 1U, 1U)));
  server_bus_.emit("", "/test", interface, "Happened", std::string("all"));
  server_bus_.emit(client_.unique_name(), "/test", interface, "Happened", std::string("one"));
  server_bus_.emit(":1.999", "/test", interface, "Happened", std::string("other"));
  ASSERT_TRUE((ask<std::uint32_t, std::string>(loop_, client_, to("Add"), 1U, 1U)));
  EXPECT_EQ(heard, (std::vector<std::string>{"all", "one"}));
}

TEST_F(Calls, AFallbackServesThePathsItAccepts) {
  Server many;
  auto table = server_bus_.add_fallback("/many", interface, Server::rows(), many,
                                        +[](std::string_view path) { return path != "/many/no"; });
  ASSERT_TRUE(table);
  Call call = to("Add");
  call.path = "/many/7";
  const auto answer = ask<std::uint32_t, std::string>(loop_, client_, call, 1U, 1U);
  ASSERT_TRUE(answer);
  EXPECT_EQ(std::get<1>(*answer), "/many/7");
  call.path = "/many/no";
  EXPECT_FALSE((ask<std::uint32_t, std::string>(loop_, client_, call, 1U, 1U)));
}

TEST_F(Calls, AFilterComesBeforeTheTables) {
  Server many;
  auto table = server_bus_.add_fallback("/many", interface, Server::rows(), many,
                                        +[](std::string_view) { return true; });
  auto filter = server_bus_.add_filter("/many", [](const Message& call) {
    if (call.member() != "Add") return false;
    reply(call, std::uint32_t{42}, std::string("filter"));
    return true;
  });
  ASSERT_TRUE(table && filter);
  Call call = to("Add");
  call.path = "/many/7";
  const auto answer = ask<std::uint32_t, std::string>(loop_, client_, call, 1U, 1U);
  EXPECT_EQ(std::get<1>(*answer), "filter");
  call.member = "BadText";
  EXPECT_TRUE(ask<std::string>(loop_, client_, call));
}

TEST_F(Calls, ANameIsOwnedByOneAndItsEndIsSeen) {
  std::string owner = "?";
  const Slot watch = client_.watch_name(
      "org.example.Name", [&](const std::string&, const std::string& now) { owner = now; });
  ASSERT_TRUE(server_bus_.request_name("org.example.Name"));
  ASSERT_TRUE(wait_until(loop_, [&] { return owner == server_bus_.unique_name(); }));
  EXPECT_EQ(client_.request_name("org.example.Name").error().code, Code::ALREADY_EXISTS);
  ASSERT_TRUE(server_bus_.release_name("org.example.Name"));
  ASSERT_TRUE(wait_until(loop_, [&] { return owner.empty(); }));
}

TEST_F(Calls, TheEndOfTheBusIsSeenAndCallsInFlightFail) {
  bool gone = false;
  const Slot watch = client_.on_disconnect([&] { gone = true; });
  std::optional<Outcome<std::string>> answer;
  const Slot slot = client_.call_async<std::string>(
      to("Later"), [&](Outcome<std::string> outcome) { answer = outcome; }, std::string("k"));
  ASSERT_TRUE(wait_until(loop_, [&] { return server_.waiting.contains("k"); }));
  bus_.stop();
  ASSERT_TRUE(wait_until(loop_, [&] { return gone && answer; }));
  EXPECT_EQ(answer->error().code(), Code::RPC_E_DISCONNECTED);
}

}  // namespace
}  // namespace backhaul::bus
