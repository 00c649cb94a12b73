// SPDX-License-Identifier: Apache-2.0
// Who this machine is to its neighbours: an EC key of its own (P-256) and a certificate of it, in the state folder.
// Both are made at first use. The certificate is one that the key signed itself, and is renewed with the same key, or
// one that an authority gave for this key and somebody put there; that one is its authority's to renew.
#pragma once

#include <string>

#include "base/log.h"
#include "base/result.h"
#include "base/secret.h"

namespace backhaul::neighbours {

struct MachineKey {
  std::string key;           // SHA-256 of the public key, in lower-case hex
  std::string certificates;  // PEM: its own, and whatever leads from there to an authority
  base::Secret secret;       // PEM
};

// peer.key and peer.crt in `folder`. An error: what is there cannot be used, and is left as it is.
base::Result<MachineKey> have_machine_key(const std::string& folder, base::Log& log);

}  // namespace backhaul::neighbours
