// SPDX-License-Identifier: Apache-2.0
// What clients ask and what they are answered.
#include "bus/policy_wire.h"
#include "tests/component/dbus/served.h"

namespace backhaul::test {
namespace {

using namespace std::chrono_literals;

using base::Code;
using Requests = Served;

TEST_F(Requests, EnqueueIsOneCommandAnsweredWithThePathOfTheJob) {
  bus::NewJob wanted;
  wanted.name = "n";
  wanted.priority = 0;
  wanted.auto_complete = true;
  const std::vector<bus::NewFile> files{{"http://h/a", "/tmp/a", {}}};
  auto call = begin<bus::ObjectPath>(manager("Enqueue"), wanted, files, true);
  ASSERT_TRUE(until([&] { return !queue_.open.empty(); }));
  const auto* command = queue_.last<ports::command::Enqueue>();
  ASSERT_NE(command, nullptr);
  EXPECT_EQ(command->properties.name, "n");
  EXPECT_EQ(command->properties.priority, 0U);
  EXPECT_EQ(command->properties.auto_complete, true);
  ASSERT_EQ(command->files.size(), 1U);
  EXPECT_EQ(command->files[0].remote, "http://h/a");
  EXPECT_TRUE(command->start);
  EXPECT_EQ(queue_.open.front().caller.uid, geteuid());
  EXPECT_FALSE(call->answer);
  const base::JobId id{{1, 2, 3}};
  queue_.answer(ports::ReplyValue{id});
  ASSERT_TRUE(until([&] { return call->answer.has_value(); }));
  EXPECT_EQ(std::get<0>(**call->answer).value, bus::job_path(id));
}

TEST_F(Requests, ArgumentsThatMeanNothingAreRefusedBeforeTheQueueSeesThem) {
  const bus::PropertyMap unknown{{"Naem", {std::string("n")}}};
  const auto files = std::vector<bus::NewFile>{};
  auto answer = ask<bus::ObjectPath>(manager("Enqueue"), unknown, files, false);
  EXPECT_EQ(answer.error().code(), Code::E_INVALIDARG);
  EXPECT_NE(answer.error().text.find("Naem"), std::string::npos);
  EXPECT_EQ(ask<bus::ObjectPath>(manager("CreateJob"), std::string(257, 'x'), 0U).error().code(),
            Code::E_INVALIDARG);
  EXPECT_EQ(ask<bus::ObjectPath>(manager("CreateJob"), std::string("n"), 3U).error().code(),
            Code::E_INVALIDARG);
  EXPECT_EQ(ask<bus::ObjectPath>(manager("GetJob"), std::string("none")).error().code(),
            Code::E_INVALIDARG);
  const core::Job& known = queue_.add_job("n");
  EXPECT_EQ(ask<>(job(known, "SetProperties"), unknown).error().code(), Code::E_INVALIDARG);
  EXPECT_EQ(ask<>(job(known, "SetNotifyObject"), bus::ObjectPath{"/cb"}, 0U).error().code(),
            Code::E_NOINTERFACE);
  EXPECT_EQ(ask<>(job(known, "SetNotifyObject"), bus::ObjectPath{"/cb"}, 4U).error().code(),
            Code::E_INVALIDARG);
  for (std::uint32_t limit : {0U, 1001U})
    EXPECT_EQ((ask<std::vector<bus::ListedFile>>(job(known, "ListFiles"), 0U, limit).error().code()),
              Code::E_INVALIDARG);
  EXPECT_TRUE(queue_.open.empty());
}

// As languages send them that have one kind of integer, and no object paths.
struct Loose {
  std::int32_t priority = 1;
  std::uint64_t delay = 60;
  std::tuple<std::string, bus::ObjectPath> service{"org.example.App", {"/app"}};
  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("Priority", s.priority);
    v("MinimumRetryDelay", s.delay);
    v("NotifyService", s.service);
  }
};

TEST_F(Requests, IntegersOfAnyTypeAndTextForPathsAreTaken) {
  const core::Job& known = queue_.add_job("n");
  auto set = begin<>(job(known, "SetProperties"), Loose{});
  ASSERT_TRUE(until([&] { return queue_.open.size() == 1; }));
  const ports::JobChange& change = queue_.last<ports::command::Change>()->change;
  EXPECT_EQ(change.priority, 1U);
  EXPECT_EQ(change.minimum_retry_delay, 60U);
  EXPECT_EQ(change.notify_class, (core::ClassRegistration{"org.example.App", "/app"}));
  auto enqueue = begin<bus::ObjectPath>(manager("Enqueue"), Loose{}, std::vector<bus::NewFile>{},
                                        false);
  ASSERT_TRUE(until([&] { return queue_.open.size() == 2; }));
  Loose large;
  large.delay = std::uint64_t{1} << 32;
  const auto late = ask<>(job(known, "SetProperties"), large);
  EXPECT_EQ(late.error().code(), Code::E_INVALIDARG);
  EXPECT_EQ(late.error().text, "MinimumRetryDelay: 4294967296 is out of range: 0 to 4294967295");
  EXPECT_EQ(queue_.open.size(), 2U);
}

TEST_F(Requests, EveryCommandOfAJobReachesTheQueueAndItsErrorTheCaller) {
  const core::Job& known = queue_.add_job("n");
  const auto refused = [&](const char* member) {
    auto call = begin<>(job(known, member));
    EXPECT_TRUE(until([&] { return !queue_.open.empty(); })) << member;
    const std::size_t kind = queue_.open.front().body.index();
    queue_.answer(base::Error(Code::BG_E_INVALID_STATE, "no"));
    EXPECT_TRUE(until([&] { return call->answer.has_value(); }));
    EXPECT_EQ(call->answer->error().code(), Code::BG_E_INVALID_STATE);
    EXPECT_EQ(call->answer->error().text, "no");
    return kind;
  };
  const auto index = [](const ports::CommandBody& body) { return body.index(); };
  EXPECT_EQ(refused("Start"), index(ports::command::Start{}));
  EXPECT_EQ(refused("StartAnew"), index(ports::command::Start{}));
  EXPECT_EQ(refused("Suspend"), index(ports::command::Suspend{}));
  EXPECT_EQ(refused("Complete"), index(ports::command::Complete{}));
  EXPECT_EQ(refused("Cancel"), index(ports::command::Cancel{}));
  EXPECT_EQ(refused("TakeOwnership"), index(ports::command::TakeOwnership{}));
  EXPECT_EQ(refused("ClearNotifyObject"), index(ports::command::ClearObject{}));
  EXPECT_EQ(refused("ClearCertificateValidator"), index(ports::command::SetCertificateCheck{}));
}

TEST_F(Requests, BudgetsAreToldWithWhatIsKnownOfThem) {
  core::BudgetStatus status{.network = "Phone",
                            .budget = {.limit = 1000, .period = core::Period::week, .where = "conf:2"},
                            .used = 600,
                            .owner_used = 200,
                            .in_use = true,
                            .since = base::WallTime(1s),
                            .until = base::WallTime(9s)};
  queue_.told_budgets = {status, status};
  queue_.told_budgets[1].runs_out = base::WallTime(5s);
  const auto told = ask<std::vector<bus::BudgetEntry>>(manager("Budgets"));
  ASSERT_TRUE(told);
  const auto& entries = std::get<0>(*told);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].network, "Phone");
  EXPECT_TRUE(entries[0].in_use);
  EXPECT_EQ(entries[0].period, "week");
  EXPECT_EQ(entries[0].begin, 1'000'000U);
  EXPECT_EQ(entries[0].end, 9'000'000U);
  EXPECT_EQ(entries[0].limit, 1000U);
  EXPECT_EQ(entries[0].used, 600U);
  EXPECT_EQ(entries[0].owner_limit, std::nullopt);
  EXPECT_EQ(entries[0].owner_used, 200U);
  EXPECT_EQ(entries[0].runs_out, std::nullopt);
  EXPECT_EQ(entries[1].runs_out, 5'000'000U);
  EXPECT_EQ(entries[0].where, "conf:2");
}

