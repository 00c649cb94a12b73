// SPDX-License-Identifier: Apache-2.0
// Why the service did not start. A message bus tells its caller an exit code at most, and who starts
// the service directly not even that, so it leaves a sentence beside its queue. A client that waits
// for the service takes what was written since it began to wait.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace backhaul::bus {

struct StartFailure {
  int exit_code = 0;
  std::string text;

  bool operator==(const StartFailure&) const = default;
};

// Best effort: where there is no folder there is nothing to tell it by.
void write_start_failure(const std::string& state_dir, const StartFailure& failure);
void clear_start_failure(const std::string& state_dir);

class StartFailureWatch {
 public:
  explicit StartFailureWatch(const std::string& state_dir);
  // What was written since.
  std::optional<StartFailure> news() const;

 private:
  struct Mark {
    ino_t inode = 0;
    std::int64_t changed_ns = 0;
    bool operator==(const Mark&) const = default;
  };
  Mark mark() const;

  std::string path_;
  Mark before_;
};

// "the service did not start: … (exit code 78)"; without a text what the code means.
std::string sentence_of(const StartFailure& failure);
// One sentence for the client: what the service left, else what the exit code in the words of the bus
// means ("… exited with status 78"), else those words.
std::string why_not_started(const StartFailureWatch& watch, const std::string& words_of_bus);

}  // namespace backhaul::bus
