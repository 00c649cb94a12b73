// SPDX-License-Identifier: Apache-2.0
// A file whose publisher gives a torrent of it (RFC 6249, Metalink): who has pieces of it gives them to each other. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace backhaul::core {

// What a swarm is asked for. The torrent says which bytes are the file's; that they are is said by a digest which the
// engine holds everything against.
struct Swarmed {
  std::string torrent;  // its address: http or https
  std::string url;      // of the file, which is the web seed (BEP 19): whoever is alone still gets all of it
  std::uint64_t size = 0;

  bool operator==(const Swarmed&) const = default;
};

// Where the bytes come from: HTTP/1.1 over a Unix socket of this machine, with ranges, in whatever order is asked for.
struct SwarmPlace {
  std::string socket;  // absolute path
  std::string path;    // of the request, with its leading slash

  bool operator==(const SwarmPlace&) const = default;
};

}  // namespace backhaul::core
