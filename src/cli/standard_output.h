// SPDX-License-Identifier: Apache-2.0
// Standard output as a target (-o -). The service writes files, so the bytes are received into a
// private directory of our own and copied once they are whole: a pipe never gets half a file.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include <backhaul/types.h>

namespace backhaul::cli {

// Standard streams that whoever started us has closed stay unusable, and no other file gets their numbers.
void keep_standard_streams();

class StandardOutput {
 public:
  // Refused where nothing can be written there. Makes the directory below $TMPDIR, else /var/tmp, else /tmp. The error is a sentence.
  static std::expected<StandardOutput, std::string> make();
  StandardOutput(StandardOutput&& other) noexcept;
  StandardOutput& operator=(StandardOutput&&) = delete;
  ~StandardOutput();
  // The directory and what is in it; also for a process that is about to be ended by a signal.
  void remove();

  const std::string& directory() const { return directory_; }
  // Copies those of the files that lie in the directory, in their order. The error is a sentence:
  // whoever reads may have gone.
  std::expected<void, std::string> copy(const std::vector<FileSpec>& files) const;

 private:
  explicit StandardOutput(std::string directory) : directory_(std::move(directory)) {}
  std::string directory_;
};

}  // namespace backhaul::cli
