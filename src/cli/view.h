// SPDX-License-Identifier: Apache-2.0
// Jobs and files as this command shows them: plain values, so that every table, sentence and JSON
// document is a function of them and can be tested without a service.
#pragma once

#include <backhaul/job.h>
#include <backhaul/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/json.h"
#include "cli/setting_kind.h"

namespace backhaul::cli {

struct JobView {
  std::string id, owner;
  JobType type = JobType::download;
  JobState state = JobState::suspended;
  std::uint64_t bytes_total = size_unknown, bytes_done = 0;
  std::uint32_t files_total = 0, files_done = 0, end_untold = 0, version_untold = 0;
  Time created{}, modified{}, transferred{}, expires{};
  std::uint32_t error_count = 0;
  ErrorInfo error;
  Waiting waiting;
  std::uint32_t resumable = 2;
  std::string notify_object;
  NotifyService notify_service;
  NotifyCommand notify_command;
  std::string notify_object_path;
  ProxySettings proxy;
  Author created_by, object_set_by, service_set_by, command_set_by;
  std::string command_barred;
  std::vector<UnheardEvent> unheard;
  std::vector<CredentialsSet> credentials;
  Author headers_set_by;
  bool headers_write_only = false;
  ClientCertificate certificate;
  Author certificate_set_by;
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  detail::setting_kind::kind::value member = first_value<detail::setting_kind::kind::value>(first);
#include "backhaul/job_settings.def"
  std::optional<double> rate;  // bytes per second, while some arrive
  std::uint64_t average_rate = 0, bytes_resumed = 0;
  std::uint64_t bytes_from_peers = 0;  // where somebody asked the files of the job
  std::chrono::microseconds path_delay{-1}, delay_added{-1};  // negative, and size_unknown: not measured
  std::uint64_t path_capacity = size_unknown, capacity_left = size_unknown;
  bool ended_partly = false;  // completed without some of its files, which were dropped
  // It has left the queue, and nobody remembers more than its id and how it ended.
  bool only_end_known = false;
};

struct FileView {
  std::uint32_t index = 0;
  std::string remote, local, temporary;
  std::uint64_t bytes_total = size_unknown, bytes_done = 0;
  bool transferred = false, completed = false, validated = false, end_untold = false, version_untold = false;
  std::vector<std::string> mirrors, digests;
  std::vector<FileRange> ranges{};  // none: the whole file
  std::uint64_t expected_size = size_unknown, piece_length = 0;
  std::string signed_by{};
  std::uint64_t bytes_from_peers = 0;
  std::vector<std::string> givers{};
  bool failed = false;  // what its job is in error for; known to the job
  // A later file of the job with the same local name. Where both are in place it took the place of this one.
  std::optional<std::uint32_t> namesake{};
};

JobView make_view(const JobInfo& info);
FileView make_view(const FileInfo& info);
// All files of a job.
std::vector<FileView> views_of(const std::vector<FileInfo>& infos);
void find_namesakes(std::vector<FileView>& files);
// Its namesake is in its place.
bool is_replaced(const FileView& file, const std::vector<FileView>& files);
// For each file whose place another one took: which, and where.
std::vector<std::string> replaced_lines(const std::vector<FileView>& files);

// The documented schema (backhaul(1), JSON): sizes in octets, times RFC 3339, unknown is null.
// Names and JSON values of all fields, in their order.
using JobFields = std::vector<std::pair<std::string, std::string>>;
JobFields job_fields(const JobView& job);
void write_job(Json& json, const JobView& job);
void write_file(Json& json, const FileView& file);

// "BG_E_NOT_FOUND 0x80200001", or the number alone for a code without a symbol.
std::string name_of_code(std::uint32_t code);
// "BG_E_NOT_FOUND", "BG_E_HTTP_ERROR_429"; empty for a code that has none, as those of the system.
std::string symbol_of(std::uint32_t code);
// What a program needs to know of a failure: {"code":…,"symbol":…,"context":…,"file":…,"text":…}.
Json error_json(const ErrorInfo& error);
// The sentence of an error, without its full stop: that of the service, else one about the code.
std::string sentence_of(std::uint32_t code, const std::string& text);
// "the sentence (SYMBOL 0x…)": how every error is told. An HTTP status has its reason with it.
std::string told_error(std::uint32_t code, const std::string& text);
// A line of a server's answer, as `show --headers` has it: where it leads to is an address like others.
std::string shown_header(const std::string& line);
// "1 file", "3 files".
std::string count_of_files(std::uint64_t count);
// Of a job that was completed without all of its files: "with none of its 3 files in place", "with 1 of …".
std::string kept_of(const JobView& job);
// Of a job with files whose end, or of whose ranges the version, nobody told: that it is not known whether they are
// whole, or of one version. Else empty.
std::string untold_note(const JobView& job, const Command& command);
// The first eight digits, enough for people; commands take any unique beginning.
// A link of the chain of `explain`.
std::string cause_line(const Cause& cause);
void write_cause(Json& json, const Cause& cause);
std::string short_id(const std::string& id);
// Seconds until the end at this rate; nothing while that cannot be known.
std::optional<std::chrono::seconds> time_left(const JobView& job);
std::string user_name(std::uint32_t uid);
// "transferred", "error", "file-transferred": the kinds of events, as in NotifyFlags.
const char* event_word(std::uint32_t kind);
std::vector<std::string> flag_words(std::uint32_t notify_flags);

// key=value, in a fixed order; the names are those of `show -p`.
std::vector<std::pair<std::string, std::string>> properties(const JobView& job);

struct TableStyle {
  std::size_t columns = 80;
  bool utf8 = true;
  bool colour = false;
  bool owners = false;  // the jobs may be those of many
};
std::string render_list(const std::vector<JobView>& jobs, const TableStyle& style, Time now);
// The list for a display of so many lines that redraws itself: as many jobs as fit below the header,
// those that need somebody and those that move first. In the order of their age; where not all fit, those
// that need somebody stand above.
std::string render_monitor(const std::vector<JobView>& jobs, const TableStyle& style,
                           std::size_t lines, Time now);
// Who made each job, what will be started for it, and who set that when. `classes`: what the classes
// that were registered through backhaul start, by name.
using ClassPrograms = std::map<std::string, std::string>;
std::string render_notify_list(const std::vector<JobView>& jobs, const ClassPrograms& classes,
                               const TableStyle& style, Time now);
void write_notify(Json& json, const JobView& job, const ClassPrograms& classes);
std::string render_files(const std::vector<FileView>& files, const TableStyle& style);
// "0  /a/.part": a line for each file, with its number and where its bytes are, uncut.
std::string render_places(const std::vector<FileView>& files, bool utf8);
// One screen for people: what it does, how far it is, what it waits for, what went wrong and what
// helps.
std::string render_status(const JobView& job, const Command& command, const TableStyle& style, Time now);
// "waiting: retry in 4 min 10 s after HTTP 503"; empty while it moves.
std::string waiting_line(const JobView& job);
// What to type to put the files of a job in place that waits for that; empty when it does not.
std::string way_to_complete(const JobView& job, const Command& command);

}  // namespace backhaul::cli
