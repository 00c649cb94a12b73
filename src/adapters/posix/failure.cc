// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/failure.h"

#include <system_error>
#include <utility>

#include "adapters/posix/access.h"

namespace backhaul::posix {

base::Error local_error(base::Code code, std::string text) {
  return {code, base::ErrorContext::local_file, std::move(text)};
}

namespace {

// All may pass: whose home it is logs in, who works for the owner is started again, a directory service comes back, and who
// disturbed is gone the next time, or the part is found to be.
base::Error failure_of_access(std::string text, int error) {
  if (error == helper_gone)
    return local_error(base::Code::CAN_NOT_COMPLETE, text + "the process that works for its owner has ended");
  if (error == owner_unknown)
    return local_error(base::Code::CAN_NOT_COMPLETE, text + "nobody says now who its owner is");
  if (error == moved_away)
    return local_error(base::Code::CAN_NOT_COMPLETE,
                       text + "the directory that was handed over is not there now; it can be handed over again");
  if (error == home_away)
    return local_error(base::Code::NOT_LOGGED_ON, text + "the home of its owner is not there now");
  return local_error(base::Code::E_ACCESSDENIED, text + "somebody else put another file in its place");
}

}  // namespace

base::Error failure(std::string_view doing, std::string_view path, int error) {
  std::string text = "Cannot ";
  text.append(doing).append(" ").append(path).append(": ");
  if (error == helper_gone || error == other_file || error == owner_unknown || error == home_away ||
      error == moved_away)
    return failure_of_access(std::move(text), error);
  text += std::generic_category().message(error);
  return local_error(base::code_from_errno(error), std::move(text));
}

base::Error directory_failure(std::string_view doing, std::string_view path, int error) {
  base::Error result = failure(doing, path, error);
  if (error == ENOENT) result.code = base::Code::PATH_NOT_FOUND;
  return result;
}

base::Error no_process(int error) {
  return {base::Code::E_ACCESSDENIED,
          "no process can be had for the account: " + (error == owner_unknown ? std::string("nobody says now who that is")
                                                                              : std::generic_category().message(error))};
}

}  // namespace backhaul::posix
