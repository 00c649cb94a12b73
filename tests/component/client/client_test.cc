// SPDX-License-Identifier: Apache-2.0
// Promises of the client library that do not depend on how the service works: values that arrive,
// paging, what a handle answers when the service is gone, came back, or has forgotten the job.
#include <backhaul/backhaul.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/component/client/fake_service.h"
#include "tests/support/wait_until.h"

namespace backhaul::test {
namespace {

using namespace std::chrono_literals;

class ClientTest : public testing::Test {
 protected:
  Client connect() {
    ConnectOptions options;
    options.address = bus_.address();
    auto client = Client::connect(options);
    EXPECT_TRUE(client) << client.error().message;
    return *client;
  }
  std::size_t count(const std::string& member) {
    const auto calls = service_.calls();
    return static_cast<std::size_t>(std::count(calls.begin(), calls.end(), member));
  }

  PrivateBus bus_;
  FakeService service_{bus_.address()};
};

TEST_F(ClientTest, ValuesArriveAsTheyWereSet) {
  const Client client = connect();
  EXPECT_EQ(*client.service_version(), "fake");
  auto job = client.enqueue(JobSettings()
                                .name("nightly ✓")
                                .priority(Priority::low)
                                .auto_complete(true)
                                .notify_class("{8C1B7E52-6A0D-4C3F-9E77-51D2A4B0C6F9}"),
                            {{"http://example.org/a", "/tmp/a"}, {"http://example.org/b", "/b"}});
  ASSERT_TRUE(job) << job.error().message;
  const JobInfo info = *job->info();
  EXPECT_EQ(info.id(), job->id());
  EXPECT_EQ(info.name(), "nightly ✓");
  EXPECT_EQ(info.priority(), Priority::low);
  EXPECT_EQ(info.state(), JobState::queued);
  EXPECT_EQ(info.bytes_total(), size_unknown);
  EXPECT_EQ(info.notify_service().name, "org.backhaul.clsid.g8c1b7e526a0d4c3f9e7751d2a4b0c6f9");
  EXPECT_EQ(info.notify_service().path, "/org/backhaul/clsid");
  EXPECT_TRUE(info.auto_complete());
  EXPECT_FALSE(is_known(info.transferred()));
  const auto files = *job->files();
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[1].local_name(), "/b");
  EXPECT_EQ(job->file(1).info()->remote_name(), "http://example.org/b");
  EXPECT_EQ(job->file(2).info().code(), code::bg_e_file_not_found);
  ASSERT_TRUE(job->set(JobSettings().name("other").priority(Priority::high)));
  EXPECT_EQ(job->info()->name(), "other");
  EXPECT_EQ(job->set(JobSettings().notify_class("no class")).code(), code::co_e_classstring);
}

TEST_F(ClientTest, PagingIsHidden) {
  const Client client = connect();
  for (int i = 0; i < 7; ++i) ASSERT_TRUE(client.create_job("job " + std::to_string(i)));
  EXPECT_EQ(client.list()->size(), 7U);
  EXPECT_EQ(count("ListJobs"), 4U);
}

TEST_F(ClientTest, FilesBeyondOnePageAllArrive) {
  const Client client = connect();
  Job job = *client.create_job("many");
  std::vector<FileSpec> files(2500, {"http://example.org/", "/tmp/x"});
  ASSERT_TRUE(job.add_files(files));
  EXPECT_EQ(job.files()->size(), 2500U);
  EXPECT_EQ(job.files(2400, 50)->front().index(), 2400U);
}

TEST_F(ClientTest, HandlesOfOneJobAreEqualAndAnyFormOfAnIdIsUnderstood) {
  const Client client = connect();
  const Job job = *client.create_job("x");
  std::string upper = "{" + job.id() + "}";
  std::transform(upper.begin(), upper.end(), upper.begin(), ::toupper);
  EXPECT_EQ(*client.get_job(upper), job);
  EXPECT_EQ(client.get_job("00000000-0000-0000-0000-000000000001").code(), code::bg_e_not_found);
  EXPECT_EQ(client.get_job("nonsense").code(), code::co_e_classstring);
  EXPECT_EQ(Job().info().code(), code::bg_e_not_found);
}

TEST_F(ClientTest, RefusalsCarryCodeAndSentence) {
  const Client client = connect();
  Job job = *client.create_job("x");
  service_.refuse_next(base::Code::BG_E_EMPTY);
  const auto started = job.start();
  EXPECT_EQ(started.code(), code::bg_e_empty);
  EXPECT_EQ(started.error().symbol(), "BG_E_EMPTY");
  EXPECT_FALSE(started.error().message.empty());
}

TEST_F(ClientTest, AfterCompleteTheHandleAnswersEvenIfTheServiceForgotTheJob) {
  const Client client = connect();
  Job job = *client.enqueue(JobSettings().name("done"), {{"http://example.org/a", "/tmp/a"}});
  EXPECT_EQ(*job.complete(), code::s_ok);
  service_.forget(job.id());
  EXPECT_EQ(*job.state(), JobState::acknowledged);
  EXPECT_EQ(job.info()->name(), "done");
  EXPECT_EQ(job.files()->size(), 1U);
  EXPECT_EQ(job.file(0).info()->local_name(), "/tmp/a");
  EXPECT_EQ(job.complete().code(), code::bg_e_invalid_state);
  EXPECT_EQ(job.cancel().code(), code::bg_e_invalid_state);
  EXPECT_EQ(job.set(JobSettings().name("y")).code(), code::bg_e_invalid_state);
  EXPECT_EQ(job.error().code(), code::bg_e_error_information_unavailable);
  EXPECT_EQ(client.get_job(job.id()).code(), code::bg_e_not_found);
}

// The log may be long.
TEST_F(ClientTest, WhoAsksForTheStateOfAForgottenJobGoesThroughTheLogOnce) {
  const Client client = connect();
  Job job = *client.create_job("x");
  ASSERT_TRUE(job.info());
  service_.forget(job.id());
  EXPECT_EQ(job.state().code(), code::bg_e_not_found);
  EXPECT_EQ(count("Events"), 1U);
}

TEST_F(ClientTest, AFailedCompleteLeavesTheJobAlive) {
  const Client client = connect();
  Job job = *client.create_job("x");
  service_.refuse_next(base::Code::DISK_FULL);
  EXPECT_EQ(job.complete().code(), code::disk_full);
  EXPECT_EQ(*job.state(), JobState::suspended);
}

TEST_F(ClientTest, ACallInFlightWhenTheServiceDiesIsDisconnectedAndTheNextOneWorks) {
  const Client client = connect();
  Job job = *client.create_job("x");
  service_.die_in_next();
  EXPECT_EQ(job.suspend().code(), code::rpc_e_disconnected);
  EXPECT_EQ(job.suspend().code(), code::rpc_e_disconnected);  // nobody can start it here
  service_.start();
  EXPECT_TRUE(job.suspend());
  EXPECT_EQ(*job.state(), JobState::suspended);
}

TEST_F(ClientTest, AfterTheBusWasLostTheNextCallConnectsAgain) {
  const Client client = connect();
  const std::string before = *client.bus_name();
  Job job = *client.create_job("x");
  service_.stop();
  bus_.stop();
  EXPECT_EQ(job.state().code(), code::rpc_e_disconnected);
  bus_.start();
  service_.start();
  EXPECT_EQ(*job.state(), JobState::suspended);
}

TEST_F(ClientTest, NoBusAtAllIsUnavailable) {
  ConnectOptions options;
  options.address = "unix:path=/nonexistent/bus";
  EXPECT_EQ(Client::connect(options).code(), code::rpc_server_unavailable);
}

TEST_F(ClientTest, WaitEndsWithTheStateAndPollsNothing) {
  const Client client = connect();
  Job job = *client.enqueue(JobSettings(), {{"http://example.org/a", "/tmp/a"}});
  EXPECT_EQ(job.wait(1ms)->state(), JobState::queued);
  std::thread waiter([&] { EXPECT_EQ(job.wait(60s)->state(), JobState::transferred); });
  service_.set_state(job.id(), 2);
  service_.set_state(job.id(), 6);
  waiter.join();
  EXPECT_LT(count("GetAll"), 8U);
}

TEST_F(ClientTest, WaitOutlivesARestartOfTheService) {
  const Client client = connect();
  Job job = *client.enqueue(JobSettings(), {{"http://example.org/a", "/tmp/a"}});
  std::thread waiter([&] { EXPECT_EQ(job.wait(60s)->state(), JobState::transferred); });
  service_.stop();
  service_.start();
  service_.set_state(job.id(), 6);
  waiter.join();
}

struct Heard {
  std::mutex mutex;
  std::condition_variable ready;
  std::vector<std::string> lines;
  void say(std::string line) {
    const std::scoped_lock lock(mutex);
    lines.push_back(std::move(line));
    ready.notify_all();
  }
  bool wait_for(const std::string& line) {
    std::unique_lock lock(mutex);
    return ready.wait_for(lock, 60s, [&] {
      return std::find(lines.begin(), lines.end(), line) != lines.end();
    });
  }
};

TEST_F(ClientTest, SubscriptionsHearChangesAndGaps) {
  const Client client = connect();
  Job job = *client.create_job("x");
  Heard heard;
  JobEvents events;
  events.changed = [&](const Job& changed, const std::vector<std::string>& names) {
    heard.say(changed.id() + " " + names.at(0));
  };
  events.gap = [&] { heard.say("gap"); };
  auto subscription = client.subscribe(events);
  ASSERT_TRUE(subscription);
  service_.set_state(job.id(), 0);
  EXPECT_TRUE(heard.wait_for(job.id() + " State"));
  service_.stop();
  EXPECT_TRUE(heard.wait_for("gap"));
}

TEST_F(ClientTest, InAForkedChildEveryCallIsDisconnectedAtOnce) {
  const Client client = connect();
  Job job = *client.create_job("x");
  auto subscription = client.subscribe({});
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(10);  // a hang ends with a signal, and the test fails
    const std::uint32_t lost = code::rpc_e_disconnected;
    const bool good = job.state().code() == lost && job.complete().code() == lost &&
                      job.file(0).info().code() == lost && client.list().code() == lost &&
                      job.wait().code() == lost && client.subscribe({}).code() == lost &&
                      Client::connect().code() == lost && job.files().code() == lost &&
                      job.set_notify_object(make_callback(CallbackFunctions())).code() == lost &&
                      ClassServer::start(client, "org.example.X", [] {
                        return make_callback(CallbackFunctions());
                      }).code() == lost;
    job = Job();
    subscription = Subscription();
    _exit(good ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_TRUE(job.state());
}

// Otherwise the service would believe that we live as long as our children.
TEST_F(ClientTest, AForkedChildDoesNotHoldOurConnection) {
  int hold[2];
  int told[2];
  ASSERT_EQ(pipe2(hold, O_CLOEXEC), 0);
  ASSERT_EQ(pipe2(told, O_CLOEXEC), 0);
  const pid_t middle = fork();
  ASSERT_GE(middle, 0);
  if (middle == 0) {
    // A process of its own, but with the library in use: exec, connect, fork, die.
    fcntl(hold[0], F_SETFD, 0);
    fcntl(told[1], F_SETFD, 0);
    const std::string in = std::to_string(hold[0]);
    const std::string out = std::to_string(told[1]);
    execl("/proc/self/exe", "client_test", bus_.address().c_str(), in.c_str(), out.c_str(), nullptr);
    _exit(9);
  }
  close(hold[0]);
  close(told[1]);
  int status = 0;
  ASSERT_EQ(waitpid(middle, &status, 0), middle);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  char name[64] = {};
  ASSERT_GT(read(told[0], name, sizeof name - 1), 0);
  loop::Loop loop;
  EXPECT_TRUE(wait_until(loop, [&] { return service_.owner_of(name).empty(); })) << name;
  close(hold[1]);  // the grandchild may go
  close(told[0]);
}

TEST_F(ClientTest, EightThreadsShareOneConnection) {
  const Client client = connect();
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 40; ++i) {
        auto job = client.create_job("job");
        if (job && job->add_file("http://example.org/a", "/tmp/a") && job->files()->size() == 1 &&
            job->start() && job->cancel() && *job->state() == JobState::cancelled)
          ++good;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 320);
}

// The middle process of AForkedChildDoesNotHoldOurConnection.
int connect_fork_and_die(const char* address, int hold, int told) {
  ConnectOptions options;
  options.address = address;
  auto client = Client::connect(options);
  if (!client) return 1;
  const std::string name = *client->bus_name();
  const pid_t child = fork();
  if (child == 0) {
    char byte = 0;
    close(told);
    _exit(read(hold, &byte, 1) == 0 ? 0 : 1);  // lives until the test is done
  }
  return write(told, name.data(), name.size()) > 0 ? 0 : 2;
}

}  // namespace
}  // namespace backhaul::test

int main(int argc, char** argv) {
  if (argc == 4)
    return backhaul::test::connect_fork_and_die(argv[1], std::atoi(argv[2]), std::atoi(argv[3]));
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