TEST_F(Requests, CompleteAnswersASuccessCode) {
  const core::Job& known = queue_.add_job("n");
  for (const auto& [value, code] :
       {std::pair{ports::ReplyValue{}, Code::S_OK},
        std::pair{ports::ReplyValue{Code::BG_S_PARTIAL_COMPLETE}, Code::BG_S_PARTIAL_COMPLETE}}) {
    auto call = begin<std::uint32_t>(job(known, "Complete"));
    ASSERT_TRUE(until([&] { return !queue_.open.empty(); }));
    queue_.answer(value);
    ASSERT_TRUE(until([&] { return call->answer.has_value(); }));
    EXPECT_EQ(std::get<0>(**call->answer), base::to_number(code));
  }
}

TEST_F(Requests, AnObjectIsRegisteredUnderTheSendersOwnName) {
  const core::Job& known = queue_.add_job("n");
  auto call = begin<>(job(known, "SetNotifyObject"), bus::ObjectPath{"/cb/1"}, 2U);
  ASSERT_TRUE(until([&] { return !queue_.open.empty(); }));
  const auto* command = queue_.last<ports::command::SetObject>();
  ASSERT_NE(command, nullptr);
  EXPECT_EQ(command->job, known.id);
  EXPECT_EQ(command->object.unique_name, client_.unique_name());
  EXPECT_EQ(command->object.bus_id, *service_bus_.id());
  EXPECT_EQ(command->object.path, "/cb/1");
  EXPECT_EQ(command->object.level, 2U);
  EXPECT_EQ(command->object.uid, geteuid());
}

