// SPDX-License-Identifier: Apache-2.0
// What a job costs in memory while nothing happens to it. Counted by malloc, so that the table and what hangs
// on it are in it; where a sanitizer has its own malloc nothing is counted, and nothing found.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/table.h"

namespace backhaul::engine {
namespace {

constexpr std::uint64_t lean_jobs = 20'000;

// By its own name and address it has 30 and 50 letters or so, as such things have.
Entry suspended_job(std::uint64_t order, const base::Text& program) {
  Entry entry;
  core::Job& job = entry.job;
  for (std::size_t i = 0; i < sizeof order; ++i) job.id.bytes[i] = static_cast<std::uint8_t>(order >> 8 * i);
  job.order = order;
  job.name = "file " + std::to_string(order);
  job.made_by.program = program;
  job.files.total = 1;
  core::File file;
  file.job = job.id;
  file.remote = "http://files.example.org/" + std::to_string(order);
  file.local = "/home/somebody/Downloads/of/some/length/" + std::to_string(order);
  entry.files.push_back(std::move(file));
  return entry;
}

std::size_t held() {
  const struct mallinfo2 now = mallinfo2();
  return now.uordblks + now.hblkhd;
}

TEST(LeanTable, AJobOfOneFileThatWaitsCostsNoMoreThan776Octets) {
  const base::Text program("/usr/bin/program");
  Table table;
  table.reserve(lean_jobs);
  const std::size_t before = held();
  for (std::uint64_t order = 1; order <= lean_jobs; ++order) table.insert(suspended_job(order, program));
  const std::size_t each = (held() - before) / lean_jobs;
  RecordProperty("octets", std::to_string(each));
  EXPECT_LE(each, 776U);
}

}  // namespace
}  // namespace backhaul::engine
