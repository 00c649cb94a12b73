// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/pins.h"

#include <algorithm>

#include "base/hex.h"
#include "core/text.h"

namespace backhaul::neighbours {
namespace {

constexpr std::string_view first_word = "group ";
constexpr std::size_t pin_digits = 64;

}  // namespace

void Pins::begin(const std::string& group, std::string_view file) {
  const std::scoped_lock lock(mutex_);
  group_ = group;
  keys_.clear();
  if (group.empty() || core::next_line(file) != std::string(first_word) + group) return;
  while (!file.empty()) {
    const std::string_view key = core::next_line(file);
    if (key.size() != pin_digits || !base::is_lower_hex(key) || keys_.size() == most) {
      keys_.clear();  // nobody of it wrote that
      return;
    }
    keys_.emplace_back(key);
  }
}

bool Pins::meet(std::string_view key) {
  const auto found = std::ranges::find(keys_, key);
  if (found == keys_.end()) return false;
  std::rotate(found, found + 1, keys_.end());
  return true;
}

bool Pins::knows(std::string_view key) {
  const std::scoped_lock lock(mutex_);
  return meet(key);
}

bool Pins::add(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  if (meet(key)) return false;
  if (keys_.size() == most) keys_.erase(keys_.begin());
  keys_.push_back(key);
  return true;
}

std::string Pins::key_of(std::string_view begin) const {
  const std::scoped_lock lock(mutex_);
  const auto found = std::ranges::find_if(keys_, [&](const std::string& key) { return key.starts_with(begin); });
  return found == keys_.end() ? std::string() : *found;
}

std::string Pins::text() const {
  const std::scoped_lock lock(mutex_);
  std::string text = std::string(first_word) + group_ + '\n';
  for (const std::string& key : keys_) text += key + '\n';
  return text;
}

}  // namespace backhaul::neighbours
