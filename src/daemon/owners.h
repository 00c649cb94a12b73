// SPDX-License-Identifier: Apache-2.0
// Who has the rights of the owners of jobs: this process, of its own account alone, or helpers that a launcher starts.
// Also how this program is a helper or the launcher. The same in both mains, which alone see adapters.
#pragma once

#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "adapters/posix/account_lookup.h"
#include "adapters/posix/direct_access.h"
#include "adapters/posix/file_helper.h"
#include "adapters/posix/helper_access.h"
#include "adapters/posix/helper_launcher.h"
#include "adapters/posix/messengers.h"
#include "adapters/posix/owner_launcher.h"
#include "daemon/account_number.h"
#include "daemon/guardian.h"
#include "daemon/options.h"
#include "daemon/settings.h"
#include "daemon/start.h"

namespace backhaul::daemon {

// Null: there is none, and this process acts for its own account alone.
using Line = std::shared_ptr<posix::LauncherLine>;
inline Line line_to_launcher(const Options& options) {
  return options.socket.empty() ? nullptr : std::make_shared<posix::LauncherLine>(options.socket);
}

inline std::unique_ptr<posix::Owners> owners_of_jobs(const Line& launcher) {
  if (launcher == nullptr) return std::make_unique<posix::OneOwner>(current_umask());
  const auto starts = [&launcher](posix::HelperKind kind) {
    return [launcher, kind](const core::Account& account, posix::Descriptor socket) {
      return launcher->start(kind, account, std::move(socket));
    };
  };
  return std::make_unique<posix::ManyOwners>(starts(posix::HelperKind::files), starts(posix::HelperKind::remains));
}

inline posix::OwnerLauncher::Start runners_of_programs(Line launcher) {
  return [launcher = std::move(launcher)](const core::Owner& owner, posix::Descriptor socket) {
    return launcher->start(posix::HelperKind::program, core::account_of(owner), std::move(socket));
  };
}

inline posix::Messengers::Start messengers_of_owners(Line launcher) {
  return [launcher = std::move(launcher)](const core::Account& account, posix::Descriptor socket) {
    return launcher->start(posix::HelperKind::messenger, account, std::move(socket));
  };
}

// The umask is that which the launcher gave it. Files of root lie beneath the folders that it is told, and nowhere else.
inline int be_file_helper(const Options& options) {
  posix::OwnerRules rules{.umask = current_umask(), .only_beneath = geteuid() == 0, .roots = options.roots};
  rules.deletes_parts_alone = options.remains;
  if (auto account = posix::account_numbered(geteuid()); account && account->has_value()) rules.home = (*account)->home;
  if (!rules.home.starts_with('/') || rules.home == "/") rules.home.clear();
  return posix::run_file_helper(STDIN_FILENO, std::move(rules));
}

inline posix::HelperLauncherRules launcher_rules(uid_t service, const Settings& settings, int life = -1) {
  return {.service = service,
          .helper = {"/proc/self/exe", "--file-helper"},
          .runner = {"/proc/self/exe", "--program-runner"},
          .messenger = {"/proc/self/exe", "--messenger"},
          .roots = settings.allowed_roots,
          .life = life};
}

// Where a socket is named there is no systemd that has it and restarts us: it is made, and a guardian does.
inline int be_launcher(const Options& options) {
  const auto fail = [](int code, const std::string& what) {
    std::fprintf(stderr, "backhauld: %s\n", what.c_str());
    return code;
  };
  const auto service = uid_of(options.account);
  if (!service) return fail(EX_NOUSER, "there is no account " + options.account);
  const auto loaded = load_settings(machine_settings_places());
  if (!loaded) return fail(EX_CONFIG, loaded.error().text);
  posix::Descriptor listening(options.socket.empty() ? STDIN_FILENO : -1);
  if (!listening) {
    auto made = posix::listen_at(options.socket, *service);
    if (!made)
      return fail(made.error() == EADDRINUSE ? EX_TEMPFAIL : EX_CANTCREAT,
                  posix::no_socket_text(options.socket, made.error()));
    listening = *std::move(made);
    if (const Guarded guarded = stand_guard({}); guarded.exit_code) return *guarded.exit_code;
  }
  return posix::run_launcher(listening.get(), launcher_rules(*service, loaded->settings));
}

}  // namespace backhaul::daemon
