// SPDX-License-Identifier: Apache-2.0
// notifications.md N85–N99: the notification class, started by the bus when it is needed. The
// server is peer_main.cc, written against the same headers.
#include <signal.h>

#include <filesystem>

#include "tests/bits/fixture.h"
#include "tests/bits/peer.h"

namespace backhaul::test {
namespace {

constexpr ULONG delay = 5;  // seconds: the least that SetMinimumRetryDelay takes
constexpr auto a_while = std::chrono::milliseconds(400);

// A class of a test's own, with the log that its server will write.
struct TestClass {
  explicit TestClass(const std::string& name, const char* mode = "serve")
      : log(Stage::get().folder(name + ".log")), mode_(mode) {
    EXPECT_EQ(CoCreateGuid(&id), S_OK);
    WCHAR wide[39];
    StringFromGUID2(id, wide, 39);
    text.assign(wide, wide + 38);
  }
  void install() { Stage::get().install_class(text, server_command(text, log, mode_)); }
  std::string bus_name() const {
    std::string name = "org.backhaul.clsid.g";
    for (const char c : text) {
      if (std::isxdigit(static_cast<unsigned char>(c))) name.push_back(std::tolower(c));
    }
    return name;
  }

  CLSID id{};
  std::string text;
  ServerLog log;

