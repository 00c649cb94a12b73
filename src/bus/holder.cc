// SPDX-License-Identifier: Apache-2.0
#include "bus/holder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <optional>
#include <string_view>

#include "bus/process.h"
#include "state/state_file.h"

namespace backhaul::bus {
namespace {

std::string file_of(const std::string& state_dir) { return state_dir + "/queue.bus"; }

std::optional<std::string> value_of(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (line.starts_with(key) && line.size() > key.size() && line[key.size()] == '=')
      return std::string(line.substr(key.size() + 1));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return {};
}

}  // namespace

base::Result<void> write_holder(const std::string& state_dir, const Holder& holder) {
  const std::string text = "address=" + holder.address + "\nbus-id=" + holder.bus_id +
                           "\npid=" + std::to_string(holder.pid) + "\n";
  return state::replace_file(file_of(state_dir), text);
}

base::Result<Holder> read_holder(const std::string& state_dir) {
  const std::string name = file_of(state_dir);
  BH_TRY(const int fd, state::open_file(name, O_RDONLY));
  const FileDescriptor file(fd);
  struct stat info {};
  if (fstat(file.get(), &info) != 0 || info.st_uid != geteuid())
    return {base::Code::E_ACCESSDENIED, name + " is not a file of this user"};
  char buffer[4096];
  const ssize_t length = read(file.get(), buffer, sizeof buffer);
  if (length < 0) return {base::code_from_errno(errno), "cannot read " + name};
  const std::string_view text(buffer, static_cast<std::size_t>(length));
  const auto address = value_of(text, "address");
  const auto bus_id = value_of(text, "bus-id");
  const auto pid = value_of(text, "pid");
  if (!address || !bus_id || !pid) return {base::Code::E_FAIL, name + " is damaged"};
  Holder holder{*address, *bus_id, 0};
  std::from_chars(pid->data(), pid->data() + pid->size(), holder.pid);
  return holder;
}

void remove_holder(const std::string& state_dir, pid_t pid) {
  const auto holder = read_holder(state_dir);
  if (holder && holder->pid == pid) unlink(file_of(state_dir).c_str());
}

}  // namespace backhaul::bus
