// SPDX-License-Identifier: Apache-2.0
#include "cli/companions.h"

#include <backhaul/codes.h>
#include <backhaul/metalink.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <optional>

#include "cli/armour.h"
#include "cli/checksums.h"
#include "cli/input.h"
#include "cli/standard_output.h"
#include "cli/text.h"
#include "cli/wakeups.h"

namespace backhaul::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t companion_max = 16U << 20;

constexpr auto companion_limit = 5min;
constexpr auto pause_while_lost = 250ms;
constexpr int lost_max = 100;

// How it ended; unset: Ctrl+C. Its last state where the time is over.
std::optional<Result<JobInfo>> wait_for_end(Wakeups& wakeups, const Job& job) {
  const auto deadline = Wakeups::Clock::now() + companion_limit;
  int failures = 0;
  for (;;) {
    auto now = job.info();
    const bool lost = !now && now.code() == code::rpc_e_disconnected;  // the service comes back
    if (!now && (!lost || ++failures > lost_max)) return now;
    // With AutoComplete it is in place when the job is over, and not before.
    const bool over = now && (now->state() == JobState::error || now->state() == JobState::acknowledged ||
                              now->state() == JobState::cancelled);
    const auto time = Wakeups::Clock::now();
    if (over || time >= deadline) return now;
    const auto next = lost ? std::min(deadline, time + pause_while_lost) : deadline;
    if (wakeups.wait(next).kind == Wake::Kind::interrupt) return std::nullopt;
  }
}

// What lies on a server: a job of its own, which nobody sees unless it fails, and which goes with the command.
std::expected<std::string, Exit> fetch(App& app, const std::string& url, std::string_view option,
                                       const BeforeEnd& before_end) {
  auto client = app.client();
  if (!client) return std::unexpected(client.error());
  auto place = StandardOutput::make();
  if (!place) return std::unexpected(app.fail("--" + std::string(option), Error(code::e_fail, place.error())));
  const std::string path = place->directory() + "/" + std::string(option);
  const std::string what = "the " + std::string(option) + " at " + shown_url(url);
  JobSettings settings;
  settings.name(std::string(option)).minimum_retry_delay(5s).auto_complete(true).priority(Priority::foreground);
  settings.maximum_download_size(companion_max);
  Job job;
  const auto give_up = [&] {
    if (!job.id().empty()) static_cast<void>(job.cancel());
    place->remove();
  };
  // Before the job: from here on a signal has somebody to cancel it.
  Wakeups wakeups([&] {
    give_up();
    if (before_end) before_end();
  });
  const auto no_more = [&](const Error& why) {
    give_up();  // while signals are still held
    return std::unexpected(app.fail(what, why));
  };
  if (const auto listening = wakeups.listen(*client); !listening) return no_more(listening.error());
  auto made = client->enqueue(settings, {{url, path}}, true);
  if (!made) return no_more(made.error());
  job = *std::move(made);
  const auto end = wait_for_end(wakeups, job);
  if (!end) {
    give_up();
    app.remark("backhaul: interrupted before " + what + " had come; nothing was begun");
    return std::unexpected(Exit::interrupted);
  }
  if (!*end) return no_more(end->error());
  if ((*end)->state() != JobState::acknowledged) return no_more(why_it_did_not_come(make_view(**end)));
  auto text = read_bytes(path);
  if (!text) return no_more(Error(code::e_fail, text.error()));
  place->remove();
  return *std::move(text);
}

std::expected<std::string, Exit> read_or_fetch(App& app, const std::string& place, std::string_view option,
                                               const BeforeEnd& before_end) {
  if (looks_like_url(place)) return fetch(app, place, option, before_end);
  auto text = read_bytes(place);
  if (!text) return std::unexpected(app.misuse(text.error()));
  return *std::move(text);
}

std::expected<void, Exit> add_checksums(App& app, std::vector<FileSpec>& files, const BeforeEnd& before_end) {
  for (const std::string& list : app.arguments().all(Opt::checksums)) {
    const auto text = read_or_fetch(app, list, "checksums", before_end);
    if (!text) return std::unexpected(text.error());
    const std::string name = list.substr(0, list.find_first_of("?#"));
    const auto lines = parse_checksums(*text, name);
    if (!lines) return std::unexpected(app.misuse(lines.error()));
    if (const auto applied = apply_checksums(files, *lines, name); !applied)
      return std::unexpected(app.misuse(applied.error()));
  }
  return {};
}

// --- Metalink ------------------------------------------------------------------------------------

// By local name: the types of digests that are not checked.
using Unchecked = std::map<std::string, std::vector<std::string>>;

// Its names may have directories; those beneath the one that was chosen are made.
std::string make_place(const std::string& directory, const std::string& name) {
  const std::filesystem::path path = std::filesystem::path(directory) / name;
  std::error_code ignored;  // what is missing is told with all others
  if (name.find('/') != std::string::npos && std::filesystem::is_directory(directory, ignored))
    std::filesystem::create_directories(path.parent_path(), ignored);
  return path.string();
}

