// SPDX-License-Identifier: Apache-2.0
// How jobs are named on the command line: an id or any unique beginning of it of at least four
// characters (braces, hyphens and case do not matter), name:PATTERN, an exact name. (@last is a
// question to the service: it may have ended.) Pure: the jobs are given, so that every rule can be
// tested.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "cli/exit_code.h"

namespace backhaul::cli {

struct Candidate {
  std::string id;  // lower-case UUID
  std::string name;
};

struct SelectError {
  Exit exit = Exit::usage;
  std::string text;  // with the candidates of an ambiguous word, one per line
};

// A whole id needs no list of jobs: it may also name one that has left the queue.
bool is_whole_id(std::string_view word);

// An id, or the beginning of one: such a word may name a job that has ended.
bool could_be_id(std::string_view word);
// Whether the word names this id, in any form of it.
bool names_id(std::string_view word, const std::string& id);

// Positions in `jobs`, in the order of the words, none twice. A pattern may match several jobs;
// every other word names one job.
std::expected<std::vector<std::size_t>, SelectError> select_jobs(
    const std::vector<std::string>& words, const std::vector<Candidate>& jobs);

// "\"a\" names several jobs:", and each of them on a line; of very many the first.
std::string several_named(const std::string& word, const std::vector<Candidate>& found);

// Shell patterns: * ? [a-z] [!a-z], and \ before a character that is meant literally.
bool matches_glob(std::string_view pattern, std::string_view text);

}  // namespace backhaul::cli
