// SPDX-License-Identifier: Apache-2.0
// Turns a file of a web server into one that machines exchange: its torrent, and what the server has to tell of both.
#pragma once

#include <string>

#include "base/result.h"
#include "swarm/options.h"

namespace backhaul::swarmd {

struct Published {
  std::string url;           // of the file
  std::string torrent_url;   // beside it
  std::string torrent_path;  // where it was written
  std::string digest;        // of the file: "sha-256=:…:"
  bool on_standard_output = false;  // in the place of torrent_path, which is then what it would usually be
};
// What a person reads: the headers, and how nginx and Apache are told to send them.
std::string advice(const Published& what);
std::string json(const Published& what);
// The object in which all JSON of the command tells a failure (backhaul(1), JSON).
std::string failure_json(const Options& options, const base::Error& error);

// Both give the exit code. The first one is for words that cannot be meant.
int refuse_words(const std::string& why, bool json);
int publish(const Options& options);

}  // namespace backhaul::swarmd
