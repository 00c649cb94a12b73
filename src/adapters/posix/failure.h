// SPDX-License-Identifier: Apache-2.0
// Errors of local files: BITS's code, and a sentence that names the path and the cause.
#pragma once

#include <cerrno>
#include <string>
#include <string_view>

#include "base/result.h"

namespace backhaul::posix {

// "Cannot write to /path: No space left on device", with the code of `error`.
base::Error failure(std::string_view doing, std::string_view path, int error = errno);
// The same for a directory on the way: one that is missing is PATH_NOT_FOUND.
base::Error directory_failure(std::string_view doing, std::string_view path, int error = errno);
base::Error local_error(base::Code code, std::string text);
// Why nobody acts for an account: what the launcher answered in the place of the process that it was to start.
base::Error no_process(int error);

}  // namespace backhaul::posix
