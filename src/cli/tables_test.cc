// SPDX-License-Identifier: Apache-2.0
// What people see at a glance: the list, the monitor, what helps, and when a wait is over.
#include <backhaul/codes.h>
#include <gtest/gtest.h>

#include "cli/hint.h"
#include "cli/progress.h"
#include "cli/text.h"
#include "cli/waiter.h"

namespace backhaul::cli {
namespace {

using namespace std::chrono_literals;

const Time noon{std::chrono::microseconds(1'795'353'245'000'000)};

constexpr std::uint32_t http(std::uint32_t status) { return 0x80190000U + status; }

JobView job() {
  JobView j;
  j.id = "8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9";
  j.name = "nightly";
  j.owner = "ana";
  j.state = JobState::transferring;
  j.bytes_total = 104'857'600;
  j.bytes_done = 40'370'176;
  j.files_total = 3;
  j.files_done = 1;
  j.created = j.modified = noon;
  j.rate = 812'300;
  j.waiting.kind = "nothing";
  return j;
}

JobView retrying() {
  JobView j = job();
  j.state = JobState::transient_error;
  j.rate.reset();
  j.error = {code::winhttp_name_not_resolved, ErrorContext::remote_file, 1, ""};
  j.waiting = {"retry", noon, noon + 552s, {}, "retry in 9 min 12 s after an error"};
  return j;
}

JobView failed(std::uint32_t code) {
  JobView j = job();
  j.state = JobState::error;
  j.rate.reset();
  j.error = {code, ErrorContext::remote_file, 1, ""};
  j.waiting = {"owner-error", noon, {}, {}, "stopped"};
  return j;
}

std::vector<std::string> lines_in(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

TEST(TableTest, AListSaysHowFastHowLongAndWhatJobsWaitFor) {
  const std::string text = render_list({job(), retrying()}, {130, true, false}, noon);
  EXPECT_EQ(text,
            "ID        NAME     TYPE      STATE            PRIO    FILES         BYTES      RATE  "
            "LEFT, OR WAITING FOR\n"
            "8c1b7e52  nightly  download  transferring     normal    1/3  38.5M/100.0M  793.3K/s  1:20\n"
            "8c1b7e52  nightly  download  transient-error  normal    1/3  38.5M/100.0M         –  "
            "retry in 9:12\n"
            "2 jobs\n");
  EXPECT_EQ(render_list({}, {80, true, false}, noon), "no jobs\n");
  EXPECT_NE(render_list({failed(0)}, {80, true, false}, noon).find("1 job, 1 needs attention"),
            std::string::npos);
}

TEST(TableTest, WhatMattersStaysInAnOrdinaryTerminal) {
  const std::string text = render_list({job(), retrying()}, {80, true, false}, noon);
  for (const char* part : {"8c1b7e52", "nightly", "transferring", "793.3K/s", "1:20", "retry in"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  const std::string narrow = render_list({job()}, {60, true, false}, noon);
  for (const char* part : {"8c1b7e52", "nigh", "transferring", "38.5M", "793.3K/s", "1:20"})
    EXPECT_NE(narrow.find(part), std::string::npos) << part << "\n" << narrow;
}

TEST(TableTest, NoLineIsWiderThanTheTerminal) {
  JobView wide = job();
  wide.name = std::string(200, 'x') + "漢字";
  for (std::size_t columns : {20U, 40U, 60U, 80U, 200U})
    for (const std::string& line : lines_in(render_list({wide, retrying()}, {columns, true, false}, noon)))
      EXPECT_LE(display_width(line), columns);
}

TEST(MonitorTest, FitsItsWindowKeepsItsHeaderAndSortsByAge) {
  std::vector<JobView> jobs;
  for (int i = 0; i < 40; ++i) {
    JobView one = i % 2 == 0 ? job() : failed(code::disk_full);
    one.name = "job" + std::to_string(i);
    one.created = noon - std::chrono::seconds(i);
    if (i >= 4) {
      one.state = JobState::suspended;
      one.rate.reset();
    }
    jobs.push_back(one);
  }
  for (std::size_t height : {4U, 10U, 24U, 60U}) {
    for (std::size_t columns : {20U, 30U, 80U, 150U}) {
      const auto lines = lines_in(render_monitor(jobs, {columns, true, false}, height, noon));
      EXPECT_LE(lines.size(), height);
      EXPECT_TRUE(lines.front().starts_with("ID ")) << "the header stays";
      for (const std::string& line : lines) EXPECT_LE(display_width(line), columns);
    }
  }
  const std::string all = render_monitor(jobs, {100, true, false}, 60, noon);
  EXPECT_LT(all.find("job39"), all.find("job38")) << "the oldest first";
  EXPECT_LT(all.find("job2 "), all.find("job1 "));
  const std::string few = render_monitor(jobs, {100, true, false}, 6, noon);
  for (const char* part : {"job0", "job2", "job1", "40 jobs", "36 not shown"})
    EXPECT_NE(few.find(part), std::string::npos) << part << "\n" << few;
  EXPECT_EQ(few.find("job39"), std::string::npos) << "what stands still goes first";
}

TEST(MonitorTest, CountsDownAsTimeGoesOn) {
  EXPECT_NE(render_monitor({retrying()}, {100, true, false}, 24, noon + 5s).find("9:07"), std::string::npos);
  EXPECT_TRUE(counts_down({retrying()}));
  EXPECT_TRUE(counts_down({job()}));
  EXPECT_FALSE(counts_down({failed(0)}));
}

TEST(BarTest, SeveralJobsAreOneBar) {
  JobView queued = job();
  queued.state = JobState::queued;
  queued.rate.reset();
  queued.bytes_done = 0;
  const JobView sum = total_of({queued, job(), job()});
  EXPECT_EQ(sum.bytes_total, 3U * 104'857'600);
  EXPECT_EQ(sum.bytes_done, 2U * 40'370'176);
  EXPECT_EQ(sum.state, JobState::transferring) << "it moves while one of them does";
  EXPECT_DOUBLE_EQ(*sum.rate, 2 * 812'300.0);
  JobView unknown = job();
  unknown.bytes_total = size_unknown;
  EXPECT_EQ(total_of({unknown, job()}).bytes_total, size_unknown);
}

// --- what helps ----------------------------------------------------------------------------------

TEST(HintTest, FilesThatArrivedAreKeptByComplete) {
  const std::string ways = ways_to_end(failed(http(404)));
  EXPECT_LT(ways.find("backhaul complete 8c1b7e52"), ways.find("backhaul cancel 8c1b7e52"));
  EXPECT_NE(ways.find("1 of 3 files"), std::string::npos);
  EXPECT_NE(ways.find("delete"), std::string::npos) << "cancel as what it is";
  JobView nothing = failed(http(404));
  nothing.files_done = 0;
  EXPECT_EQ(ways_to_end(nothing).find("complete"), std::string::npos);
  const std::string status = render_status(failed(http(404)), {100, true, false}, noon);
  EXPECT_NE(status.find("backhaul complete 8c1b7e52"), std::string::npos) << status;
}

TEST(HintTest, StartIsNamedOnlyWhereItHelps) {
  EXPECT_NE(hint_for_job(failed(code::disk_full)).find("backhaul start 8c1b7e52"), std::string::npos);
  EXPECT_NE(hint_for_job(retrying()).find("tried again by itself"), std::string::npos);
  for (const std::uint32_t code : {http(404), http(401), code::winhttp_secure_invalid_ca})
    EXPECT_EQ(hint_for_job(failed(code)).find("start"), std::string::npos) << hint_for_job(failed(code));
  // A call that failed is no job that could be started.
  for (const std::uint32_t code : {code::disk_full, code::e_accessdenied, code::bg_e_not_found})
    EXPECT_EQ(hint_for_call(code, {true, "/x"}).find("start"), std::string::npos);
}

TEST(HintTest, TheJournalIsNamedWhereThereIsOne) {
  const auto text = [](const LogPlace& log) { return hint_for_call(code::rpc_server_unavailable, log); };
  EXPECT_NE(text({true, "/x/backhauld.log"}).find("journalctl"), std::string::npos);
  EXPECT_EQ(text({false, "/x/backhauld.log"}).find("journalctl"), std::string::npos);
  EXPECT_NE(text({false, "/x/backhauld.log"}).find("/x/backhauld.log"), std::string::npos);
  EXPECT_EQ(text({false, ""}).find("log"), std::string::npos);
}

// --- the end of a wait ---------------------------------------------------------------------------

TEST(WaitTest, AJobThatCompletesItselfHasEndedWhenItsFilesAreInPlace) {
  JobView j = job();
  j.state = JobState::transferred;
  EXPECT_EQ(wait_outcome(j, {}), Exit::done) << "its owner completes it";
  j.waiting = {"owner-complete", noon, {}, {"there is no directory /d"}, ""};
  EXPECT_EQ(wait_outcome(j, {}), Exit::failed) << "its owner tried";
  j.waiting = {};
  j.auto_complete = true;
  j.waiting.kind = "closing";
  EXPECT_EQ(wait_outcome(j, {}), std::nullopt) << "its files are not there yet";
  EXPECT_EQ(wait_outcome(j, JobState::transferred), Exit::done) << "asked for";
  j.waiting.kind = "owner-complete";
  EXPECT_EQ(wait_outcome(j, {}), Exit::failed) << "they could not be put in place";
  j.state = JobState::acknowledged;
  EXPECT_EQ(wait_outcome(j, {}), Exit::done);
  EXPECT_EQ(wait_outcome(j, JobState::error), Exit::failed);
  j.state = JobState::cancelled;
  EXPECT_EQ(wait_outcome(j, {}), Exit::job_cancelled);
  EXPECT_EQ(wait_outcome(failed(0), {}), Exit::job_error);
  EXPECT_EQ(wait_outcome(job(), {}), std::nullopt);
}

// --- what a terminal must not get ----------------------------------------------------------------

TEST(PrintableTest, NothingThatATerminalObeysIsLeft) {
  EXPECT_EQ(printable("a\x1b[2Jb\x7f\xc2\x9b" "31m\x9b", true), "a?[2Jb??31m?");
  EXPECT_EQ(printable("\xe2\x80\xaegnp", true), "?gnp") << "nor what turns the direction round";
  EXPECT_EQ(printable("b\xc3\xbc" "cher", true), "b\xc3\xbc" "cher");
  Json json;
  json.value("\xc2\x9b\x1b\xe2\x80\xae");
  EXPECT_EQ(json.text(), "\"\\u009b\\u001b\\u202e\"");
}

}  // namespace
}  // namespace backhaul::cli
