// SPDX-License-Identifier: Apache-2.0
// systemd-creds --user, of systemd 256 and later: where no keyring takes the key of the queue, systemd seals it for
// this user on this machine (by its TPM, its key, or both), and what it sealed takes the place of the key in its
// file. A copy of that file opens on no other machine. It is a program and no library, and may ask a service of
// the system: it is run beside the loop, and whatever does not work leaves the key where it is.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "adapters/seal/program_call.h"
#include "adapters/seal/sealer.h"
#include "base/log.h"
#include "loop/loop.h"

namespace backhaul::seal {

// The program, on a search path, where systemd runs this machine: in a container of its own nobody knows what will
// be left of the keys of a machine. BACKHAUL_SYSTEMD_CREDS in the environment is a program to be taken for it, or
// empty for none. Empty: there is none.
std::string find_systemd_creds(const std::string& search_path);

class SystemdCreds {
 public:
  // Waits for the key, where it was sealed so: for a second at most. `key_came`: later than that. Where it may not
  // be sealed, it comes back into its file.
  SystemdCreds(loop::Loop& loop, std::string program, bool may_have_key, KeySealer& sealer, base::Log& log,
               std::function<void()> key_came);
  SystemdCreds(const SystemdCreds&) = delete;
  SystemdCreds& operator=(const SystemdCreds&) = delete;

  // The key lies in its file, and nobody else takes it: seals it, where that works.
  void take_key();

 private:
  using Next = void (SystemdCreds::*)(std::optional<base::Secret>);
  void run(std::initializer_list<const char*> words, const base::Secret& input, base::Microseconds wait, Next next);
  void open(base::Microseconds wait);
  void opened(std::optional<base::Secret> key);
  void told_version(std::optional<base::Secret> text);
  void sealed(std::optional<base::Secret> text);
  void proved(std::optional<base::Secret> key);
  void leave_it(const char* why);

  loop::Loop& loop_;
  const std::string program_;
  const bool may_have_key_;
  KeySealer& sealer_;
  base::Log& log_;
  const std::function<void()> key_came_;
  std::unique_ptr<ProgramCall> call_;
  loop::Timer again_;
  base::Microseconds pause_;
  std::string sealed_;        // the key, as it lies in the file or is about to
  bool tried_ = false;        // sealing
  bool begun_ = false;        // the constructor is over
};

}  // namespace backhaul::seal
