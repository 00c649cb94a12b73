// SPDX-License-Identifier: Apache-2.0
#include "tests/support/temp_dir.h"

#include <stdlib.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <thread>

#include "base/result.h"

namespace backhaul::test {

TempDir::TempDir() {
  std::string name = std::filesystem::temp_directory_path() / "backhaul-test-XXXXXX";
  BH_ASSERT(mkdtemp(name.data()) != nullptr);
  path_ = name;
}

// What a bus has started ends a moment after its bus, and may make a file in a folder that is being
// emptied: then the folder is not empty when its turn comes, and is emptied once more.
TempDir::~TempDir() {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  for (;;) {
    std::error_code failure;
    std::filesystem::remove_all(path_, failure);
    if (!failure) return;
    if (std::chrono::steady_clock::now() > end) {
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
