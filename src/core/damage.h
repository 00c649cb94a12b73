// SPDX-License-Identifier: Apache-2.0
// What becomes of jobs whose rows cannot be taken at their word: after damage to the queue, or when
// commits are missing that were acknowledged. Such a job may have been completed or cancelled since,
// so it does nothing by itself any more: somebody has to look at it and start or cancel it.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/job.h"

namespace backhaul::core {

enum class Damage : std::uint8_t {
  salvaged,    // saved from a database that could not be read whole
  outdated,    // the database lacks commits that were acknowledged
  incomplete,  // rows of files are missing
  changed,     // the checksum of its row is wrong
};

// The middle of a sentence, shown with the job: "the queue was damaged and …".
std::string_view reason(Damage damage);

// SUSPENDED, without AutoComplete, without a command line, without an intent that would be taken up
// again; its error says why. A final job stays final, but runs no command line either.
// It is inactive from `now` on, however long it was.
void revive(Job& job, Damage damage, base::ServiceTime now);
// It is still as revive() left it: the reason is worth showing.
bool is_revived(const Job& job);

// Of a job whose row has a wrong checksum any value may have changed: what is counted by, or counts
// against it, is as in a new job, and it is not over. To be revived.
void distrust(Job& job);
// No moment of a row is from the future: what lies ahead of `now` counts from it.
void not_ahead(Job& job, base::ServiceTime now);
void not_ahead(File& file, base::ServiceTime now);

// In the place of a file whose row is gone: it has no names, can never be fetched, and so keeps its
// job from ending as if nothing had been lost.
File lost_file(const base::JobId& job, std::uint32_t index);
bool is_lost(const File& file);

// Numbers from a disk: empty, or the name of the first that cannot be one of ours because something
// would be counted, allocated or added up by it.
std::string_view implausible(const Job& job);
std::string_view implausible(const File& file);

// Above any MaxFilesPerJob; jobs of root have no such limit, but memory has.
inline constexpr std::uint32_t files_max = 10'000'000;

}  // namespace backhaul::core
