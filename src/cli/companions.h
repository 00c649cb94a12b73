// SPDX-License-Identifier: Apache-2.0
// What comes beside the files: lists of checksums, Metalinks, signatures; from a file or from a server.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "cli/app.h"

namespace backhaul::cli {

// The files of --metalink behind the others, the digests that the lists of --checksums name, and the
// signatures of --signature. What is wrong was said. `before_end`: what else has to be tidied up where a signal ends
// the command while it waits for one of them.
using BeforeEnd = std::function<void()>;
std::expected<void, Exit> add_companions(App& app, std::vector<FileSpec>& files, const BeforeEnd& before_end = {});

// "a.iso: its only digest is sha-1, which is not checked".
std::string unchecked_line(const std::string& name, const std::vector<std::string>& types);

// Of a job for one of them that was not completed: how it ended, or what kept it until the time was over.
Error why_it_did_not_come(const JobView& job);

}  // namespace backhaul::cli
