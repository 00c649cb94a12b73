// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/posix_owners_files.h"

#include <memory>
#include <utility>

#include "adapters/posix/small_file.h"

namespace backhaul::posix {
namespace {

// An owner has as many as he has lines to his helper.
constexpr MountThreadLimits small_file_readers{.at_work = 8, .on_one_mount = 4, .of_owner = 8, .in_all = 64};

}  // namespace

PosixOwnersFiles::PosixOwnersFiles(loop::Loop& loop, Owners& owners)
    : owners_(owners), threads_(loop, small_file_readers) {}

base::Result<void> PosixOwnersFiles::with_rights_of(const core::Owner& owner, const std::vector<std::string>& paths,
                                                    Work work) {
  BH_TRY(std::shared_ptr<Access> access, owners_.access_of(owner));
  threads_.submit(threads_.place_of_all(owner, paths), [access = std::move(access), work = std::move(work)]() mutable {
    return work([&access](const std::string& path) { return read_small_file(*access, path); });
  });
  return {};
}

}  // namespace backhaul::posix
