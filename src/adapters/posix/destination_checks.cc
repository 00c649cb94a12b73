// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/destination_checks.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "adapters/posix/destination.h"
#include "adapters/posix/failure.h"
#include "adapters/posix/signature_check.h"
#include "core/part_name.h"

namespace backhaul::posix {
namespace {

// No more are looked at between two other things that the loop does.
constexpr std::size_t few = 16;

std::optional<base::Error> refusal_of(const ports::Destinations& destinations, const std::shared_ptr<Access>& access) {
  std::string directory;
  for (const core::Placed& file : destinations.files)
    if (auto good = destinations.guarded ? check_guarded(access, file, destinations.owner.uid)
                                         : check_target(access, file, directory);
        !good)
      return std::move(good).error();
  for (const core::SignatureKind kind : destinations.signatures)
    if (verifier_of(kind).empty()) return no_verifier(kind);
  return std::nullopt;
}

}  // namespace

void DestinationChecks::look_at(Request& request, const CertificateFolders& certificates) {
  request.refusal = refusal_of(request.destinations, request.access);
  if (request.refusal || !request.destinations.certificate) return;
  auto found = find_certificate(*request.access, *request.destinations.certificate, certificates);
  if (found)
    request.certificate = *std::move(found);
  else
    request.refusal = std::move(found).error();
}

DestinationChecks::DestinationChecks(loop::Loop& loop, ports::Inbox& inbox,
                                     DestinationCheckLimits limits, CertificateFolders certificates, Mounts mounts)
    : loop_(loop),
      inbox_(inbox),
      limits_(limits),
      certificates_(std::move(certificates)),
      mounts_(std::move(mounts)),
      out_of_patience_(loop, limits_.patience / 20, [this] { go_on(); }),
      worker_(loop, limits_.in_all) {}

void DestinationChecks::ask(base::CheckId check, ports::Destinations destinations, std::shared_ptr<Access> access) {
  Request request{check, std::move(destinations), std::move(access)};
  if (answer_at_once(request)) return;
  const ports::Destinations& asked = request.destinations;
  std::string directory;
  if (!asked.files.empty())
    directory = core::parent_directory(asked.files.front().local);
  else if (asked.certificate)
    directory = folder_of(*asked.certificate, certificates_);
  const Place place{asked.owner, std::move(directory)};
  const auto look = looks_.find(place);
  if (look != looks_.end()) {
    look->second.behind.push_back(std::move(request));
  } else {
    Requests one;
    one.push_back(std::move(request));
    wait(place, std::move(one));
    go_on();
  }
}

bool DestinationChecks::answer_at_once(const Request& request) {
  const ports::Destinations& asked = request.destinations;
  if (asked.guarded) return false;  // a question of more than that
  if (asked.files.size() > few || asked.certificate || !asked.signatures.empty()) return false;
  std::optional<base::Error> refusal;
  for (const core::Placed& file : asked.files) {
    auto good = check_target_at_once(mounts_, *request.access, file);
    if (!good) return false;
    if (!*good && !refusal) refusal = std::move(*good).error();
  }
  inbox_.post(ports::DestinationsChecked{request.check, std::move(refusal), std::nullopt});
  return true;
}

void DestinationChecks::wait(const Place& place, Requests requests) {
  Line& line = lines_[place.first];
  const auto [entry, first] = line.requests.try_emplace(place.second);
  if (first) line.directories.push_back(place.second);
  std::ranges::move(requests, std::back_inserter(entry->second));
}

void DestinationChecks::go_on() {
  const base::BootTime now = loop_.now();
  const auto gives_up_at = [this](const Place& place) {
    return looks_.at(place).began + limits_.patience;
  };
  for (auto it = lines_.begin(); it != lines_.end();) {
    auto& [owner, line] = *it;
    std::vector<const Place*> others;
    while (!line.directories.empty() && (others = in_the_way_of(owner)).empty()) {
      auto next = line.requests.extract(line.directories.front());
      line.directories.pop_front();
      look({owner, next.key()}, std::move(next.mapped()));
    }
    if (std::ranges::none_of(others, [&](const Place* other) { return gives_up_at(*other) > now; }))
      refuse(line, others);
    it = line.directories.empty() ? lines_.erase(it) : std::next(it);
  }
  base::BootTime next = base::never;
  for (const auto& [place, look] : looks_)
    if (!lines_.empty() && gives_up_at(place) > now) next = std::min(next, gives_up_at(place));
  out_of_patience_.arm(next);
}

std::vector<const DestinationChecks::Place*> DestinationChecks::in_the_way_of(
    const core::Owner& owner) const {
  std::vector<const Place*> own;
  std::vector<const Place*> all;
  for (const auto& [place, look] : looks_) {
    all.push_back(&place);
    if (place.first == owner) own.push_back(&place);
  }
  if (own.size() >= limits_.of_owner) return own;
  return all.size() >= limits_.in_all ? all : std::vector<const Place*>{};
}

// Of the directories of other owners nothing is told.
void DestinationChecks::refuse(Line& line, const std::vector<const Place*>& dead) {
  for (const std::string& directory : std::exchange(line.directories, {})) {
    Requests requests = std::move(line.requests.extract(directory).mapped());
    const core::Owner& owner = requests.front().destinations.owner;
    const auto own = std::ranges::find(dead, owner, [](const Place* other) { return other->first; });
    for (Request& request : requests)
      request.refusal = local_error(
          base::Code::BG_E_DESTINATION_LOCKED,
          "The directory " + directory + " cannot be looked at, because " +
              std::to_string(dead.size()) + " others do not answer" +
              (own == dead.end() ? "." : ", " + (*own)->second + " among them."));
    answer(std::move(requests));
  }
}

void DestinationChecks::look(const Place& place, Requests requests) {
  looks_.emplace(place, Look{loop_.now(), {}});
  worker_.submit([this, place, certificates = certificates_, requests = std::move(requests)]() mutable {
    for (Request& request : requests) look_at(request, certificates);
    return [this, place = std::move(place), requests = std::move(requests)]() mutable {
      looked_at(place, std::move(requests));
    };
  });
}

void DestinationChecks::looked_at(const Place& place, Requests requests) {
  answer(std::move(requests));
  auto look = looks_.extract(place);
  if (!look.mapped().behind.empty()) wait(place, std::move(look.mapped().behind));
  go_on();
}

void DestinationChecks::answer(Requests requests) {
  for (Request& request : requests)
    inbox_.post(ports::DestinationsChecked{request.check, std::move(request.refusal),
                                           std::move(request.certificate)});
}

}  // namespace backhaul::posix
