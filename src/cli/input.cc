// SPDX-License-Identifier: Apache-2.0
#include "cli/input.h"

#include <backhaul/client.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <optional>

#include "cli/command.h"
#include "cli/ranges.h"
#include "cli/selector.h"
#include "cli/utf8.h"

namespace backhaul::cli {
namespace {

bool is_directory(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

bool is_file(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

// "example.com/foo", as browsers take it.
bool begins_with_host(std::string_view word) {
  const std::string_view host = word.substr(0, word.find('/'));
  const bool plain = std::ranges::all_of(
      host, [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':'; });
  return plain && host.size() < word.size() && host.find('.', 1) != std::string_view::npos && !host.starts_with('.');
}

// Jobs are named to every other verb, so people name them to get as well.
std::string not_a_url(const std::string& word, const Command& command) {
  if (word.starts_with('@') || word.starts_with("name:") || could_be_id(word))
    return "\"" + word + "\" is not a URL; to wait for a job: " + command("wait " + word);
  const std::string text = "\"" + shown_url(word) + "\" is not a URL";
  if (is_file(word)) return text + "; for the file of this machine: ./" + word;
  return begins_with_host(word) ? text + "; did you mean http://" + shown_url(word) + "?" : text;
}

// Two ways to the same folder lead to the same file. Most of them lie where the one before lies.
std::function<std::string(const std::string&)> real_paths() {
  return [asked = std::string(), folder = std::filesystem::path()](const std::string& path) mutable {
    const std::filesystem::path given(path);
    if (const std::filesystem::path parent = given.parent_path(); asked.empty() || parent.native() != asked) {
      std::error_code error;
      folder = std::filesystem::weakly_canonical(parent, error);
      asked = error ? std::string() : parent.native();
      if (error) return path;
    }
    return (folder / given.filename()).string();
  };
}

// Names travel as UTF-8: other bytes would come to lie under another name than was asked for.
std::string not_utf8(const std::string& text) {
  for (std::string_view rest = text; !rest.empty();) {
    const Glyph glyph = decode_utf8(rest);
    if (!glyph.valid) {
      constexpr std::string_view digits = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(rest.front());
      return "\"" + shown_url(text) + "\" is no UTF-8: it holds the byte 0x" + digits[byte >> 4] +
             digits[byte & 15];
    }
    rest.remove_prefix(glyph.length);
  }
  return {};
}

}  // namespace

namespace {

using Reading = std::expected<std::string, std::string>;
using Found = std::optional<std::string>;  // what is wrong

// Fills `text`, up to list_max. `look` is called behind every piece with the place where that begins.
Reading read_pieces(std::istream& in, std::string& text, const std::function<Found(std::size_t)>& look) {
  std::array<char, std::size_t{64} * 1024> piece{};
  while (in.read(piece.data(), piece.size()) || in.gcount() > 0) {
    const std::size_t before = text.size();
    text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    if (Found wrong = look(before)) return std::unexpected(*std::move(wrong));
    if (text.size() > list_max) return std::unexpected("it is longer than 64 MiB");
  }
  if (in.bad()) return std::unexpected(std::strerror(errno));
  return std::move(text);
}

}  // namespace

std::expected<std::string, std::string> read_list(std::istream& in) {
  std::string text;
  std::size_t begin = 0;  // of its last line
  const auto refuse = [&](std::size_t at, const char* what) {
    const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1;
    return "its line " + std::to_string(line) + what;
  };
  return read_pieces(in, text, [&](std::size_t before) -> Found {
    if (const std::size_t nul = text.find('\0', before); nul != std::string::npos)
      return refuse(nul, " holds a NUL: it is no text");
    for (std::size_t at = before; at < text.size(); begin = ++at) {
      at = std::min(text.find('\n', at), text.size());
      if (at - begin > list_line_max) return refuse(begin, " is longer than 1 MiB");
      if (at == text.size()) break;
    }
    return std::nullopt;
  });
}

namespace {

Reading bytes_of(std::istream& in) {
  std::string bytes;
  return read_pieces(in, bytes, [](std::size_t) { return Found(); });
}

Reading read_from(const std::string& path, const std::string& what, Reading (*read)(std::istream&)) {
  const auto because = [&](const std::string& why) {
    const std::string name = path == "-" ? (what.empty() ? "standard input" : "of standard input") : shown_url(path);
    return std::unexpected(what + name + " cannot be read: " + why);
  };
  if (is_directory(path)) return because("it is a directory");
  errno = 0;
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  if (path != "-" && !file.is_open()) return because(std::strerror(errno));
  auto text = read(path == "-" ? std::cin : file);
  if (!text) return because(text.error());
  return text;
}

}  // namespace

std::expected<std::string, std::string> read_all(const std::string& path) {
  return read_from(path, "the list ", read_list);
}

std::expected<std::string, std::string> read_bytes(const std::string& path) { return read_from(path, "", bytes_of); }

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
  for (const std::string& text : arguments.all(Opt::range)) {
    auto ranges = parse_ranges(text);
    if (!ranges) return std::unexpected("--range: " + ranges.error());
    rules.ranges.insert(rules.ranges.end(), ranges->begin(), ranges->end());
  }

  std::vector<std::string> urls;
  for (const std::string& word : words) {
    const bool may_be_output = !urls.empty() && rules.outputs.size() == urls.size() - 1;
    if (looks_like_url(word) || (looks_like_path(word) && !may_be_output)) {
      urls.push_back(remote_of(word, rules.base));
    } else if (may_be_output) {
      rules.outputs.push_back(word);
    } else {
      return std::unexpected(not_a_url(word, Command(arguments)));
    }
  }
  auto files = make_targets(urls, rules);
  if (!files) return files;
  const auto mirrors = arguments.all(Opt::mirror);
  const auto digests = arguments.all(Opt::checksum);
  if ((!mirrors.empty() || !digests.empty()) && urls.size() != 1)
    return std::unexpected("--mirror and --checksum are of one URL; for several use a list with -i");
  if (files->size() == 1) {
    for (const std::string& mirror : mirrors)
      files->front().mirrors.push_back(remote_of(mirror, rules.base));
    files->front().digests = digests;
  }
  rules.outputs.clear();
  for (const std::string& list : arguments.all(Opt::input)) {
    auto text = read_all(list);
    if (!text) return std::unexpected(text.error());
    auto more = parse_list(*text, rules);
    if (!more) return std::unexpected(list + ", " + more.error());
    files->insert(files->end(), more->begin(), more->end());
  }
  for (const FileSpec& file : *files)
    for (const std::string* name : {&file.remote, &file.local})
      if (const std::string bad = not_utf8(*name); !bad.empty()) return std::unexpected(bad);
  if (const std::string both = clash_of(*files); !both.empty()) return std::unexpected(both);
  return files;
}

std::string clash_of(const std::vector<FileSpec>& files) { return clash(files, real_paths()); }

std::string clash_with_files(const std::vector<FileThere>& there, const std::vector<FileSpec>& files) {
  return clash_with(there, files, real_paths());
}

bool asks_for_standard_output(const Arguments& arguments, const std::vector<std::string>& words) {
  const auto& outputs = arguments.all(Opt::output);
  return std::ranges::find(outputs, "-") != outputs.end() ||
         std::ranges::find(words, "-") != words.end();
}

std::string missing_directory(const std::vector<FileSpec>& files) {
  std::string good;
  for (const FileSpec& file : files) {
    std::string folder = std::filesystem::path(file.local).parent_path().string();
    if (folder == good) continue;
    if (!is_directory(folder)) return folder;
    good = std::move(folder);
  }
  return {};
}

}  // namespace backhaul::cli
