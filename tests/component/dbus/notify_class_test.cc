// SPDX-License-Identifier: Apache-2.0
// Callback classes: started by the bus, kept while they live, given up in time.
#include <signal.h>

#include <chrono>
#include <sstream>

#include "tests/component/dbus/notify.h"

namespace backhaul::test {
namespace {

using namespace std::chrono_literals;
using base::Code;

constexpr char native_name[] = "org.example.Listener";

class NotifyClass : public Notify {
 protected:
  std::string log() const { return bus_.folder() / "class.log"; }
  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    std::istringstream text(read_file(log()));
    for (std::string line; std::getline(text, line);) all.push_back(line);
    return all;
  }
  std::size_t count(const std::string& beginning) const {
    std::size_t n = 0;
    for (const std::string& line : lines()) n += line.starts_with(beginning) ? 1 : 0;
    return n;
  }
  pid_t pid() const {
    pid_t last = 0;
    for (const std::string& line : lines())
      if (line.starts_with("start")) last = std::stoi(line.substr(line.rfind(' ')));
    return last;
  }
  void install(const std::string& name, std::vector<std::string> ways = {}) {
    std::vector<std::string> exec{BACKHAUL_CLASS_SERVER, log(), name};
    exec.insert(exec.end(), ways.begin(), ways.end());
    bus_.add_service(name, exec);
  }
  static core::ClassRegistration clsid() { return {clsid_name, bus::class_path}; }
  static core::ClassRegistration native() { return {native_name, "/listener"}; }
  ports::Notification to_class(const core::ClassRegistration& service,
                               base::Microseconds limit = 60s) {
    ports::Notification notification = event();
    notification.target = ports::ClassTarget{service, limit};
    return notification;
  }
  ports::DeliveryEnded tell(const core::ClassRegistration& service, base::Microseconds limit = 60s) {
    return outcome(to_class(service, limit));
  }
};

TEST_F(NotifyClass, N87_AClassThatDoesNotRunIsStartedAndTold) {
  install(clsid_name);
  const auto notified = tell(clsid());
  EXPECT_EQ(notified.outcome, Outcome::answered) << notified.text;
  EXPECT_EQ(notified.result, Code::S_OK);
  ASSERT_EQ(lines().size(), 3U);
  EXPECT_EQ(lines()[1], std::string("create as ") + clsid_name);
  EXPECT_EQ(lines()[2], "transferred 101 at /instance/1");
}

TEST_F(NotifyClass, N92_TheSameInstanceGetsAllEventsOfItsJob) {
  install(clsid_name);
  tell(clsid());
  EXPECT_EQ(tell(clsid()).outcome, Outcome::answered);
  EXPECT_EQ(count("create"), 1U);
  EXPECT_EQ(lines().back(), "transferred 102 at /instance/1");
  ports::Notification other = to_class(clsid());
  other.job.bytes[0] = 99;
  EXPECT_EQ(outcome(std::move(other)).outcome, Outcome::answered);
  EXPECT_EQ(lines().back(), "transferred 103 at /instance/2");
  EXPECT_EQ(count("start"), 1U);  // N88
}

TEST_F(NotifyClass, AnInstanceIsReleasedAndMadeAnewWhenNeeded) {
  install(clsid_name);
  tell(clsid());
  adapter_->release_instance(job_);
  EXPECT_TRUE(until([&] { return count("released /instance/1") == 1; }));
  EXPECT_EQ(tell(clsid()).outcome, Outcome::answered);
  EXPECT_EQ(lines().back(), "transferred 102 at /instance/2");
}

TEST_F(NotifyClass, AnInstanceThatIsReleasedBeforeItExistsIsNotCalled) {
  install(clsid_name);
  ports::Notification notification = to_class(clsid());
  const base::Ticket ticket = notification.ticket;
  adapter_->notify(std::move(notification));
  adapter_->release_instance(job_);
  EXPECT_EQ(outcome_of(ticket).outcome, Outcome::failed);
  EXPECT_TRUE(until([&] { return count("released /instance/1") == 1; }));
  EXPECT_EQ(count("transferred"), 0U);
}

TEST_F(NotifyClass, AnotherClassTakesThePlaceOfTheFirst) {
  install(clsid_name);
  install(native_name);
  tell(clsid());
  const auto notified = tell(native());
  EXPECT_EQ(notified.outcome, Outcome::answered) << notified.text;
  EXPECT_EQ(count("transferred 102 at /listener"), 1U);
  EXPECT_TRUE(until([&] { return count("released /instance/1") == 1; }));
}

TEST_F(NotifyClass, ANativeNameIsCalledAtItsOwnPath) {
  install(native_name);
  EXPECT_EQ(tell(native()).outcome, Outcome::answered);
  EXPECT_EQ(tell(native()).outcome, Outcome::answered);
  EXPECT_EQ(count("start"), 1U);
  EXPECT_EQ(count("create"), 0U);
  EXPECT_EQ(lines().back(), "transferred 102 at /listener");
}

TEST_F(NotifyClass, N88_AServerThatRunsNeedsNoServiceFile) {
  const Process server({BACKHAUL_CLASS_SERVER, log(), native_name},
                       {{"DBUS_SESSION_BUS_ADDRESS", bus_.address()}});
  ASSERT_TRUE(until([&] {
    const auto owner = ask<bool>({bus::daemon_name, bus::daemon_path, bus::daemon_interface,
                                  "NameHasOwner", bus::usual_limit},
                                 std::string(native_name));
    return owner && std::get<0>(*owner);
  }));
  EXPECT_EQ(tell(native()).outcome, Outcome::answered);
}

TEST_F(NotifyClass, TheCodeOfTheInstanceIsTheResult) {
  install(clsid_name, {"refuse"});
  const auto notified = tell(clsid());
  EXPECT_EQ(notified.outcome, Outcome::answered);
  EXPECT_EQ(notified.result, Code::E_FAIL);
}

TEST_F(NotifyClass, AFileEventIsNotForAnInstanceOfLevelOne) {
  install(clsid_name);
  ports::Notification notification = to_class(clsid());
  notification.kind = core::NotifyKind::file_transferred;
  EXPECT_EQ(outcome(std::move(notification)).outcome, Outcome::unsupported);
  install(native_name);  // whose level nobody knows before
  notification = to_class(native());
  notification.kind = core::NotifyKind::file_transferred;
  EXPECT_EQ(outcome(std::move(notification)).outcome, Outcome::unsupported);
}

TEST_F(NotifyClass, N93_AnInstanceWhoseProcessLeftIsMadeAnew) {
  install(clsid_name);
  tell(clsid());
  kill(pid(), SIGKILL);
  ASSERT_TRUE(until([&] { return inbox_.count<ports::PeerGone>() == 1; }));
  EXPECT_EQ(tell(clsid()).outcome, Outcome::answered);
  EXPECT_EQ(count("start"), 2U);
}

TEST_F(NotifyClass, N93_AlsoWhenItsEndWasNotSeenYet) {
  install(native_name);
  tell(native());
  const pid_t first = pid();
  kill(first, SIGKILL);
  // The bus drops the name when it reads the end of the connection; we have not looked since.
  bus::Bus other = bus_.connect();
  while (true) {
    const auto owner = other.call<bool>({bus::daemon_name, bus::daemon_path,
                                         bus::daemon_interface, "NameHasOwner", bus::usual_limit},
                                        std::string(native_name));
    if (owner && !std::get<0>(*owner)) break;
  }
  EXPECT_EQ(tell(native()).outcome, Outcome::answered);
  EXPECT_NE(pid(), first);
}

TEST_F(NotifyClass, DeathInsideTheCallIsAnEndAndNotRepeatedHere) {
  install(clsid_name, {"die"});
  EXPECT_EQ(tell(clsid()).outcome, Outcome::gone);
  EXPECT_EQ(count("transferred"), 1U);
}

TEST_F(NotifyClass, N96_AClassThatIsNotRegisteredIsUnavailable) {
  const auto notified = tell(clsid());
  EXPECT_EQ(notified.outcome, Outcome::unavailable);
  EXPECT_EQ(notified.result, Code::REGDB_E_CLASSNOTREG);
  EXPECT_NE(notified.text.find(clsid_name), std::string::npos);
}

TEST_F(NotifyClass, N97_AndFoundOnceItIs) {
  EXPECT_EQ(tell(clsid()).outcome, Outcome::unavailable);
  install(clsid_name);
  EXPECT_EQ(tell(clsid()).outcome, Outcome::answered);
}

TEST_F(NotifyClass, AProgramThatIsMissingOrEndsAtOnceIsUnavailableAtOnce) {
  bus_.add_service(native_name, {"/nonexistent/program"});
  EXPECT_EQ(tell(native()).outcome, Outcome::unavailable);
  install(clsid_name, {"exit", "3"});
  const auto notified = tell(clsid());
  EXPECT_EQ(notified.outcome, Outcome::unavailable);
  EXPECT_EQ(notified.result, Code::CO_E_SERVER_EXEC_FAILURE);
}

TEST_F(NotifyClass, N98_AProgramThatNeverTakesItsNameIsGivenUpInTime) {
  install(clsid_name, {"unnamed"});
  const auto begin = loop_.now();
  EXPECT_EQ(tell(clsid(), 300ms).outcome, Outcome::unavailable);
  EXPECT_GE(loop_.now() - begin, 300ms);
  EXPECT_LT(loop_.now() - begin, 30s) << "the bus would wait for a minute";
}

TEST_F(NotifyClass, AProgramThatEndsWellWithoutItsNameIsGivenUpInTime) {
  install(clsid_name, {"exit", "0"});
  EXPECT_EQ(tell(clsid(), 300ms).outcome, Outcome::unavailable);
}

TEST_F(NotifyClass, AFactoryThatGivesNothingIsUnavailable) {
  install(clsid_name, {"no-instance"});
  const auto notified = tell(clsid());
  EXPECT_EQ(notified.outcome, Outcome::unavailable);
  EXPECT_NE(notified.text.find("no room"), std::string::npos);
}

}  // namespace
}  // namespace backhaul::test
