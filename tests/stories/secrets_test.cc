// SPDX-License-Identifier: Apache-2.0
// Credentials and headers of a job: who may set them, where they are, and when they are gone (jobs.md §4, §8,
// §16, §17).
#include "core/login.h"
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

using base::Secret;
using core::AuthScheme;
using core::AuthTarget;
using core::SecretSlot;

core::Credentials basic(const std::string& password) {
  return {.target = AuthTarget::server, .scheme = AuthScheme::basic, .user = Secret("user"),
          .password = Secret(password)};
}

constexpr SecretSlot headers = SecretSlot::headers;
const SecretSlot basic_slot = core::slot_of(AuthTarget::server, AuthScheme::basic);

class Secrets : public testing::Test {
 protected:
  std::string set(const JobId& job, ports::SecretsChange change, Program& by) {
    return tell("SetSecrets", by, ports::command::SetSecrets{job, std::move(change)});
  }
  std::string set(const JobId& job, core::Credentials credentials) {
    ports::SecretsChange change;
    change.credentials.push_back(std::move(credentials));
    return set(job, std::move(change), s.alice);
  }
  std::string set_headers(const JobId& job, const std::string& text) {
    ports::SecretsChange change;
    change.custom_headers = Secret(text);
    return set(job, std::move(change), s.alice);
  }
  std::string tell(const std::string& what, Program& by, ports::CommandBody body) {
    const base::CallId call = s.world.submit(what, by.caller(), std::move(body)).id;
    s.run(0s);
    const auto& reply = s.world.clients.call(call).reply;
    return reply ? sim::to_text(*reply, [](const JobId&) { return "a job"; }) : "open";
  }
  const core::Shelf& stored(const JobId& job) { return s.world.store.find(job)->shelf; }
  std::optional<std::string> read_headers(const JobId& job, Program& by) {
    auto text = s.world.service().custom_headers(s.row(job), by.caller());
    if (!text) return base::symbol(text.error().code);
    if (!*text) return std::nullopt;
    return std::string((*text)->reveal());
  }

  Story s;
};

