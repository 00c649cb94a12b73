// SPDX-License-Identifier: Apache-2.0
// The command as it has to be typed to reach the same service again. Every sentence that gives somebody a command to
// type makes it with this: whoever copies it must not act on the jobs of another service.
#pragma once

#include <backhaul/client.h>

#include <string>
#include <string_view>

#include "cli/arguments.h"

namespace backhaul::cli {

// Whether the words say which service is meant.
bool names_service(const Arguments& arguments);

class Command {
 public:
  Command() = default;  // of a service that nobody has to name
  // `usual`: the service of somebody who names none. Who copies the sentence may have another one, and so may the same
  // user once their own jobs are done: then it is named.
  explicit Command(const Arguments& arguments, const DefaultInstance& usual = {});

  // "backhaul --system start 8c1b7e52", for the words behind those that name the service.
  std::string operator()(std::string_view words) const { return front_ + std::string(words); }

 private:
  std::string front_ = "backhaul ";
};

}  // namespace backhaul::cli