std::expected<void, Exit> add_metalinks(App& app, std::vector<FileSpec>& files, bool with_signatures,
                                        Unchecked& unchecked, const BeforeEnd& before_end) {
  const Arguments& arguments = app.arguments();
  const std::string* chosen = arguments.find(Opt::directory);
  std::error_code error;
  const std::string directory =
      absolute_path(chosen == nullptr ? "." : *chosen, std::filesystem::current_path(error).string());
  for (const std::string& place : arguments.all(Opt::metalink)) {
    const auto text = read_or_fetch(app, place, "metalink", before_end);
    if (!text) return std::unexpected(text.error());
    auto listed = parse_metalink(*text);
    if (!listed) return std::unexpected(app.misuse(shown_url(place) + ", " + listed.error().message));
    for (MetalinkFile& file : *listed) {
      file.spec.local = make_place(directory, file.name);
      if (!file.unchecked.empty()) unchecked.emplace(file.spec.local, std::move(file.unchecked));
      if (with_signatures) file.spec.signature = std::move(file.signature);
      files.push_back(std::move(file.spec));
    }
  }
  return {};
}

// Once for all of them. What a list or a signature vouches for is checked by that.
void tell_unchecked(App& app, const std::vector<FileSpec>& files, const Unchecked& unchecked) {
  std::string line;
  std::size_t more = 0;
  for (const FileSpec& file : files) {
    const auto types = unchecked.find(file.local);
    if (types == unchecked.end() || !file.digests.empty() || !file.signature.empty()) continue;
    if (line.empty()) line = unchecked_line(file.local.substr(file.local.rfind('/') + 1), types->second);
    else ++more;
  }
  if (more > 0) line += "; nor are those of " + count_of_files(more) + " beside it";
  if (!line.empty()) app.remark("backhaul: " + line);
}

// --- signatures ----------------------------------------------------------------------------------

// The public key of minisign is short enough to be given itself.
bool is_bare_key(const std::string& text) {
  constexpr std::size_t length = 56;
  return text.size() == length && text.starts_with("RW") &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) != 0 || c == '+' || c == '/' || c == '='; });
}

// As text, which is all that is sent. Unset: it is none, and that was said.
std::expected<std::string, Exit> signature_text(App& app, const std::string& place, std::string_view option,
                                                std::string_view kind, const BeforeEnd& before_end) {
  auto read = read_or_fetch(app, place, option, before_end);
  if (!read) return read;
  std::string text = in_armour(*std::move(read), kind);
  const bool is_text = std::ranges::all_of(text, [](unsigned char c) {
    return std::isprint(c) != 0 || std::isspace(c) != 0;
  });
  if (is_text) return text;
  return std::unexpected(app.misuse(shown_url(place) + " is no " + std::string(option) + " of minisign or OpenPGP"));
}

std::expected<void, Exit> add_signatures(App& app, std::vector<FileSpec>& files, const BeforeEnd& before_end) {
  const std::string* place = app.arguments().find(Opt::signature);
  const std::string* key = app.arguments().find(Opt::key);
  if (place == nullptr && key == nullptr) return {};
  const auto misuse = [&](const std::string& why) { return std::unexpected(app.misuse(why)); };
  if (key == nullptr) return misuse("--signature needs the key that has to have made it: --key");
  if (place != nullptr && files.size() != 1) return misuse("--signature is of one URL");
  std::string key_text = *key;
  if (!is_bare_key(*key)) {
    auto text = signature_text(app, *key, "key", "PUBLIC KEY BLOCK", before_end);
    if (!text) return std::unexpected(text.error());
    key_text = *std::move(text);
  }
  if (place != nullptr) {
    auto text = signature_text(app, *place, "signature", "SIGNATURE", before_end);
    if (!text) return std::unexpected(text.error());
    files.front().signature = *std::move(text);
  }
  for (FileSpec& file : files) {
    if (file.signature.empty()) return misuse("there is no signature of " + shown_url(file.remote) + ": --signature");
    file.signature_key = key_text;
  }
  return {};
}

}  // namespace

std::string unchecked_line(const std::string& name, const std::vector<std::string>& types) {
  constexpr std::size_t longest = 40;  // they are a stranger's words
  std::string list;
  for (std::size_t i = 0; i < types.size(); ++i)
    list += (i == 0 ? "" : i + 1 < types.size() ? ", " : " and ") + printable(fit(types[i], longest, true), true);
  return printable(name, true) + (types.size() == 1 ? ": its only digest is " : ": its only digests are ") + list +
         (types.size() == 1 ? ", which is not checked" : ", which are not checked");
}

Error why_it_did_not_come(const JobView& job) {
  if (job.state == JobState::cancelled) return {code::e_fail, "its job was cancelled meanwhile"};
  if (job.state == JobState::error) return {job.error.code, job.error.text, job.error.context};
  const std::string late = "it did not come within " + std::to_string(companion_limit / 1min) + " minutes";
  const std::string why = job.error.text.empty() ? code_text(job.error.code) : job.error.text;
  if (job.error.code != 0) return {job.error.code, late + ": " + why, job.error.context};
  return {code::bg_e_maxdownload_timeout, late + (job.waiting.sentence.empty() ? "" : ": " + job.waiting.sentence)};
}

std::expected<void, Exit> add_companions(App& app, std::vector<FileSpec>& files, const BeforeEnd& before_end) {
  const Arguments& arguments = app.arguments();
  const bool with_signatures = arguments.has(Opt::key) && !arguments.has(Opt::signature);
  Unchecked unchecked;
  if (auto done = add_metalinks(app, files, with_signatures, unchecked, before_end); !done) return done;
  if (arguments.has(Opt::metalink))
    if (const std::string both = clash_of(files); !both.empty()) return std::unexpected(app.misuse(both));
  if (auto done = add_checksums(app, files, before_end); !done) return done;
  if (auto done = add_signatures(app, files, before_end); !done) return done;
  tell_unchecked(app, files, unchecked);
  return {};
}

}  // namespace backhaul::cli
