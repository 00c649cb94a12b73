// SPDX-License-Identifier: Apache-2.0
// The syntax is libinih's; the meaning is the table of keys below.
#include "daemon/settings.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <ini.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/policy_settings.h"
#include "daemon/setting_number.h"

namespace backhaul::daemon {
namespace {

struct NumberKey {
  std::string_view section;
  std::string_view name;
  std::uint32_t Settings::*member;
  std::uint32_t least;
  std::uint32_t most;
};

constexpr std::array number_keys{
    NumberKey{"Service", "ClassStartTimeoutSec", &Settings::class_start_timeout_s, 1, 3600},
    NumberKey{"Jobs", "InactivityTimeoutDays", &Settings::inactivity_timeout_days, 1, 999},
    NumberKey{"Jobs", "MaxDownloadTimeSec", &Settings::max_download_time_s, 1, std::numeric_limits<std::uint32_t>::max()},
    NumberKey{"Jobs", "MaxJobsPerMachine", &Settings::max_jobs_per_machine, 1, 1'000'000},
    NumberKey{"Jobs", "MaxJobsPerUser", &Settings::max_jobs_per_user, 1, 1'000'000},
    NumberKey{"Jobs", "MaxJobsPerApplication", &Settings::max_jobs_per_application, 1, 1'000'000},
    NumberKey{"Jobs", "MaxFilesPerJob", &Settings::max_files_per_job, 1, 1'000'000},
    NumberKey{"Jobs", "MaxRangesPerFile", &Settings::max_ranges_per_file, 1, 1'000'000},
    NumberKey{"Scheduler", "TimeSliceSec", &Settings::time_slice_s, 1, 86'400},
    NumberKey{"Network", "QueueDelayMs", &Settings::queue_delay_ms, 1, 1000},
    NumberKey{"Scheduler", "MaxForegroundJobs", &Settings::max_foreground_jobs, 1, 1000},
    NumberKey{"Scheduler", "MaxConnectionsPerHost", &Settings::max_connections_per_host, 1, 1000},
};

// Those of which `explain` names the line.
constexpr std::array places_told{
    std::pair{std::string_view("TimeSliceSec"), &Settings::slice_said},
    std::pair{std::string_view("MaxForegroundJobs"), &Settings::foreground_said},
    std::pair{std::string_view("MaxConnectionsPerHost"), &Settings::connections_said},
    std::pair{std::string_view("MaxJobsPerApplication"), &Settings::application_limit_said},
};

std::optional<base::LogLevel> parse_level(std::string_view text) {
  constexpr std::array names{
      std::pair{std::string_view("error"), base::LogLevel::error},
      std::pair{std::string_view("warning"), base::LogLevel::warning},
      std::pair{std::string_view("notice"), base::LogLevel::notice},
      std::pair{std::string_view("info"), base::LogLevel::info},
      std::pair{std::string_view("debug"), base::LogLevel::debug},
  };
  for (const auto& [name, level] : names) {
    if (text == name) return level;
  }
  return std::nullopt;
}

// Sections of the keys that have no number.
constexpr std::array word_keys{std::pair{std::string_view("Jobs"), std::string_view("ExemptApplications")},
                               std::pair{std::string_view("Secrets"), std::string_view("Keyring")},
                               std::pair{std::string_view("Secrets"), std::string_view("SystemdCreds")},
                               std::pair{std::string_view("Service"), std::string_view("LogLevel")},
                               std::pair{std::string_view("Network"), std::string_view("YieldToOthers")},
                               std::pair{std::string_view("Files"), std::string_view("AllowedRoots")},
                               std::pair{std::string_view("Notifications"), std::string_view("RunCommands")}};

std::string without_section(std::string_view name) {
  std::string_view section = "Section";
  for (const NumberKey& key : number_keys)
    if (key.name == name) section = key.section;
  for (const auto& [of_key, key] : word_keys)
    if (key == name) section = of_key;
  return fmt::format("{} stands before any section: write [{}] above it", name, section);
}

// One file being read. libinih does not tell its handler the line, so the reader counts.
class Reading {
 public:
  Reading(std::string path, const Settings* ceiling, LoadedSettings& out)
      : path_(std::move(path)), ceiling_(ceiling), out_(out) {}

  base::Result<void> run(std::FILE* file) {
    file_ = file;
    int first_bad_line = ini_parse_stream(&Reading::read_line, this, &Reading::take, this);
    if (!error_.empty()) return base::Error{base::Code::E_INVALIDARG, error_};
    if (first_bad_line > 0) {
      line_ = first_bad_line;
      return base::Error{base::Code::E_INVALIDARG, at("neither [Section] nor Key = value")};
    }
    return {};
  }

 private:
  // libinih takes a good deal for a line that is none, so each is looked at before it.
  static char* read_line(char* buffer, int size, void* self) {
    auto& reading = *static_cast<Reading*>(self);
    // Whoever writes less than all of it has met the end of a line, or a byte that ends texts.
    std::memset(buffer, '\n', static_cast<std::size_t>(size));
    if (std::fgets(buffer, size, reading.file_) == nullptr) return nullptr;
    ++reading.line_;
    const std::size_t written = last_written(buffer, static_cast<std::size_t>(size));
    if (std::strlen(buffer) < written)
      reading.fail("a byte that is no text");
    else if (written + 1 == static_cast<std::size_t>(size) && buffer[written - 1] != '\n')
      reading.fail(fmt::format("a line of more than {} characters", size - 2));
    else
      reading.look_at(std::string_view(buffer, written));
    return buffer;
  }

  // fgets ends what it reads with a zero: the last one in the buffer.
  static std::size_t last_written(const char* buffer, std::size_t size) {
    while (buffer[size - 1] != '\0') --size;
    return size - 1;
  }

  void look_at(std::string_view line) {
    constexpr std::string_view blanks = " \t\r\n";  // in front they make it a part of the value before
    if (line.starts_with('=') || line.starts_with(':')) return fail("a value without a key");
    if (!line.starts_with('[')) return;
    const std::size_t close = line.find(']');
    if (close == std::string_view::npos) return fail("a section without its closing bracket");
    if (close == 1) return fail("a section without a name");
    std::string_view rest = line.substr(close + 1);
    rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
    if (!rest.empty() && !rest.starts_with(';') && !rest.starts_with('#'))
      fail("something behind the name of the section");
  }

  static int take(void* self, const char* section, const char* name, const char* value) {
    static_cast<Reading*>(self)->set(section, name, value);
    return 1;
  }

  void set(std::string_view section, std::string_view name, std::string_view value) {
    if (section.empty()) return fail(without_section(name));
    auto key = std::find_if(number_keys.begin(), number_keys.end(), [&](const NumberKey& k) {
      return k.section == section && k.name == name;
    });
    if (key != number_keys.end()) {
      set_number(*key, value);
    } else if (section == "Service" && name == "LogLevel") {
      set_level(value);
    } else if (section == "Notifications" && name == "RunCommands") {
      set_yes_or_no(name, &Settings::run_commands, false, value);
    } else if (section == "Network" && name == "YieldToOthers") {
      set_yes_or_no(name, &Settings::yield_to_others, true, value);
    } else if (section == "Secrets" && name == "Keyring") {
      set_yes_or_no(name, &Settings::keyring, false, value);
    } else if (section == "Secrets" && name == "SystemdCreds") {
      set_yes_or_no(name, &Settings::systemd_creds, false, value);
    } else if (section == "Files" && name == "AllowedRoots") {
      set_roots(value);
    } else if (section == "Jobs" && name == "ExemptApplications") {
      set_exempt(value);
    } else {
      set_policy_key(section, name, value);
    }
  }

  void set_policy_key(std::string_view section, std::string_view name, std::string_view value) {
    const PolicyVerdict verdict =
        set_policy(out_.settings.policy, ceiling_ == nullptr ? nullptr : &ceiling_->policy,
                   {section, name, value, fmt::format("{}:{}", path_, line_)});
    if (!verdict.known) return warn(fmt::format("unknown setting [{}] {}", section, name));
    if (!verdict.error.empty()) return fail(verdict.error);
    if (!verdict.warning.empty()) warn(verdict.warning);
  }

  // Without a value: back to the default, or for a user to what the machine says.
  void set_number(const NumberKey& key, std::string_view value) {
    const Settings defaults;
    std::uint32_t& target = out_.settings.*key.member;
    const std::uint32_t bound = ceiling_ != nullptr ? ceiling_->*key.member : key.most;
    if (value.empty()) {
      target = ceiling_ != nullptr ? bound : defaults.*key.member;
      return;
    }
    const std::optional<std::int64_t> read = number_of(value);
    if (!read) return fail(fmt::format("{} = {}: not a number", key.name, value));
    const NumberRange range{key.least, key.most};
    const auto number = static_cast<std::uint32_t>(range.nearest(*read));
    if (number != *read) warn(range.replaced(key.name, value, std::to_string(number)));
    if (number > bound) {
      warn(fmt::format("{} = {} is looser than the machine's {}: using {}", key.name, number, bound,
                       bound));
    }
    target = std::min(number, bound);
    for (const auto& [name, said] : places_told)
      if (key.name == name) out_.settings.*said = fmt::format("{}:{}", path_, line_);
  }

  // Names with commas between them, since that of a program may have blanks. Where the machine has laid down a
  // limit a user does not go past it.
  void set_exempt(std::string_view value) {
    if (ceiling_ != nullptr && !ceiling_->application_limit_said.empty()) {
      return warn(fmt::format("ExemptApplications does not go past MaxJobsPerApplication of {}",
                              ceiling_->application_limit_said));
    }
    std::set<std::string, std::less<>>& names = out_.settings.exempt_applications;
    names = ceiling_ != nullptr ? ceiling_->exempt_applications : decltype(Settings::exempt_applications){};
    while (!value.empty()) {
      const std::size_t comma = std::min(value.find(','), value.size());
      std::string_view name = value.substr(0, comma);
      value.remove_prefix(std::min(comma + 1, value.size()));
      while (name.starts_with(' ')) name.remove_prefix(1);
      while (name.ends_with(' ')) name.remove_suffix(1);
      if (!name.empty()) names.emplace(name);
    }
  }

  // Folders with colons between them, as in other lists of paths.
  void set_roots(std::string_view value) {
    if (ceiling_ != nullptr) return warn("AllowedRoots is for the administrator to say");
    std::vector<std::string> roots;
    while (!value.empty()) {
      const std::size_t colon = std::min(value.find(':'), value.size());
      std::string_view root = value.substr(0, colon);
      value.remove_prefix(std::min(colon + 1, value.size()));
      while (root.size() > 1 && root.ends_with('/')) root.remove_suffix(1);
      if (!root.starts_with('/')) return fail(fmt::format("AllowedRoots: '{}' is not an absolute path", root));
      roots.emplace_back(root);
    }
    out_.settings.allowed_roots = std::move(roots);
  }

  // `tighter` is the value that a user cannot take back.
  void set_yes_or_no(std::string_view name, bool Settings::*member, bool tighter, std::string_view value) {
    const bool bound = ceiling_ != nullptr && ceiling_->*member == tighter;
    bool& target = out_.settings.*member;
    if (value.empty()) {
      target = ceiling_ != nullptr ? ceiling_->*member : Settings{}.*member;
    } else if (value != "yes" && value != "no") {
      fail(fmt::format("{} = {}: neither yes nor no", name, value));
    } else {
      const bool looser = bound && (value == "yes") != tighter;
      if (looser)
        warn(fmt::format("{} = {} is looser than the machine's {}: using {}", name, value, tighter ? "yes" : "no",
                         tighter ? "yes" : "no"));
      target = looser ? tighter : value == "yes";
    }
  }

  void set_level(std::string_view value) {
    if (value.empty()) {
      out_.settings.log_level = ceiling_ != nullptr ? ceiling_->log_level : Settings{}.log_level;
    } else if (auto level = parse_level(value)) {
      out_.settings.log_level = *level;
    } else {
      fail(fmt::format("LogLevel = {}: not one of error, warning, notice, info, debug", value));
    }
  }

  std::string at(std::string_view what) const { return fmt::format("{}:{}: {}", path_, line_, what); }
  void warn(std::string_view what) { out_.warnings.push_back(at(what)); }
  void fail(std::string_view what) {
    if (error_.empty()) error_ = at(what);
  }

  std::string path_;
  const Settings* ceiling_;  // set while a user's file is read
  LoadedSettings& out_;
  std::FILE* file_ = nullptr;
  int line_ = 0;
  std::string error_;
};

base::Result<void> read_file(const std::string& path, const Settings* ceiling, LoadedSettings& out) {
  // O_NONBLOCK: a pipe of that name must not hold up the service for ever.
  const int fd = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) return {};
  struct stat info;
  if (fd >= 0 && fstat(fd, &info) == 0 && !S_ISREG(info.st_mode)) {
    close(fd);
    return base::Error{base::Code::E_INVALIDARG, path + ": this is no ordinary file"};
  }
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(fd < 0 ? nullptr : fdopen(fd, "r"), std::fclose);
  if (!file) return base::Error{base::code_from_errno(errno), path + ": " + std::strerror(errno)};
  return Reading(path, ceiling, out).run(file.get());
}

std::vector<std::string> drop_ins(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code problem;  // no folder, no drop-ins
  for (const auto& entry : std::filesystem::directory_iterator(folder, problem)) {
    if (entry.path().extension() == ".conf") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string config_of_user(const std::string& home) {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  return (config != nullptr && config[0] == '/' ? std::string(config) : home + "/.config") + "/backhaul";
}

}  // namespace

SettingsPlaces machine_settings_places() {
  return {"/etc/backhaul/backhauld.conf", "/etc/backhaul/backhauld.conf.d", {}};
}

SettingsPlaces standard_settings_places(const std::string& home) {
  SettingsPlaces places = machine_settings_places();
  places.user_file = config_of_user(home) + "/backhauld.conf";
  return places;
}

std::string certificates_of_user(const std::string& home) { return config_of_user(home) + "/certificates"; }

base::Result<LoadedSettings> load_settings(const SettingsPlaces& places) {
  LoadedSettings loaded;
  BH_CHECK(read_file(places.machine_file, nullptr, loaded));
  for (const std::string& path : drop_ins(places.machine_folder)) {
    BH_CHECK(read_file(path, nullptr, loaded));
  }
  Settings& settings = loaded.settings;
  if (settings.max_jobs_per_user > settings.max_jobs_per_machine) {
    loaded.warnings.push_back(fmt::format("MaxJobsPerUser = {} is above MaxJobsPerMachine: using {}",
                                          settings.max_jobs_per_user,
                                          settings.max_jobs_per_machine));
    settings.max_jobs_per_user = settings.max_jobs_per_machine;
  }
  const Settings ceiling = settings;
  if (!places.user_file.empty()) BH_CHECK(read_file(places.user_file, &ceiling, loaded));
  return loaded;
}

}  // namespace backhaul::daemon
