// SPDX-License-Identifier: Apache-2.0
// Somebody else swaps parts, destinations and directories while files come, in places that both may write to. He gets
// nothing: what lies in the home of the owner stays as it is. In as many transfers as BACKHAUL_TEST_RACE_ROUNDS
// says, or a few hundred: the time that they take plays no part.
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "tests/component/posix/owners_fixture.h"

namespace backhaul::posix {
namespace {

constexpr const char* precious = "precious";

// What the attacker has done, in memory that both see.
struct Deeds {
  std::atomic<std::uint64_t> tries;
  std::atomic<std::uint64_t> swaps;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

class OwnersRace : public OwnersTest {
 protected:
  void SetUp() override {
    OwnersTest::SetUp();
    if (IsSkipped()) return;
    const As her(alice);
    std::ofstream(path("alice/file")) << precious;
    ASSERT_EQ(chmod(path("alice/file").c_str(), 0600), 0);
    void* const shared = mmap(nullptr, sizeof(Deeds), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(shared, MAP_FAILED);
    deeds_ = new (shared) Deeds{};
  }
  void TearDown() override {
    if (deeds_ != nullptr) munmap(deeds_, sizeof *deeds_);
    OwnersTest::TearDown();
  }
  // Bob, who does it again and again until he is stopped; `once` says whether he swapped anything. He has begun.
  void begin_attack(const std::function<bool()>& once) {
    deeds_->tries = deeds_->swaps = 0;
    attacker_ = fork();
    if (attacker_ == 0) {
      if (setresuid(0, 0, 0) != 0 || setresgid(bob, bob, bob) != 0 || setresuid(bob, bob, bob) != 0) _exit(1);
      while (true) {
        if (once()) ++deeds_->swaps;
        ++deeds_->tries;
      }
    }
    EXPECT_TRUE(wait([this] { return deeds_->tries > 0; }));
  }
  void end_attack() {
    const As root(0);
    kill(attacker_, SIGKILL);
    int status = 0;
    waitpid(attacker_, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  }
  // How many came through, and how many were refused.
  std::pair<unsigned, unsigned> fetch_again_and_again(const std::string& local) {
    const char* const said = std::getenv("BACKHAUL_TEST_RACE_ROUNDS");
    const std::uint64_t rounds = said == nullptr ? 300 : std::strtoull(said, nullptr, 10);
    std::pair<unsigned, unsigned> came{};
    for (std::uint64_t transfer = 1; transfer <= rounds; ++transfer) {
      ++(fetch(alice, transfer, local, "what was fetched") == Code::S_OK ? came.first : came.second);
      inbox_.events.clear();
    }
    return came;
  }
  void expect_home_untouched() const {
    EXPECT_EQ(text_of("alice/file"), precious);
    EXPECT_EQ(seen("alice/file").st_mode & 07777, 0600U);
    const As root(0);
    for (const auto& entry : std::filesystem::directory_iterator(path("alice")))
      EXPECT_EQ(entry.path().filename().string(), "file");
  }
  pid_t attacker_ = 0;
  Deeds* deeds_ = nullptr;
};

bool swap_names(const std::string& one, const std::string& other) {
  return syscall(SYS_renameat2, AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0;
}

TEST_F(OwnersRace, OnTheDirectoryItself) {
  for (const std::string folder : {"shared", "sticky"}) {
    {
      const As him(bob);
      ASSERT_EQ(mkdir(path(folder + "/way").c_str(), 0777), 0);
      ASSERT_EQ(chmod(path(folder + "/way").c_str(), 0777), 0);
      ASSERT_EQ(symlink("/tmp/alice", path(folder + "/trap").c_str()), 0);
    }
    begin_attack([this, folder] { return swap_names(path(folder + "/way"), path(folder + "/trap")); });
    unsigned refused = fetch_again_and_again(path(folder + "/way/file")).second;
    // The link stands there half of the time, so it is met soon.
    for (int more = 0; refused == 0 && more < 20; ++more)
      refused = fetch_again_and_again(path(folder + "/way/file")).second;
    end_attack();
    EXPECT_GT(deeds_->swaps.load(), 0U);
    EXPECT_GT(refused, 0U);
    expect_home_untouched();
  }
}

// The link on the way is found whenever it is there, however often it is swapped.
TEST_F(OwnersRace, ALinkThatStandsThereIsRefusedEveryTime) {
  const As him(bob);
  ASSERT_EQ(symlink("/tmp/alice", path("shared/way").c_str()), 0);
  ASSERT_EQ(symlink("/tmp/alice", path("sticky/way").c_str()), 0);
  const As service(service_uid);
  EXPECT_NE(fetch(alice, 1, path("shared/way/file"), "x"), Code::S_OK);
  EXPECT_NE(fetch(alice, 2, path("sticky/way/file"), "x"), Code::S_OK);
  expect_home_untouched();
}

TEST_F(OwnersRace, OnWhatLiesInIt) {
  for (const std::string folder : {"shared", "sticky"}) {
    EXPECT_EQ(fetch(alice, 1'000'000, path(folder + "/file"), "the first one"), Code::S_OK);
    begin_attack([this, folder] {
      const std::string file = path(folder + "/file");
      const std::string trap = path(folder + "/trap");
      static_cast<void>(symlink("/tmp/alice/file", trap.c_str()));
      std::error_code ignored;
      bool swapped = false;
      for (const auto& entry : std::filesystem::directory_iterator(path(folder), ignored)) {
        const std::string name = entry.path().filename();
        if (name.starts_with(".BIT")) swapped = swap_names(entry.path(), trap) || swapped;
      }
      swapped = swap_names(file, trap) || swapped;
      static_cast<void>(rename(trap.c_str(), file.c_str()));
      return swapped;
    });
    const unsigned refused = fetch_again_and_again(path(folder + "/file")).second;
    end_attack();
    if (folder == "shared") {
      EXPECT_GT(deeds_->swaps.load(), 0U);
    } else {  // there he may not touch what is hers
      EXPECT_EQ(deeds_->swaps.load(), 0U);
      EXPECT_EQ(refused, 0U);
    }
    expect_home_untouched();
  }
}

}  // namespace
}  // namespace backhaul::posix
