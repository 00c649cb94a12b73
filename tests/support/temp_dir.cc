// SPDX-License-Identifier: Apache-2.0
#include "tests/support/temp_dir.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>

#include "base/result.h"

namespace backhaul::test {
namespace {

using Clock = std::chrono::steady_clock;

// Some process, not this one, that has the folder in its environment.
std::optional<pid_t> process_of(const std::string& folder) {
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", failure)) {
    const std::string name = entry.path().filename();
    pid_t pid = 0;
    const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (problem != std::errc() || end != name.data() + name.size() || pid == getpid()) continue;
    if (read_file(entry.path() / "environ").find(folder) != std::string::npos) return pid;
  }
  return std::nullopt;
}

// A guardian may begin one more service before it sees that their bus is gone, and that one makes its folder anew.
void wait_for_services_of(const std::string& folder, Clock::time_point end) {
  while (const auto pid = process_of(folder)) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0) return;
    const int handle = static_cast<int>(syscall(SYS_pidfd_open, *pid, 0));
    if (handle < 0) continue;
    pollfd ends{.fd = handle, .events = POLLIN, .revents = 0};
    poll(&ends, 1, static_cast<int>(left.count()));
    close(handle);
  }
}

}  // namespace

TempDir::TempDir() {
  std::string name = std::filesystem::temp_directory_path() / "backhaul-test-XXXXXX";
  BH_ASSERT(mkdtemp(name.data()) != nullptr);
  path_ = name;
}

// What a bus has started ends a moment after its bus, and may make a file in a folder that is being
// emptied: then the folder is not empty when its turn comes, and is emptied once more.
TempDir::~TempDir() {
  const auto end = Clock::now() + std::chrono::seconds(5);
  if (std::error_code none; std::filesystem::exists(path_ / "state/backhaul", none)) wait_for_services_of(path_, end);
  for (;;) {
    std::error_code failure;
    std::filesystem::remove_all(path_, failure);
    if (!failure) return;
    if (Clock::now() > end) {
      std::cerr << "cannot remove " << path_ << ": " << failure.message() << '\n';
      return;
    }
    std::this_thread::yield();
  }
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_file(const std::filesystem::path& path, std::string_view content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  BH_ASSERT(file.good());
}

}  // namespace backhaul::test
