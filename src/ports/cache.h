// SPDX-License-Identifier: Apache-2.0
// Cache: the service's own copies of finished files, in a folder that nobody else can write to, each under the name of
// its record (core/peer_cache.h). Calls return at once; blocking work happens on a worker inside the adapter and comes
// back as an event. Loop thread only.
//
// Promises the adapter gives:
//  * A copy shares its blocks with the part where the file system can do that.
//  * What the copy holds is read from the copy itself and compared with the digest that is on record. A copy that is
//    told as made has it, and is durable with its name.
//  * A part is opened as its owner, with no more rights than that account has.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "core/owner.h"
#include "ports/files.h"

namespace backhaul::ports {

struct CopyOrder {
  base::RecordId id;
  base::JobId job;
  core::Owner owner;
  PartRef part;          // where its bytes are; Complete may have put it in place meanwhile
  std::uint64_t size = 0;
  std::string digest;    // as core/digest.h writes it
};

// A copy that is on record.
struct KnownCopy {
  base::RecordId id;
  std::uint64_t size = 0;
};

class Cache {
 public:
  virtual ~Cache() = default;
  // Before the first make(): what no record knows is deleted. Answer: CacheLooked.
  virtual void look(std::vector<KnownCopy> known) = 0;
  // Answer: CopyMade.
  virtual void make(CopyOrder order) = 0;
  // One that is being made is given up. No answer.
  virtual void remove(base::RecordId id) = 0;
};

}  // namespace backhaul::ports
