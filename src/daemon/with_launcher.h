// SPDX-License-Identifier: Apache-2.0
// Where no systemd starts the launcher beside the service of the machine, root starts that service, and the guardian does:
// it starts the launcher, gives up every right, and goes on as the account of the service. The launcher stays until
// guardian and service are gone. Seen by the main alone, like all that sees adapters.
#pragma once

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "adapters/posix/account_lookup.h"
#include "daemon/account_number.h"
#include "daemon/folder.h"
#include "daemon/guardian.h"
#include "daemon/options.h"
#include "daemon/owners.h"

namespace backhaul::daemon {

inline constexpr char usual_account[] = "backhaul";
inline constexpr char usual_launcher_folder[] = "/run/backhaul";
inline constexpr char usual_queue_folder[] = "/var/lib/backhaul";

inline bool starts_launcher(const Options& options) {
  return options.system && options.mode == Options::Mode::guardian && geteuid() == 0;
}

// No way back: not by a program with other rights, and not by a capability.
inline bool give_up_rights(const posix::AccountEntry& account) {
  for (unsigned long capability = 0; capability <= CAP_LAST_CAP; ++capability)
    if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1 && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return false;
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && initgroups(account.name.c_str(), account.gid) == 0 &&
         setresgid(account.gid, account.gid, account.gid) == 0 &&
         setresuid(account.uid, account.uid, account.uid) == 0 && setuid(0) != 0 &&
         setenv("HOME", account.home.c_str(), 1) == 0;
}

// In a child: the launcher, with a guardian of its own. `life` ends with whoever it is for.
inline int serve_as_launcher(const posix::Descriptor& listening, const posix::Descriptor& life, uid_t service) {
  const auto loaded = load_settings(machine_settings_places());
  if (!loaded) {
    std::fprintf(stderr, "backhauld: no launcher: %s\n", loaded.error().text.c_str());
    return EX_CONFIG;
  }
  if (const Guarded guarded = stand_guard({}); guarded.exit_code) return *guarded.exit_code;
  return posix::run_launcher(listening.get(), launcher_rules(service, loaded->settings, life.get()));
}

// Unset: the process is what it was, and `options` say where its launcher is. Else its exit code.
inline std::optional<int> start_launcher_beside(Options& options) {
  const auto fail = [](int code, const std::string& what) {
    std::fprintf(stderr, "backhauld: %s\n", what.c_str());
    return code;
  };
  const std::string no_folder = "there is no folder for the service of the machine at ";
  if (options.account.empty()) options.account = usual_account;
  const auto uid = uid_of(options.account);
  const posix::AccountAnswer answer = uid ? posix::account_numbered(*uid) : std::nullopt;
  if (!answer || !*answer || *uid == 0)
    return fail(EX_NOUSER, "there is no account " + options.account +
                               ", which the service of the machine has (systemd-sysusers makes it)");
  const posix::AccountEntry& account = **answer;
  if (options.socket.empty()) {
    if (!have_folder(usual_launcher_folder, {.mode = 0755, .owner = 0, .group = 0}, *uid))
      return fail(EX_CANTCREAT, no_folder + usual_launcher_folder);
    options.socket = std::string(usual_launcher_folder) + "/launcher";
  }
  if (options.state_dir.empty() && std::getenv("STATE_DIRECTORY") == nullptr &&
      !have_folder(usual_queue_folder, {.mode = 0700, .owner = account.uid, .group = account.gid}, *uid))
    return fail(EX_CANTCREAT, no_folder + usual_queue_folder);
  auto listening = posix::listen_at(options.socket, *uid);
  if (!listening)
    return fail(listening.error() == EADDRINUSE ? EX_TEMPFAIL : EX_CANTCREAT,
                posix::no_socket_text(options.socket, listening.error()));
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return fail(EX_OSERR, "there are no descriptors left");
  const posix::Descriptor life(ends[0]);
  // Open in this process and in the service that it forks, and closed by nobody but their ends.
  posix::Descriptor ours(ends[1]);
  const pid_t launcher = fork();
  if (launcher < 0) return fail(EX_OSERR, "no launcher can be started");
  if (launcher == 0) {
    ours.reset();
    return serve_as_launcher(*listening, life, *uid);
  }
  // What the bus would start for the next call has no launcher.
  options.stays = true;
  static_cast<void>(ours.release());
  if (!give_up_rights(account)) return fail(EX_NOPERM, "the rights of root cannot be given up");
  return std::nullopt;
}

}  // namespace backhaul::daemon
