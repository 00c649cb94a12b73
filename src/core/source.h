// SPDX-License-Identifier: Apache-2.0
// Whom the bytes of a file are asked of. Every request is one of a source for some extents; what a
// source may say about the file beside its bytes is a rule of its kind. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"

namespace backhaul::core {

enum class SourceKind : std::uint8_t {
  origin,      // an address that the owner of the job gave, the mirrors among them
  cache_host,  // keeps what others fetched before
  peer,        // a neighbour: anybody
  site_proxy,  // between this machine and the origin, and shares what it fetched
  swarm,       // a program of this machine that gets it from whoever has some of it
  duplicate,   // another address of the same file, named by its origin (core/duplicates.h)
};

struct Source {
  SourceKind kind = SourceKind::origin;
  std::string address;  // a URL
  // The address whose server may be told who asks; empty: its own. A mirror is somebody else's server.
  std::string home{};
  bool entrusted = true;  // false: nobody may, since it was no owner of the job that chose the address
  std::string neighbour{};  // peer: its key (core/neighbours.h); the connection is made with nobody else
  // peer: the file with the certificates of the site's authority, one of which vouches for it; empty: its key does.
  // cache_host: likewise, which may vouch for it beside those that the system knows, or alone where it was found.
  std::string authority{};
  std::string place{};  // cache_host: "192.0.2.1:443", where it was found; empty: where its address leads
  std::string proxy{};   // site_proxy: its address
  std::string socket{};  // swarm: the socket of this machine that is asked in the place of a server
  // Of one that keeps copies: its first byte has to be here by then; zero: as for every server.
  base::Microseconds patience{};
};

// It has a copy of what an origin has: nothing that it says or fails at is the origin's, and which version the file is it
// cannot say. Its bytes are compared with what the origin said.
bool keeps_copies(const Source& source);
// It is of this site or this machine, and asked by no proxy but its own.
bool is_of_site(const Source& source);

}  // namespace backhaul::core
