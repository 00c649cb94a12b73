// SPDX-License-Identifier: Apache-2.0
// Applications in a sandbox (docs/security.md): what they see and change of a user's queue.
#include <set>

#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

constexpr char own[] = "/home/u/.var/app/org.example.App";

// alice's user has an application in a sandbox, and another one.
struct Applications : Story {
  Applications() : Story(settings()), app(another_program("app")), other(another_program("other")) {
    app.application = "flatpak/org.example.App";
    other.application = "flatpak/org.example.Other";
    world.disk.directories[std::string(own) + "/data"] = {};
    world.disk.directories["/home/u/.var/app/org.example.Other/data"] = {};
  }
  static engine::Settings settings() {
    engine::Settings s;
    s.homes = {"/home/u", "/run/user/1000"};
    return s;
  }
  std::string ask(Program& by, ports::CommandBody body) {
    const auto& call = world.submit("ask", by.caller(), std::move(body));
    const base::CallId id = call.id;
    run(0s);
    const auto& reply = *world.clients.call(id).reply;
    if (reply && std::holds_alternative<JobId>(*reply)) made = std::get<JobId>(*reply);
    return reply ? "S_OK" : base::symbol(reply.error().code);
  }
  std::string enqueue_to(Program& by, const std::string& local, JobChange properties = {},
                         const std::string& remote = "http://host/x") {
    ports::command::Enqueue command;
    command.properties = named_("a", std::move(properties));
    command.files = {{remote, local}};
    return ask(by, std::move(command));
  }
  static JobChange named_(const std::string& name, JobChange properties) {
    properties.name = name;
    return properties;
  }

  Program& app;
  Program& other;
  JobId made;
};

std::size_t listed(Story& s, Program& by, bool all_users = false) {
  ports::JobFilter filter;
  filter.all_users = all_users;
  const auto page = s.world.service().page(filter, "", 100, by.caller());
  return page ? page->jobs.size() : 999;
}

TEST(Applications, AJobBelongsToTheApplicationThatMadeIt) {
  Applications s;
  s.serve("x", 10);
  ASSERT_EQ(s.enqueue_to(s.app, std::string(own) + "/data/x"), "S_OK");
  const JobId mine = s.made;
  const JobId users = s.create("users", {"x"});
  EXPECT_EQ(*s.row(mine).application, "flatpak/org.example.App");
  EXPECT_EQ(*s.file(mine, 0).root, own);
  EXPECT_FALSE(s.row(users).application);
  // Its own, and no other's; the user sees them all.
  EXPECT_EQ(listed(s, s.app), 1U);
  EXPECT_EQ(listed(s, s.other), 0U);
  EXPECT_EQ(listed(s, s.alice), 2U);
  EXPECT_TRUE(s.world.service().find(mine, s.app.caller()));
  EXPECT_FALSE(s.world.service().find(users, s.app.caller()));
  EXPECT_FALSE(s.world.service().find(mine, s.other.caller()));
  EXPECT_TRUE(s.world.service().find(mine, s.alice.caller()));
  s.crash();  // it is in the row
  EXPECT_EQ(*s.row(mine).application, "flatpak/org.example.App");
  EXPECT_EQ(*s.file(mine, 0).root, own);
}

TEST(Applications, NothingOfAnotherIsChanged) {
  Applications s;
  s.serve("x", 10);
  const JobId a = s.create("users", {"x"});
  core::ObjectRegistration object;
  object.bus_id = s.world.bus.id();
  object.unique_name = s.app.unique_name;
  object.path = "/o";
  for (ports::CommandBody body : std::initializer_list<ports::CommandBody>{
           ports::command::AddFiles{a, {}}, ports::command::Start{a}, ports::command::Suspend{a},
           ports::command::Complete{a}, ports::command::Cancel{a}, ports::command::TakeOwnership{a},
           ports::command::Change{a, {.name = "mine"}}, ports::command::SetObject{a, object},
           ports::command::ClearObject{a}, ports::command::SetCertificateCheck{a, object},
           ports::command::SetValidationState{a, 0, true}}) {
    const std::size_t kind = body.index();
    EXPECT_EQ(s.ask(s.app, std::move(body)), "E_ACCESSDENIED") << kind;
  }
  EXPECT_EQ(s.row(a).name, "users");
}

