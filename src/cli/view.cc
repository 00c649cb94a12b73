// SPDX-License-Identifier: Apache-2.0
#include "cli/view.h"

#include <backhaul/client.h>
#include <backhaul/codes.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>

#include "cli/ranges.h"
#include "cli/setting_kind.h"
#include "cli/settings.h"
#include "cli/text.h"

namespace backhaul::cli {

std::string user_name(std::uint32_t uid) {
  std::vector<char> buffer(4096);
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return found->pw_name;
  return std::to_string(uid);
}

namespace {

Json size(std::uint64_t bytes) {
  return bytes == size_unknown ? Json().null() : Json().value(bytes);
}

Json time(Time when) { return is_known(when) ? Json().value(format_utc(when)) : Json().null(); }

Json text_or_null(const std::string& text) {
  return text.empty() ? Json().null() : Json().value(text);
}

Json counts(const Json& total, const Json& done) {
  Json json;
  json.object().key("total").literal(total.text()).key("done").literal(done.text()).end_object();
  return json;
}

Json waiting_json(const Waiting& waiting) {
  if (waiting.kind.empty() || waiting.kind == "nothing") return Json().null();
  Json json;
  json.object().key("kind").value(waiting.kind);
  json.key("since").literal(time(waiting.since).text());
  json.key("until").literal(time(waiting.until).text());
  json.key("text").value(waiting.sentence).end_object();
  return json;
}

Json retry_json(const JobView& job) {
  Json json;
  json.object().key("min-delay").value(job.minimum_retry_delay.count());
  json.key("next").literal(time(job.waiting.kind == "retry" ? job.waiting.until : Time{}).text());
  json.key("no-progress-timeout").value(job.no_progress_timeout.count()).end_object();
  return json;
}

Json notify_json(const JobView& job) {
  Json json;
  json.object().key("flags").array();
  for (const std::string& word : flag_words(job.notify_flags)) json.value(word);
  json.end_array().key("object").literal(text_or_null(job.notify_object).text());
  json.key("name").literal(text_or_null(job.notify_service.name).text());
  json.key("command").literal(text_or_null(job.notify_command.program).text()).end_object();
  return json;
}

// What its background transfers do to others on their path, as far as it is measured.
Json impact_json(const JobView& job) {
  Json json;
  if (job.path_delay.count() < 0) return json.null();
  json.object().key("path-delay-us").value(job.path_delay.count());
  json.key("delay-added-us").literal(job.delay_added.count() < 0 ? "null" : std::to_string(job.delay_added.count()));
  json.key("path-capacity").literal(size(job.path_capacity).text());
  json.key("capacity-left").literal(size(job.capacity_left).text()).end_object();
  return json;
}

Json credentials_json(const JobView& job) {
  Json json;
  json.array();
  for (const CredentialsSet& one : job.credentials) {
    json.object().key("target").value(to_word(one.target)).key("scheme").value(to_word(one.scheme));
    json.key("implicit").value(one.implicit).key("set-by").value(user_name(one.set_by.uid));
    json.key("set").literal(time(one.set_by.time).text()).end_object();
  }
  json.end_array();
  return json;
}

Json headers_json(const JobView& job) {
  Json json;
  json.object().key("set").literal(time(job.headers_set_by.time).text());
  json.key("write-only").value(job.headers_write_only).end_object();
  return json;
}

Json certificate_json(const JobView& job) {
  Json json;
  const ClientCertificate& one = job.certificate;
  if (one.certificate.empty()) return json.literal("null");
  json.object().key("certificate").value(one.certificate).key("key").literal(text_or_null(one.key).text());
  json.key("store").literal(text_or_null(one.store).text()).key("hash").literal(text_or_null(one.hash).text());
  json.key("subject").literal(text_or_null(one.subject).text());
  json.key("set-by").value(user_name(job.certificate_set_by.uid));
  json.key("set").literal(time(job.certificate_set_by.time).text()).end_object();
  return json;
}

std::string certificate_text(const JobView& job) {
  const ClientCertificate& one = job.certificate;
  if (one.certificate.empty()) return {};
  return one.certificate + (one.subject.empty() ? "" : ", of " + one.subject) + ", set by " +
         user_name(job.certificate_set_by.uid) + " " + format_utc(job.certificate_set_by.time);
}

// "server basic, set by ana 2026-…"; nobody can say more.
std::string credentials_text(const JobView& job) {
  std::string text;
  for (const CredentialsSet& one : job.credentials) {
    if (!text.empty()) text += "; ";
    text += std::string(to_word(one.target)) + " " + to_word(one.scheme) + (one.implicit ? " implicit" : "") +
            ", set by " + user_name(one.set_by.uid) + " " + format_utc(one.set_by.time);
  }
  return text;
}

std::string headers_text(const JobView& job) {
  std::string text;
  if (is_known(job.headers_set_by.time))
    text = "set by " + user_name(job.headers_set_by.uid) + " " + format_utc(job.headers_set_by.time);
  if (job.headers_write_only) text += text.empty() ? "write-only" : ", write-only";
  return text;
}

}  // namespace

JobView make_view(const JobInfo& info) {
  JobView view;
  view.id = info.id();
  view.owner = user_name(info.owner());
  view.type = info.type();
  view.state = info.state();
  view.bytes_total = info.bytes_total();
  view.bytes_done = info.bytes_transferred();
  view.files_total = info.files_total();
  view.files_done = info.files_transferred();
  view.end_untold = info.end_untold();
  view.version_untold = info.version_untold();
  view.created = info.created();
  view.modified = info.modified();
  view.transferred = info.transferred();
  view.expires = info.expires();
  view.error_count = info.error_count();
  view.error = info.error();
  view.waiting = info.waiting();
  view.resumable = info.resumable();
  view.notify_object = info.notify_object_name();
  view.notify_service = info.notify_service();
  view.notify_command = info.notify_command();
  view.notify_object_path = info.notify_object_path();
  view.proxy = info.proxy();
  view.created_by = info.created_by();
  view.object_set_by = info.notify_object_set_by();
  view.service_set_by = info.notify_service_set_by();
  view.command_set_by = info.notify_command_set_by();
  view.command_barred = info.notify_command_barred();
  view.unheard = info.notify_unheard();
  view.credentials = info.credentials_set();
  view.headers_set_by = info.custom_headers_set_by();
  view.headers_write_only = info.custom_headers_write_only();
  view.certificate = info.client_certificate();
  view.certificate_set_by = info.client_certificate_set_by();
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  view.member = info.member();
#include "backhaul/job_settings.def"
  if (info.rate() > 0) view.rate = static_cast<double>(info.rate());
  view.average_rate = info.average_rate();
  view.bytes_resumed = info.bytes_resumed();
  view.path_delay = info.path_delay();
  view.delay_added = info.delay_added();
  view.path_capacity = info.path_capacity();
  view.capacity_left = info.capacity_left();
  view.ended_partly = view.state == JobState::acknowledged && view.files_done < view.files_total;
  return view;
}

FileView make_view(const FileInfo& info) {
  return {info.index(),       info.remote_name(),       info.local_name(),
          info.temporary_name(), info.bytes_total(),    info.bytes_transferred(),
          info.transferred(), info.completed(),         info.validated(),
          info.end_untold(),  info.version_untold(),    info.mirrors(), info.digests(), info.ranges(),
          info.expected_size(), info.piece_length(), info.signed_by(),
          info.bytes_from_peers(), info.givers()};
}

JobFields job_fields(const JobView& job) {
  const auto left = time_left(job);
  const auto rate = job.rate ? Json().value(static_cast<std::uint64_t>(*job.rate)) : Json().null();
  return {
      {"id", Json().value(job.id).text()},
      {"type", Json().value(to_word(job.type)).text()},
      {"state", Json().value(to_word(job.state)).text()},
      {"owner", Json().value(job.owner).text()},
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  {key, to_json(setting_kind::kind(), job.member).text()},
#include "backhaul/job_settings.def"
      {"proxy", Json().value(proxy_text(job.proxy)).text()},
      {"no-proxy", text_or_null(job.proxy.bypass).text()},
      {"created", time(job.created).text()},
      {"modified", time(job.modified).text()},
      {"transferred", time(job.transferred).text()},
      {"expires", time(job.expires).text()},
      {"files", counts(Json().value(job.files_total), Json().value(job.files_done)).text()},
      {"bytes", counts(size(job.bytes_total), size(job.bytes_done)).text()},
      {"rate", rate.text()},
      {"average-rate", job.average_rate > 0 ? Json().value(job.average_rate).text() : "null"},
      {"eta", left ? Json().value(left->count()).text() : "null"},
      {"resumed", Json().value(job.bytes_resumed).text()},
      {"impact", impact_json(job).text()},
      {"end-untold", Json().value(job.end_untold).text()},
      {"version-untold", Json().value(job.version_untold).text()},
      {"resumable", job.resumable < 2 ? Json().value(job.resumable == 1).text() : "null"},
      {"waiting", waiting_json(job.waiting).text()},
      {"error", error_json(job.error).text()},
      {"error-count", Json().value(job.error_count).text()},
      {"retry", retry_json(job).text()},
      {"notify", notify_json(job).text()},
      {"credentials", credentials_json(job).text()},
      {"headers", headers_json(job).text()},
      {"certificate", certificate_json(job).text()},
  };
}

void write_job(Json& json, const JobView& job) {
  json.object();
  for (const auto& [name, value] : job_fields(job)) {
    const bool known = !job.only_end_known || name == "id" || name == "state";
    json.key(name).literal(known ? value : "null");
  }
  json.end_object();
}

void write_file(Json& json, const FileView& file) {
  json.object().key("index").value(file.index).key("url").value(file.remote);
  json.key("path").value(file.local);
  json.key("temporary").literal(text_or_null(file.temporary).text());
  json.key("bytes").literal(counts(size(file.bytes_total), size(file.bytes_done)).text());
  json.key("transferred").value(file.transferred).key("completed").value(file.completed);
  json.key("validated").value(file.validated);
  json.key("end-untold").value(file.end_untold).key("version-untold").value(file.version_untold);
  for (const auto& [name, texts] : {std::pair("mirrors", &file.mirrors), std::pair("digests", &file.digests),
                                    std::pair("givers", &file.givers)}) {
    json.key(name).array();
    for (const std::string& text : *texts) json.value(text);
    json.end_array();
  }
  json.key("ranges").literal(file.ranges.empty() ? Json().null().text()
                                                 : Json().value(ranges_text(file.ranges)).text());
  json.key("expected-size").literal(size(file.expected_size).text());
  json.key("piece-length").literal(file.piece_length == 0 ? Json().null().text()
                                                          : Json().value(file.piece_length).text());
  json.key("from-peers").value(file.bytes_from_peers);
  json.key("signed-by").literal(text_or_null(file.signed_by).text());
  json.key("same-name-as").literal(file.namesake ? Json().value(*file.namesake).text() : "null");
  json.end_object();
}

std::string shown_header(const std::string& line) {
  const std::size_t colon = line.find(':');
  std::string name = line.substr(0, colon);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  if (colon == std::string::npos || (name != "location" && name != "content-location")) return line;
  const std::size_t value = std::min(line.find_first_not_of(" \t", colon + 1), line.size());
  return line.substr(0, value) + shown_url(line.substr(value));
}

std::string count_of_files(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " file" : " files");
}

