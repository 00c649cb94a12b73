// SPDX-License-Identifier: Apache-2.0
// What the parts see of each other: values, as the last commit left them.
#pragma once

#include <cstdint>

#include "engine/approaches.h"
#include "engine/cache_table.h"
#include "engine/conditions.h"
#include "engine/holds.h"
#include "engine/intents.h"
#include "engine/keeping.h"
#include "engine/lines.h"
#include "engine/modifications.h"
#include "engine/questions.h"
#include "engine/runs.h"

namespace backhaul::engine {

// Numbers that are never given out twice: also over restarts the first two, by what is stored.
struct Numbers {
  std::uint64_t next_sequence = 1;  // of events and registrations
  std::uint64_t next_order = 1;     // of jobs: no clock says which is the last one
  std::uint64_t last_transfer = 0;
  std::uint64_t last_check = 0;

  bool operator==(const Numbers&) const = default;
};

struct View {
  const Numbers& numbers;
  const Conditions& conditions;
  const Runs& runs;            // of fetching
  const Holds& holds;          // of fetching
  const Lines& lines;          // of vetting
  const Intents& intents;      // of closing
  const Modifications& modifications;  // of telling
  const Questions& questions;  // of trust
  const Shelves& shelves;      // of keeping
  const CacheTable& cache;     // of caching
  const CacheRoom& cache_room;
  const SharedSite& site;      // of neighbourhood
  const ApproachTable& approaches;
};

}  // namespace backhaul::engine
