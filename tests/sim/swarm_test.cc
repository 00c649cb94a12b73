// SPDX-License-Identifier: Apache-2.0
// The swarm: `swarm_test` runs a few hundred seeds and those that once found something (seeds.txt).
// `swarm_test --seeds N --from S` runs more of them, `--history L` shows more lines of a failed one,
// `--trace 1` also what its ports did; `--report 1` tells how often each thing was met,
// `--stop 1` stops at the first failure.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

#include "tests/sim/cells.h"
#include "tests/sim/swarm.h"

namespace backhaul::sim {
namespace {

struct Wanted {
  std::uint64_t from = 1;
  std::uint64_t seeds = 200;
  int failures = 3;  // enough of them
  std::size_t history = 80;
  bool traces = false;
  bool reports = false;
};
Wanted wanted;

std::uint64_t running_seed = 0;

// A mistake that ends this program: say which seed it was.
void on_abort(int number) {
  char text[64];
  const int length = std::snprintf(text, sizeof text, "aborted in seed %llu\n",
                                   static_cast<unsigned long long>(running_seed));
  if (length > 0 && write(STDERR_FILENO, text, static_cast<std::size_t>(length)) < 0) _exit(2);
  signal(number, SIG_DFL);
  raise(number);
}

struct Totals {
  std::uint64_t events = 0;
  std::uint64_t jobs = 0;
  std::uint64_t deaths = 0;
  int failed = 0;
  std::map<std::string, std::uint64_t> meetings;
};

void run_one(std::uint64_t seed, Totals& totals) {
  running_seed = seed;
  const SwarmResult result = run_swarm(seed, wanted.history, wanted.traces);
  totals.events += result.happened;
  totals.jobs += result.jobs;
  totals.deaths += result.deaths;
  for (const auto& [what, times] : result.meetings) totals.meetings[what] += times;
  if (result.failures.empty()) return;
  ++totals.failed;
  std::string text = result.drawn + "\n";
  for (const std::string& line : result.last_history) text += "    " + line + "\n";
  text += "broken promises:\n";
  for (const std::string& failure : result.failures) text += "  " + failure + "\n";
  ADD_FAILURE() << text << "again: swarm_test --seeds 1 --from " << seed;
}

// What the seeds of every test have to meet (all of it several times now, so that another draw of the
// dice does not matter): each way to ask for the rest of a file and each thing that
// its answer can mean, each rung of the ladder of notifications and how it can end, what a power cut
// takes, and the pages of the log.
constexpr const char* worth_meeting[] = {
    "the file: goes on",
    "the file: of no use",
    "the rest if the tag is right: goes on",
    "the rest if the tag is right: of no use",
    "the rest if the tag is right: another version",
    "the rest if the date is right: goes on",
    "the rest if the date is right: of no use",
    "the rest if the date is right: another version",
    "the rest: goes on",
    "the rest: of no use",
    "the rest: the same file beside it",
    "the rest and the bytes before it: to be compared",
    "the rest and the bytes before it: of no use",
    "the rest and the bytes before it: the same file beside it",
    "the file instead of its rest: the same file beside it",
    "the file instead of its rest: another version",
    "equal bytes: used",
    "asks again",
    "everything came",
    "a connection that broke: failed",
    "failed",
    "contradicted",
    "unproven",
    "asked to wait",
    "what was asked for came",
    "an object told of FileRangesTransferred: heard",
    "an object told of FileTransferred: heard",
    "an object told of JobTransferred: heard",
    "an object told of JobTransferred: refused",
    "an object told of JobTransferred: gone",
    "an object told of JobError: heard",
    "an object told of JobError: refused",
    "an object told of JobError: gone",
    "an object told of JobModification: heard",
    "a class told of FileTransferred: heard",
    "a class told of JobTransferred: heard",
    "a class told of JobTransferred: does not start",
    "a class told of JobError: heard",
    "a class told of JobError: does not start",
    "a class told of JobModification: heard",
    "a class does not start again",
    "a program: heard",
    "a program: refused",
    "told again who refused",
    "a power cut took written bytes",
    "a power cut took written bytes and left others",
    "a full page of the log",
    "the newest page of the log",
    "nothing new in the log",
};
// Chance alone meets nearly all cells of the job table; that each is met paths_test.cc sees to.
constexpr std::size_t cells_left_to_paths = 44;

void report(const Totals& totals) {
  const auto line = [](std::uint64_t times, const std::string& what) {
    std::printf("%8llu %s\n", static_cast<unsigned long long>(times), what.c_str());
  };
  for (const auto& [what, times] : totals.meetings) line(times, what);
  for (const TouchedCell& cell : possible_cells()) line(times_touched(cell), name_of(cell));
}

void expect_coverage(const Totals& totals) {
  for (const char* what : worth_meeting)
    EXPECT_TRUE(totals.meetings.contains(what)) << "never met: " << what;
  std::string untouched;
  std::size_t count = 0;
  for (const TouchedCell& cell : possible_cells())
    if (times_touched(cell) == 0) ++count, untouched += "\n  " + name_of(cell);
  EXPECT_LE(count, cells_left_to_paths) << "cells of the job table that were never met:" << untouched;
}

TEST(Swarm, KeepsItsPromisesInAnyWeather) {
  forget_touched_cells();
  Totals totals;
  for (std::uint64_t i = 0; i < wanted.seeds && totals.failed < wanted.failures; ++i)
    run_one(wanted.from + i, totals);
  std::printf("%llu seeds, %llu events, %llu jobs, %llu deaths of the service\n",
              static_cast<unsigned long long>(wanted.seeds),
              static_cast<unsigned long long>(totals.events),
              static_cast<unsigned long long>(totals.jobs),
              static_cast<unsigned long long>(totals.deaths));
  if (wanted.reports) report(totals);
  if (wanted.seeds == Wanted{}.seeds && wanted.from == Wanted{}.from) expect_coverage(totals);
}

TEST(Swarm, SeedsThatOnceFoundSomethingFindNothingNow) {
  std::ifstream file(SEEDS_FILE);
  ASSERT_TRUE(file.is_open());
  Totals totals;
  std::string line;
  while (std::getline(file, line))
    if (!line.empty() && line[0] != '#') run_one(std::strtoull(line.c_str(), nullptr, 10), totals);
}

TEST(Swarm, ASeedAlwaysGivesTheSameHistory) {
  for (std::uint64_t seed : {7U, 11U, 19U})
    EXPECT_EQ(run_swarm(seed).digest, run_swarm(seed).digest) << "seed " << seed;
}

}  // namespace
}  // namespace backhaul::sim

int main(int count, char** arguments) {
  testing::InitGoogleTest(&count, arguments);
  using backhaul::sim::wanted;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = arguments[i];
    const std::uint64_t value = std::strtoull(arguments[i + 1], nullptr, 10);
    if (name == "--seeds") wanted.seeds = value;
    if (name == "--from") wanted.from = value;
    if (name == "--history") wanted.history = value;
    if (name == "--trace") wanted.traces = value != 0;
    if (name == "--stop") wanted.failures = static_cast<int>(value);
    if (name == "--report") wanted.reports = value != 0;
  }
  for (const int fatal : {SIGABRT, SIGSEGV}) signal(fatal, backhaul::sim::on_abort);
  return RUN_ALL_TESTS();
}
