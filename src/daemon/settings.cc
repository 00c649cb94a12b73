// SPDX-License-Identifier: Apache-2.0
// The syntax is libinih's; the keys are those of settings_keys.cc.
#include "daemon/settings.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <ini.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/peer_settings.h"
#include "daemon/policy_listing.h"
#include "daemon/policy_settings.h"
#include "daemon/setting_number.h"
#include "daemon/settings_keys.h"
#include "daemon/site_settings.h"

namespace backhaul::daemon {
namespace {

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

std::string without_section(std::string_view name) {
  std::string_view section = "Section";
  for (const SettingsKey& key : settings_keys())
    if (key.name == name && section == "Section") section = key.section;
  return fmt::format("{} stands before any section: write [{}] above it", name, section);
}

// What lies between separators, without the blanks around it.
std::vector<std::string> parts_of(std::string_view value, char separator) {
  std::vector<std::string> parts;
  while (!value.empty()) {
    const std::size_t end = std::min(value.find(separator), value.size());
    std::string_view one = value.substr(0, end);
    value.remove_prefix(std::min(end + 1, value.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (!one.empty()) parts.emplace_back(one);
  }
  return parts;
}

// One file being read. libinih does not tell its handler the line, so the reader counts.
class Reading {
 public:
  Reading(std::string path, const Settings* ceiling, LoadedSettings& out, PolicyListing& listing)
      : path_(std::move(path)), ceiling_(ceiling), out_(out), listing_(listing) {}

  base::Result<void> run(std::FILE* file) {
    file_ = file;
    int first_bad_line = ini_parse_stream(&Reading::read_line, this, &Reading::take, this);
    if (error_.empty() && first_bad_line > 0) {
      line_ = first_bad_line;
      fail("neither [Section] nor Key = value");
    }
    if (!error_.empty()) return base::Error{base::Code::E_INVALIDARG, error_};
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
      reading.look_at(without_indent(buffer, written));
    return buffer;
  }

  // fgets ends what it reads with a zero: the last one in the buffer.
  static std::size_t last_written(const char* buffer, std::size_t size) {
    while (buffer[size - 1] != '\0') --size;
    return size - 1;
  }

  // For libinih a line that begins with a blank goes on with the value of the one before, and what an administrator
  // laid down there would be nothing but the end of another value.
  static std::string_view without_indent(char* line, std::size_t size) {
    const std::size_t indent = std::min(std::string_view(line, size).find_first_not_of(" \t"), size);
    std::memmove(line, line + indent, size - indent + 1);
    return {line, size - indent};
  }

  void look_at(std::string_view line) {
    constexpr std::string_view blanks = " \t\r\n";
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
    const SettingsKey* const key = find_key(section, name);
    if (key == nullptr) return warn(fmt::format("unknown setting [{}] {}", section, name));
    refused_ = false;
    shown_ = value;
    if (ceiling_ != nullptr && key->leeway == core::Leeway::none)
      return warn(fmt::format("{} is for the administrator to say", name));
    take_by_kind(*key, section, value);
    if (!refused_) listing_.say(*key, {section, shown_, where(), ceiling_ != nullptr});
  }

  void take_by_kind(const SettingsKey& key, std::string_view section, std::string_view value) {
    switch (key.kind) {
      case KeyKind::number: return set_number(key, value);
      case KeyKind::yes_or_no: return set_yes_or_no(key, value);
      case KeyKind::level: return set_level(value);
      case KeyKind::roots: return set_roots(value);
      case KeyKind::applications: return set_exempt(value);
      case KeyKind::users: return set_exempt_users(value);
      case KeyKind::programs: return set_programs(value);
      case KeyKind::origins: return set_origins(value);
      case KeyKind::agent: return set_agent(value);
      case KeyKind::implicit: return set_implicit(value);
      case KeyKind::proxy:
      case KeyKind::bypass: return set_proxy(key, value);
      case KeyKind::of_world: return set_policy_key(section, key.name, value);
    }
  }

  void set_policy_key(std::string_view section, std::string_view name, std::string_view value) {
    const PolicyLine line{section, name, value, where()};
    const PolicyVerdict verdict =
        section == "Peers" ? set_peers(out_.settings, ceiling_, line)
                           : set_policy(out_.settings.policy, ceiling_ == nullptr ? nullptr : &ceiling_->policy, line);
    if (!verdict.known) return warn(fmt::format("unknown setting [{}] {}", section, name));
    if (!verdict.error.empty()) return fail(verdict.error);
    refused_ = verdict.refused;
    if (!verdict.used.empty()) shown_ = verdict.used;
    if (!verdict.warning.empty()) warn(verdict.warning);
  }

  // Who says what a user's file may not make looser; empty: nobody. What is built in is no word of the machine, but
  // for what jobs do to others.
  std::string binder(const SettingsKey& key) const {
    if (ceiling_ == nullptr) return {};
    const std::string machine = listing_.where_of_machine(key.name);
    if (!machine.empty()) return "what the machine says at " + machine;
    return key.for_others ? "what is built in" : "";
  }

  void warn_of_looser(const SettingsKey& key, std::string_view value, std::string_view used) {
    warn(fmt::format("{} = {} is looser than {}: using {}", key.name, value, binder(key), used));
    refused_ = true;
  }

  // Without a value: back to the default, or for a user to what the machine says.
  void set_number(const SettingsKey& key, std::string_view value) {
    std::uint32_t& target = out_.settings.*key.number;
    const std::uint32_t usual = ceiling_ != nullptr ? ceiling_->*key.number : Settings{}.*key.number;
    if (value.empty()) {
      target = usual;
      return;
    }
    const std::uint32_t bound = binder(key).empty() ? key.most : usual;
    const std::optional<std::int64_t> read = number_of(value);
    if (!read) return fail(fmt::format("{} = {}: not a number", key.name, value));
    const NumberRange range{key.least, key.most};
    const auto number = static_cast<std::uint32_t>(range.nearest(*read));
    if (number != *read) warn(range.replaced(key.name, value, std::to_string(number)));
    if (number > bound) warn_of_looser(key, std::to_string(number), std::to_string(bound));
    target = std::min(number, bound);
    shown_ = std::to_string(target);
  }

  // Names with commas between them, since that of a program may have blanks. Where the machine has laid down a
  // limit a user does not go past it.
  void set_exempt(std::string_view value) {
    const std::string limit = ceiling_ == nullptr ? std::string() : listing_.where_of_machine("MaxJobsPerApplication");
    if (!limit.empty()) {
      refused_ = true;
      return warn(fmt::format("ExemptApplications does not go past MaxJobsPerApplication of {}", limit));
    }
    std::set<std::string, std::less<>>& names = out_.settings.exempt_applications;
    names = ceiling_ != nullptr ? ceiling_->exempt_applications : decltype(Settings::exempt_applications){};
    for (std::string& name : parts_of(value, ',')) names.insert(std::move(name));
  }

  // Names of accounts, or their numbers. Whose name it is nobody is asked here: a directory may be slow to say, and those
  // who call come with theirs.
  void set_exempt_users(std::string_view value) {
    out_.settings.exempt_users.clear();
    out_.settings.exempt_names.clear();
    for (std::string& account : parts_of(value, ',')) {
      const auto number = number_of(account);
      if (!number)
        out_.settings.exempt_names.insert(std::move(account));
      else if (*number >= 0 && *number < std::numeric_limits<std::uint32_t>::max())
        out_.settings.exempt_users.insert(static_cast<std::uint32_t>(*number));
      else
        warn(fmt::format("ExemptUsers: {} is not the number of an account", account));
    }
  }

  std::size_t side() const { return ceiling_ == nullptr ? 0 : 1; }  // of what both hold

  // Absolute paths with colons between them; "none" alone for no program at all.
  void set_programs(std::string_view value) {
    core::Rule<std::vector<std::string>>& rule = out_.settings.policy.commands.listed[side()];
    rule = {};
    if (value.empty()) return;
    std::vector<std::string> programs;
    if (value != "none") programs = parts_of(value, ':');
    for (const std::string& program : programs)
      if (!program.starts_with('/')) return fail(fmt::format("AllowedCommands: '{}' is not an absolute path", program));
    rule = {std::move(programs), where()};
  }

  void set_origins(std::string_view value) {
    core::Rule<core::OriginPatterns>& rule = out_.settings.requests.origins.rules[side()];
    rule = {};
    if (value.empty()) return;
    auto patterns = core::parse_origins(value);
    if (!patterns) return fail("AllowedOrigins: " + patterns.error().text);
    rule = {*std::move(patterns), where()};
  }

  void set_agent(std::string_view value) {
    core::Rule<std::string>& agent = out_.settings.requests.user_agent;
    if (value.empty()) {
      agent = ceiling_ != nullptr ? ceiling_->requests.user_agent : core::Rule<std::string>();
      return;
    }
    if (std::ranges::any_of(value, [](char c) { return c < 0x20 || c > 0x7E; }))
      return fail("UserAgent has a character that no header takes");
    agent = {std::string(value), where()};
  }

  void set_implicit(std::string_view value) {
    using core::ImplicitLogin;
    constexpr std::array words{std::pair{std::string_view("always"), ImplicitLogin::always},
                               std::pair{std::string_view("if-set"), ImplicitLogin::if_set},
                               std::pair{std::string_view("never"), ImplicitLogin::never}};
    core::Rule<ImplicitLogin>& rule = out_.settings.requests.implicit;
    const core::Rule<ImplicitLogin> built_in{.value = ImplicitLogin::if_set};
    const core::Rule<ImplicitLogin>& machine = ceiling_ != nullptr ? ceiling_->requests.implicit : built_in;
    if (value.empty()) {
      rule = machine;
      return;
    }
    const auto word = std::ranges::find(words, value, [](const auto& one) { return one.first; });
    if (word == words.end())
      return fail(fmt::format("SendImplicitCredentials = {}: not one of always, if-set, never", value));
    if (!machine.where.empty() && word->second < machine.value) {
      refused_ = true;
      return warn(fmt::format("SendImplicitCredentials = {} is looser than what the machine says at {}: that holds",
                              value, machine.where));
    }
    rule = {word->second, where()};
  }

  // With a password in it anybody who may read the settings of the service would have it.
  void set_proxy(const SettingsKey& key, std::string_view value) {
    const core::RequestRules usual = ceiling_ != nullptr ? ceiling_->requests : core::RequestRules();
    core::RequestRules& rules = out_.settings.requests;
    if (key.kind == KeyKind::bypass) {
      rules.proxy_bypass = value.empty() ? usual.proxy_bypass : std::string(value);
      return;
    }
    if (value.find('@') != std::string_view::npos)
      return fail("DefaultProxy names a user: credentials are set for a job (backhaul credential set)");
    rules.default_proxy = value.empty() ? usual.default_proxy : core::Rule<std::string>{std::string(value), where()};
    const core::ProxySettings listed{.usage = core::ProxyUsage::listed, .list = rules.default_proxy.value};
    if (value.empty()) return;
    if (const auto route = core::route_to("http://host/", listed, {}); !route)
      fail("DefaultProxy: " + route.error().text);
  }

  // Folders with colons between them, as in other lists of paths.
  void set_roots(std::string_view value) {
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

  void set_yes_or_no(const SettingsKey& key, std::string_view value) {
    bool& target = out_.settings.*key.yes_or_no;
    const bool usual = ceiling_ != nullptr ? ceiling_->*key.yes_or_no : Settings{}.*key.yes_or_no;
    if (value.empty()) {
      target = usual;
    } else if (value != "yes" && value != "no") {
      fail(fmt::format("{} = {}: neither yes nor no", key.name, value));
    } else {
      const bool bound = usual == key.tighter && !binder(key).empty();
      const bool looser = bound && (value == "yes") != key.tighter;
      if (looser) warn_of_looser(key, value, key.tighter ? "yes" : "no");
      target = looser ? key.tighter : value == "yes";
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

  std::string where() const { return fmt::format("{}:{}", path_, line_); }
  std::string at(std::string_view what) const { return fmt::format("{}:{}: {}", path_, line_, what); }
  void warn(std::string_view what) { out_.warnings.push_back(at(what)); }
  void fail(std::string_view what) {
    refused_ = true;
    out_.faults.push_back(at(what));
    if (error_.empty()) error_ = at(what);
  }

  std::string path_;
  const Settings* ceiling_;  // set while a user's file is read
  LoadedSettings& out_;
  PolicyListing& listing_;
  bool refused_ = false;  // the line that is being taken does not hold
  std::string shown_;     // its value as it holds
  std::FILE* file_ = nullptr;
  int line_ = 0;
  std::string error_;
};

base::Result<void> read_file(const std::string& path, const Settings* ceiling, LoadedSettings& out,
                             PolicyListing& listing) {
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
  return Reading(path, ceiling, out, listing).run(file.get());
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

namespace {

// One user has no more jobs than all together. Whoever wrote both is warned; where only the other limit was set, that
// line lowers this one as well.
void keep_within_machine(LoadedSettings& loaded, PolicyListing& listing, core::SaidBy reading) {
  Settings& settings = loaded.settings;
  if (settings.max_jobs_per_user <= settings.max_jobs_per_machine) return;
  const std::string kept = std::to_string(settings.max_jobs_per_machine);
  if (listing.said_by("MaxJobsPerUser") == reading) {
    loaded.warnings.push_back(fmt::format("{}: MaxJobsPerUser = {} is above MaxJobsPerMachine: using {}",
                                          where_of(listing.entries(), "Jobs", "MaxJobsPerUser"),
                                          settings.max_jobs_per_user, kept));
    listing.correct("MaxJobsPerUser", kept);
  } else {
    listing.follow("MaxJobsPerUser", kept, "MaxJobsPerMachine");
  }
  settings.max_jobs_per_user = settings.max_jobs_per_machine;
}

// To the end, whatever cannot be understood; the error is the first of it.
base::Result<void> read_all(const SettingsPlaces& places, LoadedSettings& loaded) {
  PolicyListing listing;
  base::Result<void> all;
  const auto read = [&](const std::string& path, const Settings* ceiling) {
    if (auto one = read_file(path, ceiling, loaded, listing); !one && all) all = std::move(one);
  };
  if (!places.machine_file.empty()) read(places.machine_file, nullptr);
  for (const std::string& path : drop_ins(places.machine_folder)) read(path, nullptr);
  keep_within_machine(loaded, listing, core::SaidBy::machine);
  const Settings ceiling = loaded.settings;
  if (!places.user_file.empty()) read(places.user_file, &ceiling);
  keep_within_machine(loaded, listing, core::SaidBy::user);
  Settings& settings = loaded.settings;
  switch_peers(settings);
  if (places.own && settings.exempt_names.contains(places.own->name)) settings.exempt_users.insert(places.own->uid);
  loaded.list = listing.entries();
  std::ranges::move(warnings_of_start_days(settings.policy, loaded.list), std::back_inserter(loaded.warnings));
  if (std::string of_cache = warning_of_cache(settings.policy); !of_cache.empty())
    loaded.warnings.push_back(std::move(of_cache));
  return all;
}

}  // namespace

base::Result<LoadedSettings> load_settings(const SettingsPlaces& places) {
  LoadedSettings loaded;
  BH_CHECK(read_all(places, loaded));
  return loaded;
}

base::Result<std::vector<std::string>> check_settings(const std::string& file, const SettingsPlaces& machine,
                                                      bool of_user) {
  struct stat info {};
  if (stat(file.c_str(), &info) != 0)
    return base::Error{base::code_from_errno(errno), file + ": " + std::strerror(errno)};
  SettingsPlaces places;
  if (of_user) places = machine;
  (of_user ? places.user_file : places.machine_file) = file;
  LoadedSettings loaded;
  std::vector<std::string> said;
  if (const auto read = read_all(places, loaded); !read && loaded.faults.empty()) return read.error();
  const auto add = [&](const char* kind, const std::vector<std::string>& lines) {
    for (const std::string& line : lines)
      if (line.starts_with(file + ":")) said.push_back(std::string(kind) + "\t" + line);
  };
  add("error", loaded.faults);
  add("warning", loaded.warnings);
  return said;
}

core::Policy policy_of(const Settings& settings, core::PolicyList list) {
  core::Policy policy = settings.policy;
  const auto rule = [&](const char* section, const char* key, auto value) {
    return core::Rule<decltype(value)>{value, where_of(list, section, key)};
  };
  core::Limits& limits = policy.limits;
  limits.jobs_per_machine = rule("Jobs", "MaxJobsPerMachine", settings.max_jobs_per_machine);
  limits.jobs_per_user = rule("Jobs", "MaxJobsPerUser", settings.max_jobs_per_user);
  limits.jobs_per_application = rule("Jobs", "MaxJobsPerApplication", settings.max_jobs_per_application);
  limits.files_per_job = rule("Jobs", "MaxFilesPerJob", settings.max_files_per_job);
  limits.ranges_per_file = rule("Jobs", "MaxRangesPerFile", settings.max_ranges_per_file);
  limits.octets_per_user = rule("Jobs", "MaxMiBPerUser", std::uint64_t{settings.max_mib_per_user} << 20);
  limits.exempt_applications = settings.exempt_applications;
  limits.exempt_users = settings.exempt_users;
  limits.exempt_names = settings.exempt_names;
  limits.foreground_jobs = rule("Scheduler", "MaxForegroundJobs", settings.max_foreground_jobs);
  limits.connections_per_server = rule("Scheduler", "MaxConnectionsPerHost", settings.max_connections_per_host);
  const auto time = [](auto duration) { return base::Microseconds(duration); };
  limits.slice = rule("Scheduler", "TimeSliceSec", time(std::chrono::seconds(settings.time_slice_s)));
  limits.inactivity_timeout =
      rule("Jobs", "InactivityTimeoutDays", time(std::chrono::hours(24) * settings.inactivity_timeout_days));
  limits.maximum_download_time =
      rule("Jobs", "MaxDownloadTimeSec", time(std::chrono::seconds(settings.max_download_time_s)));
  policy.commands.run = rule("Notifications", "RunCommands", settings.run_commands);
  if (settings.requests != core::RequestRules())
    policy.requests = std::make_shared<const core::RequestRules>(settings.requests);
  policy.list = std::make_shared<const core::PolicyList>(std::move(list));
  return policy;
}

}  // namespace backhaul::daemon
