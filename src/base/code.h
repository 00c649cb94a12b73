// SPDX-License-Identifier: Apache-2.0
// A result code: an HRESULT as a strong 32-bit number. Below src/bits no COM type exists, but the
// numbers are BITS's own, so that nothing is translated between the layers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace backhaul::base {

enum class Code : std::uint32_t {
#define X(symbol, value, text) symbol = value,
#include "base/codes.def"
#undef X
};

constexpr std::uint32_t to_number(Code code) { return static_cast<std::uint32_t>(code); }
constexpr bool failed(Code code) { return (to_number(code) & 0x80000000U) != 0; }
constexpr bool succeeded(Code code) { return !failed(code); }

// HRESULT of an HTTP status: 0x80190000 | status, for every status (errors.md §2).
constexpr Code http_code(unsigned status) { return static_cast<Code>(0x80190000U | (status & 0xFFFFU)); }
constexpr bool is_http_code(Code code) { return (to_number(code) & 0xFFFF0000U) == 0x80190000U; }
constexpr unsigned http_status(Code code) { return to_number(code) & 0xFFFFU; }

// Symbol as in the SDK headers, "x" and eight hex digits for a code without one.
std::string symbol(Code code);
std::optional<Code> code_from_symbol(std::string_view symbol);
// One English sentence; an HTTP code names its status, an unknown code its number.
std::string describe(Code code);
// The code of a failed system call: ENOENT is FILE_NOT_FOUND, ENOSPC and EDQUOT are DISK_FULL, …
Code code_from_errno(int error);

}  // namespace backhaul::base
