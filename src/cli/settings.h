// SPDX-License-Identifier: Apache-2.0
// key=value and what it means for a job.
#pragma once

#include <backhaul/job.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/arguments.h"
#include "cli/view.h"

namespace backhaul::cli {

// Puts the value into the settings. What is wrong with it, as a sentence; nothing: all is well.
std::optional<std::string> apply_key(JobSettings& settings, std::string_view key,
                                     const std::string& value);
// The same for several "KEY=VALUE", which are looked at before any of them counts for the service.
std::optional<std::string> apply_assignments(JobSettings& settings, std::span<const std::string> assignments);
// What --set says of this key, the last time.
std::optional<std::string> last_set(const Arguments& arguments, std::string_view key);
// As apply_key, for the default of the key.
std::optional<std::string> apply_default(JobSettings& settings, std::string_view key);

// What the service says of a setting, which it calls by its name on the bus: by its key.
std::string in_keys(std::string text);

// --cost, --not-metered, --keep-awake and --peers.
std::optional<std::string> apply_world_options(JobSettings& settings, const Arguments& arguments);

// Where the service does not keep to a time as it was asked for (KEY=VALUE), since that is out of its
// bounds: what holds instead, as a sentence. Empty: all is as asked.
std::string other_than_asked(std::string_view assignment, const JobView& job);

// The keys proxy and no-proxy of one call, which make one value; null: not given. As apply_key.
std::optional<std::string> apply_proxy(JobSettings& settings, const std::string* proxy,
                                       const std::string* bypass);
// "none", "auto", "system", or proxies with commas between them, as ProxySettings.
ProxySettings parse_proxy(const std::string& text);
// The reverse, as it may be shown.
std::string proxy_text(const ProxySettings& proxy);

// The first word of a command line, which may be quoted: the program itself.
std::string first_word(std::string_view command);

}  // namespace backhaul::cli