TEST(Applications, NoCommandLineAndNoClassOfOthersByAnyWay) {
  Applications s;
  s.serve("x", 10);
  const std::string local = std::string(own) + "/data/x";
  const JobChange command{.command = core::CommandRegistration{"/bin/sh", "sh", 0}};
  const JobChange foreign{.notify_class = core::ClassRegistration{"org.other.App", "/o"}};
  const JobChange class_of_windows{
      .notify_class = core::ClassRegistration{"org.backhaul.clsid.g" + std::string(32, '1'), "/o"}};
  const JobChange below{.notify_class = core::ClassRegistration{"org.example.App.Downloads", "/o"}};
  for (const JobChange& change : {command, foreign, class_of_windows})
    EXPECT_EQ(s.enqueue_to(s.app, local, change), "E_ACCESSDENIED");
  ASSERT_EQ(s.enqueue_to(s.app, local), "S_OK");
  for (const JobChange& change : {command, foreign, class_of_windows})
    EXPECT_EQ(s.ask(s.app, ports::command::Change{s.made, change}), "E_ACCESSDENIED");
  EXPECT_EQ(s.ask(s.app, ports::command::Change{s.made, below}), "S_OK");
  const JobChange clear{.notify_class = core::ClassRegistration{}, .command = core::CommandRegistration{}};
  EXPECT_EQ(s.ask(s.app, ports::command::Change{s.made, clear}), "S_OK");
  EXPECT_TRUE(s.row(s.made).command->program.empty());
}

TEST(Applications, FilesComeFromTheNetworkAndGoIntoItsOwnFolder) {
  Applications s;
  s.serve("x", 10);
  s.world.disk.directories["/home/u"] = {};
  for (const std::string& local : {std::string("/d/x"), std::string("/home/u/x"),
                                   std::string("/home/u/.var/app/org.example.Other/data/x")})
    EXPECT_EQ(s.enqueue_to(s.app, local), "E_ACCESSDENIED") << local;
  EXPECT_EQ(s.enqueue_to(s.app, std::string(own) + "/data/x", {}, "file:///etc/passwd"),
            "E_ACCESSDENIED");
  ASSERT_EQ(s.enqueue_to(s.app, std::string(own) + "/data/x"), "S_OK");
  // The application reads what comes, so the rule holds for whoever adds a file.
  const ports::command::AddFiles outside{s.made, {{"http://host/x", "/d/x"}}};
  EXPECT_EQ(s.ask(s.app, outside), "E_ACCESSDENIED");
  EXPECT_EQ(s.ask(s.alice, outside), "E_ACCESSDENIED");
  EXPECT_EQ(s.row(s.made).files.total, 1U);
}

TEST(Applications, ADocumentIsWrittenThroughItsOwnViewOfThePortal) {
  Applications s;
  s.serve("x", 10);
  const std::string view = "/run/user/1000/doc/by-app/org.example.App";
  s.world.disk.directories[view + "/1a2b"] = {};
  ASSERT_EQ(s.enqueue_to(s.app, "/run/user/1000/doc/1a2b/x"), "S_OK");
  EXPECT_EQ(s.file(s.made, 0).local, view + "/1a2b/x");
  EXPECT_EQ(*s.file(s.made, 0).root, view);
}

TEST(Applications, EventsAreThoseOfItsOwnJobs) {
  Applications s;
  s.serve("x", 10);
  ASSERT_EQ(s.enqueue_to(s.app, std::string(own) + "/data/x"), "S_OK");
  ASSERT_EQ(s.ask(s.app, ports::command::Start{s.made}), "S_OK");
  const JobId mine = s.made;
  const JobId users = s.enqueue("users", {"x"});
  s.run(5s);
  const auto seen = [&](Program& by) {
    std::set<JobId> jobs;
    for (const core::EventRecord& event : s.world.service().events(0, 100, by.caller()).events)
      jobs.insert(event.job);
    return jobs;
  };
  EXPECT_EQ(seen(s.alice), (std::set<JobId>{mine, users}));
  EXPECT_EQ(seen(s.app), (std::set<JobId>{mine}));
  EXPECT_EQ(seen(s.other), std::set<JobId>{});
}

