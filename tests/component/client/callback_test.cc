// SPDX-License-Identifier: Apache-2.0
// Callback objects and classes: delivery, threads, and above all when the library lets go of them.
#include <backhaul/backhaul.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>

#include "bus/names.h"
#include "tests/component/client/fake_service.h"

namespace backhaul::test {
namespace {

using namespace std::chrono_literals;

// Something that happens on another thread, some number of times. A copy counts the same: what the
// library still holds at the end of a test may count after it.
class Count {
 public:
  void up() const {
    const std::scoped_lock lock(state_->mutex);
    ++state_->value;
    state_->changed.notify_all();
  }
  bool reaches(int value) const {
    std::unique_lock lock(state_->mutex);
    return state_->changed.wait_for(lock, 60s, [&] { return state_->value >= value; });
  }
  int value() const {
    const std::scoped_lock lock(state_->mutex);
    return state_->value;
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    int value = 0;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

class CallbackTest : public testing::Test {
 protected:
  void SetUp() override {
    ConnectOptions options;
    options.address = bus_.address();
    client_ = std::make_unique<Client>(*Client::connect(options));
    job_ = *client_->enqueue(JobSettings(), {{"http://example.org/a", "/tmp/a"}});
  }
  std::shared_ptr<Callback> counting(CallbackFunctions::Function transferred = {}) {
    CallbackFunctions functions;
    functions.job_transferred = std::move(transferred);
    functions.released = [released = released_] { released.up(); };
    return make_callback(std::move(functions));
  }

  PrivateBus bus_;
  FakeService service_{bus_.address()};
  std::unique_ptr<Client> client_;
  Job job_;
  Count released_;
};

TEST_F(CallbackTest, DeliversSequenceJobFileAndErrorAndAnswersWithTheResult) {
  Notification seen;
  ASSERT_TRUE(job_.set_notify_object(make_callback([&](const Notification& event) {
    seen = event;
    return event.kind == Notification::Kind::job_error ? code::e_fail : code::s_ok;
  })));
  EXPECT_EQ(job_.info()->notify_object_level(), 3U);
  auto answer = service_.transferred(job_.id(), 77).get();
  EXPECT_EQ(answer.result, code::s_ok);
  EXPECT_EQ(seen.kind, Notification::Kind::job_transferred);
  EXPECT_EQ(seen.sequence, 77U);
  EXPECT_EQ(seen.job, job_);
  answer = service_.failed(job_.id(), {0x80190194, 5, 0, "HTTP 404"}).get();
  EXPECT_EQ(answer.result, code::e_fail);
  EXPECT_EQ(seen.error.code, 0x80190194U);
  EXPECT_EQ(seen.error.context, ErrorContext::remote_file);
  EXPECT_EQ(seen.error.file, 0U);
  EXPECT_EQ(seen.error.text, "HTTP 404");
  answer = service_.file_done(job_.id(), 3).get();
  EXPECT_EQ(seen.kind, Notification::Kind::file_transferred);
  EXPECT_EQ(seen.file, 3U);
}

TEST_F(CallbackTest, CompleteInsideTheCallbackWorksAndTheObjectIsReleasedAfterTheCallReturned) {
  std::atomic<bool> inside{true};
  std::atomic<bool> released_inside{false};
  CallbackFunctions functions;
  functions.job_transferred = [&](const Notification& event) {
    Job job = event.job;
    const std::uint32_t result = job.complete().code();
    EXPECT_EQ(*job.state(), JobState::acknowledged);
    inside = false;
    return result;
  };
  functions.released = [&, released = released_] {
    released_inside = inside.load();
    released.up();
  };
  const std::shared_ptr<Callback> callback = make_callback(std::move(functions));
  std::weak_ptr<Callback> weak = callback;
  ASSERT_TRUE(job_.set_notify_object(callback));
  EXPECT_EQ(service_.transferred(job_.id(), 1).get().result, code::s_ok);
  EXPECT_TRUE(released_.reaches(1));
  EXPECT_FALSE(released_inside);
  EXPECT_EQ(released_.value(), 1);
}

TEST_F(CallbackTest, ClearingInsideTheCallbackDoesNotFreeTheObjectUnderItsFeet) {
  auto callback = counting([](const Notification& event) {
    Job job = event.job;
    return job.clear_notify_object().code();
  });
  std::weak_ptr<Callback> weak = callback;
  ASSERT_TRUE(job_.set_notify_object(std::move(callback)));
  EXPECT_EQ(service_.transferred(job_.id(), 1).get().result, code::s_ok);
  EXPECT_TRUE(released_.reaches(1));
}

TEST_F(CallbackTest, ExceptionsStopAndCountAsFailure) {
  ASSERT_TRUE(job_.set_notify_object(
      counting([](const Notification&) -> std::uint32_t { throw std::runtime_error("x"); })));
  EXPECT_EQ(service_.transferred(job_.id(), 1).get().result, code::e_fail);
  EXPECT_TRUE(job_.state());
}

TEST_F(CallbackTest, BlockedCallbacksDoNotHoldUpOtherCallsOrOtherCallbacks) {
  Count entered;
  Count leave;
  const auto blocking = [&](const Notification&) -> std::uint32_t {
    entered.up();
    leave.reaches(1);
    return code::s_ok;
  };
  std::vector<std::future<FakeService::Answer>> answers;
  for (int i = 0; i < 6; ++i) {
    Job job = *client_->create_job("x");
    ASSERT_TRUE(job.set_notify_object(counting(blocking)));
    answers.push_back(service_.transferred(job.id(), 1));
  }
  EXPECT_TRUE(entered.reaches(6));
  EXPECT_TRUE(job_.state());
  leave.up();
  for (auto& answer : answers) EXPECT_EQ(answer.get().result, code::s_ok);
}

TEST_F(CallbackTest, ReplacingClearingAndReleasingEachLetGoOfOneObject) {
  ASSERT_TRUE(job_.set_notify_object(counting()));
  ASSERT_TRUE(job_.set_notify_object(counting()));
  EXPECT_TRUE(released_.reaches(1));
  ASSERT_TRUE(job_.clear_notify_object());
  EXPECT_TRUE(released_.reaches(2));
  ASSERT_TRUE(job_.set_notify_object(counting()));
  service_.release(job_.id());
  EXPECT_TRUE(released_.reaches(3));
  EXPECT_EQ(job_.notify_object()->own, nullptr);
  EXPECT_EQ(released_.value(), 3);
}

TEST_F(CallbackTest, ARefusedRegistrationKeepsTheOldObjectAndNoReference) {
  auto first = counting();
  ASSERT_TRUE(job_.set_notify_object(first));
  auto second = counting();
  std::weak_ptr<Callback> weak = second;
  service_.refuse_next(base::Code::E_ACCESSDENIED);
  EXPECT_EQ(job_.set_notify_object(second).code(), code::e_accessdenied);
  EXPECT_EQ(job_.notify_object()->own, first);
  EXPECT_EQ(service_.transferred(job_.id(), 1).get().result, code::s_ok);
  EXPECT_EQ(released_.value(), 0);
}

TEST_F(CallbackTest, TheOwnObjectIsFoundAgainTwoJobsKeepTheirs) {
  Job other = *client_->create_job("other");
  auto a = counting();
  auto b = counting();
  EXPECT_EQ(job_.notify_object()->own, nullptr);
  EXPECT_TRUE(job_.notify_object()->bus_name.empty());
  ASSERT_TRUE(job_.set_notify_object(a));
  ASSERT_TRUE(other.set_notify_object(b));
  EXPECT_EQ(job_.notify_object()->own, a);
  EXPECT_EQ(other.notify_object()->own, b);
  EXPECT_EQ(job_.notify_object()->bus_name, *client_->bus_name());
}

TEST_F(CallbackTest, TheEndOfTheBusReleasesEveryObject) {
  ASSERT_TRUE(job_.set_notify_object(counting()));
  service_.stop();
  bus_.stop();
  EXPECT_TRUE(released_.reaches(1));
}

TEST_F(CallbackTest, ARegistrationSurvivesARestartOfTheService) {
  Count called;
  ASSERT_TRUE(job_.set_notify_object(counting([&](const Notification&) {
    called.up();
    return code::s_ok;
  })));
  service_.stop();
  service_.start();
  EXPECT_EQ(service_.transferred(job_.id(), 1).get().result, code::s_ok);
  EXPECT_EQ(called.value(), 1);
  EXPECT_EQ(released_.value(), 0);
}

TEST_F(CallbackTest, OnlyTheServiceMayCall) {
  ASSERT_TRUE(job_.set_notify_object(counting()));
  const JobInfo info = *job_.info();
  auto stranger = bus::Bus::open(bus_.address());
  auto answer = stranger->call<std::uint32_t>(
      {info.notify_object_name(), info.notify_object_path(), "org.backhaul.Callback1",
       "JobTransferred", bus::usual_limit},
      std::uint64_t{1}, bus::ObjectPath{"/org/backhaul/Backhaul1/job/" + std::string(32, '0')});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), base::Code::E_ACCESSDENIED);
}

constexpr char clsid[] = "{8C1B7E52-6A0D-4C3F-9E77-51D2A4B0C6F9}";

TEST_F(CallbackTest, AClassHandsOutInstancesAndTellsWhenNoneIsHeld) {
  Count idle;
  Count called;
  auto server = ClassServer::start(
      *client_, clsid,
      [&] {
        return counting([&](const Notification&) {
          called.up();
          return code::s_ok;
        });
      },
      [idle] { idle.up(); });
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_EQ(server->bus_name(), class_bus_name(clsid));
  EXPECT_EQ(service_.owner_of(server->bus_name()), *client_->bus_name());
  auto instance = service_.create_instance(server->bus_name());
  ASSERT_TRUE(instance) << instance.error().text;
  auto second = service_.create_instance(server->bus_name());
  EXPECT_EQ(server->instances(), 2U);
  const auto& [path, level] = *instance;
  EXPECT_EQ(level, 1U);
  EXPECT_EQ(service_.call_at(*client_->bus_name(), path, job_.id(), 1).get().result, code::s_ok);
  EXPECT_EQ(called.value(), 1);
  service_.release_at(*client_->bus_name(), path);
  EXPECT_TRUE(released_.reaches(1));
  EXPECT_EQ(idle.value(), 0);
  service_.stop();  // the other one goes with the service
  EXPECT_TRUE(idle.reaches(1));
  EXPECT_EQ(released_.value(), 2);
  EXPECT_TRUE(server->alive());
}

TEST_F(CallbackTest, TwoClassesOfOneProcessAreToldApartByTheNameThatWasCalled) {
  auto one = ClassServer::start(*client_, "org.example.One", [&] { return counting(); });
  auto two = ClassServer::start(*client_, "org.example.Two", [&] {
    CallbackFunctions functions;
    functions.file_transferred = [](const Notification&) { return code::s_ok; };
    return make_callback(std::move(functions));
  });
  ASSERT_TRUE(one && two);
  EXPECT_EQ(std::get<1>(*service_.create_instance("org.example.One")), 1U);
  EXPECT_EQ(std::get<1>(*service_.create_instance("org.example.Two")), 2U);
}

TEST_F(CallbackTest, WhoSpeaksForTheServiceOfTheMachineMayHaveAnInstanceAndNobodyElse) {
  const auto server = ClassServer::start(*client_, clsid, [&] { return counting(); });
  ASSERT_TRUE(server);
  auto messenger = bus::Bus::open(bus_.address());
  ASSERT_TRUE(messenger);
  const bus::Call create{server->bus_name(), bus::class_path, bus::class_factory_interface, "CreateInstance",
                         bus::usual_limit};
  const auto refused = messenger->call<bus::ObjectPath, std::uint32_t>(create);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), base::Code::E_ACCESSDENIED);
  ASSERT_TRUE(messenger->request_name(bus::messenger_name));
  EXPECT_TRUE((messenger->call<bus::ObjectPath, std::uint32_t>(create)));
  EXPECT_EQ(server->instances(), 1U);
}

