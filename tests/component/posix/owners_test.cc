// SPDX-License-Identifier: Apache-2.0
// Files of accounts that do not trust each other, by a service without rights.
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>

#include "adapters/posix/local_transport.h"
#include "core/judge.h"
#include "core/part_name.h"
#include "os/helper.h"
#include "os/packet.h"
#include "tests/component/posix/owners_fixture.h"

namespace backhaul::posix {
namespace {

// Whoever asks again gets another one, and notices nothing.
TEST(Helper, EndsWhenNothingIsAskedOfItForAWhile) {
  std::vector<pid_t> started;
  HelperAccess access([&started](Descriptor socket) {
    std::vector<std::string> words{FILE_HELPER, "18"};
    if (started.empty()) words.push_back("--ends-soon");
    const auto pid = os::start_helper(words, -1, socket.get());
    if (pid) started.push_back(*pid);
    return pid.has_value();
  });
  EXPECT_TRUE(access.look(Access::nowhere, "/", true));
  int status = 0;
  ASSERT_EQ(waitpid(started.at(0), &status, 0), started[0]);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_TRUE(access.look(Access::nowhere, "/", true));
  ASSERT_EQ(started.size(), 2U);
  kill(started[1], SIGKILL);
  waitpid(started[1], &status, 0);
}

TEST_F(OwnersTest, AFileIsItsOwnersWithTheUsersUmask) {
  EXPECT_EQ(fetch(alice, 1, path("alice/file"), "hers"), Code::S_OK);
  const struct stat hers = seen("alice/file");
  EXPECT_EQ(hers.st_uid, alice);
  EXPECT_EQ(hers.st_gid, alice);
  EXPECT_EQ(hers.st_mode & 07777, 0640U);
  EXPECT_EQ(text_of("alice/file"), "hers");
  EXPECT_EQ(fetch(bob, 2, path("bob/file"), "his"), Code::S_OK);
  EXPECT_EQ(seen("bob/file").st_uid, bob);
  EXPECT_EQ(seen("bob/file").st_mode & 07777, 0644U);
}

TEST_F(OwnersTest, GroupsOfTheAccountCountAndADirectoryPassesOnItsOwn) {
  EXPECT_EQ(fetch(alice, 1, path("team/file"), "for all of us"), Code::S_OK);
  EXPECT_EQ(seen("team/file").st_uid, alice);
  EXPECT_EQ(seen("team/file").st_gid, team);
  EXPECT_EQ(check_as(bob, path("team/other")), Code::E_ACCESSDENIED);
  EXPECT_EQ(fetch(bob, 2, path("team/other"), "x"), Code::E_ACCESSDENIED);
}

TEST_F(OwnersTest, TheDirectoryOfAnotherUserIsRefused) {
  EXPECT_EQ(check_as(bob, path("alice/file")), Code::E_ACCESSDENIED);
  EXPECT_EQ(fetch(bob, 1, path("alice/file"), "x"), Code::E_ACCESSDENIED);
  // Also where its part lies there already.
  ports::Sink* const sink = open(request_of(alice, 2, path("alice/file")));
  ASSERT_NE(sink, nullptr);
  const auto stored = receive(*sink, "hers");
  close(2);
  EXPECT_EQ(publish_as(bob, stored, path("alice/file")), Code::E_ACCESSDENIED);
  files().discard({.job = job_, .owner = {bob, {}}, .parts = {{0, 0, path("alice/file"), {}}}});
  EXPECT_TRUE(answer<ports::Discarded>().leftovers);
  EXPECT_EQ(publish_as(alice, stored, path("alice/file")), Code::S_OK);
}

TEST_F(OwnersTest, AnAccountThatIsNotThereHasNoFiles) {
  EXPECT_EQ(check_as(nobody_here, path("shared/file")), Code::E_ACCESSDENIED);
  EXPECT_EQ(fetch(nobody_here, 1, path("shared/file"), "x"), Code::E_ACCESSDENIED);
}

TEST_F(OwnersTest, OfAnAccountThatIsGoneThePartsOfItsJobsAreDeletedAndNothingElse) {
  const std::string part = core::part_path(path("gone/file"), job_, 0, 0);
  {
    const As root(0);
    make_directory("gone", nobody_here, nobody_here, 0700);
    for (const std::string& file : {part, path("gone/other"), path("gone/.BITbobs.tmp")}) {
      test::write_file(file, "x");
      ASSERT_EQ(chown(file.c_str(), file == path("gone/.BITbobs.tmp") ? bob : nobody_here, nobody_here), 0);
    }
  }
  const core::Owner gone{nobody_here, {}, "gone-test"};
  ports::DiscardRequest request{.job = job_, .owner = gone, .parts = {{0, 0, path("gone/file"), {}}}};
  files().discard(request);
  EXPECT_TRUE(answer<ports::Discarded>().leftovers) << "nobody has its rights";
  {
    const auto access = owners_->access_to_remains(gone);
    ASSERT_TRUE(access);
    const auto directory = (*access)->open_directory(path("gone"), {});
    ASSERT_TRUE(directory);
    for (const char* name : {"other", ".BITbobs.tmp"})
      EXPECT_EQ((*access)->unlink(directory->get(), name).error(), EACCES) << name;
    for (const char* name : {"../bob", ".BIT/../other.tmp"})
      EXPECT_FALSE((*access)->unlink(directory->get(), name)) << name;
    EXPECT_FALSE((*access)->unlink(Access::nowhere, part));
    EXPECT_EQ((*access)->open(directory->get(), "other", Purpose::read).error(), EACCES);
    EXPECT_EQ((*access)->open(directory->get(), "new", Purpose::create).error(), EACCES);
    EXPECT_EQ((*access)->open_source(path("gone/other")).error(), EACCES);
    EXPECT_EQ((*access)->rename(directory->get(), "other", "another", directory->get()).error(), EACCES);
    EXPECT_EQ((*access)->set_mode(directory->get(), 0777).error(), EACCES);
  }
  request.owner_in_doubt = true;
  files().discard(request);
  EXPECT_FALSE(answer<ports::Discarded>().leftovers);
  const As root(0);
  EXPECT_FALSE(std::filesystem::exists(part));
  EXPECT_TRUE(std::filesystem::exists(path("gone/other")));
}

TEST_F(OwnersTest, WhereTheNumberIsSomebodysTheyStayAndTheLogSaysWhere) {
  const std::string part = core::part_path(path("bob/file"), job_, 0, 0);
  {
    const As root(0);
    test::write_file(part, "x");
    ASSERT_EQ(chown(part.c_str(), bob, bob), 0);
  }
  files().discard({.job = job_,
                   .owner = {bob, {}, "gone-test"},
                   .parts = {{0, 0, path("bob/file"), {}}},
                   .owner_in_doubt = true});
  EXPECT_TRUE(answer<ports::Discarded>().leftovers);
  EXPECT_NE(log_.text().find(path("bob")), std::string::npos) << log_.text();
  EXPECT_NE(log_.text().find(core::part_pattern(job_)), std::string::npos) << log_.text();
  const auto is_there = [&] {
    const As root(0);
    return std::filesystem::exists(part);
  };
  EXPECT_TRUE(is_there());
  // An account that is back has its own rights again, before the service has looked once more.
  files().discard({.job = job_,
                   .owner = {bob, {}, "bob-test"},
                   .parts = {{0, 0, path("bob/file"), {}}},
                   .owner_in_doubt = true});
  EXPECT_FALSE(answer<ports::Discarded>().leftovers) << log_.text();
  EXPECT_FALSE(is_there());
}

TEST_F(OwnersTest, OnlyInAGuardedDirectoryDoesAJobGetANewOwner) {
  const auto check = [&](const std::string& local) {
    const std::size_t before = inbox_.count<ports::DestinationsChecked>();
    files().check(base::CheckId{90 + before}, {.owner = {alice, {}}, .files = {{path(local), {}}}, .guarded = true});
    EXPECT_TRUE(wait([&] { return inbox_.count<ports::DestinationsChecked>() > before; }));
    const auto said = last<ports::DestinationsChecked>();
    return said.refusal ? said.refusal->code : Code::S_OK;
  };
  EXPECT_EQ(check("alice/file"), Code::S_OK);
  EXPECT_EQ(check("sticky/file"), Code::S_OK);
  EXPECT_EQ(check("shared/file"), Code::E_ACCESSDENIED);
  EXPECT_EQ(check("team/file"), Code::E_ACCESSDENIED);
  {
    const As him(bob);
    ASSERT_EQ(mkdir(path("sticky/his").c_str(), 0777), 0);
    ASSERT_EQ(chmod(path("sticky/his").c_str(), 01777), 0);
  }
  EXPECT_EQ(check("sticky/his/file"), Code::E_ACCESSDENIED);  // he may delete what lies there
}

TEST_F(OwnersTest, WhereTheNameIsNotThatOfTheNumberThereIsNoHelper) {
  const auto check = [&](const std::string& account) {
    const std::size_t before = inbox_.count<ports::DestinationsChecked>();
    files().check(base::CheckId{90 + before}, {{alice, {}, account}, {{path("alice/file"), {}}}});
    EXPECT_TRUE(wait([&] { return inbox_.count<ports::DestinationsChecked>() > before; }));
    const auto said = last<ports::DestinationsChecked>();
    return said.refusal ? said.refusal->code : Code::S_OK;
  };
  EXPECT_EQ(check("alice-test"), Code::S_OK);
  EXPECT_EQ(check("bob-test"), Code::E_ACCESSDENIED);
  EXPECT_EQ(check("carol"), Code::E_ACCESSDENIED);
  EXPECT_EQ(check(std::string(1000, 'a')), Code::CAN_NOT_COMPLETE);  // which no account has
  EXPECT_EQ(check("alice-test"), Code::S_OK);
}

TEST_F(OwnersTest, WhereNobodySaysWhoTheOwnerIsThatMayPass) {
  const std::string down = path("nsswitch.conf");
  {
    const As root(0);
    std::ofstream(down) << "passwd: no_service_has_this_name\n";
    if (mount(down.c_str(), "/etc/nsswitch.conf", nullptr, MS_BIND, nullptr) != 0)
      GTEST_SKIP() << "the C library of this machine is not told what to ask";
  }
  const Code said = check_as(alice, path("alice/file"));
  {
    const As root(0);
    ASSERT_EQ(umount2("/etc/nsswitch.conf", MNT_DETACH), 0);
    EXPECT_EQ(unlink(down.c_str()), 0);
  }
  EXPECT_EQ(said, Code::CAN_NOT_COMPLETE);
  EXPECT_EQ(core::classify(said), core::ErrorClass::transient);
  EXPECT_EQ(check_as(alice, path("alice/file")), Code::S_OK);
}

TEST_F(OwnersTest, ALauncherKeepsItsSocketAndOneThatIsGoneLeavesIt) {
  {
    const As root(0);
    const auto second = listen_at(socket_path_, service_uid, 0s);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error(), EADDRINUSE);
  }
  EXPECT_EQ(fetch(alice, 1, path("alice/file"), "hers"), Code::S_OK);
  files_.reset();
  owners_.reset();
  const As root(0);
  end_launcher(SIGKILL);
  listening_.reset();
  auto next = listen_at(socket_path_, service_uid, 0s);
  ASSERT_TRUE(next) << next.error();
  listening_ = *std::move(next);
  start_launcher();
}

TEST_F(OwnersTest, AHomeThatIsNotThereMayComeBack) {
  ports::Sink* const sink = open(request_of(alice, 1, path("alice/file")));
  ASSERT_NE(sink, nullptr);
  const auto stored = receive(*sink, "hers");
  close(1);
  {
    const As root(0);
    ASSERT_EQ(rename(path("alice").c_str(), path("elsewhere").c_str()), 0);
  }
  EXPECT_EQ(check_as(alice, path("alice/file")), Code::NOT_LOGGED_ON);
  EXPECT_EQ(fetch(alice, 2, path("alice/other"), "x"), Code::NOT_LOGGED_ON);
  EXPECT_EQ(publish_as(alice, stored, path("alice/file")), Code::NOT_LOGGED_ON);
  EXPECT_EQ(core::classify(Code::NOT_LOGGED_ON), core::ErrorClass::transient);  // the job waits
  {
    const As root(0);
    ASSERT_EQ(rename(path("elsewhere").c_str(), path("alice").c_str()), 0);
  }
  EXPECT_EQ(publish_as(alice, stored, path("alice/file")), Code::S_OK);
  // Only of what lies in it, and only while all of it is away.
  EXPECT_EQ(check_as(alice, path("alice/nowhere/file")), Code::PATH_NOT_FOUND);
  EXPECT_EQ(check_as(alice, path("nowhere/file")), Code::PATH_NOT_FOUND);
}

TEST_F(OwnersTest, FilesOfRootLieBeneathTheFoldersThatAreAllowed) {
  {
    const As root(0);
    make_directory("root", 0, 0, 0755);
    ASSERT_EQ(symlink("/tmp/shared", path("root/out").c_str()), 0);
  }
  EXPECT_EQ(fetch(0, 1, path("root/file"), "x"), Code::S_OK);
  EXPECT_EQ(seen("root/file").st_uid, 0U);
  EXPECT_EQ(check_as(0, path("shared/file")), Code::E_ACCESSDENIED);
  EXPECT_EQ(fetch(0, 2, path("shared/file"), "x"), Code::E_ACCESSDENIED);
  EXPECT_EQ(fetch(0, 3, path("root/../shared/file"), "x"), Code::E_ACCESSDENIED);
  EXPECT_EQ(fetch(0, 4, path("root/out/file"), "x"), Code::E_ACCESSDENIED);
  const As root(0);
  std::filesystem::remove_all(path("root"));
}

TEST_F(OwnersTest, LinksOfOthersAreNotFollowedOnTheWay) {
  for (const std::string folder : {"shared", "sticky"}) {
    {
      const As him(bob);
      ASSERT_EQ(symlink("/tmp/alice", path(folder + "/way").c_str()), 0);
    }
    EXPECT_EQ(check_as(alice, path(folder + "/way/file")), Code::E_ACCESSDENIED);
    EXPECT_EQ(fetch(alice, 1, path(folder + "/way/file"), "x"), Code::E_ACCESSDENIED);
    {
      const As her(alice);
      ASSERT_EQ(symlink("../alice", path(folder + "/her-way").c_str()), 0);
    }
    EXPECT_EQ(fetch(alice, 2, path(folder + "/her-way/file-" + folder), "x"), Code::S_OK);
    EXPECT_EQ(text_of("alice/file-" + folder), "x");
  }
}

TEST_F(OwnersTest, SourcesAreReadAsTheirOwner) {
  {
    const As her(alice);
    std::ofstream(path("alice/secret")) << "a secret";
    ASSERT_EQ(chmod(path("alice/secret").c_str(), 0600), 0);
  }
  LocalTransport transport(loop_, inbox_, owners());
  const auto copy = [&](uid_t owner, std::uint64_t transfer, const std::string& local) {
    ports::Sink* const sink = open(request_of(owner, transfer, local));
    BH_ASSERT(sink != nullptr);
    transport.start({.transfer = base::TransferId{transfer},
                     .source = {.address = path("alice/secret")},
                     .owner = {owner, {}}},
                    *sink);
    const auto ended = answer<ports::TransferEnded>();
    close(transfer);
    return ended.error ? ended.error->code : Code::S_OK;
  };
  EXPECT_EQ(copy(bob, 1, path("bob/secret")), Code::E_ACCESSDENIED);
  EXPECT_EQ(copy(alice, 2, path("alice/copy")), Code::S_OK);
}

TEST_F(OwnersTest, AHelperHasTheRightsOfItsAccountAndNoOthers) {
  EXPECT_EQ(check_as(alice, path("alice/file")), Code::S_OK);
  const auto helpers = helpers_of(alice);
  ASSERT_EQ(helpers.size(), 1U);
  const std::string process = "/proc/" + std::to_string(helpers[0]);
  const As root(0);
  const std::string status = test::read_file(process + "/status");
  for (const char* line : {"Uid:\t70001\t70001\t70001\t70001\n", "Gid:\t70001\t70001\t70001\t70001\n",
                           "Groups:\t70001 70010 \n", "NoNewPrivs:\t1\n", "Seccomp:\t2\n", "CapEff:\t0000000000000000\n",
                           "CapPrm:\t0000000000000000\n", "Umask:\t0027\n"})
    EXPECT_NE(status.find(line), std::string::npos) << line << status;
  EXPECT_EQ(test::read_file(process + "/environ"), "");
  EXPECT_EQ(getsid(helpers[0]), helpers[0]);
}

TEST_F(OwnersTest, AHelperThatIsKilledIsFollowedByAnother) {
  ports::Sink* const sink = open(request_of(alice, 1, path("alice/file")));
  ASSERT_NE(sink, nullptr);
  write(*sink, "one half");
  const auto helpers = helpers_of(alice);
  ASSERT_EQ(helpers.size(), 1U);
  {
    const As root(0);
    ASSERT_EQ(kill(helpers[0], SIGKILL), 0);
  }
  const auto stored = receive(*sink, ", and the other");
  close(1);
  EXPECT_EQ(publish_as(alice, stored, path("alice/file")), Code::S_OK);
  EXPECT_EQ(text_of("alice/file"), "one half, and the other");
  EXPECT_EQ(seen("alice/file").st_uid, alice);
}

TEST_F(OwnersTest, ALauncherThatIsKilledIsFollowedByAnother) {
  ports::Sink* const sink = open(request_of(alice, 1, path("alice/file")));
  ASSERT_NE(sink, nullptr);
  {
    const As root(0);
    end_launcher(SIGKILL);
  }
  // Those who have a helper do without it.
  const auto stored = receive(*sink, "hers");
  close(1);
  EXPECT_EQ(publish_as(alice, stored, path("alice/file")), Code::S_OK);
  {
    const As root(0);
    start_launcher();
  }
  EXPECT_EQ(fetch(bob, 2, path("bob/file"), "his"), Code::S_OK);
}

// What the service of a child stored of a file before it is killed.
struct Told {
  std::uint64_t device, inode, mount, tail, end;
};

[[noreturn]] void serve_until_killed(Owners& owners, const ports::OpenPart& request, const std::string& text, int to) {
  loop::Loop loop;
  test::RecordingInbox inbox;
  test::RecordingLog log;
  PosixFiles files(loop, inbox, log, owners, {.checkpoint_interval = 0s});
  files.open(request);
  if (!test::wait_until(loop, [&] { return files.sink(request.transfer) != nullptr; })) _exit(1);
  files.sink(request.transfer)->write_at(0, bytes_of(text));
  if (!test::wait_until(loop, [&] { return inbox.count<ports::PartStored>() > 0; })) _exit(1);
  const auto stored = inbox.all<ports::PartStored>().back();
  const Told told{stored.device, stored.inode, stored.mount, stored.tail, stored.stored.end()};
  if (::write(to, &told, sizeof told) != sizeof told) _exit(1);
  while (true) pause();
}

TEST_F(OwnersTest, AServiceThatIsKilledGoesOnWhereItWas) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const Descriptor from(ends[0]);
  Descriptor to(ends[1]);
  ports::OpenPart request = request_of(alice, 1, path("alice/file"));
  const pid_t service = fork();
  if (service == 0) serve_until_killed(owners(), request, "one half", to.get());
  to.reset();
  Told told{};
  ASSERT_EQ(read(from.get(), &told, sizeof told), static_cast<ssize_t>(sizeof told));
  kill(service, SIGKILL);
  waitpid(service, nullptr, 0);
  EXPECT_TRUE(wait([&] { return helpers_of(alice).empty(); }));
  request.stored = core::Extents::until(told.end);
  request.device = told.device;
  request.inode = told.inode;
  request.mount = told.mount;
  request.tail = told.tail;
  ports::Sink* const sink = open(request);
  ASSERT_NE(sink, nullptr);
  EXPECT_EQ(sink->taken(), 8U);
  const auto stored = receive(*sink, ", and the other");
  close(1);
  EXPECT_EQ(publish_as(alice, stored, path("alice/file")), Code::S_OK);
  EXPECT_EQ(text_of("alice/file"), "one half, and the other");
}

