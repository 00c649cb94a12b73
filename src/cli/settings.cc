// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.h"

#include <backhaul/client.h>

#include <algorithm>
#include <cctype>
#include <type_traits>
#include <utility>

#include "cli/arguments.h"
#include "cli/other_tools.h"
#include "cli/setting_kind.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "cli/view.h"

namespace backhaul::cli {
namespace {

std::string not_a(const char* what, std::string_view key, const std::string& value) {
  return "\"" + value + "\" is not " + what + " (" + std::string(key) + ")";
}

// Of a list of words the first that is none, else all of it.
template <class Kind>
std::string wrong_part(Kind kind, const std::string& value) {
  if (!words_of(kind).form.starts_with("WORD,")) return value;
  for (const std::string& word : split_list(value))
    if (!parse(kind, word)) return word;
  return value;
}

template <class Kind, class Set>
std::optional<std::string> apply(Kind kind, std::string_view key, const std::string& value, Set set) {
  auto parsed = parse(kind, value);
  if (!parsed) return not_a(words_of(kind).wanted, key, wrong_part(kind, value));
  set(*std::move(parsed));
  return std::nullopt;
}

// Times are brought into range, and then in force is not what was asked for.
template <class Kind>
std::string other_time(Kind kind, std::string_view key, const std::string& value,
                       const typename Kind::value& kept) {
  if constexpr (requires { kept.count(); }) {
    const auto asked = parse(kind, value);
    if (!asked || *asked == kept) return {};
    const auto told = [&](const auto& time) {
      return std::to_string(time.count()) + (std::is_same_v<Kind, setting_kind::seconds> ? " s" : " ms");
    };
    return std::string(key) + " is " + told(kept) + " now, which is the " +
           (*asked < kept ? "least" : "most") + " that it can be; " + told(*asked) + " was asked for";
  } else {
    return {};
  }
}

std::string unknown_key(std::string_view key) {
  std::vector<std::string_view> known;
  for (const KeyRow& row : key_rows()) known.push_back(row.name);
  std::string text = "there is no key \"" + shown_url(std::string(key)) + "\"";
  const std::string_view meant = key_meant_by(key);
  const bool is_key = std::ranges::find(known, meant) != known.end();
  if (!meant.empty() && !is_key) return text + "; for that there is the verb \"" + std::string(meant) + "\"";
  if (is_key) return text + "; did you mean \"" + std::string(meant) + "\"?";
  if (const auto word = closest(key, known); !word.empty())
    text += "; did you mean \"" + std::string(word) + "\"?";
  return text;
}

}  // namespace

std::string first_word(std::string_view command) {
  if (command.starts_with('"')) {
    command.remove_prefix(1);
    return std::string(command.substr(0, command.find('"')));
  }
  return std::string(command.substr(0, command.find(' ')));
}

ProxySettings parse_proxy(const std::string& text) {
  if (text == "system") return {ProxyUsage::preconfigured, {}, {}};
  if (text == "none") return {ProxyUsage::none, {}, {}};
  if (text == "auto") return {ProxyUsage::detected, {}, {}};
  std::string list = text;
  std::ranges::replace(list, ',', ' ');
  return {ProxyUsage::listed, std::move(list), {}};
}

std::string proxy_text(const ProxySettings& proxy) {
  switch (proxy.usage) {
    case ProxyUsage::preconfigured: return "system";
    case ProxyUsage::none: return "none";
    case ProxyUsage::detected: return "auto";
    case ProxyUsage::listed: break;
  }
  std::string list = proxy.list;
  std::ranges::replace(list, ' ', ',');
  return list;
}

std::optional<std::string> apply_proxy(JobSettings& settings, const std::string* proxy,
                                       const std::string* bypass) {
  if (proxy == nullptr && bypass == nullptr) return std::nullopt;
  if (proxy == nullptr) return "no-proxy goes with proxy=URL: the two are set together";
  ProxySettings value = parse_proxy(*proxy);
  if (value.usage == ProxyUsage::listed && value.list.empty()) return not_a("a proxy", "proxy", *proxy);
  if (bypass != nullptr && value.usage != ProxyUsage::listed)
    return "no-proxy goes with proxy=URL, not with proxy=" + *proxy;
  if (bypass != nullptr) {
    value.bypass = *bypass;
    std::ranges::replace(value.bypass, ',', ' ');
  }
  if (std::string problem = proxy_problem(value); !problem.empty()) return problem;
  settings.proxy(std::move(value));
  return std::nullopt;
}

std::optional<std::string> apply_key(JobSettings& settings, std::string_view key,
                                     const std::string& value) {
  if (key == "name" && value.find_first_not_of(" \t") == std::string::npos)
    return "a job needs a name, by which it can be found: \"name=" + value + "\" gives none";
#define BACKHAUL_JOB_SETTING(member, kind, Property, key_, first, when, changes, bits, since, help) \
  if (key == key_)                                                                                    \
    return apply(setting_kind::kind(), key, value,                                                     \
                 [&](auto parsed) { settings.member(std::move(parsed)); });
#include "backhaul/job_settings.def"
  if (key == "proxy") return apply_proxy(settings, &value, nullptr);
  if (key == "no-proxy") return apply_proxy(settings, nullptr, &value);
  if (key == "notify-class") {
    if (class_bus_name(value).empty()) return not_a("a CLSID", key, value);
    settings.notify_class(value);
  } else if (key == "notify-service") {
    const std::size_t colon = value.find(':');
    const std::string path = colon == std::string::npos ? "/" : value.substr(colon + 1);
    if (!path.starts_with('/')) return not_a("NAME:/PATH", key, value);
    settings.notify_service({value.substr(0, colon), path});
  } else if (key == "notify-command") {
    if (!value.starts_with('/') && !value.starts_with("\"/"))
      return not_a("a command that begins with an absolute path", key, value);
    settings.notify_command({first_word(value), value});
  } else {
    return unknown_key(key);
  }
  return std::nullopt;
}

std::optional<std::string> apply_assignments(JobSettings& settings, std::span<const std::string> assignments) {
  std::optional<std::string> proxy, bypass;
  for (const std::string& assignment : assignments) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos) return "\"" + shown_url(assignment) + "\" is not KEY=VALUE, such as priority=low";
    const std::string key = assignment.substr(0, equals);
    std::string value = assignment.substr(equals + 1);
    if (key == "proxy") proxy = std::move(value);
    else if (key == "no-proxy") bypass = std::move(value);
    else if (auto wrong = apply_key(settings, key, value)) return wrong;
  }
  return apply_proxy(settings, proxy ? &*proxy : nullptr, bypass ? &*bypass : nullptr);
}