TEST_F(Secrets, AServerThatWantsToKnowWhoAsksIsShownThem) {
  s.serve("x", 3000).password = "hunter2";
  const JobId a = s.enqueue("a", {"x"});
  s.run(100s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.row(a).error->code, base::http_code(401));
  EXPECT_EQ(set(a, basic("wrong")), "S_OK");
  s.start(a);
  s.run(100s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(set(a, basic("hunter2")), "S_OK");
  s.start(a);
  s.run(100s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST_F(Secrets, ARowKnowsOfThemAndTheirValuesLieSealedBesideIt) {
  s.serve("x", 3000);
  const JobId a = s.create("a", {"x"});
  EXPECT_EQ(set(a, basic("hunter2")), "S_OK");
  EXPECT_EQ(set_headers(a, "X-Key: hunter3\r\n"), "S_OK");
  const core::SecretsSet& set = *s.row(a).rare->secrets;
  ASSERT_EQ(set.all().size(), 2U);
  EXPECT_EQ(set.find(basic_slot)->set_by.uid, 1000U);
  EXPECT_EQ(set.find(headers)->set_by.uid, 1000U);
  EXPECT_EQ(set.text().find("hunter"), std::string::npos);
  ASSERT_EQ(stored(a).size(), 2U);
  for (const auto& [slot, sealed] : stored(a)) EXPECT_EQ(sealed.view().find("hunter"), std::string::npos);
  // The same again takes its place.
  EXPECT_EQ(this->set(a, basic("hunter4")), "S_OK");
  EXPECT_EQ(stored(a).size(), 2U);
}

TEST_F(Secrets, TheyOutliveACrashAndGoWithTheirJob) {
  s.serve("x", 3000).password = "hunter2";
  const JobId a = s.create("a", {"x"});
  EXPECT_EQ(set(a, basic("hunter2")), "S_OK");
  s.crash();
  s.start(a);
  s.run(100s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  s.complete(a);
  s.run(1s);
  EXPECT_EQ(s.world.store.find(a), nullptr);
  EXPECT_TRUE(s.world.service().parts().keeping.shelves().empty());
}

TEST_F(Secrets, TheEndOfAJobIsTheirsAlsoWhereItStillHasSomethingToTell) {
  s.serve("x", 1000);
  const JobId a = s.enqueue("a", {"x"}, {.auto_complete = true});
  EXPECT_EQ(set(a, basic("hunter2")), "S_OK");
  s.set_class(a, "org.example.Nobody");
  s.run(10s);
  ASSERT_EQ(s.world.store.find(a)->job.state, JobState::acknowledged);
  EXPECT_FALSE(s.row(a).rare->secrets);
  EXPECT_TRUE(stored(a).empty());
}

TEST_F(Secrets, AJobMayBeMadeWithThem) {
  s.serve("x", 3000).password = "hunter2";
  ports::command::Enqueue command;
  command.properties.name = "a";
  command.files = Story::specs({"x"});
  command.start = true;
  command.secrets.credentials.push_back(basic("hunter2"));
  command.secrets.custom_headers = Secret("X-Key: v");
  EXPECT_EQ(tell("Enqueue", s.alice, command), "a job");
  s.run(100s);
  EXPECT_NE(s.told().find("a is transferred"), std::string::npos);
  command.secrets.custom_headers = Secret("no header");
  EXPECT_EQ(tell("Enqueue", s.alice, command), "E_INVALIDARG");
  EXPECT_EQ(s.world.service().parts().keeping.shelves().size(), 1U);
}

TEST_F(Secrets, RemovedOnesAreGoneAndThenThereAreNone) {
  const JobId a = s.create("a");
  EXPECT_EQ(set(a, basic("hunter2")), "S_OK");
  const ports::command::RemoveCredentials remove{a, AuthTarget::server, AuthScheme::basic};
  EXPECT_EQ(tell("RemoveCredentials", s.alice, remove), "S_OK");
  EXPECT_TRUE(stored(a).empty());
  EXPECT_FALSE(s.row(a).rare->secrets);
  EXPECT_EQ(tell("RemoveCredentials", s.alice, remove), "S_FALSE");
}

TEST_F(Secrets, ARefusalChangesNothing) {
  const JobId a = s.create("a");
  ports::SecretsChange both;
  both.credentials.push_back(basic("hunter2"));
  both.custom_headers = Secret("Range: bytes=0-1");
  EXPECT_EQ(set(a, both, s.alice), "E_INVALIDARG");
  EXPECT_FALSE(s.row(a).rare->secrets);
  EXPECT_EQ(set(a, basic(std::string(65'537, 'p'))), "BG_E_PASSWORD_TOO_LARGE");
  s.world.sealer.lose_key();
  EXPECT_EQ(set(a, basic("hunter2")), "E_FAIL");
  EXPECT_FALSE(s.row(a).rare->secrets);
  EXPECT_TRUE(stored(a).empty());
}

TEST_F(Secrets, TheyAreForTheOwnerAlone) {
  const JobId a = s.create("a");
  EXPECT_EQ(set_headers(a, "X: 1"), "S_OK");
  for (Program* other : {&s.carol, &s.root}) {
    ports::SecretsChange change;
    change.credentials.push_back(basic("hunter2"));
    EXPECT_EQ(set(a, change, *other), "E_ACCESSDENIED");
    EXPECT_EQ(tell("RemoveCredentials", *other,
                   ports::command::RemoveCredentials{a, AuthTarget::server, AuthScheme::basic}),
              "E_ACCESSDENIED");
    EXPECT_EQ(read_headers(a, *other), "E_ACCESSDENIED");
  }
  EXPECT_EQ(read_headers(a, s.alice), "X: 1");
}

TEST_F(Secrets, WhoeverTakesAJobOverGetsItWithoutThem) {
  const JobId a = s.create("a");
  EXPECT_EQ(set(a, basic("hunter2")), "S_OK");
  EXPECT_EQ(set_headers(a, "X: 1"), "S_OK");
  EXPECT_EQ(tell("TakeOwnership", s.root, ports::command::TakeOwnership{a}), "S_OK");
  EXPECT_FALSE(s.row(a).rare->secrets);
  EXPECT_TRUE(stored(a).empty());
}

TEST_F(Secrets, WriteOnlyHeadersAreReadByNobodyEverAgain) {
  const JobId a = s.create("a");
  EXPECT_EQ(read_headers(a, s.alice), std::nullopt);
  EXPECT_EQ(set_headers(a, "X: 1\nY: 2"), "S_OK");
  EXPECT_EQ(read_headers(a, s.alice), "X: 1\nY: 2");
  ports::SecretsChange change;
  change.headers_write_only = true;
  EXPECT_EQ(set(a, change, s.alice), "S_OK");
  EXPECT_EQ(read_headers(a, s.alice), "E_ACCESSDENIED");
  EXPECT_EQ(set_headers(a, ""), "S_OK");
  EXPECT_EQ(set_headers(a, "X: 3"), "S_OK");
  s.crash();
  EXPECT_EQ(read_headers(a, s.alice), "E_ACCESSDENIED");
}

TEST_F(Secrets, AJobThatHasEndedTakesNoneAnyMore) {
  const JobId a = s.create("a");
  s.cancel(a);
  EXPECT_EQ(set(a, basic("hunter2")), "BG_E_INVALID_STATE");
  EXPECT_EQ(set_headers(a, "X: 1"), "BG_E_INVALID_STATE");
}

}  // namespace
}  // namespace backhaul::stories
