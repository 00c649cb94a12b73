// SPDX-License-Identifier: Apache-2.0
// Turns a file of a web server into one that machines exchange: its torrent, and what the server has to tell of both.
#pragma once

#include <string>

#include "swarm/options.h"

namespace backhaul::swarmd {

struct Published {
  std::string url;           // of the file
  std::string torrent_url;   // beside it
  std::string torrent_path;  // where it was written
  std::string digest;        // of the file: "sha-256=:…:"
};
// What a person reads: the headers, and how nginx and Apache are told to send them.
std::string advice(const Published& what);
std::string json(const Published& what);

// Exit code.
int publish(const Options& options);

}  // namespace backhaul::swarmd
