// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/destination_checks.h"

#include <utility>

#include "adapters/posix/destination.h"
#include "core/part_name.h"

namespace backhaul::posix {
namespace {

constexpr unsigned check_threads = 4;

std::optional<base::Error> refusal_of(const ports::Destinations& destinations) {
  for (const core::Placed& file : destinations.files)
    if (auto good = check_target(file); !good) return std::move(good).error();
  return std::nullopt;
}

}  // namespace

void DestinationChecks::ask(base::CheckId check, ports::Destinations destinations) {
  std::string directory =
      destinations.files.empty() ? std::string()
                                 : core::parent_directory(destinations.files.front().local);
  const auto [behind, first] = behind_.try_emplace(directory);
  Requests& line = behind->second;
  line.push_back({check, std::move(destinations)});
  if (first) look(directory, std::exchange(line, {}));
}

void DestinationChecks::look(const std::string& directory, Requests requests) {
  if (!worker_) worker_.emplace(loop_, check_threads);
  worker_->submit([this, directory, requests = std::move(requests)]() mutable {
    for (Request& request : requests) request.refusal = refusal_of(request.destinations);
    return [this, directory = std::move(directory), requests = std::move(requests)]() mutable {
      looked_at(directory, std::move(requests));
    };
  });
}

void DestinationChecks::looked_at(const std::string& directory, Requests requests) {
  for (Request& request : requests)
    inbox_.post(ports::DestinationsChecked{request.check, std::move(request.refusal)});
  const auto behind = behind_.find(directory);
  if (behind->second.empty())
    behind_.erase(behind);
  else
    look(directory, std::exchange(behind->second, {}));
}

}  // namespace backhaul::posix