 private:
  const char* mode_;
};

HRESULT set_class(IBackgroundCopyJob* job, REFCLSID clsid) {
  BITS_JOB_PROPERTY_VALUE value;
  value.ClsID = clsid;
  return Com<IBackgroundCopyJob>(job).as<IBackgroundCopyJob5>()->SetProperty(
      BITS_JOB_PROPERTY_NOTIFICATION_CLSID, value);
}

CLSID class_of(IBackgroundCopyJob* job) {
  BITS_JOB_PROPERTY_VALUE value;
  value.ClsID = IID_IUnknown;
  EXPECT_EQ(Com<IBackgroundCopyJob>(job).as<IBackgroundCopyJob5>()->GetProperty(
                BITS_JOB_PROPERTY_NOTIFICATION_CLSID, &value),
            S_OK);
  return value.ClsID;
}

TEST(BitsClass, N85_AClassIsSetReadBackAndClearedByTheNullId) {
  const auto job = new_job();
  EXPECT_EQ(set_class(job, __uuidof(IBackgroundCopyJob)), S_OK);
  EXPECT_EQ(class_of(job), __uuidof(IBackgroundCopyJob));
  EXPECT_EQ(set_class(job, __uuidof(IBackgroundCopyFile)), S_OK);
  EXPECT_EQ(class_of(job), __uuidof(IBackgroundCopyFile));
  EXPECT_EQ(set_class(job, GUID_NULL), S_OK);
  EXPECT_EQ(class_of(job), GUID_NULL);
}

TEST(BitsClass, N86_AClassSurvivesARestartOfTheService) {
  const auto job = new_job();
  ASSERT_EQ(set_class(job, __uuidof(IBackgroundCopyJob)), S_OK);
  Stage::get().kill_service();
  EXPECT_EQ(class_of(job), __uuidof(IBackgroundCopyJob));
}

TEST(BitsClass, N87_TheServerIsStartedAndToldAndEndsAfterTheJob) {
  TestClass one("n87");
  one.install();
  const auto job = job_with_file("size=1000");
  ASSERT_EQ(set_class(job, one.id), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(one.log.has("transferred " + id_text(job)));
  EXPECT_EQ(one.log.count("start"), 1U);
  EXPECT_EQ(job->Complete(), S_OK);
  EXPECT_TRUE(one.log.has("end"));
}

TEST(BitsClass, N88_ARunningServerIsUsed) {
  TestClass one("n88");
  one.install();
  const auto first = transferred_job();
  const auto second = transferred_job();
  ASSERT_EQ(set_class(first, one.id), S_OK);
  ASSERT_TRUE(one.log.has("transferred " + id_text(first)));
  ASSERT_EQ(set_class(second, one.id), S_OK);
  ASSERT_TRUE(one.log.has("transferred " + id_text(second)));
  EXPECT_EQ(one.log.count("start"), 1U);
  EXPECT_EQ(one.log.count("instance"), 2U);
}

TEST(BitsClass, N89_WithACallableObjectTheClassIsNotStarted) {
  TestClass one("n89");
  one.install();
  const auto job = job_with_file("size=1000");
  const auto object = recorder();
  ASSERT_EQ(set_class(job, one.id), S_OK);
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(object->wait_for(Event::transferred));
  EXPECT_TRUE(never([&] { return one.log.count("start") != 0; }, a_while));
}

TEST(BitsClass, N90_WhenTheProcessOfTheObjectHasEndedTheClassIsStarted) {
  TestClass one("n90");
  one.install();
  const auto job = job_with_file("size=1000");
  ASSERT_EQ(set_class(job, one.id), S_OK);
  Peer other;
  ASSERT_EQ(other.ask("object " + id_text(job)), "0x00000000");
  other.kill();
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(one.log.has("transferred " + id_text(job)));
}

TEST(BitsClass, N91_WhenTheObjectIsClearedTheClassIsStarted) {
  TestClass one("n91");
  one.install();
  const auto job = job_with_file("size=1000");
  const auto object = recorder();
  ASSERT_EQ(set_class(job, one.id), S_OK);
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->SetNotifyInterface(nullptr), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(one.log.has("transferred " + id_text(job)));
  EXPECT_TRUE(object->events().empty());
}

TEST(BitsClass, N92_OneInstanceIsToldEverythingOfTheJob) {
  TestClass one("n92");
  one.install();
  const auto job = job_with_file("status=404 | status=404 | size=1000");
  const std::string id = id_text(job);
  ASSERT_EQ(set_class(job, one.id), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(one.log.has("error " + id));
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(one.log.has("error " + id, 2));
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(one.log.has("transferred " + id));
  EXPECT_EQ(one.log.count("start"), 1U);
  EXPECT_EQ(one.log.count("instance"), 1U);
}

TEST(BitsClass, N93_WhenTheProcessOfTheInstanceEndsTheNextEventMakesAnother) {
  TestClass one("n93");
  one.install();
  const auto job = job_with_file("status=404 | size=1000");
  const std::string id = id_text(job);
  ASSERT_EQ(set_class(job, one.id), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(one.log.has("error " + id));
  ASSERT_EQ(kill(one.log.pid(), SIGKILL), 0);
  ASSERT_TRUE(eventually([&] { return Stage::get().owner_of(one.bus_name()) == 0; }));
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(one.log.has("transferred " + id));
  EXPECT_EQ(one.log.count("start"), 2U);
}

TEST(BitsClass, N94_AnObjectSetWhileAnInstanceIsUsedGetsTheLaterEvents) {
  TestClass one("n94");
  one.install();
  const auto job = job_with_file("status=404 | size=1000");
  const auto object = recorder();
  ASSERT_EQ(set_class(job, one.id), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(one.log.has("error " + id_text(job)));
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(object->wait_for(Event::transferred));
  EXPECT_TRUE(never([&] { return one.log.count("transferred") != 0; }, a_while));
}

TEST(BitsClass, N95_OfTwoClassesOnlyTheLastIsStarted) {
  TestClass first("n95a"), second("n95b");
  first.install();
  second.install();
  const auto job = job_with_file("size=1000");
  Peer one, other;
  ASSERT_EQ(one.ask("class " + id_text(job) + " " + first.text), "0x00000000");
  ASSERT_EQ(other.ask("class " + id_text(job) + " " + second.text), "0x00000000");
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(second.log.has("transferred " + id_text(job)));
  EXPECT_EQ(first.log.count("start"), 0U);
}

TEST(BitsClass, N96_N97_AMissingClassLeavesTheEventPendingUntilItIsInstalled) {
  TestClass one("n96");
  const auto job = job_with_file("size=1000");
  ASSERT_EQ(job->SetMinimumRetryDelay(delay), S_OK);
  ASSERT_EQ(set_class(job, one.id), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_TRUE(never([&] { return state_of(job) != BG_JOB_STATE_TRANSFERRED; }, a_while));
  one.install();
  EXPECT_TRUE(one.log.has("transferred " + id_text(job)));
}

TEST(BitsClass, N98_AServerThatDoesNotRegisterIsGivenUpAfterTheStartTimeout) {
  TestClass one("n98", "never");
  one.install();
  const auto job = job_with_file("size=1000");
  const std::string sign = Stage::get().folder("n98.sign");
  // What comes after the class: it runs when the start is given up.
  ASSERT_EQ(job.as<IBackgroundCopyJob2>()->SetNotifyCmdLine(L"/usr/bin/touch",
                                                            wide("touch " + sign).c_str()),
            S_OK);
  ASSERT_EQ(set_class(job, one.id), S_OK);
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(one.log.has("start"));
  EXPECT_TRUE(eventually([&] { return std::filesystem::exists(sign); }));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, Stage::class_start_timeout);
  EXPECT_EQ(kill(one.log.pid(), SIGKILL), 0);
}

TEST(BitsClass, N99_AnEventWithoutAnyListenerIsToldToAClassSetLater) {
  TestClass one("n99");
  one.install();
  const auto job = failed_job();
  EXPECT_TRUE(never([&] { return state_of(job) != BG_JOB_STATE_ERROR; }, a_while));
  ASSERT_EQ(set_class(job, one.id), S_OK);
  EXPECT_TRUE(one.log.has("error " + id_text(job)));
}

}  // namespace
}  // namespace backhaul::test