// A process goes on for a moment after it was told to stop, and could still answer.
bool is_stopped(pid_t pid) {
  const As root(0);
  std::error_code gone;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", gone))
    if (test::read_file(thread.path() / "status").find("State:\tT") == std::string::npos) return false;
  return !gone;
}

TEST_F(OwnersTest, AHelperThatHangsHoldsUpItsOwnerAlone) {
  EXPECT_EQ(check_as(alice, path("alice/file")), Code::S_OK);
  const auto helpers = helpers_of(alice);
  ASSERT_EQ(helpers.size(), 1U);
  {
    const As root(0);
    kill(helpers[0], SIGSTOP);
  }
  ASSERT_TRUE(wait([&] { return is_stopped(helpers[0]); }));
  files().open(request_of(alice, 1, path("alice/file")));
  job_ = base::JobId{{0x42, 0x18}};
  EXPECT_EQ(fetch(bob, 2, path("bob/file"), "his"), Code::S_OK);
  EXPECT_EQ(files().sink(base::TransferId{1}), nullptr);
  {
    const As root(0);
    kill(helpers[0], SIGCONT);
  }
  EXPECT_TRUE(wait([&] { return files().sink(base::TransferId{1}) != nullptr; }));
  close(1);
}

TEST_F(OwnersTest, NobodyButTheServiceIsObeyed) {
  auto line = os::packet_line();
  ASSERT_TRUE(line);
  {
    const As root(0);  // who may connect, and is not obeyed
    LauncherLine other(socket_path_);
    static_cast<void>(other.start(HelperKind::files, {bob, {}}, std::move(line->second)));
  }
  std::array<std::byte, 64> said{};
  EXPECT_FALSE(os::receive_packet(line->first.get(), said));
  EXPECT_EQ(fetch(alice, 1, path("alice/file"), "hers"), Code::S_OK);
}

TEST_F(OwnersTest, HelpersEndWithTheService) {
  EXPECT_EQ(check_as(alice, path("alice/file")), Code::S_OK);
  const auto helpers = helpers_of(alice);
  ASSERT_EQ(helpers.size(), 1U);
  files_.reset();
  owners_.reset();
  EXPECT_TRUE(wait([&] { return helpers_of(alice).empty(); }));
}

}  // namespace
}  // namespace backhaul::posix
