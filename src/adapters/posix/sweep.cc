// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/sweep.h"

#include <charconv>
#include <map>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "adapters/posix/directory.h"
#include "adapters/posix/names.h"
#include "core/part_name.h"

namespace backhaul::posix {
namespace {

using ByPrefix = std::unordered_map<std::string, const Sweep*>;

struct PartName {
  std::string prefix;
  std::uint32_t epoch = 0;
};

// The reverse of core/part_name.h.
std::optional<PartName> parse(std::string_view name) {
  constexpr std::string_view suffix = ".tmp";
  if (!name.starts_with(".BIT") || !name.ends_with(suffix)) return {};
  const auto dash = name.rfind('-');
  if (dash == std::string_view::npos) return {};
  const char* const first = name.data() + dash + 1;
  const char* const last = name.data() + name.size() - suffix.size();
  PartName part{std::string(name.substr(0, dash + 1)), 0};
  const auto [end, error] = std::from_chars(first, last, part.epoch);
  if (error != std::errc() || end != last) return {};
  return part;
}

bool must_go(const Sweep& sweep, std::uint32_t epoch) {
  if (epoch == sweep.keep || epoch == sweep.beside) return false;
  return !sweep.newest || epoch <= *sweep.newest;
}

void sweep_directory(const std::shared_ptr<Access>& access, const std::string& path, const std::string& root,
                     const ByPrefix& sweeps) {
  const auto directory = Directory::open(access, path, root);
  if (!directory) return;
  // Reading moves the position of a descriptor, so it has one of its own.
  auto reading = (*directory)->open_file(".", Purpose::list);
  if (!reading) return;
  bool deleted = false;
  static_cast<void>(each_name(*std::move(reading), [&](const char* name) {
    const auto part = parse(name);
    if (!part) return true;
    const auto sweep = sweeps.find(part->prefix);
    if (sweep != sweeps.end() && must_go(*sweep->second, part->epoch))
      deleted |= (*directory)->unlink(name).has_value();
    return true;
  }));
  // A failure only means that they may come back after a power failure, and are swept again.
  if (deleted) (void)(*directory)->sync();
}

}  // namespace

void sweep_parts(std::span<const Sweep> sweeps, const std::shared_ptr<Access>& access) {
  std::map<std::pair<std::string, std::string>, ByPrefix> directories;
  for (const Sweep& sweep : sweeps)
    directories[{sweep.directory, sweep.root}][core::part_prefix(sweep.job, sweep.index)] = &sweep;
  for (const auto& [where, by_prefix] : directories)
    sweep_directory(access, where.first, where.second, by_prefix);
}

}  // namespace backhaul::posix
