// SPDX-License-Identifier: Apache-2.0
// Whether files can go where they are to go, looked at on threads of their own: a directory may be on a
// server that does not answer, and neither the loop nor the parts of other files wait for it. Requests
// for one directory share a thread, however many they are: only where as many directories are dead as
// there are threads does a good one wait.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "loop/loop.h"
#include "ports/events.h"
#include "ports/files.h"

namespace backhaul::posix {

class DestinationChecks {
 public:
  DestinationChecks(loop::Loop& loop, ports::Inbox& inbox) : loop_(loop), inbox_(inbox) {}

  // Answered by DestinationsChecked. Loop thread.
  void ask(base::CheckId check, ports::Destinations destinations);

 private:
  struct Request {
    base::CheckId check{};
    ports::Destinations destinations;
    std::optional<base::Error> refusal{};
  };
  using Requests = std::vector<Request>;

  void look(const std::string& directory, Requests requests);
  void looked_at(const std::string& directory, Requests requests);

  loop::Loop& loop_;
  ports::Inbox& inbox_;
  // By the directory of its first file: what came while an earlier request is looked at.
  std::unordered_map<std::string, Requests> behind_;
  std::optional<loop::Worker> worker_;  // made when it is first needed
};

}  // namespace backhaul::posix
