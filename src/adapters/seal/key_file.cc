// SPDX-License-Identifier: Apache-2.0
#include "adapters/seal/key_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/secret.h"
#include "os/descriptor.h"
#include "state/state_file.h"

namespace backhaul::seal {
namespace {

base::Error failed_key(const std::string& path, int error) {
  return {base::code_from_errno(error), path + ": " + std::generic_category().message(error)};
}

base::Result<void> make_key(const std::string& path, Key& key) {
  const auto bytes = key.bytes();
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return failed_key(path, errno);
  return {};
}

struct Mark {
  std::string_view text;
  KeptElsewhere::By by;
};
constexpr std::array marks{Mark{"keyring:", KeptElsewhere::By::keyring},
                           Mark{"systemd-creds:", KeptElsewhere::By::systemd},
                           Mark{"credential:", KeptElsewhere::By::credential}};
constexpr std::size_t longest_kept = 64U * 1024U;

// What leave_in_place_of_key() wrote.
std::optional<KeptElsewhere> kept_in(int fd) {
  std::string text(longest_kept, '\0');
  const ssize_t size = pread(fd, text.data(), text.size(), 0);
  if (size < 0) return std::nullopt;
  text.resize(static_cast<std::size_t>(size));
  for (const Mark& mark : marks)
    if (text.starts_with(mark.text) && text.ends_with('\n') && text.size() > mark.text.size() + 1)
      return KeptElsewhere{mark.by, text.substr(mark.text.size(), text.size() - mark.text.size() - 1)};
  base::wipe(text);
  return std::nullopt;
}

struct FoundKey {
  bool good = false;
  std::optional<KeptElsewhere> kept;
};

base::Result<FoundKey> read_key(const std::string& path, Key& key, base::Log& log) {
  BH_TRY(const int fd, state::open_file(path, O_RDONLY));
  const os::Descriptor opened(fd);
  struct stat info {};
  if (fstat(fd, &info) != 0) return failed_key(path, errno);
  if ((info.st_mode & 077) != 0) {
    if (fchmod(fd, 0600) != 0) return failed_key(path, errno);
    log.write(base::LogLevel::warning, "others could read the key of the queue's secrets, " + path +
                                           "; now they cannot");
  }
  if (auto kept = kept_in(fd)) return FoundKey{true, std::move(kept)};
  const auto bytes = key.bytes();
  return FoundKey{info.st_size == static_cast<off_t>(bytes.size()) &&
                      read(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
                  {}};
}

}  // namespace

// Half a key would make what is sealed with it worthless.
base::Result<void> write_key_file(const std::string& path, const Key& key) {
  const auto bytes = key.view();
  return state::put_file(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

base::Result<void> leave_in_place_of_key(const std::string& path, const KeptElsewhere& kept) {
  const Mark& mark = *std::ranges::find(marks, kept.by, &Mark::by);
  const std::string text = std::string(mark.text) + kept.text + "\n";
  if (text.size() > longest_kept)
    return base::Error(base::Code::E_FAIL, path + ": what is to be kept of the key is too long");
  if (access(path.c_str(), F_OK) != 0 && errno == ENOENT) return state::put_file(path, text);
  BH_TRY(const int fd, state::open_file(path, O_WRONLY));
  const os::Descriptor before(fd);
  BH_CHECK(state::put_file(path, text));
  // It has no name any more. What a disk keeps of it is not ours to say.
  const std::array<std::uint8_t, key_size> nothing{};
  if (pwrite(fd, nothing.data(), nothing.size(), 0) != static_cast<ssize_t>(nothing.size()) || fsync(fd) != 0)
    return failed_key(path, errno);
  return {};
}

base::Result<std::optional<KeptElsewhere>> read_key_file(const std::string& path, Key& key,
                                                         const std::function<base::Result<void>()>& put, base::Log& log) {
  BH_TRY(const std::optional<std::string> moved, state::make_way(path));
  if (moved) log.write(base::LogLevel::warning, "What stood in the place of " + path + " is now " + *moved + ".");
  const auto made = [&]() -> base::Result<std::optional<KeptElsewhere>> {
    BH_CHECK(make_key(path, key));
    BH_CHECK(put());
    return std::optional<KeptElsewhere>();
  };
  if (access(path.c_str(), F_OK) != 0) return made();
  BH_TRY(FoundKey found, read_key(path, key, log));
  if (found.good) return std::move(found.kept);
  const std::string aside = path + ".set-aside";
  if (rename(path.c_str(), aside.c_str()) != 0) return failed_key(path, errno);
  log.write(base::LogLevel::error, "The key of the queue's secrets is damaged and was set aside as " + aside +
                                       ": credentials and headers have to be set again.");
  return made();
}

}  // namespace backhaul::seal
