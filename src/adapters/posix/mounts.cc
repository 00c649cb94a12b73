// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/mounts.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <sstream>

namespace backhaul::posix {
namespace {

// Those of FUSE are named "fuse", "fuseblk" or "fuse." and what serves them.
constexpr std::array<std::string_view, 16> served_types = {
    "9p",    "afs",  "autofs", "ceph",   "cifs",     "davfs", "glusterfs", "gfs2",
    "lustre", "nfs", "nfs4",   "ocfs2",  "orangefs", "smb3",  "vboxsf",    "virtiofs"};

bool is_served(std::string_view type) {
  return type.starts_with("fuse") || std::ranges::find(served_types, type) != served_types.end();
}

// Blanks and their like stand in the table as \040.
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 3 < text.size();
    if (!escape) {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
    i += 3;
  }
  return plain;
}

bool lies_beneath(std::string_view path, std::string_view point) {
  if (point == "/") return path.starts_with('/');
  return path.starts_with(point) && (path.size() == point.size() || path[point.size()] == '/');
}

}  // namespace

Mounts::Mounts(const char* table) : table_(open(table, O_RDONLY | O_CLOEXEC)) { read(); }

std::string Mounts::served_elsewhere(std::string_view path) {
  if (is_stale()) read();
  if (!any_elsewhere_) return {};
  for (const Mount& mount : mounts_)
    if (lies_beneath(path, mount.point)) return mount.elsewhere ? mount.point : std::string();
  return {};
}

// The kernel says so of a table that is open, once it has been read.
bool Mounts::is_stale() const {
  pollfd changed{.fd = table_.get(), .events = POLLPRI, .revents = 0};
  return table_ && poll(&changed, 1, 0) == 1 && (changed.revents & POLLPRI) != 0;
}

// "36 35 98:0 /root /point rw,noatime shared:1 - ext4 /dev/sda1 rw": the point is the fifth field, the
// type the first behind the dash.
void Mounts::read() {
  mounts_.clear();
  any_elsewhere_ = false;
  if (!table_) return;
  std::string text;
  std::array<char, 4096> piece;
  lseek(table_.get(), 0, SEEK_SET);
  for (ssize_t size = 0; (size = ::read(table_.get(), piece.data(), piece.size())) > 0;)
    text.append(piece.data(), static_cast<std::size_t>(size));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string field;
    Mount mount;
    for (int i = 0; i < 5 && fields >> field; ++i) mount.point = field;
    while (fields >> field && field != "-") {}
    if (!(fields >> field)) continue;
    mount.point = unescaped(mount.point);
    mount.elsewhere = is_served(field);
    any_elsewhere_ = any_elsewhere_ || mount.elsewhere;
    // Of several at one place the last one is on top, so it goes before the others.
    const auto length = [](const Mount& one) { return one.point.size(); };
    mounts_.insert(std::ranges::lower_bound(mounts_, mount.point.size(), std::greater<>(), length),
                   std::move(mount));
  }
}

}  // namespace backhaul::posix
