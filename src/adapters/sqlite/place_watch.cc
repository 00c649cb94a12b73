// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/place_watch.h"

#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace backhaul::sqlite {

base::Error moved_away(const std::string& path) {
  return {base::Code::BG_E_DATABASE_CORRUPT, base::ErrorContext::general_queue_manager,
          "The queue database: " + path +
              " was removed or replaced while the service ran. Nothing can be kept in it any more; "
              "the service begins again with what is there."};
}

// A folder whose files are open is not gone for the kernel when it was removed, so its entry of the database is followed
// as well.
PlaceWatch::PlaceWatch(loop::Loop& loop, std::string path, base::Log& log, std::function<void()> gone)
    : path_(std::move(path)), name_(path_.substr(path_.rfind('/') + 1)), log_(log), gone_(std::move(gone)) {
  struct stat info {};
  if (stat(path_.c_str(), &info) != 0) return;
  volume_ = info.st_dev;
  inode_ = info.st_ino;
  changes_ = Descriptor(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!changes_) return;
  const std::string folder = path_.substr(0, path_.size() - name_.size());
  constexpr std::uint32_t what = IN_MOVE_SELF | IN_DELETE_SELF | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR;
  if (inotify_add_watch(changes_.get(), folder.c_str(), what) < 0) return;
  changed_.emplace(loop, changes_.get(), EPOLLIN, [this](std::uint32_t) { heard(); });
}

void PlaceWatch::heard() {
  if (!concerns_us() || is_there()) return;
  const auto gone = std::exchange(gone_, nullptr);
  if (!gone) return;
  log_.write(base::LogLevel::error, moved_away(path_).text);
  gone();
}

// Takes all that was said; the journals and the other files of the folder are none of its business.
bool PlaceWatch::concerns_us() const {
  bool concerns = false;
  std::array<char, 4096> said{};
  ssize_t length = 0;
  while ((length = read(changes_.get(), said.data(), said.size())) > 0) {
    for (std::size_t at = 0; at < static_cast<std::size_t>(length);) {
      inotify_event event{};
      std::memcpy(&event, said.data() + at, sizeof event);
      const char* const name = said.data() + at + sizeof event;  // ends with a zero; none: of the folder itself
      if (event.len == 0 || std::string_view(name) == name_) concerns = true;
      at += sizeof event + event.len;
    }
  }
  return concerns;
}

bool PlaceWatch::is_there() const {
  struct stat info {};
  return stat(path_.c_str(), &info) == 0 && info.st_dev == volume_ && info.st_ino == inode_;
}

}  // namespace backhaul::sqlite
