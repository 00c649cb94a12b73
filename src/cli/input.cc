// SPDX-License-Identifier: Apache-2.0
#include "cli/input.h"

#include <backhaul/client.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/selector.h"

namespace backhaul::cli {
namespace {

bool is_directory(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

// Jobs are named to every other verb, so people name them to get as well.
std::string not_a_url(const std::string& word) {
  if (word.starts_with('@') || word.starts_with("name:") || could_be_id(word))
    return "\"" + word + "\" is not a URL; to wait for a job: backhaul wait " + word;
  return "\"" + shown_url(word) + "\" is not a URL";
}

// Two ways to the same folder lead to the same file.
std::string real_path(const std::string& path) {
  std::error_code error;
  const std::filesystem::path given(path);
  const auto folder = std::filesystem::weakly_canonical(given.parent_path(), error);
  return error ? path : (folder / given.filename()).string();
}

std::expected<std::string, std::string> read_all(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file.is_open() || file.bad()) return std::unexpected("the list " + path + " cannot be read");
  return text;
}

}  // namespace

std::expected<std::vector<FileSpec>, std::string> read_targets(
    const Arguments& arguments, const std::vector<std::string>& words,
    const std::string& for_standard_output) {
  TargetRules rules;
  rules.for_standard_output = for_standard_output;
  std::error_code error;
  rules.base = std::filesystem::current_path(error).string();
  if (error) return std::unexpected("the current directory is gone");
  if (const std::string* directory = arguments.find(Opt::directory)) rules.directory = *directory;
  rules.outputs = arguments.all(Opt::output);
  rules.is_directory = is_directory;

  std::vector<std::string> urls;
  for (const std::string& word : words) {
    if (looks_like_url(word)) {
      urls.push_back(word);
    } else if (!urls.empty() && rules.outputs.size() == urls.size() - 1) {
      rules.outputs.push_back(word);
    } else {
      return std::unexpected(not_a_url(word));
    }
  }
  auto files = make_targets(urls, rules);
  if (!files) return files;
  rules.outputs.clear();
  for (const std::string& list : arguments.all(Opt::input)) {
    auto text = read_all(list);
    if (!text) return std::unexpected(text.error());
    auto more = parse_list(*text, rules);
    if (!more) return std::unexpected(list + ", " + more.error());
    files->insert(files->end(), more->begin(), more->end());
  }
  if (const std::string both = clash(*files, real_path); !both.empty()) return std::unexpected(both);
  return files;
}

bool asks_for_standard_output(const Arguments& arguments, const std::vector<std::string>& words) {
  const auto& outputs = arguments.all(Opt::output);
  return std::ranges::find(outputs, "-") != outputs.end() ||
         std::ranges::find(words, "-") != words.end();
}

std::string missing_directory(const std::vector<FileSpec>& files) {
  for (const FileSpec& file : files) {
    const std::string folder = std::filesystem::path(file.local).parent_path().string();
    if (!is_directory(folder)) return folder;
  }
  return {};
}

}  // namespace backhaul::cli
