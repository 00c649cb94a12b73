// SPDX-License-Identifier: Apache-2.0
#include "core/hidden_users.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/text.h"

namespace backhaul::core {
namespace {

constexpr std::string_view between_addresses = " \t\r\n;";

struct UserPart {
  std::size_t begin;
  std::size_t size;
};

// Where the user stands in one address: "http=scheme://user:password@host:port/…", the first two as they come.
std::optional<UserPart> user_part(std::string_view address) {
  std::size_t begin = 0;
  const std::size_t equals = address.find('=');
  if (equals != std::string_view::npos && equals < address.find_first_of(":@/")) begin = equals + 1;
  const std::size_t mark = address.find("://", begin);
  if (mark != std::string_view::npos && mark < address.find_first_of("@/?#", begin)) begin = mark + 3;
  const std::string_view authority = address.substr(begin, address.find_first_of("/?#", begin) - begin);
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos) return std::nullopt;
  return UserPart{begin, at};
}

std::optional<std::uint64_t> number_of(std::string_view user) {
  if (!user.starts_with('{') || !user.ends_with('}')) return std::nullopt;
  const std::string_view digits = user.substr(1, user.size() - 2);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

// What `put` gives for its user stands there instead; nothing takes the '@' away as well.
template <class Put>
std::string with_user(std::string_view address, Put&& put) {
  const auto part = user_part(address);
  if (!part) return std::string(address);
  std::string out(address.substr(0, part->begin));
  const std::optional<std::string> user = put(address.substr(part->begin, part->size));
  if (user) out.append(*user).append(1, '@');
  out += address.substr(part->begin + part->size + 1);
  return out;
}

}  // namespace

bool names_user(std::string_view address) { return user_part(address).has_value(); }

bool names_hidden_user(std::string_view address) {
  const auto part = user_part(address);
  return part && number_of(address.substr(part->begin, part->size));
}

std::string without_user(std::string_view address) {
  return with_user(address, [](std::string_view) { return std::optional<std::string>(); });
}

// A mark has neither.
bool names_unsendable_user(std::string_view address) {
  const auto part = user_part(address);
  if (!part) return false;
  const std::string_view user = address.substr(part->begin, part->size);
  const std::size_t name_end = std::min(user.find(':'), user.size());
  for (std::size_t at = user.find('%'); at < user.size(); at = user.find('%', at + 1)) {
    const std::string code = to_lower(user.substr(at + 1, 2));
    const bool control = code.starts_with('0') || code.starts_with('1') || code == "7f";
    if (control || (code == "3a" && at < name_end)) return true;
  }
  return false;
}

// A line for each: its number, a blank, and what it stands for.
HiddenUsers::HiddenUsers(const base::Secret& list) {
  std::string_view left = list.reveal();
  while (!left.empty()) {
    const std::string_view line = next_line(left);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
    const auto digits = static_cast<std::size_t>(end - line.data());
    if (error == std::errc() && digits < line.size()) users_[number] = base::Secret(line.substr(digits + 1));
  }
}

base::Secret HiddenUsers::list() const {
  std::size_t size = 0;
  for (const auto& [number, user] : users_) size += user.reveal().size() + 22;
  std::string text;
  text.reserve(size);  // growing would leave copies behind
  for (const auto& [number, user] : users_)
    text.append(std::to_string(number)).append(1, ' ').append(user.reveal()).append(1, '\n');
  return base::Secret::take(text);
}

std::string HiddenUsers::hide(std::string_view address, const Number& number) {
  return with_user(address, [&](std::string_view user) {
    const auto known = std::ranges::find_if(users_, [&](const auto& one) { return one.second.reveal() == user; });
    const std::uint64_t mark = known == users_.end() ? number() : known->first;
    if (known == users_.end()) users_.emplace(mark, base::Secret(user));
    return std::optional("{" + std::to_string(mark) + "}");
  });
}

std::string HiddenUsers::hide_list(std::string_view proxies, const Number& number) {
  std::string out;
  while (!proxies.empty()) {
    const std::size_t begin = std::min(proxies.find_first_not_of(between_addresses), proxies.size());
    out += proxies.substr(0, begin);
    proxies.remove_prefix(begin);
    const std::string_view address = proxies.substr(0, proxies.find_first_of(between_addresses));
    proxies.remove_prefix(address.size());
    out += hide(address, number);
  }
  return out;
}

std::string HiddenUsers::reveal(std::string_view address) const {
  return with_user(address, [&](std::string_view user) {
    const auto number = number_of(user);
    if (!number) return std::optional<std::string>(user);
    const auto known = users_.find(*number);
    return known == users_.end() ? std::nullopt : std::optional<std::string>(known->second.reveal());
  });
}

}  // namespace backhaul::core
