// SPDX-License-Identifier: Apache-2.0
// The addresses of one file: its own, and others under which the same file lies. They are tried in turn.
// What one server tells of its copy (ETag, and often the date) says nothing about the copy of another, so
// bytes of two of them meet only where the bytes themselves agree. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/conversation.h"
#include "core/job.h"

namespace backhaul::core {

inline constexpr std::size_t mirrors_max = 64;

// Without the file's own address.
std::vector<std::string> addresses(const Mirrors& mirrors);
// E_INVALIDARG: too many, or one of them is no address. None for an empty list.
base::Result<Rare<Mirrors>> mirrors_of(const std::vector<std::string>& addresses);

std::uint32_t address_count(const File& file);
// The nth, 0 being the file's own; the one that is in use.
std::string address(const File& file, std::uint32_t number);
std::string address(const File& file);

// Who told the identity of what is held, seen from the address that is in use.
ToldAt told_at(const File& file);

}  // namespace backhaul::core