TEST_F(Requests, ACertificateValidatorIsRegisteredUnderTheSendersOwnName) {
  const core::Job& known = queue_.add_job("n");
  auto call = begin<>(job(known, "SetCertificateValidator"), bus::ObjectPath{"/v/1"});
  ASSERT_TRUE(until([&] { return !queue_.open.empty(); }));
  const auto* command = queue_.last<ports::command::SetCertificateCheck>();
  ASSERT_TRUE(command != nullptr && command->object);
  EXPECT_EQ(command->job, known.id);
  EXPECT_EQ(command->object->unique_name, client_.unique_name());
  EXPECT_EQ(command->object->bus_id, *service_bus_.id());
  EXPECT_EQ(command->object->path, "/v/1");
  EXPECT_EQ(command->object->uid, geteuid());
  queue_.answer(ports::ReplyValue{});
  auto clear = begin<>(job(known, "ClearCertificateValidator"));
  ASSERT_TRUE(until([&] { return !queue_.open.empty(); }));
  EXPECT_FALSE(queue_.last<ports::command::SetCertificateCheck>()->object);
}

TEST_F(Requests, ServiceCommandAndPropertiesAreOneChange) {
  const core::Job& known = queue_.add_job("n");
  auto service = begin<>(job(known, "SetNotifyService"), std::string("org.example.App"),
                         bus::ObjectPath{"/app"});
  ASSERT_TRUE(until([&] { return queue_.open.size() == 1; }));
  EXPECT_EQ(queue_.last<ports::command::Change>()->change.notify_class,
            (core::ClassRegistration{"org.example.App", "/app"}));
  auto command =
      begin<>(job(known, "SetNotifyCommand"), std::string("/bin/x"), std::string("x 1"));
  ASSERT_TRUE(until([&] { return queue_.open.size() == 2; }));
  EXPECT_EQ(queue_.last<ports::command::Change>()->change.command->parameters, "x 1");
  bus::JobSettings settings;
  settings.description = "d";
  settings.minimum_retry_delay = 60;
  auto properties = begin<>(job(known, "SetProperties"), settings);
  ASSERT_TRUE(until([&] { return queue_.open.size() == 3; }));
  EXPECT_EQ(queue_.last<ports::command::Change>()->change.description, "d");
  EXPECT_EQ(queue_.last<ports::command::Change>()->change.minimum_retry_delay, 60U);
  const base::JobId id = known.id;
  auto validation = begin<>(to(bus::file_path(id, 3), bus::file_interface, "SetValidationState"),
                            true);
  ASSERT_TRUE(until([&] { return queue_.open.size() == 4; }));
  EXPECT_EQ(queue_.last<ports::command::SetValidationState>()->file, 3U);
  EXPECT_TRUE(queue_.last<ports::command::SetValidationState>()->valid);
}

