// SPDX-License-Identifier: Apache-2.0
// The swarm: `swarm_test` runs a few hundred seeds and those that once found something (seeds.txt).
// `swarm_test --seeds N --from S` runs more of them, `--history L` shows more lines of a failed one,
// `--trace 1` also what its ports did.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include "tests/sim/cells.h"
#include "tests/sim/swarm.h"

namespace backhaul::sim {
namespace {

struct Wanted {
  std::uint64_t from = 1;
  std::uint64_t seeds = 200;
  std::size_t history = 80;
  bool traces = false;
} wanted;

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
};

void run_one(std::uint64_t seed, Totals& totals) {
  running_seed = seed;
  const SwarmResult result = run_swarm(seed, wanted.history, wanted.traces);
  totals.events += result.happened;
  totals.jobs += result.jobs;
  totals.deaths += result.deaths;
  if (result.failures.empty()) return;
  ++totals.failed;
  std::string text = result.drawn + "\n";
  for (const std::string& line : result.last_history) text += "    " + line + "\n";
  text += "broken promises:\n";
  for (const std::string& failure : result.failures) text += "  " + failure + "\n";
  ADD_FAILURE() << text << "again: swarm_test --seeds 1 --from " << seed;
}

TEST(Swarm, KeepsItsPromisesInAnyWeather) {
  Totals totals;
  for (std::uint64_t i = 0; i < wanted.seeds && totals.failed < 3; ++i)
    run_one(wanted.from + i, totals);
  std::printf("%llu seeds, %llu events, %llu jobs, %llu deaths of the service\n%s",
              static_cast<unsigned long long>(wanted.seeds),
              static_cast<unsigned long long>(totals.events),
              static_cast<unsigned long long>(totals.jobs),
              static_cast<unsigned long long>(totals.deaths), describe_cells().c_str());
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
  }
  for (const int fatal : {SIGABRT, SIGSEGV}) signal(fatal, backhaul::sim::on_abort);
  return RUN_ALL_TESTS();
}
