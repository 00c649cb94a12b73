// SPDX-License-Identifier: Apache-2.0
// The addresses of one file: its own, and others under which the same file lies. They are tried in turn.
// What one server tells of its copy (ETag, and often the date) says nothing about the copy of another, so
// bytes of two of them meet only where the bytes themselves agree. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/conversation.h"
#include "core/job.h"
#include "core/origins.h"

namespace backhaul::core {

// With the file's own address as many as there are marks in Mirrors::failed.
inline constexpr std::size_t mirrors_max = 63;

// Without the file's own address.
std::vector<std::string> addresses(const Mirrors& mirrors);
// E_INVALIDARG: too many, or one of them is no address. None for an empty list.
base::Result<Rare<Mirrors>> mirrors_of(const std::vector<std::string>& addresses);

std::uint32_t address_count(const File& file);
std::uint32_t address_in_use(const File& file);  // its number
// The nth, 0 being the file's own; the one that is in use. Good as long as the row is what it is.
std::string_view address(const File& file, std::uint32_t number);
std::string_view address(const File& file);
// No server has to do with the address in use.
bool is_of_this_machine(const File& file);
// visit(number, address) for all of them, in one walk.
template <class Visit>
void each_address(const File& file, Visit visit) {
  visit(std::uint32_t{0}, file.remote.view());
  if (!file.rare->mirrors) return;
  std::string_view rest = file.rare->mirrors->addresses;
  for (std::uint32_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    visit(number, rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

// The number of the first that `may(number, address)` be asked: from this one on, and then those before it. Unset: none
// may.
template <class May>
std::optional<std::uint32_t> first_address(const File& file, std::uint32_t from, May may) {
  if (may(from, address(file, from))) return from;
  std::optional<std::uint32_t> before;
  std::optional<std::uint32_t> behind;
  each_address(file, [&](std::uint32_t number, std::string_view one) {
    std::optional<std::uint32_t>& first = number < from ? before : behind;
    if (number != from && !first && may(number, one)) first = number;
  });
  return behind ? behind : before;
}

// Likewise, of those that the policy does not refuse; those that it refuses are as if they were not there. Unset: it
// refuses all of them, and nobody is asked for the file.
std::optional<std::uint32_t> allowed_address(const AllowedOrigins& allowed, const File& file, std::uint32_t from);
// A round: every address is asked once before one is asked again. One that could not be asked yet has not failed.
bool has_failed(const File& file, std::uint32_t number);
void set_failed(File& file, std::uint32_t number);  // of a file with mirrors
// Likewise the first, of those that the policy allows, that has not failed in this round. Unset: the round is over.
std::optional<std::uint32_t> address_left(const AllowedOrigins& allowed, const File& file, std::uint32_t from);
// The one that comes first as the policy stands; where it refuses all of them the one that is in use.
std::string_view address(const File& file, const AllowedOrigins& allowed);

// Who told the identity of what is held, seen from the address that is in use.
ToldAt told_at(const File& file);

}  // namespace backhaul::core
