// SPDX-License-Identifier: Apache-2.0
// A directory of one test: made empty, gone afterwards with all that is in it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace backhaul::test {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string operator/(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

std::string read_file(const std::filesystem::path& path);  // empty if there is none
void write_file(const std::filesystem::path& path, std::string_view content);

}  // namespace backhaul::test
