// SPDX-License-Identifier: Apache-2.0
// The command line of backhaul-swarm.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace backhaul::swarmd {

struct Options {
  enum class Mode : std::uint8_t { serve, publish, help, version };
  Mode mode = Mode::serve;
  bool system = false;  // on the bus of the machine, for its service
  // Of publish. No output: the file's name and ".torrent"; "-": standard output.
  std::string file, url, output, tracker;
  bool json = false;
};

// The error is one sentence for standard error (exit code EX_USAGE).
std::expected<Options, std::string> parse_options(const std::vector<std::string>& words);
std::string help_text();

}  // namespace backhaul::swarmd
