// SPDX-License-Identifier: Apache-2.0
// Where the key of the queue's secrets goes from its file: into the keyring of the session, else to systemd, else
// nowhere. What one of them has stays there.
#pragma once

#include <functional>
#include <string>

#include "adapters/seal/keyring.h"
#include "adapters/seal/sealer.h"
#include "adapters/seal/systemd_creds.h"

namespace backhaul::seal {

class KeyPlaces {
 public:
  struct Options {
    std::string bus_address;
    bool keyring = true;
    std::string systemd_creds_program;
    bool systemd_creds = true;
  };
  KeyPlaces(loop::Loop& loop, const Options& options, KeySealer& sealer, base::Log& log,
            const std::function<void()>& key_came)
      : keyring_(loop, options.bus_address, options.keyring, sealer, log, key_came),
        creds_(loop, options.systemd_creds_program, options.systemd_creds, sealer, log, key_came) {
    keyring_.on_key_left([this] { creds_.take_key(); });
  }

 private:
  Keyring keyring_;
  SystemdCreds creds_;
};

}  // namespace backhaul::seal
