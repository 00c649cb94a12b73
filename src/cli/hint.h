// SPDX-License-Identifier: Apache-2.0
// What helps against a failure, as a sentence; empty when nothing general can be said. A command is
// named only where it helps.
#pragma once

#include <cstdint>
#include <string>

#include "cli/command.h"
#include "cli/view.h"

namespace backhaul::cli {

// Where the service writes its log here. Pure texts are made of it.
struct LogPlace {
  bool journal = false;
  std::string file;  // empty: there is none
  bool of_machine = false;  // of its one service, and not of this user's
};
LogPlace log_place(bool of_machine);
// "; why: journalctl --user -t backhauld"; empty where there is no log to look into.
std::string where_it_is_logged(const LogPlace& log);

// Against the failure of a call. `job`: the one it was about; empty: none.
std::string hint_for_call(std::uint32_t code, const LogPlace& log, const Command& command, const std::string& job = {});
// Against a refusal of files that a job of `uid` was to have: about the places named, then.
std::string hint_for_new_files(std::uint32_t code, const LogPlace& log, const Command& command, std::uint32_t uid);
// Of somebody else's bus or service.
std::string hint_for_other_user();
// Against what put a job into its error, in commands that name it. Files that have arrived are
// mentioned first: they can be kept.
std::string hint_for_job(const JobView& job, const Command& command);
// For a bus that was named with --bus and is none.
std::string hint_for_address();
// What --system means, for somebody who got nothing by it.
std::string hint_for_system(const LogPlace& log);
// For somebody who would like to end a job in error: how much of it is there, and the ways to keep that or
// not. A sentence a line.
std::string ways_to_end(const JobView& job, const Command& command);

// For somebody who asks for a file that this job is to put at the same `path`: which job that is, and how to go on with it.
std::string same_path_line(const JobView& job, const std::string& path, const Command& command);

}  // namespace backhaul::cli