std::string kept_of(const JobView& job) {
  if (job.only_end_known) return "without all of its files";
  const std::string kept = job.files_done == 0 ? "none" : std::to_string(job.files_done);
  return "with " + kept + " of its " + count_of_files(job.files_total) + " in place";
}

namespace {

std::string end_untold_note(const JobView& job, const Command& command) {
  if (job.end_untold == 0) return {};
  if (job.files_total == 1) return "nobody told its size: whether that was all is not known";
  return "nobody told the size of " + count_of_files(job.end_untold) + ": whether " +
         (job.end_untold == 1 ? "that was all of it" : "that was all of them") +
         " is not known; see " + command("files " + short_id(job.id));
}

std::string version_untold_note(const JobView& job, const Command& command) {
  if (job.version_untold == 0) return {};
  if (job.files_total == 1) return "no one version of it was told: whether its parts are all of one is not known";
  return "no one version was told of " + count_of_files(job.version_untold) + ": whether " +
         (job.version_untold == 1 ? "its parts" : "the parts of each") + " are all of one is not known; see " +
         command("files " + short_id(job.id));
}

}  // namespace

std::string untold_note(const JobView& job, const Command& command) {
  const std::string end = end_untold_note(job, command);
  const std::string version = version_untold_note(job, command);
  return end + (end.empty() || version.empty() ? "" : "; ") + version;
}

