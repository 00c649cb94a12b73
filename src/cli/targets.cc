// SPDX-License-Identifier: Apache-2.0
#include "cli/targets.h"

#include <backhaul/client.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "cli/ranges.h"
#include "cli/utf8.h"

namespace backhaul::cli {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

std::expected<std::string, std::string> target(const std::string& url, const std::string& output,
                                               const std::string& directory,
                                               const TargetRules& rules) {
  if (url.starts_with('/') && url.ends_with('/') && !url.starts_with("//"))
    return std::unexpected(shown_url(url) + " is a directory: name a file in it");
  const std::string folder =
      directory.empty() ? rules.base : absolute_path(directory, rules.base);
  std::string path = output.empty() ? folder : absolute_path(output, folder);
  const bool into = output.empty() || output.ends_with('/') || rules.is_directory(path);
  if (!into) return path;
  const std::string name = name_from_url(url);
  if (name.empty())
    return std::unexpected("the URL " + shown_url(url) + " does not end in a file name: give one with -o");
  return path + (path.ends_with('/') ? "" : "/") + name;
}

// A name of its own for each: the same URL may be asked for twice.
std::expected<std::string, std::string> standard_output_target(const std::string& url,
                                                               std::size_t number,
                                                               const TargetRules& rules) {
  if (rules.for_standard_output.empty())
    return std::unexpected("only get writes to standard output: give a name with -o");
  constexpr std::size_t longest = 200;
  const std::string name = name_from_url(url);
  const bool named = !name.empty() && name.size() <= longest;
  return rules.for_standard_output + "/" + std::to_string(number) + "-" + (named ? name : "output");
}

struct ListEntry {
  std::string url, output, directory, torrent;
  std::vector<std::string> mirrors{}, digests{};
  std::vector<FileRange> ranges{};
};

// An indented line below a URL. What is wrong with it; empty: nothing.
std::string take_line(ListEntry& entry, std::string_view line) {
  const std::size_t equals = std::min(line.find('='), line.size());
  const std::string_view key = line.substr(0, equals);
  const std::string value(line.substr(std::min(equals + 1, line.size())));
  if (equals < line.size() && key == "out") {
    entry.output = value;
  } else if (equals < line.size() && key == "dir") {
    entry.directory = value;
  } else if (key == "mirror" && looks_like_remote(value)) {
    entry.mirrors.push_back(value);
  } else if (key == "checksum" && !value.empty()) {
    entry.digests.push_back(value);
  } else if (key == "torrent" && looks_like_url(value)) {
    entry.torrent = value;
  } else if (key == "range" && !value.empty()) {
    auto ranges = parse_ranges(value);
    if (!ranges) return ranges.error();
    entry.ranges.insert(entry.ranges.end(), ranges->begin(), ranges->end());
  } else {
    return "expected out=NAME, dir=DIRECTORY, mirror=URL, checksum=ALGORITHM:HEX, torrent=URL or range=RANGES below a "
           "URL";
  }
  return {};
}

// URLs, then a path, which may hold blanks.
ListEntry entry_of(std::string_view content) {
  const auto first = [&] { return content.substr(0, content.find_first_of(" \t")); };
  ListEntry entry;
  entry.url = first();
  content = trimmed(content.substr(entry.url.size()));
  for (std::string_view word = first(); looks_like_url(word); word = first()) {
    entry.mirrors.emplace_back(word);
    content = trimmed(content.substr(word.size()));
  }
  entry.output = content;
  return entry;
}

std::expected<std::vector<ListEntry>, std::string> entries(std::string_view text) {
  std::vector<ListEntry> list;
  std::size_t number = 0;
  text = without_mark(text);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    const std::string_view content = trimmed(line);
    if (content.empty() || content.front() == '#') continue;
    const auto wrong = [&](const std::string& why) {
      return std::unexpected("line " + std::to_string(number) + ": " + why);
    };
    if (line.front() == ' ' || line.front() == '\t') {
      if (list.empty()) return wrong("expected a URL before this line");
      if (const std::string why = take_line(list.back(), content); !why.empty()) return wrong(why);
      continue;
    }
    ListEntry entry = entry_of(content);
    if (!looks_like_remote(entry.url)) return wrong("\"" + shown_url(entry.url) + "\" is not a URL");
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

std::string name_from_url(std::string_view url) {
  if (url.starts_with('/')) {
    const std::string_view last = url.substr(url.rfind('/') + 1);
    return last == "." || last == ".." ? std::string() : std::string(last);
  }
  return local_name(std::string(url));
}

bool looks_like_url(std::string_view word) {
  const std::size_t scheme = word.find("://");
  return scheme != std::string_view::npos && scheme > 0 &&
         std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(scheme), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '-' || c == '.';
         });
}

