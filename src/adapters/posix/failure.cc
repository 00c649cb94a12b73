// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/failure.h"

#include <system_error>
#include <utility>

namespace backhaul::posix {

base::Error local_error(base::Code code, std::string text) {
  return {code, base::ErrorContext::local_file, std::move(text)};
}

base::Error failure(std::string_view doing, std::string_view path, int error) {
  std::string text = "Cannot ";
  text.append(doing).append(" ").append(path).append(": ");
  text += std::generic_category().message(error);
  return local_error(base::code_from_errno(error), std::move(text));
}

base::Error directory_failure(std::string_view doing, std::string_view path, int error) {
  base::Error result = failure(doing, path, error);
  if (error == ENOENT) result.code = base::Code::PATH_NOT_FOUND;
  return result;
}

}  // namespace backhaul::posix
