// SPDX-License-Identifier: Apache-2.0
// What people see at a glance: the list, the monitor, what helps, and when a wait is over.
#include <backhaul/codes.h>
#include <gtest/gtest.h>

#include "cli/hint.h"
#include "cli/patience.h"
#include "cli/progress.h"
#include "cli/sample_jobs.h"
#include "cli/stats.h"
#include "cli/text.h"
#include "cli/waiter.h"

namespace backhaul::cli {
namespace {

using namespace std::chrono_literals;

using namespace sample;

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
  const std::string text = render_list({job(), retrying()}, {140, true, false}, noon);
  EXPECT_EQ(text,
            "ID        NAME     TYPE      STATE            PRIO    FILES         BYTES      RATE  "
            "LEFT, OR WAITING FOR\n"
            "8c1b7e52  nightly  download  transferring     normal    1/3  38.5M/100.0M  793.3K/s  1:20\n"
            "8c1b7e52  nightly  download  transient-error  normal    1/3  38.5M/100.0M         –  "
            "retry in 9:12: The host name could not be resolved\n"
            "2 jobs\n");
  EXPECT_EQ(render_list({}, {80, true, false}, noon), "no jobs\n");
  EXPECT_NE(render_list({failed(0)}, {80, true, false}, noon).find("1 job, 1 needs attention"),
            std::string::npos);
}

TEST(StatsTest, WhatIsLeftOfBudgetsAndHowLongItLasts) {
  BudgetInfo phone;
  phone.network = "Phone";
  phone.in_use = true;
  phone.period = "month";
  phone.begin = noon;
  phone.end = noon + 48h;
  phone.limit = 20'971'520;
  phone.used = phone.owner_used = 1'048'576;
  BudgetInfo home = phone;
  home.network = "Home";
  home.in_use = false;
  home.owner_limit = 1'048'576;
  phone.runs_out = noon + 1h;
  const std::string text =
      render_stats({job(), retrying()}, {phone, home}, {.bytes_from_peers = 1'048'576}, {100, true, false}, noon);
  EXPECT_EQ(text,
            "2 jobs, 1 moving, 793.3K/s\n"
            "2.0M did not have to be fetched again\n"
            "1.0M came from peers and 0B went to them since the service began\n"
            "NETWORK  PERIOD           USED             OWN  OUTLOOK\n"
            "Phone *  month   1.0M of 20.0M  1.0M, no limit  lasts 1:00:00 at the present rate, ends in 2d 00:00\n"
            "Home     month   1.0M of 20.0M    1.0M of 1.0M  used up; goes on in 2d 00:00\n");
  EXPECT_EQ(render_stats({}, {}, {}, {80, true, false}, noon), "0 jobs, 0 moving, 0B/s\n");
  Json json;
  write_stats(json, {job()}, {phone}, {.bytes_from_peers = 1, .bytes_to_peers = 2});
  EXPECT_EQ(json.text(),
            R"({"jobs":1,"moving":1,"rate":812300,"resumed":1048576,"from-peers":1,"to-peers":2,)"
            R"("budgets":[{"network":"Phone","in-use":true,)"
            R"("period":"month","begin":"2026-11-22T13:14:05Z","end":"2026-11-24T13:14:05Z","limit":20971520,)"
            R"("used":1048576,"owner-limit":null,"owner-used":1048576,"runs-out":"2026-11-22T14:14:05Z",)"
            R"("holds-foreground":false,"where":""}]})");
}

TEST(StatsTest, WhatBackgroundJobsDoToOthersOrThatItIsNotMeasured) {
  JobView measured = job();
  measured.path_delay = 20'100us;
  measured.delay_added = 4'260us;
  measured.path_capacity = 2'400'000;
  measured.capacity_left = 90'000;
  const std::string text = render_impact({measured, job(), retrying()}, {140, true, false});
  EXPECT_EQ(text,
            "ID        NAME     PRIO        RATE   AVERAGE  LEFT  RESUMED    DELAY   ADDED  CAPACITY     FREE\n"
            "8c1b7e52  nightly  normal  793.3K/s  410.2K/s  1:20     1.0M  20.1 ms  4.3 ms    2.3M/s  87.9K/s\n"
            "8c1b7e52  nightly  normal  793.3K/s  410.2K/s  1:20     1.0M        –       –         –        –\n");
  EXPECT_EQ(render_impact({retrying()}, {80, true, false}), "no job moves\n");
  EXPECT_NE(render_status(measured, {}, {80, true, false}, noon)
                .find("impact: 4.3 ms of delay added to 20.1 ms, 87.9K/s of 2.3M/s left to others\n"),
            std::string::npos);
  EXPECT_EQ(render_status(job(), {}, {80, true, false}, noon).find("impact"), std::string::npos);
  Json json;
  write_impact(json, {measured});
  EXPECT_EQ(json.text(),
            R"([{"id":"8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9","state":"transferring","owner":"ana","name":"nightly",)"
            R"("priority":"normal","rate":812300,"average-rate":420000,"eta":80,"resumed":1048576,)"
            R"("impact":{"path-delay-us":20100,"delay-added-us":4260,"path-capacity":2400000,"capacity-left":90000}}])");
}

TEST(TableTest, AmongThoseOfManyUsersItIsSaidWhoseAJobIsWhatItDoesAndWhyItWaits) {
  JobView his = retrying();
  his.owner = "ben";
  const std::string text = render_list({job(), his}, {160, true, false, true}, noon);
  EXPECT_EQ(text,
            "ID        OWNER  NAME     TYPE      STATE            PRIO    FILES         BYTES      RATE  "
            "LEFT, OR WAITING FOR\n"
            "8c1b7e52  ana    nightly  download  transferring     normal    1/3  38.5M/100.0M  793.3K/s  1:20\n"
            "8c1b7e52  ben    nightly  download  transient-error  normal    1/3  38.5M/100.0M         –  "
            "retry in 9:12: The host name could not be resolved\n"
            "2 jobs\n");
  const std::string narrow = render_list({job(), his}, {60, true, false, true}, noon);
  for (const char* part : {"ana", "ben", "793.3K/s", "retry in 9:12"})
    EXPECT_NE(narrow.find(part), std::string::npos) << part << "\n" << narrow;
  EXPECT_TRUE(render_impact({job(), his}, {140, true, false, true}).starts_with("ID        OWNER  NAME"));
}

TEST(TableTest, WhatMattersStaysInAnOrdinaryTerminal) {
  const std::string text = render_list({job(), retrying()}, {80, true, false}, noon);
  for (const char* part : {"8c1b7e52", "nightly", "transferring", "793.3K/s", "1:20", "retry in"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  const std::string narrow = render_list({job()}, {60, true, false}, noon);
  for (const char* part : {"8c1b7e52", "nigh", "transferring", "38.5M", "793.3K/s", "1:20"})
    EXPECT_NE(narrow.find(part), std::string::npos) << part << "\n" << narrow;
}

TEST(TableTest, OtherColumnsGoBeforeTheCause) {
  JobView missing = failed(http(404));
  missing.name = "a-name-that-is-quite-long-for-a-job.tar.xz";
  JobView away = transferred();
  away.waiting.arguments = {"there is no directory /srv/mirror"};
  const std::string text =
      render_list({job(), retrying(), missing, failed(http(429)), away, transferred()}, {80, true, false}, noon);
  for (const char* part : {"retry in 9:12: The host name could not", "HTTP 404 (not found)",
                           "HTTP 429 (too many requests)", "not in place: there is no directory",
                           "to be completed", "38.5M/100.0M 793.3K/s 1:20"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(TableTest, InASmallWindowTheCauseIsAllThatIsLeft) {
  const std::string narrow = render_list({retrying()}, {60, true, false}, noon);
  for (const char* part : {"8c1b7e52", "nightly", "retry in 9:12: The host name could"})
    EXPECT_NE(narrow.find(part), std::string::npos) << part << "\n" << narrow;
  const std::string tiny = render_list({retrying(), failed(http(404))}, {40, true, false}, noon);
  for (const char* part : {"8c1b7e52  retry in 9:12: The host", "8c1b7e52  HTTP 404 (not found)"})
    EXPECT_NE(tiny.find(part), std::string::npos) << part << "\n" << tiny;
}

TEST(TableTest, TheFileThatFailedIsSeenAmongTheOthers) {
  std::vector<FileView> files(3);
  files[0].transferred = true;
  files[1].failed = true;
  const auto lines = lines_in(render_files(files, {}));
  EXPECT_NE(lines.at(1).find("transferred"), std::string::npos);
  EXPECT_NE(lines.at(2).find("failed"), std::string::npos) << lines.at(2);
  EXPECT_NE(lines.at(3).find("waiting"), std::string::npos);
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
  for (const char* part : {"job0", "job2", "job1", "40 jobs", "… and 36 more"})
    EXPECT_NE(few.find(part), std::string::npos) << part << "\n" << few;
  EXPECT_EQ(few.find("job39"), std::string::npos) << "what stands still goes first";
  const std::string tiny = render_monitor(jobs, {100, false, false}, 4, noon);
  EXPECT_NE(tiny.find("job1 "), std::string::npos) << "who needs somebody is shown first\n" << tiny;
  EXPECT_NE(tiny.find("job3 "), std::string::npos) << tiny;
  EXPECT_NE(tiny.find("... and 38 more"), std::string::npos) << tiny;
}

TEST(MonitorTest, CountsDownAsTimeGoesOn) {
  EXPECT_NE(render_monitor({retrying()}, {100, true, false}, 24, noon + 5s).find("9:07"), std::string::npos);
  EXPECT_EQ(next_look({retrying()}), 1s);
  EXPECT_EQ(next_look({failed(0), job(), retrying()}), 250ms);
  EXPECT_EQ(next_look({failed(0)}), std::nullopt);
  JobView asked = job();
  asked.state = JobState::queued;
  asked.rate.reset();
  asked.waiting = {"server", noon, noon + 70s, {"host"}, "host says to come back later (Retry-After); next try in 1 min 10 s"};
  EXPECT_EQ(next_look({asked}), 1s) << "whatever it waits for until then";
  EXPECT_NE(render_list({asked}, {100, true, false}, noon + 5s).find("retry in 1:05"), std::string::npos);
}

TEST(TableTest, AWaitWithAnEndSaysWhoOrWhatItIsFor) {
  JobView j = job();
  j.state = JobState::queued;
  j.rate.reset();
  const auto cell = [&](const char* kind, const char* sentence) {
    j.waiting = {kind, noon, noon + 70s, {}, sentence};
    const std::string text = render_list({j}, {300, true, false}, noon);
    const std::size_t begin = text.find("–") + std::string("–  ").size();
    return text.substr(begin, text.find('\n', begin) - begin);
  };
  EXPECT_EQ(cell("server", "host says to come back later (Retry-After); next try in 1 min 10 s"),
            "retry in 1:10: host says to come back later (Retry-After)");
  EXPECT_EQ(cell("server", "host told another job to come back later, and all that go there wait; next try in 1 min"),
            "retry in 1:10: host told another job to come back later, and all that go there wait");
  EXPECT_EQ(cell("budget", "the data budget of the network Phone is used up; it goes on in 1 min"),
            "goes on in 1:10: the data budget of the network Phone is used up");
  EXPECT_EQ(cell("address", "waiting for a new address after HTTP 404 from h; given up in 1 min"),
            "given up in 1:10: waiting for a new address after HTTP 404 from h");
  EXPECT_EQ(cell("retry", "retry in 1 min"), "retry in 1:10");
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
  const std::string ways = ways_to_end(failed(http(404)), {});
  EXPECT_LT(ways.find("backhaul complete 8c1b7e52"), ways.find("backhaul cancel 8c1b7e52"));
  EXPECT_NE(ways.find("1 of 3 files is here, 1 failed, 1 was not fetched yet"), std::string::npos) << ways;
  EXPECT_NE(ways.find("elete"), std::string::npos) << "cancel as what it is";
  const std::string status = render_status(failed(http(404)), {}, {100, true, false}, noon);
  EXPECT_NE(status.find("backhaul complete 8c1b7e52"), std::string::npos) << status;
}

TEST(HintTest, WhereNothingArrivedNothingIsOfferedToComplete) {
  JobView nothing = failed(http(404));
  nothing.files_done = 0;
  for (const std::uint32_t files : {1U, 5U}) {
    nothing.files_total = files;
    EXPECT_EQ(ways_to_end(nothing, {}).find("complete"), std::string::npos);
    EXPECT_EQ(render_status(nothing, {}, {100, true, false}, noon).find("complete"), std::string::npos);
  }
  EXPECT_NE(ways_to_end(nothing, {}).find("0 of 5 files are here, 1 failed, 4 were not fetched yet"),
            std::string::npos) << ways_to_end(nothing, {});
}

TEST(HintTest, AJobThatIsToBeCompletedSaysHow) {
  const std::string way = "backhaul complete 8c1b7e52";
  EXPECT_NE(render_status(transferred(), {}, {100, true, false}, noon).find(way), std::string::npos);
  EXPECT_NE(end_line(transferred(), {}, {}).find(way), std::string::npos);
  JobView by_itself = transferred();
  by_itself.auto_complete = true;
  by_itself.waiting.kind = "closing";
  EXPECT_EQ(way_to_complete(by_itself, {}), "");
  EXPECT_EQ(way_to_complete(job(), {}), "");
}

TEST(HintTest, AJobOfTheSamePathIsGoneOnWithAsItsStateWants) {
  const auto line = [](const JobView& j) { return same_path_line(j, "/d/a", {}); };
  EXPECT_EQ(line(retrying()), "backhaul: job 8c1b7e52 (transient-error) fetches to /d/a as well, and the file that is put there "
                              "last stays; to go on with that job instead: backhaul wait 8c1b7e52");
  JobView halted = job();
  halted.state = JobState::suspended;
  for (const JobView& j : {halted, failed(code::disk_full)})
    EXPECT_TRUE(line(j).ends_with(": backhaul start --wait 8c1b7e52")) << line(j);
  EXPECT_TRUE(line(transferred()).ends_with(": backhaul complete 8c1b7e52")) << line(transferred());
}

TEST(HintTest, AnEmptyJobIsNamedAndPlacesAndPortsAreExplained) {
  EXPECT_EQ(hint_for_call(code::bg_e_empty, {}, {}, failed(0).id), "add a file: backhaul add 8c1b7e52 URL");
  EXPECT_EQ(hint_for_call(code::bg_e_empty, {}, {}), "");
  EXPECT_NE(hint_for_job(failed(code::winhttp_secure_failure), {}).find("try http://"), std::string::npos);
  EXPECT_EQ(hint_for_job(failed(code::e_accessdenied, ErrorContext::local_file), {}),
            "see that you may write to the file and its directory, then: backhaul start 8c1b7e52; for another place it takes "
            "another job");
  EXPECT_EQ(hint_for_call(code::disk_full, {}, {}), "free some space") << "one table for calls and jobs";
  EXPECT_NE(hint_for_call(code::rpc_e_disconnected, {}, {}).find("look whether it was done"), std::string::npos);
}

TEST(HintTest, ARefusedPlaceIsAnotherOneForRootInTheServiceOfTheMachine) {
  const LogPlace of_machine{.of_machine = true};
  const std::uint32_t refused = code::e_accessdenied;
  EXPECT_NE(hint_for_new_files(refused, of_machine, {}, 0).find("AllowedRoots"), std::string::npos);
  for (const std::string& hint : {hint_for_new_files(refused, {}, {}, 0), hint_for_new_files(refused, of_machine, {}, 1000)})
    EXPECT_NE(hint.find("choose a directory"), std::string::npos) << hint;
  EXPECT_EQ(hint_for_new_files(code::disk_full, of_machine, {}, 0), "free some space");
}

TEST(HintTest, ASourceOfThisMachineIsNoDestination) {
  EXPECT_EQ(hint_for_job(failed(code::bad_file_type, ErrorContext::remote_file), {}),
            "only ordinary files are copied: give it another address with \"backhaul move\", then: backhaul start 8c1b7e52");
  EXPECT_NE(hint_for_job(failed(code::bad_file_type, ErrorContext::local_file), {}).find("remove what stands there"),
            std::string::npos);
  for (const std::uint32_t code : {code::file_not_found, code::path_not_found})
    EXPECT_NE(hint_for_job(failed(code, ErrorContext::remote_file), {}).find("check the path of the source"), std::string::npos);
  EXPECT_NE(hint_for_job(failed(code::path_not_found, ErrorContext::local_file), {}).find("create the directory"),
            std::string::npos);
  EXPECT_NE(hint_for_job(failed(code::e_accessdenied, ErrorContext::remote_file), {}).find("may read the source"),
            std::string::npos);
}

TEST(HintTest, WhereARedirectLedNoCredentialsHelp) {
  JobView led = failed(http(401));
  EXPECT_EQ(hint_for_job(led, {}), "the server wants a user and a password, or others than it was given: backhaul credential set "
                                   "8c1b7e52 --login NAME, then: backhaul start 8c1b7e52");
  led.error.text = "HTTP 401 from other: it is not the server of the file's address, and no credentials go there";
  EXPECT_EQ(hint_for_job(led, {}).find("credentials go to the server of the file's own address alone"), 0U) << hint_for_job(led, {});
  EXPECT_NE(hint_for_job(led, {}).find("backhaul move"), std::string::npos);
}

TEST(HintTest, FilesOfAJobGoNowhereElseAndThoseOfACallMay) {
  for (const std::uint32_t code : {code::write_protect, code::file_too_large, code::bad_file_type}) {
    const std::string of_job = hint_for_job(failed(code, ErrorContext::local_file), {});
    EXPECT_NE(hint_for_call(code, {}, {}).find(", or choose"), std::string::npos) << hint_for_call(code, {}, {});
    EXPECT_EQ(hint_for_call(code, {}, {}, failed(code).id).find("choose"), std::string::npos) << "complete has a job";
    EXPECT_EQ(of_job.find("choose"), std::string::npos) << of_job;
    EXPECT_TRUE(of_job.ends_with("backhaul start 8c1b7e52; for another place it takes another job")) << of_job;
  }
}

TEST(HintTest, WhereTheServiceOfTheMachineSaysWhyItDoesNotStart) {
  EXPECT_NE(hint_for_system({.journal = true, .of_machine = true}).find("journalctl -t backhauld"), std::string::npos);
  EXPECT_EQ(hint_for_system({.of_machine = true}).find("journalctl"), std::string::npos) << "there is none";
}

TEST(HintTest, StartIsNamedOnlyWhereItHelps) {
  EXPECT_NE(hint_for_job(failed(code::disk_full), {}).find("backhaul start 8c1b7e52"), std::string::npos);
  EXPECT_NE(hint_for_job(retrying(), {}).find("tried again by itself"), std::string::npos);
  for (const std::uint32_t code : {http(401), http(407)})
    EXPECT_NE(hint_for_job(failed(code), {}).find("backhaul credential set 8c1b7e52"), std::string::npos);
  for (const std::uint32_t code : {http(404), code::winhttp_secure_invalid_ca})
    EXPECT_EQ(hint_for_job(failed(code), {}).find("start"), std::string::npos) << hint_for_job(failed(code), {});
  // A call that failed is no job that could be started.
  for (const std::uint32_t code : {code::disk_full, code::e_accessdenied, code::bg_e_not_found})
    EXPECT_EQ(hint_for_call(code, {true, "/x"}, {}).find("start"), std::string::npos);
}

TEST(HintTest, AnAnswerThatIsNoneIsTheServersFault) {
  JobView broken = failed(code::bg_e_invalid_server_response);
  broken.bytes_done = 0;
  EXPECT_NE(hint_for_job(broken, {}).find("by the rules of HTTP"), std::string::npos) << hint_for_job(broken, {});
  EXPECT_EQ(hint_for_job(broken, {}).find("--anew"), std::string::npos) << "nothing has arrived";
  broken.bytes_done = 100;
  EXPECT_NE(hint_for_job(broken, {}).find("start --anew"), std::string::npos);
  JobView unproven = failed(code::winhttp_invalid_server_response);
  unproven.bytes_done = 0;
  EXPECT_NE(hint_for_job(unproven, {}).find("backhaul move"), std::string::npos);
  unproven.bytes_done = 100;
  unproven.state = JobState::transient_error;
  EXPECT_NE(hint_for_job(unproven, {}).find("it is tried again by itself"), std::string::npos);
  EXPECT_NE(hint_for_job(unproven, {}).find("start --anew"), std::string::npos);
  EXPECT_NE(hint_for_job(failed(http_code(416)), {}).find("start --anew"), std::string::npos);
}

TEST(HintTest, TheJournalIsNamedWhereThereIsOne) {
  const auto text = [](const LogPlace& log) { return hint_for_call(code::rpc_server_unavailable, log, {}); };
  EXPECT_NE(text({true, "/x/backhauld.log"}).find("journalctl"), std::string::npos);
  EXPECT_EQ(text({false, "/x/backhauld.log"}).find("journalctl"), std::string::npos);
  EXPECT_NE(text({false, "/x/backhauld.log"}).find("/x/backhauld.log"), std::string::npos);
  EXPECT_EQ(text({false, ""}).find("log"), std::string::npos);
  EXPECT_NE(text({true, "/x/backhauld.log"}).find("journalctl --user"), std::string::npos);
  EXPECT_NE(text({true, "", true}).find("journalctl -t"), std::string::npos) << "of the service of the machine";
}

TEST(HintTest, AJobMayBeGivenTheNetworkThatThereIs) {
  const JobView waits = failed(code::bg_e_blocked_by_cost_transfer_policy);
  EXPECT_NE(hint_for_job(waits, {}).find("backhaul set " + short_id(waits.id) + " cost=always"), std::string::npos);
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
  j.waiting.kind = "nothing";
  EXPECT_EQ(wait_outcome(j, {}), std::nullopt) << "they are looked for";
  j.waiting.kind = "owner-complete";
  EXPECT_EQ(wait_outcome(j, {}), Exit::failed) << "they could not be put in place";
  j.state = JobState::acknowledged;
  EXPECT_EQ(wait_outcome(j, {}), Exit::done);
  EXPECT_EQ(wait_outcome(j, JobState::error), Exit::failed);
  j.ended_partly = true;
  EXPECT_EQ(wait_outcome(j, {}), Exit::failed) << "whoever waited wanted all of its files";
  EXPECT_EQ(wait_outcome(j, JobState::transferred), Exit::failed) << "it never was";
  EXPECT_EQ(wait_outcome(j, JobState::acknowledged), Exit::done) << "asked for";
  EXPECT_NE(render_status(j, {}, {100, true, false}, noon).find("note: completed without all of its files"),
            std::string::npos);
  j.files_done = 0;
  EXPECT_EQ(kept_of(j), "with none of its 3 files in place");
  j.files_done = 1;
  EXPECT_EQ(kept_of(j), "with 1 of its 3 files in place");
  j.only_end_known = true;
  EXPECT_EQ(kept_of(j), "without all of its files");
  j.state = JobState::cancelled;
  EXPECT_EQ(wait_outcome(j, {}), Exit::job_cancelled);
  EXPECT_EQ(wait_outcome(failed(0), {}), Exit::job_error);
  EXPECT_EQ(wait_outcome(job(), {}), std::nullopt);
}

TEST(FilesTest, WhereTheBytesAreIsTellingWholePathsAndWhatWasFoundIsAState) {
  FileView here, there;
  here.local = "/a/here";
  here.completed = true;
  there.index = 1;
  there.local = "/a/there";
  there.temporary = "/a/" + std::string(200, 'x');
  there.transferred = there.validated = true;
  EXPECT_EQ(render_places({here, there}, true), "0  /a/here\n1  " + there.temporary + "\n");
  EXPECT_NE(render_files({there}, {80, true, false}).find("transferred, valid"), std::string::npos);
}

TEST(FilesTest, OfTwoWithOneNameItIsSaidWhichIsInPlace) {
  std::vector<FileView> files(4);
  const char* const names[] = {"/d/a", "/d/b", "/d/a", "/d/a"};
  for (std::uint32_t i = 0; i < files.size(); ++i) {
    files[i].index = i;
    files[i].remote = "http://u:s3cret@x/" + std::to_string(i);
    files[i].local = names[i];
    files[i].transferred = true;
  }
  find_namesakes(files);
  EXPECT_EQ(files[0].namesake, 2U) << "the one behind it";
  EXPECT_EQ(files[1].namesake, std::nullopt);
  EXPECT_EQ(files[2].namesake, 3U);
  EXPECT_EQ(files[3].namesake, std::nullopt);
  EXPECT_TRUE(replaced_lines(files).empty()) << "nothing is in place yet";
  EXPECT_NE(render_files(files, {120, true, false}).find("transferred, same name as 2"), std::string::npos);
  for (const std::size_t i : {0, 1, 3}) files[i].completed = true;  // 2 never came
  EXPECT_TRUE(replaced_lines(files).empty());
  files[2].completed = true;
  EXPECT_EQ(replaced_lines(files),
            (std::vector<std::string>{
                "file 0 (http://x/0) was replaced by file 2 (http://x/2), which has the same name /d/a",
                "file 2 (http://x/2) was replaced by file 3 (http://x/3), which has the same name /d/a"}));
  EXPECT_NE(render_files(files, {120, true, false}).find("done, replaced by 3"), std::string::npos);
}

TEST(PatienceTest, ItIsSaidWhatIsWaitedForAndWhatCtrlCDoes) {
  const std::string id = "8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9";
  EXPECT_EQ(not_answered_yet("cancel", id, "being cancelled for 3 s; waiting for the file system of /d"),
            "backhaul: cancel 8c1b7e52 is not done yet: being cancelled for 3 s; waiting for the file system of /d\n"
            "Ctrl+C ends this command alone: the service has what was asked for, and carries it out when it can");
  EXPECT_NE(not_answered_yet("start", id, "").find("does it when its turn comes"), std::string::npos);
}

TEST(ProgressTest, AJobThatHearsNothingSaysSo) {
  JobView j = job();
  j.state = JobState::connecting;
  EXPECT_EQ(state_line("12:00:00", j, {}, true), "12:00:00 8c1b7e52 nightly  connecting");
  j.waiting = {"answer", noon, {}, {"host"}, "waiting for 7 s for host, which does not answer"};
  EXPECT_NE(state_line("12:00:00", j, {}, true).find("connecting  (waiting for 7 s"), std::string::npos);
  EXPECT_NE(render_bar("nightly", j, {100, true}).find("waiting for 7 s for host"), std::string::npos);
}

TEST(HintTest, AnEndThatStartDoesNotCureSaysWhatDoes) {
  for (const std::uint32_t code : {http_code(204), http_code(302), std::uint32_t{code::winhttp_redirect_failed}})
    EXPECT_NE(hint_for_job(failed(code), {}).find("check the URL"), std::string::npos) << code;
  EXPECT_NE(hint_for_job(failed(code::write_fault, ErrorContext::local_file), {}).find("check the disk:"), std::string::npos);
  EXPECT_NE(hint_for_call(code::write_protect, {}, {}).find("can be written to"), std::string::npos);
  EXPECT_EQ(hint_for_call(code::write_fault, {}, {}), "check the disk: its file system tells of errors in reading or writing");
}

TEST(EndTest, TheLastLineSaysHowMuchHowLongAndWhetherThatWasAll) {
  JobView j = transferred();
  j.state = JobState::acknowledged;
  EXPECT_EQ(end_line(j, {}, 800ms), "8c1b7e52 done: 3 files, 100.0M in 0.8 s (125.0M/s)");
  EXPECT_EQ(end_line(j, {}, 20ms), "8c1b7e52 done: 3 files, 100.0M in 0.1 s (1.0G/s)") << "the rate of the time that is told";
  EXPECT_EQ(end_line(j, {}, 9960ms), "8c1b7e52 done: 3 files, 100.0M in 0:10 (10.0M/s)");
  EXPECT_EQ(end_line(j, {}, {}), "8c1b7e52 done: 3 files, 100.0M");
  j.end_untold = 2;
  EXPECT_NE(end_line(j, {}, 20s).find("nobody told the size of 2 files"), std::string::npos) << end_line(j, {}, 20s);
  EXPECT_NE(render_status(j, {}, {100, true, false}, noon).find("note: nobody told the size of 2 files"),
            std::string::npos);
  j.files_total = j.files_done = j.end_untold = 1;
  EXPECT_NE(end_line(j, {}, 20s).find("\nnobody told its size: whether that was all is not known"),
            std::string::npos);
  EXPECT_NE(render_status(j, {}, {100, true, false}, noon).find("nobody told its size"), std::string::npos);
  j.end_untold = 0;
  j.version_untold = 1;
  EXPECT_NE(end_line(j, {}, 20s).find("\nno one version of it was told: whether its parts are all of one is not known"), std::string::npos);
  j.files_total = 2;
  EXPECT_TRUE(end_line(j, {}, {}).starts_with("8c1b7e52 done: 1 of 2 files")) << "completed without the rest";
  EXPECT_NE(render_status(j, {}, {100, true, false}, noon).find("note: no one version was told of 1 file: whether its parts"),
            std::string::npos);
}

TEST(EndTest, TheLastEventIsJsonWithTheWholeJob) {
  const std::string event = end_event(noon, failed(http(404)), 3);
  EXPECT_TRUE(event.starts_with(R"({"t":"2026-11-22T13:14:05Z","event":"end","exit":3,"job":{"id":"8c1b)"));
  EXPECT_NE(event.find(R"("symbol":"BG_E_HTTP_ERROR_404")"), std::string::npos);
}

// --- what nobody touches ---------------------------------------------------------------------------

TEST(ExpiryTest, TheEndOfAJobThatNobodyTouchesIsSaidInTime) {
  JobView j = transferred();
  j.expires = noon + std::chrono::hours(24 * 15);
  EXPECT_EQ(render_list({j}, {120, true, false}, noon).find("unless touched"), std::string::npos);
  EXPECT_EQ(render_status(j, {}, {120, true, false}, noon).find("unless"), std::string::npos);
  j.expires = noon + std::chrono::hours(24 * 3 + 2);
  EXPECT_NE(render_list({j}, {120, true, false}, noon).find("cancelled in 3d 02:00 unless touched"), std::string::npos)
      << render_list({j}, {120, true, false}, noon);
  EXPECT_NE(render_status(j, {}, {120, true, false}, noon).find("cancelled: in 3d 02:00 ("), std::string::npos)
      << render_status(j, {}, {120, true, false}, noon);
}

// --- what a terminal must not get ----------------------------------------------------------------

TEST(PrintableTest, NothingThatATerminalObeysIsLeft) {
  EXPECT_EQ(printable("a\x1b[2Jb\x7f\xc2\x9b" "31m\x9b", true), "a?[2Jb??31m?");
  EXPECT_EQ(printable("\xe2\x80\xaegnp", true), "?gnp") << "nor what turns the direction round";
  EXPECT_EQ(printable("a\u2028b\u200bc\u2060d\ufeff", true), "a?b?c?d?") << "nor what nobody sees";
  EXPECT_EQ(printable("\u0628\u200d\u0629", true), "\u0628\u200d\u0629") << "a joiner is a part of words";
  EXPECT_EQ(printable("b\xc3\xbc" "cher", true), "b\xc3\xbc" "cher");
  Json json;
  json.value("\xc2\x9b\x1b\xe2\x80\xae");
  EXPECT_EQ(json.text(), "\"\\u009b\\u001b\\u202e\"");
}

}  // namespace
}  // namespace backhaul::cli