TEST_F(Requests, JobsAreListedInPages) {
  for (int n = 0; n < 5; ++n) queue_.add_job("job " + std::to_string(n));
  bus::ListFilter filter;
  filter.states = {3};
  filter.name = "job*";
  std::vector<std::string> names;
  std::string cursor;
  int pages = 0;
  do {
    const auto page = ask<std::vector<bus::ListedJob>, std::string>(manager("ListJobs"), filter,
                                                                    cursor, 2U);
    ASSERT_TRUE(page) << page.error().text;
    for (const bus::ListedJob& listed : std::get<0>(*page)) {
      names.push_back(listed.properties.name);
      EXPECT_TRUE(bus::parse_job_path(listed.path.value));
    }
    cursor = std::get<1>(*page);
    ++pages;
  } while (!cursor.empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(names, (std::vector<std::string>{"job 0", "job 1", "job 2", "job 3", "job 4"}));
  EXPECT_EQ(queue_.filters[0].states, 8U);
  EXPECT_EQ(queue_.filters[0].name_glob, "job*");
}

TEST_F(Requests, FilesAreListedFromTheOneAskedFor) {
  const core::Job& known = queue_.add_job("n");
  for (std::uint32_t n = 0; n < 5; ++n) {
    core::File& file = queue_.files[{known.id, n}];
    file.job = known.id;
    file.index = n;
    file.local = "/tmp/f";
  }
  const auto page = ask<std::vector<bus::ListedFile>>(job(known, "ListFiles"), 3U, 10U);
  ASSERT_TRUE(page);
  ASSERT_EQ(std::get<0>(*page).size(), 2U);
  EXPECT_EQ(std::get<0>(*page)[0].properties.index, 3U);
  EXPECT_EQ(std::get<0>(*page)[1].path.value, bus::file_path(known.id, 4));
}

TEST_F(Requests, AJobIsFoundUntilItHasLeftTheQueue) {
  const std::string id = base::to_string(queue_.add_job("n").id);
  EXPECT_TRUE(ask<bus::ObjectPath>(manager("GetJob"), id));
  queue_.jobs[0].state = base::JobState::cancelled;
  EXPECT_EQ(ask<bus::ObjectPath>(manager("GetJob"), id).error().code(), Code::BG_E_NOT_FOUND);
  queue_.jobs.clear();
  EXPECT_EQ(ask<bus::ObjectPath>(manager("GetJob"), id).error().code(), Code::BG_E_NOT_FOUND);
}

TEST_F(Requests, GetErrorSpeaksInErrorStatesOnly) {
  core::Job& known = queue_.add_job("n", base::JobState::error);
  known.error = core::ErrorInfo{base::http_code(404), base::ErrorContext::remote_file, 1, "404"};
  using Answer = std::tuple<std::uint32_t, std::uint32_t, std::int32_t, std::string>;
  const auto answer = ask<std::uint32_t, std::uint32_t, std::int32_t, std::string>(
      job(known, "GetError"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(*answer, Answer(0x80190194U, 5U, 1, "404"));
  known.state = base::JobState::transferred;
  EXPECT_EQ((ask<std::uint32_t, std::uint32_t, std::int32_t, std::string>(job(known, "GetError"))
                 .error().code()),
            Code::BG_E_ERROR_INFORMATION_UNAVAILABLE);
}

TEST_F(Requests, ErrorsAreDescribedInOurLanguageOnly) {
  const auto call = [&](const std::string& locale) {
    return ask<std::string, std::string>(manager("DescribeError"), 0x80200001U, 5U, locale);
  };
  for (const char* locale : {"", "C", "C.UTF-8", "en", "en_GB.UTF-8"}) {
    const auto answer = call(locale);
    ASSERT_TRUE(answer) << locale;
    EXPECT_EQ(std::get<0>(*answer), base::describe(Code::BG_E_NOT_FOUND));
    EXPECT_NE(std::get<1>(*answer), "");
  }
  EXPECT_EQ(call("de_DE").error().code(), Code::RESOURCE_LANG_NOT_FOUND);
}

// ---- properties ---------------------------------------------------------------------------------

class Properties : public Served {
 protected:
  template <class T, class... In>
  bus::Outcome<T> property(const std::string& path, const char* member, const In&... in) {
    return ask<T>(to(path, bus::properties_interface, member), in...);
  }
};

TEST_F(Properties, OfAJobAreReadOneByOneAndAllAtOnce) {
  const core::Job& known = queue_.add_job("n");
  const std::string path = bus::job_path(known.id);
  const std::string interface = bus::job_interface;
  const auto name = property<bus::Variant>(path, "Get", interface, std::string("Name"));
  ASSERT_TRUE(name);
  EXPECT_EQ(std::get<0>(*name), bus::Variant{std::string("n")});
  const auto all = property<bus::JobProperties>(path, "GetAll", interface);
  ASSERT_TRUE(all);
  EXPECT_EQ(std::get<0>(*all).bytes_transferred, 40U);
  EXPECT_EQ(std::get<0>(*all).waiting.kind, "start");
  EXPECT_EQ(std::get<0>(*all).resumable, 1U);
}

TEST_F(Properties, OfAFileAndOfTheManager) {
  const core::Job& known = queue_.add_job("n");
  core::File& file = queue_.files[{known.id, 1}];
  file.job = known.id;
  file.index = 1;
  file.local = "/tmp/f";
  file.stored = core::Extents::until(5);
  const auto all = property<bus::FileProperties>(bus::file_path(known.id, 1), "GetAll",
                                                 std::string(bus::file_interface));
  ASSERT_TRUE(all) << all.error().text;
  EXPECT_EQ(std::get<0>(*all).local_name, "/tmp/f");
  EXPECT_EQ(std::get<0>(*all).bytes_transferred, 6U);
  const auto missing = property<bus::FileProperties>(bus::file_path(known.id, 2), "GetAll",
                                                     std::string(bus::file_interface));
  EXPECT_EQ(missing.error().code(), Code::BG_E_NOT_FOUND);
  const auto version = property<bus::Variant>(bus::root_path, "Get",
                                              std::string(bus::manager_interface),
                                              std::string("Version"));
  ASSERT_TRUE(version) << version.error().text;
  EXPECT_EQ(std::get<0>(*version), bus::Variant{std::string("1.2.3")});
}

TEST_F(Properties, ASetIsAnsweredAfterItsCommit) {
  const core::Job& known = queue_.add_job("n");
  auto set = begin<>(to(bus::job_path(known.id), bus::properties_interface, "Set"),
                     std::string(bus::job_interface), std::string("Priority"),
                     bus::VariantOf<std::uint32_t>{1});
  ASSERT_TRUE(until([&] { return !queue_.open.empty(); }));
  EXPECT_EQ(queue_.last<ports::command::Change>()->change.priority, 1U);
  EXPECT_FALSE(set->answer);
  queue_.answer(ports::ReplyValue{});
  ASSERT_TRUE(until([&] { return set->answer.has_value(); }));
  EXPECT_TRUE(*set->answer);
}

TEST_F(Properties, ASetTakesAnyIntegerInRange) {
  const core::Job& known = queue_.add_job("n");
  const auto set = [&](auto value) {
    return begin<>(to(bus::job_path(known.id), bus::properties_interface, "Set"),
                   std::string(bus::job_interface), std::string("Priority"),
                   bus::VariantOf<decltype(value)>{value});
  };
  auto taken = set(std::int64_t{3});
  ASSERT_TRUE(until([&] { return !queue_.open.empty(); }));
  EXPECT_EQ(queue_.last<ports::command::Change>()->change.priority, 3U);
  auto refused = set(std::int32_t{-1});
  ASSERT_TRUE(until([&] { return refused->answer.has_value(); }));
  EXPECT_EQ(refused->answer->error().name, "org.freedesktop.DBus.Error.InvalidArgs");
  EXPECT_EQ(refused->answer->error().text, "Priority: -1 is out of range: 0 to 4294967295");
}

TEST_F(Properties, WrongNamesTypesAndInterfacesAreRefusedInTheUsualWords) {
  const core::Job& known = queue_.add_job("n");
  const std::string path = bus::job_path(known.id);
  const std::string interface = bus::job_interface;
  const auto name_of = [](const auto& answer) { return answer.error().name; };
  EXPECT_EQ(name_of(property<bus::Variant>(path, "Get", interface, std::string("Nothing"))),
            "org.freedesktop.DBus.Error.UnknownProperty");
  EXPECT_EQ(name_of(property<bus::Variant>(path, "Get", std::string("org.example.Other"),
                                           std::string("Name"))),
            "org.freedesktop.DBus.Error.UnknownInterface");
  const auto set = [&](const char* property_name, const bus::Variant& value) {
    return ask<>(to(path, bus::properties_interface, "Set"), interface,
                 std::string(property_name), value);
  };
  EXPECT_EQ(name_of(set("State", {std::uint32_t{0}})),
            "org.freedesktop.DBus.Error.PropertyReadOnly");
  EXPECT_EQ(name_of(set("Name", {std::uint32_t{0}})), "org.freedesktop.DBus.Error.InvalidArgs");
  const core::Job stranger;
  EXPECT_EQ(property<bus::JobProperties>(bus::job_path(stranger.id), "GetAll", interface)
                .error().code(),
            Code::BG_E_NOT_FOUND);
  EXPECT_TRUE(queue_.open.empty());
}

TEST_F(Properties, AClientReadsItsOwnWrites) {
  core::Job& known = queue_.add_job("old");
  const std::string path = bus::job_path(known.id);
  auto set = begin<>(to(path, bus::properties_interface, "Set"), std::string(bus::job_interface),
                     std::string("Name"), bus::VariantOf<std::string>{"new"});
  auto get = begin<bus::Variant>(to(path, bus::properties_interface, "Get"),
                                 std::string(bus::job_interface), std::string("Name"));
  ASSERT_TRUE(until([&] { return !queue_.open.empty(); }));
  // Somebody else does not wait for it.
  bus::Bus other = bus_.connect();
  ASSERT_TRUE(other.attach(loop_.native()));
  const auto seen = test::ask<bus::Variant>(
      loop_, other, to(path, bus::properties_interface, "Get"), std::string(bus::job_interface),
      std::string("Name"));
  EXPECT_EQ(std::get<0>(*seen), bus::Variant{std::string("old")});
  EXPECT_FALSE(get->answer);
  known.name = "new";
  queue_.answer(ports::ReplyValue{});
  ASSERT_TRUE(until([&] { return get->answer.has_value(); }));
  EXPECT_EQ(std::get<0>(**get->answer), bus::Variant{std::string("new")});
}

// ---- callers ------------------------------------------------------------------------------------

TEST_F(Requests, CallersAreToldApartAndTheirEndIsPosted) {
  queue_.add_job("n");
  const std::string id = base::to_string(queue_.jobs[0].id);
  ASSERT_TRUE(ask<bus::ObjectPath>(manager("GetJob"), id));
  std::string name;
  {
    bus::Bus other = bus_.connect();
    name = other.unique_name();
    ASSERT_TRUE(other.attach(loop_.native()));
    ASSERT_TRUE(test::ask<bus::ObjectPath>(loop_, other, manager("GetJob"), id));
  }
  ASSERT_EQ(queue_.callers.size(), 2U);
  EXPECT_NE(queue_.callers[0].peer, queue_.callers[1].peer);
  EXPECT_EQ(queue_.callers[1].uid, geteuid());
  ASSERT_TRUE(until([&] { return inbox_.count<ports::PeerGone>() == 1; }));
  EXPECT_EQ(inbox_.all<ports::PeerGone>()[0].unique_name, name);
  EXPECT_EQ(inbox_.all<ports::PeerGone>()[0].peer, queue_.callers[1].peer);
}

TEST_F(Requests, CallsOfAnUnknownPeerKeepTheirOrder) {
  const core::Job& known = queue_.add_job("n");
  auto first = begin<>(job(known, "Start"));
  auto second = begin<>(job(known, "Suspend"));
  auto third = begin<>(job(known, "Start"));
  ASSERT_TRUE(until([&] { return queue_.open.size() == 3; }));
  EXPECT_TRUE(std::holds_alternative<ports::command::Start>(queue_.open[0].body));
  EXPECT_TRUE(std::holds_alternative<ports::command::Suspend>(queue_.open[1].body));
}

TEST_F(Requests, ACallerThatLeftBeforeItsAnswerHarmsNobody) {
  const core::Job& known = queue_.add_job("n");
  {
    bus::Bus other = bus_.connect();
    ASSERT_TRUE(other.attach(loop_.native()));
    other.send(job(known, "Start"));
    ASSERT_TRUE(until([&] { return !queue_.open.empty(); }));
  }
  ASSERT_TRUE(until([&] { return inbox_.count<ports::PeerGone>() == 1; }));
  queue_.answer(ports::ReplyValue{});
  EXPECT_TRUE(ask<bus::ObjectPath>(manager("GetJob"), base::to_string(known.id)));
}

TEST_F(Requests, TheNameIsOwnedByOneService) {
  bus::Bus other = bus_.connect();
  dbus::DbusAdapter second(loop_, other, inbox_, log_, {});
  FakeQueue queue(clients_);
  ASSERT_TRUE(second.serve(queue));
  EXPECT_EQ(second.request_name().error().code, Code::ALREADY_EXISTS);
}

TEST_F(Requests, TheEndOfTheBusIsTold) {
  bool gone = false;
  adapter_->on_disconnect([&] { gone = true; });
  bus_.stop();
  EXPECT_TRUE(until([&] { return gone; }));
}

}  // namespace
}  // namespace backhaul::test
