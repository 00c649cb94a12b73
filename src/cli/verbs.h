// SPDX-License-Identifier: Apache-2.0
// The table of verbs and options. Parser, help, completion and the test of the man page all read
// it; a verb or an option exists because it has a row here.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace backhaul::cli {

enum class Verb : std::uint8_t {
  get, create, add, list, show, status, stats, policy, explain, files, wait, start, suspend, cancel, complete, take,
  validate, move, set, unset, credential_set, credential_clear, header_set, header_clear, header_show,
  certificate_set, certificate_clear, monitor, class_add,
  class_remove, class_list, cache_list, cache_show, cache_delete, cache_clear, cache_set, peers, publish, version, help,
  completion, complete_jobs,
};

enum class Opt : std::uint8_t {
  help, version, user, user_of, system, bus, json, quiet, color, no_ask_password,
  output, remote_name, mirror, checksum, checksums, metalink, signature, key, directory, background, name, description, priority, type, progress,
  input, all, all_users, state, property, value, timeout, until, anew, notify, since, exec, file, wait, yes,
  cost, not_metered, keep_awake, peers, needed_by, idle, proxy, no_proxy, headers,
  login, password_file, scheme, negotiate, target, header, write_only, certificate, private_key,
  pass_phrase_file, hash, subject, store, machine, range, impact, all_instances, check, reload, own, url, tracker,
  set, temporary, discover, clear, count_,
};

struct OptionRow {
  Opt id;
  char letter;            // 0: none
  std::string_view name;  // without the hyphens
  std::string_view argument;  // what the help calls it; empty: a flag
  // The only values there are, and what completion offers; "@file" and "@dir" leave it to the shell.
  std::string_view words;
  std::string_view help;
};

// What the words behind the verb are, for completion.
enum class Operand : std::uint8_t { none, job, jobs, url, verb, shell, class_name, pair };

struct VerbRow {
  Verb id;
  std::string_view name;  // "class add" has two words
  std::string_view arguments;
  Operand operand;
  std::uint32_t least, most;  // number of operands; most 0: any number
  std::span<const Opt> options;
  std::string_view summary;
  std::string_view details;  // paragraphs for `help VERB`
  bool hidden = false;
};

std::span<const OptionRow> option_rows();
std::span<const VerbRow> verb_rows();
std::span<const Opt> global_options();
const OptionRow& row(Opt option);
// The values an option takes; empty: any.
std::vector<std::string_view> values_of(const OptionRow& option);
// Whether words of a command line begin a verb with it: "list", "class".
bool begins_verb(std::string_view word);
const VerbRow& row(Verb verb);

// Keys of `set` and `unset`, with one line of help each.
struct KeyRow {
  std::string_view name;
  std::string_view value;  // what the help calls the value
  std::string_view help;
};
std::span<const KeyRow> key_rows();

}  // namespace backhaul::cli
