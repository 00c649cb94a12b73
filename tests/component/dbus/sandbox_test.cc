// SPDX-License-Identifier: Apache-2.0
// A caller whose root directory has a /.flatpak-info: a process of the test in a mount namespace and a
// root of its own, on a real bus. What such a caller may do is tested in core/admission_test.cc.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <utility>

#include "bus/process.h"
#include "bus/secret_file.h"
#include "tests/component/dbus/served.h"

namespace backhaul::test {
namespace {

// What one call was answered: "ok", or the symbol of the code and the text.
template <class... Out>
std::string told(const bus::Outcome<Out...>& outcome) {
  if (outcome) return "ok\n";
  return base::symbol(outcome.error().code()) + ": " + outcome.error().text + "\n";
}

class Confined : public Served {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "SKIPPED LOUDLY: only root can give a process another root";
    hold_ = [this](const core::Owner& owner, int directory) -> base::Result<core::Placed> {
      struct stat info;
      EXPECT_EQ(fstat(directory, &info), 0);
      handed_.emplace_back(owner.application, info.st_ino);
      return core::Placed{"/held", "@1:2"};
    };
    Served::SetUp();
  }

  // Runs `ask` in a process with such a root; the lines it says. The bus is connected before.
  std::string in_sandbox(const std::string& info, const std::function<std::string(bus::Bus&)>& ask,
                         bool own_mount = true) {
    const std::string root = bus_.folder() / "root";
    std::filesystem::create_directories(root);
    if (!info.empty()) write_file(root + "/.flatpak-info", info);
    int ends[2];
    BH_ASSERT(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
    const bus::FileDescriptor reader(ends[0]);
    bus::FileDescriptor writer(ends[1]);
    const pid_t child = fork();
    if (child == 0) {
      auto bus = hands_over_ ? bus::Bus::begin(bus_.address(), bus::Descriptors::taken)
                             : bus::Bus::open(bus_.address());
      std::string said = "no sandbox\n";
      if (bus && unshare(CLONE_NEWNS) == 0 &&
          mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
          (!own_mount || mount(root.c_str(), root.c_str(), nullptr, MS_BIND, nullptr) == 0) &&
          chroot(root.c_str()) == 0 && chdir("/") == 0)
        said = ask(*bus);
      const ssize_t written = write(writer.get(), said.data(), said.size());
      _exit(written == static_cast<ssize_t>(said.size()) ? 0 : 1);
    }
    writer = bus::FileDescriptor();
    std::string said;
    const bool ended = until([&] {
      while (!queue_.open.empty()) {
        applications_.push_back(queue_.open.front().caller.application);
        programs_.push_back(queue_.open.front().caller.program);
        const auto* files = std::get_if<ports::command::AddFiles>(&queue_.open.front().body);
        if (files != nullptr) held_.push_back(files->files.at(0).local + " " + files->files.at(0).held);
        const auto* secrets = std::get_if<ports::command::SetSecrets>(&queue_.open.front().body);
        if (secrets != nullptr) users_.emplace_back(secrets->secrets.credentials.at(0).user->reveal());
        const bool is_new = std::holds_alternative<ports::command::Enqueue>(queue_.open.front().body);
        queue_.answer(is_new ? ports::ReplyValue{base::JobId{{1}}} : ports::ReplyValue{});
      }
      char buffer[4096];
      const ssize_t length = read(reader.get(), buffer, sizeof buffer);
      if (length > 0) said.append(buffer, static_cast<std::size_t>(length));
      return length == 0;
    });
    if (!ended) kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    return said;
  }
  static std::string make_a_job(bus::Bus& bus) {
    return told(bus.call<bus::ObjectPath>(manager("CreateJob"), std::string("n"), 0U));
  }

  // A call whose object hands this over; the questions of its bus are waited for with its answer.
  template <class... In>
  static std::string call_with(bus::FileDescriptor given, bus::Bus& bus, const bus::Call& call, const In&... in) {
    const auto object = bus.add_filter("/given", [&given](const bus::Message& question) {
      bus::reply(question, given);
      return true;
    });
    std::optional<bus::Outcome<>> answer;
    const bus::Slot slot =
        bus.call_async<>(call, [&](bus::Outcome<> outcome) { answer = std::move(outcome); }, in...);
    while (!answer) {
      const auto more = bus.process();
      if (!more) return "no bus\n";
      if (*more || answer) continue;
      const auto wanted = bus.wanted();
      if (!wanted) return "no bus\n";
      pollfd ready{wanted->fd, wanted->events, 0};
      poll(&ready, 1, 1000);
    }
    return told(*answer);
  }
  // Into the root of this process, by whatever name it has outside.
  static std::string add_in_own_root(bus::Bus& bus, const bus::Call& call) {
    return call_with(bus::FileDescriptor(open("/", O_PATH | O_CLOEXEC)), bus, call, bus::ObjectPath{"/given/root"},
                     std::vector<bus::NewFile>{{"http://host/x", "x", {}}});
  }

  bool hands_over_ = false;
  std::vector<std::pair<std::string, ino_t>> handed_;  // by which application, and which directory
  std::vector<std::string> held_;  // where files were to go
  std::vector<std::string> users_;  // of credentials
  std::vector<std::string> applications_;  // whose commands came to the queue
  std::vector<std::string> programs_;      // and what people are told about them
};

constexpr char allowed[] = "[Application]\nname=org.example.App\n\n[Context]\nshared=network;ipc;\n";

TEST_F(Confined, AFlatpakIsKnownByItsId) {
  const std::string said = in_sandbox(allowed, make_a_job);
  if (said == "no sandbox\n") GTEST_SKIP() << "SKIPPED LOUDLY: no mount namespace can be made here";
  EXPECT_EQ(said, "ok\n");
  EXPECT_EQ(applications_, std::vector<std::string>{"flatpak/org.example.App"});
  EXPECT_EQ(programs_, applications_);
}

// Its root is a folder here, and its path means another one.
TEST_F(Confined, ItHandsOverADirectoryThatItsPathsDoNotName) {
  hands_over_ = true;
  const core::Job& known = queue_.add_job("n");
  const std::string said =
      in_sandbox(allowed, [&](bus::Bus& bus) { return add_in_own_root(bus, job(known, "AddFilesIn")); });
  if (said == "no sandbox\n") GTEST_SKIP() << "SKIPPED LOUDLY: no mount namespace can be made here";
  EXPECT_EQ(said, "ok\n");
  struct stat root;
  ASSERT_EQ(stat((bus_.folder() / "root").c_str(), &root), 0);
  ASSERT_EQ(handed_.size(), 1U);
  EXPECT_EQ(handed_[0], (std::pair<std::string, ino_t>{"flatpak/org.example.App", root.st_ino}));
  EXPECT_EQ(held_, std::vector<std::string>{"/held/x @1:2"});
}

TEST_F(Confined, ItHandsOverCredentialsOfItsOwn) {
  hands_over_ = true;
  const core::Job& known = queue_.add_job("n");
  const std::string said = in_sandbox(allowed, [&](bus::Bus& bus) {
    auto secret = bus::make_secret_file({base::Secret("ana"), base::Secret("hunter2")});
    return secret ? call_with(*std::move(secret), bus, job(known, "SetCredentialsFrom"), 1U, 1U,
                              bus::ObjectPath{"/given/secret"})
                  : secret.error().text;
  });
  if (said == "no sandbox\n") GTEST_SKIP() << "SKIPPED LOUDLY: no mount namespace can be made here";
  EXPECT_EQ(said, "ok\n");
  EXPECT_EQ(users_, std::vector<std::string>{"ana"});
  EXPECT_EQ(applications_, std::vector<std::string>{"flatpak/org.example.App"}) << "whose they are, the queue is told";
}

TEST_F(Confined, ARootThatIsAFolderOfAMountDoesAsWell) {
  const std::string said = in_sandbox(allowed, make_a_job, false);
  if (said == "no sandbox\n") GTEST_SKIP() << "SKIPPED LOUDLY: no mount namespace can be made here";
  EXPECT_EQ(said, "ok\n");
  EXPECT_EQ(applications_, std::vector<std::string>{"flatpak/org.example.App"});
}

TEST_F(Confined, ARootWithoutAnInfoIsNoSandbox) {
  const std::string said = in_sandbox("", make_a_job);
  if (said == "no sandbox\n") GTEST_SKIP() << "SKIPPED LOUDLY: no mount namespace can be made here";
  EXPECT_EQ(said, "ok\n");
  EXPECT_EQ(applications_, std::vector<std::string>{""});
}

TEST_F(Confined, WithoutTheNetworkOrWithAnInfoThatTellsNothingItIsRefused) {
  for (const auto& [info, why] :
       {std::pair{"[Application]\nname=org.example.App\n", "no permission to use the network"},
        std::pair{"nothing\n", "cannot be told"}}) {
    const std::string said = in_sandbox(info, make_a_job);
    if (said == "no sandbox\n") GTEST_SKIP() << "SKIPPED LOUDLY: no mount namespace can be made here";
    EXPECT_TRUE(said.starts_with("E_ACCESSDENIED")) << said;
    EXPECT_NE(said.find(why), std::string::npos) << said;
  }
  EXPECT_TRUE(applications_.empty());
}

TEST_F(Confined, ItRegistersNoClassAndSeesThoseBelowItsOwnIdOnly) {
  for (const char* name : {"org.example.App.Downloads", "org.other.App"})
    ASSERT_TRUE(ask<>(manager("RegisterClass"), std::string(name),
                      std::vector<std::string>{"/bin/true"}));
  const std::string said = in_sandbox(allowed, [](bus::Bus& bus) {
    std::string text = told(bus.call<>(manager("RegisterClass"), std::string("org.example.App.Mine"),
                                       std::vector<std::string>{"/bin/true"})) +
                       told(bus.call<>(manager("UnregisterClass"), std::string("org.other.App")));
    const auto classes = bus.call<std::vector<bus::ListedClass>>(manager("ListClasses"));
    if (!classes) return text + told(classes);
    for (const bus::ListedClass& known : std::get<0>(*classes)) text += known.name + "\n";
    return text;
  });
  if (said == "no sandbox\n") GTEST_SKIP() << "SKIPPED LOUDLY: no mount namespace can be made here";
  const std::string refusal =
      "E_ACCESSDENIED: the caller is the confined application org.example.App: it may not register "
      "programs that run outside of its sandbox\n";
  EXPECT_EQ(said, refusal + refusal + "org.example.App.Downloads\n");
}

}  // namespace
}  // namespace backhaul::test
