// SPDX-License-Identifier: Apache-2.0
// Files of one job that have the same local name, which BITS allows; declared in view.h.
#include <backhaul/client.h>

#include <map>
#include <string_view>

#include "cli/text.h"
#include "cli/view.h"

namespace backhaul::cli {

std::vector<FileView> views_of(const std::vector<FileInfo>& infos) {
  std::vector<FileView> files;
  for (const FileInfo& info : infos) files.push_back(make_view(info));
  find_namesakes(files);
  return files;
}

// The one behind it: of three the first gave way to the second, and that to the third.
void find_namesakes(std::vector<FileView>& files) {
  std::map<std::string_view, std::uint32_t> later;
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    if (file->local.empty()) continue;  // lost with the queue
    const auto [at, first] = later.emplace(file->local, file->index);
    if (first) continue;
    file->namesake = at->second;
    at->second = file->index;
  }
}

bool is_replaced(const FileView& file, const std::vector<FileView>& files) {
  return file.completed && file.namesake && *file.namesake < files.size() && files[*file.namesake].completed;
}

std::vector<std::string> replaced_lines(const std::vector<FileView>& files) {
  std::vector<std::string> lines;
  for (const FileView& file : files)
    if (is_replaced(file, files))
      lines.push_back("file " + std::to_string(file.index) + " (" + shown_url(file.remote) + ") was replaced by file " +
                      std::to_string(*file.namesake) + " (" + shown_url(files[*file.namesake].remote) +
                      "), which has the same name " + printable(file.local, true));
  return lines;
}

}  // namespace backhaul::cli
