// SPDX-License-Identifier: Apache-2.0
// Whose something is: an account, and the application of it that a sandbox confines. Whoever acts for
// somebody is told for whom: files are opened, published and deleted as that account, programs run as
// it, and what one may have is counted for it.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>

namespace backhaul::core {

struct Owner {
  std::uint32_t uid = 0;
  std::string application{};  // the confined one (core/sandbox.h); empty: the user as a whole
  // The name that the account had (core/account.h); empty: nobody asked. Owners are not told apart by it; limits count by it.
  std::string account{};

  std::strong_ordering operator<=>(const Owner& other) const {
    if (const auto order = uid <=> other.uid; order != 0) return order;
    return application <=> other.application;
  }
  bool operator==(const Owner& other) const { return uid == other.uid && application == other.application; }
};

// Of the row of a job, or of a line of the log.
template <class Row>
Owner owner_of(const Row& row) {
  Owner owner{row.owner_uid, row.application ? *row.application : std::string(), {}};
  if constexpr (requires { row.rare->account; })
    owner.account = std::string(row.rare->account.view());
  else
    owner.account = std::string(row.account.view());
  return owner;
}

// Which application made a job, as far as can be told (core::Author::program): the id of a flatpak or
// snap, the unit of systemd that it runs in, else its program. How many jobs an owner may have of one is limited,
// so that a program that has gone astray does not fill the queue. Only of a confined application it is
// certain.
struct Creator {
  std::uint32_t uid = 0;
  std::string name{};  // empty: nobody could tell
  std::string account{};  // the name of the owner's account, as in Owner; last, so that those of one number are together

  auto operator<=>(const Creator&) const = default;
};

template <class Row>
Creator creator_of(const Row& row) {
  return {row.owner_uid, std::string(row.made_by.program.view()), owner_of(row).account};
}

// As sum_of() of core/account.h: what was made for somebody else who had the number is not counted, and whoever has no
// name has all that is of the number.
template <class Value>
Value sum_of(const std::map<Creator, Value>& all, const Creator& creator) {
  Value sum{};
  for (auto it = all.lower_bound(Creator{creator.uid, creator.name, {}});
       it != all.end() && it->first.uid == creator.uid && it->first.name == creator.name; ++it)
    if (creator.account.empty() || it->first.account.empty() || it->first.account == creator.account) sum += it->second;
  return sum;
}

}  // namespace backhaul::core