std::optional<std::string> last_set(const Arguments& arguments, std::string_view key) {
  std::optional<std::string> value;
  for (const std::string& text : arguments.all(Opt::set))
    if (text.size() > key.size() && text.starts_with(key) && text[key.size()] == '=') value = text.substr(key.size() + 1);
  return value;
}

std::string in_keys(std::string text) {
  const auto in_word = [&](std::size_t at) {
    return at < text.size() && std::isalnum(static_cast<unsigned char>(text[at])) != 0;
  };
  const auto replace = [&](std::string_view property, std::string_view key) {
    for (std::size_t at = 0; (at = text.find(property, at)) != std::string::npos; at += key.size()) {
      if ((at > 0 && in_word(at - 1)) || in_word(at + property.size())) continue;
      text.replace(at, property.size(), key);
    }
  };
#define BACKHAUL_JOB_SETTING(member, kind, Property, key_, first, when, changes, bits, since, help) \
  replace(#Property, key_);
#include "backhaul/job_settings.def"
  return text;
}

std::optional<std::string> apply_world_options(JobSettings& settings, const Arguments& arguments) {
  if (arguments.has(Opt::keep_awake)) settings.keep_awake(true);
  if (arguments.has(Opt::peers))
    if (auto wrong = apply_key(settings, "peer-caching", "client,server")) return wrong;
  if (const std::string* moment = arguments.find(Opt::needed_by))
    if (auto wrong = apply_key(settings, "needed-by", *moment)) return wrong;
  const std::string* cost = arguments.find(Opt::cost);
  const bool not_metered = arguments.has(Opt::not_metered);
  if (cost != nullptr && not_metered) return "--not-metered is --cost unrestricted: give one of the two";
  if (not_metered) return apply_key(settings, "cost", "unrestricted");
  return cost == nullptr ? std::nullopt : apply_key(settings, "cost", *cost);
}

std::string other_than_asked(std::string_view assignment, const JobView& job) {
  const std::size_t equals = std::min(assignment.find('='), assignment.size());
  const std::string_view key = assignment.substr(0, equals);
  const std::string value(assignment.substr(std::min(equals + 1, assignment.size())));
#define BACKHAUL_JOB_SETTING(member, kind, Property, key_, first, when, changes, bits, since, help) \
  if (key == key_) return other_time(setting_kind::kind(), key, value, job.member);
#include "backhaul/job_settings.def"
  return {};
}

std::optional<std::string> apply_default(JobSettings& settings, std::string_view key) {
  if (key == "name") return "a job needs a name: use set";
#define BACKHAUL_JOB_SETTING(member, kind, Property, key_, first, when, changes, bits, since, help) \
  if (key == key_) {                                                                                  \
    settings.back_to_default(#Property);                                                               \
    return std::nullopt;                                                                               \
  }
#include "backhaul/job_settings.def"
  if (key == "proxy" || key == "no-proxy") settings.back_to_default("Proxy");
  else if (key == "notify-class" || key == "notify-service") settings.back_to_default("NotifyService");
  else if (key == "notify-command") settings.back_to_default("NotifyCommand");
  else return unknown_key(key);
  return std::nullopt;
}

}  // namespace backhaul::cli