bool looks_like_path(std::string_view word) {
  return word.starts_with('/') || word.starts_with("./") || word.starts_with("../");
}

bool looks_like_remote(std::string_view word) { return looks_like_url(word) || looks_like_path(word); }

std::string remote_of(std::string_view word, std::string_view base) {
  // Two slashes are a share in other systems: the service says what to do instead.
  if (!looks_like_path(word) || word.starts_with("//")) return std::string(word);
  const std::string path = absolute_path(word, base);
  return word.ends_with('/') && path != "/" ? path + "/" : path;  // which is refused as a directory
}

std::string absolute_path(std::string_view path, std::string_view base) {
  const std::string whole = path.starts_with('/') ? std::string(path)
                                                  : std::string(base) + "/" + std::string(path);
  std::string out;
  std::string_view rest = whole;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..") out.resize(out.empty() ? 0 : out.rfind('/'));
    else out += "/" + std::string(part);
  }
  return out.empty() ? "/" : out;
}

std::expected<std::vector<FileSpec>, std::string> make_targets(const std::vector<std::string>& urls,
                                                               const TargetRules& rules) {
  if (rules.outputs.size() > urls.size())
    return std::unexpected("there are more -o than URLs: \"" + shown_url(rules.outputs[urls.size()]) + "\" has none");
  std::vector<FileSpec> files;
  for (std::size_t i = 0; i < urls.size(); ++i) {
    if (!looks_like_remote(urls[i])) return std::unexpected("\"" + shown_url(urls[i]) + "\" is not a URL");
    const std::string output = i < rules.outputs.size() ? rules.outputs[i] : "";
    auto path = output == "-" ? standard_output_target(urls[i], i + 1, rules)
                              : target(urls[i], output, rules.directory, rules);
    if (!path) return std::unexpected(path.error());
    files.emplace_back(urls[i], *std::move(path), rules.ranges);
  }
  return files;
}

std::expected<std::vector<FileSpec>, std::string> parse_list(std::string_view text,
                                                             const TargetRules& rules) {
  auto list = entries(text);
  if (!list) return std::unexpected(list.error());
  std::vector<FileSpec> files;
  for (ListEntry& entry : *list) {
    entry.url = remote_of(entry.url, rules.base);
    for (std::string& mirror : entry.mirrors) mirror = remote_of(mirror, rules.base);
    const std::string& folder = entry.directory.empty() ? rules.directory : entry.directory;
    auto path = target(entry.url, entry.output, folder, rules);
    if (!path) return std::unexpected(path.error());
    FileSpec& file = files.emplace_back(entry.url, *std::move(path), entry.ranges);
    file.mirrors = entry.mirrors;
    file.digests = entry.digests;
    file.torrent = entry.torrent;
  }
  return files;
}

// The addresses may differ in what is not shown of them, so their places are told as well.
std::string clash(const std::vector<FileSpec>& files,
                  const std::function<std::string(const std::string&)>& real_path) {
  std::map<std::string, std::size_t> first;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto [found, fresh] = first.emplace(real_path(files[i].local), i);
    if (fresh) continue;
    const std::size_t before = found->second;
    return "URL " + std::to_string(before + 1) + " (" + shown_url(files[before].remote) + ") and URL " +
           std::to_string(i + 1) + " (" + shown_url(files[i].remote) + ") would both become " +
           files[i].local + ": give one of them another name with -o, or out= in a list";
  }
  return {};
}

std::string clash_with(const std::vector<FileThere>& there, const std::vector<FileSpec>& files,
                       const std::function<std::string(const std::string&)>& real_path) {
  const auto last = [](const std::string& path) { return path.substr(path.rfind('/') + 1); };
  std::multimap<std::string, const FileSpec*> added;
  for (const FileSpec& file : files) added.emplace(last(file.local), &file);
  for (const FileThere& old : there) {
    const auto [begin, end] = added.equal_range(last(old.local));
    for (auto at = begin; at != end; ++at) {
      const FileSpec& file = *at->second;
      if (file.local != old.local && real_path(file.local) != real_path(old.local)) continue;
      return "file " + std::to_string(old.index) + " of the job (" + shown_url(old.remote) +
             ") is to become " + old.local + " already, and " + shown_url(file.remote) +
             " would take its place: give it another name with -o, or out= in a list";
    }
  }
  return {};
}

}  // namespace backhaul::cli