std::string cause_line(const Cause& cause) {
  std::string line = cause.subject + std::string(8 - std::min<std::size_t>(cause.subject.size(), 7), ' ') +
                     cause.sentence;
  if (!cause.job.empty()) line += " (" + short_id(cause.job) + ")";
  if (!cause.where.empty()) line += " [" + cause.where + "]";
  if (is_known(cause.until)) line += ", until " + format_local(cause.until);
  return line;
}

void write_cause(Json& json, const Cause& cause) {
  json.object().key("subject").value(cause.subject).key("kind").value(cause.kind);
  json.key("job").literal(text_or_null(cause.job).text());
  json.key("since").literal(time(cause.since).text()).key("until").literal(time(cause.until).text());
  json.key("text").value(cause.sentence).key("where").literal(text_or_null(cause.where).text());
  json.end_object();
}

std::string short_id(const std::string& id) { return id.substr(0, 8); }

std::optional<std::chrono::seconds> time_left(const JobView& job) {
  if (!job.rate || *job.rate < 1 || job.bytes_total == size_unknown || job.bytes_total < job.bytes_done)
    return std::nullopt;
  const double left = static_cast<double>(job.bytes_total - job.bytes_done) / *job.rate;
  if (left > 1e8) return std::nullopt;
  return std::chrono::seconds(static_cast<long long>(left + 0.999));
}