TEST_F(CallbackTest, AProgramWithoutClassesDoesNotHearWhoSpeaksForTheServiceOfTheMachine) {
  ASSERT_TRUE(job_.set_notify_object(counting()));
  const JobInfo info = *job_.info();
  auto messenger = bus::Bus::open(bus_.address());
  ASSERT_TRUE(messenger->request_name(bus::messenger_name));
  const auto answer = messenger->call<std::uint32_t>(
      {info.notify_object_name(), info.notify_object_path(), bus::callback_interface, "JobTransferred",
       bus::usual_limit},
      std::uint64_t{1}, bus::ObjectPath{bus::job_path(*base::parse_job_id(job_.id()))});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), base::Code::E_ACCESSDENIED);
}

// Where a bus is that of the machine, and another one that of the session.
class TwoBuses : public CallbackTest {
 protected:
  void SetUp() override {
    CallbackTest::SetUp();
    if (const char* before = std::getenv(session_variable)) session_before_ = before;
    setenv(session_variable, bus_.address().c_str(), 1);
    ConnectOptions options;
    options.address = machine_.address();
    options.system = true;
    auto client = Client::connect(options);
    ASSERT_TRUE(client) << client.error().message;
    of_machine_ = std::make_unique<Client>(*std::move(client));
  }
  void TearDown() override {
    if (session_before_) setenv(session_variable, session_before_->c_str(), 1);
    else unsetenv(session_variable);
  }

