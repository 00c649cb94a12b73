// SPDX-License-Identifier: Apache-2.0
// The client library and the real service, started by a private bus, with a web server: what only
// the two together can show.
#include <backhaul/backhaul.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "tests/support/installation.h"
#include "tests/support/memory_search.h"
#include "tests/support/nginx.h"

namespace backhaul::test {
namespace {

using namespace std::chrono_literals;

constexpr char clsid[] = "{3E1FA6D8-7C4B-4B57-9D1E-0A8C5B7E2F41}";

class Counter {
 public:
  void up() const {
    const std::scoped_lock lock(state_->mutex);
    ++state_->value;
    state_->changed.notify_all();
  }
  bool reaches(int value, std::chrono::seconds limit = 60s) const {
    std::unique_lock lock(state_->mutex);
    return state_->changed.wait_for(lock, limit, [&] { return state_->value >= value; });
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    int value = 0;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

Client connect(const std::string& address) {
  ConnectOptions options;
  options.address = address;
  auto client = Client::connect(options);
  if (!client) std::fprintf(stderr, "%s\n", client.error().message.c_str());
  return *client;
}

class RealServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!Nginx::available()) GTEST_SKIP() << "no nginx";
    nginx_ = std::make_unique<Nginx>();
    nginx_->put("/small", std::string(5'000, 's'));
  }
  std::vector<FileSpec> small(const std::string& name) {
    return {{nginx_->url("/small"), installation_.file(name)}};
  }
  // Completes inside the notification, and counts when it was let go.
  std::shared_ptr<Callback> completing(const Counter& done, const Counter& released) {
    CallbackFunctions functions;
    functions.job_transferred = [done](const Notification& event) {
      Job job = event.job;
      const std::uint32_t result = job.complete().code();
      done.up();
      return result;
    };
    functions.released = [released] { released.up(); };
    return make_callback(std::move(functions));
  }

  std::unique_ptr<Nginx> nginx_;
  Installation installation_{BACKHAUL_SERVICE};
};

TEST_F(RealServiceTest, ADirectoryIsHandedOverAsADescriptor) {
  const Client client = connect(installation_.address());
  Job job = *client.create_job("into it");
  const std::string into = installation_.file("into");
  std::filesystem::create_directory(into);
  const int directory = open(into.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  ASSERT_GE(directory, 0);
  const auto added = job.add_files_in(directory, {FileSpec(nginx_->url("/small"), "x")});
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_FALSE(job.add_files_in(directory, {FileSpec(nginx_->url("/small"), "../x")}));
  close(directory);
  std::filesystem::rename(into, into + "-moved");
  ASSERT_TRUE(job.start());
  EXPECT_TRUE(installation_.wait([&] { return *job.state() == JobState::transferred; }));
  EXPECT_TRUE(job.complete());
  EXPECT_EQ(read_file(into + "-moved/x").size(), 5'000U);
}

TEST_F(RealServiceTest, AJobIsMadeIntoADirectoryInOneCall) {
  const Client client = connect(installation_.address());
  const std::string into = installation_.file("into");
  std::filesystem::create_directory(into);
  const int directory = open(into.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  ASSERT_GE(directory, 0);
  const JobSettings settings = JobSettings().name("into it").auto_complete(true);
  EXPECT_FALSE(client.enqueue_in(directory, settings, {FileSpec(nginx_->url("/small"), "../x")}));
  EXPECT_TRUE(client.list()->empty()) << "all or nothing";
  const auto job = client.enqueue_in(directory, settings, {FileSpec(nginx_->url("/small"), "x")});
  ASSERT_TRUE(job) << job.error().message;
  close(directory);
  EXPECT_TRUE(installation_.wait([&] { return *job->state() == JobState::acknowledged; }));
  EXPECT_EQ(read_file(into + "/x").size(), 5'000U);
}

Credentials handed_over(std::string password) {
  Credentials credentials;
  credentials.user = "user";
  credentials.password = std::move(password);
  credentials.handed_over = true;
  return credentials;
}

TEST_F(RealServiceTest, CredentialsThatAreHandedOverAreHeldAndLeaveNothingInTheMemoryOfTheProgram) {
  const Client client = connect(installation_.address());
  Job job = *client.create_job("x");
  char password[canary_size + 1];
  make_canary(password);
  ASSERT_FALSE(found_in_memory().empty()) << "the search finds what is there";
  Credentials credentials = handed_over({});
  credentials.password = password;  // the only copy that the test makes
  const auto set = job.set_credentials(credentials);
  const auto made = client.enqueue(JobSettings().credentials(credentials), small("x"), false);
  explicit_bzero(password, sizeof password);
  explicit_bzero(credentials.password.data(), credentials.password.size());
  EXPECT_TRUE(set) << set.error().message;
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(found_in_memory().empty()) << told_places(found_in_memory());
  for (const Job& one : {job, *made}) {
    const auto held = one.info()->credentials_set();
    ASSERT_EQ(held.size(), 1U);
    EXPECT_EQ(held[0].target, AuthTarget::server);
    EXPECT_EQ(held[0].scheme, AuthScheme::basic);
    EXPECT_FALSE(held[0].implicit);
    EXPECT_EQ(held[0].set_by.uid, geteuid());
  }
}

TEST_F(RealServiceTest, CredentialsThatAreHandedOverHaveTheRulesOfThoseThatAreNot) {
  const Client client = connect(installation_.address());
  Job job = *client.create_job("x");
  for (const bool handed : {true, false}) {
    Credentials credentials = handed_over(std::string(65'536, 'p'));
    credentials.handed_over = handed;
    EXPECT_TRUE(job.set_credentials(credentials)) << handed;
    credentials.password += 'p';
    EXPECT_EQ(job.set_credentials(credentials).code(), code::bg_e_password_too_large) << handed;
    credentials.password = std::string("p\0q", 3);
    EXPECT_EQ(job.set_credentials(credentials).code(), code::e_invalidarg) << handed;
    credentials.password.clear();
    credentials.implicit = true;
    EXPECT_EQ(job.set_credentials(credentials).code(), code::e_invalidarg) << handed;
  }
  const auto refused = client.enqueue(JobSettings().credentials(handed_over(std::string("p\0q", 3))), {}, false);
  EXPECT_EQ(refused.code(), code::e_invalidarg);
  EXPECT_EQ(client.list()->size(), 1U) << "all or nothing";
}

TEST_F(RealServiceTest, ADirectoryAndCredentialsAreHandedOverInOneCall) {
  const Client client = connect(installation_.address());
  const std::string into = installation_.file("into");
  std::filesystem::create_directory(into);
  const int directory = open(into.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  ASSERT_GE(directory, 0);
  const JobSettings settings = JobSettings().auto_complete(true).credentials(handed_over("hunter2"));
  const auto job = client.enqueue_in(directory, settings, {FileSpec(nginx_->url("/small"), "x")});
  close(directory);
  ASSERT_TRUE(job) << job.error().message;
  EXPECT_TRUE(installation_.wait([&] { return *job->state() == JobState::acknowledged; }));
  EXPECT_EQ(read_file(into + "/x").size(), 5'000U);
}

TEST_F(RealServiceTest, AJobIsCompletedInsideItsNotificationAndItsObjectLetGo) {
  const Client client = connect(installation_.address());
  Job job = *client.enqueue(JobSettings().name("x"), small("x"), false);
  Counter done;
  Counter released;
  const auto callback = completing(done, released);
  ASSERT_TRUE(job.set_notify_object(callback));
  EXPECT_EQ(job.notify_object()->own, callback);
  ASSERT_TRUE(job.start());
  EXPECT_TRUE(done.reaches(1));
  EXPECT_TRUE(released.reaches(1));
  EXPECT_EQ(*job.state(), JobState::acknowledged);
  EXPECT_EQ(job.files()->at(0).bytes_transferred(), 5'000U);
  EXPECT_TRUE(job.file(0).info()->completed());
  EXPECT_EQ(read_file(installation_.file("x")).size(), 5'000U);
  EXPECT_EQ(job.cancel().code(), code::bg_e_invalid_state);
}

TEST_F(RealServiceTest, AnObjectThatComesAfterTheEventIsToldToo) {
  const Client client = connect(installation_.address());
  Job job = *client.enqueue(JobSettings(), small("late"));
  ASSERT_EQ(job.wait(60s)->state(), JobState::transferred);
  Counter done;
  Counter released;
  ASSERT_TRUE(job.set_notify_object(completing(done, released)));
  EXPECT_TRUE(done.reaches(1));
}

TEST_F(RealServiceTest, AnErrorIsToldWithItsSnapshotAndAutoCompleteNeedsNobody) {
  const Client client = connect(installation_.address());
  Job bad = *client.enqueue(JobSettings(), {{nginx_->url("/none"), installation_.file("n")}}, false);
  Counter told;
  ErrorInfo seen;
  ASSERT_TRUE(bad.set_notify_object(make_callback([&, told](const Notification& event) {
    seen = event.error;
    told.up();
    return code::s_ok;
  })));
  ASSERT_TRUE(bad.start());
  ASSERT_TRUE(told.reaches(1));
  EXPECT_EQ(seen.code, http_code(404));
  EXPECT_EQ(seen.context, ErrorContext::remote_file);
  EXPECT_EQ(bad.error()->code, http_code(404));
  Job good = *client.enqueue(JobSettings().auto_complete(true), small("auto"));
  EXPECT_EQ(good.wait([](const JobInfo&) { return false; }, 60s)->state(), JobState::acknowledged);
  EXPECT_TRUE(bad.cancel());
}

TEST_F(RealServiceTest, ARegistrationOutlivesAServiceThatWasKilled) {
  NginxOptions slow;
  slow.limit_rate = "400k";
  Nginx nginx(slow);
  nginx.put("/slow", std::string(600'000, 'x'));
  const Client client = connect(installation_.address());
  Job job = *client.enqueue(JobSettings(), {{nginx.url("/slow"), installation_.file("slow")}}, false);
  Counter done;
  Counter released;
  ASSERT_TRUE(job.set_notify_object(completing(done, released)));
  ASSERT_TRUE(job.start());
  ASSERT_TRUE(installation_.wait([&] { return job.state().value() == JobState::transferring; }));
  const pid_t killed = installation_.service_pid();
  ASSERT_GT(killed, 0);
  kill(killed, SIGKILL);
  EXPECT_TRUE(done.reaches(1));
  EXPECT_TRUE(released.reaches(1));
  EXPECT_NE(installation_.service_pid(), killed);
  EXPECT_EQ(read_file(installation_.file("slow")).size(), 600'000U);
}

// The service remembers ended jobs while it runs; a handle is good for longer.
TEST_F(RealServiceTest, WhatAnotherProgramEndedIsKnownAlthoughTheServiceForgotIt) {
  if (!have_program("gdbus")) GTEST_SKIP() << "SKIPPED: gdbus is not installed";
  const Client client = connect(installation_.address());
  Job job = *client.enqueue(JobSettings().name("kept"), small("ended"), false);
  Job never_read = *client.enqueue(JobSettings(), small("unread"), false);
  ASSERT_EQ(*job.state(), JobState::suspended);
  for (const Job& one : {job, never_read}) {
    std::string digits = one.id();
    digits.erase(std::remove(digits.begin(), digits.end(), '-'), digits.end());
    ASSERT_EQ(run_program({"gdbus", "call", "--address", installation_.address(), "--dest", "org.backhaul.Backhaul1",
                           "--object-path", "/org/backhaul/Backhaul1/job/" + digits, "--method",
                           "org.backhaul.Job1.Cancel"},
                          installation_.file("gdbus")),
              0)
        << read_file(installation_.file("gdbus"));
  }
  const pid_t killed = installation_.service_pid();
  ASSERT_GT(killed, 0);
  kill(killed, SIGKILL);
  ASSERT_TRUE(installation_.wait([&] { return kill(killed, 0) != 0; }));
  ASSERT_TRUE(installation_.wait([&] {
    const auto state = job.state();
    return state && *state == JobState::cancelled;
  }));
  EXPECT_EQ(job.info()->name(), "kept");
  EXPECT_EQ(job.set(JobSettings().name("other")).code(), code::bg_e_invalid_state);
  EXPECT_EQ(job.clear_notify_object().code(), code::bg_e_invalid_state);
  const Counter done, released;
  EXPECT_EQ(job.set_notify_object(completing(done, released)).code(), code::bg_e_invalid_state);
  EXPECT_EQ(job.file(0).response_headers().value(), "");
  EXPECT_EQ(*never_read.state(), JobState::cancelled);
  EXPECT_EQ(never_read.cancel().code(), code::bg_e_invalid_state);
  EXPECT_EQ(never_read.info().code(), code::bg_e_not_found) << "nobody knows any more what it was";
  EXPECT_EQ(client.get_job(job.id()).code(), code::bg_e_not_found);
}

TEST_F(RealServiceTest, AClassIsStartedWhenItsProgramDoesNotRun) {
  const Client client = connect(installation_.address());
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  const std::string mark = installation_.file("mark");
  ASSERT_TRUE(client.register_class(clsid, {self, "--class", mark}));
  ASSERT_EQ(client.list_classes()->size(), 1U);
  EXPECT_EQ(client.list_classes()->front().name, class_bus_name(clsid));
  Job job = *client.enqueue(JobSettings().notify_class(clsid), small("byclass"));
  EXPECT_TRUE(installation_.wait([&] { return read_file(mark) == "completed and idle"; }))
      << read_file(mark);
  EXPECT_EQ(*job.state(), JobState::acknowledged);
  EXPECT_EQ(read_file(installation_.file("byclass")).size(), 5'000U);
  ASSERT_TRUE(client.unregister_class(clsid));
}

// BACKHAUL_TEST_JOBS: how many jobs each thread has. A build with -fsanitize=thread runs this with
// 1,000 (client_threads_test).
TEST_F(RealServiceTest, EightThreadsWithManyJobsAndCallbacks) {
  const Client client = connect(installation_.address());
  constexpr int threads = 8;
  const char* wanted = std::getenv("BACKHAUL_TEST_JOBS");
  const int jobs = wanted == nullptr ? 25 : std::atoi(wanted);
  ASSERT_GT(jobs, 0);
  Counter done;
  Counter released;
  std::vector<std::thread> running;
  for (int t = 0; t < threads; ++t)
    running.emplace_back([&, t] {
      for (int i = 0; i < jobs; ++i) {
        const std::string name = "many" + std::to_string(t * jobs + i);
        auto job = client.enqueue(JobSettings().priority(Priority::foreground), small(name), false);
        ASSERT_TRUE(job) << job.error().message;
        ASSERT_TRUE(job->set_notify_object(completing(done, released)));
        ASSERT_TRUE(job->start());
        ASSERT_TRUE(job->info());
      }
    });
  for (std::thread& thread : running) thread.join();
  EXPECT_TRUE(done.reaches(threads * jobs, 10min));
  EXPECT_TRUE(released.reaches(threads * jobs));
  EXPECT_TRUE(client.list()->empty());
}

// The program of the class: serves until nobody holds an object of it any more.
int serve_class(const char* mark) {
  const Client client = connect(std::getenv("DBUS_SESSION_BUS_ADDRESS"));
  Counter idle;
  std::atomic<bool> completed{false};
  auto server = ClassServer::start(
      client, clsid,
      [&] {
        return make_callback([&](const Notification& event) {
          Job job = event.job;
          const std::uint32_t result = job.complete().code();
          completed = result == code::s_ok;
          return result;
        });
      },
      [idle] { idle.up(); });
  if (!server || !idle.reaches(1)) return 1;
  write_file(mark, completed ? "completed and idle" : "idle");
  return 0;
}

}  // namespace
}  // namespace backhaul::test

int main(int argc, char** argv) {
  // The service adds -Embedding to the program of a CLSID.
  if (argc >= 3 && std::string_view(argv[1]) == "--class")
    return backhaul::test::serve_class(argv[2]);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