std::vector<std::string> flag_words(std::uint32_t flags) {
  static constexpr std::pair<std::uint32_t, const char*> words[] = {
      {notify::job_transferred, "transferred"},   {notify::job_error, "error"},
      {notify::disable, "disable"},               {notify::job_modification, "modification"},
      {notify::file_transferred, "file-transferred"},
      {notify::file_ranges_transferred, "file-ranges-transferred"}};
  std::vector<std::string> out;
  for (const auto& [bit, word] : words)
    if ((flags & bit) != 0) out.emplace_back(word);
  return out;
}

std::vector<std::pair<std::string, std::string>> properties(const JobView& job) {
  const auto bytes = [](std::uint64_t n) { return n == size_unknown ? "" : std::to_string(n); };
  const auto when = [](Time t) { return is_known(t) ? format_utc(t) : ""; };
  const bool failed = job.error.code != code::s_ok;
  return {
      {"id", job.id},
      {"type", to_word(job.type)},
      {"state", to_word(job.state)},
      {"owner", job.owner},
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  {key, to_text(setting_kind::kind(), job.member)},
#include "backhaul/job_settings.def"
      {"proxy", proxy_text(job.proxy)},
      {"no-proxy", job.proxy.bypass},
      {"created", when(job.created)},
      {"modified", when(job.modified)},
      {"transferred", when(job.transferred)},
      {"expires", when(job.expires)},
      {"files-total", std::to_string(job.files_total)},
      {"files-done", std::to_string(job.files_done)},
      {"bytes-total", bytes(job.bytes_total)},
      {"bytes-done", std::to_string(job.bytes_done)},
      {"end-untold", std::to_string(job.end_untold)},
      {"version-untold", std::to_string(job.version_untold)},
      {"resumable", job.resumable == 0 ? "no" : job.resumable == 1 ? "yes" : ""},
      {"waiting", job.waiting.kind},
      {"waiting-until", when(job.waiting.until)},
      {"waiting-text", job.waiting.sentence},
      {"error-code", failed ? format_code(job.error.code) : ""},
      {"error-symbol", symbol_of(job.error.code)},
      {"error-context", failed ? to_word(job.error.context) : ""},
      {"error-file", failed && job.error.file != no_file ? std::to_string(job.error.file) : ""},
      {"error-text", failed && job.error.text.empty() ? code_text(job.error.code) : job.error.text},
      {"error-count", std::to_string(job.error_count)},
      {"notify-object", job.notify_object},
      {"notify-service", job.notify_service.name},
      {"notify-command", job.notify_command.program},
      {"notify-parameters", job.notify_command.parameters},
      {"credentials", credentials_text(job)},
      {"headers", headers_text(job)},
      {"certificate", certificate_text(job)},
  };
}

}  // namespace backhaul::cli