// The end of a job and its files as well as what it is notified of.
TEST(Applications, EveryKindOfEventOfItsJobsIsToldToIt) {
  Applications s;
  s.serve("x", 10);
  ASSERT_EQ(s.enqueue_to(s.app, std::string(own) + "/data/x"), "S_OK");
  ASSERT_EQ(s.ask(s.app, ports::command::Start{s.made}), "S_OK");
  s.run(5s);
  ASSERT_EQ(s.ask(s.app, ports::command::Complete{s.made}), "S_OK");
  const auto seen = s.world.service().events(0, 100, s.app.caller()).events;
  EXPECT_EQ(seen, s.world.service().events(0, 100, s.alice.caller()).events);
  std::set<core::NotifyKind> kinds;
  for (const core::EventRecord& event : seen) kinds.insert(event.kind);
  EXPECT_EQ(kinds, (std::set{core::NotifyKind::none, core::NotifyKind::job_transferred,
                             core::NotifyKind::file_transferred}));
}

TEST(Applications, TheLastJobIsTheLastOfItsOwn) {
  Applications s;
  s.serve("x", 10);
  EXPECT_FALSE(s.world.service().last_job(s.app.caller()));
  ASSERT_EQ(s.enqueue_to(s.app, std::string(own) + "/data/x"), "S_OK");
  const JobId mine = s.made;
  EXPECT_EQ(*s.world.service().last_job(s.alice.caller()), mine);
  const JobId users = s.create("users");
  for (int life = 0; life < 2; ++life) {
    EXPECT_EQ(*s.world.service().last_job(s.alice.caller()), users);
    EXPECT_EQ(*s.world.service().last_job(s.app.caller()), mine);
    EXPECT_FALSE(s.world.service().last_job(s.other.caller()));
    s.crash();
  }
  ASSERT_EQ(s.ask(s.app, ports::command::Cancel{mine}), "S_OK");
  s.crash();
  EXPECT_EQ(*s.world.service().last_job(s.app.caller()), mine) << "its end is in the log";
}

// What it has a descriptor of it may write to, whatever its path is called in the sandbox or here.
TEST(Applications, ADirectoryThatItHandsOverNeedsNotBeItsOwnFolder) {
  Applications s;
  s.serve("x", 10);
  ASSERT_EQ(s.enqueue_to(s.app, std::string(own) + "/data/x"), "S_OK");
  const JobId mine = s.made;
  ports::FileSpec spec{"http://host/x", "/d/x"};
  EXPECT_EQ(s.ask(s.app, ports::command::AddFiles{mine, {spec}}), "E_ACCESSDENIED");
  spec.held = "@1:2";
  EXPECT_EQ(s.ask(s.other, ports::command::AddFiles{mine, {spec}}), "E_ACCESSDENIED");
  EXPECT_EQ(s.ask(s.root, ports::command::AddFiles{mine, {spec}}), "E_ACCESSDENIED") << "for the owner alone";
  EXPECT_EQ(s.ask(s.app, ports::command::AddFiles{mine, {spec}}), "S_OK");
  EXPECT_EQ(*s.file(mine, 1).root, "@1:2");
  EXPECT_EQ(s.file(mine, 1).local, "/d/x");
  // It may still fetch from the network only.
  spec.remote = "file:///etc/passwd";
  EXPECT_EQ(s.ask(s.app, ports::command::AddFiles{mine, {spec}}), "E_ACCESSDENIED");
}

TEST(Applications, AConfinedRootIsNoAdministrator) {
  Applications s;
  s.serve("x", 10);
  const JobId a = s.create("users", {"x"});
  Program& root = s.another_program("root's app", 0);
  root.application = "flatpak/org.example.App";
  EXPECT_EQ(s.ask(root, ports::command::TakeOwnership{a}), "E_ACCESSDENIED");
  EXPECT_FALSE(s.world.service().find(a, root.caller()));
  EXPECT_EQ(listed(s, root, true), 999U);
}

TEST(Clients, SoManyObjectsAreRegisteredByOneProgramAndNoMore) {
  engine::Settings settings;
  settings.registrations_per_program = 2;
  Story s(settings);
  s.serve("x", 10);
  const JobId a = s.create("a", {"x"});
  const JobId b = s.create("b", {"x"});
  const JobId c = s.create("c", {"x"});
  s.set_object(a, s.alice);
  s.set_object(b, s.alice);
  s.set_object(c, s.alice);
  EXPECT_EQ(s.reply_to_last(), "E_OUTOFMEMORY");
  s.set_object(c, s.bob);  // another program has its own count
  EXPECT_EQ(s.reply_to_last(), "S_OK");
  s.clear_object(a, s.alice);
  s.set_certificate_check(c, s.alice);
  EXPECT_EQ(s.reply_to_last(), "S_OK");
}

}  // namespace
}  // namespace backhaul::stories
