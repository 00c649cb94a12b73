// SPDX-License-Identifier: Apache-2.0
// What the rows of a job take, in octets: the rows themselves, and the texts and lists in them that somebody else may
// make as long as he likes (addresses, names, digests, what servers told). What one owner may have of a queue is
// limited by the sum of these. Pure.
#pragma once

#include <cstdint>

#include "core/job.h"

namespace backhaul::core {

std::uint64_t weigh(const Job& job);
std::uint64_t weigh(const File& file);
std::uint64_t weigh(const Shelf& shelf);  // sealed

}  // namespace backhaul::core
