// SPDX-License-Identifier: Apache-2.0
#include "tests/support/temp_dir.h"

#include <stdlib.h>

#include <fstream>
#include <iterator>

#include "base/result.h"

namespace backhaul::test {

TempDir::TempDir() {
  std::string name = std::filesystem::temp_directory_path() / "backhaul-test-XXXXXX";
  BH_ASSERT(mkdtemp(name.data()) != nullptr);
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
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
