// SPDX-License-Identifier: Apache-2.0
// The machines that proved that they belong to the group, by their keys. There is room for a hundred; who was not met
// for longest makes room for the next. It belongs to one secret: with another one everybody has to prove it anew, so
// that somebody is shut out by a new secret for the others. Any thread.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace backhaul::neighbours {

class Pins {
 public:
  static constexpr std::size_t most = 100;

  // Those that a file holds, as far as they are of this group (Group::tag) and the file is whole.
  void begin(const std::string& group, std::string_view file);
  // Nobody is one.
  void end() { begin({}, {}); }

  // It was met just now.
  bool knows(std::string_view key);
  // True: it was not known before.
  bool add(const std::string& key);
  // The whole key of one that begins so; empty: there is none.
  std::string key_of(std::string_view begin) const;
  // As it stands in the file.
  std::string text() const;

 private:
  bool meet(std::string_view key);

  mutable std::mutex mutex_;
  std::string group_;
  std::vector<std::string> keys_;  // met last: at the end
};

}  // namespace backhaul::neighbours
