// SPDX-License-Identifier: Apache-2.0
// Texts for people and names of part files.
#include <set>

#include <gtest/gtest.h>

#include "base/code.h"
#include "core/error_text.h"
#include "core/part_name.h"
#include "core/waiting.h"

namespace backhaul::core {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const base::WallTime now{hours(400'000)};

std::string text(WaitingKind kind, base::Microseconds since = {}, base::Microseconds until = {},
                 std::vector<std::string> arguments = {}) {
  Waiting waiting{kind, {}, {}, std::move(arguments)};
  if (since.count() != 0) waiting.since = now - since;
  if (until.count() != 0) waiting.until = now + until;
  return render(waiting, now);
}

TEST(Waiting, SaysWhyInOneSentence) {
  EXPECT_EQ(text(WaitingKind::nothing), "not waiting");
  EXPECT_EQ(text(WaitingKind::start), "suspended; waiting to be started");
  EXPECT_EQ(text(WaitingKind::start, hours(26)), "suspended for 1 d 2 h; waiting to be started");
  EXPECT_EQ(text(WaitingKind::start, hours(26), {}, {"the queue was damaged"}),
            "suspended because the queue was damaged; look at its files, then start or cancel it");
  EXPECT_EQ(text(WaitingKind::files), "has no files; waiting for files to be added");
  EXPECT_EQ(text(WaitingKind::turn, {}, {}, {"0"}), "waiting for its turn");
  EXPECT_EQ(text(WaitingKind::turn, {}, {}, {"1"}), "waiting for its turn behind 1 other job");
  EXPECT_EQ(text(WaitingKind::turn, minutes(3), {}, {"12"}),
            "waiting for its turn behind 12 other jobs for 3 min");
  EXPECT_EQ(text(WaitingKind::network, minutes(3)), "waiting for the network for 3 min");
  EXPECT_EQ(text(WaitingKind::storage, seconds(8), seconds(2)),
            "the queue cannot be written for 8 s; next try in 2 s");
  EXPECT_EQ(text(WaitingKind::storage, {}, {}, {"there is not enough space on the disk"}),
            "the queue cannot be written (there is not enough space on the disk)");
  EXPECT_EQ(text(WaitingKind::owner_complete, hours(1)),
            "transferred; waiting to be completed for 1 h");
  EXPECT_EQ(text(WaitingKind::owner_error, {}, {}, {"HTTP 404 from example.org"}),
            "stopped after HTTP 404 from example.org; waiting to be started again or ended");
  EXPECT_EQ(text(WaitingKind::owner_complete, {}, {}, {"", "org.example.Told"}),
            "transferred; waiting to be completed; org.example.Told is told when its owner logs in");
  EXPECT_EQ(text(WaitingKind::owner_error, {}, {}, {"HTTP 404", "org.example.Told"}),
            "stopped after HTTP 404; waiting to be started again or ended; "
            "org.example.Told is told when its owner logs in");
  EXPECT_EQ(text(WaitingKind::closing), "being closed");
  EXPECT_EQ(text(WaitingKind::shortage, {}, seconds(4), {"too many files are open"}),
            "the service is short of room to work (too many files are open); next try in 4 s");
}

TEST(Waiting, WhoDoesNotAnswerIsNamed) {
  EXPECT_EQ(text(WaitingKind::directory, seconds(12), {}, {"/d"}),
            "waiting for 12 s for the file system of /d, which does not answer");
  EXPECT_EQ(text(WaitingKind::policy, seconds(7), {}, {"host"}),
            "waiting because the settings let no job fetch from host for 7 s");
  EXPECT_EQ(text(WaitingKind::answer, seconds(7), {}, {"host"}), "waiting for 7 s for host, which does not answer");
  EXPECT_EQ(text(WaitingKind::answer, seconds(7), {}, {"host", "more"}),
            "waiting for more from host; nothing has been stored for 7 s");
  EXPECT_EQ(text(WaitingKind::closing, seconds(1), {}, {"cancel"}), "being cancelled for 1 s");
  EXPECT_EQ(text(WaitingKind::closing, seconds(2), {}, {"take"}), "being taken over for 2 s");
  EXPECT_EQ(text(WaitingKind::closing, seconds(9), {}, {"complete", "/d"}),
            "being completed for 9 s; waiting for the file system of /d, which does not answer");
}

TEST(Waiting, SaysWhatTheWorldDoesNotAllow) {
  EXPECT_EQ(text(WaitingKind::sleep, seconds(9)), "waiting until the machine has slept");
  EXPECT_EQ(text(WaitingKind::ticket),
            "waiting for another login: that of its owner's session is not to be had by the service of the machine");
  EXPECT_EQ(text(WaitingKind::logon, minutes(2)), "waiting for its owner to log on for 2 min");
  EXPECT_EQ(text(WaitingKind::login, minutes(2)),
            "waiting for somebody to log in to the network, which shows a login page for 2 min");
  EXPECT_EQ(text(WaitingKind::cost, {}, {}, {"metered", "unrestricted"}),
            "waiting for another network: this one is metered, and the job takes unrestricted");
  EXPECT_EQ(text(WaitingKind::battery, hours(1)), "waiting for mains power for 1 h");
  EXPECT_EQ(text(WaitingKind::power_saver), "waiting for the end of power saving");
  EXPECT_EQ(text(WaitingKind::bandwidth, {}, minutes(90)),
            "the bandwidth schedule leaves its priority nothing now; it goes on in 1 h 30 min");
}

TEST(Waiting, ARetryTellsWhenAndWhy) {
  const std::vector<std::string> why{"HTTP 503 from example.org"};
  EXPECT_EQ(text(WaitingKind::retry, {}, seconds(250), why),
            "retry in 4 min 10 s after HTTP 503 from example.org");
  EXPECT_EQ(text(WaitingKind::retry, {}, milliseconds(300)), "retry in 1 s");
  EXPECT_EQ(text(WaitingKind::retry, {}, seconds(-5), why),
            "retry now after HTTP 503 from example.org");
  EXPECT_EQ(text(WaitingKind::retry, {}, {}, why),
            "waiting until it can be tried again after HTTP 503 from example.org");
}

TEST(Waiting, AServerThatAskedForTimeIsNamed) {
  EXPECT_EQ(text(WaitingKind::server, seconds(9), seconds(71), {"example.org"}),
            "example.org says to come back later (Retry-After); next try in 1 min 11 s");
  EXPECT_EQ(text(WaitingKind::server, seconds(9), seconds(71), {"example.org", "another"}),
            "example.org told another job to come back later, and all that go there wait; next try in 1 min 11 s");
  EXPECT_EQ(text(WaitingKind::server, seconds(9), seconds(71), {"example.org", "own"}),
            "example.org told another job of this owner to come back later, and all jobs of this owner that go there wait; "
            "next try in 1 min 11 s");
}

TEST(Waiting, AClockThatWasSetBackTellsNoNonsense) {
  EXPECT_EQ(text(WaitingKind::network, hours(-3)), "waiting for the network");
  EXPECT_EQ(text(WaitingKind::network, milliseconds(400)), "waiting for the network");
}

TEST(Waiting, DurationsHaveTwoUnitsAtMost) {
  EXPECT_EQ(text(WaitingKind::retry, {}, seconds(60)), "retry in 1 min");
  EXPECT_EQ(text(WaitingKind::retry, {}, seconds(3'605)), "retry in 1 h");
  EXPECT_EQ(text(WaitingKind::retry, {}, seconds(86'399)), "retry in 23 h 59 min");
  EXPECT_EQ(text(WaitingKind::retry, {}, hours(24 * 14 + 1)), "retry in 14 d 1 h");
}

TEST(Waiting, WordsAreUnique) {
  std::set<std::string_view> words;
  for (int i = 0; i <= static_cast<int>(WaitingKind::neighbour); ++i)
    EXPECT_TRUE(words.insert(to_word(static_cast<WaitingKind>(i))).second) << i;
  EXPECT_FALSE(words.contains("unknown"));
}

TEST(ErrorText, EveryContextHasItsMessage) {
  EXPECT_EQ(context_text(base::ErrorContext::none),
            base::describe(base::Code::BG_S_ERROR_CONTEXT_NONE));
  EXPECT_EQ(context_text(base::ErrorContext::remote_file),
            base::describe(base::Code::BG_E_ERROR_CONTEXT_REMOTE_FILE));
  std::set<std::string_view> texts;
  for (int i = 0; i <= 8; ++i) texts.insert(context_text(static_cast<base::ErrorContext>(i)));
  EXPECT_EQ(texts.size(), 9U);
  EXPECT_EQ(context_text(static_cast<base::ErrorContext>(77)),
            context_text(base::ErrorContext::unknown));
}

TEST(PartName, LiesHiddenBesideTheDestination) {
  const auto job = *base::parse_job_id("8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9");
  const std::string prefix = ".BIT8c1b7e526a0d4c3f9e7751d2a4b0c6f9-7-";
  EXPECT_EQ(part_prefix(job, 7), prefix);
  EXPECT_EQ(part_path("/dst/dir/x", job, 7, 3), "/dst/dir/" + prefix + "3.tmp");
  EXPECT_EQ(part_path("/x", job, 7, 3), "/" + prefix + "3.tmp");
  EXPECT_TRUE(is_part_name(prefix + "3.tmp"));
  EXPECT_FALSE(is_part_name("x.tmp"));
  EXPECT_EQ(part_path("/x", job, UINT32_MAX, UINT32_MAX).size(), 1 + part_name_max);
}

TEST(PartName, ParentDirectory) {
  EXPECT_EQ(parent_directory("/dst/dir/x"), "/dst/dir");
  EXPECT_EQ(parent_directory("/x"), "/");
}

}  // namespace
}  // namespace backhaul::core
