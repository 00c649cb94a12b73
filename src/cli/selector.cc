// SPDX-License-Identifier: Apache-2.0
#include "cli/selector.h"

#include <backhaul/client.h>
#include <fnmatch.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "cli/text.h"

namespace backhaul::cli {
namespace {

constexpr std::size_t least_prefix = 4;
constexpr std::size_t id_digits = 32;

// The hex digits of what could be (the beginning of) an id; nothing for any other word.
std::optional<std::string> id_beginning(std::string_view word) {
  if (word.starts_with('{')) {
    word.remove_prefix(1);
    if (word.ends_with('}')) word.remove_suffix(1);
  }
  std::string digits;
  for (char c : word) {
    if (c == '-') continue;
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return std::nullopt;
    digits += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (digits.size() < least_prefix || digits.size() > id_digits) return std::nullopt;
  return digits;
}

std::string digits_of(const std::string& id) {
  std::string digits = id;
  std::erase(digits, '-');
  return digits;
}

// Enough to choose among.
constexpr std::size_t most_listed = 10;

std::string listed(const std::vector<Candidate>& jobs) {
  std::string text;
  for (std::size_t i = 0; i < jobs.size() && i < most_listed; ++i)
    text += "\n  " + jobs[i].id + "  " + printable(jobs[i].name, true);
  if (jobs.size() > most_listed) text += "\n  and " + std::to_string(jobs.size() - most_listed) + " more";
  return text;
}

SelectError ambiguous(const std::string& word, const std::vector<std::size_t>& found,
                      const std::vector<Candidate>& jobs) {
  std::vector<Candidate> named;
  for (const std::size_t i : found) named.push_back(jobs[i]);
  return {Exit::usage, several_named(word, named)};
}

template <class Predicate>
std::vector<std::size_t> positions(const std::vector<Candidate>& jobs, Predicate matches) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < jobs.size(); ++i)
    if (matches(jobs[i])) found.push_back(i);
  return found;
}

std::expected<std::vector<std::size_t>, SelectError> select_one(const std::string& word,
                                                                const std::vector<Candidate>& jobs) {
  const auto none = [&](const std::string& why) {
    return std::unexpected(SelectError{Exit::not_found, why});
  };
  if (word.empty()) return std::unexpected(SelectError{Exit::usage, "the name of a job is empty"});
  if (word.starts_with("name:")) {
    auto found = positions(
        jobs, [&, pattern = word.substr(5)](const auto& j) { return matches_glob(pattern, j.name); });
    if (found.empty())
      return none("no job has a name like \"" + shown_url(word.substr(5)) + "\"" +
                  (jobs.empty() ? "; there are no jobs" : "; there are these:" + listed(jobs)));
    return found;
  }
  std::vector<std::size_t> found;
  const auto digits = id_beginning(word);
  if (digits)
    found = positions(jobs, [&](const auto& j) { return digits_of(j.id).starts_with(*digits); });
  if (found.empty()) found = positions(jobs, [&](const auto& j) { return j.name == word; });
  if (found.empty()) {
    if (word.starts_with('{') && !digits)
      return std::unexpected(SelectError{Exit::usage, "\"" + word + "\" is not the id of a job"});
    return none("there is no job \"" + shown_url(word) + "\"");
  }
  if (found.size() > 1) return std::unexpected(ambiguous(word, found, jobs));
  return found;
}

}  // namespace

std::string several_named(const std::string& word, const std::vector<Candidate>& found) {
  return "\"" + shown_url(word) + "\" names several jobs:" + listed(found);
}

bool is_whole_id(std::string_view word) {
  const auto digits = id_beginning(word);
  return digits && digits->size() == id_digits;
}

bool could_be_id(std::string_view word) { return id_beginning(word).has_value(); }

bool names_id(std::string_view word, const std::string& id) {
  const auto digits = id_beginning(word);
  return digits && digits_of(id).starts_with(*digits);
}

std::expected<std::vector<std::size_t>, SelectError> select_jobs(
    const std::vector<std::string>& words, const std::vector<Candidate>& jobs) {
  std::vector<std::size_t> all;
  for (const std::string& word : words) {
    auto found = select_one(word, jobs);
    if (!found) return found;
    for (std::size_t i : *found)
      if (std::find(all.begin(), all.end(), i) == all.end()) all.push_back(i);
  }
  return all;
}

bool matches_glob(std::string_view pattern, std::string_view text) {
  return fnmatch(std::string(pattern).c_str(), std::string(text).c_str(), 0) == 0;
}

}  // namespace backhaul::cli
