// SPDX-License-Identifier: Apache-2.0
#include "core/mirrors.h"

#include <algorithm>

#include "core/local_address.h"
#include "core/names.h"
#include "core/text.h"

namespace backhaul::core {

namespace {

std::uint64_t mark_of(std::uint32_t number) { return std::uint64_t{1} << (number % 64); }

}  // namespace

std::vector<std::string> addresses(const Mirrors& mirrors) {
  std::vector<std::string> list;
  std::string_view rest = mirrors.addresses;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    list.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return list;
}

base::Result<Rare<Mirrors>> mirrors_of(const std::vector<std::string>& addresses) {
  if (addresses.empty()) return Rare<Mirrors>();
  if (addresses.size() > mirrors_max)
    return base::Error(base::Code::E_INVALIDARG, "a file has at most " + std::to_string(mirrors_max) +
                                                     " mirrors");
  Mirrors mirrors;
  for (const std::string& address : addresses) {
    BH_CHECK(check_remote(address));
    append_line(mirrors.addresses, address);
  }
  return Rare<Mirrors>(std::move(mirrors));
}

std::uint32_t address_count(const File& file) {
  if (!file.rare->mirrors) return 1;
  return 2 + static_cast<std::uint32_t>(std::ranges::count(file.rare->mirrors->addresses, '\n'));
}

std::string_view address(const File& file, std::uint32_t number) {
  if (number == 0) return file.remote;
  std::string_view found;
  each_address(file, [&](std::uint32_t n, std::string_view one) {
    if (n == number) found = one;
  });
  BH_ASSERT(!found.empty());
  return found;
}

std::string_view address(const File& file) {
  return address(file, address_in_use(file));
}

bool is_of_this_machine(const File& file) { return is_local_address(address(file)); }

std::uint32_t address_in_use(const File& file) { return file.rare->mirrors ? file.rare->mirrors->current : 0; }

std::optional<std::uint32_t> allowed_address(const AllowedOrigins& allowed, const File& file, std::uint32_t from) {
  return first_address(file, from, [&](std::uint32_t, std::string_view one) { return !refusal(allowed, one); });
}

bool has_failed(const File& file, std::uint32_t number) {
  return file.rare->mirrors && (file.rare->mirrors->failed & mark_of(number)) != 0;
}

void set_failed(File& file, std::uint32_t number) { file.rare.edit().mirrors->failed |= mark_of(number); }

std::optional<std::uint32_t> address_left(const AllowedOrigins& allowed, const File& file, std::uint32_t from) {
  return first_address(file, from, [&](std::uint32_t number, std::string_view one) {
    return !has_failed(file, number) && !refusal(allowed, one);
  });
}

std::string_view address(const File& file, const AllowedOrigins& allowed) {
  const std::uint32_t in_use = address_in_use(file);
  return address(file, allowed_address(allowed, file, in_use).value_or(in_use));
}

ToldAt told_at(const File& file) {
  if (file.moved) return ToldAt::former_address;
  if (file.rare->mirrors && file.rare->mirrors->told_by != file.rare->mirrors->current) return ToldAt::mirror;
  return ToldAt::here;
}

}  // namespace backhaul::core
