// SPDX-License-Identifier: Apache-2.0
// Who acts for the owners of jobs: opens, publishes and reads their files, and runs their programs. With a launcher
// (daemon/owners.h) that are processes with the rights of each owner; without one it is this process, and whoever is not
// its own account is refused. The same in both mains, which alone see adapters.
#pragma once

#include <unistd.h>

#include <memory>
#include <optional>

#include "adapters/dbus/unit_launcher.h"
#include "adapters/posix/held_directories.h"
#include "adapters/posix/launcher.h"
#include "adapters/posix/local_transport.h"
#include "adapters/posix/posix_cache.h"
#include "adapters/posix/posix_files.h"
#include "adapters/posix/posix_owners_files.h"
#include "daemon/footing.h"
#include "daemon/owners.h"
#include "daemon/start.h"

namespace backhaul::daemon {

class Acting {
 public:
  Acting(loop::Loop& loop, ports::Inbox& inbox, Footing& footing, const Options& options, const bus::Place& place)
      : umask_(current_umask()),
        line_(line_to_launcher(options)),
        owners_(owners_of_jobs(line_)),
        files_(loop, inbox, *footing.log, *owners_,
               {.certificates = {.of_user = footing.is_machines() ? "" : certificates_of_user(place.home)}}),
        cache_(loop, inbox, *owners_, copies(footing)),
        local_(loop, inbox, *owners_),
        small_files_(loop, *owners_),
        launcher_(loop, inbox,
                  {.bus_address = bus_of_programs(footing), .umask = umask_, .output = STDERR_FILENO}) {
    if (line_ != nullptr) of_owners_.emplace(loop, inbox, runners_of_programs(line_));
    if (line_ != nullptr && footing.is_machines()) messengers_.emplace(loop, inbox, messengers_of_owners(line_));
    // On the bus of the machine it is the manager of the machine that makes units: of root's rights.
    if (!footing.is_machines())
      units_.emplace(footing.connection.bus, launcher_, inbox,
                     dbus::UnitLauncherSettings{
                         .bus_address = footing.connection.address, .home = place.home, .umask = umask_});
  }
  Acting(const Acting&) = delete;
  Acting& operator=(const Acting&) = delete;

  ports::Files& files() { return files_; }
  // As dbus::Settings::hold_directory.
  auto holder_of_directories() {
    return [this](const core::Owner& owner, int directory) -> base::Result<core::Placed> {
      BH_TRY(const std::shared_ptr<posix::Access> access, owners_->access_of(owner));
      return posix::hold_directory(*access->held(), directory);
    };
  }
  ports::Cache& cache() { return cache_; }  // copies of files of all owners
  static std::string copies(const Footing& footing) { return footing.in_state("peer-cache"); }
  ports::OwnersFiles& small_files() { return small_files_; }  // that jobs name
  ports::Transport& local() { return local_; }  // files of this machine as remote ones
  // Classes on the session buses of owners; null: there is nobody who could speak there.
  posix::Messengers* messengers() { return messengers_ ? &*messengers_ : nullptr; }
  ports::Launcher& programs() {
    if (of_owners_) return *of_owners_;
    if (units_) return *units_;
    return launcher_;
  }

 private:
  static std::string bus_of_programs(const Footing& footing) {
    return footing.is_machines() ? std::string() : footing.connection.address;
  }

  const mode_t umask_;
  const Line line_;
  const std::unique_ptr<posix::Owners> owners_;
  posix::PosixFiles files_;
  posix::PosixCache cache_;
  posix::LocalTransport local_;
  posix::PosixOwnersFiles small_files_;
  posix::PosixLauncher launcher_;
  std::optional<posix::OwnerLauncher> of_owners_;  // where there is a launcher
  std::optional<posix::Messengers> messengers_;    // likewise, on the service of the machine
  std::optional<dbus::UnitLauncher> units_;  // where it may be asked to run them
};

}  // namespace backhaul::daemon
