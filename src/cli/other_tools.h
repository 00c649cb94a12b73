// SPDX-License-Identifier: Apache-2.0
// Words of other tools (bitsadmin, the BitsTransfer cmdlets, systemctl, curl and other download programs), and
// what does the same here. Who types one is told.
#pragma once

#include <string>
#include <string_view>

namespace backhaul::cli {

// What to type in its place, which begins with a verb: "start", "show JOB -p state". In any case, with a slash in front
// or without, and also a verb of this command that was written so. Empty: nothing is known.
std::string_view verb_meant_by(std::string_view word);
// A key of `set`; or the verb for what is no key ("header set"); empty: nothing is known.
std::string_view key_meant_by(std::string_view word);
// An option without its hyphens, and what it is to be given: "value", "set dynamic-content=yes"; also for a key of `set`
// that was written as an option: "set retry-delay=TIME". Empty: nothing is known.
std::string option_meant_by(std::string_view word);

// Behind "unknown verb …": "; did you mean "start"?", or why there is none; empty: nothing is known.
std::string advice_on_verb(std::string_view word);

}  // namespace backhaul::cli