  static constexpr const char* session_variable = "DBUS_SESSION_BUS_ADDRESS";
  PrivateBus machine_{"<deny own=\"org.example.Refused\"/>"};
  FakeService service_of_machine_{machine_.address()};
  std::unique_ptr<Client> of_machine_;
  std::optional<std::string> session_before_;
};

TEST_F(TwoBuses, AClassThatTheBusOfTheMachineRefusesIsServedInTheSessionAndHearsNothingOfIt) {
  Count idle;
  const auto server = ClassServer::serve(*of_machine_, "org.example.Refused", "/org/example/Refused", counting(),
                                         [idle] { idle.up(); });
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_FALSE(service_.owner_of("org.example.Refused").empty());
  EXPECT_TRUE(service_of_machine_.owner_of("org.example.Refused").empty());
  const auto answer = service_.call_at("org.example.Refused", "/org/example/Refused", job_.id(), 1).get();
  EXPECT_EQ(answer.result, code::s_ok) << answer.error;
  EXPECT_EQ(released_.value(), 0);
  EXPECT_EQ(idle.value(), 0);
}

// Whoever sees the name would call an object that is not there.
TEST_F(TwoBuses, AClassWhoseObjectCannotBePutOnTheBusDoesNotGetItsName) {
  const auto first = ClassServer::serve(*of_machine_, "org.example.One", "/org/example/Same", counting());
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(service_of_machine_.owner_of("org.example.One"), *of_machine_->bus_name());
  EXPECT_EQ(ClassServer::serve(*of_machine_, "org.example.Two", "/org/example/Same", counting()).code(),
            code::already_exists);
  EXPECT_TRUE(service_of_machine_.owner_of("org.example.Two").empty());
}

