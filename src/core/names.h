// SPDX-License-Identifier: Apache-2.0
// What clients may call things: the checks of every name that enters the queue, without touching
// the world (files.md §2, jobs.md §8, notifications.md §9-§10). The text of an error says which
// rule was broken.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace backhaul::core {

// BITS counts in UTF-16 units. Text that is not UTF-8, or that holds a NUL, is E_INVALIDARG.
base::Result<std::size_t> utf16_units(std::string_view utf8);

// http and https only, at most 64 KiB, the characters of RFC 3986 and nothing else: names are sent as given, so nothing
// is escaped for the caller.
base::Result<void> check_remote(std::string_view url);
// Absolute, no trailing slash, no "." or ".." component; at most 4,095 bytes (PATH_MAX), components of at most 255
// (NAME_MAX). '*' and '?' are characters like others here. BITS's own limits, and that it takes neither of these two,
// are a matter of the BITS library.
base::Result<void> check_local(std::string_view path);
// The same of a path with another `subject` in its texts.
base::Result<void> check_path(std::string_view path, std::string_view subject);

// At most 256 units; longer is BG_E_STRING_TOO_LONG (BITS's CreateJob answers E_INVALIDARG there,
// jobs.md §8: the caller of this function knows which call it serves). May be empty.
base::Result<void> check_name(std::string_view name);
base::Result<void> check_description(std::string_view description);  // at most 1,024 units
// Program: absolute path of at most 260 units; parameters at most 4,000. Both empty: none. Nothing
// is expanded, so nothing else is looked at.
base::Result<void> check_command(std::string_view program, std::string_view parameters);

// A well-known bus name; unique names (":1.5") belong to a process, not to a class.
base::Result<void> check_bus_name(std::string_view name);
base::Result<void> check_object_path(std::string_view path);

// "org.backhaul.clsid.g<32 lower-case hex digits>" for a CLSID as text, with or without braces and
// hyphens; unset when it is none.
std::optional<std::string> clsid_bus_name(std::string_view clsid_text);
bool is_clsid_name(std::string_view name);

// Shell-like match of the whole text by characters: '*', '?', "[a-r]", "[!a-r]". A '[' that is not
// closed stands for itself.
bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace backhaul::core
