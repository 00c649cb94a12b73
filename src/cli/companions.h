// SPDX-License-Identifier: Apache-2.0
// What comes beside the files: lists of checksums, Metalinks, signatures; from a file or from a server.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "cli/app.h"

namespace backhaul::cli {

// The files of --metalink behind the others, the digests that the lists of --checksums name, and the
// signatures of --signature. What is wrong was said.
std::expected<void, Exit> add_companions(App& app, std::vector<FileSpec>& files);

}  // namespace backhaul::cli
