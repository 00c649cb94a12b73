// SPDX-License-Identifier: Apache-2.0
// Credentials and headers of a job: who may set them, where they are, and when they are gone (jobs.md §4, §8,
// §16, §17).
#include "core/hidden_users.h"
#include "core/login.h"
#include "core/mirrors.h"
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

// Nobody is served by the tickets of somebody else, and so not by those of the account of the service.
TEST(SecretsOfTheMachine, AJobThatLogsInByATicketOfASessionWaitsAndSaysSo) {
  engine::Settings settings;
  settings.machine_wide = true;
  Story s(settings);
  s.serve("x", 3000);
  const JobId a = s.create("a", {"x"});
  ports::SecretsChange change;
  change.credentials.push_back(
      {.target = AuthTarget::server, .scheme = AuthScheme::negotiate, .user = {}, .password = {}});
  s.world.submit("SetSecrets", s.alice.caller(), ports::command::SetSecrets{a, std::move(change)});
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  EXPECT_EQ(s.world.service().waiting(s.row(a)).kind, core::WaitingKind::ticket);
  s.world.submit("RemoveCredentials", s.alice.caller(),
                 ports::command::RemoveCredentials{a, AuthTarget::server, AuthScheme::negotiate});
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

core::CertificateWanted certificate_of(const std::string& path, const std::string& pass_phrase = {}) {
  return {.certificate = path, .key = {}, .pass_phrase = Secret(pass_phrase), .stored = {}};
}
ports::SecretsChange change_to(core::CertificateWanted wanted) {
  ports::SecretsChange change;
  change.certificate = std::move(wanted);
  return change;
}

TEST_F(Secrets, ACertificateStandsInTheRowAndItsPassPhraseOnTheShelf) {
  const JobId a = s.create("a");
  EXPECT_EQ(set(a, change_to(certificate_of("/me.pem", "hunter2")), s.alice), "S_OK");
  s.run(10s);
  ASSERT_TRUE(s.row(a).rare->secrets);
  ASSERT_NE(s.row(a).rare->secrets->certificate(), nullptr);
  EXPECT_EQ(s.row(a).rare->secrets->certificate()->certificate, "/me.pem");
  EXPECT_TRUE(stored(a).contains(SecretSlot::certificate));
  EXPECT_EQ(s.row(a).rare->secrets->text().find("hunter2"), std::string::npos);
  EXPECT_EQ(s.world.sealer.open({a, SecretSlot::certificate}, stored(a).at(SecretSlot::certificate)).value().reveal(),
            "hunter2");
  // One without takes its place.
  set(a, change_to(certificate_of("/other.pem")), s.alice);
  s.run(10s);
  EXPECT_EQ(s.row(a).rare->secrets->certificate()->certificate, "/other.pem");
  EXPECT_TRUE(stored(a).empty());
  EXPECT_EQ(tell("RemoveCertificate", s.alice, ports::command::RemoveCertificate{a}), "S_OK");
  EXPECT_EQ(tell("RemoveCertificate", s.alice, ports::command::RemoveCertificate{a}), "S_FALSE");
  EXPECT_FALSE(s.row(a).rare->secrets);
}

TEST_F(Secrets, ACertificateIsRefusedBeforeItsFileIsLookedAt) {
  const JobId a = s.create("a");
  const int checks = s.world.files.checks;
  EXPECT_EQ(set(a, change_to(certificate_of("me.pem")), s.alice), "E_INVALIDARG");
  EXPECT_EQ(set(a, change_to(certificate_of("/me.pem")), s.carol), "E_ACCESSDENIED");
  EXPECT_EQ(set(a, change_to(certificate_of("/me.pem")), s.root), "E_ACCESSDENIED");
  core::CertificateWanted stored_one;
  stored_one.stored = core::StoredCertificate{9, "MY", "", "Ana"};
  EXPECT_EQ(set(a, change_to(stored_one), s.alice), "E_NOTIMPL");
  EXPECT_EQ(s.world.files.checks, checks);
  EXPECT_FALSE(s.row(a).rare->secrets);
}

TEST_F(Secrets, AJobIsMadeWithACertificate) {
  ports::command::Enqueue made;
  made.properties.name = "a";
  made.secrets = change_to(certificate_of("/me.pem", "hunter2"));
  const base::CallId call = s.world.submit("Enqueue", s.alice.caller(), std::move(made)).id;
  s.run(10s);
  const auto& reply = s.world.clients.call(call).reply;
  ASSERT_TRUE(reply && *reply);
  const JobId a = std::get<JobId>(**reply);
  EXPECT_EQ(s.row(a).rare->secrets->certificate()->certificate, "/me.pem");
  EXPECT_TRUE(stored(a).contains(SecretSlot::certificate));
  // Who takes it over does not get it.
  EXPECT_EQ(tell("TakeOwnership", s.root, ports::command::TakeOwnership{a}), "S_OK");
  EXPECT_FALSE(s.row(a).rare->secrets);
}

// --- in addresses -------------------------------------------------------------------------------

TEST_F(Secrets, NoUserOfAnAddressStandsInARow) {
  const JobId a = s.create("a");
  const auto add = [&](const std::string& remote, std::vector<std::string> mirrors) {
    s.world.submit("AddFiles", s.alice.caller(),
                   ports::command::AddFiles{a, {{.remote = remote,
                                                 .local = "/d/" + std::to_string(s.world.store.find(a)->files.size()),
                                                 .mirrors = std::move(mirrors)}}});
    s.run(10s);
  };
  add("http://ana:hunter2@x/1", {"http://eve:hunter3@y/1", "http://z/1"});
  add("http://ana:hunter2@x/2", {});
  ASSERT_EQ(s.row(a).files.total, 2U);
  const std::string first(s.file(a, 0).remote);
  const std::string second(s.file(a, 1).remote);
  for (const std::string& text : {first, second, s.file(a, 0).rare->mirrors->addresses, s.row(a).rare->secrets->text()})
    EXPECT_EQ(text.find("hunter"), std::string::npos) << text;
  EXPECT_EQ(core::without_user(first), "http://x/1");
  EXPECT_EQ(first.substr(0, first.find('@')), second.substr(0, second.find('@'))) << "one user, one mark";
  const core::HiddenUsers users(
      s.world.sealer.open({a, SecretSlot::addresses}, stored(a).at(SecretSlot::addresses)).value());
  EXPECT_EQ(users.reveal(first), "http://ana:hunter2@x/1");
  EXPECT_EQ(users.reveal(core::addresses(*s.file(a, 0).rare->mirrors).at(0)), "http://eve:hunter3@y/1");
  // By the address as it was given, and as it is shown.
  EXPECT_EQ(tell("Replace", s.alice,
                 ports::command::ReplaceRemotePrefix{a, "http://ana:hunter2@x/1", "http://ana:hunter4@x/3"}),
            "S_OK");
  EXPECT_EQ(core::without_user(std::string(s.file(a, 0).remote)), "http://x/3");
  EXPECT_EQ(tell("Replace", s.alice, ports::command::ReplaceRemotePrefix{a, "http://x/", "http://w/"}), "S_OK");
  EXPECT_EQ(std::string(s.file(a, 1).remote), "http://w/2");
  EXPECT_EQ(tell("SetRemoteName", s.alice, ports::command::SetRemoteName{a, 1, "http://ana:hunter2@x/2"}), "S_OK");
  EXPECT_EQ(std::string(s.file(a, 1).remote), second) << "the mark that it had";
}

TEST_F(Secrets, NoUserOfAProxyStandsInARow) {
  const JobId a = s.create("a");
  ports::JobChange change;
  change.proxy = ports::JobChange::Proxy{2, "http=ana:hunter2@p:1 q:2", ""};
  EXPECT_EQ(tell("Change", s.alice, ports::command::Change{a, change}), "S_OK");
  const std::string list(s.row(a).rare->proxy->list);
  EXPECT_TRUE(list.starts_with("http={") && list.ends_with("}@p:1 q:2")) << list;
  EXPECT_EQ(tell("Change", s.alice, ports::command::Change{a, change}), "S_OK");
  EXPECT_EQ(std::string(s.row(a).rare->proxy->list), list) << "the same is the same";
  s.world.sealer.lose_key();
  change.proxy->list = "eve:hunter3@p:1";
  EXPECT_EQ(tell("Change", s.alice, ports::command::Change{a, change}), "E_FAIL");
  EXPECT_EQ(std::string(s.row(a).rare->proxy->list), list);
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