TEST_F(CallbackTest, ANameThatIsTakenAndAFactoryThatFailsAreErrors) {
  auto first = ClassServer::start(*client_, clsid, [] () -> std::shared_ptr<Callback> {
    throw std::runtime_error("x");
  });
  ASSERT_TRUE(first);
  EXPECT_EQ(service_.create_instance(first->bus_name()).error().code, base::Code::E_FAIL);
  auto stranger = bus::Bus::open(bus_.address());
  ASSERT_TRUE(stranger->request_name("org.example.Taken"));
  EXPECT_EQ(ClassServer::start(*client_, "org.example.Taken", [] { return nullptr; }).code(),
            code::already_exists);
  first->revoke();
  EXPECT_FALSE(first->alive());
  *first = ClassServer();
  auto again = ClassServer::start(*client_, clsid, [&] { return counting(); });
  EXPECT_TRUE(again);
}

TEST_F(CallbackTest, ACallbackIsServedAtItsOwnNameAndPath) {
  Count called;
  Count idle;
  {
    auto server = ClassServer::serve(
        *client_, "org.example.Updater", "/org/example/Updater", counting([&](const Notification&) {
          called.up();
          return code::s_ok;
        }),
        [idle] { idle.up(); });
    ASSERT_TRUE(server) << server.error().message;
    const auto answer =
        service_.call_at("org.example.Updater", "/org/example/Updater", job_.id(), 5).get();
    EXPECT_EQ(answer.result, code::s_ok) << answer.error;
    service_.release_at("org.example.Updater", "/org/example/Updater");
    EXPECT_TRUE(idle.reaches(1));
    EXPECT_EQ(released_.value(), 0);
    EXPECT_EQ(service_.call_at("org.example.Updater", "/org/example/Updater", job_.id(), 6)
                  .get()
                  .result,
              code::s_ok);
  }
  EXPECT_TRUE(released_.reaches(1));
  EXPECT_TRUE(service_.owner_of("org.example.Updater").empty());
}

}  // namespace
}  // namespace backhaul::test
