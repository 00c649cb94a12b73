// SPDX-License-Identifier: Apache-2.0
// The launcher: the one process of the service that may become somebody else, and does nothing but that. At the word of
// the service, which it knows by the uid that the kernel tells of its connection, it starts the file helper of an
// account (file_helper.h): with the groups of that account, its umask, a session of its own, an empty environment and no
// descriptor but the socket that came with the word; or, with the environment of a login and never for root, what runs
// one program of that account (owner_launcher.h), or what speaks on the bus of its session (messengers.h). It reads a
// number and a name at a time and looks at no file.
// Accounts are looked up by what it has forked, so that a directory service which does not answer holds up that owner
// alone; where the name is not that of the number any more, there is no helper, and where nobody says who it is there is
// none now.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/posix/access.h"
#include "adapters/posix/descriptor.h"
#include "base/time.h"
#include "core/account.h"

namespace backhaul::posix {

struct HelperLauncherRules {
  uid_t service = 0;                 // whom it obeys, and nobody else
  std::vector<std::string> helper;   // the command; roots are added for uid 0
  std::vector<std::string> runner{};  // the command of what runs a program; empty: nobody has any run
  std::vector<std::string> messenger{};  // of what speaks on the bus of a session; likewise
  std::vector<std::string> roots{};  // beneath which the files of uid 0 lie
  int life = -1;                     // a pipe: when nobody holds its other end any more, it ends; -1: none
};

// The word that `helper` is told a root with.
inline constexpr const char* beneath_switch = "--beneath=";
// And that it is for what is left of the jobs of an account.
inline constexpr const char* remains_switch = "--remains";

// Until the end of the listening socket, or of all that listens: its exit code. What ends, and what cannot be started, is
// said to standard error. One connection at a time, since there is one service.
int run_launcher(int listening, const HelperLauncherRules& settings);

// A listening socket under this path, which only root and this account may connect to. It takes the place of what nobody
// listens at any more; EADDRINUSE: somebody does, and was not about to go.
Tried<Descriptor> listen_at(const std::string& path, uid_t service,
                            base::Microseconds patience = std::chrono::seconds(2));
// What there is no socket for, as a sentence.
std::string no_socket_text(const std::string& path, int error);

enum class HelperKind : char {
  files = 'f',
  program = 'p',
  messenger = 'm',  // on the bus of the account's session
  remains = 'r',  // of an account that is gone, to delete the parts of its jobs
};

// The service's end: any thread.
class LauncherLine {
 public:
  explicit LauncherLine(std::string path) : path_(std::move(path)) {}

  // As ManyOwners::Start. A launcher that came anew is connected to anew.
  bool start(HelperKind kind, const core::Account& account, Descriptor socket);

 private:
  const std::string path_;
  std::mutex mutex_;
  Descriptor line_;
};

}  // namespace backhaul::posix
