// SPDX-License-Identifier: Apache-2.0
#include "tests/component/posix/owners_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "os/helper.h"

namespace backhaul::posix {
namespace {

void put_over(const std::string& file, const std::string& more) {
  const std::string copy = "/tmp" + file.substr(file.rfind('/'));
  std::ofstream(copy) << test::read_file(file) << more;
  ASSERT_EQ(mount(copy.c_str(), file.c_str(), nullptr, MS_BIND, nullptr), 0);
}

// Accounts and a folder for all, which nobody but this process and its children sees.
bool enter_namespace() {
  if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0) return false;
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  const auto for_tests = std::filesystem::temp_directory_path();  // it may lie there
  if (mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777") != 0) return false;
  std::filesystem::create_directories(for_tests);
  put_over("/etc/passwd",
           "backhaul-test:x:70000:70000::/:/bin/false\n"
           "alice-test:x:70001:70001:Alice,,,,umask=027:/tmp/alice:/bin/false\n"
           "bob-test:x:70002:70002:Bob,,,,umask=022:/tmp/bob:/bin/false\n");
  put_over("/etc/group", "team-test:x:70010:alice-test\n");
  return !testing::Test::HasFailure();
}

}  // namespace

bool OwnersTest::ready_ = false;

As::As(uid_t uid) {
  BH_ASSERT(seteuid(0) == 0);
  if (uid != 0) BH_ASSERT(seteuid(uid) == 0);
}

As::~As() { BH_ASSERT(seteuid(0) == 0 && seteuid(before_) == 0); }

void OwnersTest::SetUpTestSuite() {
  static const bool entered = enter_namespace();
  ready_ = entered;
}

void OwnersTest::SetUp() {
  if (!ready_) GTEST_SKIP() << "needs root, and a mount namespace";
  auto listening = listen_at(socket_path_, service_uid);
  ASSERT_TRUE(listening);
  listening_ = *std::move(listening);
  make_directory("alice", alice, alice, 0700);
  make_directory("bob", bob, bob, 0700);
  make_directory("shared", 0, 0, 0777);
  make_directory("sticky", 0, 0, 01777);
  make_directory("team", 0, team, 02770);
  start_launcher();
  line_ = std::make_unique<LauncherLine>(socket_path_);
  const auto starts = [this](HelperKind kind) {
    return [this, kind](const core::Account& account, Descriptor socket) {
      return line_->start(kind, account, std::move(socket));
    };
  };
  owners_ = std::make_unique<ManyOwners>(starts(HelperKind::files), starts(HelperKind::remains));
  ASSERT_EQ(seteuid(service_uid), 0);
}

void OwnersTest::TearDown() {
  if (!ready_) return;
  files_.reset();
  owners_.reset();
  ASSERT_EQ(seteuid(0), 0);
  end_launcher(SIGKILL);
  listening_.reset();
  EXPECT_TRUE(wait([] {
    return helpers_of(alice).empty() && helpers_of(bob).empty() && helpers_of(nobody_here).empty();
  }));
  for (const char* name : {"alice", "bob", "gone", "shared", "sticky", "state", "team", "launcher"})
    std::filesystem::remove_all(path(name));
}

void OwnersTest::start_launcher() {
  const auto pid = os::start_helper({FILE_HELPER, "--launcher", std::to_string(service_uid), "/tmp/root"}, -1,
                                    listening_.get());
  ASSERT_TRUE(pid);
  launcher_ = *pid;
}

void OwnersTest::end_launcher(int signal) {
  kill(launcher_, signal);
  waitpid(launcher_, nullptr, 0);
}

void OwnersTest::make_directory(const std::string& name, uid_t owner, gid_t group, mode_t mode) {
  ASSERT_EQ(mkdir(path(name).c_str(), 0700), 0);
  ASSERT_EQ(chown(path(name).c_str(), owner, group), 0);
  ASSERT_EQ(chmod(path(name).c_str(), mode), 0);
}

ports::OpenPart OwnersTest::request_of(uid_t owner, std::uint64_t transfer, const std::string& local) {
  return {.transfer = base::TransferId{transfer}, .job = job_, .owner = {owner, {}}, .local = local};
}

ports::PartStored OwnersTest::receive(ports::Sink& sink, const std::string& content) {
  write(sink, content);
  sink.end_of_data();
  const std::size_t before = inbox_.count<ports::PartStored>();
  EXPECT_TRUE(wait([&] { return inbox_.count<ports::PartStored>() > before; }));
  return last<ports::PartStored>();
}

Code OwnersTest::publish_as(uid_t owner, const ports::PartStored& stored, const std::string& local,
                            const std::string& root) {
  ports::PublishFile file = to_publish(stored);
  file.part.local = local;
  file.part.root = root;
  files().publish({.job = job_, .owner = {owner, {}}, .files = {file}, .drop = {}});
  const auto published = answer<ports::Published>();
  return published.files[0].error ? published.files[0].error->code : Code::S_OK;
}

Code OwnersTest::fetch(uid_t owner, std::uint64_t transfer, const std::string& local, const std::string& content) {
  ports::Sink* const sink = open(request_of(owner, transfer, local));
  if (sink == nullptr) return last<ports::PartFailed>().error.code;
  const ports::PartStored stored = receive(*sink, content);
  close(transfer);
  return publish_as(owner, stored, local);
}

Code OwnersTest::check_as(uid_t owner, const std::string& local, const std::string& root) {
  const std::size_t before = inbox_.count<ports::DestinationsChecked>();
  files().check(base::CheckId{++last_check_}, {{owner, {}}, {{local, root}}});
  EXPECT_TRUE(wait([&] { return inbox_.count<ports::DestinationsChecked>() > before; }));
  const auto said = last<ports::DestinationsChecked>();
  return said.refusal ? said.refusal->code : Code::S_OK;
}

struct stat OwnersTest::seen(const std::string& name) const {
  const As root(0);
  return info_of(path(name));
}

std::string OwnersTest::text_of(const std::string& name) const {
  const As root(0);
  return test::read_file(path(name));
}

std::vector<pid_t> OwnersTest::helpers_of(uid_t uid) {
  const As root(0);
  std::vector<pid_t> found;
  std::error_code gone;
  const auto ours = std::filesystem::read_symlink("/proc/self/ns/mnt");
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    const std::string status = test::read_file(entry.path() / "status");
    const bool is_dead = status.find("State:\tZ") != status.npos;
    if (!is_dead && std::filesystem::read_symlink(entry.path() / "ns/mnt", gone) == ours &&
        status.find("\nUid:\t" + std::to_string(uid) + "\t") != status.npos)
      found.push_back(std::stoi(name));
  }
  return found;
}

}  // namespace backhaul::posix
